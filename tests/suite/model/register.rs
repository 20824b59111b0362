//! Registrations: what is sent, how often, and what is recorded of it.

use std::time::Duration;

use reconcile::domain::recorded::Condition;
use reconcile::engine::executor::{Cause, RowResult};
use reconcile::ports::event_sink::Visible;

use crate::support::apply::Site;
use crate::support::builders::{address, desired, jar, key, scope};
use crate::support::memory::{Fault, Operation, Processed};
use crate::support::tape::Write;

const SECOND: Duration = Duration::from_secs(1);

fn register(names: &[&str]) -> Write {
    Write::Register {
        scope: scope(),
        jar_url: jar(names[0]),
        keys: names.iter().map(|name| key(name)).collect(),
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_to_register_does_not_register_twice() {
    for lag in [0, 2] {
        let mut site = Site::declaring([desired("a")]);
        site.service.lag(lag * SECOND, Duration::ZERO);
        site.service.fault(Operation::Register, 1, Fault::Ambiguous(Processed::Yes));
        let applied = site.apply_once().await;
        assert!(applied.report.is_complete() && applied.after.is_empty());
        assert_eq!(applied.asked(), [register(&["a"])]);
        assert_eq!(applied.record("a").unwrap(), desired("a").recorded());
    }
}

#[tokio::test(start_paused = true)]
async fn a_register_that_did_not_arrive_is_sent_again_after_two_looks() {
    let mut site = Site::declaring([desired("a")]);
    site.service.fault(Operation::Register, 1, Fault::Ambiguous(Processed::No));
    let applied = site.apply_once().await;
    assert!(applied.report.is_complete() && applied.after.is_empty());
    assert_eq!(applied.asked().len(), 2);
    assert!(applied.took > 3 * SECOND && applied.took < 4 * SECOND, "{:?}", applied.took);
}

#[tokio::test(start_paused = true)]
async fn a_late_register_is_adopted_and_not_doubled() {
    // Behind both looks, before and behind the second request.
    for delay in [Duration::from_millis(3_100), 20 * SECOND] {
        let mut site = Site::declaring([desired("a")]);
        site.service.fault(Operation::Register, 1, Fault::Ambiguous(Processed::Late(delay)));
        let applied = site.apply_once().await;
        site.pass(30 * SECOND).await;
        assert!(applied.report.is_complete() && site.plan().await.is_empty());
        assert_eq!(site.tape.creations()[&key("a")], 1, "{delay:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_because_an_earlier_send_arrived_unseen_is_recorded_and_settled() {
    let mut site = Site::declaring([desired("a")]);
    site.service.lag(30 * SECOND, Duration::ZERO);
    site.service.fault(Operation::Register, 1, Fault::Ambiguous(Processed::Yes));
    let applied = site.apply_once().await;
    assert!(matches!(applied.record("a").unwrap().condition, Condition::Unconfirmed { .. }));
    site.pass(30 * SECOND).await;
    let again = site.apply_once().await;
    assert_eq!(again.asked(), []);
    assert!(again.after.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_looked_up_is_recorded_as_unconfirmed() {
    let mut site = Site::declaring([desired("a")]);
    site.service.fault(Operation::Register, 1, Fault::Ambiguous(Processed::Yes));
    site.service.fault(Operation::List, 2, Fault::Auth);
    let applied = site.apply_once().await;
    assert_eq!(applied.failure("a").unwrap().cause, Cause::Auth);
    assert!(matches!(applied.record("a").unwrap().condition, Condition::Unconfirmed { .. }));
    assert!(site.apply_once().await.after.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_refused_jar_records_nothing_and_says_the_services_words() {
    let mut site = Site::declaring([desired("a")]);
    site.service.fault(Operation::Register, 1, Fault::Refuse("the JAR has no factory"));
    let applied = site.apply_once().await;
    let failure = applied.failure("a").unwrap();
    assert_eq!(failure.cause, Cause::Refused);
    assert_eq!(failure.message, "RegisterCustomConnector: the JAR has no factory (request req-1)");
    assert_eq!(applied.record("a"), None);
    assert_eq!(applied.asked().len(), 1);
    assert!(site.store.recover().open.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_throttled_registration_fails_at_once_with_one_request() {
    let mut site = Site::declaring([desired("a")]);
    site.service.fault(Operation::Register, 1, Fault::Throttled);
    let applied = site.apply_once().await;
    assert_eq!(applied.failure("a").unwrap().cause, Cause::Throttled);
    assert_eq!(applied.asked().len(), 1);
    assert!(applied.took < SECOND, "{:?}", applied.took);
    assert_eq!(applied.record("a"), None);
}

#[tokio::test(start_paused = true)]
async fn a_throttled_poll_fails_at_once_and_the_registration_is_not_forgotten() {
    let mut site = Site::declaring([desired("a")]);
    site.service.fault(Operation::List, 2, Fault::Throttled);
    let applied = site.apply_once().await;
    assert_eq!(applied.failure("a").unwrap().cause, Cause::Throttled);
    assert!(applied.took < SECOND, "{:?}", applied.took);
    assert!(matches!(applied.record("a").unwrap().condition, Condition::Unconfirmed { .. }));
}

#[tokio::test(start_paused = true)]
async fn an_unreachable_service_is_tried_four_times() {
    let mut site = Site::declaring([desired("a")]);
    for nth in 1..=3 {
        site.service.fault(Operation::Register, nth, Fault::Unavailable);
    }
    let applied = site.apply_once().await;
    assert!(applied.report.is_complete());
    assert_eq!(applied.report.writes, 4);
    assert!(applied.took > 7 * SECOND && applied.took < 8 * SECOND, "1 s, 2 s, 4 s: {:?}", applied.took);
}

#[tokio::test(start_paused = true)]
async fn one_jar_with_two_connectors_is_one_registration() {
    let mut site = Site::declaring([desired("a"), desired("b").jar("a")]);
    let applied = site.apply_once().await;
    assert!(applied.report.is_complete() && applied.after.is_empty());
    assert_eq!(applied.asked(), [register(&["a", "b"])]);
}

#[tokio::test(start_paused = true)]
async fn a_jar_that_brings_an_undeclared_connector_records_a_stray() {
    let mut site = Site::declaring([desired("a")]);
    let extra = desired("extra").jar("a");
    site.service.holds(jar("a"), &[desired("a").definition(), extra.definition()]);
    let applied = site.apply_once().await;
    assert!(applied.report.is_complete() && applied.after.is_empty());
    assert_eq!(applied.report.strays, [key("extra")]);
    let strays: Vec<_> = applied.report.snapshot.strays.into_values().collect();
    assert_eq!(strays.len(), 1);
    assert_eq!((&strays[0].key, &strays[0].jar_url), (&key("extra"), &jar("a")));

    site.options.delete_strays = true;
    let cleaned = site.apply_once().await;
    assert_eq!(cleaned.asked(), [Write::Delete(key("extra"))]);
    assert!(cleaned.report.snapshot.strays.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_jar_that_brings_another_name_fails_at_once() {
    let mut site = Site::declaring([desired("a")]);
    site.service.holds(jar("a"), &[desired("z").jar("a").definition()]);
    let applied = site.apply_once().await;
    let failure = applied.failure("a").unwrap();
    assert_eq!(failure.cause, Cause::Contradicted);
    assert_eq!(failure.message, "oss://b/a.jar registered z, not FlinkConnector/a");
    assert!(applied.took < 4 * SECOND, "{:?}", applied.took);
    assert_eq!(applied.record("a"), None);
    assert!(applied.report.snapshot.strays.contains_key(&key("z")));
}

#[tokio::test(start_paused = true)]
async fn members_that_no_single_listing_shows_together_are_all_recorded() {
    let mut site = Site::declaring([desired("a"), desired("b").jar("a")]);
    site.service.fault(Operation::List, 2, Fault::Hide(key("b")));
    site.service.fault(Operation::List, 3, Fault::Hide(key("a")));
    let applied = site.apply_once().await;
    assert!(applied.report.is_complete());
    assert!(applied.record("a").is_some() && applied.record("b").is_some());
}

#[tokio::test(start_paused = true)]
async fn users_see_creating_and_then_available() {
    let mut site = Site::declaring([desired("a")]);
    site.service.lag(10 * SECOND, Duration::ZERO);
    let applied = site.apply_once().await;
    assert!(matches!(applied.report.rows[0].result, RowResult::Done));
    let creating = site.events.first(&address("a"), Visible::Creating).unwrap();
    let available = site.events.first(&address("a"), Visible::Available).unwrap();
    assert!(creating < SECOND && available > 10 * SECOND);
}
