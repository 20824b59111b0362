//! The records, as they are written: each field's name and unit is in docs/verify-records.md.

use std::time::Duration;

use serde::Serialize;

use crate::domain::suite::report::Level;

/// One thing that is told.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "record", rename_all = "camelCase")]
pub enum Record {
    /// A batch is written, or given up (Property 16).
    Batch(BatchRecord),
    /// Something failed (Property 17), at a level of its own.
    Error(ErrorRecord),
    /// The pool changed (Property 19).
    Pool(PoolRecord),
    /// A row took a step (Property 20).
    Trace(TraceRecord),
    /// How it went, at the end of a flow (Property 18).
    Metrics(MetricsRecord),
}

impl Record {
    /// How grave it is.
    pub fn level(&self) -> Level {
        match self {
            Self::Error(error) if error.is_final => Level::Error,
            Self::Error(_) => Level::Warn,
            Self::Batch(batch) if batch.status == BatchStatus::Failed => Level::Error,
            Self::Batch(_) | Self::Pool(_) | Self::Metrics(_) => Level::Info,
            Self::Trace(_) => Level::Trace,
        }
    }
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum BatchStatus {
    /// All rows are written.
    Written,
    /// Some are, and the others were refused.
    Partly,
    /// No row is written, or it is not known.
    Failed,
}

/// A batch that is over.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchRecord {
    /// The table.
    pub table: String,
    /// Its number in the run.
    pub batch: u64,
    /// What became of it.
    pub status: BatchStatus,
    /// Rows that were sent.
    pub rows: u64,
    /// Rows that are written.
    pub written: u64,
    /// Rows that were refused.
    pub refused: u64,
    /// About how many bytes the rows have.
    pub bytes: u64,
    /// From the first attempt to the last answer.
    pub ms: f64,
    /// The attempt with which it ended, from 1.
    pub attempt: u32,
}

/// Where a row or a flow came to grief.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Stage {
    /// The source gave no row.
    Source,
    /// A transform.
    Transform,
    /// A rule.
    Rule,
    /// The column would change the value.
    Encode,
    /// The database.
    Database,
    /// The file for refused rows.
    DeadLetters,
}

impl Stage {
    /// The word in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Transform => "transform",
            Self::Rule => "rule",
            Self::Encode => "encode",
            Self::Database => "database",
            Self::DeadLetters => "deadLetters",
        }
    }
}

/// Something that failed. What does not apply is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorRecord {
    /// Whether it ends the flow; the others cost a row, an attempt or nothing.
    #[serde(rename = "final")]
    pub is_final: bool,
    /// Where.
    pub stage: Stage,
    /// What it means: the classes of docs/verify-errors.md, `invalid` for what we refuse ourselves, `warning` for a rule
    /// that only warns.
    pub class: String,
    /// The server's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<u16>,
    /// The server's SQLSTATE.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sqlstate: Option<String>,
    /// The table that the row was for.
    pub table: String,
    /// The batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<u64>,
    /// The row's number in the source, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<u64>,
    /// The row's key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The field that is to blame.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The start of its value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The rule that is not kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Which attempt failed, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// The pause before the next attempt, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pause_ms: Option<u64>,
    /// In words.
    pub message: String,
}

impl ErrorRecord {
    /// An error of which only this is known.
    pub fn new(stage: Stage, class: impl Into<String>, table: &str, message: impl Into<String>) -> Self {
        Self {
            is_final: false,
            stage,
            class: class.into(),
            code: None,
            sqlstate: None,
            table: table.to_owned(),
            batch: None,
            row: None,
            key: None,
            field: None,
            value: None,
            rule: None,
            attempt: None,
            pause_ms: None,
            message: message.into(),
        }
    }
}

/// How the pool stands after a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PoolRecord {
    /// What changed: `opened`, `taken`, `returned`, …
    pub change: &'static str,
    /// Places in use.
    pub active: u32,
    /// Connections that wait for a caller.
    pub idle: u32,
    /// Callers that wait for a place.
    pub waiting: u32,
    /// Connections opened so far.
    pub opened: u64,
}

/// A step on a row's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Step {
    /// It came out of the source.
    Read,
    /// All transforms are done.
    Transformed,
    /// All rules were asked, and every value fits its column.
    Judged,
    /// It is in a batch, which is now sent.
    Batched,
    /// It is in the table.
    Written,
    /// It was left out.
    Refused,
}

impl Step {
    /// The word in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Transformed => "transformed",
            Self::Judged => "judged",
            Self::Batched => "batched",
            Self::Written => "written",
            Self::Refused => "refused",
        }
    }
}

/// A row took a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TraceRecord {
    /// The row's number in the source, from 1.
    pub row: u64,
    /// Which step.
    pub step: Step,
    /// Since the start of the flow, in microseconds.
    pub at_us: u64,
    /// The row's key, once it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The batch, once it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<u64>,
    /// The attempt that wrote or refused it, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
}

/// What a flow came to (Property 18).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MetricsRecord {
    /// The table.
    pub table: String,
    /// Rows that the source gave, right or wrong.
    pub read: u64,
    /// Rows that are written.
    pub written: u64,
    /// Rows that were refused anywhere.
    pub refused: u64,
    /// Batches that are over.
    pub batches: u64,
    /// Attempts beyond the first one of each batch.
    pub retried: u64,
    /// The whole flow.
    pub ms: f64,
    /// Written rows per second.
    pub throughput: f64,
    /// Refused rows as a share of those that were read, 0 to 1.
    pub error_rate: f64,
    /// Half of the batches were over in this time.
    pub latency_p50_ms: f64,
    /// 95 of 100.
    pub latency_p95_ms: f64,
    /// 99 of 100.
    pub latency_p99_ms: f64,
    /// All of them.
    pub latency_max_ms: f64,
}

/// Milliseconds with three digits behind the point.
#[expect(clippy::cast_precision_loss, reason = "a flow of 285 years")]
pub(crate) fn milliseconds(duration: Duration) -> f64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX) as f64 / 1_000.0
}
