//! What `simulate` foretells is what an apply then does: the same plans with the same faults, on the product's model of the
//! services and on the stricter one of these tests.

use std::collections::BTreeMap;

use proptest::prelude::*;
use reconcile::domain::address::Kind;
use reconcile::domain::desired::{DesiredSet, Lifecycle};
use reconcile::domain::live::{Readiness, World};
use reconcile::domain::natural_key::NaturalKey;
use reconcile::domain::plan::{Change, Plan};
use reconcile::domain::recorded::{Condition, Recorded};
use reconcile::domain::snapshot::Snapshot;
use reconcile::engine::executor::{Report, RowResult, Stop, execute};
use reconcile::engine::planner::settle::settle;
use reconcile::engine::planner::{PlanInput, plan};
use reconcile::engine::simulate::{Notebook, Silence};
use reconcile::platform::virtual_time::VirtualClock;
use reconcile::providers::memory::{Fault as Told, ModelService};
use tokio::sync::watch;

use super::worlds;
use crate::support::apply::{NoPlan, Planned, Site, in_virtual_time};
use crate::support::builders::{desired, set};
use crate::support::memory::{Fault, Processed};

/// The same fault in both notations.
fn faults() -> Vec<(&'static str, Fault)> {
    vec![
        ("400x1", Fault::Refuse("not that one")),
        ("403x1", Fault::Auth),
        ("429x1", Fault::Throttled),
        ("dropx1", Fault::Ambiguous(Processed::Yes)),
        ("503x1", Fault::Ambiguous(Processed::No)),
        ("erroredx1", Fault::Err("no broker answers")),
    ]
}

fn manifests() -> impl Strategy<Value = DesiredSet> {
    let free = |mut desired: DesiredSet| {
        for one in desired.values_mut() {
            one.lifecycle = Lifecycle::default();
        }
        desired
    };
    worlds::desired().prop_map(free).prop_filter("empty", |desired| !desired.is_empty())
}

/// What became of each row, without the words of either service.
fn results(report: &Report) -> Vec<String> {
    let result = |result: &RowResult| match result {
        RowResult::Done => "done".to_owned(),
        RowResult::Failed(failure) => format!("failed: {:?}", failure.cause),
        RowResult::Skipped(_) => "skipped".to_owned(),
    };
    report.rows.iter().map(|outcome| format!("{} {}", outcome.row.address, result(&outcome.result))).collect()
}

/// What is recorded, without the words of either service.
fn records(snapshot: &Snapshot) -> BTreeMap<NaturalKey, Recorded> {
    let wordless = |recorded: &Recorded| {
        let condition = match &recorded.condition {
            Condition::Unconfirmed { .. } => Condition::Unconfirmed { message: String::new() },
            Condition::Degraded { .. } => Condition::Degraded { message: String::new() },
            Condition::Lost { .. } => Condition::Lost { message: String::new() },
            other => other.clone(),
        };
        Recorded { condition, ..recorded.clone() }
    };
    snapshot.resources.iter().map(|(key, recorded)| (key.clone(), wordless(recorded))).collect()
}

/// What is live, and how it stands.
fn shown(world: &World) -> BTreeMap<NaturalKey, &'static str> {
    let readiness = |readiness: &Readiness| match readiness {
        Readiness::Ready => "ready",
        Readiness::Pending { .. } => "pending",
        Readiness::Errored { .. } => "errored",
    };
    let objects = world.values().flat_map(reconcile::domain::live::Census::objects);
    objects.map(|live| (live.key.clone(), readiness(&live.readiness))).collect()
}

fn steps(plan: &Plan) -> Vec<String> {
    plan.steps.iter().map(reconcile::domain::plan::Step::title).collect()
}

