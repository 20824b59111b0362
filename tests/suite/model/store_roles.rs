//! What a role cannot see is not absent, and what another organization has is another object (design.md 3.2).

use std::time::Duration;

use reconcile::domain::live::Observer;
use reconcile::domain::plan::{BlockReason, Change, CreateReason};
use reconcile::domain::recorded::Condition;
use reconcile::engine::executor::Cause;
use reconcile::engine::planner::Goal;

use super::judged::change;
use crate::support::apply::Site;
use crate::support::builders::{Declared, desired};
use crate::support::memory::{Fault, Operation, Processed};
use crate::support::stores::{observer, seen_as, store};
use crate::support::tape::Write;

const SECOND: Duration = Duration::from_secs(1);
const BLIND: &str = "auditor";

fn orders() -> Declared {
    store("orders")
}

fn elsewhere() -> Observer {
    Observer { organization: "other".into(), ..observer() }
}

fn out_of_sight(now: Observer) -> Change {
    Change::Blocked(BlockReason::OutOfSight { then: observer(), now })
}

/// From now on a role asks that sees no store.
fn blind(site: &Site) {
    site.service.blinds(BLIND);
    site.service.asked_by(seen_as(BLIND));
}

#[tokio::test(start_paused = true)]
async fn a_recorded_store_that_another_role_does_not_see_is_left_alone() {
    let mut site = Site::applied([orders()]).await;
    blind(&site);
    for goal in [Goal::Converge, Goal::Destroy { only: None, protected: [].into() }] {
        for declared in [orders(), orders().password("new"), orders().named("orders-2"), store("more")] {
            site.declare([declared, desired("a")]);
            site.options.goal = goal.clone();
            let plan = site.plan().await;
            assert_eq!(change(&plan, "Store/orders"), out_of_sight(seen_as(BLIND)));
        }
    }
    site.options.goal = Goal::Converge;
    site.declare([orders().password("new")]);
    let applied = site.apply_once().await;
    assert_eq!(applied.asked(), []);
    assert_eq!(applied.record("Store/orders").unwrap(), orders().recorded(), "not forgotten");
}

#[tokio::test(start_paused = true)]
async fn the_role_that_saw_it_and_sees_it_no_longer_creates_it_again() {
    let mut site = Site::applied([orders()]).await;
    site.service.remove(&orders().key());
    let applied = site.apply_once().await;
    assert_eq!(change(&applied.planned.plan, "Store/orders"), Change::Create(CreateReason::Absent));
    assert!(applied.report.is_complete() && applied.after.is_empty());
}

#[tokio::test(start_paused = true)]
async fn another_role_that_sees_the_store_works_on_it_and_is_remembered() {
    let mut site = Site::applied([orders()]).await;
    site.service.asked_by(seen_as("second"));
    assert!(site.plan().await.is_empty());
    site.declare([orders().password("new")]);
    let applied = site.apply_once().await;
    assert!(applied.report.is_complete() && applied.after.is_empty());
    assert_eq!(
        applied.record("Store/orders").unwrap(),
        orders().password("new").recorded_by(seen_as("second"))
    );
}

#[tokio::test(start_paused = true)]
async fn another_organization_is_blocked_even_where_it_has_a_store_of_that_name() {
    let mut site = Site::applied([orders()]).await;
    site.service.asked_by(elsewhere());
    assert_eq!(change(&site.plan().await, "Store/orders"), out_of_sight(elsewhere()));
    site.service.put_store(&orders().store_spec());
    site.declare([orders().password("new")]);
    assert_eq!(change(&site.plan().await, "Store/orders"), out_of_sight(elsewhere()));
    assert_eq!(site.apply_once().await.asked(), []);
    site.declare([desired("a")]);
    assert_eq!(change(&site.plan().await, "Store/orders"), out_of_sight(elsewhere()));
}

#[tokio::test(start_paused = true)]
async fn another_organization_settles_no_condition() {
    let mut site = Site::declaring([orders()]);
    site.service.errs(orders().key(), Some("no broker answers"));
    site.apply_once().await;
    site.service.asked_by(elsewhere());
    site.service.errs(orders().key(), None);
    site.service.put_store(&orders().store_spec());
    let applied = site.apply_once().await;
    assert_eq!(change(&applied.planned.plan, "Store/orders"), out_of_sight(elsewhere()));
    assert_eq!(applied.asked(), []);
    assert_eq!(applied.record("Store/orders").unwrap(), orders().degraded("no broker answers"));
}

