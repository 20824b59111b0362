//! The book of a pool, and a place in it: the right to one connection.
//!
//! Promises: whoever holds a place may have one connection, and there are as many places as connections; a place that is
//! dropped, by whatever way, is entered in the book and told, and its connection goes where it belongs.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::connector::Connector;
use super::event::{Change, Closed, Counts, PoolEvent, PoolObserver, Totals};
use crate::domain::suite::mysql;

/// A connection that nobody has.
pub(super) struct Idle<T> {
    pub(super) connection: T,
    pub(super) since: Instant,
}

/// How the pool stands. Oldest idle connection first.
pub(super) struct Book<T> {
    pub(super) idle: VecDeque<Idle<T>>,
    pub(super) active: u32,
    pub(super) waiting: u32,
    pub(super) totals: Totals,
    pub(super) is_shut: bool,
}

pub(super) struct Shared<C: Connector> {
    pub(super) connector: C,
    pub(super) declared: mysql::Pool,
    /// One permit for each connection that may exist and is not idle.
    pub(super) places: Arc<Semaphore>,
    /// One permit for each caller that may wait.
    pub(super) queue: Semaphore,
    pub(super) observer: Arc<dyn PoolObserver>,
    book: Mutex<Book<C::Connection>>,
}

impl<C: Connector> Shared<C> {
    pub(super) fn new(connector: C, declared: mysql::Pool, observer: Arc<dyn PoolObserver>) -> Self {
        // Whoever is held back has to have a queue to wait for.
        let least = u32::from(declared.overflow == mysql::Overflow::Block);
        let queue = usize::try_from(declared.max_waiting.max(least)).unwrap_or(usize::MAX);
        Self {
            places: Arc::new(Semaphore::new(usize::from(declared.size.get()))),
            queue: Semaphore::new(queue.min(Semaphore::MAX_PERMITS)),
            connector,
            declared,
            observer,
            book: Mutex::new(Book {
                idle: VecDeque::new(),
                active: 0,
                waiting: 0,
                totals: Totals::default(),
                is_shut: false,
            }),
        }
    }

    /// The book; a caller that panicked had finished its entry or made none.
    pub(super) fn book(&self) -> MutexGuard<'_, Book<C::Connection>> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes an entry and tells it.
    pub(super) fn enter(&self, change: Change, entry: impl FnOnce(&mut Book<C::Connection>)) {
        self.entered(&mut self.book(), change, entry);
    }

    fn entered(
        &self,
        book: &mut Book<C::Connection>,
        change: Change,
        entry: impl FnOnce(&mut Book<C::Connection>),
    ) {
        entry(book);
        let counts = book.counts();
        book.totals.most_alive = book.totals.most_alive.max(counts.active.saturating_add(counts.idle));
        book.totals.most_waiting = book.totals.most_waiting.max(counts.waiting);
        self.observer.changed(PoolEvent { change, counts });
    }
}

impl<T> Book<T> {
    pub(super) fn counts(&self) -> Counts {
        let idle = u32::try_from(self.idle.len()).unwrap_or(u32::MAX);
        Counts { active: self.active, idle, waiting: self.waiting }
    }
}

/// A caller that waits; told when it begins and when it ends.
pub(super) struct Waiting<'a, C: Connector>(&'a Shared<C>);

impl<'a, C: Connector> Waiting<'a, C> {
    pub(super) fn begin(shared: &'a Shared<C>) -> Self {
        shared.enter(Change::Queued, |book| book.waiting = book.waiting.saturating_add(1));
        Self(shared)
    }
}

impl<C: Connector> Drop for Waiting<'_, C> {
    fn drop(&mut self) {
        self.0.enter(Change::Unqueued, |book| book.waiting = book.waiting.saturating_sub(1));
    }
}

/// The right to one connection, with or without it.
pub(super) struct Place<C: Connector> {
    shared: Arc<Shared<C>>,
    permit: Option<OwnedSemaphorePermit>,
    connection: Option<C::Connection>,
    /// What is told when the place ends as it is now.
    ends: Change,
}

