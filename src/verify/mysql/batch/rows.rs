//! What is written, and what was refused.

use mysql_async::Value;

use super::super::error::MysqlError;

/// One row, as the driver sends it: a value for each column, in the order of the target's columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// How people find the row: its key, or its number in the source.
    pub key: String,
    /// The values.
    pub values: Vec<Value>,
}

/// Rows that are written together or not at all, but for those that the table refuses.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// Its number in the run; no other batch of the run has it.
    pub number: u64,
    /// The rows. When two have the same key, the later one is written after the earlier one.
    pub rows: Vec<Row>,
}

/// A row that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Its position in the batch, from 0.
    pub position: usize,
    /// Its key.
    pub key: String,
    /// Why: the server's number, SQLSTATE and words are in it.
    pub reason: MysqlError,
}

/// About how many bytes a row needs in a statement: the binary protocol sends no more.
pub(super) fn size(row: &Row) -> usize {
    row.values.iter().map(|value| value_size(value).saturating_add(PER_VALUE)).fold(0, usize::saturating_add)
}

/// Type, null bit and the placeholder in the statement's text.
const PER_VALUE: usize = 4;

fn value_size(value: &Value) -> usize {
    match value {
        Value::NULL => 0,
        // The length takes up to nine bytes.
        Value::Bytes(bytes) => bytes.len().saturating_add(9),
        Value::Int(_) | Value::UInt(_) | Value::Double(_) => 8,
        Value::Float(_) => 4,
        Value::Date(..) | Value::Time(..) => 13,
    }
}
