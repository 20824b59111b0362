//! Properties 5 and 19: callers come and go in every way there is; the pool stays within its size, loses nothing, and tells
//! each change.

use std::collections::BTreeSet;
use std::num::NonZeroU16;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use proptest::collection::vec;
use proptest::prelude::*;

use super::trial::{Judged, Trial, judge, require};
use crate::domain::suite::mysql;
use crate::domain::suite::verdict::Verdict;
use crate::platform::time::sleep;
use crate::verify::mysql::client::Client;
use crate::verify::mysql::pool::{Change, Connector, Counts, Pool, PoolEvent, PoolObserver, Totals};
use crate::verify::mysql::session::Session;

/// Somebody who makes pools.
pub trait PoolSubject {
    /// Who opens their connections.
    type Connector: Connector<Connection = Session>;

    /// A new pool that tells this observer.
    fn open(&self, declared: mysql::Pool, observer: Arc<dyn PoolObserver>) -> Pool<Self::Connector>;
}

/// The real one.
impl PoolSubject for Client {
    type Connector = Client;

    fn open(&self, declared: mysql::Pool, observer: Arc<dyn PoolObserver>) -> Pool<Client> {
        Pool::new(self.clone(), declared, observer)
    }
}

/// How a caller leaves its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leave {
    Orderly,
    /// With a transaction that it began and did not end.
    Transacting,
    /// In the middle of a statement, as when its task is cancelled.
    Asking,
    /// By a panic.
    Panicking,
}

impl Leave {
    fn spoils(self) -> bool {
        self != Self::Orderly
    }
}

/// Callers that come at once, wave after wave.
#[derive(Debug, Clone)]
struct Load {
    size: u16,
    waves: Vec<Vec<Leave>>,
}

fn loads() -> impl Strategy<Value = Load> {
    let leave = prop_oneof![
        6 => Just(Leave::Orderly),
        1 => Just(Leave::Transacting),
        1 => Just(Leave::Asking),
        1 => Just(Leave::Panicking),
    ];
    (1..=4_u16, vec(vec(leave, 1..=8), 1..=3)).prop_map(|(size, waves)| Load { size, waves })
}

#[derive(Default)]
struct Told(Mutex<Vec<PoolEvent>>);

impl PoolObserver for Told {
    fn changed(&self, event: PoolEvent) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(event);
    }
}

/// What was seen of a load.
struct Seen {
    totals: Totals,
    told: Vec<PoolEvent>,
    /// As the pool said it after each wave.
    counts: Vec<(usize, Counts)>,
    /// The most connections of the pool that the server had at a time, without those that were being closed.
    most_on_the_server: usize,
    callers: u64,
    queued: u64,
}

/// The connections of a load: those that were seen, and those whose end has begun.
#[derive(Default)]
struct Ids {
    seen: BTreeSet<u32>,
    ending: BTreeSet<u32>,
}