/// What is foretold: the report, the state, live, and the next plan.
fn foretell(
    site: &Site,
    planned: &Planned,
    world: &World,
    fault: Option<&str>,
) -> (Report, Snapshot, World, Plan) {
    let clock = VirtualClock::default();
    let rows = planned.plan.rows.iter();
    let addresses = rows.map(|row| (row.key.clone(), row.address.clone())).collect();
    let service = ModelService::new(world, addresses, clock.clone());
    service.fail(fault.iter().map(|text| text.parse::<Told>().unwrap()).collect());
    let mut notebook = Notebook::on(site.store.recover(), String::new());
    let (_wish, wishes) = watch::channel(Stop::No);
    let approved = planned.plan.clone().approve().unwrap();
    let around = (&service, &clock, &Silence);
    let run = || {
        clock.run(execute(approved, planned.settled.clone(), &mut notebook, around, &site.settings, wishes))
    };
    let report = std::thread::scope(|scope| scope.spawn(run).join().unwrap()).unwrap();
    let (recovered, live) = (notebook.recovered().clone(), service.world());
    let settled = settle(&recovered, &live);
    let next = plan(&PlanInput {
        desired: &site.desired,
        recorded: &settled.snapshot,
        unseen: &settled.unseen,
        live: &live,
        sends_definition: &live.keys().cloned().collect(),
        options: &site.options.afterwards(),
    });
    (report, recovered.snapshot, live, next.unwrap())
}

/// Foretells with one fault, applies with the other, and compares what comes of both.
async fn compare(
    site: &mut Site,
    (planned, world): (Planned, World),
    told: Option<&str>,
    done: Option<(NaturalKey, Fault)>,
) -> Result<(), TestCaseError> {
    let (report, recorded, live, next) = foretell(site, &planned, &world, told);
    if let Some((key, fault)) = done {
        site.service.aim(key, fault);
    }
    let (_, never) = watch::channel(Stop::No);
    let real = site.carry_out(&planned, never).await;
    let story = format!("{told:?}\n{:#?}\n{}", steps(&planned.plan), site.tape.story());
    prop_assert_eq!(results(&report), results(&real), "{}", story);
    prop_assert_eq!(records(&recorded), records(&site.store.recover().snapshot), "{}", story);
    site.service.calm();
    let Ok((after, world)) = site.look().await else { return Ok(()) };
    let seen = shown(&world);
    let foretold = shown(&live).into_iter().filter(|(key, _)| world.contains_key(&key.scope()));
    prop_assert_eq!(foretold.collect::<BTreeMap<_, _>>(), seen, "{}", story);
    prop_assert_eq!(steps(&next), steps(&after.plan), "{}", story);
    Ok(())
}

proptest! {
    #![proptest_config(worlds::cases(256, 20_000))]

    #[test]
    fn what_is_foretold_is_what_an_apply_then_does(
        before in manifests(),
        after in manifests(),
        which in any::<prop::sample::Index>(),
        kind in proptest::option::of(0_usize..6),
    ) {
        in_virtual_time(async {
            let mut site = Site::new();
            // Which of two requests arrives first is not what is foretold.
            site.settings.parallelism = 1;
            site.replace_manifests(before);
            if let Err(NoPlan::Contradiction(_)) = site.try_plan().await {
                return Ok(());
            }
            site.apply_once().await;
            site.replace_manifests(after);
            let Ok((planned, world)) = site.look().await else { return Ok(()) };
            let works = planned.plan.rows.iter().filter(|row| {
                let sends = !matches!(row.change, Change::Keep | Change::Blocked(_) | Change::Forget(_));
                sends && planned.plan.rows.iter().filter(|other| other.address == row.address).count() == 1
            });
            let works: Vec<_> = works.collect();
            let struck = kind.filter(|_| !works.is_empty()).map(|kind| {
                let row = which.get(&works);
                let (word, fault) = faults().swap_remove(kind);
                // A connector has no state to be in error.
                let cannot = row.address.kind == Kind::FlinkConnector && matches!(fault, Fault::Err(_));
                (format!("{}:{word}", row.address), row.key.clone(), Some(fault).filter(|_| !cannot))
            });
            let (told, done) = match struck {
                Some((text, key, fault)) => (Some(text), fault.map(|fault| (key, fault))),
                None => (None, None),
            };
            compare(&mut site, (planned, world), told.as_deref(), done).await
        })?;
    }
}

#[test]
fn a_foretelling_that_leaves_a_fault_out_is_noticed() {
    // What is lost on the way is looked for, and comes to the same.
    for (told, fault) in faults().into_iter().take(3) {
        let found = in_virtual_time(async {
            let mut site = Site::new();
            site.settings.parallelism = 1;
            site.replace_manifests(set([desired("a")]));
            let (planned, world) = site.look().await.unwrap();
            let key = planned.plan.rows[0].key.clone();
            compare(&mut site, (planned, world), None, Some((key, fault))).await
        });
        assert!(found.is_err(), "{told} makes no difference");
    }
}
