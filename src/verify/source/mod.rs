//! Rows from the user's own files (design.md 3.3, `source: {csv}`, `source: {ndjson}`).
//!
//! Promises: a file is read once, forward, with one record in memory; a row is exactly what its record says, or an error
//! that names file, line, field, type, the start of the value and the reason (Property 14), after which the next record is
//! read. Knows no column and no transform.

pub use error::{Place, RecordProblem, SourceError, WrongField};
pub use rows::FileRows;

mod csv;
mod error;
mod lines;
mod ndjson;
mod rows;
#[cfg(test)]
mod tests;
