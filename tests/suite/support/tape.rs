//! The tape: everything that reached the disk or the service, in one order. It can be cut: what comes after the cut
//! never happened, as if the process had been killed between two of its entries.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use reconcile::domain::address::Address;
use reconcile::domain::journal::{Answer, Intent, JournalRecord, WriteId};
use reconcile::domain::natural_key::{NaturalKey, Scope};
use reconcile::domain::snapshot::StateChange;
use reconcile::platform::time::SystemClock;
use reconcile::ports::clock::Clock;
use tokio::sync::Notify;

/// A request that changes something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Write {
    Register { scope: Scope, jar_url: String, keys: Vec<NaturalKey> },
    Create(NaturalKey),
    Update { key: NaturalKey, fields: BTreeSet<String> },
    Delete(NaturalKey),
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Entry {
    /// The store took a record.
    Appended(JournalRecord),
    /// What it took so far is durable.
    Synced,
    /// The store took a snapshot.
    Folded,
    /// A list request reached the service.
    Listed(Scope),
    /// A write reached the service.
    Asked(Write),
    /// The service carried a write out.
    CarriedOut(Write),
}

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct Tape {
    clock: SystemClock,
    inner: Arc<Mutex<Inner>>,
    torn: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Inner {
    entries: Vec<(Duration, Entry)>,
    cut_at: Option<usize>,
}

impl Inner {
    fn is_cut(&self) -> bool {
        self.cut_at.is_some_and(|at| self.entries.len() >= at)
    }
}

impl Tape {
    pub(crate) fn new(clock: SystemClock) -> Self {
        Self { clock, inner: Arc::default(), torn: Arc::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    /// Notes what happened. False: the process is dead, and it did not happen.
    pub(crate) fn push(&self, entry: Entry) -> bool {
        let mut inner = self.lock();
        if inner.is_cut() {
            return false;
        }
        let now = self.clock.now();
        inner.entries.push((now, entry));
        if inner.is_cut() {
            self.torn.notify_one();
        }
        true
    }

    /// Notes what the service did by itself: it outlives the process.
    pub(crate) fn push_outside(&self, entry: Entry) {
        let mut inner = self.lock();
        let now = self.clock.now();
        let was_cut = inner.is_cut();
        inner.entries.push((now, entry));
        if was_cut {
            inner.cut_at = inner.cut_at.map(|at| at + 1);
        } else if inner.is_cut() {
            self.torn.notify_one();
        }
    }

    /// Kills the process behind the n-th entry from now; 0 kills it at once.
    pub(crate) fn cut_behind(&self, n: usize) {
        let mut inner = self.lock();
        inner.cut_at = Some(inner.entries.len() + n);
        if n == 0 {
            self.torn.notify_one();
        }
    }

    /// A new process starts. Forgets a cut that was not reached.
    pub(crate) fn mend(&self) {
        self.lock().cut_at = None;
    }

    /// Whether the process is dead.
    pub(crate) fn is_cut(&self) -> bool {
        self.lock().is_cut()
    }

    /// Completes when the process is killed.
    pub(crate) async fn torn(&self) {
        while !self.is_cut() {
            self.torn.notified().await;
        }
    }

    /// Everything so far, a line for each entry.
    pub(crate) fn story(&self) -> String {
        let entries = self.lock().entries.clone();
        let line = |(at, entry): &(Duration, Entry)| format!("{:>9.3} {}", at.as_secs_f64(), line(entry));
        entries.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// How many entries there are so far: a mark for [`Tape::since`].
    pub(crate) fn len(&self) -> usize {
        self.lock().entries.len()
    }

    /// The entries behind a mark.
    pub(crate) fn since(&self, mark: usize) -> Vec<Entry> {
        self.lock().entries.iter().skip(mark).map(|(_, entry)| entry.clone()).collect()
    }

    /// How often each object was created.
    pub(crate) fn creations(&self) -> BTreeMap<NaturalKey, usize> {
        let mut creations = BTreeMap::new();
        for entry in self.since(0) {
            let created = match entry {
                Entry::CarriedOut(Write::Register { keys, .. }) => keys,
                Entry::CarriedOut(Write::Create(key)) => vec![key],
                _ => Vec::new(),
            };
            for key in created {
                *creations.entry(key).or_default() += 1;
            }
        }
        creations
    }

    /// Requests that left without a durable, open intent of their own (reliability.md 4, rule 7).
    pub(crate) fn without_intent(&self) -> Vec<Write> {
        let mut open: BTreeMap<WriteId, Write> = BTreeMap::new();
        // Appended, and not durable yet.
        let mut begun: BTreeMap<WriteId, Write> = BTreeMap::new();
        let mut found = Vec::new();
        for entry in self.since(0) {
            match entry {
                Entry::Appended(JournalRecord::RunStarted { .. }) => open.clear(),
                Entry::Appended(JournalRecord::Intent { write, intent }) => {
                    begun.insert(write, meant(intent));
                }
                Entry::Synced => open.append(&mut begun),
                Entry::Appended(
                    JournalRecord::Confirmed { write: Some(write), .. }
                    | JournalRecord::Sent { write, answer: Answer::Refused { .. } },
                ) => {
                    open.remove(&write);
                }
                Entry::Asked(asked) if !open.values().any(|write| *write == asked) => found.push(asked),
                _ => {}
            }
        }
        found
    }

    /// Whether something was confirmed of this object that is not durable yet.
    pub(crate) fn is_unsure_of(&self, address: &Address) -> bool {
        let entries = self.lock();
        let unsynced = entries.entries.iter().rev().map(|(_, entry)| entry);
        let mut unsynced = unsynced.take_while(|entry| !matches!(entry, Entry::Synced | Entry::Folded));
        unsynced.any(|entry| {
            let Entry::Appended(JournalRecord::Confirmed { changes, .. }) = entry else { return false };
            changes.iter().any(|change| matches!(change, StateChange::Put(put) if put.address == *address))
        })
    }
}

fn meant(intent: Intent) -> Write {
    match intent {
        Intent::Delete { key, .. } => Write::Delete(key),
        Intent::Register { scope, jar_url, when_present } => {
            Write::Register { scope, jar_url, keys: when_present.into_iter().map(|r| r.key).collect() }
        }
        Intent::Create { when_present } => Write::Create(when_present.key),
        Intent::Update { key, fields } => Write::Update { key, fields },
    }
}

fn line(entry: &Entry) -> String {
    let changed = |changes: &[StateChange]| {
        let one = |change: &StateChange| match change {
            StateChange::Put(r) => format!("put {} {:?} {:?}", r.key, r.value("jarUrl"), r.condition),
            other => format!("{other:?}"),
        };
        changes.iter().map(one).collect::<Vec<_>>().join(", ")
    };
    match entry {
        Entry::Appended(JournalRecord::RunStarted { base_serial, .. }) => format!("run on {base_serial}"),
        Entry::Appended(JournalRecord::Intent { write, intent }) => {
            format!("intent {} {:?}", write.0, meant(intent.clone()))
        }
        Entry::Appended(JournalRecord::Confirmed { write, changes }) => {
            format!("confirmed {write:?}: {}", changed(changes))
        }
        Entry::Appended(record) => format!("{record:?}"),
        other => format!("{other:?}"),
    }
}
