//! Stores that are created: accepted is not ready, and what never becomes ready is not forgotten (FR-003, FR-009, FR-011,
//! D-001, D-007, D-012).

use std::time::Duration;

use reconcile::domain::plan::{Change, CreateReason, NativeReason, Strategy};
use reconcile::domain::recorded::Condition;
use reconcile::engine::executor::Cause;
use reconcile::ports::clock::Clock;
use reconcile::ports::event_sink::{Event, Visible};

use super::judged::{change, row};
use crate::support::apply::Site;
use crate::support::builders::{Declared, address};
use crate::support::memory::{Fault, Operation};
use crate::support::stores::{group, store};
use crate::support::tape::Write;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);

fn orders() -> Declared {
    store("orders")
}

/// `orders` is declared, and takes so long to be ready.
fn provisioning(time: Duration) -> Site {
    let site = Site::declaring([orders()]);
    site.service.provisions_for(time);
    site
}

fn repair() -> Write {
    Write::Update { key: orders().key(), fields: group(&orders().store_spec()) }
}

#[tokio::test(start_paused = true)]
async fn a_store_is_created_and_ready_before_apply_succeeds() {
    let mut site = provisioning(12 * SECOND);
    let applied = site.apply_once().await;
    assert!(applied.report.is_complete() && applied.after.is_empty(), "{:#?}", applied.report);
    assert_eq!(applied.asked(), [Write::Create(orders().key())]);
    assert_eq!(applied.record("Store/orders").unwrap(), orders().recorded());
    assert!(applied.took > 12 * SECOND && applied.took < 17 * SECOND, "{:?}", applied.took);
}

#[tokio::test(start_paused = true)]
async fn users_see_creating_the_services_own_words_and_ready() {
    let mut site = provisioning(12 * SECOND);
    site.apply_once().await;
    let of = address("Store/orders");
    let creating = site.events.first(&of, Visible::Creating).unwrap();
    let ready = site.events.first(&of, Visible::Ready).unwrap();
    assert!(creating < SECOND && ready > 12 * SECOND);
    let told: Vec<String> = site
        .events
        .all()
        .into_iter()
        .filter_map(|(_, event)| match event {
            Event::Reported { state, .. } => Some(state),
            _ => None,
        })
        .collect();
    assert_eq!(told, ["provisioning"], "once, not at every look");
}

#[tokio::test(start_paused = true)]
async fn looks_at_waiting_stores_are_five_seconds_apart() {
    let mut site = provisioning(32 * SECOND);
    let applied = site.apply_once().await;
    assert!(applied.report.is_complete());
    // One for the plan, one at once, then one every 5 s until the 32 s have passed.
    assert_eq!(applied.lists(), 1 + 1 + 7, "took {:?}", applied.took);
}

