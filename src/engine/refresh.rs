//! Accepting what live says into the recorded side: what drifted is no longer drift, what is absent is forgotten. Pure.
//!
//! Promises to touch nothing about which a listing says nothing: what is out of sight, what may still arrive, what
//! contradicted its registration, and every field that no read shows.

use std::collections::BTreeMap;

use crate::domain::address::Address;
use crate::domain::live::World;
use crate::domain::natural_key::NaturalKey;
use crate::domain::plan::{BlockReason, Change, DriftWord, FieldVerdict, Plan, Row};
use crate::domain::recorded::{Knowledge, Recorded};
use crate::domain::snapshot::{Snapshot, StateChange};

/// What is to be accepted about one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// The object.
    pub address: Address,
    /// Its identity.
    pub key: NaturalKey,
    /// What live says.
    pub what: Accepted,
}

/// What live says about an object that is recorded otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Accepted {
    /// It is not there: it is forgotten.
    Absent,
    /// These fields have other values.
    Fields {
        /// How they stand, in the words of `drift`.
        moved: Vec<FieldVerdict>,
        /// The record with live's values.
        record: Box<Recorded>,
    },
}

impl Acceptance {
    /// The change of the state.
    pub fn change(self) -> StateChange {
        match self.what {
            Accepted::Absent => StateChange::Remove(self.key),
            Accepted::Fields { moved: _, record } => StateChange::Put(record),
        }
    }
}

/// Everything about which live says something else than the state, by address.
pub fn acceptances(plan: &Plan, recorded: &Snapshot, live: &World) -> Vec<Acceptance> {
    let rows: BTreeMap<&NaturalKey, &Row> = plan.rows.iter().map(|row| (&row.key, row)).collect();
    let mut found: Vec<Acceptance> = recorded
        .resources
        .values()
        .filter_map(|recorded| {
            let what = accepted(recorded, rows.get(&recorded.key).copied(), live)?;
            Some(Acceptance { address: recorded.address.clone(), key: recorded.key.clone(), what })
        })
        .collect();
    found.sort_by(|a, b| (&a.address, &a.key).cmp(&(&b.address, &b.key)));
    found
}

fn accepted(recorded: &Recorded, row: Option<&Row>, live: &World) -> Option<Accepted> {
    // Without a row nobody asked about it.
    let row = row?;
    let census = live.get(&recorded.key.scope())?;
    if recorded.condition.may_arrive() || recorded.is_out_of_sight(census) {
        return None;
    }
    if census.absence(&recorded.key).is_some() {
        return Some(Accepted::Absent);
    }
    if matches!(row.change, Change::Blocked(BlockReason::Contradicted { .. })) {
        return None;
    }
    let is_moved = |verdict: &&FieldVerdict| {
        matches!(verdict.word, DriftWord::Drifted | DriftWord::Conflict | DriftWord::Agreed)
            && verdict.live.is_some()
    };
    let moved: Vec<FieldVerdict> = row.fields.iter().filter(is_moved).cloned().collect();
    if moved.is_empty() {
        return None;
    }
    let mut record = recorded.clone();
    for verdict in &moved {
        let value = verdict.live.clone().map(Knowledge::Applied);
        record.fields.extend(value.map(|value| (verdict.field.clone(), value)));
    }
    Some(Accepted::Fields { moved, record: Box::new(record) })
}
