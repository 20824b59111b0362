//! Stores that change: in place, without a gap, with everything that the service judges as one; and the few changes that
//! are a replacement (FR-005, NFR-005, design.md 3.2).

use std::collections::BTreeSet;
use std::time::Duration;

use reconcile::domain::field::FieldValue;
use reconcile::domain::plan::{
    BlockReason, Change, DriftWord, FieldVerdict, NativeReason, ReplaceOrder, Strategy,
};
use reconcile::domain::recorded::{Condition, Knowledge};
use reconcile::engine::executor::{Cause, RowResult};
use reconcile::ports::clock::Clock;

use super::judged::{change, row};
use crate::support::apply::Site;
use crate::support::builders::{Declared, address, desired};
use crate::support::memory::{Fault, Operation, Processed};
use crate::support::stores::{group, print, store};
use crate::support::tape::Write;

const SECOND: Duration = Duration::from_secs(1);

fn orders() -> Declared {
    store("orders")
}

fn update(more: &[&str]) -> Write {
    let mut fields: BTreeSet<String> = group(&orders().store_spec());
    fields.extend(more.iter().map(|field| (*field).to_owned()));
    Write::Update { key: orders().key(), fields }
}

fn native() -> Change {
    Change::Update(Strategy::Native(NativeReason::Fields))
}

/// `orders` is live, and this is declared now.
async fn declared_now(now: Declared) -> Site {
    let mut site = Site::applied([orders()]).await;
    site.declare([now]);
    site
}

#[tokio::test(start_paused = true)]
async fn a_new_password_updates_in_place_and_is_what_the_service_has_then() {
    let mut site = declared_now(orders().password("new")).await;
    site.service.provisions_for(12 * SECOND);
    let applied = site.apply_once().await;
    let planned = row(&applied.planned.plan, "Store/orders");
    assert_eq!(planned.change, native());
    assert_eq!(planned.fields.len(), 1);
    assert_eq!((planned.fields[0].word, planned.fields[0].forces), (DriftWord::Changed, false));
    assert_eq!(applied.asked(), [update(&[])]);
    assert!(applied.report.is_complete() && applied.after.is_empty(), "{:#?}", applied.report);
    assert!(applied.took > 12 * SECOND, "ready again, not only accepted");
    let held = site.service.held(&orders().key()).unwrap();
    assert_eq!(held["kafka.sasl.password"], FieldValue::Sealed(print("new")));
    assert_eq!(applied.record("Store/orders").unwrap(), orders().password("new").recorded());
}

