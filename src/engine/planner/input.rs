//! Everything that the planner may look at, and why there may be no plan.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::domain::address::Address;
use crate::domain::desired::DesiredSet;
use crate::domain::live::{Live, World};
use crate::domain::natural_key::{NaturalKey, Scope};
use crate::domain::recorded::Recorded;
use crate::domain::selection::Selection;
use crate::domain::snapshot::Snapshot;

/// What the plan is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Goal {
    /// Live becomes what the manifests declare; what left them is deleted.
    Converge,
    /// Recorded objects are deleted.
    Destroy {
        /// The ones with these addresses; without it, all of them.
        only: Option<BTreeSet<Address>>,
        /// Objects that their manifests protect, whatever is recorded: while there is a manifest, it has a say (ADR 0010).
        protected: BTreeSet<Address>,
    },
}

/// How many of a kind of change one run may make; `None` means any number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Limits {
    /// Deletes.
    pub delete: Option<usize>,
    /// Replacements and re-registrations: each contains a delete.
    pub replace: Option<usize>,
}

/// What the user asked for, beside the manifests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Options {
    /// What the plan is for.
    pub goal: Goal,
    /// Which objects it is about.
    pub selection: Selection,
    /// Objects that are left alone this time, with what needs them, as if they were excluded. Never saved: a saved plan
    /// holds nothing back.
    #[serde(skip)]
    pub hold: BTreeSet<Address>,
    /// Whether the selection must match something: a typing error is not an empty plan.
    pub must_match: bool,
    /// Objects to register again although nothing differs.
    pub replace: BTreeSet<Address>,
    /// Consent to delete strays.
    pub delete_strays: bool,
    /// Budgets.
    pub limits: Limits,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            goal: Goal::Converge,
            selection: Selection::default(),
            hold: BTreeSet::new(),
            must_match: true,
            replace: BTreeSet::new(),
            delete_strays: false,
            limits: Limits::default(),
        }
    }
}

impl Options {
    /// Whether no object is left out.
    pub(super) fn is_about_everything(&self) -> bool {
        self.selection.is_everything() && self.hold.is_empty()
    }

    /// The same wish after it was carried out: what was to be replaced is, and what was selected may be gone.
    #[must_use]
    pub fn afterwards(&self) -> Self {
        Self { replace: BTreeSet::new(), must_match: false, ..self.clone() }
    }
}

/// Everything that the planner may look at.
#[derive(Debug, Clone, Copy)]
pub struct PlanInput<'a> {
    /// What the manifests declare.
    pub desired: &'a DesiredSet,
    /// What is recorded, settled against live.
    pub recorded: &'a Snapshot,
    /// What an earlier run may have registered and live does not show.
    pub unseen: &'a BTreeMap<NaturalKey, Recorded>,
    /// What the APIs show: one census for every scope of a desired or recorded key.
    pub live: &'a World,
    /// The scopes whose service takes definitions beside the JAR.
    pub sends_definition: &'a BTreeSet<Scope>,
    /// What the user asked for.
    pub options: &'a Options,
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A scope was not observed: nothing can be said about what is in it.
    #[error("{0} was not observed")]
    NotObserved(Scope),
    /// Nothing that is declared or recorded is what a flag asks for.
    #[error("{flag} {asked} matches nothing that is declared or recorded")]
    Unmatched {
        /// The flag.
        flag: &'static str,
        /// Its value.
        asked: String,
        /// What there is.
        known: BTreeSet<String>,
    },
    /// What is to be replaced is not selected.
    #[error("--replace {0} asks for an object that is not selected; select it too")]
    ReplaceNotSelected(Address),
    /// The order that is asked for contradicts itself.
    #[error("the order contradicts itself: {}", path_text(.0))]
    Cycle(Vec<Address>),
}

fn path_text(path: &[Address]) -> String {
    path.iter().map(ToString::to_string).collect::<Vec<_>>().join(" -> ")
}

/// The scopes that a plan must see: those of every desired and every recorded object. One list call each.
pub fn scopes(desired: &DesiredSet, recorded: &Snapshot) -> BTreeSet<Scope> {
    let mut scopes = BTreeSet::new();
    let declared = desired.values().map(|desired| desired.spec.key().scope());
    // There are few scopes and many objects: to collect them would sort all of their repetitions.
    for scope in declared.chain(recorded.resources.keys().map(NaturalKey::scope)) {
        if !scopes.contains(&scope) {
            scopes.insert(scope);
        }
    }
    scopes
}

impl<'a> PlanInput<'a> {
    /// The live object with this key.
    pub(super) fn live_of(&self, key: &NaturalKey) -> Option<&'a Live> {
        self.live.get(&key.scope()).and_then(|census| census.get(key))
    }
}
