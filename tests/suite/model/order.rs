//! What comes before what, and what a failure stops.

use reconcile::domain::natural_key::NaturalKey;
use reconcile::domain::plan::{BlockReason, Change};
use reconcile::engine::executor::RowResult;
use reconcile::engine::planner::{Goal, PlanError};

use crate::support::apply::{NoPlan, Site};
use crate::support::builders::{address, desired, key};
use crate::support::memory::{Fault, Operation};
use crate::support::tape::Write;

pub(super) fn names(writes: &[Write]) -> Vec<&str> {
    let keys = writes.iter().map(|write| match write {
        Write::Register { keys, .. } => &keys[0],
        Write::Create(key) | Write::Update { key, .. } | Write::Delete(key) => key,
    });
    keys.map(NaturalKey::name).collect()
}

#[tokio::test(start_paused = true)]
async fn objects_come_behind_what_they_depend_on_and_go_before_it() {
    let declared = || [desired("a").after(&["b"]), desired("b").after(&["c"]), desired("c")];
    let mut site = Site::declaring(declared());
    let applied = site.apply_once().await;
    assert_eq!(names(&applied.asked()), ["c", "b", "a"]);

    site.options.goal = Goal::Destroy { only: None, protected: [].into() };
    let destroyed = site.apply_once().await;
    assert!(destroyed.report.is_complete());
    assert_eq!(names(&destroyed.asked()), ["a", "b", "c"]);
    assert!(site.service.everything().is_empty() && destroyed.report.snapshot.resources.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_re_registration_takes_its_dependents_down_first_and_up_last() {
    let mut site = Site::applied([desired("a").after(&["b"]), desired("b")]).await;
    site.declare([desired("a").after(&["b"]).version("2"), desired("b").version("2")]);
    let applied = site.apply_once().await;
    assert!(applied.report.is_complete() && applied.after.is_empty());
    assert_eq!(names(&applied.asked()), ["a", "b", "b", "a"]);
}

#[tokio::test(start_paused = true)]
async fn a_cycle_is_reported_as_a_path() {
    let site = Site::declaring([desired("a").after(&["b"]), desired("b").after(&["a"])]);
    let Err(NoPlan::Contradiction(error)) = site.try_plan().await else { panic!("there is a plan") };
    let PlanError::Cycle(path) = &error else { panic!("{error}") };
    assert_eq!(path.first(), path.last());
    let text = error.to_string();
    assert_eq!(
        text,
        "the order contradicts itself: FlinkConnector/a -> FlinkConnector/b -> FlinkConnector/a"
    );
}

#[tokio::test(start_paused = true)]
async fn records_that_contradict_each_other_are_deleted_all_the_same() {
    let mut site = Site::applied([desired("a").after(&["b"]), desired("b")]).await;
    // Only `b` follows the next generation of manifests, in which the order is the other way round.
    site.declare([desired("a").version("2"), desired("b").after(&["a"])]);
    site.service.fault(Operation::Delete, 1, Fault::Auth);
    site.apply_once().await;
    site.options.goal = Goal::Destroy { only: None, protected: [].into() };
    let destroyed = site.apply_once().await;
    assert!(destroyed.report.is_complete() && site.service.everything().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_failure_skips_what_depends_on_it_and_nothing_else() {
    let mut site = Site::declaring([desired("a"), desired("b").after(&["a"]), desired("c")]);
    site.service.fault(Operation::Register, 1, Fault::Refuse("no"));
    let applied = site.apply_once().await;
    let results: Vec<&RowResult> = applied.report.rows.iter().map(|row| &row.result).collect();
    assert!(matches!(results[0], RowResult::Failed(_)));
    assert_eq!(results[1], &RowResult::Skipped("registering FlinkConnector/a did not succeed".to_owned()));
    assert_eq!(results[2], &RowResult::Done);
    assert_eq!(names(&applied.asked()), ["a", "c"]);
}

#[tokio::test(start_paused = true)]
async fn what_depends_on_a_blocked_object_is_blocked() {
    let site =
        Site::declaring([desired("a").of_type("t"), desired("b").after(&["a"]), desired("c").after(&["b"])]);
    site.service.put(&desired("foreign").of_type("t").definition());
    let plan = site.plan().await;
    let blocked = |index: usize| match &plan.rows[index].change {
        Change::Blocked(reason) => reason.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(blocked(0), BlockReason::TypeTaken { by: key("foreign") });
    assert_eq!(blocked(1), BlockReason::Dependency(address("a")));
    assert_eq!(blocked(2), BlockReason::Dependency(address("b")));
}
