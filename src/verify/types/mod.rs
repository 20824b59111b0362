//! Which column holds which Flink type, and how a value travels to it and back (Properties 6, 7 and 32;
//! docs/verify-types.md).
//!
//! Promises: a value that is encoded is decoded as an equal one, or it is refused with a reason; nothing is rounded,
//! shortened, padded away or shifted. Knows no connection and no statement.

pub use cell::Cell;
pub use codec::Codec;
pub use decode::Undecodable;
pub use encode::Unstorable;
pub use fidelity::{Fidelity, fidelity};
pub use mapping::{column_for, flink_for};
pub use reason::Reason;
pub use schema::{MappedColumn, Refusal, RefusedValue, map_schema};
pub use table::table;

mod cell;
mod codec;
mod decode;
mod encode;
mod fidelity;
mod json_text;
mod mapping;
mod reason;
mod schema;
mod table;
#[cfg(test)]
mod tests;
