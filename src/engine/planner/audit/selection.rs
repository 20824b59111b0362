//! What the referee knows of selections: every row has a reason to be in the plan, what is missing may be missing, and
//! what has no row is afterwards as it was (ADR 0019).

use std::collections::{BTreeMap, BTreeSet};

use super::Model;
use crate::domain::address::Address;
use crate::domain::desired::Desired;
use crate::domain::field::FieldValue;
use crate::domain::live::Census;
use crate::domain::natural_key::{NaturalKey, Scope};
use crate::domain::plan::{Action, Change, Plan, Row};
use crate::domain::recorded::Recorded;
use crate::domain::selection::Addresses;
use crate::engine::planner::{Goal, PlanInput};

impl Model {
    /// What was asked for has a row, and what was excluded has none; every other row is needed by one that has.
    pub(super) fn selected(&mut self, plan: &Plan, input: &PlanInput<'_>) {
        let selection = &input.options.selection;
        let mut missing = 0;
        let converge = input.options.goal == Goal::Converge;
        for desired in input.desired.values().filter(|_| converge) {
            let has_row = plan.rows.iter().any(|row| row.key == desired.spec.key());
            missing += usize::from(!has_row);
            let names = names(&desired.address, &desired.spec.key(), input);
            let excused = matches!(selection.addresses, Addresses::AllBut(_)) && lacks(desired, plan, input);
            if !has_row && asked(input, &names, &desired.labels) && !excused {
                self.complain(format!("{} is selected and has no row", desired.address));
            }
            for on in desired.depends_on.iter().filter(|_| has_row) {
                if input.desired.contains_key(on) && !plan.rows.iter().any(|row| row.address == *on) {
                    self.complain(format!(
                        "{} is selected, and {on}, which it depends on, is not",
                        desired.address
                    ));
                }
            }
        }
        for recorded in input.recorded.resources.values() {
            let covered =
                plan.rows.iter().any(|row| row.key == recorded.key || row.address == recorded.address);
            let only = !matches!(selection.addresses, Addresses::AllBut(_));
            let declared = converge
                && (input.desired.contains_key(&recorded.address)
                    || input.desired.values().any(|desired| desired.spec.key() == recorded.key));
            let goal = match &input.options.goal {
                Goal::Converge => true,
                Goal::Destroy { only, .. } => {
                    only.as_ref().is_none_or(|only| only.contains(&recorded.address))
                }
            };
            let asked = asked(input, std::slice::from_ref(&recorded.address), &recorded.labels);
            if !covered && only && goal && !declared && asked {
                self.complain(format!("{} is recorded and selected, and has no row", recorded.address));
            }
        }
        if (missing > 0 && plan.not_selected == 0) || (selection.is_everything() && plan.not_selected > 0) {
            self.complain(format!("{} are said to be not selected", plan.not_selected));
        }
        for row in plan.rows.iter().filter(|_| !selection.is_everything()) {
            let names = names(&row.address, &row.key, input);
            if selection.excludes(&names.iter().collect::<Vec<_>>()) {
                self.complain(format!("{} is excluded and has a row", row.address));
            }
            if !asked(input, &names, &labels(row, input)) && !is_needed(row, plan, input) {
                self.complain(format!(
                    "{} is not selected, nothing selected needs it, and it has a row",
                    row.address
                ));
            }
        }
    }

    /// What has no row is as it was, live and recorded.
    pub(super) fn untouched(&mut self, plan: &Plan, input: &PlanInput<'_>) {
        let mut ours: BTreeSet<&NaturalKey> = plan.rows.iter().map(|row| &row.key).collect();
        let addresses: BTreeSet<&Address> = plan.rows.iter().map(|row| &row.address).collect();
        let moved = input.recorded.resources.values().filter(|known| addresses.contains(&known.address));
        ours.extend(moved.map(|known| &known.key));
        ours.extend(plan.strays.iter().filter(|stray| stray.delete).map(|stray| &stray.key));
        let before: BTreeMap<_, _> =
            input.live.values().flat_map(Census::objects).map(|live| (&live.key, live)).collect();
        let keys: BTreeSet<NaturalKey> = self.live.keys().chain(before.keys().copied()).cloned().collect();
        for key in keys.iter().filter(|key| !ours.contains(key)) {
            if self.live.get(key) != before.get(key).copied() {
                self.complain(format!("{key} has no row and is not what it was"));
            }
        }
        let (then, now) = (&input.recorded.resources, self.recorded.resources.clone());
        for key in then.keys().chain(now.keys()).filter(|key| !ours.contains(key)) {
            if then.get(key) != now.get(key) {
                self.complain(format!("{key} has no row and is not recorded as it was"));
            }
        }
    }
}

