//! What a run tells while it runs (Properties 16 to 20; docs/verify-records.md).
//!
//! Promises: a record is complete when it is told; no record holds a password; who tells does not know where it goes.

pub use log::RecordLog;
pub use pool::PoolRecords;
pub use record::{
    BatchRecord, BatchStatus, ErrorRecord, MetricsRecord, PoolRecord, Record, Stage, Step, TraceRecord,
};

mod log;
mod pool;
#[expect(clippy::module_inception, reason = "a folder of records, and the record")]
mod record;
mod text;

pub(crate) use record::milliseconds;

/// Who is told.
pub trait Records: Send + Sync {
    /// One record.
    fn tell(&self, record: &Record);

    /// Whether rows are followed step by step (`logging.traces`): without it no such record is made.
    fn traces(&self) -> bool {
        false
    }
}
