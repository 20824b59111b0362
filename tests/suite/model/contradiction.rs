//! Live that contradicts what was just applied is never applied again for ever.

use reconcile::domain::plan::{BlockReason, Change};
use reconcile::domain::recorded::Condition;
use reconcile::engine::executor::Cause;

use crate::support::apply::Site;
use crate::support::builders::{desired, jar};

/// `a` declares that it is no sink, and its JAR brings one all the same.
async fn contradicted() -> Site {
    let mut site = Site::declaring([desired("a").sink(false)]);
    site.service.holds(jar("a"), &[desired("a").sink(true).definition()]);
    let applied = site.apply_once().await;
    let failure = applied.failure("a").unwrap();
    assert_eq!(failure.cause, Cause::Contradicted);
    assert_eq!(
        failure.message,
        "FlinkConnector/a: spec.sink is declared as false, but the service shows true"
    );
    assert!(matches!(applied.record("a").unwrap().condition, Condition::Contradicted { .. }));
    site
}

#[tokio::test(start_paused = true)]
async fn a_contradiction_blocks_the_next_plan_without_a_request() {
    let mut site = contradicted().await;
    let again = site.apply_once().await;
    let change = &again.planned.plan.rows[0].change;
    assert!(
        matches!(change, Change::Blocked(BlockReason::Contradicted { field, .. }) if field == "sink"),
        "{change:?}"
    );
    assert_eq!(again.asked(), []);
}

#[tokio::test(start_paused = true)]
async fn a_corrected_manifest_costs_no_request() {
    let mut site = contradicted().await;
    site.declare([desired("a").sink(true)]);
    let again = site.apply_once().await;
    assert_eq!(again.asked(), []);
    assert!(again.after.is_empty());
    assert_eq!(again.record("a").unwrap(), desired("a").sink(true).recorded());
}

#[tokio::test(start_paused = true)]
async fn a_new_version_of_the_jar_is_registered() {
    let mut site = contradicted().await;
    site.service.holds(jar("a"), &[desired("a").sink(false).definition()]);
    site.declare([desired("a").sink(false).version("2")]);
    let again = site.apply_once().await;
    assert_eq!(again.asked().len(), 2);
    assert!(again.report.is_complete() && again.after.is_empty());
}

#[tokio::test(start_paused = true)]
async fn live_that_comes_round_ends_the_contradiction() {
    let mut site = contradicted().await;
    site.service.put(&desired("a").sink(false).definition());
    let again = site.apply_once().await;
    assert_eq!(again.asked(), []);
    assert!(again.after.is_empty());
    assert_eq!(again.record("a").unwrap().condition, Condition::Ready);
}
