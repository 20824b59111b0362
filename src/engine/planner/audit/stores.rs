//! What the referee knows of stores beside what holds for everything (design.md 3.2).

use std::collections::BTreeSet;

use super::Model;
use crate::domain::desired::{Desired, Spec};
use crate::domain::field::{Carried, FieldValue, Fields};
use crate::domain::kind::store::{Group, name};
use crate::domain::live::{Live, Readiness};
use crate::domain::natural_key::NaturalKey;
use crate::domain::plan::{Change, Row};
use crate::domain::recorded::{Knowledge, Recorded};
use crate::domain::rules::rule;
use crate::domain::snapshot::StateChange;
use crate::engine::planner::PlanInput;

impl Model {
    /// Whoever another role saw last, or another organization, is left alone where this listing cannot speak of it.
    pub(super) fn in_sight(&mut self, key: &NaturalKey, input: &PlanInput<'_>) {
        let Some(then) = input.recorded.resources.get(key).and_then(|recorded| recorded.observer.clone())
        else {
            return;
        };
        let Some(census) = input.live.get(&key.scope()) else { return };
        let Some(now) = census.observer() else { return };
        if then.organization != now.organization {
            self.complain(format!("{key} belongs to another organization and is changed"));
        } else if then.role != now.role && census.get(key).is_none() {
            self.complain(format!("{key} is out of sight and is changed"));
        }
    }

    /// Only its owner may drop a store.
    pub(super) fn dropped_as_its_owner(&mut self, key: &NaturalKey, owner: Option<&str>) {
        let shown = self.live.get(key).and_then(|live| live.fields.get(name::OWNER));
        if let Some(FieldValue::Text(shown)) = shown
            && Some(shown.as_str()) != owner
        {
            let finding = format!("{key} belongs to {shown} and is dropped as {owner:?}");
            self.complain(finding);
        }
    }

    /// An update sends everything that the service judges as one, and what differs; and it has a reason.
    pub(super) fn update(
        &mut self,
        desired: &Desired,
        sends: &BTreeSet<String>,
        when_ready: &Recorded,
        before: &Live,
    ) {
        let key = desired.spec.key();
        let Spec::Store(store) = &desired.spec else {
            self.complain(format!("{key} is updated and its API cannot"));
            return;
        };
        let Some(live) = self.live.get(&key).cloned() else {
            self.complain(format!("{key} is updated and is not live"));
            return;
        };
        if live.fields != before.fields || live.readiness != before.readiness {
            self.complain(format!("{key} is updated from what it was not"));
        }
        if when_ready.key != key || when_ready.address != desired.address {
            self.complain(format!("{key} is updated and another object is recorded"));
        }
        let recorded = self.recorded.resources.get(&key).cloned();
        let differs = |field: &String, value: &FieldValue| {
            rule(key.kind(), field).is_some_and(|rule| rule.carried == Carried::Remotely)
                && !live.fields.contains_key(field)
                && !desired.lifecycle.ignores(field)
                && recorded.as_ref().is_none_or(|known| match known.fields.get(field) {
                    None => true,
                    Some(Knowledge::Unknown) => false,
                    Some(known) => known.value() != Some(value),
                })
        };
        let declared: Fields = store.fields();
        let different: BTreeSet<&String> =
            declared.iter().filter(|(field, value)| differs(field, value)).map(|(field, _)| field).collect();
        if sends.is_empty() {
            if !matches!(live.readiness, Readiness::Pending { .. }) {
                self.complain(format!("{key} is waited for and will not change by itself"));
            }
            if !different.is_empty() {
                self.complain(format!("{key} is waited for and differs in {different:?}"));
            }
        } else {
            let whole = store.parameters().filter(|(parameter, _)| parameter.group != Group::Connection);
            let whole: Vec<&str> = whole.map(|(parameter, _)| parameter.rule.name).collect();
            if let Some(left_out) = whole.iter().find(|field| !sends.contains(**field)) {
                self.complain(format!("{key} is updated without {left_out}, which belongs to its group"));
            }
            if let Some(left_out) = different.iter().find(|field| !sends.contains(**field)) {
                self.complain(format!("{key} is updated without {left_out}, which differs"));
            }
            if let Some(foreign) = sends.iter().find(|field| !declared.contains_key(*field)) {
                self.complain(format!("{key} is updated with {foreign}, which nobody declares"));
            }
            if different.is_empty()
                && recorded.is_some()
                && !matches!(live.readiness, Readiness::Errored { .. })
            {
                self.complain(format!("{key} is updated and nothing differs"));
            }
        }
        for (field, knowledge) in &when_ready.fields {
            let kept = recorded.as_ref().is_some_and(|known| known.fields.get(field) == Some(knowledge));
            let carried = rule(key.kind(), field).is_some_and(|rule| rule.carried == Carried::Remotely);
            let claimed = matches!(knowledge, Knowledge::Applied(_)) && carried && !kept;
            if claimed && !sends.contains(field) && live.fields.get(field) != knowledge.value() {
                self.complain(format!("{key} is recorded with a {field} that nobody sent"));
            }
        }
        if let Some(live) = self.live.get_mut(&key) {
            live.readiness = Readiness::Ready;
        }
        self.recorded.apply(StateChange::Put(Box::new(when_ready.clone())));
    }

    /// A store is replaced only when its name, its type or its owner must change, or when somebody asks for it; and what
    /// is declared and not blocked ends ready.
    pub(super) fn stores(&mut self, row: &Row, input: &PlanInput<'_>) {
        let Some(desired) = input.desired.values().find(|desired| desired.spec.key() == row.key) else {
            return;
        };
        let Spec::Store(store) = &desired.spec else { return };
        let shown = input.live.get(&row.key.scope()).and_then(|census| census.get(&row.key));
        let declared = store.fields();
        let forced = |field: &str| {
            let shown = shown.and_then(|live| live.fields.get(field));
            !desired.lifecycle.ignores(field)
                && declared.get(field).is_some_and(|want| shown.is_some_and(|shown| shown != want))
        };
        let asked = input.options.replace.contains(&row.address);
        if matches!(row.change, Change::Replace(_)) && shown.is_some() {
            let must = forced(name::TYPE) || forced(name::OWNER);
            if !must && !asked {
                self.complain(format!("{} is replaced where an update would do", row.address));
            }
        }
        let at_rest = self.live.get(&row.key).is_none_or(|live| live.readiness == Readiness::Ready);
        if !matches!(row.change, Change::Blocked(_) | Change::Delete(_) | Change::Forget(_)) && !at_rest {
            self.complain(format!("after {:?}, {} is not ready", row.change, row.address));
        }
    }
}
