//! Four runs that go through everything that writes: birth, steps alone and side by side, a refusal, folds with and without
//! open writes, a continued journal, a run without a change. Beside them a ledger of what was reported as done.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::world::{accepted, confirmed, delete, key, lock, observed, put, refused, register};
use crate::domain::journal::{Intent, JournalRecord, Recovered, WriteId};
use crate::domain::natural_key::NaturalKey;
use crate::domain::recorded::Recorded;
use crate::domain::snapshot::{Lineage, Snapshot, StateChange, Stray};
use crate::platform::fs;
use crate::ports::state_store::{StateError, StateStore};
use crate::state::{LockedState, Rescued, StateFolder};

/// What a reader can see of a state, without its identity and generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    resources: Arc<BTreeMap<NaturalKey, Recorded>>,
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
    /// Whether everything so far is durable.
    fn after(&mut self, is_durable: bool);
}

/// What is there for sure, and what is there once the call that is under way is done.
pub(crate) struct Ledger {
    pub(crate) sure: Seen,
    pub(crate) attempted: Seen,
}

impl From<Seen> for Ledger {
    fn from(sure: Seen) -> Self {
        Self { attempted: sure.clone(), sure }
    }
}

impl Witness for Ledger {
    fn before(&mut self, record: Option<&JournalRecord>) {
        if let Some(record) = record {
            self.attempted = self.sure.after(record);
        }
    }

    fn after(&mut self, _is_durable: bool) {
        self.sure = self.attempted.clone();
    }
}

/// One call of a run.
enum Act {
    Append(JournalRecord),
    Sync,
    Fold,
}

/// Writes that go through their four phases side by side.
fn wave<const N: usize>(steps: [(JournalRecord, Vec<StateChange>); N]) -> Vec<Act> {
    let writes = steps.each_ref().map(|(intent, _)| match intent {
        JournalRecord::Intent { write, .. } => write.0,
        other => panic!("{other:?} is no intent"),
    });
    let (intents, changes): (Vec<_>, Vec<_>) = steps.into_iter().unzip();
    let mut acts: Vec<Act> = intents.into_iter().map(Act::Append).collect();
    acts.push(Act::Sync);
    acts.extend(writes.map(|write| Act::Append(accepted(write))));
    for (write, changes) in writes.into_iter().zip(changes) {
        acts.push(Act::Append(observed(write)));
        acts.push(Act::Append(confirmed(write, changes)));
    }
    acts.push(Act::Sync);
    acts
}

/// The runs; a write that an earlier run left open is settled as "it did not happen".
fn acts(run: usize, state: &LockedState) -> Vec<Act> {
    let next = state.recovered().next_write.0;
    let settled = state.recovered().open.keys().map(|write| Act::Append(confirmed(write.0, vec![])));
    let mut acts: Vec<Act> = settled.collect();
    match run {
        0 => {
            acts.extend(wave([(register(next, "a"), vec![put("a")])]));
            acts.push(Act::Append(register(next + 1, "b")));
            acts.push(Act::Sync);
            acts.push(Act::Append(refused(next + 1)));
            let three = [("c", 2), ("g", 3), ("h", 4)];
            acts.extend(wave(three.map(|(name, nth)| (register(next + nth, name), vec![put(name)]))));
            acts.push(Act::Fold);
        }
        1 => {
            acts.extend(wave([
                (delete(next, "a"), vec![StateChange::Remove(key("a"))]),
                (register(next + 1, "i"), vec![put("i")]),
            ]));
            acts.push(Act::Append(register(next + 2, "d")));
            acts.push(Act::Sync);
            acts.push(Act::Fold);
            acts.push(Act::Append(register(next + 3, "e")));
            acts.push(Act::Append(register(next + 4, "j")));
            acts.push(Act::Sync);
        }
        2 => {
            acts.extend(wave([
                (register(next, "f"), vec![put("f")]),
                (register(next + 1, "k"), vec![put("k")]),
            ]));
            acts.push(Act::Fold);
        }
        _ => acts.push(Act::Fold),
    }
    acts
}

/// What the journal did not take is in a file or in a text (rule 12).
fn assert_rescued(state: &LockedState, act: &Act, folder: &StateFolder) {
    let rescued = state.rescue(fs::parent(folder.path())).unwrap();
    let text = match &rescued {
        None => {
            assert!(matches!(act, Act::Fold), "records are lost, and none is rescued");
            return;
        }
        Some(Rescued::File(path)) => String::from_utf8(fs::read(path, 1 << 20).unwrap()).unwrap(),
        Some(Rescued::Text { text, refusals }) => {
            assert_eq!(refusals.len(), 2, "a folder was not tried");
            text.clone()
        }
    };
    if let Act::Append(record) = act {
        assert!(text.contains(&serde_json::to_string(record).unwrap()), "{record:?} is not in {text}");
    }
}

pub(crate) const RUNS: usize = 4;

/// One run until its end or its first error. After an error everything else is refused.
pub(crate) fn run(folder: &StateFolder, run: usize, witness: &mut impl Witness) -> Result<(), StateError> {
    witness.before(None);
    let mut state = lock(folder, &format!("run-{run}"))?;
    witness.after(true);
    for act in acts(run, &state) {
        witness.before(if let Act::Append(record) = &act { Some(record) } else { None });
        let (done, is_durable) = match &act {
            Act::Append(record) => (state.append(record), false),
            Act::Sync => (state.sync(), true),
            Act::Fold => (state.fold(&state.recovered().snapshot.clone()).map(drop), true),
        };
        if let Err(error) = done {
            assert_rescued(&state, &act, folder);
            let next = register(state.recovered().next_write.0, "z");
            assert!(state.append(&next).is_err(), "a write after {error}");
            assert!(state.sync().is_err(), "a sync after {error}");
            assert!(state.fold(&state.recovered().snapshot.clone()).is_err(), "a fold after {error}");
            return Err(error);
        }
        witness.after(is_durable);
    }
    Ok(())
}
