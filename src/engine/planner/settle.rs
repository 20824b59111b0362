//! Settling: what an earlier run left open is decided by looking at live. Names are identity here, so looking is
//! enough, and nothing is ever sent again blindly.

use std::collections::BTreeSet;

use crate::domain::journal::{Intent, Recovered, WriteId};
use crate::domain::kind::flink_connector::name;
use crate::domain::live::World;
use crate::domain::natural_key::NaturalKey;
use crate::domain::recorded::{Condition, Recorded};
use crate::domain::snapshot::{Snapshot, StateChange};

/// What looking decided on one open write, or, without a number, on open conditions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// The write that is closed.
    pub write: Option<WriteId>,
    /// What changes in the recorded side.
    pub changes: Vec<StateChange>,
}

/// What looking decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The recorded side with everything that live decided.
    pub snapshot: Snapshot,
    /// What leads there; an apply journals it before anything else.
    pub settlements: Vec<Settlement>,
    /// Registrations that may have been sent and that live does not show (yet).
    pub unseen: BTreeSet<NaturalKey>,
    /// The number of the next write.
    pub next_write: WriteId,
}

/// Decides open writes and open conditions by what live shows. Every open write is closed: one that live does not
/// decide stays recorded as unconfirmed.
pub fn settle(recovered: &Recovered, live: &World) -> Settled {
    let mut snapshot = recovered.snapshot.clone();
    let mut settlements = Vec::new();
    for (write, intent) in &recovered.open {
        let changes = decide(intent, live);
        for change in &changes {
            snapshot.apply(change.clone());
        }
        settlements.push(Settlement { write: Some(*write), changes });
    }
    let ready = |recorded: &Recorded| {
        StateChange::Put(Box::new(Recorded { condition: Condition::Ready, ..recorded.clone() }))
    };
    let better: Vec<StateChange> =
        snapshot.resources.values().filter(|recorded| is_over(recorded, live)).map(ready).collect();
    for change in &better {
        snapshot.apply(change.clone());
    }
    if !better.is_empty() {
        settlements.push(Settlement { write: None, changes: better });
    }
    let unseen = snapshot.resources.values().filter(|recorded| {
        matches!(recorded.condition, Condition::Unconfirmed { .. }) && !shows(recorded, live)
    });
    let unseen = unseen.map(|recorded| recorded.key.clone()).collect();
    Settled { snapshot, settlements, unseen, next_write: recovered.next_write }
}

/// What an open write did, as far as live shows it.
fn decide(intent: &Intent, live: &World) -> Vec<StateChange> {
    match intent {
        Intent::Delete { key, when_absent } => {
            let absent = live.get(&key.scope()).is_some_and(|census| census.absence(key).is_some());
            if absent { when_absent.clone() } else { Vec::new() }
        }
        Intent::Register { when_present, .. } => when_present
            .iter()
            .map(|recorded| {
                let condition = if shows(recorded, live) {
                    Condition::Ready
                } else {
                    Condition::Unconfirmed { message: "the run that sent it was cut off".to_owned() }
                };
                StateChange::Put(Box::new(Recorded { condition, ..recorded.clone() }))
            })
            .collect(),
    }
}

/// Whether live shows the object with the type that was registered. Another type under the same name is not ours.
fn shows(recorded: &Recorded, live: &World) -> bool {
    let shown = live.get(&recorded.key.scope()).and_then(|census| census.get(&recorded.key));
    shown.is_some_and(|shown| shown.fields.get(name::CONNECTOR_TYPE) == recorded.value(name::CONNECTOR_TYPE))
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
