//! Values and rows: exact, ordered as their types are, each with one canonical text (docs/verify-types.md).
//!
//! Promises: a number is never a float unless its type is; NULL equals NULL and nothing else; two values of one type are
//! equal exactly when their canonical texts are. Knows no column, no generator and no file.

pub use decimal::Decimal;
pub use read::{Unreadable, read_text};
pub use read_json::{WrongMember, read_json, read_object, write_json};
pub use value::{Map, Row, Value};

mod canonical;
pub mod civil;
mod decimal;
mod order;
mod read;
mod read_json;
#[cfg(test)]
mod tests;
mod value;
