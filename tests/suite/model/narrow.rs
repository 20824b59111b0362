//! A narrow plan says of its objects what the plan of everything says, and of the others nothing that an edit has changed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use reconcile::domain::address::Address;
use reconcile::domain::desired::{Desired, DesiredSet, Lifecycle, Spec};
use reconcile::domain::journal::Recovered;
use reconcile::domain::kind::flink_connector::FlinkConnectorSpec;
use reconcile::domain::live::{Census, Live, Readiness, World};
use reconcile::domain::natural_key::Scope;
use reconcile::domain::plan::{Action, Change, Plan, ReplaceOrder, Row};
use reconcile::domain::recorded::{Condition, Recorded};
use reconcile::domain::snapshot::StateChange;
use reconcile::engine::planner::settle::settle;
use reconcile::engine::planner::{Limits, Options, PlanError, PlanInput, narrow, plan};

use super::store_worlds;
use super::worlds::{
    RandomWorld, cases, desired, lifecycle, live_of, random_world, scopes, seed, spec, world_of,
};
use crate::support::reliability::Report;
use crate::support::stores::observer;

/// How a declared object stands in the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stands {
    /// It was applied, as most are.
    Applied,
    /// Its record is from before the last edit of its manifest, which nobody has applied.
    Behind,
    /// As the dice fell.
    Anyhow,
}

/// What becomes of a declared object in the world, and in the edit.
#[derive(Debug, Clone)]
struct Twist {
    stands: Stands,
    edited: bool,
    held: bool,
    connector: FlinkConnectorSpec,
    lifecycle: Option<Lifecycle>,
    condition: Condition,
}

fn twist() -> impl Strategy<Value = Twist> {
    let stands = (0..48).prop_map(|n| match n {
        0..35 => Stands::Applied,
        35..40 => Stands::Behind,
        _ => Stands::Anyhow,
    });
    let condition = (0..12).prop_map(|n| match n {
        0 => Condition::Degraded { message: String::new() },
        1 => Condition::Lost { message: String::new() },
        2 => Condition::Unconfirmed { message: String::new() },
        _ => Condition::Ready,
    });
    let drawn = (stands, (0..3).prop_map(|n| n == 0), (0..8).prop_map(|n| n == 7));
    (drawn, spec(), prop::option::of(lifecycle()), condition).prop_map(
        |((stands, edited, held), connector, lifecycle, condition)| Twist {
            stands,
            edited,
            held,
            connector,
            lifecycle,
            condition,
        },
    )
}

/// The same object with the twist's fields.
fn edit(desired: &Desired, twist: &Twist, store: &DesiredSet) -> Desired {
    let spec = match &desired.spec {
        Spec::FlinkConnector(own) => Spec::FlinkConnector(FlinkConnectorSpec {
            workspace: own.workspace.clone(),
            namespace: own.namespace.clone(),
            name: own.name.clone(),
            connector_type: own.connector_type.clone(),
            ..twist.connector.clone()
        }),
        Spec::Store(own) => {
            let other = store.values().find(|other| other.spec.key() == own.key());
            other.map_or_else(|| desired.spec.clone(), |other| other.spec.clone())
        }
    };
    let lifecycle = twist.lifecycle.clone().unwrap_or_else(|| desired.lifecycle.clone());
    Desired { spec, lifecycle, ..desired.clone() }
}

fn shown(spec: &Spec) -> Live {
    match spec {
        Spec::FlinkConnector(spec) => live_of(spec),
        Spec::Store(spec) => store_worlds::live_of(spec, Readiness::Ready),
    }
}

/// Puts what stands into the world: recorded and live as it was declared, and nobody else in its place.
fn settled_in(mut world: RandomWorld, twists: &[Twist], others: &DesiredSet) -> RandomWorld {
    let mut live: Vec<Live> = world.live.values().flat_map(Census::objects).cloned().collect();
    for (desired, twist) in
        world.desired.values().zip(twists).filter(|(_, twist)| twist.stands != Stands::Anyhow)
    {
        let applied =
            if twist.stands == Stands::Behind { edit(desired, twist, others) } else { desired.clone() };
        let resources = Arc::make_mut(&mut world.recorded.resources);
        resources.retain(|_, recorded| recorded.address != desired.address);
        let observer = matches!(applied.spec, Spec::Store(_)).then(observer);
        let condition = twist.condition.clone();
        let recorded = Recorded { observer, condition, ..Recorded::applied(&applied) };
        world.recorded.apply(StateChange::Put(Box::new(recorded)));
        let own = shown(&applied.spec);
        let clashes = |other: &Live| {
            let both = other.key.workspace().zip(own.key.workspace());
            let same_type = other.fields.get("connectorType") == own.fields.get("connectorType");
            other.key == own.key || (both.is_some_and(|(one, other)| one == other) && same_type)
        };
        live.retain(|other| !clashes(other));
        live.push(own);
    }
    RandomWorld { live: world_of(&live), ..world }
}

