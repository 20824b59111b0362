//! What can go wrong between us and the database, with its class.
//!
//! Promises: no error holds a password, whatever it came from; every error has one class ([`Class`]), the server's number
//! and SQLSTATE when the server spoke, and, when the declaration is to blame, the setting with its remedy.

use std::time::Duration;

use super::class::{Class, Setting};

/// What the server answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("error {code} (SQLSTATE {sqlstate}): {message}")]
pub struct Answer {
    /// The number in the error packet.
    pub code: u16,
    /// Five characters of the SQL standard.
    pub sqlstate: String,
    /// The server's own words; they may quote values of the row, never a password.
    pub message: String,
}

/// Why something with the database failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MysqlError {
    /// The server refused it.
    #[error("the server refused {during}: {answer}")]
    Answered {
        /// What was asked.
        during: Operation,
        /// The refusal.
        answer: Answer,
    },
    /// The connection could not be made, or ended without an answer.
    #[error("the connection was lost during {during}: {detail}")]
    Lost {
        /// What was going on.
        during: Operation,
        /// The system's words.
        detail: String,
    },
    /// There was no answer in time.
    #[error("no answer to {during} within {} ms", after.as_millis())]
    TimedOut {
        /// What was asked.
        during: Operation,
        /// How long was waited.
        after: Duration,
    },
    /// Nobody could be reached at the declared address, or nobody who speaks the protocol.
    #[error("{} {}: {detail}; {}", setting.code(), setting.field(), setting.remedy())]
    Unreachable {
        /// [`Setting::Host`] or [`Setting::Port`].
        setting: Setting,
        /// What happened there.
        detail: String,
    },
    /// The server cannot be used as declared.
    #[error("{} {}: {detail}; {}", setting.code(), setting.field(), setting.remedy())]
    Misconfigured {
        /// What is to be corrected.
        setting: Setting,
        /// What happened.
        detail: String,
        /// The server's answer, if it was the server that refused.
        answer: Option<Answer>,
    },
    /// A row that no packet can carry; it was not sent.
    #[error("the row has about {bytes} bytes, and the server takes packets of {limit} (max_allowed_packet)")]
    RowTooLarge {
        /// Bytes of the row as a statement of its own.
        bytes: usize,
        /// The server's limit in bytes.
        limit: usize,
    },
    /// The client and the server did not understand each other.
    #[error("the protocol was broken during {during}: {detail}")]
    Protocol {
        /// What was going on.
        during: Operation,
        /// What was unexpected.
        detail: String,
    },
    /// The connection was lost at COMMIT, and trying again might write twice.
    #[error(
        "whether the rows were written is not known ({detail}): look for them before they are written again; an upsert, \
         or a table of marks, tells by itself"
    )]
    OutcomeUnknown {
        /// How the connection was lost.
        detail: String,
    },
    /// More columns than a statement has placeholders.
    #[error("a row has {columns} values, and a statement takes 1 to 65535")]
    NoSuchWidth {
        /// The width of the row.
        columns: usize,
    },
}

/// What was going on when it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// TCP, TLS and login.
    Connect,
    /// The settings of the session.
    Settings,
    /// A statement.
    Statement,
    /// The start of a transaction.
    Begin,
    /// The end of a transaction: whether it was written is not known when the connection is lost here.
    Commit,
    /// The undoing of a transaction.
    Rollback,
    /// The question whether an idle connection is still good.
    Validation,
    /// The orderly end of a connection.
    Close,
}

impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Connect => "the connection attempt",
            Self::Settings => "the session settings",
            Self::Statement => "a statement",
            Self::Begin => "BEGIN",
            Self::Commit => "COMMIT",
            Self::Rollback => "ROLLBACK",
            Self::Validation => "the validation query",
            Self::Close => "the close",
        })
    }
}

impl MysqlError {
    /// What it means for the next step.
    pub fn class(&self) -> Class {
        match self {
            Self::Answered { during: _, answer } => Class::of_answer(answer.code, &answer.sqlstate),
            Self::Lost { .. } | Self::TimedOut { .. } | Self::Unreachable { .. } => Class::Gone,
            Self::Misconfigured { setting, .. } => Class::Configuration(*setting),
            Self::RowTooLarge { .. } => Class::RefusedRow,
            Self::Protocol { .. } | Self::NoSuchWidth { .. } | Self::OutcomeUnknown { .. } => Class::Fault,
        }
    }

    /// Whether the same work may be tried again.
    pub fn is_retryable(&self) -> bool {
        self.class().is_retryable()
    }

    /// What is to be corrected in the declaration, if that is to blame. An unreachable server is worth another attempt and
    /// has a setting all the same: which of the two it was is known when the attempts are used up.
    pub fn setting(&self) -> Option<Setting> {
        match self {
            Self::Unreachable { setting, .. } | Self::Misconfigured { setting, .. } => Some(*setting),
            other => match other.class() {
                Class::Configuration(setting) => Some(setting),
                _ => None,
            },
        }
    }

    /// The server's answer, when it spoke.
    pub fn answer(&self) -> Option<&Answer> {
        match self {
            Self::Answered { answer, .. } => Some(answer),
            Self::Misconfigured { answer, .. } => answer.as_ref(),
            _ => None,
        }
    }

