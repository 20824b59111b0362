//! Which collation tells texts apart byte by byte: its name differs between the servers.

use std::collections::BTreeSet;

use crate::verify::mysql::error::MysqlError;
use crate::verify::mysql::session::Session;

/// The binary collations of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collations(BTreeSet<String>);

impl Collations {
    /// Asks the server.
    ///
    /// # Errors
    /// [`MysqlError`]
    pub async fn ask(session: &mut Session) -> Result<Self, MysqlError> {
        let ask =
            "SELECT collation_name FROM information_schema.collations WHERE collation_name LIKE '%\\_bin'";
        Ok(Self(session.show(ask).await?.into_iter().flatten().collect()))
    }

    /// The collation for a character set in which texts are equal exactly when their bytes are: without padding where the
    /// server has one (MariaDB: `utf8mb4_nopad_bin`, MySQL: `utf8mb4_0900_bin`), so that `a` and `a ` are two keys.
    pub fn exact(&self, charset: &str) -> Option<&str> {
        let charset = if charset == "utf8" { "utf8mb3" } else { charset };
        let names = ["nopad_bin", "0900_bin", "bin"].map(|end| format!("{charset}_{end}"));
        names.iter().find_map(|name| self.0.get(name)).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_collation_is_the_one_that_pads_least() {
        let of = |names: &[&str]| Collations(names.iter().map(|name| (*name).to_owned()).collect());
        let mariadb = of(&["utf8mb4_bin", "utf8mb4_nopad_bin", "latin1_bin", "utf8mb3_nopad_bin"]);
        assert_eq!(mariadb.exact("utf8mb4"), Some("utf8mb4_nopad_bin"));
        assert_eq!(mariadb.exact("utf8"), Some("utf8mb3_nopad_bin"));
        assert_eq!((mariadb.exact("latin1"), mariadb.exact("koi8r")), (Some("latin1_bin"), None));
        assert_eq!(of(&["utf8mb4_bin", "utf8mb4_0900_bin"]).exact("utf8mb4"), Some("utf8mb4_0900_bin"));
    }
}
