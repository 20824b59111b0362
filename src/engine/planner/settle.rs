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
    for (key, sent) in sent(recovered) {
        let shown: Vec<&Recorded> = sent.iter().copied().filter(|recorded| shows(recorded, live)).collect();
        if let Some(arrived) = agreed(&shown) {
            settled.changes.push(StateChange::Put(Box::new(arrived)));
        } else if let Some(unseen) = agreed(&sent) {
            // Whatever becomes of this run, what may still arrive has a name.
            if !recovered.snapshot.resources.contains_key(&key) {
                let message = "an earlier run was cut off after it may have been sent".to_owned();
                let condition = Condition::Unconfirmed { message };
                let unconfirmed = Recorded { condition, ..unseen.clone() };
                settled.changes.push(StateChange::Put(Box::new(unconfirmed)));
            }
            settled.unseen.insert(key, unseen);
        }
    }
    for recorded in recovered.snapshot.resources.values().filter(|recorded| is_pending(recorded, live)) {
        settled.unseen.entry(recorded.key.clone()).or_insert_with(|| recorded.clone().found_again());
    }
    for intent in &recovered.open {
        let Intent::Delete { key, when_absent } = intent else { continue };
        let absent = live.get(&key.scope()).is_some_and(|census| census.absence(key).is_some());
        // What may still arrive is not gone: it is deleted again.
        if absent && !settled.unseen.contains_key(key) {
            settled.changes.extend(when_absent.iter().cloned());
        }
    }
    for change in &settled.changes {
        settled.snapshot.apply(change.clone());
    }
    let better: Vec<StateChange> = settled
        .snapshot
        .resources
        .values()
        .filter(|recorded| is_over(recorded, live))
        .map(|recorded| StateChange::Put(Box::new(recorded.clone().found_again())))
        .collect();
    for change in &better {
        settled.snapshot.apply(change.clone());
    }
    settled.changes.extend(better);
    settled
}

/// Everything that may have been registered, by key, in the order in which it was intended.
fn sent(recovered: &Recovered) -> BTreeMap<NaturalKey, Vec<&Recorded>> {
    let mut sent: BTreeMap<NaturalKey, Vec<&Recorded>> = BTreeMap::new();
    for intent in &recovered.open {
        let Intent::Register { when_present, .. } = intent else { continue };
        for recorded in when_present {
            let earlier = recovered
                .snapshot
                .resources
                .get(&recorded.key)
                .filter(|earlier| matches!(earlier.condition, Condition::Unconfirmed { .. }));
            sent.entry(recorded.key.clone()).or_insert_with(|| earlier.into_iter().collect()).push(recorded);
        }
    }
    sent
}

/// What is known of an object that is one of these.
fn agreed(candidates: &[&Recorded]) -> Option<Recorded> {
    let (latest, earlier) = candidates.split_last()?;
    let latest = Recorded { condition: Condition::Ready, ..(*latest).clone() };
    Some(earlier.iter().fold(latest, |known, other| known.or(other)))
}

fn shows(recorded: &Recorded, live: &World) -> bool {
    live.get(&recorded.key.scope()).is_some_and(|census| recorded.is_shown_by(census))
}

/// Whether a registration was sent that was never seen: it may still be on its way.
fn is_pending(recorded: &Recorded, live: &World) -> bool {
    recorded.condition.may_arrive() && !is_over(recorded, live)
}

/// Whether a condition other than ready no longer holds.
fn is_over(recorded: &Recorded, live: &World) -> bool {
    match &recorded.condition {
        Condition::Ready => false,
        Condition::Unconfirmed { .. } => shows(recorded, live),
        // It was deleted to be registered again, perhaps with another type.
        Condition::Lost { .. } => {
            live.get(&recorded.key.scope()).is_some_and(|census| census.get(&recorded.key).is_some())
        }
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