#[tokio::test(start_paused = true)]
async fn new_brokers_are_sent_with_the_whole_group() {
    let mut site = declared_now(orders().uris(&["other:9092"])).await;
    let applied = site.apply_once().await;
    assert_eq!(applied.asked(), [update(&["kafka.uris"])]);
    assert!(applied.report.is_complete() && applied.after.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_new_certificate_file_of_the_same_path_is_an_update() {
    let mut site = Site::applied([orders().ca("old")]).await;
    site.declare([orders().ca("old")]);
    assert!(site.plan().await.is_empty());
    site.declare([orders().ca("new")]);
    let applied = site.apply_once().await;
    assert_eq!(applied.asked(), [update(&["kafka.tls.caCertFile"])]);
    assert!(applied.report.is_complete() && applied.after.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_field_that_leaves_the_manifest_sends_nothing() {
    let mut site = Site::applied([orders().ca("pem")]).await;
    site.declare([orders()]);
    let applied = site.apply_once().await;
    assert_eq!(applied.asked(), []);
    assert_eq!(applied.record("Store/orders").unwrap(), orders().recorded());
    assert!(applied.after.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_description_costs_no_request() {
    let mut site = declared_now(orders().description("words")).await;
    let applied = site.apply_once().await;
    assert_eq!(change(&applied.planned.plan, "Store/orders"), Change::Update(Strategy::RecordOnly));
    assert_eq!(applied.asked(), []);
    assert!(applied.after.is_empty());
    assert_eq!(applied.record("Store/orders").unwrap(), orders().description("words").recorded());
}

#[tokio::test(start_paused = true)]
async fn an_update_that_the_store_does_not_survive_ends_with_the_services_words() {
    let mut site = declared_now(orders().password("wrong")).await;
    site.service.provisions_for(7 * SECOND);
    site.service.errs(orders().key(), Some("login failed"));
    let applied = site.apply_once().await;
    let message = &applied.failure("Store/orders").unwrap().message;
    assert_eq!(message, "kafka store \"orders\" is errored: login failed");
    assert_eq!(
        applied.record("Store/orders").unwrap(),
        orders().password("wrong").degraded("login failed"),
        "what was sent is what it has"
    );
    site.declare([orders()]);
    site.service.errs(orders().key(), None);
    let again = site.apply_once().await;
    assert_eq!(again.asked(), [update(&[])]);
    assert!(again.report.is_complete() && again.after.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_refused_update_changes_nothing() {
    let mut site = declared_now(orders().password("wrong")).await;
    site.service.fault(Operation::Update, 1, Fault::Refuse("login failed"));
    let applied = site.apply_once().await;
    let failure = applied.failure("Store/orders").unwrap();
    assert_eq!(failure.message, "UPDATE STORE: login failed (request req-1)");
    assert_eq!(applied.record("Store/orders").unwrap(), orders().recorded());
    assert_eq!(change(&applied.after, "Store/orders"), native(), "it is still wanted");
    assert!(site.store.recover().open.is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_state_from_before_an_update_is_not_taken_for_the_one_after_it() {
    for frozen in [false, true] {
        let mut site = Site::new();
        if frozen {
            site.service.freezes_time_stamps();
        }
        site.declare([orders()]);
        site.apply_once().await;
        site.service.lag_of_updates(2 * SECOND);
        site.service.errs(orders().key(), Some("login failed"));
        site.declare([orders().password("wrong")]);
        let applied = site.apply_once().await;
        assert_eq!(applied.failure("Store/orders").unwrap().cause, Cause::Refused, "frozen: {frozen}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_state_from_before_an_update_is_not_believed_sooner_because_others_look_too() {
    let mut site = declared_now(orders()).await;
    site.declare([orders().password("wrong"), store("y"), store("z").after(&["Store/y"])]);
    site.service.lag_of_updates(2 * SECOND);
    site.service.errs(orders().key(), Some("login failed"));
    let applied = site.apply_once().await;
    assert_eq!(applied.failure("Store/orders").unwrap().cause, Cause::Refused);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_moves_no_time_stamp_costs_one_look_more() {
    let mut site = Site::new();
    site.service.freezes_time_stamps();
    site.declare([orders()]);
    site.apply_once().await;
    site.declare([orders().password("new")]);
    let applied = site.apply_once().await;
    assert!(applied.report.is_complete() && applied.after.is_empty());
    assert_eq!(applied.lists(), 1 + 2);
}

#[tokio::test(start_paused = true)]
async fn another_owner_or_type_drops_first_and_another_name_creates_first() {
    let drop = || Write::Delete(orders().key());
    let create = |now: &Declared| Write::Create(now.key());
    for (now, order) in [
        (orders().owner("analyst"), ReplaceOrder::DeleteFirst),
        (orders().postgres(), ReplaceOrder::DeleteFirst),
        (orders().named("orders-2"), ReplaceOrder::CreateFirst),
    ] {
        let mut site = declared_now(now.clone()).await;
        site.service.lag(3 * SECOND, 7 * SECOND);
        site.service.provisions_for(5 * SECOND);
        let applied = site.apply_once().await;
        assert_eq!(change(&applied.planned.plan, "Store/orders"), Change::Replace(order));
        assert!(applied.report.is_complete() && applied.after.is_empty(), "{:#?}", applied.report);
        let expected = match order {
            ReplaceOrder::DeleteFirst => [drop(), create(&now)],
            ReplaceOrder::CreateFirst => [create(&now), drop()],
        };
        assert_eq!(applied.asked(), expected);
        assert_eq!(site.service.everything().len(), 1);
        assert_eq!(applied.record("Store/orders").unwrap(), now.recorded());
    }
}

#[tokio::test(start_paused = true)]
async fn when_a_new_name_is_refused_the_old_store_stays() {
    let mut site = declared_now(orders().named("orders-2")).await;
    site.service.fault(Operation::Create, 1, Fault::Refuse("login failed"));
    let applied = site.apply_once().await;
    assert!(applied.failure("Store/orders").is_some());
    assert_eq!(applied.asked().len(), 1);
    assert_eq!(applied.record("Store/orders").unwrap(), orders().recorded());
    assert!(site.service.everything().contains_key(&orders().key()));
}

#[tokio::test(start_paused = true)]
async fn a_replacement_whose_second_half_is_refused_is_created_by_the_next_apply() {
    let mut site = declared_now(orders().owner("analyst")).await;
    site.service.fault(Operation::Create, 1, Fault::Refuse("login failed"));
    let applied = site.apply_once().await;
    assert!(applied.failure("Store/orders").is_some());
    assert!(matches!(applied.record("Store/orders").unwrap().condition, Condition::Lost { .. }));
    let again = site.apply_once().await;
    assert_eq!(again.asked(), [Write::Create(orders().key())]);
    assert!(again.report.is_complete() && again.after.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_replacement_that_is_asked_for_drops_and_creates() {
    let mut site = Site::applied([orders()]).await;
    site.options.replace = [address("Store/orders")].into();
    let planned = site.try_plan().await.unwrap();
    assert_eq!(change(&planned.plan, "Store/orders"), Change::Replace(ReplaceOrder::DeleteFirst));
    let applied = site.apply_once().await;
    assert_eq!(applied.asked(), [Write::Delete(orders().key()), Write::Create(orders().key())]);
    assert!(applied.report.is_complete());
    site.options.replace = [].into();
    assert!(site.plan().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn protection_stands_against_a_replacement_and_not_against_an_update() {
    let mut site = Site::applied([orders().protect()]).await;
    site.declare([orders().protect().owner("analyst")]);
    let blocked = Change::Blocked(BlockReason::Protected);
    assert_eq!(change(&site.plan().await, "Store/orders"), blocked);
    site.declare([desired("a")]);
    assert_eq!(change(&site.plan().await, "Store/orders"), blocked);
    site.declare([orders().protect()]);
    site.options.replace = [address("Store/orders")].into();
    assert_eq!(change(&site.plan().await, "Store/orders"), blocked);
    site.options.replace = [].into();
    site.declare([orders().protect().password("new")]);
    let applied = site.apply_once().await;
    assert_eq!(applied.asked(), [update(&[])]);
    assert!(applied.report.is_complete() && applied.after.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_adopted_keeps_its_secrets_as_assumed_without_a_request() {
    let mut site = Site::declaring([orders()]);
    site.service.put_store(&orders().store_spec());
    assert_eq!(change(&site.plan().await, "Store/orders"), Change::Blocked(BlockReason::Unmanaged));
    site.declare([orders().adopt()]);
    let applied = site.apply_once().await;
    assert_eq!(change(&applied.planned.plan, "Store/orders"), Change::Adopt(None));
    assert_eq!(applied.asked(), []);
    assert!(applied.report.is_complete() && applied.after.is_empty());
    let recorded = applied.record("Store/orders").unwrap();
    let assumed = Knowledge::Assumed(FieldValue::Sealed(print("password")));
    assert_eq!(recorded.fields["kafka.sasl.password"], assumed);
    assert_eq!(recorded.observer, orders().recorded().observer);
    site.declare([orders().adopt().password("new")]);
    assert_eq!(site.apply_once().await.asked(), [update(&[])]);
}

#[tokio::test(start_paused = true)]
async fn an_adopted_store_of_another_type_or_owner_is_blocked_and_a_waiting_one_is_waited_for() {
    let mut site = Site::declaring([orders().adopt().postgres()]);
    site.service.provisions_for(20 * SECOND);
    site.service.put_store(&orders().store_spec());
    let differs = change(&site.plan().await, "Store/orders");
    assert!(
        matches!(&differs, Change::Blocked(BlockReason::AdoptDiffers { field, .. }) if field == "type"),
        "{differs:?}"
    );
    site.declare([orders().adopt()]);
    let applied = site.apply_once().await;
    assert_eq!(change(&applied.planned.plan, "Store/orders"), Change::Adopt(Some(Strategy::Await)));
    assert_eq!(applied.asked(), []);
    assert!(applied.report.is_complete() && applied.after.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_imported_store_assumes_its_secrets_and_takes_the_next_change() {
    let mut site = Site::new();
    site.service.put_store(&orders().store_spec());
    site.import(orders().imported());
    site.declare([orders()]);
    let applied = site.apply_once().await;
    assert_eq!(change(&applied.planned.plan, "Store/orders"), Change::Update(Strategy::RecordOnly));
    assert_eq!(applied.asked(), []);
    let password = |verdict: &&FieldVerdict| verdict.field == "kafka.sasl.password";
    let verdict = row(&applied.planned.plan, "Store/orders").fields.iter().find(password).unwrap();
    assert_eq!((verdict.word, verdict.costs), (DriftWord::Unverifiable, false));
    assert!(applied.after.is_empty());
    site.declare([orders().password("new")]);
    let again = site.apply_once().await;
    assert_eq!(again.asked(), [update(&[])]);
    assert_eq!(
        again.record("Store/orders").unwrap().fields["kafka.sasl.username"],
        Knowledge::Applied(FieldValue::Sealed(print("user"))),
        "what was sent with it is known now"
    );
}

#[tokio::test(start_paused = true)]
async fn what_the_service_shows_against_the_manifest_is_not_created_for_ever() {
    // Somebody else created the store as another role while our answer was lost.
    let mut site = Site::declaring([orders().owner("analyst")]);
    site.service.fault(Operation::Create, 1, Fault::Ambiguous(Processed::No));
    let service = site.service.clone();
    let clock = site.clock;
    let somebody = async {
        clock.sleep_until(clock.now() + SECOND).await;
        service.put_store(&orders().store_spec());
    };
    let (applied, ()) = tokio::join!(site.apply_once(), somebody);
    let failure = applied.failure("Store/orders").unwrap();
    assert_eq!(failure.cause, Cause::Contradicted);
    assert_eq!(failure.message, "spec.owner is declared as \"analyst\", but the service shows \"loader\"");
    let again = site.apply_once().await;
    assert_eq!(again.asked(), []);
    assert!(matches!(
        change(&again.planned.plan, "Store/orders"),
        Change::Blocked(BlockReason::Contradicted { .. })
    ));
}

#[tokio::test(start_paused = true)]
async fn a_renamed_manifest_of_a_store_sends_nothing() {
    let mut site = declared_now(orders().at("Store/renamed")).await;
    let applied = site.apply_once().await;
    assert_eq!(applied.asked(), []);
    assert!(applied.report.rows.iter().all(|row| row.result == RowResult::Done) && applied.after.is_empty());
    assert_eq!(applied.record("Store/renamed").unwrap().key, orders().key());
}
