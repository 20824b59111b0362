//! Re-registrations: delete, prove absence, register, prove presence; and the way back.

use std::time::Duration;

use reconcile::domain::plan::{Change, ReregisterReason, Strategy};
use reconcile::domain::recorded::Condition;
use reconcile::engine::executor::{Cause, RowResult};

use crate::support::apply::Site;
use crate::support::builders::{address, desired, jar, key};
use crate::support::memory::{Fault, Operation, Processed};
use crate::support::tape::Write;

const SECOND: Duration = Duration::from_secs(1);

/// `a` from JAR 1 is live, and JAR 2 is declared.
async fn new_jar() -> Site {
    let mut site = Site::applied([desired("a").jar("1")]).await;
    site.declare([desired("a").jar("2")]);
    site
}

fn jars(writes: &[Write]) -> Vec<&str> {
    let what = writes.iter().map(|write| match write {
        Write::Register { jar_url, .. } => jar_url.as_str(),
        Write::Delete(_) => "delete",
        Write::Create(_) | Write::Update { .. } => "store",
    });
    what.collect()
}

#[tokio::test(start_paused = true)]
async fn a_new_jar_is_deleted_and_registered_once() {
    let mut site = new_jar().await;
    site.service.lag(5 * SECOND, 5 * SECOND);
    let applied = site.apply_once().await;
    assert!(applied.report.is_complete() && applied.after.is_empty());
    assert_eq!(jars(&applied.asked()), ["delete", "oss://b/2.jar"]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_jar_brings_the_old_one_back() {
    let mut site = new_jar().await;
    site.service.fault(Operation::Register, 1, Fault::Refuse("the JAR has no factory"));
    let applied = site.apply_once().await;
    let failure = applied.failure("a").unwrap();
    assert_eq!(failure.cause, Cause::Refused);
    assert_eq!(
        failure.message,
        "RegisterCustomConnector: the JAR has no factory (request req-1); the old JAR oss://b/1.jar is live again"
    );
    assert_eq!(applied.record("a").unwrap(), desired("a").jar("1").recorded());
    assert_eq!(jars(&applied.asked()), ["delete", "oss://b/2.jar", "oss://b/1.jar"]);
    assert!(!applied.after.is_empty(), "the new JAR is still wanted");
}

#[tokio::test(start_paused = true)]
async fn when_both_jars_are_refused_the_record_says_lost_and_the_next_apply_creates_it() {
    let mut site = new_jar().await;
    site.service.fault(Operation::Register, 1, Fault::Refuse("the JAR has no factory"));
    site.service.fault(Operation::Register, 2, Fault::Refuse("not today"));
    let applied = site.apply_once().await;
    let message = &applied.failure("a").unwrap().message;
    assert!(
        message.contains("could not be registered again (RegisterCustomConnector: not today"),
        "{message}"
    );
    assert!(message.ends_with("nothing is live"), "{message}");
    assert!(matches!(applied.record("a").unwrap().condition, Condition::Lost { .. }));
    let again = site.apply_once().await;
    assert!(again.report.is_complete() && again.after.is_empty());
    assert_eq!(jars(&again.asked()), ["oss://b/2.jar"]);
}

#[tokio::test(start_paused = true)]
async fn an_old_jar_that_does_not_show_is_recorded_as_unconfirmed() {
    let mut site = new_jar().await;
    site.service.fault(Operation::Register, 1, Fault::Refuse("the JAR has no factory"));
    site.service.lag(700 * SECOND, Duration::ZERO);
    let applied = site.apply_once().await;
    assert!(matches!(applied.record("a").unwrap().condition, Condition::Unconfirmed { .. }));
    site.pass(200 * SECOND).await;
    site.declare([desired("a").jar("1")]);
    let again = site.apply_once().await;
    assert_eq!(again.asked(), []);
    assert!(again.after.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_throttled_second_half_sends_no_way_back() {
    let mut site = new_jar().await;
    site.service.fault(Operation::Register, 1, Fault::Throttled);
    let applied = site.apply_once().await;
    let failure = applied.failure("a").unwrap();
    assert_eq!(failure.cause, Cause::Throttled);
    assert!(failure.message.ends_with("nothing is live; the next apply registers it"), "{}", failure.message);
    assert_eq!(jars(&applied.asked()), ["delete", "oss://b/2.jar"]);
    let again = site.apply_once().await;
    assert!(again.report.is_complete() && again.after.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_ambiguous_delete_is_settled() {
    for (processed, requests) in
        [(Processed::Yes, 2), (Processed::No, 3), (Processed::Late(Duration::from_secs(2)), 2)]
    {
        let mut site = new_jar().await;
        site.service.fault(Operation::Delete, 1, Fault::Ambiguous(processed));
        let applied = site.apply_once().await;
        assert!(applied.report.is_complete() && applied.after.is_empty(), "{processed:?}");
        assert_eq!(applied.asked().len(), requests, "{processed:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_delete_of_what_somebody_else_deleted_succeeds_once_the_listing_shows_it() {
    let mut site = Site::applied([desired("a"), desired("b")]).await;
    site.declare([desired("b")]);
    let planned = site.try_plan().await.unwrap();
    site.service.lag(Duration::ZERO, 2 * SECOND);
    site.service.remove(&key("a"));
    let (_, never) = tokio::sync::watch::channel(reconcile::engine::executor::Stop::No);
    let report = site.carry_out(&planned, never).await;
    assert!(report.is_complete(), "{report:#?}");
    assert!(site.plan().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_refused_delete_leaves_everything_as_it_was() {
    let mut site = new_jar().await;
    site.service.fault(Operation::Delete, 1, Fault::Refuse("a job uses it"));
    let applied = site.apply_once().await;
    let failure = applied.failure("a").unwrap();
    assert_eq!(failure.message, "DeleteCustomConnector: a job uses it (request req-1)");
    assert_eq!(jars(&applied.asked()), ["delete"]);
    assert_eq!(applied.record("a").unwrap(), desired("a").jar("1").recorded());
}

#[tokio::test(start_paused = true)]
async fn a_sibling_of_the_same_jar_is_registered_with_it() {
    let mut site = Site::applied([desired("a").jar("1"), desired("b").jar("1")]).await;
    let both = [desired("a").jar("1").version("2"), desired("b").jar("1")];
    site.service.holds(jar("1"), &both.clone().map(|connector| connector.definition()));
    site.declare(both);
    let applied = site.apply_once().await;
    assert!(applied.report.is_complete() && applied.after.is_empty(), "{:#?}", applied.report);
    assert_eq!(jars(&applied.asked()), ["delete", "delete", "oss://b/1.jar"]);
    let sibling = &applied.planned.plan.rows[1];
    let because = ReregisterReason::SharesJar(address("a"));
    assert_eq!(sibling.change, Change::Update(Strategy::Reregister(because)));
}

#[tokio::test(start_paused = true)]
async fn two_connectors_swap_their_types() {
    let mut site = Site::applied([desired("a").of_type("x"), desired("b").of_type("y")]).await;
    site.declare([desired("a").of_type("y"), desired("b").of_type("x")]);
    let applied = site.apply_once().await;
    assert!(applied.report.is_complete() && applied.after.is_empty(), "{:#?}", applied.report);
    assert_eq!(jars(&applied.asked()), ["delete", "delete", "oss://b/a.jar", "oss://b/b.jar"]);
}

#[tokio::test(start_paused = true)]
async fn when_one_half_of_a_type_swap_fails_the_other_comes_back() {
    let mut site = Site::applied([desired("a").of_type("x"), desired("b").of_type("y")]).await;
    site.declare([desired("a").of_type("y"), desired("b").of_type("x")]);
    site.service.fault(Operation::Delete, 2, Fault::Refuse("a job uses it"));
    let applied = site.apply_once().await;
    assert!(applied.report.rows.iter().all(|row| matches!(row.result, RowResult::Failed(_))));
    assert_eq!(site.service.everything().len(), 2, "nothing was lost");
    assert!(applied.failure("a").unwrap().message.ends_with("the old JAR oss://b/a.jar is live again"));
}

#[tokio::test(start_paused = true)]
async fn a_renamed_manifest_sends_nothing() {
    let mut site = Site::applied([desired("a")]).await;
    site.declare([desired("a").at("renamed")]);
    let applied = site.apply_once().await;
    assert_eq!(applied.asked(), []);
    assert!(applied.report.is_complete() && applied.after.is_empty());
    assert_eq!(applied.record("renamed").unwrap().key, key("a"));
    assert_eq!(applied.record("a"), None);
}
