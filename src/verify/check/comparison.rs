//! What a comparison found.

use crate::verify::mysql::error::MysqlError;

/// Why there is no comparison.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CheckError {
    /// The database failed.
    #[error(transparent)]
    Mysql(#[from] MysqlError),
    /// The rows that should be there cannot be told.
    #[error("the rows that should be in the table cannot be told: {0}")]
    Expected(String),
    /// The table changed, or the source did, while they were compared.
    #[error(
        "the table or its source changed while they were compared: stop whoever else writes, and compare again"
    )]
    Moving,
}

/// The result of a comparison. `Default` is that of two empty tables.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Comparison {
    /// Rows that should be in the table.
    pub expected: u64,
    /// Rows that are in the table.
    pub found: u64,
    /// The checksum of the rows that should be there, 32 hexadecimal digits; the order of rows does not matter.
    pub expected_checksum: String,
    /// The checksum of the rows that are there.
    pub found_checksum: String,
    /// Rows that should be there and are not.
    pub missing: u64,
    /// Rows that are there and should not be.
    pub extra: u64,
    /// Rows that are there more often than they should be.
    pub doubled: u64,
    /// Rows with the right key and other values.
    pub different: u64,
    /// The first differences, by the checksum of their keys: at most [`super::Limits::shown`].
    pub differences: Vec<Difference>,
}

impl Comparison {
    /// Whether the table holds exactly what it should.
    pub fn is_exact(&self) -> bool {
        self.differing() == 0
    }

    /// How many rows are wrong.
    pub fn differing(&self) -> u64 {
        self.missing + self.extra + self.doubled + self.different
    }
}

/// One row that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The key as people read it, `id=7`; the whole row without a key. Escaped and cut.
    pub key: String,
    /// What is wrong.
    pub kind: Kind,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// It should be there.
    Missing,
    /// It should not be there.
    Extra,
    /// It is there more often than it should be.
    Doubled,
    /// It has other values.
    Different(Vec<FieldDifference>),
}

impl Kind {
    /// The word in reports.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Extra => "extra",
            Self::Doubled => "doubled",
            Self::Different(_) => "different",
        }
    }
}

/// A field with another value. Values are canonical texts (docs/verify-types.md), escaped and cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldDifference {
    /// The field.
    pub field: String,
    /// What should be there.
    pub expected: String,
    /// What is there.
    pub found: String,
}

/// `id=7 amount: expected 1.5, found 1.4`
impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.kind {
            Kind::Different(fields) => {
                write!(f, "{}", self.key)?;
                for (at, field) in fields.iter().enumerate() {
                    let comma = if at > 0 { ";" } else { "" };
                    write!(f, "{comma} {}: expected {}, found {}", field.field, field.expected, field.found)?;
                }
                Ok(())
            }
            other => write!(f, "{} is {}", self.key, other.as_str()),
        }
    }
}