fn planned(desired: &DesiredSet, world: &RandomWorld, options: &Options) -> Result<Plan, PlanError> {
    let settled = settle(&Recovered::new(world.recorded.clone()), &world.live);
    plan(&PlanInput {
        desired,
        recorded: &settled.snapshot,
        unseen: &settled.unseen,
        live: &world.live,
        sends_definition: &scopes().into_iter().collect(),
        options,
    })
}

/// What a watch would plan after these objects were touched, and of which objects it would speak.
fn narrowly(
    touched: &BTreeSet<Address>,
    declared: &DesiredSet,
    world: &RandomWorld,
    options: &Options,
) -> Option<(Plan, BTreeSet<Address>)> {
    let recovered = Recovered::new(world.recorded.clone());
    let within = narrow::around(touched, declared, &recovered, options)?;
    let desired: DesiredSet =
        within.iter().map(|address| (address.clone(), declared[address].clone())).collect();
    let listed: BTreeSet<Scope> = desired.values().map(|desired| desired.spec.key().scope()).collect();
    let live: World = world
        .live
        .iter()
        .filter(|(scope, _)| listed.contains(scope))
        .map(|(s, c)| (s.clone(), c.clone()))
        .collect();
    let settled = settle(&recovered, &live);
    let input = PlanInput {
        desired: &desired,
        recorded: &narrow::part(&settled.snapshot, &desired),
        unseen: &settled.unseen,
        live: &live,
        sends_definition: &scopes().into_iter().collect(),
        options,
    };
    let plan = plan(&input).ok().filter(|plan| narrow::holds(plan, &input))?;
    Some((plan, within))
}

fn rows(plan: &Plan, which: impl Fn(&Address) -> bool) -> Vec<&Row> {
    plan.rows.iter().filter(|row| which(&row.address)).collect()
}

/// Which half of a replacement comes first is a wish too, given up everywhere where an order contradicts itself.
fn in_any_order(mut row: Row) -> Row {
    if let Change::Replace(order) = &mut row.change {
        *order = ReplaceOrder::DeleteFirst;
    }
    row
}

/// What is sent for these objects, each behind what of it. The order of what may come in any order is nobody's business.
fn sent(plan: &Plan, within: &BTreeSet<Address>) -> BTreeMap<String, BTreeSet<String>> {
    let concerns = |action: &Action| match action {
        Action::Record { .. } => false,
        Action::Delete { address, .. } => address.as_ref().is_some_and(|address| within.contains(address)),
        Action::Register { members, .. } => members.iter().any(|m| within.contains(&m.desired.address)),
        Action::Create { desired, .. } | Action::Update { desired, .. } => within.contains(&desired.address),
    };
    let ours = plan.steps.iter().filter(|step| concerns(&step.action));
    ours.map(|step| {
        let before = step.after.iter().map(|id| &plan.steps[id.0].action).filter(|action| concerns(action));
        (format!("{:?}", step.action), before.map(|action| format!("{action:?}")).collect())
    })
    .collect()
}

/// What is recorded of these objects without a request.
fn noted(plan: &Plan, within: &BTreeSet<Address>) -> Vec<StateChange> {
    let changes = plan.steps.iter().filter_map(|step| match &step.action {
        Action::Record { changes, .. } => Some(changes),
        _ => None,
    });
    let is_ours = |change: &&StateChange| matches!(change, StateChange::Put(recorded) if within.contains(&recorded.address));
    changes.flatten().filter(is_ours).cloned().collect()
}

fn deletes(plan: &Plan) -> bool {
    plan.steps.iter().any(|step| matches!(step.action, Action::Delete { .. }))
}

