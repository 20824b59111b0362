//! What can be wrong with a file of rows.

use std::fmt;
use std::path::PathBuf;

use crate::domain::suite::types::FlinkType;
use crate::platform::fs::FsError;
use crate::verify::row::Unreadable;

/// Where in a file: printed as `file:line`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file, as it was given.
    pub file: PathBuf,
    /// The line on which the record begins, from 1.
    pub line: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)
    }
}

/// Why there is no next row.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The file cannot be opened.
    #[error(transparent)]
    Open(#[from] FsError),
    /// The file cannot be read on; the last error.
    #[error("{place}: cannot read on")]
    Read {
        /// Where.
        place: Place,
        /// Why.
        source: std::io::Error,
    },
    /// The header of a CSV file does not name the fields; the last error.
    #[error("{place}: {problem}")]
    Header {
        /// Where.
        place: Place,
        /// Why.
        problem: RecordProblem,
    },
    /// A record is none; the next one is read.
    #[error("{place}: row {row}: {problem}")]
    Record {
        /// Where.
        place: Place,
        /// Which row, from 1.
        row: u64,
        /// Why.
        problem: RecordProblem,
    },
    /// A value is none of its field's type; the next record is read (Property 14).
    #[error(transparent)]
    Field(Box<WrongField>),
}

/// Which value of which record is none of its field's type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: row {row}: field `{field}` of type {declared}, value {value}: {reason}")]
pub struct WrongField {
    /// Where.
    pub place: Place,
    /// Which row, from 1.
    pub row: u64,
    /// The field's name.
    pub field: String,
    /// Its type.
    pub declared: FlinkType,
    /// The start of the value as it is written in the file.
    pub value: String,
    /// Why.
    pub reason: Unreadable,
}

impl SourceError {
    /// Whether nothing can be read behind it.
    pub fn is_last(&self) -> bool {
        matches!(self, Self::Open(_) | Self::Read { .. } | Self::Header { .. })
    }
}

/// What is wrong with a whole record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordProblem {
    /// An empty file.
    #[error("the file is empty; its first line must name the fields")]
    NoHeader,
    /// A column of the header that the schema does not have.
    #[error("column `{name}` is no field of the schema")]
    UnknownColumn {
        /// The name.
        name: String,
    },
    /// A column that is there twice.
    #[error("column `{name}` is there twice")]
    DoubledColumn {
        /// The name.
        name: String,
    },
    /// A field of the schema without a column.
    #[error("the header has no column `{name}`, which is a field of the schema")]
    MissingColumn {
        /// The name.
        name: String,
    },
    /// Another number of cells than the header has.
    #[error("it has {found} cells, and the header has {wanted}")]
    Cells {
        /// How many there are.
        found: usize,
        /// How many there must be.
        wanted: usize,
    },
    /// A quote where there can be none.
    #[error("cell {cell}: a quote stands inside of a cell; put the cell in quotes and double it")]
    StrayQuote {
        /// Which cell, from 1.
        cell: usize,
    },
    /// The file ends within quotes.
    #[error("a quote is opened and never closed")]
    OpenQuote,
    /// Bytes that are no text.
    #[error("it is not UTF-8 (byte {at})")]
    NotUtf8 {
        /// How many bytes stand before.
        at: usize,
    },
    /// More than fits into memory with comfort.
    #[error("it is longer than {limit} bytes")]
    TooLong {
        /// The limit.
        limit: usize,
    },
    /// No JSON.
    #[error("it is no JSON: {problem}")]
    NotJson {
        /// What the reader says.
        problem: String,
    },
    /// JSON, but no object.
    #[error("it is JSON, but no object")]
    NotAnObject,
    /// A member of the object that the schema does not have.
    #[error("member `{name}` is no field of the schema: add it there, or take it out of the data")]
    UnknownMember {
        /// The name.
        name: String,
    },
}

/// How much of a value an error shows, in characters.
const SHOWN: usize = 60;

/// The start of a value, escaped so that it stays on one line.
pub(super) fn shown(value: &str) -> String {
    let start: String = value.chars().take(SHOWN).collect();
    let more = if start.len() < value.len() { "…" } else { "" };
    format!("{start:?}{more}")
}
