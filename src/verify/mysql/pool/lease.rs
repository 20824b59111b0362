//! The pool as its callers see it.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout};

use super::connector::Connector;
use super::error::PoolError;
use super::event::{Closed, Counts, PoolObserver, Totals};
use super::place::{Place, Shared, Waiting};
use crate::domain::suite::mysql::{self, Overflow};

/// A connection that came back this recently is not asked whether it still works: a batch a millisecond would pay a round
/// trip for each. One that was cut in between fails at its first statement, and the retry takes another.
const FRESH: Duration = Duration::from_secs(1);

/// At most `size` connections, shared by any number of callers. Clones are the same pool.
pub struct Pool<C: Connector> {
    shared: Arc<Shared<C>>,
}

impl<C: Connector> Clone for Pool<C> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<C: Connector> Pool<C> {
    /// An empty pool. Connections are opened when they are wanted, and closed by a task of the current runtime when they
    /// have idled for `idleTimeout`.
    pub fn new(connector: C, declared: mysql::Pool, observer: Arc<dyn PoolObserver>) -> Self {
        let shared = Arc::new(Shared::new(connector, declared, observer));
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            drop(runtime.spawn(close_idle_in_time(Arc::downgrade(&shared))));
        }
        Self { shared }
    }

    /// A connection, as soon as there is one. Whoever asks first is served first. Waiting for a place takes at most
    /// `acquireTimeout`; opening a connection takes what the connector allows.
    ///
    /// # Errors
    /// [`PoolError`]
    pub async fn acquire(&self) -> Result<Lease<C>, PoolError> {
        self.is_open()?;
        let mut permit = self.permit().await?;
        loop {
            self.is_open()?;
            let (mut place, since) = Place::take(&self.shared, permit);
            let Some(since) = since else {
                let connection = self.shared.connector.connect().await?;
                place.opened(connection);
                return Ok(Lease(Some(place)));
            };
            let idled = since.elapsed();
            let bad = if idled >= self.shared.declared.idle_timeout {
                Closed::Idle
            } else if idled >= FRESH && !self.is_valid(&mut place).await {
                Closed::Invalid
            } else {
                place.reused();
                return Ok(Lease(Some(place)));
            };
            permit = place.close(bad).await.ok_or(PoolError::ShutDown)?;
        }
    }

    fn is_open(&self) -> Result<(), PoolError> {
        if self.shared.book().is_shut { Err(PoolError::ShutDown) } else { Ok(()) }
    }

    async fn is_valid(&self, place: &mut Place<C>) -> bool {
        match place.connection_mut() {
            Some(connection) => self.shared.connector.validate(connection).await.is_ok(),
            None => false,
        }
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit, PoolError> {
        let shared = &self.shared;
        if let Ok(permit) = Arc::clone(&shared.places).try_acquire_owned() {
            return Ok(permit);
        }
        let shut = |_: tokio::sync::AcquireError| PoolError::ShutDown;
        let wait = async {
            let _room = match shared.declared.overflow {
                Overflow::Block => shared.queue.acquire().await.map_err(shut)?,
                Overflow::Fail => shared.queue.try_acquire().map_err(|_full| self.overflowed())?,
            };
            let _waiting = Waiting::begin(shared);
            Arc::clone(&shared.places).acquire_owned().await.map_err(shut)
        };
        let after = shared.declared.acquire_timeout;
        match timeout(after, wait).await {
            Ok(permit) => permit,
            Err(_elapsed) => Err(PoolError::TimedOut { after, counts: self.counts() }),
        }
    }

    fn overflowed(&self) -> PoolError {
        self.shared.enter(super::event::Change::Overflowed, |_book| {});
        PoolError::QueueFull { most: self.shared.declared.max_waiting, counts: self.counts() }
    }

    /// How it stands.
    pub fn counts(&self) -> Counts {
        self.shared.book().counts()
    }

    /// What it did so far.
    pub fn totals(&self) -> Totals {
        self.shared.book().totals
    }

    /// What is declared.
    pub fn declared(&self) -> &mysql::Pool {
        &self.shared.declared
    }

    /// Who opens the connections.
    pub fn connector(&self) -> &C {
        &self.shared.connector
    }

    /// Closes the connections that idle now, to give their memory back.
    pub async fn close_idle(&self) {
        while let Some(place) = Place::take_older(&self.shared, Instant::now()) {
            drop(place.close(Closed::Requested).await);
        }
    }

    /// Gives out no connection any more, waits for those that callers have, and closes all.
    pub async fn shut_down(&self) -> Totals {
        self.shared.book().is_shut = true;
        let all = u32::from(self.shared.declared.size.get());
        // Callers that wait already come first, and find the pool shut.
        let permits = self.shared.places.acquire_many(all).await;
        drop(permits);
        self.close_idle().await;
        self.shared.places.close();
        self.totals()
    }
}

/// Closes what has idled for too long, as long as there is a pool.
async fn close_idle_in_time<C: Connector>(pool: Weak<Shared<C>>) {
    loop {
        let Some(shared) = pool.upgrade() else { return };
        let limit = shared.declared.idle_timeout;
        if let Some(than) = Instant::now().checked_sub(limit) {
            while let Some(place) = Place::take_older(&shared, than) {
                drop(place.close(Closed::Idle).await);
            }
        }
        // What comes back from now on is due after a whole `limit`, what idles already when the oldest is.
        let oldest = shared.book().idle.front().map(|idle| idle.since.elapsed());
        let pause = limit.saturating_sub(oldest.unwrap_or_default()).max(LEAST_PAUSE);
        drop(shared);
        crate::platform::time::sleep(pause).await;
    }
}

const LEAST_PAUSE: Duration = Duration::from_millis(1);

/// A connection that a caller has. It goes back when this is dropped, also by a panic or because the caller was cancelled;
/// what is half done then is not used again.
pub struct Lease<C: Connector>(Option<Place<C>>);

#[expect(clippy::unreachable, reason = "a lease has its connection until it is dropped")]
impl<C: Connector> Deref for Lease<C> {
    type Target = C::Connection;

    fn deref(&self) -> &C::Connection {
        match self.0.as_ref().and_then(Place::connection) {
            Some(connection) => connection,
            None => unreachable!("a lease has its connection until it is dropped"),
        }
    }
}

impl<C: Connector> DerefMut for Lease<C> {
    fn deref_mut(&mut self) -> &mut C::Connection {
        match self.0.as_mut().and_then(Place::connection_mut) {
            Some(connection) => connection,
            None => unreachable!("a lease has its connection until it is dropped"),
        }
    }
}

impl<C: Connector> Drop for Lease<C> {
    fn drop(&mut self) {
        if let Some(place) = self.0.take() {
            place.give_back();
        }
    }
}