async fn run<S: PoolSubject>(subject: &S, monitor: &Client, load: &Load) -> Result<Seen, String> {
    let words = |error: &dyn std::fmt::Display| error.to_string();
    let told = Arc::new(Told::default());
    let declared = mysql::Pool {
        size: NonZeroU16::new(load.size).unwrap_or(NonZeroU16::MIN),
        acquire_timeout: Duration::from_secs(30),
        ..mysql::Pool::default()
    };
    let pool = subject.open(declared, told.clone());
    let mut monitor = monitor.connect().await.map_err(|error| words(&error))?;
    let ids = Arc::new(Mutex::new(Ids::default()));
    let (mut most_on_the_server, mut counts, mut callers) = (0, Vec::new(), 0);
    for wave in &load.waves {
        callers += wave.len() as u64;
        let tasks =
            join_all(wave.iter().map(|leave| tokio::spawn(caller(pool.clone(), Arc::clone(&ids), *leave))));
        let are_done = AtomicBool::new(false);
        let look = async {
            let mut most = 0;
            while !are_done.load(Ordering::Relaxed) {
                most = on_the_server(&mut monitor, &ids).await?.len().max(most);
            }
            Ok::<usize, String>(most)
        };
        let work = async {
            let ended = tasks.await;
            are_done.store(true, Ordering::Relaxed);
            ended
        };
        let (ended, most) = tokio::join!(work, look);
        most_on_the_server = most_on_the_server.max(most?);
        for (leave, ended) in wave.iter().zip(ended) {
            match ended {
                Ok(result) => result?,
                Err(_panic) if *leave == Leave::Panicking => {}
                Err(error) => return Err(format!("a caller ended with {error}")),
            }
        }
        settled(&pool, &mut monitor, &ids).await?;
        counts.push((told.0.lock().unwrap_or_else(PoisonError::into_inner).len(), pool.counts()));
    }
    let totals = pool.shut_down().await;
    settled(&pool, &mut monitor, &ids).await?;
    monitor.close().await.map_err(|error| words(&error))?;
    let told = std::mem::take(&mut *told.0.lock().unwrap_or_else(PoisonError::into_inner));
    let queued = told.iter().filter(|event| event.change == Change::Queued).count() as u64;
    Ok(Seen { totals, told, counts, most_on_the_server, callers, queued })
}

async fn caller<C: Connector<Connection = Session>>(
    pool: Pool<C>,
    ids: Arc<Mutex<Ids>>,
    leave: Leave,
) -> Result<(), String> {
    let mut session = pool.acquire().await.map_err(|error| error.to_string())?;
    let id = session.id();
    ids.lock().unwrap_or_else(PoisonError::into_inner).seen.insert(id);
    session.run("DO SLEEP(0.001)").await.map_err(|error| error.to_string())?;
    if leave.spoils() {
        ids.lock().unwrap_or_else(PoisonError::into_inner).ending.insert(id);
    }
    match leave {
        Leave::Orderly => {}
        Leave::Transacting => session.begin().await.map_err(|error| error.to_string())?,
        Leave::Asking => {
            let statement = session.run("DO SLEEP(0.02)");
            if tokio::time::timeout(Duration::from_millis(2), statement).await.is_ok() {
                session.begin().await.map_err(|error| error.to_string())?;
            }
        }
        // A panic without its report on the terminal.
        Leave::Panicking => std::panic::resume_unwind(Box::new("a caller's own failure")),
    }
    Ok(())
}

/// The connections of the pool that the server has and that are not being closed.
async fn on_the_server(monitor: &mut Session, ids: &Mutex<Ids>) -> Result<BTreeSet<u32>, String> {
    let all = process_list(monitor).await?;
    let ids = ids.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(all.into_iter().filter(|id| ids.seen.contains(id) && !ids.ending.contains(id)).collect())
}

async fn process_list(monitor: &mut Session) -> Result<BTreeSet<u32>, String> {
    let rows = monitor.show("SHOW PROCESSLIST").await.map_err(|error| error.to_string())?;
    Ok(rows.iter().filter_map(|row| row.first()?.parse().ok()).collect())
}

/// How often is looked before it is a leak: five seconds and more.
const LOOKS: u32 = 1_000;
const PAUSE: Duration = Duration::from_millis(5);

/// Waits until pool and server agree on how many connections there are.
async fn settled<C: Connector>(
    pool: &Pool<C>,
    monitor: &mut Session,
    ids: &Mutex<Ids>,
) -> Result<(), String> {
    let mut last = String::new();
    for _ in 0..LOOKS {
        let counts = pool.counts();
        let all = process_list(monitor).await?;
        let ours = all.intersection(&ids.lock().unwrap_or_else(PoisonError::into_inner).seen).count();
        if counts.active == 0 && counts.idle as usize == ours {
            return Ok(());
        }
        last = format!("the pool says {counts}, and the server has {ours} of its connections");
        sleep(PAUSE).await;
    }
    Err(format!("a connection leaks: {last}"))
}

