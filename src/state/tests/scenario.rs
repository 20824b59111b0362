//! Three runs that go through everything that writes: birth, steps, a refusal, folds with and without open writes, a
//! continued journal, a run without a change. Beside them a ledger of what was reported as done.

use std::collections::BTreeMap;

use super::world::{accepted, confirmed, delete, key, lock, observed, put, refused, register};
use crate::domain::journal::{Intent, JournalRecord, Recovered, WriteId};
use crate::domain::natural_key::NaturalKey;
use crate::domain::recorded::Recorded;
use crate::domain::snapshot::{Lineage, Snapshot, StateChange, Stray};
use crate::ports::state_store::{Durability, StateError, StateStore};
use crate::state::{LockedState, StateFolder};

/// What a reader can see of a state, without its identity and generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    resources: BTreeMap<NaturalKey, Recorded>,
    strays: BTreeMap<NaturalKey, Stray>,
    open: BTreeMap<WriteId, Intent>,
}

impl Seen {
    pub(crate) fn of(found: Option<Recovered>) -> Self {
        let Recovered { snapshot, open, .. } =
            found.unwrap_or_else(|| Recovered::new(Snapshot::new(Lineage(String::new()))));
        Self { resources: snapshot.resources, strays: snapshot.strays, open }
    }

    /// What is there once the record is.
    pub(crate) fn after(&self, record: &JournalRecord) -> Self {
        let mut snapshot = Snapshot::new(Lineage(String::new()));
        (snapshot.resources, snapshot.strays) = (self.resources.clone(), self.strays.clone());
        let mut recovered = Recovered::new(snapshot);
        recovered.open.clone_from(&self.open);
        recovered.follow(record).unwrap();
        Self::of(Some(recovered))
    }
}

/// Hears of every call before and after.
pub(crate) trait Witness {
    fn before(&mut self, record: Option<&JournalRecord>);
    fn after(&mut self, durability: Durability);
}

/// One call of a run.
enum Act {
    Append(JournalRecord, Durability),
    Fold,
}

fn step(intent: JournalRecord, changes: Vec<StateChange>) -> [Act; 4] {
    let JournalRecord::Intent { write, .. } = intent else { panic!("{intent:?} is no intent") };
    [
        Act::Append(intent, Durability::Synced),
        Act::Append(accepted(write.0), Durability::Buffered),
        Act::Append(observed(write.0), Durability::Buffered),
        Act::Append(confirmed(write.0, changes), Durability::Synced),
    ]
}

/// The runs; a write that an earlier run left open is settled as "it did not happen".
fn acts(run: usize, state: &LockedState) -> Vec<Act> {
    let next = state.recovered().next_write.0;
    let settled = state
        .recovered()
        .open
        .keys()
        .map(|write| Act::Append(confirmed(write.0, vec![]), Durability::Synced));
    let mut acts: Vec<Act> = settled.collect();
    match run {
        0 => {
            acts.extend(step(register(next, "a"), vec![put("a")]));
            acts.push(Act::Append(register(next + 1, "b"), Durability::Synced));
            acts.push(Act::Append(refused(next + 1), Durability::Buffered));
            acts.extend(step(register(next + 2, "c"), vec![put("c")]));
            acts.push(Act::Fold);
        }
        1 => {
            acts.extend(step(delete(next, "a"), vec![StateChange::Remove(key("a"))]));
            acts.push(Act::Append(register(next + 1, "d"), Durability::Synced));
            acts.push(Act::Fold);
            acts.push(Act::Append(register(next + 2, "e"), Durability::Synced));
        }
        2 => {
            acts.extend(step(register(next, "f"), vec![put("f")]));
            acts.push(Act::Fold);
        }
        _ => acts.push(Act::Fold),
    }
    acts
}

pub(crate) const RUNS: usize = 4;

/// One run until its end or its first error. After an error everything else is refused.
pub(crate) fn run(folder: &StateFolder, run: usize, witness: &mut impl Witness) -> Result<(), StateError> {
    witness.before(None);
    let mut state = lock(folder, &format!("run-{run}"))?;
    witness.after(Durability::Synced);
    for act in acts(run, &state) {
        let done = match &act {
            Act::Append(record, durability) => {
                witness.before(Some(record));
                state.append(record, *durability).map(|()| *durability)
            }
            Act::Fold => {
                witness.before(None);
                let snapshot = state.recovered().snapshot.clone();
                state.fold(&snapshot).map(|_| Durability::Synced)
            }
        };
        match done {
            Ok(durability) => witness.after(durability),
            Err(error) => {
                let next = register(state.recovered().next_write.0, "z");
                assert!(state.append(&next, Durability::Synced).is_err(), "a write after {error}");
                assert!(state.fold(&state.recovered().snapshot.clone()).is_err(), "a fold after {error}");
                return Err(error);
            }
        }
    }
    Ok(())
}
