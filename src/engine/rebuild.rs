//! Rebuilding a lost state from what is declared and what lives, by natural key (design.md section 5). Pure.
//!
//! Promises that the plan behind it tells the truth: a field that live shows is recorded as live shows it, so that another
//! manifest is a change; a field that no read shows is assumed from the manifest; and an object that a replacement would
//! have to delete is left out, so that the plan blocks it as not ours (docs/adr/0021).

use crate::domain::address::Address;
use crate::domain::desired::{Desired, DesiredSet};
use crate::domain::field::{FieldValue, OnChange, Readable};
use crate::domain::live::{Live, World};
use crate::domain::natural_key::NaturalKey;
use crate::domain::recorded::{Knowledge, Recorded};
use crate::domain::rules::rules;

use super::planner::settle::seen;

/// A declared object that lives with another value of a field that forces a replacement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Different {
    /// The object.
    pub address: Address,
    /// Its identity.
    pub key: NaturalKey,
    /// The field.
    pub field: &'static str,
    /// What the manifest declares.
    pub desired: FieldValue,
    /// What live shows.
    pub live: FieldValue,
}

/// What can be known without a state.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rebuilt {
    /// What is declared and lives.
    pub records: Vec<Recorded>,
    /// What is declared and is in no listing.
    pub absent: Vec<Address>,
    /// What lives under a declared identity and is something else.
    pub different: Vec<Different>,
}

/// Makes records of everything that is declared and lives.
pub fn rebuild(desired: &DesiredSet, live: &World) -> Rebuilt {
    let mut rebuilt = Rebuilt::default();
    for desired in desired.values() {
        let key = desired.spec.key();
        let Some(shown) = live.get(&key.scope()).and_then(|census| census.get(&key)) else {
            rebuilt.absent.push(desired.address.clone());
            continue;
        };
        match different(desired, shown) {
            Some(different) => rebuilt.different.push(different),
            None => rebuilt.records.push(seen(record(desired, shown), live)),
        }
    }
    rebuilt
}

fn different(desired: &Desired, shown: &Live) -> Option<Different> {
    let declared = desired.spec.fields();
    let forcing = rules(desired.spec.kind()).iter().filter(|rule| rule.on_change == OnChange::ForceNew);
    forcing.filter(|rule| rule.readable == Readable::Yes).find_map(|rule| {
        let (wanted, live) = (declared.get(rule.name)?, shown.fields.get(rule.name)?);
        (wanted != live).then(|| Different {
            address: desired.address.clone(),
            key: shown.key.clone(),
            field: rule.name,
            desired: wanted.clone(),
            live: live.clone(),
        })
    })
}

fn record(desired: &Desired, shown: &Live) -> Recorded {
    let known = |name: String, declared: FieldValue| match shown.fields.get(&name) {
        Some(live) => (name, Knowledge::Applied(live.clone())),
        None => (name, Knowledge::Assumed(declared)),
    };
    let fields = desired.spec.fields().into_iter().map(|(name, declared)| known(name, declared)).collect();
    Recorded { fields, ..Recorded::applied(desired) }
}
