//! Why a text is not a statement.

use std::fmt;

/// A place in the statement, as the vendor counts: lines from 1, characters in the line from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::emulator::deltastream) struct Place {
    pub(super) line: usize,
    pub(super) column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}:{}", self.line, self.column)
    }
}

/// Why a text is not a statement that is served here.
///
/// The wording of a parse error is the vendor's. What stands at that place is shown only if it is a sign or a word of
/// the grammar: after a quoting mistake anything else can be a piece of a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in crate::emulator::deltastream) enum SqlError {
    /// The text follows no rule of the grammar.
    #[error("parse error: {at} no viable alternative at input '{input}'")]
    Parse {
        /// Where.
        at: Place,
        /// What stands there.
        input: String,
    },
    /// A statement of the dialect that is not about stores.
    #[error("feature not supported: the emulator does not serve {0}")]
    NotServed(String),
    /// More than one statement.
    #[error(
        "feature not supported: the emulator takes one statement per request, a second one begins at {0}"
    )]
    Batch(Place),
}

impl SqlError {
    /// The SQLSTATE (deltastream-api section 4).
    pub(in crate::emulator::deltastream) fn state(&self) -> &'static str {
        match self {
            Self::Parse { .. } => "42601",
            Self::NotServed(_) | Self::Batch(_) => "0A000",
        }
    }
}
