//! Stopping: the first Ctrl-C finishes what is in flight, the second one leaves it to the next run.

use std::time::Duration;

use reconcile::domain::recorded::Condition;
use reconcile::engine::executor::{Cause, Report, RowResult, Stop};
use tokio::sync::watch;

use crate::support::apply::{Applied, Site};
use crate::support::builders::{address, desired, key};
use crate::support::memory::{Fault, Operation, Processed};
use crate::support::stores::store;

const SECOND: Duration = Duration::from_secs(1);

/// Applies, and changes the wish at these moments.
async fn apply_with(site: &mut Site, wishes: &[(Duration, Stop)]) -> Applied {
    let (wish, heard) = watch::channel(Stop::No);
    let clock = site.clock;
    let user = async {
        for (after, stop) in wishes {
            use reconcile::ports::clock::Clock;
            clock.sleep_until(clock.now() + *after).await;
            wish.send_replace(*stop);
        }
    };
    tokio::join!(site.apply_until(heard), user).0
}

fn result<'r>(report: &'r Report, name: &str) -> &'r RowResult {
    let row = report.rows.iter().find(|outcome| outcome.row.address == address(name));
    &row.unwrap().result
}

#[tokio::test(start_paused = true)]
async fn the_first_stop_finishes_what_is_in_flight_and_starts_nothing_else() {
    let mut site = Site::declaring([desired("a"), desired("b").after(&["a"])]);
    site.service.lag(10 * SECOND, Duration::ZERO);
    let applied = apply_with(&mut site, &[(5 * SECOND, Stop::Finish)]).await;
    assert!(applied.report.stopped && !applied.report.is_complete());
    assert_eq!(result(&applied.report, "a"), &RowResult::Done);
    let why = "the run was stopped before it".to_owned();
    assert_eq!(result(&applied.report, "b"), &RowResult::Skipped(why));
    assert_eq!(applied.record("a").unwrap(), desired("a").recorded());
    assert_eq!(applied.asked().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_first_stop_carries_a_begun_re_registration_to_its_end() {
    let mut site = Site::applied([desired("a").jar("1")]).await;
    site.declare([desired("a").jar("2"), desired("b").after(&["a"])]);
    site.service.lag(Duration::ZERO, 10 * SECOND);
    let applied = apply_with(&mut site, &[(5 * SECOND, Stop::Finish)]).await;
    assert_eq!(result(&applied.report, "a"), &RowResult::Done);
    assert!(matches!(result(&applied.report, "b"), RowResult::Skipped(_)));
    assert_eq!(applied.record("a").unwrap(), desired("a").jar("2").recorded());
}

#[tokio::test(start_paused = true)]
async fn a_begun_re_registration_that_cannot_end_brings_the_old_jar_back() {
    // `a` wants the type of `b`, which cannot go before its dependent `c` is gone: it is not begun when the run stops.
    let old = [desired("a").of_type("x"), desired("b").of_type("y"), desired("c").after(&["b"])];
    let mut site = Site::applied(old).await;
    site.declare([desired("a").of_type("y"), desired("b").of_type("x")]);
    site.service.lag(Duration::ZERO, 10 * SECOND);
    let applied = apply_with(&mut site, &[(5 * SECOND, Stop::Finish)]).await;
    let RowResult::Failed(failure) = result(&applied.report, "a") else { panic!("{:#?}", applied.report) };
    assert_eq!(
        failure.message,
        "deleting FlinkConnector/b did not succeed; the old JAR oss://b/a.jar is live again"
    );
    assert_eq!(applied.record("a").unwrap(), desired("a").of_type("x").recorded());
    assert!(matches!(result(&applied.report, "b"), RowResult::Skipped(_)));
    assert_eq!(site.service.everything().len(), 2);
    let again = site.apply_once().await;
    assert!(again.after.is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_second_stop_ends_at_once_and_leaves_an_open_intent_that_the_next_apply_settles() {
    let mut site = Site::declaring([desired("a")]);
    site.service.fault(Operation::Register, 1, Fault::Silence(Processed::Yes));
    // The second signal drops the run where it stands.
    let first = [(5 * SECOND, Stop::Finish)];
    let ended = tokio::time::timeout(6 * SECOND, apply_with(&mut site, &first)).await;
    assert!(ended.is_err(), "what is in flight never ends by itself");
    assert_eq!(site.store.recover().open.len(), 1);
    let again = site.apply_once().await;
    assert_eq!(again.asked(), []);
    assert!(again.after.is_empty());
    assert_eq!(site.tape.creations()[&key("a")], 1);
    assert!(site.store.recover().open.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_stop_before_the_first_step_sends_nothing() {
    let mut site = Site::declaring([desired("a")]);
    let (_wish, heard) = watch::channel(Stop::Finish);
    let applied = site.apply_until(heard).await;
    assert!(applied.report.stopped);
    assert_eq!(applied.asked(), []);
}

#[tokio::test(start_paused = true)]
async fn a_superseded_run_does_not_wait_for_what_it_sent_and_the_next_one_registers_what_is_declared_now() {
    let mut site = Site::declaring([desired("a").jar("1"), desired("b").after(&["a"])]);
    site.service.lag(60 * SECOND, Duration::ZERO);
    let started = site.clock;
    let applied = apply_with(&mut site, &[(5 * SECOND, Stop::Supersede)]).await;
    assert!(started.elapsed() < 7 * SECOND, "{:?}", started.elapsed());
    let RowResult::Failed(failure) = result(&applied.report, "a") else { panic!("{:#?}", applied.report) };
    assert_eq!(failure.cause, Cause::Superseded);
    assert!(failure.message.contains("newer manifests are there"), "{}", failure.message);
    assert!(matches!(result(&applied.report, "b"), RowResult::Skipped(_)));
    assert!(matches!(applied.record("a").unwrap().condition, Condition::Unconfirmed { .. }));
    assert!(site.store.recover().open.is_empty());
    site.declare([desired("a").jar("2")]);
    site.service.lag(Duration::ZERO, Duration::ZERO);
    // What was sent before shows only now: the next run finds it, and changes it.
    tokio::time::advance(60 * SECOND).await;
    let end = site.apply_once().await;
    assert!(end.report.is_complete() && end.after.is_empty(), "{:#?}", end.report);
    assert_eq!(site.service.everything().len(), 1);
    assert_eq!(end.record("a").unwrap(), desired("a").jar("2").recorded());
}

#[tokio::test(start_paused = true)]
async fn a_superseded_store_stays_recorded_and_becomes_ready_in_the_next_run() {
    let mut site = Site::declaring([store("orders")]);
    site.service.provisions_for(60 * SECOND);
    let applied = apply_with(&mut site, &[(12 * SECOND, Stop::Supersede)]).await;
    assert_eq!(applied.failure("Store/orders").unwrap().cause, Cause::Superseded);
    assert!(applied.took < 13 * SECOND, "{:?}", applied.took);
    assert!(matches!(applied.record("Store/orders").unwrap().condition, Condition::Degraded { .. }));
    let again = site.apply_once().await;
    assert!(again.report.is_complete() && again.after.is_empty(), "{:#?}", again.report);
    assert_eq!(again.asked(), []);
}

#[tokio::test(start_paused = true)]
async fn a_superseded_run_still_waits_until_what_it_deletes_is_gone() {
    let mut site = Site::applied([desired("a")]).await;
    site.declare([desired("b")]);
    site.service.lag(Duration::ZERO, 20 * SECOND);
    let applied = apply_with(&mut site, &[(5 * SECOND, Stop::Supersede)]).await;
    assert_eq!(result(&applied.report, "a"), &RowResult::Done);
    assert!(applied.record("a").is_none());
}
