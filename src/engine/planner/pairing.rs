//! Pairing: which recorded and which live object belong to which declared one. Natural key first, so that a renamed
//! manifest keeps its object; then address, so that a changed key is a replacement and not two strangers.

use std::collections::{BTreeMap, BTreeSet};

use super::{Goal, PlanInput};
use crate::domain::address::Address;
use crate::domain::desired::Desired;
use crate::domain::live::Live;
use crate::domain::natural_key::NaturalKey;
use crate::domain::recorded::Recorded;

/// The three sides of one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pair<'a> {
    /// Declared, never recorded.
    New { desired: &'a Desired, live: Option<&'a Live> },
    /// Declared and recorded, with the same natural key.
    Known { desired: &'a Desired, recorded: &'a Recorded, live: Option<&'a Live> },
    /// Declared, and recorded under the same address with another natural key.
    Moved {
        desired: &'a Desired,
        recorded: &'a Recorded,
        /// At the recorded key.
        old: Option<&'a Live>,
        /// At the declared key.
        new: Option<&'a Live>,
    },
    /// Recorded, not declared, or to be destroyed.
    Gone { recorded: &'a Recorded, live: Option<&'a Live>, destroyed: bool },
}

impl<'a> Pair<'a> {
    pub(super) fn address(&self) -> &'a Address {
        match self {
            Pair::New { desired, .. } | Pair::Known { desired, .. } | Pair::Moved { desired, .. } => {
                &desired.address
            }
            Pair::Gone { recorded, .. } => &recorded.address,
        }
    }

    pub(super) fn desired(&self) -> Option<&'a Desired> {
        match self {
            Pair::New { desired, .. } | Pair::Known { desired, .. } | Pair::Moved { desired, .. } => {
                Some(desired)
            }
            Pair::Gone { .. } => None,
        }
    }

    pub(super) fn recorded(&self) -> Option<&'a Recorded> {
        match self {
            Pair::New { .. } => None,
            Pair::Known { recorded, .. } | Pair::Moved { recorded, .. } | Pair::Gone { recorded, .. } => {
                Some(recorded)
            }
        }
    }

    /// What identifies the row: the declared key, or the recorded one of what is gone.
    pub(super) fn key(&self) -> NaturalKey {
        match self {
            Pair::New { desired, .. } | Pair::Known { desired, .. } | Pair::Moved { desired, .. } => {
                desired.spec.key()
            }
            Pair::Gone { recorded, .. } => recorded.key.clone(),
        }
    }

    /// The live object that we manage or would manage, at the key that is recorded now.
    pub(super) fn live(&self) -> Option<&'a Live> {
        match self {
            Pair::New { live, .. } | Pair::Known { live, .. } | Pair::Gone { live, .. } => *live,
            Pair::Moved { old, .. } => *old,
        }
    }
}

/// Pairs everything declared and everything recorded.
pub(super) fn pair<'a>(input: &PlanInput<'a>) -> Vec<Pair<'a>> {
    match &input.options.goal {
        Goal::Converge => converge(input),
        Goal::Destroy { only, protected: _ } => input
            .recorded
            .resources
            .values()
            .filter(|recorded| only.as_ref().is_none_or(|only| only.contains(&recorded.address)))
            .map(|recorded| gone(input, recorded, true))
            .collect(),
    }
}

fn gone<'a>(input: &PlanInput<'a>, recorded: &'a Recorded, destroyed: bool) -> Pair<'a> {
    Pair::Gone { recorded, live: input.live_of(&recorded.key), destroyed }
}

fn converge<'a>(input: &PlanInput<'a>) -> Vec<Pair<'a>> {
    let resources = &input.recorded.resources;
    let declared: BTreeSet<NaturalKey> = input.desired.values().map(|desired| desired.spec.key()).collect();
    // A record whose key is declared belongs to that declaration, whatever the addresses say.
    let mut free: BTreeMap<&Address, Vec<&'a Recorded>> = BTreeMap::new();
    for recorded in resources.values().filter(|recorded| !declared.contains(&recorded.key)) {
        free.entry(&recorded.address).or_default().push(recorded);
    }
    let mut pairs: Vec<Pair<'a>> = Vec::new();
    for (address, desired) in input.desired {
        let key = desired.spec.key();
        let live = input.live_of(&key);
        let moved = free.get_mut(address).and_then(Vec::pop);
        let pair = match (resources.get(&key), moved) {
            (Some(recorded), moved) => {
                pairs.extend(moved.map(|recorded| gone(input, recorded, false)));
                Pair::Known { desired, recorded, live }
            }
            (None, Some(recorded)) => {
                Pair::Moved { desired, recorded, old: input.live_of(&recorded.key), new: live }
            }
            (None, None) => Pair::New { desired, live },
        };
        pairs.push(pair);
    }
    pairs.extend(free.into_values().flatten().map(|recorded| gone(input, recorded, false)));
    pairs
}
