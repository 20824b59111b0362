//! A state that cannot be written: no durable intent, no request.

use reconcile::domain::recorded::Condition;
use reconcile::engine::executor::{Cause, RowResult, Settings};

use crate::support::apply::Site;
use crate::support::builders::desired;
use crate::support::tape::Entry;

#[tokio::test(start_paused = true)]
async fn no_request_is_sent_after_a_failed_append_wherever_it_fails() {
    for good in 0..50 {
        let mut site = Site::applied([desired("a").jar("1"), desired("gone")]).await;
        site.declare([desired("a").jar("2"), desired("b"), desired("c").after(&["b"])]);
        let planned = site.try_plan().await.unwrap();
        let began = site.tape.len();
        site.store.break_behind(good);
        let (_, never) = tokio::sync::watch::channel(reconcile::engine::executor::Stop::No);
        let report = site.carry_out(&planned, never).await;
        assert_eq!(site.tape.without_intent(), [], "after {good} good calls");
        let broken = report.state_failure.is_some();
        if good == 0 {
            assert_eq!(site.tape.since(began).len(), 0, "nothing");
            assert!(report.rows.iter().all(|row| row.result != RowResult::Done));
        }
        assert_eq!(broken, !report.is_complete(), "after {good} good calls: {report:#?}");
        site.store.repair();
        for _ in 0..2 {
            site.apply_once().await;
        }
        assert!(site.plan().await.is_empty(), "after {good} good calls\n{}", site.tape.story());
        assert_eq!(site.service.everything().len(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn a_row_that_could_not_be_recorded_says_so() {
    let mut site = Site::declaring([desired("a")]);
    let planned = site.try_plan().await.unwrap();
    site.store.break_behind(0);
    let (_, never) = tokio::sync::watch::channel(reconcile::engine::executor::Stop::No);
    let report = site.carry_out(&planned, never).await;
    let RowResult::Failed(failure) = &report.rows[0].result else { panic!("{report:#?}") };
    assert_eq!((failure.cause, failure.message.as_str()), (Cause::State, "the state could not be written"));
    assert_eq!(report.writes, 0);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_changes_nothing_writes_nothing() {
    let mut site = Site::applied([desired("a")]).await;
    let serial = site.store.recover().snapshot.serial;
    let began = site.tape.len();
    site.store.break_behind(0);
    let applied = site.apply_once().await;
    assert!(applied.report.is_complete());
    assert_eq!(applied.lists(), 1);
    assert_eq!(site.tape.since(began).len(), 2, "two plans, two listings");
    assert_eq!(site.store.recover().snapshot.serial, serial);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_changes_something_is_one_generation() {
    let mut site = Site::applied([desired("a")]).await;
    assert_eq!(site.store.recover().snapshot.serial.0, 1);
    assert!(site.store.journal().is_empty());
    site.declare([desired("a").description("words")]);
    let applied = site.apply_once().await;
    assert_eq!(applied.asked(), []);
    assert_eq!(site.store.recover().snapshot.serial.0, 2);
    assert_eq!(applied.record("a").unwrap().condition, Condition::Ready);
}

/// How often the journal is synced while so many are registered.
async fn syncs(count: usize, settings: impl Fn(&mut Settings)) -> usize {
    let mut site = Site::declaring((0..count).map(|number| desired(&format!("c{number:03}"))));
    settings(&mut site.settings);
    let applied = site.apply_once().await;
    assert!(applied.report.is_complete() && applied.asked().len() == count);
    applied.entries.iter().filter(|entry| **entry == Entry::Synced).count()
}

#[tokio::test(start_paused = true)]
async fn steps_side_by_side_share_their_syncs_and_one_that_runs_alone_has_two() {
    for (count, parallelism) in [(100, 4), (100, 10), (1_000, 10), (300, 300)] {
        let counted = syncs(count, |settings| settings.parallelism = parallelism).await;
        let most = 2 * count / parallelism + 4;
        assert!((2..=most).contains(&counted), "{count} at parallelism {parallelism}: {counted} syncs");
    }
    let alone = |settings: &mut Settings| (settings.parallelism, settings.fail_fast) = (1, true);
    assert_eq!(syncs(20, alone).await, 40);
}
