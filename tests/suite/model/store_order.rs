//! Stores and connectors that depend on each other.

use std::time::Duration;

use reconcile::domain::plan::{BlockReason, Change};
use reconcile::engine::executor::RowResult;
use reconcile::engine::planner::{Goal, PlanError};

use super::judged::change;
use super::order::names;
use crate::support::apply::{Applied, NoPlan, Site};
use crate::support::builders::{Declared, address, desired};
use crate::support::memory::{Fault, Operation};
use crate::support::stores::{seen_as, store};

const SECOND: Duration = Duration::from_secs(1);

/// A connector that reads from a store, and a store that needs another connector.
fn chain() -> [Declared; 3] {
    [desired("z"), store("orders").after(&["FlinkConnector/z"]), desired("a").after(&["Store/orders"])]
}

fn result<'a>(applied: &'a Applied, name: &str) -> &'a RowResult {
    &applied.report.rows.iter().find(|outcome| outcome.row.address == address(name)).unwrap().result
}

#[tokio::test(start_paused = true)]
async fn a_connector_comes_behind_a_store_that_is_ready_and_goes_before_it() {
    let mut site = Site::declaring(chain());
    site.service.provisions_for(12 * SECOND);
    let applied = site.apply_once().await;
    assert!(applied.report.is_complete() && applied.after.is_empty());
    assert_eq!(names(&applied.asked()), ["z", "orders", "a"]);
    assert!(applied.took > 12 * SECOND, "ready, not only accepted");
    site.options.goal = Goal::Destroy { only: None, protected: [].into() };
    let destroyed = site.apply_once().await;
    assert!(destroyed.report.is_complete());
    assert_eq!(names(&destroyed.asked()), ["a", "orders", "z"]);
    assert!(site.service.everything().is_empty() && destroyed.report.snapshot.resources.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_store_that_ends_in_error_stops_its_dependents_and_nothing_else() {
    let mut site = Site::declaring(chain());
    site.service.errs(store("orders").key(), Some("no broker answers"));
    let applied = site.apply_once().await;
    assert_eq!(result(&applied, "z"), &RowResult::Done);
    assert!(matches!(result(&applied, "Store/orders"), RowResult::Failed(_)));
    let why = RowResult::Skipped("creating Store/orders did not succeed".to_owned());
    assert_eq!(result(&applied, "a"), &why);
    // Repaired first, then what waits for it.
    site.service.errs(store("orders").key(), None);
    let again = site.apply_once().await;
    assert_eq!(names(&again.asked()), ["orders", "a"]);
    assert!(again.report.is_complete() && again.after.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_depends_on_a_store_that_is_being_waited_for_waits_too() {
    let mut site = Site::declaring([store("orders")]);
    site.service.provisions_for(700 * SECOND);
    site.apply_once().await;
    site.declare([store("orders"), desired("a").after(&["Store/orders"])]);
    let applied = site.apply_once().await;
    assert!(applied.report.is_complete() && applied.after.is_empty());
    assert_eq!(names(&applied.asked()), ["a"]);
    assert!(applied.took > 90 * SECOND, "{:?}", applied.took);
}

#[tokio::test(start_paused = true)]
async fn an_update_of_a_store_comes_before_what_depends_on_it_and_takes_nothing_down() {
    let mut site = Site::applied([store("orders"), desired("a").after(&["Store/orders"])]).await;
    site.declare([store("orders").password("new"), desired("a").after(&["Store/orders"])]);
    assert_eq!(names(&site.apply_once().await.asked()), ["orders"]);
    site.declare([store("orders").password("3"), desired("a").version("2").after(&["Store/orders"])]);
    let applied = site.apply_once().await;
    assert!(applied.report.is_complete() && applied.after.is_empty());
    let asked = applied.asked();
    let order = names(&asked);
    let at = |name: &str| order.iter().rposition(|of| *of == name).unwrap();
    assert!(at("orders") < at("a"), "{order:?}");
}

#[tokio::test(start_paused = true)]
async fn a_refused_update_of_a_store_leaves_its_dependents_alone() {
    let mut site = Site::applied([store("orders"), desired("a").after(&["Store/orders"])]).await;
    site.declare([store("orders").password("new"), desired("a").version("2").after(&["Store/orders"])]);
    site.service.fault(Operation::Update, 1, Fault::Refuse("login failed"));
    let applied = site.apply_once().await;
    assert!(matches!(result(&applied, "Store/orders"), RowResult::Failed(_)));
    assert_eq!(site.service.everything().len(), 2, "{:#?}", applied.report);
}

#[tokio::test(start_paused = true)]
async fn a_replaced_store_whose_dependency_fails_is_not_dropped_for_good() {
    let mut site = Site::applied([desired("z"), store("orders").after(&["z"])]).await;
    site.declare([desired("z").jar("2"), store("orders").after(&["z"]).owner("analyst")]);
    site.service.fault(Operation::Register, 1, Fault::Refuse("the JAR has no factory"));
    let applied = site.apply_once().await;
    assert!(!applied.report.is_complete());
    site.apply_once().await;
    assert!(site.plan().await.is_empty());
    assert_eq!(site.service.everything().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_cycle_across_kinds_is_reported_as_a_path() {
    let site = Site::declaring([desired("a").after(&["Store/orders"]), store("orders").after(&["a"])]);
    let Err(NoPlan::Contradiction(error)) = site.try_plan().await else { panic!("there is a plan") };
    let PlanError::Cycle(path) = &error else { panic!("{error}") };
    assert_eq!((path.first(), path.len()), (path.last(), 3));
    assert_eq!(
        error.to_string(),
        "the order contradicts itself: FlinkConnector/a -> Store/orders -> FlinkConnector/a"
    );
}

#[tokio::test(start_paused = true)]
async fn what_depends_on_a_store_out_of_sight_is_blocked_with_it() {
    let mut site = Site::applied([store("orders")]).await;
    site.service.blinds("auditor");
    site.service.asked_by(seen_as("auditor"));
    site.declare([store("orders"), desired("a").after(&["Store/orders"]), desired("b")]);
    let plan = site.plan().await;
    let because = BlockReason::Dependency(address("Store/orders"));
    assert_eq!(change(&plan, "a"), Change::Blocked(because));
    assert_eq!(names(&site.apply_once().await.asked()), ["b"]);
}
