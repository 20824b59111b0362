//! Resuming: what is left of a plan that was approved for a run that was cut off (ADR 0030). Pure.
//!
//! Promises that nothing is done which was not approved: the plan is made again of the objects that the approved one
//! changes and of no others, from what was declared then. It is carried out only if each of them is as it was when the plan
//! was approved, or as far on its way as the run may have brought it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::executor::contradiction;
use super::planner::settle::Settled;
use super::planner::{Limits, Options, PlanError, PlanInput, plan};
use crate::domain::address::Address;
use crate::domain::desired::{Desired, DesiredSet};
use crate::domain::journal::Begun;
use crate::domain::live::{Census, Live, Observer, Readiness, World};
use crate::domain::natural_key::{NaturalKey, Scope};
use crate::domain::plan::{Action, Change, Plan, Row};
use crate::domain::recorded::{Condition, Recorded};
use crate::domain::selection::Selection;
use crate::domain::snapshot::{Snapshot, StateChange};

/// A plan that was approved, as far as it changes anything: as small as what it does, not as all that it looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approved {
    /// The objects that it changes, and those that it deletes on the way.
    pub keys: BTreeSet<NaturalKey>,
    /// What was asked for.
    pub options: Options,
    /// What was declared of these objects.
    pub desired: DesiredSet,
    /// What was live of them, and for whom.
    pub live: World,
}

/// An object that is neither as it was nor as the run may have left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Its address, where it has one.
    pub address: Option<Address>,
    /// Its identity.
    pub key: NaturalKey,
    /// As it was when the plan was approved.
    pub then: Option<Live>,
    /// As it is.
    pub now: Option<Live>,
}

/// Why a plan cannot be finished.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// Objects that somebody else has changed.
    #[error("what the plan changes has moved")]
    Moved(Vec<Moved>),
    /// Somebody else looks: what he sees says nothing of what was seen.
    #[error("{scope} was seen as role {} in {}, and now as role {} in {}", then.role, then.organization, now.role, now.organization)]
    Seen {
        /// Where.
        scope: Scope,
        /// For whom the listing was made when the plan was approved.
        then: Observer,
        /// For whom it is made now.
        now: Observer,
    },
    /// Rows that would do something else now, or nothing.
    #[error("rows of the plan are blocked")]
    Blocked(Vec<Row>),
    /// There is no plan.
    #[error(transparent)]
    Plan(#[from] PlanError),
}

impl Approved {
    /// What a run must leave behind to be finished by another one.
    pub fn of(
        plan: &Plan,
        desired: &DesiredSet,
        recorded: &Snapshot,
        live: &World,
        options: &Options,
    ) -> Self {
        let works = |row: &&Row| match row.change {
            Change::Keep => row.renamed_from.is_some(),
            Change::Blocked(_) => false,
            _ => true,
        };
        let rows: Vec<&Row> = plan.rows.iter().filter(works).collect();
        let addresses: BTreeSet<&Address> = rows.iter().map(|row| &row.address).collect();
        let mut keys: BTreeSet<NaturalKey> = rows.iter().map(|row| row.key.clone()).collect();
        keys.extend(plan.steps.iter().flat_map(|step| touched(&step.action)));
        let known = recorded.resources.values().filter(|recorded| addresses.contains(&recorded.address));
        keys.extend(known.map(|recorded| recorded.key.clone()));
        Self {
            options: Options {
                goal: options.goal.clone(),
                replace: options
                    .replace
                    .iter()
                    .filter(|wanted| addresses.contains(wanted))
                    .cloned()
                    .collect(),
                delete_strays: options.delete_strays,
                // What is left was selected, and within its limits.
                selection: Selection::default(),
                hold: BTreeSet::new(),
                must_match: false,
                limits: Limits::default(),
            },
            desired: desired
                .iter()
                .filter(|(_, desired)| keys.contains(&desired.spec.key()))
                .map(|(address, desired)| (address.clone(), desired.clone()))
                .collect(),
            live: keys
                .iter()
                .map(NaturalKey::scope)
                .collect::<BTreeSet<_>>()
                .into_iter()
                .filter_map(|scope| Some((scope.clone(), live.get(&scope)?.about(&keys))))
                .collect(),
            keys,
        }
    }

