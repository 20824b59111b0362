//! What a run tells, and how good it must be (design.md 3.3, `logging` and `thresholds`; Properties 16 to 20, 26 and 30).

use std::time::Duration;

use super::quantity::{Bytes, Percent};

/// `spec.logging`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Logging {
    /// What is told.
    pub level: Level,
    /// In which form.
    pub format: LogFormat,
    /// Whether each operation leaves a trace of its steps (Property 20); off.
    pub traces: bool,
}

/// `logging.level`: this and everything graver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Level {
    /// What failed.
    Error,
    /// What was tried again or set aside, too.
    Warn,
    /// Batches and changes of the pool, too; the default.
    #[default]
    Info,
    /// Statements, too.
    Debug,
    /// Rows, too.
    Trace,
}

impl Level {
    /// Every level, the gravest first.
    pub const ALL: &[Self] = &[Self::Error, Self::Warn, Self::Info, Self::Debug, Self::Trace];

    /// The word in a manifest.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

/// `logging.format`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// One JSON object per line; the default.
    #[default]
    Json,
    /// Lines for people.
    Text,
}

impl LogFormat {
    /// Both, in the order in which messages list them.
    pub const ALL: &[Self] = &[Self::Json, Self::Text];

    /// The word in a manifest.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Text => "text",
        }
    }
}

/// `spec.thresholds`: a run that misses one of them fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// Rows per second at least; 1,000 (Property 30).
    pub min_throughput: u64,
    /// The time within which 95 of 100 batches are written; 250 ms.
    pub max_latency_p95: Duration,
    /// The share of rows that fail, of all rows; none.
    pub max_error_rate: Percent,
    /// The share of the pool that is in use; all of it.
    pub max_pool_use: Percent,
    /// Memory of our process; 512 MiB (Property 34).
    pub max_memory: Bytes,
    /// CPU of our process, where 100% is one core; 200%.
    pub max_cpu: Percent,
}

impl Thresholds {
    /// Nobody asks for more rows per second.
    pub const MOST_THROUGHPUT: u64 = 1_000_000_000;
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            min_throughput: 1_000,
            max_latency_p95: Duration::from_millis(250),
            max_error_rate: Percent::NONE,
            max_pool_use: Percent::ALL,
            max_memory: Bytes::mebibytes(512),
            max_cpu: Percent::whole(200),
        }
    }
}
