//! The ledger: every write passes through it, in four phases. No durable intent, no request.

use std::cell::RefCell;

use crate::domain::journal::{Answer, Intent, JournalRecord, Sighting, WriteId};
use crate::domain::natural_key::NaturalKey;
use crate::domain::snapshot::{Snapshot, StateChange};
use crate::ports::state_store::{Durability, StateError, StateStore};

/// The recorded side during a run, and the journal that keeps it durable. Shared by the steps of one run, which share
/// one thread: no borrow is held across an await.
#[derive(Debug)]
pub(super) struct Ledger<'s, S> {
    inner: RefCell<Inner<'s, S>>,
}

#[derive(Debug)]
struct Inner<'s, S> {
    store: &'s mut S,
    snapshot: Snapshot,
    next: WriteId,
    wrote: bool,
    failure: Option<StateError>,
}

/// The state could not be written; the run must not send anything more. The cause is kept in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotDurable;

impl<'s, S: StateStore> Ledger<'s, S> {
    /// Opens the ledger on a recorded side whose writes are numbered on from the given one.
    pub(super) fn open(store: &'s mut S, snapshot: Snapshot, next: WriteId) -> Self {
        Self { inner: RefCell::new(Inner { store, snapshot, next, wrote: false, failure: None }) }
    }

    /// Makes an intent durable. Only then may its request be sent.
    pub(super) fn intent(&self, intent: Intent) -> Result<WriteId, NotDurable> {
        let mut inner = self.inner.borrow_mut();
        let write = inner.next;
        inner.next = write.next();
        inner.append(&JournalRecord::Intent { write, intent }, Durability::Synced)?;
        Ok(write)
    }

    /// Notes what came back. Losing this leaves an open intent, which is settled by looking.
    pub(super) fn sent(&self, write: WriteId, answer: Answer) -> Result<(), NotDurable> {
        self.inner.borrow_mut().append(&JournalRecord::Sent { write, answer }, Durability::Buffered)
    }

    /// Notes what a listing showed.
    pub(super) fn observed(&self, write: WriteId, sighting: Sighting) -> Result<(), NotDurable> {
        self.inner.borrow_mut().append(&JournalRecord::Observed { write, sighting }, Durability::Buffered)
    }

    /// Makes the outcome durable and part of the recorded side.
    pub(super) fn confirmed(
        &self,
        write: Option<WriteId>,
        changes: Vec<StateChange>,
    ) -> Result<(), NotDurable> {
        let mut inner = self.inner.borrow_mut();
        inner.append(&JournalRecord::Confirmed { write, changes: changes.clone() }, Durability::Synced)?;
        for change in changes {
            inner.snapshot.apply(change);
        }
        Ok(())
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
        let Inner { store, mut snapshot, next: _, wrote, failure } = self.inner.into_inner();
        // A run that wrote nothing leaves every byte as it was.
        if failure.is_some() || !wrote {
            return (snapshot, failure);
        }
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
    fn append(&mut self, record: &JournalRecord, durability: Durability) -> Result<(), NotDurable> {
        if self.failure.is_some() {
            return Err(NotDurable);
        }
        self.wrote = true;
        self.store.append(record, durability).map_err(|failure| {
            tracing::error!("the journal could not be written: {failure}");
            self.failure = Some(failure);
            NotDurable
        })
    }
}
