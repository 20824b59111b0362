//! What a failure means for the next step: try again, leave out a row, correct a setting, or stop.
//!
//! Promises: every error number of the server has exactly one class, from one table ([`super::codes::TABLE`]) and, for
//! numbers that are not in it, from the class of the SQLSTATE. Knows no connection.

use std::fmt;

use super::codes;

/// What a failure means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// The connection is of no use any more, or there is none: reconnect, then try again.
    Gone,
    /// The server had no room, no lock or no time: the same work may succeed soon.
    Transient,
    /// One row does not fit the table: leave it out, the others may be written (Properties 11, 12).
    RefusedRow,
    /// The statement itself is refused, for every row alike (Property 12).
    RefusedStatement,
    /// What is declared about the database is wrong (Property 3).
    Configuration(Setting),
    /// Anything else: neither trying again nor leaving out a row helps.
    Fault,
}

impl Class {
    /// Whether the same work may be tried again (Property 4).
    pub fn is_retryable(self) -> bool {
        match self {
            Self::Gone | Self::Transient | Self::Configuration(Setting::Pool) => true,
            Self::RefusedRow | Self::RefusedStatement | Self::Configuration(_) | Self::Fault => false,
        }
    }

    /// The word in logs and documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gone => "connection gone",
            Self::Transient => "transient",
            Self::RefusedRow => "row refused",
            Self::RefusedStatement => "statement refused",
            Self::Configuration(_) => "configuration",
            Self::Fault => "fault",
        }
    }

    /// The class of an error that the server answered. The number wins over the SQLSTATE, because many numbers share
    /// `HY000`.
    pub fn of_answer(code: u16, sqlstate: &str) -> Self {
        if let Some(entry) = codes::find(code) {
            return entry.class;
        }
        // The first two characters are the class of the SQL standard.
        match sqlstate.get(..2) {
            Some("08") => Self::Gone,
            Some("22" | "23" | "44" | "45") => Self::RefusedRow,
            Some("28") => Self::Configuration(Setting::Credentials),
            Some("40") => Self::Transient,
            Some("42") => Self::RefusedStatement,
            _ => Self::Fault,
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Configuration(setting) => write!(f, "configuration ({setting})"),
            other => f.write_str(other.as_str()),
        }
    }
}

/// The part of `spec.mysql` that is to be corrected (Property 3, issue 7 item 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    /// `mysql.host`
    Host,
    /// `mysql.port`
    Port,
    /// `mysql.username`: the server says that it is this and not the password.
    Username,
    /// `mysql.password`: none was given, or the server says that it has expired.
    Password,
    /// `mysql.username` or `mysql.password`: the server does not tell a name that it does not know from a wrong password.
    Credentials,
    /// `mysql.database`
    Database,
    /// `mysql.charset`
    Charset,
    /// `mysql.tls`
    Tls,
    /// `mysql.pool`
    Pool,
}

impl Setting {
    /// All of them, in the order of their codes.
    pub const ALL: &[Self] = &[
        Self::Host,
        Self::Port,
        Self::Username,
        Self::Password,
        Self::Credentials,
        Self::Database,
        Self::Charset,
        Self::Tls,
        Self::Pool,
    ];

    /// The stable code of the diagnostic. A number is never given to another meaning.
    pub fn code(self) -> &'static str {
        match self {
            Self::Host => "RV01",
            Self::Port => "RV02",
            Self::Username => "RV03",
            Self::Password => "RV04",
            Self::Credentials => "RV05",
            Self::Database => "RV06",
            Self::Charset => "RV07",
            Self::Tls => "RV08",
            Self::Pool => "RV09",
        }
    }

    /// The field of the manifest.
    pub fn field(self) -> &'static str {
        match self {
            Self::Host => "mysql.host",
            Self::Port => "mysql.port",
            Self::Username => "mysql.username",
            Self::Password => "mysql.password",
            Self::Credentials => "mysql.username or mysql.password",
            Self::Database => "mysql.database",
            Self::Charset => "mysql.charset",
            Self::Tls => "mysql.tls",
            Self::Pool => "mysql.pool",
        }
    }

    /// What to do about it.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Host => "correct mysql.host, or the name service and the route to it",
            Self::Port => {
                "correct mysql.port (3306 is usual), or start the server; a port of another program does not \
                 speak the MySQL protocol"
            }
            Self::Username => {
                "correct mysql.username, or have the account unlocked and allowed from this machine (`CREATE USER \
                 name@address`)"
            }
            Self::Password => "give mysql.password, or have the expired one changed",
            Self::Credentials => {
                "check mysql.username and mysql.password together, and from which addresses and with which encryption \
                 the account may come; the server does not say which of them is wrong"
            }
            Self::Database => "correct mysql.database, create it, or grant the user access to it",
            Self::Charset => "use mysql.charset utf8mb4, which every supported server has",
            Self::Tls => {
                "correct mysql.tls: the mode, and for verifyCa and verifyIdentity the caFile that signed the server's \
                 certificate"
            }
            Self::Pool => {
                "lower mysql.pool.size, or raise the server's max_connections or the user's MAX_USER_CONNECTIONS"
            }
        }
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.field())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_has_a_code_of_its_own_and_says_what_to_do() {
        let mut codes: Vec<_> = Setting::ALL.iter().map(|setting| setting.code()).collect();
        codes.dedup();
        assert_eq!(codes.len(), Setting::ALL.len());
        for setting in Setting::ALL {
            let names = setting.field().split(" or ").all(|field| setting.remedy().contains(field));
            assert!(names, "{setting}: {}", setting.remedy());
        }
    }

    #[test]
    fn a_number_that_is_not_in_the_table_is_classed_by_its_sqlstate() {
        for (sqlstate, class) in [
            ("08S01", Class::Gone),
            ("23000", Class::RefusedRow),
            ("22001", Class::RefusedRow),
            ("40001", Class::Transient),
            ("42S99", Class::RefusedStatement),
            ("28000", Class::Configuration(Setting::Credentials)),
            ("HY000", Class::Fault),
            ("", Class::Fault),
        ] {
            assert_eq!(Class::of_answer(65_000, sqlstate), class, "{sqlstate}");
        }
    }

    #[test]
    fn the_number_wins_over_the_sqlstate() {
        // A deadlock inside a lock wait comes as HY000, and a refused JSON text as 22032 or HY000.
        assert_eq!(Class::of_answer(1205, "HY000"), Class::Transient);
        assert_eq!(Class::of_answer(1366, "HY000"), Class::RefusedRow);
        assert_eq!(Class::of_answer(1049, "42000"), Class::Configuration(Setting::Database));
    }
}