    /// What is left to do, if what it changes is on its way: declared are the same objects with their secrets fetched anew.
    ///
    /// # Errors
    /// [`Unfit`]; nothing of it may be carried out then.
    pub fn rest(
        &self,
        begun: &BTreeMap<NaturalKey, Begun>,
        desired: &DesiredSet,
        now: (&Settled, &World, &BTreeSet<Scope>),
    ) -> Result<Plan, Unfit> {
        for (scope, then) in &self.live {
            if let (Some(then), Some(now)) = (then.observer(), now.1.get(scope).and_then(Census::observer))
                && then != now
            {
                return Err(Unfit::Seen { scope: scope.clone(), then: then.clone(), now: now.clone() });
            }
        }
        let by_key: BTreeMap<NaturalKey, &Desired> = desired.values().map(|d| (d.spec.key(), d)).collect();
        let moved = self.keys.iter().filter_map(|key| {
            let recorded = now.0.snapshot.resources.get(key);
            let (then, now) = (find(&self.live, key), find(now.1, key));
            let wanted = by_key.get(key).copied();
            let moved = || Moved {
                address: wanted.map(|wanted| wanted.address.clone()),
                key: key.clone(),
                then: then.cloned(),
                now: now.cloned(),
            };
            (!is_on_its_way((then, now), begun.get(key), wanted, recorded)).then(moved)
        });
        let moved: Vec<Moved> = moved.collect();
        if !moved.is_empty() {
            return Err(Unfit::Moved(moved));
        }
        let arrived = |address: &&Address| {
            let key = desired.get(*address).map(|desired| desired.spec.key());
            key.is_some_and(|key| {
                begun.get(&key).is_some_and(|begun| begun.brought) && find(now.1, &key).is_some()
            })
        };
        // What was to be registered again and has been is not registered a third time.
        let replace = self.options.replace.iter().filter(|address| !arrived(address)).cloned().collect();
        let plan = self.plan(&Options { replace, ..self.options.clone() }, desired, now)?;
        let blocked: Vec<Row> =
            plan.rows.iter().filter(|row| matches!(row.change, Change::Blocked(_))).cloned().collect();
        if blocked.is_empty() { Ok(plan) } else { Err(Unfit::Blocked(blocked)) }
    }

    /// What is left when everything was done: nothing, if it is true.
    ///
    /// # Errors
    /// [`PlanError`]
    pub fn afterwards(
        &self,
        desired: &DesiredSet,
        now: (&Settled, &World, &BTreeSet<Scope>),
    ) -> Result<Plan, PlanError> {
        self.plan(&self.options.afterwards(), desired, now)
    }

    /// The plan for these objects and no others.
    fn plan(
        &self,
        options: &Options,
        desired: &DesiredSet,
        (settled, live, sends_definition): (&Settled, &World, &BTreeSet<Scope>),
    ) -> Result<Plan, PlanError> {
        let ours = |key: &&NaturalKey| self.keys.contains(*key);
        let resources = settled.snapshot.resources.iter().filter(|(key, _)| ours(key));
        let strays = settled.snapshot.strays.iter().filter(|(key, _)| ours(key) || !options.delete_strays);
        let recorded = Snapshot {
            resources: Arc::new(resources.map(|(key, recorded)| (key.clone(), recorded.clone())).collect()),
            strays: strays.map(|(key, stray)| (key.clone(), stray.clone())).collect(),
            ..settled.snapshot.clone()
        };
        let unseen = settled.unseen.iter().filter(|(key, _)| ours(key));
        let unseen = unseen.map(|(key, unseen)| (key.clone(), unseen.clone())).collect();
        let input =
            PlanInput { desired, recorded: &recorded, unseen: &unseen, live, sends_definition, options };
        // Whether it may be carried out was decided when the whole of it was approved.
        Ok(Plan { refusals: Vec::new(), ..plan(&input)? })
    }
}

/// The objects that a step is about.
fn touched(action: &Action) -> Vec<NaturalKey> {
    let of_change = |change: &StateChange| match change {
        StateChange::Put(recorded) => recorded.key.clone(),
        StateChange::Remove(key) | StateChange::RemoveStray(key) => key.clone(),
        StateChange::AddStray(stray) => stray.key.clone(),
    };
    match action {
        Action::Delete { key, .. } => vec![key.clone()],
        Action::Register { members, .. } => members.iter().map(|member| member.desired.spec.key()).collect(),
        Action::Create { desired, .. } | Action::Update { desired, .. } => vec![desired.spec.key()],
        Action::Record { changes, .. } => changes.iter().map(of_change).collect(),
    }
}

fn find<'w>(live: &'w World, key: &NaturalKey) -> Option<&'w Live> {
    live.get(&key.scope())?.get(key)
}

/// The fence: whether an object is as it was, or somewhere between that and what is wanted of it.
fn is_on_its_way(
    (then, now): (Option<&Live>, Option<&Live>),
    begun: Option<&Begun>,
    wanted: Option<&Desired>,
    recorded: Option<&Recorded>,
) -> bool {
    let begun = begun.copied().unwrap_or_default();
    // What was brought and seen is not absent by itself again.
    let was_seen = || {
        begun.brought
            && recorded.is_some_and(|r| {
                !matches!(r.condition, Condition::Unconfirmed { .. } | Condition::Lost { .. })
            })
    };
    match (then, now) {
        (None, None) => !was_seen(),
        (Some(_), None) => begun.deleted && !was_seen(),
        (then, Some(now)) => {
            let as_it_was = then.is_some_and(|then| match then.readiness {
                // What was on its way to be ready has gone on without us.
                Readiness::Pending { .. } => then.fields == now.fields,
                Readiness::Ready | Readiness::Errored { .. } => then == now,
            });
            let is_wanted = || wanted.is_some_and(|wanted| contradiction(wanted, now).is_none());
            // The way back: what was taken away was brought again.
            let is_back = || begun.deleted && then.is_some_and(|then| then.fields == now.fields);
            as_it_was || (begun.brought && (is_wanted() || is_back()))
        }
    }
}
