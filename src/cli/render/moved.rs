//! What moved since a plan was saved, one line each.

use std::collections::BTreeSet;

use crate::domain::desired::{DesiredSet, Spec};
use crate::domain::evidence::Evidence;
use crate::domain::field::FieldValue;
use crate::domain::journal::Recovered;
use crate::domain::live::{Live, Readiness};
use crate::domain::natural_key::NaturalKey;
use crate::domain::plan::Plan;
use crate::engine::resume::Moved;
use crate::saved::SavedPlan;

/// How the state stands to the one for which the plan was made.
pub(crate) fn state(saved: &SavedPlan, now: &Recovered) -> Vec<String> {
    let (then, here) = (&saved.evidence.recovered, &now.snapshot);
    if here.lineage != then.snapshot.lineage {
        let (theirs, ours) = (&then.snapshot.lineage, &here.lineage);
        return vec![format!("it was made for another state: lineage {theirs}, and this is {ours}")];
    }
    let made_by = here.made_by.as_ref();
    let mut moved = Vec::new();
    if made_by.is_some_and(|made_by| made_by.plans.contains(&saved.id)) || now.plans.contains(&saved.id) {
        moved.push("it was applied already, and a plan is applied once".to_owned());
    }
    if here.serial != then.snapshot.serial {
        let who = made_by.map_or_else(String::new, |by| format!(", by run {} ({})", by.run, by.command));
        moved.push(format!("state serial {} -> {}{who}", then.snapshot.serial, here.serial));
    } else if now != then && moved.is_empty() {
        moved.push("the state's journal moved: a run was cut off, or is under way".to_owned());
    }
    moved
}

/// The secrets and files that are others than when the plan was made.
pub(crate) fn secrets(then: &DesiredSet, now: &DesiredSet) -> Vec<String> {
    let mut moved = Vec::new();
    for (address, desired) in now {
        let Spec::Store(store) = &desired.spec else { continue };
        let before = then.get(address).map(|desired| desired.spec.fields()).unwrap_or_default();
        for (parameter, sealed) in store.sealed() {
            let name = parameter.rule.name;
            if sealed.fingerprint().cloned().map(FieldValue::Sealed).as_ref() != before.get(name) {
                let what = if parameter.rule.secret { "secret" } else { "file" };
                moved.push(format!("{what} {address} {name} has another fingerprint"));
            }
        }
    }
    moved
}

/// A plan and what it was decided on.
pub(crate) type Decided<'a> = (&'a Plan, &'a Evidence);

/// What moved of the live objects that stand in either plan.
pub(crate) fn rows(then: Decided<'_>, now: Decided<'_>) -> Vec<String> {
    let rows = || then.0.rows.iter().chain(&now.0.rows);
    let strays = then.0.strays.iter().chain(&now.0.strays).map(|stray| &stray.key);
    let keys: BTreeSet<&NaturalKey> = rows().map(|row| &row.key).chain(strays).collect();
    let name = |key: &NaturalKey| {
        let row = rows().find(|row| row.key == *key);
        row.map_or_else(|| key.to_string(), |row| row.address.to_string())
    };
    keys.into_iter().flat_map(|key| object(&name(key), sides(then, now, key))).collect()
}

/// Why the plan is another one although nothing moved that stands in it. Never empty: that it is another one is a reason by
/// itself.
pub(crate) fn elsewhere(then: Decided<'_>, now: Decided<'_>) -> Vec<String> {
    // What is in no row can be in the way of one.
    let all = then.1.live.values().chain(now.1.live.values());
    let keys: BTreeSet<&NaturalKey> = all.flat_map(|census| census.objects().map(|live| &live.key)).collect();
    let mut moved: Vec<String> =
        keys.into_iter().flat_map(|key| object(&key.to_string(), sides(then, now, key))).collect();
    for (scope, census) in &now.1.live {
        let before = then.1.live.get(scope).and_then(|census| census.observer());
        if let (Some(before), Some(here)) = (before, census.observer())
            && before != here
        {
            moved.push(format!(
                "{scope}: seen as role {} in {}, and now as role {} in {}",
                before.role, before.organization, here.role, here.organization
            ));
        }
    }
    for scope in then.1.sends_definition.symmetric_difference(&now.1.sends_definition) {
        moved.push(format!("{scope}: sendDefinition is set to another value"));
    }
    if moved.is_empty() {
        moved.push("the same declarations lead to another plan now".to_owned());
    }
    moved
}

/// How an object stands to the one that was there when its plan was approved. Never empty.
pub(crate) fn since(moved: &Moved) -> Vec<String> {
    let Moved { address, key, then, now } = moved;
    let name = address.as_ref().map_or_else(|| key.to_string(), ToString::to_string);
    object(&name, (then.as_ref(), now.as_ref()))
}

type Sides<'a> = (Option<&'a Live>, Option<&'a Live>);

fn sides<'a>(then: Decided<'a>, now: Decided<'a>, key: &NaturalKey) -> Sides<'a> {
    let get = |evidence: &'a Evidence| evidence.live.get(&key.scope())?.get(key);
    (get(then.1), get(now.1))
}

fn object(name: &str, sides: Sides<'_>) -> Vec<String> {
    let (then, now) = match sides {
        (None, None) => return Vec::new(),
        (Some(_), None) => return vec![format!("live object {name}: gone")],
        (None, Some(_)) => return vec![format!("live object {name}: appeared")],
        (Some(then), Some(now)) => (then, now),
    };
    let mut moved = Vec::new();
    let fields: BTreeSet<&String> = then.fields.keys().chain(now.fields.keys()).collect();
    for field in fields {
        let (then, now) = (then.fields.get(field), now.fields.get(field));
        if then != now {
            let text =
                |value: Option<&FieldValue>| value.map_or_else(|| "nothing".to_owned(), ToString::to_string);
            moved.push(format!("live object {name}: field {field} {} -> {}", text(then), text(now)));
        }
    }
    if then.readiness != now.readiness {
        let (then, now) = (readiness(&then.readiness), readiness(&now.readiness));
        moved.push(format!("live object {name}: {then} -> {now}"));
    }
    let attributes: BTreeSet<&String> = then.attributes.keys().chain(now.attributes.keys()).collect();
    for attribute in attributes {
        let (then, now) = (then.attributes.get(attribute), now.attributes.get(attribute));
        if then != now {
            let text = |value: Option<&String>| value.map_or("nothing", String::as_str).to_owned();
            moved.push(format!("live object {name}: {attribute} {} -> {}", text(then), text(now)));
        }
    }
    moved
}

fn readiness(readiness: &Readiness) -> &str {
    match readiness {
        Readiness::Ready => "ready",
        Readiness::Pending { state, message: _ } => state,
        Readiness::Errored { message: _ } => "errored",
    }
}
