//! Stores, when answers are lost and runs are cut off: nothing is doubled, and what nobody can know is not claimed.

use std::time::Duration;

use reconcile::domain::field::FieldValue;
use reconcile::domain::plan::{Change, CreateReason, Note, Strategy};
use reconcile::domain::recorded::Condition;
use reconcile::ports::clock::Clock;

use super::judged::{change, row};
use crate::support::apply::Site;
use crate::support::builders::{Declared, desired};
use crate::support::memory::{Fault, Operation, Processed};
use crate::support::stores::{group, print, store};
use crate::support::tape::Write;

const SECOND: Duration = Duration::from_secs(1);
/// The intent, its sync and the request.
const BEHIND_THE_REQUEST: usize = 3;
/// The intent and its sync.
const BEHIND_THE_INTENT: usize = 2;

fn orders() -> Declared {
    store("orders")
}

fn update() -> Write {
    Write::Update { key: orders().key(), fields: group(&orders().store_spec()) }
}

fn password(site: &Site) -> FieldValue {
    site.service.held(&orders().key()).unwrap()["kafka.sasl.password"].clone()
}

/// `orders` is live, and another password is declared.
async fn new_password() -> Site {
    let mut site = Site::applied([orders()]).await;
    site.declare([orders().password("new")]);
    site
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_to_create_does_not_create_twice() {
    for (processed, requests) in [
        (Processed::Yes, 1),
        (Processed::No, 2),
        (Processed::Late(3 * SECOND), 1),
        (Processed::Late(Duration::from_millis(5_100)), 2),
        (Processed::Late(60 * SECOND), 2),
    ] {
        let mut site = Site::declaring([orders()]);
        site.service.provisions_for(7 * SECOND);
        site.service.fault(Operation::Create, 1, Fault::Ambiguous(processed));
        let applied = site.apply_once().await;
        assert!(applied.report.is_complete() && applied.after.is_empty(), "{processed:?}");
        assert_eq!(applied.asked().len(), requests, "{processed:?}");
        assert_eq!(applied.record("Store/orders").unwrap(), orders().recorded());
        site.pass(60 * SECOND).await;
        assert_eq!(site.tape.creations()[&orders().key()], 1, "{processed:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_to_update_ends_with_what_was_declared() {
    for processed in [Processed::Yes, Processed::No, Processed::Late(2 * SECOND)] {
        for frozen in [true, false] {
            let mut site = new_password().await;
            if frozen {
                site.service.freezes_time_stamps();
            }
            site.service.provisions_for(7 * SECOND);
            site.service.fault(Operation::Update, 1, Fault::Ambiguous(processed));
            let applied = site.apply_once().await;
            assert!(applied.report.is_complete() && applied.after.is_empty(), "{processed:?}");
            assert_eq!(password(&site), FieldValue::Sealed(print("new")), "{processed:?}");
            assert_eq!(applied.record("Store/orders").unwrap(), orders().password("new").recorded());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_update_of_somebody_else_is_not_taken_for_one_whose_answer_was_lost() {
    let mut site = new_password().await;
    site.service.fault(Operation::Update, 1, Fault::Ambiguous(Processed::No));
    let (clock, service) = (site.clock, site.service.clone());
    let somebody = async {
        clock.sleep_until(clock.now() + 2 * SECOND).await;
        service.update_store(&orders().password("theirs").store_spec());
    };
    let (applied, ()) = tokio::join!(site.apply_once(), somebody);
    assert!(applied.report.is_complete());
    assert_eq!(password(&site), FieldValue::Sealed(print("new")));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_becomes_ready_is_not_taken_for_an_update_whose_answer_was_lost() {
    let mut site = Site::declaring([orders()]);
    site.service.provisions_for(12 * SECOND);
    assert!(site.apply_cut_behind(BEHIND_THE_REQUEST).await.1);
    site.pass(8 * SECOND).await;
    site.declare([orders().password("new")]);
    site.service.fault(Operation::Update, 1, Fault::Ambiguous(Processed::No));
    let applied = site.apply_once().await;
    assert!(applied.report.is_complete() && applied.after.is_empty());
    assert_eq!(password(&site), FieldValue::Sealed(print("new")));
}

#[tokio::test(start_paused = true)]
async fn an_update_that_nobody_knows_the_outcome_of_is_sent_again_by_the_next_apply() {
    for last in [Fault::Ambiguous(Processed::No), Fault::Refuse("not now"), Fault::Throttled] {
        for processed in [Processed::Yes, Processed::No] {
            let mut site = new_password().await;
            for nth in 1..=2 {
                site.service.fault(Operation::Update, nth, Fault::Ambiguous(processed));
            }
            site.service.fault(Operation::Update, 3, last.clone());
            let applied = site.apply_once().await;
            assert_eq!(applied.asked(), [update(), update(), update()]);
            assert!(applied.failure("Store/orders").is_some());
            let recorded = applied.record("Store/orders").unwrap();
            assert_eq!(recorded.value("kafka.sasl.password"), None, "neither the old one nor the new one");
            assert!(recorded.value("kafka.uris").is_some(), "what was not sent is known");
            // Even if the manifest goes back to what it was.
            site.declare([orders()]);
            let again = site.apply_once().await;
            assert_eq!(again.asked(), [update()]);
            assert!(again.report.is_complete() && again.after.is_empty());
            assert_eq!(password(&site), FieldValue::Sealed(print("password")));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_to_drop_is_settled_by_looking() {
    for (processed, requests) in [(Processed::Yes, 1), (Processed::No, 2), (Processed::Late(2 * SECOND), 1)] {
        let mut site = Site::applied([orders(), desired("a")]).await;
        site.declare([desired("a")]);
        site.service.fault(Operation::Delete, 1, Fault::Ambiguous(processed));
        let applied = site.apply_once().await;
        assert!(applied.report.is_complete() && applied.after.is_empty(), "{processed:?}");
        assert_eq!(applied.asked().len(), requests, "{processed:?}");
        assert_eq!(applied.record("Store/orders"), None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_drop_of_what_is_gone_already_succeeds() {
    for lag in [0, 7] {
        let mut site = Site::applied([orders(), desired("a")]).await;
        site.declare([desired("a")]);
        let planned = site.try_plan().await.unwrap();
        site.service.lag(Duration::ZERO, lag * SECOND);
        site.service.remove(&orders().key());
        let (_, never) = tokio::sync::watch::channel(reconcile::engine::executor::Stop::No);
        let report = site.carry_out(&planned, never).await;
        if lag == 0 {
            assert!(report.is_complete(), "{report:#?}");
        }
        site.pass(10 * SECOND).await;
        site.apply_once().await;
        assert!(site.plan().await.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_drop_that_lags_is_waited_for() {
    let mut site = Site::applied([orders(), desired("a")]).await;
    site.service.lag(Duration::ZERO, 63 * SECOND);
    site.declare([desired("a")]);
    let applied = site.apply_once().await;
    assert!(applied.report.is_complete() && applied.after.is_empty());
    assert_eq!(applied.asked(), [Write::Delete(orders().key())]);
    assert!(applied.took > 63 * SECOND && applied.took < 69 * SECOND, "{:?}", applied.took);
}

#[tokio::test(start_paused = true)]
async fn a_drop_that_outlasts_ten_minutes_is_an_error_and_not_forgotten() {
    let mut site = Site::applied([orders(), desired("a")]).await;
    site.service.lag(Duration::ZERO, 11 * 60 * SECOND);
    site.declare([desired("a")]);
    let applied = site.apply_once().await;
    let message = &applied.failure("Store/orders").unwrap().message;
    assert_eq!(message, "timed out after 600 s waiting for orders to disappear; last state: still listed");
    assert!(applied.record("Store/orders").is_some());
    site.pass(2 * 60 * SECOND).await;
    let again = site.apply_once().await;
    assert_eq!((again.asked(), again.record("Store/orders")), (vec![], None));
}

#[tokio::test(start_paused = true)]
async fn an_update_that_was_cut_off_is_sent_again_wherever_it_was_cut_off() {
    for behind in 1..11 {
        for lost in [true, false] {
            let mut site = new_password().await;
            site.service.provisions_for(7 * SECOND);
            if !site.apply_cut_behind(behind).await.1 {
                continue;
            }
            if lost {
                site.service.lose_pending();
            }
            let applied = site.apply_once().await;
            assert!(applied.report.is_complete() && applied.after.is_empty(), "killed behind {behind}");
            assert_eq!(password(&site), FieldValue::Sealed(print("new")), "killed behind {behind}");
            assert_eq!(applied.record("Store/orders").unwrap(), orders().password("new").recorded());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_update_that_was_cut_off_is_undone_when_its_manifest_was() {
    let mut site = new_password().await;
    assert!(site.apply_cut_behind(BEHIND_THE_REQUEST).await.1);
    site.declare([orders()]);
    let applied = site.apply_once().await;
    assert_eq!(applied.asked(), [update()]);
    assert_eq!(password(&site), FieldValue::Sealed(print("password")));
    assert!(applied.after.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_kill_while_a_new_store_is_waited_for_costs_no_second_request() {
    let mut site = Site::declaring([orders()]);
    site.service.provisions_for(30 * SECOND);
    // Intent, synced, asked, carried out, sent, listed.
    assert!(site.apply_cut_behind(6).await.1);
    let applied = site.apply_once().await;
    assert_eq!(change(&applied.planned.plan, "Store/orders"), Change::Update(Strategy::Await));
    assert_eq!(applied.asked(), []);
    assert!(applied.report.is_complete() && applied.after.is_empty());
    assert_eq!(applied.record("Store/orders").unwrap(), orders().recorded());
}

#[tokio::test(start_paused = true)]
async fn a_creation_that_may_still_arrive_is_looked_for_before_it_is_sent_again() {
    for (arrives, requests) in [(true, 0), (false, 1)] {
        let mut site = Site::declaring([orders()]);
        site.service.lag(10 * SECOND, Duration::ZERO);
        let behind = if arrives { BEHIND_THE_REQUEST } else { BEHIND_THE_INTENT };
        assert!(site.apply_cut_behind(behind).await.1);
        site.pass(7 * SECOND).await;
        let applied = site.apply_once().await;
        let planned = row(&applied.planned.plan, "Store/orders");
        assert_eq!(planned.change, Change::Create(CreateReason::Absent));
        assert_eq!(planned.notes, [Note::CutOff]);
        assert_eq!(applied.asked().len(), requests);
        assert!(applied.report.is_complete() && applied.after.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn another_password_that_arrives_meanwhile_is_not_taken_for_the_declared_one() {
    let mut site = Site::declaring([orders()]);
    site.service.lag(10 * SECOND, Duration::ZERO);
    assert!(site.apply_cut_behind(BEHIND_THE_REQUEST).await.1);
    site.declare([orders().password("new")]);
    site.pass(7 * SECOND).await;
    let applied = site.apply_once().await;
    let message = &applied.failure("Store/orders").unwrap().message;
    assert_eq!(message, "Store/orders arrived from a run that was cut off, as it was declared then");
    let again = site.apply_once().await;
    assert_eq!(again.asked(), [update()]);
    assert!(again.report.is_complete() && again.after.is_empty());
    assert_eq!(password(&site), FieldValue::Sealed(print("new")));
}

#[tokio::test(start_paused = true)]
async fn a_kill_between_drop_and_create_is_finished_by_the_next_apply() {
    for behind in 1..18 {
        let mut site = Site::applied([orders()]).await;
        site.declare([orders().owner("analyst")]);
        site.service.lag(2 * SECOND, 2 * SECOND);
        site.apply_cut_behind(behind).await;
        assert!(
            site.store.recover().snapshot.at(&crate::support::builders::address("Store/orders")).count() == 1
        );
        site.apply_once().await;
        site.pass(10 * SECOND).await;
        let again = site.apply_once().await;
        assert!(again.after.is_empty(), "killed behind {behind}\n{}", site.tape.story());
        assert_eq!(again.record("Store/orders").unwrap(), orders().owner("analyst").recorded());
        assert_eq!(site.tape.creations()[&orders().key()], 2, "killed behind {behind}");
    }
}

#[tokio::test(start_paused = true)]
async fn somebody_elses_store_of_another_type_under_the_name_of_one_that_was_never_seen_is_left_alone() {
    let mut site = Site::declaring([orders()]);
    for nth in 1..=3 {
        site.service.fault(Operation::Create, nth, Fault::Ambiguous(Processed::No));
    }
    let sent = site.apply_once().await;
    assert!(matches!(sent.record("Store/orders").unwrap().condition, Condition::Unconfirmed { .. }));
    site.service.put_store(&orders().postgres().store_spec());
    let applied = site.apply_once().await;
    assert_eq!(applied.asked(), []);
    assert!(matches!(change(&applied.planned.plan, "Store/orders"), Change::Blocked(_)));
}