#[test]
fn a_narrow_plan_says_what_the_whole_one_says_and_the_rest_does_not_depend_on_the_edit() {
    let config = cases(6_000, 1_000_000);
    let total = config.cases;
    let [narrow, sending, blocked, undisturbed] = [0; 4].map(AtomicUsize::new);
    proptest!(config, |(
        world in random_world(),
        others in desired(),
        twists in prop::collection::vec(twist(), 9),
        limit in prop::option::of(0_usize..3),
    )| {
        let world = settled_in(world, &twists, &others);
        let mut after = world.desired.clone();
        let mut touched = BTreeSet::new();
        let mut hold = BTreeSet::new();
        for (desired, twist) in after.values_mut().zip(&twists) {
            if twist.edited {
                let edited = edit(desired, twist, &others);
                if edited != *desired {
                    touched.insert(desired.address.clone());
                }
                *desired = edited;
            }
            if twist.held {
                hold.insert(desired.address.clone());
            }
        }
        let limits = Limits { replace: limit, delete: None };
        let options = Options { hold, limits, ..Options::default() };
        let Ok(before) = planned(&world.desired, &world, &options) else { return Ok(()) };
        let Some((own, within)) = narrowly(&touched, &after, &world, &options) else { return Ok(()) };
        let whole = planned(&after, &world, &options)
            .map_err(|error| TestCaseError::fail(format!("there is no whole plan: {error}")))?;
        narrow.fetch_add(1, Ordering::Relaxed);
        sending.fetch_add(usize::from(deletes(&own)), Ordering::Relaxed);
        let is_blocked = own.rows.iter().any(|row| matches!(row.change, Change::Blocked(_)));
        blocked.fetch_add(usize::from(is_blocked), Ordering::Relaxed);
        let inside = |address: &Address| within.contains(address);
        prop_assert!(touched.iter().all(inside));
        prop_assert_eq!(own.rows.iter().collect::<Vec<_>>(), rows(&whole, inside));
        // Behind what the pass before could not do, a watch plans everything.
        let touched_before = rows(&before, |address| touched.contains(address));
        let was_done = |row: &&Row| row.change == Change::Keep;
        if touched_before.len() == touched.len() && touched_before.iter().all(was_done) {
            let outside = |plan: &Plan| -> Vec<Row> {
                rows(plan, |address| !inside(address)).into_iter().cloned().map(in_any_order).collect()
            };
            let (then, now) = (outside(&before), outside(&whole));
            // What is held back may hold back more than before, and nothing else.
            let more_is_held = !options.hold.is_empty() && now.iter().all(|row| then.contains(row));
            prop_assert!(then == now || more_is_held, "{then:#?}\nis now\n{now:#?}");
            undisturbed.fetch_add(1, Ordering::Relaxed);
        }
        let (ours, all) = (sent(&own, &within), sent(&whole, &within));
        prop_assert_eq!(ours.keys().collect::<Vec<_>>(), all.keys().collect::<Vec<_>>());
        // To leave in order is a wish, which the whole gives up where others contradict each other.
        prop_assert!(all.iter().all(|(step, after)| after.is_subset(&ours[step])), "{ours:#?}\n{all:#?}");
        prop_assert_eq!(noted(&own, &within), noted(&whole, &within));
        prop_assert!(whole.refusals.is_empty() || !deletes(&own), "a budget that the whole exceeds is not kept");
    });
    let [narrow, sending, blocked, undisturbed] =
        [narrow, sending, blocked, undisturbed].map(AtomicUsize::into_inner);
    Report {
        harness: "model::narrow",
        what: "random worlds and edits: the plan of what an edit touches beside the plan of everything",
        cases: format!("{total} edits, {narrow} narrow plans, {sending} that register again"),
        seed: seed(),
        result: "0 rows and 0 steps that differ; 0 budgets that only the narrow plan keeps".to_owned(),
        planted: "a dependency or a JAR's sibling that is forgotten, a budget that is not asked: by hand",
    }
    .hand_in();
    // Otherwise the property would be about nothing.
    let floor = total as usize / 40;
    let counts = [narrow, undisturbed, sending * 10, blocked * 20];
    assert!(counts.iter().all(|count| *count > floor), "{counts:?} of {total}");
}