/// `orders` was to be created when the process was killed, behind its intent and its request.
async fn cut_off() -> Site {
    let mut site = Site::declaring([orders()]);
    assert!(site.apply_cut_behind(3).await.1);
    site
}

#[tokio::test(start_paused = true)]
async fn a_creation_that_was_cut_off_is_not_repeated_by_a_role_that_does_not_see_it() {
    for who in [seen_as(BLIND), elsewhere()] {
        let mut site = cut_off().await;
        site.pass(SECOND).await;
        site.service.blinds(BLIND);
        site.service.asked_by(who.clone());
        let applied = site.apply_once().await;
        assert_eq!(change(&applied.planned.plan, "Store/orders"), out_of_sight(who));
        assert_eq!(applied.asked(), []);
        site.service.asked_by(observer());
        let again = site.apply_once().await;
        assert_eq!(again.asked(), []);
        assert!(again.report.is_complete() && again.after.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_creation_that_was_cut_off_is_not_found_in_another_organization() {
    let mut site = cut_off().await;
    site.pass(SECOND).await;
    site.service.asked_by(elsewhere());
    site.service.put_store(&orders().store_spec());
    let applied = site.apply_once().await;
    assert_eq!(applied.asked(), []);
    assert!(matches!(applied.record("Store/orders").unwrap().condition, Condition::Unconfirmed { .. }));
    site.service.asked_by(observer());
    assert!(site.apply_once().await.after.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_creation_whose_answers_were_lost_is_remembered_with_its_role() {
    let mut site = Site::declaring([orders()]);
    for nth in 1..=3 {
        site.service.fault(Operation::Create, nth, Fault::Ambiguous(Processed::No));
    }
    site.apply_once().await;
    blind(&site);
    let applied = site.apply_once().await;
    assert_eq!(change(&applied.planned.plan, "Store/orders"), out_of_sight(seen_as(BLIND)));
    assert_eq!(applied.asked(), []);
}

#[tokio::test(start_paused = true)]
async fn an_open_drop_is_not_closed_by_who_does_not_see_the_store() {
    for who in [seen_as(BLIND), elsewhere()] {
        for carried_out in [true, false] {
            let mut site = Site::applied([orders(), desired("a")]).await;
            site.declare([desired("a")]);
            assert!(site.apply_cut_behind(3).await.1);
            if !carried_out {
                site.service.lose_pending();
            }
            site.pass(SECOND).await;
            site.service.blinds(BLIND);
            site.service.asked_by(who.clone());
            let applied = site.apply_once().await;
            assert_eq!(change(&applied.planned.plan, "Store/orders"), out_of_sight(who.clone()));
            assert_eq!(applied.asked(), []);
            assert_eq!(site.store.recover().open.len(), 1, "{}", site.tape.story());
            site.service.asked_by(observer());
            let again = site.apply_once().await;
            assert_eq!(again.asked().len(), usize::from(!carried_out));
            assert!(again.report.is_complete() && again.after.is_empty());
            assert_eq!((again.record("Store/orders"), site.store.recover().open.len()), (None, 0));
            assert!(!site.service.everything().contains_key(&orders().key()));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_exists_where_the_role_does_not_see_it_is_refused_and_not_recorded() {
    let mut site = Site::declaring([orders()]);
    site.service.put_store(&orders().store_spec());
    blind(&site);
    let applied = site.apply_once().await;
    assert_eq!(applied.asked(), [Write::Create(orders().key())]);
    assert_eq!(applied.failure("Store/orders").unwrap().cause, Cause::Refused);
    assert_eq!(applied.record("Store/orders"), None);
}

#[tokio::test(start_paused = true)]
async fn a_store_is_dropped_as_its_owner() {
    let mut site = Site::applied([orders().owner("analyst"), desired("a")]).await;
    site.declare([desired("a")]);
    let applied = site.apply_once().await;
    assert!(applied.report.is_complete() && applied.after.is_empty(), "{:#?}", applied.report);
    assert_eq!(site.service.everything().len(), 1);
}
