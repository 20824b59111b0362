//! Changes of the pool as records (Property 19).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{PoolRecord, Record, Records};
use crate::verify::mysql::pool::{Change, Closed, PoolEvent, PoolObserver};

/// Tells each change of a pool.
pub struct PoolRecords {
    records: Arc<dyn Records>,
    opened: AtomicU64,
}

impl PoolRecords {
    /// Tells them here.
    pub fn new(records: Arc<dyn Records>) -> Self {
        Self { records, opened: AtomicU64::new(0) }
    }
}

impl PoolObserver for PoolRecords {
    fn changed(&self, event: PoolEvent) {
        let more = u64::from(event.change == Change::Opened);
        let opened = self.opened.fetch_add(more, Ordering::Relaxed) + more;
        self.records.tell(&Record::Pool(PoolRecord {
            change: word(event.change),
            active: event.counts.active,
            idle: event.counts.idle,
            waiting: event.counts.waiting,
            opened,
        }));
    }
}

fn word(change: Change) -> &'static str {
    match change {
        Change::Queued => "queued",
        Change::Unqueued => "unqueued",
        Change::Overflowed => "overflowed",
        Change::Opening => "opening",
        Change::Opened => "opened",
        Change::OpenFailed => "openFailed",
        Change::Taken => "taken",
        Change::Returned => "returned",
        Change::Closed(Closed::Idle) => "closedIdle",
        Change::Closed(Closed::Invalid) => "closedInvalid",
        Change::Closed(Closed::Broken) => "closedBroken",
        Change::Closed(Closed::Abandoned) => "closedAbandoned",
        Change::Closed(Closed::Requested) => "closedRequested",
    }
}
