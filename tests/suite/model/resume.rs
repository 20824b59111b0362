//! `--resume`: the approved plan and no other, behind its fences.

use std::time::Duration;

use reconcile::domain::plan::{Change, CreateReason};
use reconcile::engine::executor::{Report, Stop};
use reconcile::engine::resume::Unfit;
use tokio::sync::watch;

use crate::support::apply::Site;
use crate::support::builders::{address, desired, key};
use crate::support::tape::{Entry, Write};

const SECOND: Duration = Duration::from_secs(1);
/// The intent, its sync and the request.
const BEHIND_THE_REQUEST: usize = 3;

/// Finishes what was cut off. Returns the report and the writes that were asked for.
async fn finish(site: &mut Site) -> (Report, Vec<Write>) {
    let began = site.tape.len();
    let planned = site.rest().await.unwrap().unwrap();
    let (_, never) = watch::channel(Stop::No);
    let report = site.carry_out(&planned, never).await;
    let asked = |entry| if let Entry::Asked(write) = entry { Some(write) } else { None };
    assert_eq!(site.tape.without_intent(), []);
    (report, site.tape.since(began).into_iter().filter_map(asked).collect())
}

/// What moved, by key.
async fn moved(site: &mut Site) -> Vec<String> {
    let began = site.tape.len();
    let Err(Unfit::Moved(moved)) = site.rest().await.unwrap() else { panic!("it fits") };
    assert!(site.tape.since(began).iter().all(|entry| matches!(entry, Entry::Listed(_))));
    moved.into_iter().map(|moved| moved.key.name().to_owned()).collect()
}

/// One after the other, killed behind the n-th entry.
async fn chain_cut_behind(n: usize) -> Site {
    let mut site = Site::declaring([desired("a"), desired("b").after(&["a"])]);
    assert!(site.apply_cut_behind(n).await.1);
    site
}

#[tokio::test(start_paused = true)]
async fn a_write_whose_answer_nobody_heard_is_looked_for_and_not_sent_again() {
    let mut site = chain_cut_behind(BEHIND_THE_REQUEST).await;
    site.pass(SECOND).await;
    let (report, asked) = finish(&mut site).await;
    assert!(report.is_complete());
    assert!(matches!(asked.as_slice(), [Write::Register { keys, .. }] if *keys == [key("b")]), "{asked:?}");
    assert!(site.plan().await.is_empty() && site.store.cut_off().is_none());
}

#[tokio::test(start_paused = true)]
async fn what_may_still_arrive_is_looked_for_before_it_is_sent_again() {
    let mut site = Site::declaring([desired("a"), desired("b").after(&["a"])]);
    site.service.lag(10 * SECOND, Duration::ZERO);
    assert!(site.apply_cut_behind(BEHIND_THE_REQUEST).await.1);
    site.pass(8 * SECOND).await;
    let (report, asked) = finish(&mut site).await;
    assert!(report.is_complete(), "{report:#?}");
    assert_eq!(asked.len(), 1, "{asked:?}");
}

#[tokio::test(start_paused = true)]
async fn the_plan_that_was_approved_is_finished_and_not_that_of_newer_manifests() {
    let mut site = chain_cut_behind(BEHIND_THE_REQUEST).await;
    site.declare([desired("a"), desired("b").jar("other").after(&["a"]), desired("c")]);
    site.pass(SECOND).await;
    let (report, _) = finish(&mut site).await;
    assert!(report.is_complete());
    let live = site.service.everything();
    assert_eq!(live.len(), 2);
    assert_eq!(live[&key("b")].attributes["jarUrl"], "oss://b/b.jar");
}

#[tokio::test(start_paused = true)]
async fn what_the_run_had_not_begun_with_must_be_as_it_was() {
    let mut site = chain_cut_behind(BEHIND_THE_REQUEST).await;
    site.pass(SECOND).await;
    site.service.put(&desired("b").definition());
    assert_eq!(moved(&mut site).await, ["b"], "the same is there already, and it is not ours");
}

#[tokio::test(start_paused = true)]
async fn what_the_run_brought_and_saw_must_not_be_gone_or_another_one() {
    // Everything of the first one, and the intent of the second.
    let mut site = chain_cut_behind(10).await;
    site.pass(SECOND).await;
    site.service.remove(&key("a"));
    assert_eq!(moved(&mut site).await, ["a"]);
    site.service.put(&desired("a").of_type("theirs").definition());
    assert_eq!(moved(&mut site).await, ["a"]);
}

#[tokio::test(start_paused = true)]
async fn what_the_plan_does_not_change_is_not_its_business() {
    let mut site = Site::applied([desired("kept"), desired("gone")]).await;
    site.declare([desired("kept"), desired("a")]);
    assert!(site.apply_cut_behind(BEHIND_THE_REQUEST).await.1);
    site.pass(SECOND).await;
    site.service.remove(&key("kept"));
    let (report, _) = finish(&mut site).await;
    assert!(report.is_complete());
    assert_eq!(site.service.everything().into_keys().collect::<Vec<_>>(), [key("a")]);
}

#[tokio::test(start_paused = true)]
async fn what_was_asked_to_be_registered_again_and_was_is_not_registered_a_third_time() {
    let mut site = Site::applied([desired("a"), desired("b").after(&["a"])]).await;
    site.options.replace = [address("a"), address("b")].into();
    // Everything of `a`; the intent to delete `b`.
    let (_, killed) = site.apply_cut_behind(20).await;
    assert!(killed);
    site.pass(SECOND).await;
    let (report, _) = finish(&mut site).await;
    assert!(report.is_complete());
    let creations = site.tape.creations();
    assert_eq!((creations[&key("a")], creations[&key("b")]), (2, 2), "{}", site.tape.story());
}

#[tokio::test(start_paused = true)]
async fn a_run_that_resumes_and_is_cut_off_too_is_resumed_like_the_first() {
    let mut site = Site::applied([desired("a").jar("1"), desired("b")]).await;
    site.declare([desired("a").jar("2"), desired("c")]);
    assert!(site.apply_cut_behind(BEHIND_THE_REQUEST).await.1);
    for behind in [2, 4, 6] {
        site.pass(SECOND).await;
        site.resume_cut_behind(behind).await.unwrap();
    }
    assert_eq!(site.store.cut_off().unwrap().resumed_by.len(), 3);
    site.pass(SECOND).await;
    let (report, _) = finish(&mut site).await;
    assert!(report.is_complete(), "{report:#?}");
    assert!(site.plan().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_is_left_of_a_replacement_whose_old_half_is_gone_is_its_new_half() {
    let mut site = Site::applied([desired("a").jar("1")]).await;
    site.declare([desired("a").jar("2")]);
    assert!(site.apply_cut_behind(9).await.1);
    let planned = site.rest().await.unwrap().unwrap();
    assert_eq!(planned.plan.rows[0].change, Change::Create(CreateReason::Absent));
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_only_deletes_is_finished_too() {
    let mut site = Site::applied([desired("a"), desired("b"), desired("c")]).await;
    site.declare([desired("a")]);
    site.settings.parallelism = 1;
    assert!(site.apply_cut_behind(BEHIND_THE_REQUEST + 1).await.1);
    site.pass(SECOND).await;
    let (report, _) = finish(&mut site).await;
    assert!(report.is_complete());
    assert_eq!(site.service.everything().len(), 1);
}
