//! What a server says about itself when a session begins.

use mysql_async::{Row, Value};

use super::class::Setting;
use super::error::{MysqlError, Operation};
use crate::domain::suite::mysql::Pool;

/// Which server it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// MariaDB
    Mariadb,
    /// Oracle's MySQL, or one that calls itself so.
    Mysql,
}

/// What the server said about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerFacts {
    /// `@@version`
    pub version: String,
    /// Which server it is.
    pub flavour: Flavour,
    /// `@@max_allowed_packet` in bytes: what a statement may measure.
    pub max_allowed_packet: usize,
    /// Connections that the server, and the account, may have at a time: the smaller of `@@max_connections` and
    /// `@@max_user_connections`, if that is set.
    pub most_connections: u64,
    /// Whether the connection is encrypted.
    pub encrypted: bool,
}

pub(super) const ASK: &str =
    "SELECT @@version, @@max_allowed_packet, @@max_connections, @@max_user_connections";
pub(super) const ASK_CIPHER: &str = "SHOW SESSION STATUS LIKE 'Ssl_cipher'";

impl ServerFacts {
    /// From the answers to [`ASK`] and [`ASK_CIPHER`].
    pub(super) fn read(said: Vec<Row>, cipher: Vec<Row>) -> Result<Self, MysqlError> {
        let said: Vec<String> = said.into_iter().flat_map(Row::unwrap).map(|value| text(&value)).collect();
        let number = |at: usize, what: &str| {
            let number = said.get(at).and_then(|text| text.parse::<u64>().ok());
            let detail = || format!("the server does not tell its {what}");
            number.ok_or_else(|| MysqlError::Protocol { during: Operation::Settings, detail: detail() })
        };
        let version = said.first().cloned().unwrap_or_default();
        let of_server = number(2, "max_connections")?;
        // 0 is no limit.
        let of_account = Some(number(3, "max_user_connections")?).filter(|most| *most > 0);
        let is_mariadb = version.to_ascii_lowercase().contains("mariadb");
        Ok(Self {
            flavour: if is_mariadb { Flavour::Mariadb } else { Flavour::Mysql },
            version,
            max_allowed_packet: usize::try_from(number(1, "max_allowed_packet")?).unwrap_or(usize::MAX),
            most_connections: of_account.unwrap_or(u64::MAX).min(of_server),
            encrypted: cipher
                .into_iter()
                .any(|row| row.unwrap().get(1).is_some_and(|name| !text(name).is_empty())),
        })
    }

    /// Whether the pool fits into what the server allows.
    pub(super) fn has_room_for(&self, pool: &Pool) -> Result<(), MysqlError> {
        let (size, most) = (u64::from(pool.size.get()), self.most_connections);
        if size <= most {
            return Ok(());
        }
        let detail = format!("size is {size}, and the server allows this user {most} connections at a time");
        Err(MysqlError::Misconfigured { setting: Setting::Pool, detail, answer: None })
    }
}

/// A value of the text protocol, as text.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Value::Int(number) => number.to_string(),
        Value::UInt(number) => number.to_string(),
        _ => String::new(),
    }
}