/// Property 5: for any pool, never more than its size is alive, connections are used again, and none is lost.
pub fn pool_resources<S: PoolSubject>(subject: &S, monitor: &Client, trial: Trial) -> Verdict {
    judge(trial, &loads(), async |load| -> Judged {
        let seen = run(subject, monitor, &load).await?;
        let (size, totals) = (u64::from(load.size), seen.totals);
        let on_the_server = seen.most_on_the_server as u64;
        require(on_the_server <= size, || {
            format!("the server had {on_the_server} connections of a pool of {size}")
        })?;
        require(u64::from(totals.most_alive) <= size, || format!("{} were alive", totals.most_alive))?;
        require(totals.opened == totals.closed, || format!("not as many were closed as opened: {totals:?}"))?;
        require(totals.opened + totals.reused == seen.callers, || {
            format!("{} callers, {totals:?}", seen.callers)
        })?;
        // A new connection is opened only for a place that has none: at first, and after one was spoilt.
        let spoilt = load.waves.iter().flatten().filter(|leave| leave.spoils()).count() as u64;
        require(totals.opened <= size + spoilt, || {
            format!("{} were opened, and {spoilt} spoilt", totals.opened)
        })?;
        Ok(vec![("callers", seen.callers), ("connections opened", totals.opened), ("reused", totals.reused)])
    })
}

/// Property 19: each change of a pool is told, with counts that follow from it.
pub fn pool_status<S: PoolSubject>(subject: &S, monitor: &Client, trial: Trial) -> Verdict {
    judge(trial, &loads(), async |load| -> Judged {
        let seen = run(subject, monitor, &load).await?;
        let mut counts = Counts::default();
        for (number, event) in seen.told.iter().enumerate() {
            counts = after(counts, event.change);
            require(event.counts == counts, || {
                format!("event {number} is {event:?}, and it stands {counts}")
            })?;
            let said = seen.counts.iter().find(|(told, _)| *told == number + 1);
            require(said.is_none_or(|(_, said)| *said == counts), || {
                format!("after {event:?} the pool says {said:?}, and was told to stand {counts}")
            })?;
        }
        require(counts == Counts::default(), || format!("at the end it was told to stand {counts}"))?;
        let times = |wanted: fn(&Change) -> bool| {
            seen.told.iter().filter(|event| wanted(&event.change)).count() as u64
        };
        let opened = times(|change| *change == Change::Opened);
        let closed = times(|change| matches!(change, Change::Closed(_)));
        let (totals, callers) = (seen.totals, seen.callers);
        require(opened == totals.opened && closed == totals.closed, || {
            format!("{opened} told opened, {closed} told closed, {totals:?}")
        })?;
        require(times(|change| *change == Change::Opening) == totals.opened, || {
            "an opening was not told".to_owned()
        })?;
        let ended = times(|change| *change == Change::Returned) + closed;
        require(ended >= callers, || format!("{callers} callers, and {ended} ends were told"))?;
        Ok(vec![("changes told", seen.told.len() as u64), ("callers that waited", seen.queued)])
    })
}

/// How it stands after a change.
fn after(before: Counts, change: Change) -> Counts {
    let Counts { active, idle, waiting } = before;
    let up = |count: u32| count.saturating_add(1);
    let down = |count: u32| count.saturating_sub(1);
    match change {
        Change::Queued => Counts { waiting: up(waiting), ..before },
        Change::Unqueued => Counts { waiting: down(waiting), ..before },
        Change::Overflowed | Change::Opened => before,
        Change::Opening => Counts { active: up(active), ..before },
        Change::OpenFailed | Change::Closed(_) => Counts { active: down(active), ..before },
        Change::Taken => Counts { active: up(active), idle: down(idle), ..before },
        Change::Returned => Counts { active: down(active), idle: up(idle), ..before },
    }
}
