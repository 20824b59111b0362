//! Why no column, or not this one, holds a type.

use crate::domain::suite::types::ColumnType;

/// Why a type is refused before any row is sent; each says what to declare instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// More digits than `DECIMAL` has.
    #[error("MySQL's DECIMAL has at most 65 digits: declare at most 65, or STRING")]
    Digits,
    /// More digits behind the point than `DECIMAL` has.
    #[error("MySQL's DECIMAL has at most 30 digits behind the point: declare at most 30, or STRING")]
    FractionDigits,
    /// Nanoseconds.
    #[error(
        "columns keep 6 digits of a second: declare {name}(6), or declare the column {name_of_column}(6), which refuses the rows that have more"
    )]
    Nanoseconds {
        /// The Flink type, without its precision.
        name: &'static str,
        /// The column type, without its precision.
        name_of_column: &'static str,
    },
    /// A key that is longer than an index takes.
    #[error("an index takes at most {limit} {unit}: declare {name}({limit}) or shorter")]
    LongKey {
        /// `VARCHAR` or `VARBINARY`
        name: &'static str,
        /// The most that an index takes.
        limit: u16,
        /// `characters` or `bytes`
        unit: &'static str,
    },
    /// JSON that servers do not take.
    #[error("servers read JSON of at most {limit} levels: flatten it")]
    Deep {
        /// The most levels.
        limit: usize,
    },
    /// A declared column of another family.
    #[error("a column {column} cannot hold it: {remedy}")]
    Incompatible {
        /// The declared column.
        column: ColumnType,
        /// What to declare instead.
        remedy: String,
    },
}