/// The address of an object and the one it is recorded under.
fn names(address: &Address, key: &NaturalKey, input: &PlanInput<'_>) -> Vec<Address> {
    let recorded = input.recorded.resources.get(key).map(|recorded| recorded.address.clone());
    std::iter::once(address.clone()).chain(recorded).collect()
}

fn asked(input: &PlanInput<'_>, names: &[Address], labels: &BTreeMap<String, String>) -> bool {
    input.options.selection.asks_for(&names.iter().collect::<Vec<_>>(), labels)
}

/// The manifest of a row, unless it is destroyed.
fn manifest<'a>(row: &Row, input: &PlanInput<'a>) -> Option<&'a Desired> {
    let converge = input.options.goal == Goal::Converge;
    input.desired.values().find(|desired| converge && desired.spec.key() == row.key)
}

fn labels(row: &Row, input: &PlanInput<'_>) -> BTreeMap<String, String> {
    let declared = manifest(row, input).map(|desired| desired.labels.clone());
    let recorded = input.recorded.resources.get(&row.key).map(|recorded| recorded.labels.clone());
    declared.or(recorded).unwrap_or_default()
}

fn jar(fields: Option<&FieldValue>, scope: Scope) -> Option<(Scope, String)> {
    match fields {
        Some(FieldValue::Text(url)) => Some((scope, url.clone())),
        _ => None,
    }
}

fn declared_jar(row: &Row, input: &PlanInput<'_>) -> Option<(Scope, String)> {
    let desired = manifest(row, input)?;
    jar(desired.spec.fields().get("jarUrl"), row.key.scope())
}

fn recorded_jar(recorded: &Recorded) -> Option<(Scope, String)> {
    jar(recorded.value("jarUrl"), recorded.key.scope())
}

/// Whether another row of the plan cannot be carried out without this one.
fn is_needed(row: &Row, plan: &Plan, input: &PlanInput<'_>) -> bool {
    let own = declared_jar(row, input).or_else(|| recorded_jar(input.recorded.resources.get(&row.key)?));
    plan.rows.iter().filter(|other| other.key != row.key).any(|other| {
        let depends = manifest(other, input).is_some_and(|desired| desired.depends_on.contains(&row.address));
        let depended = manifest(row, input).is_none()
            && matches!(other.change, Change::Delete(_) | Change::Blocked(_))
            && input
                .recorded
                .resources
                .get(&row.key)
                .is_some_and(|known| known.depends_on.contains(&other.address));
        let comes = other.change.registers() || matches!(other.change, Change::Blocked(_));
        depends || depended || (comes && own.is_some() && declared_jar(other, input) == own)
    })
}

/// Whether a declared object that was asked for cannot be had without one that has no row.
fn lacks(desired: &Desired, plan: &Plan, input: &PlanInput<'_>) -> bool {
    let has_row = |key: &NaturalKey| plan.rows.iter().any(|row| row.key == *key);
    let without = |on: &Address| input.desired.get(on).is_some_and(|on| !has_row(&on.spec.key()));
    let own = jar(desired.spec.fields().get("jarUrl"), desired.spec.key().scope());
    let sibling = input.desired.values().any(|other| {
        other.address != desired.address
            && !has_row(&other.spec.key())
            && jar(other.spec.fields().get("jarUrl"), other.spec.key().scope()) == own
    });
    let stays =
        input.recorded.resources.values().any(|known| !has_row(&known.key) && recorded_jar(known) == own);
    desired.depends_on.iter().any(without) || (own.is_some() && (sibling || stays))
}

/// Declared objects of a JAR that no row speaks of, where the JAR is registered.
pub(super) fn left_out(jar_url: &str, plan: &Plan, input: &PlanInput<'_>) -> Vec<Address> {
    let scopes = plan.steps.iter().filter_map(|step| match &step.action {
        Action::Register { scope, jar_url: url, .. } if url == jar_url => Some(scope),
        _ => None,
    });
    let scopes: BTreeSet<&Scope> = scopes.collect();
    let of_jar = input.desired.values().filter(|desired| {
        let own = jar(desired.spec.fields().get("jarUrl"), desired.spec.key().scope());
        own.is_some_and(|(scope, url)| url == jar_url && scopes.contains(&scope))
    });
    of_jar
        .filter(|desired| !plan.rows.iter().any(|row| row.key == desired.spec.key()))
        .map(|desired| desired.address.clone())
        .collect()
}
