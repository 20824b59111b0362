//! The types of both sides of a pipeline, read from and written as the SQL that people know (design.md 3.3).
//!
//! Promises: a value of these types is well-formed, what is printed is read back as the same type, and a text that is no
//! type is refused with the character at which it stops being one. Knows nothing of values, and not which column holds
//! which Flink type: that is `verify::types`.

pub use column::{BlobSize, Charset, ColumnType, IntegerSize};
pub use flink::{FlinkKind, FlinkType, RowField};
pub use schema::{Schema, SchemaError};
pub use text::{Problem, TypeError};

mod column;
mod column_text;
mod flink;
mod flink_text;
mod schema;
#[cfg(test)]
mod tests;
mod text;