    /// Whether it is not known if the work was done: the connection ended while the server was at it.
    pub fn is_ambiguous(&self) -> bool {
        match self {
            Self::Lost { during, .. } | Self::TimedOut { during, .. } | Self::Protocol { during, .. } => {
                *during == Operation::Commit
            }
            Self::Answered { during, .. } => *during == Operation::Commit && self.class() == Class::Gone,
            Self::OutcomeUnknown { .. } => true,
            _ => false,
        }
    }

    /// An ambiguous failure that must not be followed by another attempt.
    pub(super) fn given_up(&self) -> Self {
        Self::OutcomeUnknown { detail: self.to_string() }
    }

    /// What the driver reported, in our words. Nothing that the driver prints of its options comes along.
    pub(crate) fn of_driver(during: Operation, error: &mysql_async::Error) -> Self {
        match error {
            mysql_async::Error::Server(server) => Self::of_server(during, server),
            mysql_async::Error::Io(io) => Self::Lost { during, detail: io.to_string() },
            mysql_async::Error::Driver(mysql_async::DriverError::ConnectionClosed) => {
                Self::Lost { during, detail: "the connection is closed".to_owned() }
            }
            // These hold packets and values: only their kind is told.
            mysql_async::Error::Driver(mysql_async::DriverError::UnexpectedPacket { .. }) => {
                Self::Protocol { during, detail: "unexpected packet".to_owned() }
            }
            mysql_async::Error::Driver(other) => Self::Protocol { during, detail: other.to_string() },
            mysql_async::Error::Other(other) => Self::Protocol { during, detail: other.to_string() },
            mysql_async::Error::Url(_) => Self::Protocol { during, detail: "unusable options".to_owned() },
        }
    }

    fn of_server(during: Operation, server: &mysql_async::ServerError) -> Self {
        let answer =
            Answer { code: server.code, sqlstate: server.state.clone(), message: server.message.clone() };
        let opening = matches!(during, Operation::Connect | Operation::Settings);
        match Class::of_answer(answer.code, &answer.sqlstate) {
            // Both servers say whether a password came along, and only that.
            Class::Configuration(Setting::Credentials) if opening => {
                let none = answer.message.contains("using password: NO");
                let setting = if none { Setting::Password } else { Setting::Credentials };
                Self::Misconfigured { setting, detail: answer.to_string(), answer: Some(answer) }
            }
            Class::Configuration(setting) if opening => {
                Self::Misconfigured { setting, detail: answer.to_string(), answer: Some(answer) }
            }
            _ => Self::Answered { during, answer },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(code: u16, state: &str, message: &str) -> mysql_async::Error {
        let (state, message) = (state.to_owned(), message.to_owned());
        mysql_async::Error::Server(mysql_async::ServerError { code, message, state })
    }

    #[test]
    fn a_lost_connection_is_ambiguous_at_commit_and_nowhere_else() {
        let lost = |during| MysqlError::Lost { during, detail: "reset".into() };
        assert!(lost(Operation::Commit).is_ambiguous());
        assert!(!lost(Operation::Statement).is_ambiguous());
        assert!(lost(Operation::Statement).is_retryable());
        let late = MysqlError::TimedOut { during: Operation::Commit, after: Duration::from_secs(1) };
        assert!(late.is_ambiguous() && late.is_retryable());
        let killed =
            MysqlError::of_driver(Operation::Commit, &server(1927, "70100", "Connection was killed"));
        assert!(killed.is_ambiguous() && killed.is_retryable());
        let deadlock = MysqlError::of_driver(Operation::Commit, &server(1213, "40001", "Deadlock found"));
        assert!(!deadlock.is_ambiguous() && deadlock.is_retryable());
    }

    #[test]
    fn a_refused_login_without_password_is_told_from_one_with() {
        let with = server(1045, "28000", "Access denied for user 'a'@'b' (using password: YES)");
        let without = server(1045, "28000", "Access denied for user 'a'@'b' (using password: NO)");
        let setting = |error| MysqlError::of_driver(Operation::Connect, error).setting();
        assert_eq!(setting(&with), Some(Setting::Credentials));
        assert_eq!(setting(&without), Some(Setting::Password));
    }

    #[test]
    fn a_refused_row_keeps_number_state_and_words() {
        let error =
            MysqlError::of_driver(Operation::Statement, &server(1062, "23000", "Duplicate entry '1'"));
        assert_eq!(error.class(), Class::RefusedRow);
        let answer = error.answer().unwrap();
        assert_eq!((answer.code, answer.sqlstate.as_str()), (1062, "23000"));
        assert_eq!(
            error.to_string(),
            "the server refused a statement: error 1062 (SQLSTATE 23000): Duplicate entry '1'"
        );
    }

    #[test]
    fn the_contents_of_a_packet_are_not_told() {
        let packet = mysql_async::DriverError::UnexpectedPacket { payload: b"canary".to_vec() };
        let error = MysqlError::of_driver(Operation::Connect, &mysql_async::Error::Driver(packet));
        assert!(!format!("{error} {error:?}").contains("canary") && !format!("{error:?}").contains("99, 97"));
    }
}
