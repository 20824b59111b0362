//! What came of a flow.

use std::time::Duration;

use super::{Latency, Refusals};
use crate::platform::fs::FsError;
use crate::verify::mysql::pool::PoolError;
use crate::verify::mysql::retry::GaveUp;
use crate::verify::record::{MetricsRecord, milliseconds};
use crate::verify::source::SourceError;
use crate::verify::transform::ProgramError;

/// What came of a flow. `read = written + refused.total + left` holds.
#[derive(Debug)]
pub struct FlowOutcome {
    /// How it ended.
    pub ended: Ended,
    /// Rows that the source gave, right or wrong.
    pub read: u64,
    /// Rows that left the transforms.
    pub transformed: u64,
    /// Times that a rule which only warns was not kept.
    pub warned: u64,
    /// Rows that are in the table by this flow.
    pub written: u64,
    /// Rows that were refused, wherever.
    pub refused: Refusals,
    /// Rows that are neither: they were on their way when the flow ended early.
    pub left: u64,
    /// Batches that are over, written or given up.
    pub batches: u64,
    /// Attempts beyond the first one of each batch.
    pub retried: u64,
    /// About how many bytes the written batches had.
    pub bytes: u64,
    /// From the start to the end.
    pub took: Duration,
    /// How long batches took, from the first attempt to the last answer.
    pub latency: Latency,
}

/// How a flow ended.
#[derive(Debug)]
pub enum Ended {
    /// Every row went its way.
    Completed,
    /// Somebody asked for the end: the batches that were being written are written, nothing was begun any more.
    Cancelled,
    /// A row was refused, and `onRefused` is `fail`.
    Refused,
    /// It could not go on.
    Failed(FlowError),
}

/// Why a flow could not go on.
#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    /// The source ends before its last row.
    #[error(transparent)]
    Source(SourceError),
    /// The thread of the source ended by a panic.
    #[error("the source broke off: this is a defect of the program")]
    SourceBroke,
    /// A program among the transforms.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// A batch was given up.
    #[error("batch {batch}: {reason}")]
    Batch {
        /// Its number.
        batch: u64,
        /// Why, with every attempt.
        reason: GaveUp<PoolError>,
    },
    /// A refused row could not be set aside.
    #[error(transparent)]
    DeadLetters(#[from] FsError),
    /// The same, in the middle of the file.
    #[error("cannot write the refused rows to {path}: {source}")]
    DeadLettersFull {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
}

impl FlowOutcome {
    /// Written rows per second.
    #[expect(clippy::cast_precision_loss, reason = "more than 2⁵³ rows are not written")]
    pub fn throughput(&self) -> f64 {
        let seconds = self.took.as_secs_f64();
        if seconds > 0.0 { self.written as f64 / seconds } else { 0.0 }
    }

    /// Refused rows as a share of those that were read, 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "more than 2⁵³ rows are not read")]
    pub fn error_rate(&self) -> f64 {
        if self.read == 0 { 0.0 } else { self.refused.total as f64 / self.read as f64 }
    }

    /// Whether every row that was read is written or refused for a reason.
    pub fn is_complete(&self) -> bool {
        matches!(self.ended, Ended::Completed) && self.left == 0
    }

    /// What is told at the end (Property 18).
    pub fn metrics(&self, table: &str) -> MetricsRecord {
        MetricsRecord {
            table: table.to_owned(),
            read: self.read,
            written: self.written,
            refused: self.refused.total,
            batches: self.batches,
            retried: self.retried,
            ms: milliseconds(self.took),
            throughput: self.throughput(),
            error_rate: self.error_rate(),
            latency_p50_ms: milliseconds(self.latency.at(50.0)),
            latency_p95_ms: milliseconds(self.latency.at(95.0)),
            latency_p99_ms: milliseconds(self.latency.at(99.0)),
            latency_max_ms: milliseconds(self.latency.at(100.0)),
        }
    }
}