#[tokio::test(start_paused = true)]
async fn two_hundred_waiting_stores_make_one_list_per_interval() {
    let mut site = Site::declaring((0..200).map(|n| store(&format!("s{n:03}"))));
    site.service.provisions_for(30 * SECOND);
    site.settings.parallelism = 200;
    let applied = site.apply_once().await;
    assert!(applied.report.is_complete());
    assert_eq!(applied.asked().len(), 200);
    assert_eq!(applied.lists(), 1 + 1 + 6, "took {:?}", applied.took);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_not_listed_at_once_is_waited_for() {
    let mut site = provisioning(5 * SECOND);
    site.service.lag(20 * SECOND, Duration::ZERO);
    let applied = site.apply_once().await;
    assert!(applied.report.is_complete() && applied.after.is_empty(), "{:#?}", applied.report);
}

#[tokio::test(start_paused = true)]
async fn after_ten_minutes_the_timeout_says_which_store_how_long_and_what_it_said_last() {
    let mut site = provisioning(20 * MINUTE);
    let applied = site.apply_once().await;
    let failure = applied.failure("Store/orders").unwrap();
    assert_eq!(failure.cause, Cause::TimedOut);
    assert_eq!(
        failure.message,
        "kafka store \"orders\" is not ready after 600 s; last state: provisioning; last message: starting up"
    );
    assert!(applied.took >= 600 * SECOND && applied.took < 606 * SECOND, "{:?}", applied.took);
    let degraded = orders().degraded(&failure.message);
    assert_eq!(applied.record("Store/orders").unwrap(), degraded);
}

#[tokio::test(start_paused = true)]
async fn the_next_apply_resumes_the_wait_without_a_request() {
    let mut site = provisioning(12 * MINUTE);
    site.apply_once().await;
    let plan = site.plan().await;
    assert_eq!(change(&plan, "Store/orders"), Change::Update(Strategy::Await));
    assert_eq!(plan.writes(), 0);
    let again = site.apply_once().await;
    assert_eq!(again.asked(), []);
    assert!(again.report.is_complete() && again.after.is_empty(), "{:#?}", again.report);
    assert!(again.took > MINUTE && again.took < 3 * MINUTE, "{:?}", again.took);
    assert_eq!(again.record("Store/orders").unwrap(), orders().recorded());
}

#[tokio::test(start_paused = true)]
async fn a_store_that_became_ready_meanwhile_is_recorded_without_a_look_more() {
    let mut site = provisioning(12 * MINUTE);
    site.apply_once().await;
    site.pass(5 * MINUTE).await;
    let again = site.apply_once().await;
    assert_eq!((again.asked(), again.lists()), (vec![], 1));
    assert!(again.after.is_empty());
    assert_eq!(again.record("Store/orders").unwrap(), orders().recorded());
}

#[tokio::test(start_paused = true)]
async fn a_store_that_was_never_listed_is_looked_for_before_it_is_created_again() {
    let mut site = provisioning(Duration::ZERO);
    site.service.lag(11 * MINUTE, Duration::ZERO);
    let applied = site.apply_once().await;
    let failure = applied.failure("Store/orders").unwrap();
    assert!(
        failure.message.contains("last state: not listed yet; last message: none"),
        "{}",
        failure.message
    );
    assert!(matches!(applied.record("Store/orders").unwrap().condition, Condition::Unconfirmed { .. }));
    site.pass(2 * MINUTE).await;
    let again = site.apply_once().await;
    assert_eq!(again.asked(), []);
    assert!(again.after.is_empty());
    assert_eq!(again.record("Store/orders").unwrap(), orders().recorded());
}

#[tokio::test(start_paused = true)]
async fn errored_ends_the_wait_at_once_with_the_services_words_and_is_recorded() {
    let mut site = provisioning(7 * SECOND);
    site.service.errs(orders().key(), Some("no broker answers"));
    let applied = site.apply_once().await;
    let failure = applied.failure("Store/orders").unwrap();
    assert_eq!(failure.cause, Cause::Refused);
    assert_eq!(failure.message, "kafka store \"orders\" is errored: no broker answers");
    assert!(applied.took < 12 * SECOND, "{:?}", applied.took);
    assert_eq!(applied.record("Store/orders").unwrap(), orders().degraded("no broker answers"));
    assert!(!applied.after.is_empty(), "it is not what was declared");
}

#[tokio::test(start_paused = true)]
async fn an_errored_store_is_repaired_by_an_update_that_sends_the_whole_group() {
    let mut site = provisioning(7 * SECOND);
    site.service.errs(orders().key(), Some("no broker answers"));
    site.apply_once().await;
    site.service.errs(orders().key(), None);
    let plan = site.plan().await;
    let repaired = Change::Update(Strategy::Native(NativeReason::Errored));
    assert_eq!(change(&plan, "Store/orders"), repaired);
    let again = site.apply_once().await;
    assert_eq!(again.asked(), [repair()]);
    assert!(again.report.is_complete() && again.after.is_empty(), "{:#?}", again.report);
    assert_eq!(again.record("Store/orders").unwrap(), orders().recorded());
}

#[tokio::test(start_paused = true)]
async fn a_repair_that_fails_again_says_so_and_stays_recorded() {
    let mut site = provisioning(7 * SECOND);
    site.service.errs(orders().key(), Some("no broker answers"));
    for _ in 0..2 {
        let applied = site.apply_once().await;
        let message = &applied.failure("Store/orders").unwrap().message;
        assert_eq!(message, "kafka store \"orders\" is errored: no broker answers");
        assert_eq!(applied.record("Store/orders").unwrap(), orders().degraded("no broker answers"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_vanishes_while_it_is_waited_for_is_not_waited_for_any_longer() {
    let mut site = provisioning(5 * MINUTE);
    let clock = site.clock;
    let vanish = clock.now() + MINUTE;
    let service = site.service.clone();
    let key = orders().key();
    let somebody = async {
        clock.sleep_until(vanish).await;
        service.remove(&key);
    };
    let (applied, ()) = tokio::join!(site.apply_once(), somebody);
    let failure = applied.failure("Store/orders").unwrap();
    assert_eq!(failure.cause, Cause::Vanished);
    assert_eq!(
        failure.message,
        "kafka store \"orders\" vanished while we waited for it: somebody dropped it"
    );
    assert!(applied.took < MINUTE + 6 * SECOND, "{:?}", applied.took);
    assert!(applied.record("Store/orders").is_some(), "it is not forgotten");
    let again = site.apply_once().await;
    assert_eq!(change(&again.planned.plan, "Store/orders"), Change::Create(CreateReason::Absent));
    assert!(again.report.is_complete() && again.after.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_store_that_was_dropped_outside_is_created_again_and_waited_for() {
    let mut site = Site::applied([orders()]).await;
    site.service.remove(&orders().key());
    site.service.provisions_for(12 * SECOND);
    let applied = site.apply_once().await;
    assert_eq!(row(&applied.planned.plan, "Store/orders").change, Change::Create(CreateReason::Absent));
    assert_eq!(applied.asked(), [Write::Create(orders().key())]);
    assert!(applied.report.is_complete() && applied.after.is_empty());
    assert!(applied.took > 12 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_refused_create_says_the_services_words_and_records_nothing() {
    let mut site = Site::declaring([orders()]);
    site.service.fault(Operation::Create, 1, Fault::Refuse("login failed"));
    let applied = site.apply_once().await;
    let failure = applied.failure("Store/orders").unwrap();
    assert_eq!(failure.cause, Cause::Refused);
    assert_eq!(failure.message, "CREATE STORE: login failed (request req-1)");
    assert_eq!(applied.record("Store/orders"), None);
    assert!(site.store.recover().open.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_refused_create_that_left_a_store_behind_is_recorded_and_repaired() {
    for lag in [Duration::ZERO, 3 * SECOND] {
        let mut site = Site::declaring([orders()]);
        site.service.lag(lag, Duration::ZERO);
        site.service.fault(Operation::Create, 1, Fault::Keep("login failed"));
        let applied = site.apply_once().await;
        let failure = applied.failure("Store/orders").unwrap();
        assert_eq!(
            failure.message,
            "CREATE STORE: login failed (request req-1); the service kept it, and it is recorded"
        );
        let degraded = orders().degraded("CREATE STORE: login failed (request req-1)");
        assert_eq!(applied.record("Store/orders").unwrap(), degraded);
        let again = site.apply_once().await;
        assert_eq!(again.asked(), [repair()]);
        assert!(again.report.is_complete() && again.after.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn two_looks_are_one_poll_apart_however_often_others_look_meanwhile() {
    let mut site = Site::declaring([orders(), store("y"), store("z").after(&["Store/y"])]);
    site.service.lag_of(orders().key(), 3 * SECOND);
    site.service.fault(Operation::Create, 1, Fault::Keep("login failed"));
    let applied = site.apply_once().await;
    assert!(applied.record("Store/orders").is_some(), "{}", site.tape.story());
}

#[tokio::test(start_paused = true)]
async fn a_kill_behind_a_refusal_does_not_lose_the_store_that_it_left_behind() {
    for behind in 0..10 {
        let mut site = Site::declaring([orders()]);
        site.service.fault(Operation::Create, 1, Fault::Keep("login failed"));
        site.apply_cut_behind(behind).await;
        site.apply_once().await;
        let again = site.apply_once().await;
        assert!(again.after.is_empty(), "killed behind {behind}\n{}", site.tape.story());
    }
}

#[tokio::test(start_paused = true)]
async fn a_throttled_create_fails_at_once_and_a_throttled_poll_forgets_nothing() {
    let mut site = Site::declaring([orders()]);
    site.service.fault(Operation::Create, 1, Fault::Throttled);
    let applied = site.apply_once().await;
    assert_eq!(applied.failure("Store/orders").unwrap().cause, Cause::Throttled);
    assert_eq!((applied.asked().len(), applied.record("Store/orders")), (1, None));
    assert!(applied.took < SECOND, "{:?}", applied.took);
    site.service.fault(Operation::List, 2, Fault::Throttled);
    let again = site.apply_once().await;
    assert_eq!(again.failure("Store/orders").unwrap().cause, Cause::Throttled);
    assert!(matches!(again.record("Store/orders").unwrap().condition, Condition::Unconfirmed { .. }));
    assert!(site.apply_once().await.after.is_empty());
}
