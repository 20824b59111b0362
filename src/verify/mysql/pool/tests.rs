//! The pool over connections that are numbers, in virtual time.

use std::collections::BTreeSet;
use std::num::NonZeroU16;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::super::error::{MysqlError, Operation};
use super::*;
use crate::domain::suite::mysql::{self, Overflow};
use crate::platform::time::sleep;

/// Connections that are numbers; opening and closing one takes 10 ms.
#[derive(Clone, Default)]
struct Numbers {
    next: Arc<AtomicU32>,
    alive: Arc<Mutex<BTreeSet<u32>>>,
    most: Arc<AtomicU32>,
    broken: Arc<Mutex<BTreeSet<u32>>>,
    refuses: Arc<AtomicBool>,
}

const STEP: Duration = Duration::from_millis(10);

fn lost() -> MysqlError {
    MysqlError::Lost { during: Operation::Connect, detail: "refused".into() }
}

impl Connector for Numbers {
    type Connection = u32;

    async fn connect(&self) -> Result<u32, MysqlError> {
        sleep(STEP).await;
        if self.refuses.load(Ordering::Relaxed) {
            return Err(lost());
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let mut alive = self.alive.lock().unwrap();
        alive.insert(number);
        self.most.fetch_max(u32::try_from(alive.len()).unwrap(), Ordering::Relaxed);
        Ok(number)
    }

    async fn validate(&self, number: &mut u32) -> Result<(), MysqlError> {
        if self.broken.lock().unwrap().contains(number) { Err(lost()) } else { Ok(()) }
    }

    async fn close(&self, number: u32) {
        sleep(STEP).await;
        assert!(self.alive.lock().unwrap().remove(&number), "{number} is closed twice");
    }

    fn is_reusable(&self, number: &u32) -> bool {
        !self.broken.lock().unwrap().contains(number)
    }
}

#[derive(Default)]
struct Log(Mutex<Vec<PoolEvent>>);

impl PoolObserver for Log {
    fn changed(&self, event: PoolEvent) {
        self.0.lock().unwrap().push(event);
    }
}

struct Fixture {
    pool: Pool<Numbers>,
    numbers: Numbers,
    log: Arc<Log>,
}

fn fixture(size: u16, declared: mysql::Pool) -> Fixture {
    let (numbers, log) = (Numbers::default(), Arc::new(Log::default()));
    let declared = mysql::Pool { size: NonZeroU16::new(size).unwrap(), ..declared };
    let observer: Arc<dyn PoolObserver> = log.clone();
    Fixture { pool: Pool::new(numbers.clone(), declared, observer), numbers, log }
}

impl Fixture {
    fn changes(&self) -> Vec<Change> {
        self.log.0.lock().unwrap().iter().map(|event| event.change).collect()
    }
}

fn counts(active: u32, idle: u32, waiting: u32) -> Counts {
    Counts { active, idle, waiting }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_came_back_is_used_again() {
    let f = fixture(2, mysql::Pool::default());
    for _ in 0..5 {
        assert_eq!(*f.pool.acquire().await.unwrap(), 0);
    }
    assert_eq!(f.pool.counts(), counts(0, 1, 0));
    let totals = f.pool.totals();
    assert_eq!((totals.opened, totals.reused, totals.closed, totals.most_alive), (1, 4, 0, 1));
    assert_eq!(f.changes()[..4], [Change::Opening, Change::Opened, Change::Returned, Change::Taken]);
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_too_long_is_told_how_it_stood() {
    let f = fixture(1, mysql::Pool { acquire_timeout: Duration::from_secs(5), ..mysql::Pool::default() });
    let held = f.pool.acquire().await.unwrap();
    let error = f.pool.acquire().await.err().unwrap();
    assert_eq!(error, PoolError::TimedOut { after: Duration::from_secs(5), counts: counts(1, 0, 0) });
    assert!(!error.class().is_retryable());
    drop(held);
    assert_eq!(f.pool.counts(), counts(0, 1, 0));
}

#[tokio::test(start_paused = true)]
async fn one_more_than_may_wait_fails_or_is_held_back_as_declared() {
    for overflow in [Overflow::Fail, Overflow::Block] {
        let f = fixture(1, mysql::Pool { max_waiting: 1, overflow, ..mysql::Pool::default() });
        let held = f.pool.acquire().await.unwrap();
        let waiter = tokio::spawn({
            let pool = f.pool.clone();
            async move { pool.acquire().await.map(|lease| *lease) }
        });
        sleep(STEP).await;
        let second = tokio::spawn({
            let pool = f.pool.clone();
            async move { pool.acquire().await.map(|lease| *lease) }
        });
        sleep(STEP).await;
        assert_eq!(f.pool.counts(), counts(1, 0, 1), "{overflow:?}");
        drop(held);
        assert_eq!(waiter.await.unwrap(), Ok(0));
        let full = PoolError::QueueFull { most: 1, counts: counts(1, 0, 1) };
        let expected = if overflow == Overflow::Fail { Err(full) } else { Ok(0) };
        assert_eq!(second.await.unwrap(), expected);
        assert_eq!(f.changes().contains(&Change::Overflowed), overflow == Overflow::Fail);
    }
}

#[tokio::test(start_paused = true)]
async fn who_asked_first_is_served_first() {
    let f = fixture(1, mysql::Pool::default());
    let held = f.pool.acquire().await.unwrap();
    let served = Arc::new(Mutex::new(Vec::new()));
    let mut waiters = Vec::new();
    for number in 0..5 {
        let (pool, served) = (f.pool.clone(), Arc::clone(&served));
        waiters.push(tokio::spawn(async move {
            let _lease = pool.acquire().await.unwrap();
            served.lock().unwrap().push(number);
        }));
        sleep(STEP).await;
    }
    drop(held);
    for waiter in waiters {
        waiter.await.unwrap();
    }
    assert_eq!(*served.lock().unwrap(), [0, 1, 2, 3, 4]);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_idled_is_asked_and_replaced_when_it_is_dead() {
    let f = fixture(1, mysql::Pool::default());
    assert_eq!(*f.pool.acquire().await.unwrap(), 0);
    sleep(Duration::from_secs(2)).await;
    assert_eq!(*f.pool.acquire().await.unwrap(), 0);
    sleep(Duration::from_secs(2)).await;
    f.numbers.broken.lock().unwrap().insert(0);
    assert_eq!(*f.pool.acquire().await.unwrap(), 1);
    assert!(f.changes().contains(&Change::Closed(Closed::Invalid)));
    assert_eq!(*f.numbers.alive.lock().unwrap(), BTreeSet::from([1]));
}

#[tokio::test(start_paused = true)]
async fn connections_that_idle_for_too_long_are_closed_without_being_asked_for() {
    let idle_timeout = Duration::from_mins(1);
    let f = fixture(3, mysql::Pool { idle_timeout, ..mysql::Pool::default() });
    let held =
        [f.pool.acquire().await.unwrap(), f.pool.acquire().await.unwrap(), f.pool.acquire().await.unwrap()];
    sleep(Duration::from_secs(30)).await;
    drop(held);
    sleep(Duration::from_secs(59)).await;
    assert_eq!(f.pool.counts(), counts(0, 3, 0));
    sleep(Duration::from_secs(2)).await;
    assert_eq!(f.pool.counts(), counts(0, 0, 0));
    assert!(f.numbers.alive.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_panics_or_is_cancelled_leaves_no_connection_behind() {
    let f = fixture(1, mysql::Pool::default());
    let pool = f.pool.clone();
    let panicked = tokio::spawn(async move {
        let _lease = pool.acquire().await.unwrap();
        panic!("the caller's own failure");
    });
    assert!(panicked.await.unwrap_err().is_panic());
    sleep(STEP * 2).await;
    assert_eq!((f.pool.counts(), f.numbers.alive.lock().unwrap().len()), (counts(0, 0, 0), 0));
    // While it is opened, and while it is waited for.
    let opening = tokio::spawn({
        let pool = f.pool.clone();
        async move { pool.acquire().await.map(drop) }
    });
    tokio::task::yield_now().await;
    let waiting = tokio::spawn({
        let pool = f.pool.clone();
        async move { pool.acquire().await.map(drop) }
    });
    tokio::task::yield_now().await;
    assert_eq!(f.pool.counts(), counts(1, 0, 1));
    opening.abort();
    waiting.abort();
    assert!(opening.await.is_err() && waiting.await.is_err());
    assert_eq!(f.pool.counts(), counts(0, 0, 0));
    assert_eq!(*f.pool.acquire().await.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_broken_connection_frees_its_place_when_it_is_closed_and_not_before() {
    let f = fixture(1, mysql::Pool::default());
    let held = f.pool.acquire().await.unwrap();
    f.numbers.broken.lock().unwrap().insert(*held);
    drop(held);
    assert_eq!(f.pool.counts(), counts(1, 0, 0));
    assert_eq!(*f.pool.acquire().await.unwrap(), 1);
    assert_eq!(f.numbers.most.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_cannot_be_opened_frees_its_place() {
    let f = fixture(1, mysql::Pool::default());
    f.numbers.refuses.store(true, Ordering::Relaxed);
    for _ in 0..3 {
        let error = f.pool.acquire().await.err().unwrap();
        assert!(error.class().is_retryable(), "{error}");
    }
    assert_eq!(f.pool.counts(), counts(0, 0, 0));
    f.numbers.refuses.store(false, Ordering::Relaxed);
    assert_eq!(*f.pool.acquire().await.unwrap(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_pool_that_is_shut_down_waits_for_its_callers_and_closes_everything() {
    let f = fixture(2, mysql::Pool::default());
    let held = f.pool.acquire().await.unwrap();
    drop(f.pool.acquire().await.unwrap());
    let shut = tokio::spawn({
        let pool = f.pool.clone();
        async move { pool.shut_down().await }
    });
    sleep(Duration::from_secs(1)).await;
    assert!(!shut.is_finished());
    assert_eq!(f.pool.acquire().await.err(), Some(PoolError::ShutDown));
    drop(held);
    let totals = shut.await.unwrap();
    assert_eq!((totals.opened, totals.closed), (2, 2));
    assert!(f.numbers.alive.lock().unwrap().is_empty());
    assert_eq!(f.pool.acquire().await.err(), Some(PoolError::ShutDown));
}
