//! The state as a value: what is recorded, and how it changes. Pure; files belong to `state`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::address::Address;
use super::journal::{PlanId, RunId};
use super::natural_key::NaturalKey;
use super::recorded::Recorded;

/// The identity of a state: random, made once, so that two states are never mixed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lineage(pub String);

impl fmt::Display for Lineage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The generation of a state: grows by one with every run that changes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Serial(pub u64);

impl Serial {
    /// The next generation.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A connector that a JAR registered although nobody declared it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Stray {
    /// Its identity.
    pub key: NaturalKey,
    /// The JAR that brought it.
    pub jar_url: String,
}

/// The run that made a generation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MadeBy {
    /// The run.
    pub run: RunId,
    /// Its command, for people.
    pub command: String,
    /// The saved plans that were carried out since the generation before: each is used up, whatever became of it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub plans: BTreeSet<PlanId>,
    /// Runs that were cut off since the generation before, and that this one finished or put an end to.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub ended: BTreeSet<RunId>,
}

/// What is recorded at one serial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The identity of the state.
    pub lineage: Lineage,
    /// The generation.
    pub serial: Serial,
    /// Who made it, where that is known; set by the store, as the serial is.
    pub made_by: Option<MadeBy>,
    /// Recorded objects, by identity. Two may share an address while one takes the other's place. Shared by copies of the
    /// snapshot until one of them changes.
    pub resources: Arc<BTreeMap<NaturalKey, Recorded>>,
    /// Strays, by key.
    pub strays: BTreeMap<NaturalKey, Stray>,
}

/// One change of the recorded side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum StateChange {
    /// Record this, in place of what stood under the key; a stray of the same key ends.
    Put(Box<Recorded>),
    /// Forget the object.
    Remove(NaturalKey),
    /// A JAR registered something that nobody declared.
    AddStray(Stray),
    /// The stray is gone.
    RemoveStray(NaturalKey),
}

impl Snapshot {
    /// A state with nothing in it.
    pub fn new(lineage: Lineage) -> Self {
        Self { lineage, serial: Serial(0), made_by: None, resources: Arc::default(), strays: BTreeMap::new() }
    }

    /// Applies one change.
    pub fn apply(&mut self, change: StateChange) {
        match change {
            StateChange::Put(recorded) => {
                self.strays.remove(&recorded.key);
                Arc::make_mut(&mut self.resources).insert(recorded.key.clone(), *recorded);
            }
            StateChange::Remove(key) => {
                Arc::make_mut(&mut self.resources).remove(&key);
            }
            StateChange::AddStray(stray) => {
                self.strays.insert(stray.key.clone(), stray);
            }
            StateChange::RemoveStray(key) => {
                self.strays.remove(&key);
            }
        }
    }

    /// The objects recorded under an address.
    pub fn at<'a>(&'a self, address: &'a Address) -> impl Iterator<Item = &'a Recorded> {
        self.resources.values().filter(move |recorded| recorded.address == *address)
    }
}
