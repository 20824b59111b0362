//! The ledger: every write passes through it, in four phases. No durable intent, no request.
//!
//! Steps that are ready together share a sync: each appends its record and queues; the first in the queue lets the others
//! append too and then makes durable what is there, and the others find it done. They go on in the order in which they came.

use std::cell::RefCell;

use tokio::sync::Mutex;

use crate::domain::journal::{Answer, Intent, JournalRecord, Sighting, WriteId};
use crate::domain::natural_key::NaturalKey;
use crate::domain::snapshot::{Snapshot, StateChange};
use crate::ports::state_store::{StateError, StateStore};

/// The recorded side during a run, and the journal that keeps it durable. Shared by the steps of one run, which share
/// one thread: no borrow is held across an await.
#[derive(Debug)]
pub(super) struct Ledger<'s, S> {
    inner: RefCell<Inner<'s, S>>,
    /// Who holds it makes records durable; the others queue.
    turn: Mutex<()>,
}

#[derive(Debug)]
struct Inner<'s, S> {
    store: &'s mut S,
    /// What is durable.
    snapshot: Snapshot,
    next: WriteId,
    /// How many records this run has appended.
    appended: u64,
    /// How many of them are durable.
    durable: u64,
    /// What the others change, in their order.
    pending: Vec<StateChange>,
    failure: Option<StateError>,
}

/// The state could not be written; the run must not send anything more. The cause is kept in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotDurable;

impl<'s, S: StateStore> Ledger<'s, S> {
    /// Opens the ledger on a recorded side whose writes are numbered on from the given one.
    pub(super) fn open(store: &'s mut S, snapshot: Snapshot, next: WriteId) -> Self {
        let pending = Vec::new();
        let inner = Inner { store, snapshot, next, appended: 0, durable: 0, pending, failure: None };
        Self { inner: RefCell::new(inner), turn: Mutex::new(()) }
    }

    /// Makes an intent durable. Only then may its request be sent.
    pub(super) async fn intent(&self, intent: Intent) -> Result<WriteId, NotDurable> {
        let write = self.inner.borrow_mut().begin(intent)?;
        self.durable().await?;
        Ok(write)
    }

    /// Notes what came back. Losing this leaves an open intent, which is settled by looking.
    pub(super) fn sent(&self, write: WriteId, answer: Answer) -> Result<(), NotDurable> {
        self.inner.borrow_mut().append(&JournalRecord::Sent { write, answer })
    }

    /// Notes what a listing showed.
    pub(super) fn observed(&self, write: WriteId, sighting: Sighting) -> Result<(), NotDurable> {
        self.inner.borrow_mut().append(&JournalRecord::Observed { write, sighting })
    }

    /// Makes the outcome durable and part of the recorded side.
    pub(super) async fn confirmed(
        &self,
        write: Option<WriteId>,
        changes: Vec<StateChange>,
    ) -> Result<(), NotDurable> {
        self.note(write, changes)?;
        self.durable().await
    }

    /// Notes an outcome. It is durable, and part of the recorded side, with the next sync: at the end of the run at the
    /// latest.
    pub(super) fn note(&self, write: Option<WriteId>, changes: Vec<StateChange>) -> Result<(), NotDurable> {
        let mut inner = self.inner.borrow_mut();
        inner.append(&JournalRecord::Confirmed { write, changes: changes.clone() })?;
        inner.pending.extend(changes);
        Ok(())
    }

    /// Waits until everything that was appended before this call is durable.
    async fn durable(&self) -> Result<(), NotDurable> {
        let mine = self.inner.borrow().appended;
        let _turn = self.turn.lock().await;
        if self.inner.borrow().durable < mine {
            // Who is ready as well appends before the sync.
            tokio::task::yield_now().await;
        }
        self.inner.borrow_mut().sync(mine)
    }

    /// Whether the object may have been registered and was never seen since.
    pub(super) fn was_never_seen(&self, key: &NaturalKey) -> bool {
        let inner = self.inner.borrow();
        let recorded = inner.snapshot.resources.get(key);
        recorded.is_some_and(|recorded| recorded.condition.may_arrive())
    }

    /// Whether the state can no longer be written.
    pub(super) fn is_broken(&self) -> bool {
        self.inner.borrow().failure.is_some()
    }

    /// Ends the run: what changed becomes the next generation of the state.
    pub(super) fn close(self) -> (Snapshot, Option<StateError>) {
        let mut inner = self.inner.into_inner();
        // A run that wrote nothing leaves every byte as it was.
        if inner.appended == 0 || inner.sync(inner.appended).is_err() {
            return (inner.snapshot, inner.failure);
        }
        let Inner { store, mut snapshot, .. } = inner;
        match store.fold(&snapshot) {
            Ok(serial) => {
                snapshot.serial = serial;
                (snapshot, None)
            }
            Err(failure) => (snapshot, Some(failure)),
        }
    }
}

impl<S: StateStore> Inner<'_, S> {
    fn begin(&mut self, intent: Intent) -> Result<WriteId, NotDurable> {
        let write = self.next;
        self.next = write.next();
        self.append(&JournalRecord::Intent { write, intent })?;
        Ok(write)
    }

    fn append(&mut self, record: &JournalRecord) -> Result<(), NotDurable> {
        if self.failure.is_some() {
            return Err(NotDurable);
        }
        self.appended += 1;
        let appended = self.store.append(record);
        self.unless_broken(appended)
    }

    /// Makes the first so many records durable, and with them whatever was appended since.
    fn sync(&mut self, wanted: u64) -> Result<(), NotDurable> {
        if self.failure.is_some() {
            return Err(NotDurable);
        }
        if self.durable < wanted {
            let synced = self.store.sync();
            self.unless_broken(synced)?;
            self.durable = self.appended;
            for change in self.pending.drain(..) {
                self.snapshot.apply(change);
            }
        }
        Ok(())
    }

    /// Keeps the first failure; nothing is written after it.
    fn unless_broken(&mut self, done: Result<(), StateError>) -> Result<(), NotDurable> {
        done.map_err(|failure| {
            tracing::error!("the journal could not be written: {failure}");
            self.failure = Some(failure);
            NotDurable
        })
    }
}
