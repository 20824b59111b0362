//! JARs: one JAR may hold several connectors, and is registered as a whole. A registration of one of them therefore
//! takes the others along.

use std::collections::{BTreeMap, BTreeSet};

use super::classify::{adopt, reregister};
use super::pairing::Pair;
use crate::domain::address::Address;
use crate::domain::desired::Spec;
use crate::domain::natural_key::Scope;
use crate::domain::plan::{BlockReason, Change, ReregisterReason, Row, Strategy};

/// What is registered by one request.
pub(super) type Jar = (Scope, String);

/// The JAR that a row's manifest names.
pub(super) fn jar_of(pair: &Pair<'_>) -> Option<Jar> {
    match &pair.desired()?.spec {
        Spec::FlinkConnector(spec) => Some((spec.key().scope(), spec.jar_url.clone())),
        Spec::Store(_) => None,
    }
}

/// Widens every registration to all managed objects of its JAR: a connector that nothing else would touch is registered
/// again because its JAR is.
pub(super) fn widen(rows: &mut [(Pair<'_>, Row)]) {
    let mut first: BTreeMap<Jar, Address> = BTreeMap::new();
    for (pair, row) in rows.iter().filter(|(_, row)| row.change.registers()) {
        if let Some(jar) = jar_of(pair) {
            first.entry(jar).or_insert_with(|| row.address.clone());
        }
    }
    if first.is_empty() {
        return;
    }
    for (pair, row) in rows.iter_mut() {
        let Some(cause) = jar_of(pair).and_then(|jar| first.get(&jar)) else { continue };
        let Some(desired) = pair.desired() else { continue };
        let because = ReregisterReason::SharesJar(cause.clone());
        row.change = match &row.change {
            Change::Keep | Change::Update(Strategy::RecordOnly) => reregister(desired, because),
            Change::Adopt(None) => adopt(desired, because),
            other => other.clone(),
        };
    }
}

/// Blocks every registration that shares its JAR with a blocked row: the JAR cannot be registered in part. Returns
/// whether anything changed.
pub(super) fn block_siblings(rows: &mut [(Pair<'_>, Row)]) -> bool {
    if !rows.iter().any(|(_, row)| matches!(row.change, Change::Blocked(_))) {
        return false;
    }
    let mut blocked: BTreeMap<Jar, Address> = BTreeMap::new();
    let mut registered: BTreeSet<Jar> = BTreeSet::new();
    for (pair, row) in rows.iter() {
        let Some(jar) = jar_of(pair) else { continue };
        if row.change.registers() {
            registered.insert(jar);
        } else if matches!(row.change, Change::Blocked(_)) {
            blocked.entry(jar).or_insert_with(|| row.address.clone());
        }
    }
    let mut changed = false;
    for (pair, row) in rows.iter_mut() {
        let Some(jar) = jar_of(pair) else { continue };
        let Some(by) = blocked.get(&jar).filter(|_| registered.contains(&jar)) else { continue };
        let taken_along =
            matches!(row.change, Change::Update(Strategy::Reregister(ReregisterReason::SharesJar(_))));
        if taken_along {
            row.change = if row.fields.iter().any(|verdict| !verdict.costs) {
                Change::Update(Strategy::RecordOnly)
            } else {
                Change::Keep
            };
            changed = true;
        } else if row.change.registers() {
            row.change = Change::Blocked(BlockReason::SharesJar(by.clone()));
            changed = true;
        }
    }
    changed
}
