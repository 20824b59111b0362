//! Names in SQL: one place that quotes them.

use std::fmt;

/// Why a text is no name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} cannot be the name of a table or column: {reason}")]
pub struct BadName {
    /// What was given.
    pub name: String,
    /// Why not.
    pub reason: &'static str,
}

/// The name of a table or a column. It is shown as SQL wants it, in backticks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name(String);

impl Name {
    /// The longest name, in characters (both servers).
    pub const LONGEST: usize = 64;

    /// Checks a name by the rules of both servers: 1 to 64 characters of up to three bytes each, no NUL, no blank at the end.
    ///
    /// # Errors
    /// [`BadName`]
    pub fn new(name: &str) -> Result<Self, BadName> {
        let bad = |reason| Err(BadName { name: name.to_owned(), reason });
        if name.is_empty() {
            return bad("it is empty");
        }
        if name.chars().count() > Self::LONGEST {
            return bad("it is longer than 64 characters");
        }
        if name.ends_with(' ') {
            return bad("it ends with a blank");
        }
        if name.chars().any(|c| c == '\0' || c.len_utf8() > 3) {
            return bad("it holds NUL or a character of four bytes");
        }
        Ok(Self(name.to_owned()))
    }

    /// The name itself, for a comparison or a parameter.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.0.replace('`', "``"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_quoted_and_its_backticks_are_doubled() {
        assert_eq!(Name::new("a`b").unwrap().to_string(), "`a``b`");
        assert_eq!(Name::new("größe").unwrap().as_str(), "größe");
    }

    #[test]
    fn what_the_server_cannot_name_is_refused() {
        for bad in ["", "a ", "a\0b", "😀", &"x".repeat(65)] {
            assert!(Name::new(bad).is_err(), "{bad:?}");
        }
        assert!(Name::new(&"ü".repeat(64)).is_ok());
    }
}
