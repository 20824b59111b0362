//! Runs that were cut off behind a request: what the next run makes of it when the world or the manifests have moved.

use std::time::Duration;

use reconcile::domain::field::FieldValue;
use reconcile::domain::plan::{BlockReason, Change, CreateReason, DeleteReason, ForgetReason, Note};
use reconcile::domain::recorded::Condition;

use super::judged::{change, row};
use crate::support::apply::Site;
use crate::support::builders::{desired, key};
use crate::support::memory::{Fault, Operation, Processed};
use crate::support::tape::Write;

const SECOND: Duration = Duration::from_secs(1);
/// The intent, its sync and the request.
const BEHIND_THE_REQUEST: usize = 3;
/// The intent and its sync.
const BEHIND_THE_INTENT: usize = 2;

/// `a` from JAR 1 is on its way when the process is killed; listings show it 10 s later.
async fn cut_off() -> Site {
    let mut site = Site::declaring([desired("a").jar("1")]);
    site.service.lag(10 * SECOND, Duration::ZERO);
    let (_, killed) = site.apply_cut_behind(BEHIND_THE_REQUEST).await;
    assert!(killed);
    site
}

#[tokio::test(start_paused = true)]
async fn what_has_arrived_is_recorded_without_a_request() {
    let mut site = cut_off().await;
    site.pass(20 * SECOND).await;
    let applied = site.apply_once().await;
    assert_eq!(applied.asked(), []);
    assert!(applied.after.is_empty());
    assert_eq!(applied.planned.settled.snapshot.resources[&key("a")], desired("a").jar("1").recorded());
}

#[tokio::test(start_paused = true)]
async fn what_may_still_arrive_is_looked_for_before_it_is_sent_again() {
    let mut site = cut_off().await;
    site.pass(8 * SECOND).await;
    let applied = site.apply_once().await;
    let planned = row(&applied.planned.plan, "a");
    assert_eq!(planned.change, Change::Create(CreateReason::Absent));
    assert_eq!(planned.notes, [Note::CutOff]);
    assert_eq!(applied.asked(), []);
    assert!(applied.report.is_complete() && applied.after.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_registration_that_was_never_sent_is_sent_once() {
    let mut site = Site::declaring([desired("a")]);
    assert!(site.apply_cut_behind(BEHIND_THE_INTENT).await.1);
    site.service.lose_pending();
    let applied = site.apply_once().await;
    assert_eq!(applied.asked().len(), 1);
    assert!(applied.report.is_complete() && applied.after.is_empty());
}

#[tokio::test(start_paused = true)]
async fn another_jar_that_arrives_meanwhile_is_not_taken_for_the_declared_one() {
    let mut site = cut_off().await;
    site.declare([desired("a").jar("2")]);
    site.pass(8 * SECOND).await;
    let applied = site.apply_once().await;
    let message = &applied.failure("a").unwrap().message;
    assert_eq!(message, "FlinkConnector/a arrived from a run that was cut off, as it was declared then");
    assert_eq!(applied.record("a").unwrap(), desired("a").jar("1").recorded());
    let again = site.apply_once().await;
    assert!(again.report.is_complete() && again.after.is_empty());
    assert_eq!(site.service.everything()[&key("a")].attributes["jarUrl"], "oss://b/2.jar");
}

#[tokio::test(start_paused = true)]
async fn two_registrations_that_may_have_arrived_leave_the_jar_unknown_and_register_it_again() {
    let mut site = cut_off().await;
    site.declare([desired("a").jar("2")]);
    // The first one is settled, two looks do not show it, and the second run is killed behind its intent.
    assert!(site.apply_cut_behind(4 + BEHIND_THE_INTENT).await.1);
    assert_eq!(site.store.recover().open.len(), 1);
    site.pass(20 * SECOND).await;
    let applied = site.apply_once().await;
    assert!(applied.report.is_complete() && applied.after.is_empty());
    assert_eq!(applied.asked().len(), 2, "deleted and registered");
    assert_eq!(site.service.everything()[&key("a")].attributes["jarUrl"], "oss://b/2.jar");
}

#[tokio::test(start_paused = true)]
async fn what_may_still_arrive_is_deleted_and_not_forgotten_when_its_manifest_is_gone() {
    let mut site = cut_off().await;
    site.declare([desired("b")]);
    let applied = site.apply_once().await;
    assert_eq!(change(&applied.planned.plan, "a"), Change::Delete(DeleteReason::ManifestGone));
    assert!(applied.asked().contains(&Write::Delete(key("a"))));
    site.pass(20 * SECOND).await;
    assert!(site.plan().await.is_empty());
    assert_eq!(site.service.everything().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_to_that_delete_proves_nothing() {
    let mut site = cut_off().await;
    site.declare([desired("b")]);
    site.service.fault(Operation::Delete, 1, Fault::Ambiguous(Processed::No));
    let applied = site.apply_once().await;
    assert!(applied.report.is_complete() || applied.record("a").is_some());
    site.pass(20 * SECOND).await;
    site.apply_once().await;
    assert_eq!(site.service.everything().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_kill_between_the_two_halves_keeps_the_way_back() {
    let mut site = Site::applied([desired("a").jar("1")]).await;
    site.declare([desired("a").jar("2")]);
    // Intent, synced, asked, carried out, sent, listed, observed, confirmed, synced.
    assert!(site.apply_cut_behind(9).await.1);
    let lost = &site.store.recover().snapshot.resources[&key("a")];
    assert_eq!(lost.condition, Condition::Lost { message: String::new() });
    site.service.fault(Operation::Register, 1, Fault::Refuse("the JAR has no factory"));
    let applied = site.apply_once().await;
    let message = &applied.failure("a").unwrap().message;
    assert!(message.ends_with("the old JAR oss://b/1.jar is live again"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn somebody_elses_object_under_the_name_of_one_that_was_never_seen_is_left_alone() {
    for declared in [true, false] {
        let mut site = Site::declaring([desired("a")]);
        for nth in 1..=3 {
            site.service.fault(Operation::Register, nth, Fault::Ambiguous(Processed::No));
        }
        let sent = site.apply_once().await;
        assert!(matches!(sent.record("a").unwrap().condition, Condition::Unconfirmed { .. }));
        let theirs = desired("a").of_type("theirs");
        site.service.put(&theirs.definition());
        site.declare(if declared { vec![desired("a"), desired("b")] } else { vec![desired("b")] });
        let applied = site.apply_once().await;
        let change = row(&applied.planned.plan, "a").change.clone();
        if declared {
            assert_eq!(change, Change::Blocked(BlockReason::Unmanaged));
        } else {
            assert_eq!(change, Change::Forget(ForgetReason::NeverSeen));
        }
        assert_eq!(
            site.service.everything()[&key("a")].fields["connectorType"],
            FieldValue::Text("theirs".into())
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_delete_that_an_earlier_run_sent_is_waited_for_however_long_listings_lag() {
    let mut site = Site::applied([desired("a").jar("1")]).await;
    site.service.lag(Duration::ZERO, 60 * SECOND);
    site.declare([desired("a").jar("2")]);
    for _ in 0..2 {
        // Killed when the delete was carried out, and once more while the old object is still listed.
        assert!(site.apply_cut_behind(BEHIND_THE_REQUEST + 1).await.1);
    }
    let applied = site.apply_once().await;
    assert!(applied.report.is_complete() && applied.after.is_empty(), "{:#?}", applied.report);
    assert_eq!(site.tape.creations()[&key("a")], 2);
    assert!(site.store.recover().open.is_empty());
}
