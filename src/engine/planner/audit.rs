//! The referee: judges any plan against the rules and knows nothing of how it was made. It carries the plan out on a
//! naive model, step by step, and complains about everything that the service would refuse or the user did not ask for.

mod selection;
mod stores;

use std::collections::{BTreeMap, BTreeSet};

use super::{Goal, PlanInput};
use crate::domain::desired::Desired;
use crate::domain::field::{FieldValue, Fields, Readable};
use crate::domain::live::{Census, Live, Readiness, World};
use crate::domain::natural_key::{NaturalKey, WorkspaceId};
use crate::domain::plan::{Action, Change, Member, Plan, StepId};
use crate::domain::recorded::Recorded;
use crate::domain::rules::rules;
use crate::domain::snapshot::{Snapshot, StateChange};

/// What is left when every step has succeeded, and what was wrong on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// Live afterwards.
    pub world: World,
    /// Recorded afterwards.
    pub recorded: Snapshot,
    /// Complaints; a good plan has none.
    pub findings: Vec<String>,
}

/// Judges a plan by carrying it out on a model whose service takes every declared field.
pub fn judge(plan: &Plan, input: &PlanInput<'_>) -> Judged {
    let mut model = Model::of(input);
    model.rows(plan, input);
    for (index, step) in plan.steps.iter().enumerate() {
        if step.after.iter().any(|StepId(before)| *before >= index) {
            model.complain(format!("step {index} needs a step that does not come before it"));
        }
        match &step.action {
            Action::Record { changes, .. } => model.record(changes, input),
            Action::Delete { key, when_absent, owner, .. } => {
                model.dropped_as_its_owner(key, owner.as_deref());
                model.delete(key, when_absent, plan, input);
            }
            Action::Register { jar_url, members, .. } => {
                for sibling in selection::left_out(jar_url, plan, input) {
                    model.complain(format!(
                        "{jar_url} is registered, and {sibling} comes with it and has no row"
                    ));
                }
                model.register(jar_url, members, plan);
            }
            Action::Create { desired, when_ready, .. } => {
                model.in_sight(&when_ready.key, input);
                model.create(desired, when_ready);
            }
            Action::Update { desired, sends, when_ready, before } => {
                model.in_sight(&when_ready.key, input);
                model.update(desired, sends, when_ready, before);
            }
        }
    }
    model.end(plan, input);
    Judged { world: model.world(input), recorded: model.recorded, findings: model.findings }
}

struct Model {
    live: BTreeMap<NaturalKey, Live>,
    recorded: Snapshot,
    findings: Vec<String>,
}

impl Model {
    fn of(input: &PlanInput<'_>) -> Self {
        let live =
            input.live.values().flat_map(Census::objects).map(|l| (l.key.clone(), l.clone())).collect();
        Self { live, recorded: input.recorded.clone(), findings: Vec::new() }
    }

    fn complain(&mut self, finding: String) {
        self.findings.push(finding);
    }

    /// Every declared and every recorded object has its say, and nothing else has.
    fn rows(&mut self, plan: &Plan, input: &PlanInput<'_>) {
        let keys: Vec<&NaturalKey> = plan.rows.iter().map(|row| &row.key).collect();
        if keys.iter().collect::<BTreeSet<_>>().len() != keys.len() {
            self.complain("two rows share a key".to_owned());
        }
        self.selected(plan, input);
        if input.options.goal == Goal::Converge && input.options.selection.is_everything() {
            for desired in input.desired.values() {
                if !plan
                    .rows
                    .iter()
                    .any(|row| row.address == desired.address && row.key == desired.spec.key())
                {
                    self.complain(format!("{} is declared and has no row", desired.address));
                }
            }
            for recorded in input.recorded.resources.values() {
                if !plan.rows.iter().any(|row| row.key == recorded.key || row.address == recorded.address) {
                    self.complain(format!("{} is recorded and has no row", recorded.address));
                }
            }
        }
        for row in &plan.rows {
            let served: Vec<bool> = plan
                .steps
                .iter()
                .filter(|step| step.addresses().contains(&&row.address))
                .map(crate::domain::plan::Step::writes)
                .collect();
            let quiet = matches!(row.change, Change::Blocked(_) | Change::Keep | Change::Forget(_));
            let shared = plan.rows.iter().filter(|other| other.address == row.address).count() > 1;
            if quiet && !shared && served.contains(&true) {
                self.complain(format!("{} is {:?} and is written all the same", row.address, row.change));
            }
            if !quiet && served.is_empty() {
                self.complain(format!("{} is {:?} and no step serves it", row.address, row.change));
            }
        }
    }

    fn record(&mut self, changes: &[StateChange], input: &PlanInput<'_>) {
        for change in changes {
            match change {
                StateChange::Put(recorded) => self.in_sight(&recorded.key, input),
                StateChange::Remove(key) => self.in_sight(key, input),
                StateChange::AddStray(_) | StateChange::RemoveStray(_) => {}
            }
            self.recorded.apply(change.clone());
        }
    }

