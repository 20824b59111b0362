//! Rows from a seed (design.md 7): a pure function of seed and row number, so that any row can be made without those before
//! it, in any order, on any thread.
//!
//! Promises: a seed means the same rows for ever, on every machine; every value is one of its type; a key's rows are told
//! apart exactly by the key's number. Knows no column and no server. Strategies for property tests are here too.

pub use generator::{LARGE_TEXT_ROW, RowGenerator};
pub use schemas::default_schema;
pub use survivors::Survivors;

mod draw;
mod edge;
mod generator;
mod key;
mod plain;
mod schemas;
pub mod strategy;
mod survivors;
#[cfg(test)]
mod tests;
mod zipf;
