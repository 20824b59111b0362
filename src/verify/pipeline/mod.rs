//! The way of rows from a source into a table (design.md 7; Properties 11 to 18, 20).
//!
//! Source (a thread of its own) → transforms → rules → columns → writers, each with its batches. Every arrow is a bounded
//! channel: whoever is slow holds back who is before him, down to the source.
//!
//! # How much memory a flow takes
//! A channel holds two chunks, and whoever works holds one; a chunk has at most [`CHUNK_ROWS`] rows and is full at
//! [`CHUNK_BYTES`], so that it exceeds them by at most one row. With `t` stages (the transforms up to and including each
//! `program`), `p` writers and rows of at most `r` bytes that is `3 · (t + 2) · (CHUNK_BYTES + r)` on the way, and for each
//! writer a batch of at most `batchSize` rows that is full at [`BATCH_BYTES`], and [`WAITING_ROWS`] rows that wait for it:
//! `p · (BATCH_BYTES + (WAITING_ROWS + 1) · r)`. Of refused rows [`Refusals::KEPT`] are kept; the number of rows in the
//! source is in no term.

pub use flow::{Flow, run};
pub use latency::Latency;
pub use outcome::{Ended, FlowError, FlowOutcome};
pub use refused::{Refusals, RefusedRow};
pub use rules::{RuleError, Rules};
pub use sink::{MysqlSink, Sink};

mod flow;
mod judge;
mod latency;
mod ledger;
mod outcome;
mod refused;
mod rules;
mod sink;
mod stream;
mod writer;

/// Rows in a chunk at most.
pub const CHUNK_ROWS: usize = 256;
/// A chunk that has so many bytes is full.
pub const CHUNK_BYTES: usize = 1 << 20;
/// A batch that has so many bytes is full, however few its rows are.
pub const BATCH_BYTES: usize = 16 << 20;
/// Rows that wait for a writer at most.
pub const WAITING_ROWS: usize = 64;