    fn delete(&mut self, key: &NaturalKey, when_absent: &[StateChange], plan: &Plan, input: &PlanInput<'_>) {
        let consent = plan.strays.iter().any(|stray| stray.delete && stray.key == *key);
        let adopted = input.desired.values().any(|d| d.lifecycle.adopt && d.spec.key() == *key);
        let recorded = input.recorded.resources.get(key);
        if recorded.is_none() && !consent && !adopted {
            self.complain(format!("{key} is deleted and was never ours"));
        }
        let declared = input.desired.values().find(|desired| desired.spec.key() == *key);
        let protected = match (declared, recorded) {
            (Some(desired), _) => desired.lifecycle.protect && !desired.lifecycle.allow_gap,
            (None, Some(recorded)) => recorded.protect,
            (None, None) => false,
        };
        if protected {
            self.complain(format!("{key} is protected and is deleted"));
        }
        if self.live.remove(key).is_none() && !input.unseen.contains_key(key) {
            self.complain(format!("{key} is deleted and is not live"));
        }
        self.record(when_absent, input);
    }

    fn register(&mut self, jar_url: &str, members: &[Member], plan: &Plan) {
        if members.is_empty() {
            self.complain(format!("{jar_url} is registered for nobody"));
        }
        for member in members {
            let key = member.desired.spec.key();
            let fields = member.desired.spec.fields();
            if fields.get("jarUrl") != Some(&FieldValue::Text(jar_url.to_owned())) {
                self.complain(format!("{key} is registered from another JAR than it declares"));
            }
            if self.live.contains_key(&key) {
                self.complain(format!("{key} is registered and is live"));
            }
            let wanted = claim(&key, &fields);
            if self.live.values().any(|live| wanted.is_some() && claim(&live.key, &live.fields) == wanted) {
                self.complain(format!("{key} is registered while its type is taken"));
            }
            self.comes(&member.desired, &Recorded::applied(&member.desired));
        }
        // A JAR is registered as a whole: what stands from it would make the service refuse it.
        let workspaces: BTreeSet<WorkspaceId> =
            members.iter().filter_map(|member| member.desired.spec.key().workspace().cloned()).collect();
        let mut standing = plan.strays.iter().filter(|stray| self.live.contains_key(&stray.key));
        let held = standing.find(|s| {
            s.jar_url == jar_url && s.key.workspace().is_some_and(|held| workspaces.contains(held))
        });
        if let Some(stray) = held.cloned() {
            self.complain(format!("{jar_url} is registered while its stray {} is live", stray.key));
        }
    }

    /// A service that shows exactly what it can show of a declaration.
    fn comes(&mut self, desired: &Desired, recorded: &Recorded) {
        let (key, fields) = (desired.spec.key(), desired.spec.fields());
        let shown: Fields = rules(desired.address.kind)
            .iter()
            .filter(|rule| rule.readable == Readable::Yes)
            .filter_map(|rule| Some((rule.name.to_owned(), fields.get(rule.name)?.clone())))
            .collect();
        let live = Live {
            key: key.clone(),
            fields: shown,
            readiness: Readiness::Ready,
            attributes: BTreeMap::new(),
        };
        self.live.insert(key, live);
        self.recorded.apply(StateChange::Put(Box::new(recorded.clone())));
    }

    fn create(&mut self, desired: &Desired, when_ready: &Recorded) {
        let key = desired.spec.key();
        if self.live.contains_key(&key) {
            self.complain(format!("{key} is created and is live"));
        }
        self.comes(desired, when_ready);
    }

    /// Afterwards every row that was not blocked is as declared, and what is gone is gone.
    fn end(&mut self, plan: &Plan, input: &PlanInput<'_>) {
        self.untouched(plan, input);
        for row in &plan.rows {
            self.stores(row, input);
            let declared = input.desired.values().find(|desired| desired.spec.key() == row.key);
            let finding = match (&row.change, declared) {
                (Change::Delete(_), _) if self.live.contains_key(&row.key) => Some("is still live"),
                (Change::Delete(_) | Change::Forget(_), _)
                    if self.recorded.resources.contains_key(&row.key) =>
                {
                    Some("is still recorded")
                }
                (Change::Blocked(_) | Change::Delete(_) | Change::Forget(_), _) | (_, None) => None,
                (_, Some(_)) if !self.live.contains_key(&row.key) => Some("is not live"),
                (_, Some(desired)) => match self.recorded.resources.get(&row.key) {
                    None => Some("is not recorded"),
                    Some(recorded) if recorded.address != desired.address => Some("has its old address"),
                    Some(_) => None,
                },
            };
            if let Some(finding) = finding {
                self.complain(format!("after {:?}, {} {finding}", row.change, row.address));
            }
        }
    }

    fn world(&self, input: &PlanInput<'_>) -> World {
        input
            .live
            .keys()
            .filter_map(|scope| {
                let listed = self.live.values().filter(|live| live.key.scope() == *scope).cloned().collect();
                let census = Census::complete(scope.clone(), listed).ok()?;
                let observer = input.live.get(scope).and_then(Census::observer).cloned();
                Some((scope.clone(), observer.map_or(census.clone(), |observer| census.seen_by(observer))))
            })
            .collect()
    }
}

fn claim(key: &NaturalKey, fields: &Fields) -> Option<(WorkspaceId, FieldValue)> {
    Some((key.workspace()?.clone(), fields.get("connectorType")?.clone()))
}