impl<C: Connector> Place<C> {
    fn new(shared: &Arc<Shared<C>>, permit: OwnedSemaphorePermit, connection: Option<C::Connection>) -> Self {
        let ends = if connection.is_some() { Change::Closed(Closed::Abandoned) } else { Change::OpenFailed };
        Self { shared: Arc::clone(shared), permit: Some(permit), connection, ends }
    }

    /// Takes the newest idle connection, or room for a new one. The time is when the idle one came back.
    pub(super) fn take(shared: &Arc<Shared<C>>, permit: OwnedSemaphorePermit) -> (Self, Option<Instant>) {
        let mut book = shared.book();
        let idle = book.idle.pop_back();
        let change = if idle.is_some() { Change::Taken } else { Change::Opening };
        shared.entered(&mut book, change, |book| book.active = book.active.saturating_add(1));
        drop(book);
        let (connection, since) = idle.map(|idle| (idle.connection, idle.since)).unzip();
        (Self::new(shared, permit, connection), since)
    }

    /// Takes the oldest idle connection if it came back by then; `None` leaves everything as it was.
    pub(super) fn take_older(shared: &Arc<Shared<C>>, than: Instant) -> Option<Self> {
        // Without a free place every connection is in use, and none idles.
        let permit = Arc::clone(&shared.places).try_acquire_owned().ok()?;
        let mut book = shared.book();
        if book.idle.front().is_none_or(|idle| idle.since > than) {
            return None;
        }
        let connection = book.idle.pop_front().map(|idle| idle.connection);
        shared.entered(&mut book, Change::Taken, |book| book.active = book.active.saturating_add(1));
        drop(book);
        Some(Self::new(shared, permit, connection))
    }

    pub(super) fn connection(&self) -> Option<&C::Connection> {
        self.connection.as_ref()
    }

    pub(super) fn connection_mut(&mut self) -> Option<&mut C::Connection> {
        self.connection.as_mut()
    }

    /// The new connection is there.
    pub(super) fn opened(&mut self, connection: C::Connection) {
        self.connection = Some(connection);
        self.ends = Change::Closed(Closed::Abandoned);
        self.shared.enter(Change::Opened, |book| book.totals.opened += 1);
    }

    /// The taken connection goes to a caller.
    pub(super) fn reused(&self) {
        self.shared.book().totals.reused += 1;
    }

    /// Closes the connection. The permit is for who wants another one in its place, without going back into the queue.
    pub(super) async fn close(mut self, why: Closed) -> Option<OwnedSemaphorePermit> {
        self.ends = Change::Closed(why);
        if let Some(connection) = self.connection.take() {
            self.shared.connector.close(connection).await;
        }
        self.leave()
    }

    /// Gives the connection back: to the idle ones if it is good, else to its end. The place is free when it has ended.
    pub(super) fn give_back(mut self) {
        let Some(connection) = self.connection.take() else { return };
        let is_shut = self.shared.book().is_shut;
        if self.shared.connector.is_reusable(&connection) && !is_shut && !std::thread::panicking() {
            self.shared.enter(Change::Returned, |book| {
                book.active = book.active.saturating_sub(1);
                book.idle.push_back(Idle { connection, since: Instant::now() });
            });
            self.permit = None;
            return;
        }
        self.connection = Some(connection);
        let why = if is_shut { Closed::Requested } else { Closed::Broken };
        self.ends = Change::Closed(why);
        // Without a runtime nobody can close it in order; it is dropped with this place, which ends it as well.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            drop(runtime.spawn(async move { drop(self.close(why).await) }));
        }
    }

    /// Leaves the book. The permit is still held.
    fn leave(&mut self) -> Option<OwnedSemaphorePermit> {
        let permit = self.permit.take()?;
        self.shared.enter(self.ends, |book| {
            book.active = book.active.saturating_sub(1);
            book.totals.closed += u64::from(matches!(self.ends, Change::Closed(_)));
        });
        Some(permit)
    }
}

/// Only a place that was not given back ends here: its caller was dropped, or opening failed.
impl<C: Connector> Drop for Place<C> {
    fn drop(&mut self) {
        drop(self.connection.take());
        drop(self.leave());
    }
}
