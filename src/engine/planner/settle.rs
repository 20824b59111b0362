//! Settling: what an earlier run left open is decided by looking at live. Names are identity here, so looking is
//! enough, and nothing is ever sent again blindly.

use std::collections::BTreeMap;

use crate::domain::journal::{Intent, Recovered};
use crate::domain::live::World;
use crate::domain::natural_key::NaturalKey;
use crate::domain::recorded::{Condition, Recorded};
use crate::domain::snapshot::{Snapshot, StateChange};

/// What looking decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The recorded side with everything that live decided.
    pub snapshot: Snapshot,
    /// The changes that lead there; an apply journals them before anything else.
    pub changes: Vec<StateChange>,
    /// What may have been registered and live does not show (yet).
    pub unseen: BTreeMap<NaturalKey, Recorded>,
}

/// Decides open writes and open conditions by what live shows.
pub fn settle(recovered: &Recovered, live: &World) -> Settled {
    let mut settled =
        Settled { snapshot: recovered.snapshot.clone(), changes: Vec::new(), unseen: BTreeMap::new() };
    for intent in &recovered.open {
        match intent {
            Intent::Delete { key, when_absent } => {
                let absent = live.get(&key.scope()).is_some_and(|census| census.absence(key).is_some());
                if absent {
                    settled.changes.extend(when_absent.iter().cloned());
                }
            }
            Intent::Register { when_present, .. } => {
                for recorded in when_present {
                    if shows(recorded, live) {
                        settled.unseen.remove(&recorded.key);
                        settled.changes.push(StateChange::Put(Box::new(recorded.clone())));
                    } else {
                        settled.unseen.insert(recorded.key.clone(), recorded.clone());
                    }
                }
            }
        }
    }
    for change in &settled.changes {
        settled.snapshot.apply(change.clone());
    }
    // A registration that was never seen may still be on its way.
    let unconfirmed = settled.snapshot.resources.values().filter(|recorded| {
        matches!(recorded.condition, Condition::Unconfirmed { .. }) && !shows(recorded, live)
    });
    for recorded in unconfirmed {
        let recorded = Recorded { condition: Condition::Ready, ..recorded.clone() };
        settled.unseen.entry(recorded.key.clone()).or_insert(recorded);
    }
    let better: Vec<StateChange> = settled
        .snapshot
        .resources
        .values()
        .filter(|recorded| is_over(recorded, live))
        .map(|recorded| {
            StateChange::Put(Box::new(Recorded { condition: Condition::Ready, ..recorded.clone() }))
        })
        .collect();
    for change in &better {
        settled.snapshot.apply(change.clone());
    }
    settled.changes.extend(better);
    settled
}

fn shows(recorded: &Recorded, live: &World) -> bool {
    live.get(&recorded.key.scope()).is_some_and(|census| recorded.is_shown_by(census))
}

/// Whether a condition other than ready no longer holds.
fn is_over(recorded: &Recorded, live: &World) -> bool {
    match &recorded.condition {
        Condition::Ready => false,
        Condition::Unconfirmed { .. } | Condition::Lost { .. } => shows(recorded, live),
        Condition::Contradicted { .. } => {
            let shown = live.get(&recorded.key.scope()).and_then(|census| census.get(&recorded.key));
            shown.is_some_and(|shown| {
                recorded
                    .known_fields()
                    .iter()
                    .all(|(field, value)| shown.fields.get(field).is_none_or(|found| found == value))
            })
        }
    }
}
