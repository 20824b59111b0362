//! The faults of a scenario that are on the way to the database: when each begins, and what came of it.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::outcome::{FaultEnd, FaultOutcome};
use super::rows::SourceRows;
use super::spoil::first;
use crate::domain::suite::fault::{Fault, Moment};
use crate::domain::suite::mysql::Mysql;
use crate::verify::proxy::{FaultProxy, Injected, Trouble};

/// A proxy, and what it is to do.
pub(super) struct Faults {
    proxy: FaultProxy,
    planned: Vec<Planned>,
    began: OnceLock<Instant>,
    first_row: Notify,
}

struct Planned {
    fault: Fault,
    what: Trouble,
    /// Begins when so many rows were read.
    row: Option<u64>,
    begun: OnceLock<Begun>,
}

struct Begun {
    after: Duration,
    rows: u64,
    injected: Injected,
}

impl Faults {
    /// Prepares those that are on the way; `None` when none is.
    ///
    /// # Errors
    /// In words: a file cannot be read, or there is no port.
    pub(super) async fn prepare(
        faults: &[Fault],
        rows: &SourceRows,
        mysql: &Mysql,
    ) -> Result<Option<Arc<Self>>, String> {
        let faults: Vec<(Fault, Trouble)> =
            faults.iter().filter_map(|fault| Some((*fault, Trouble::of(fault.what)?))).collect();
        if faults.is_empty() {
            return Ok(None);
        }
        let is_share = |fault: &Fault| matches!(fault.at, Moment::Share(_));
        let total = if faults.iter().any(|(fault, _)| is_share(fault)) { count(rows).await? } else { 0 };
        let planned = faults.into_iter().map(|(fault, what)| {
            let row = match fault.at {
                Moment::Share(share) => Some(first(total, share).max(1)),
                Moment::After(_) => None,
            };
            Planned { fault, what, row, begun: OnceLock::new() }
        });
        let proxy = FaultProxy::start(&mysql.host, mysql.port.get());
        let proxy = proxy.map_err(|error| format!("there is no proxy for the faults: {error}"))?;
        let (began, first_row) = (OnceLock::new(), Notify::new());
        Ok(Some(Arc::new(Self { proxy, planned: planned.collect(), began, first_row })))
    }

    /// The way to the database on which they happen.
    pub(super) fn address(&self) -> SocketAddr {
        self.proxy.address()
    }

    /// So many rows have left the source; called for each, in order.
    pub(super) fn read(&self, rows: u64) {
        self.began.get_or_init(|| {
            self.first_row.notify_one();
            Instant::now()
        });
        self.planned.iter().filter(|planned| planned.row == Some(rows)).for_each(|it| self.begin(it, rows));
    }

    /// Begins those that have a time, each when it has come; never comes back. `read` says how many rows were read.
    pub(super) async fn by_time(&self, read: impl Fn() -> u64) -> Infallible {
        self.first_row.notified().await;
        let began = self.began.get().copied().unwrap_or_else(Instant::now);
        let timed = self.planned.iter().filter_map(|planned| match planned.fault.at {
            Moment::After(time) => Some((time, planned)),
            Moment::Share(_) => None,
        });
        let mut timed: Vec<(Duration, &Planned)> = timed.collect();
        timed.sort_by_key(|(time, _)| *time);
        for (time, planned) in timed {
            sleep_until(began + time).await;
            self.begin(planned, read());
        }
        std::future::pending().await
    }

    fn begin(&self, planned: &Planned, rows: u64) {
        planned.begun.get_or_init(|| {
            let after = self.began.get().map(Instant::elapsed).unwrap_or_default();
            Begun { after, rows, injected: self.proxy.begin(planned.what) }
        });
    }

    /// The rows are through: ends what still holds, and says what each did.
    pub(super) fn end(&self) -> Vec<FaultOutcome> {
        self.proxy.calm();
        let outcome = |planned: &Planned| {
            let end = planned.begun.get().map_or(FaultEnd::NeverCame, |begun| FaultEnd::OnTheWay {
                after: begun.after,
                rows: begun.rows,
                done: begun.injected.done(),
            });
            FaultOutcome { fault: planned.fault, end }
        };
        self.planned.iter().map(outcome).collect()
    }
}

/// How many rows a source gives.
async fn count(rows: &SourceRows) -> Result<u64, String> {
    if let SourceRows::Generated(generator, _) = rows {
        return Ok(generator.rows());
    }
    let rows = rows.clone();
    let counting =
        tokio::task::spawn_blocking(move || rows.open().map(|rows| rows.fold(0, |count, _| count + 1)));
    counting.await.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
}
