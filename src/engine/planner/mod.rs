//! The planner: desired, recorded and live in, one plan out. Pure and synchronous: time, chance and input/output have
//! no way in, so the same input gives the same bytes.
//!
//! It is a fixed sequence of phases. Each knows nothing of the next one.

pub mod audit;
mod classify;
mod diff;
mod guard;
mod jar;
mod order;
mod pairing;
pub mod settle;

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::address::Address;
use crate::domain::desired::DesiredSet;
use crate::domain::live::World;
use crate::domain::natural_key::{NaturalKey, Scope};
use crate::domain::plan::{Change, Plan, ReplaceOrder, Row, StrayRow};
use crate::domain::recorded::Recorded;
use crate::domain::snapshot::Snapshot;
use order::Leave;
use pairing::Pair;

/// What the plan is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Goal {
    /// Live becomes what the manifests declare; what left them is deleted.
    Converge,
    /// Recorded objects are deleted: all of them, or the ones with these addresses.
    Destroy(Option<BTreeSet<Address>>),
}

/// How many of a kind of change one run may make; `None` means any number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// Deletes.
    pub delete: Option<usize>,
    /// Replacements and re-registrations: each contains a delete.
    pub replace: Option<usize>,
}

/// What the user asked for, beside the manifests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// What the plan is for.
    pub goal: Goal,
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
            replace: BTreeSet::new(),
            delete_strays: false,
            limits: Limits::default(),
        }
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
    /// The order that is asked for contradicts itself.
    #[error("the order contradicts itself: {}", path_text(.0))]
    Cycle(Vec<Address>),
}

fn path_text(path: &[Address]) -> String {
    path.iter().map(ToString::to_string).collect::<Vec<_>>().join(" -> ")
}

/// The scopes that a plan must see: those of every desired and every recorded object. One list call each.
pub fn scopes(desired: &DesiredSet, recorded: &Snapshot) -> BTreeSet<Scope> {
    let desired = desired.values().map(|desired| desired.spec.key().scope());
    let resources = recorded.resources.values().map(|recorded| recorded.key.scope());
    desired.chain(resources).collect()
}

/// Makes the plan.
///
/// # Errors
/// [`PlanError`]
pub fn plan(input: &PlanInput<'_>) -> Result<Plan, PlanError> {
    let reads = scopes(input.desired, input.recorded);
    if let Some(missing) = reads.iter().find(|scope| !input.live.contains_key(*scope)) {
        return Err(PlanError::NotObserved(missing.clone()));
    }
    let pairs = pairing::pair(input);
    let strays = strays(input, &pairs);
    let mut rows: Vec<(Pair<'_>, Row)> =
        pairs.into_iter().map(|pair| (pair.clone(), classify::classify(&pair, input))).collect();
    rows.sort_by(|(_, a), (_, b)| (&a.address, &a.key).cmp(&(&b.address, &b.key)));
    jar::widen(&mut rows);
    guard::block(&mut rows, &strays, input);
    let steps = match order::steps(&rows, &strays, input, Leave::InOrder) {
        // To register first is a wish: where it contradicts what must be, the old object goes first. To leave in order
        // is a wish too: records of two generations of manifests may contradict each other.
        Err(PlanError::Cycle(_)) => {
            delete_first(&mut rows);
            order::steps(&rows, &strays, input, Leave::InOrder)
                .or_else(|_| order::steps(&rows, &strays, input, Leave::InAnyOrder))?
        }
        other => other?,
    };
    let mut plan = Plan {
        rows: rows.into_iter().map(|(_, row)| row).collect(),
        strays,
        steps,
        reads,
        serial: input.recorded.serial,
        refusals: Vec::new(),
    };
    plan.refusals = guard::refusals(&plan, input);
    Ok(plan)
}

/// Gives up every registration before its delete.
fn delete_first(rows: &mut [(Pair<'_>, Row)]) {
    for (_, row) in rows.iter_mut() {
        if row.change == Change::Replace(ReplaceOrder::CreateFirst) {
            row.change = Change::Replace(ReplaceOrder::DeleteFirst);
        }
    }
}

fn strays(input: &PlanInput<'_>, pairs: &[Pair<'_>]) -> Vec<StrayRow> {
    let declared: BTreeSet<NaturalKey> = pairs.iter().map(Pair::key).collect();
    input
        .recorded
        .strays
        .values()
        .filter(|stray| !declared.contains(&stray.key))
        .filter(|stray| live_of(input.live, &stray.key).is_some())
        .map(|stray| StrayRow {
            key: stray.key.clone(),
            jar_url: stray.jar_url.clone(),
            delete: input.options.delete_strays,
        })
        .collect()
}

/// The live object with this key.
fn live_of<'a>(world: &'a World, key: &NaturalKey) -> Option<&'a crate::domain::live::Live> {
    world.get(&key.scope()).and_then(|census| census.get(key))
}

/// Whether the change registers the object of its row.
fn registers(change: &Change) -> bool {
    use crate::domain::plan::Strategy;
    matches!(
        change,
        Change::Create(_)
            | Change::Update(Strategy::Reregister(_))
            | Change::Replace(_)
            | Change::Adopt(Some(Strategy::Reregister(_)))
    )
}
