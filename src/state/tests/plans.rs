//! A saved plan is carried out at most once: its trace is durable before the first request, and outlives the run.

use super::world::{confirmed, durably, lock, put, refused, register};
use crate::domain::journal::PlanId;
use crate::domain::snapshot::Serial;
use crate::ports::state_store::StateStore;
use crate::state::{LockedState, StateFolder};

fn folder() -> (tempfile::TempDir, StateFolder) {
    let place = tempfile::tempdir().unwrap();
    let folder = StateFolder::open(place.path().join("state"));
    (place, folder)
}

fn plan() -> PlanId {
    PlanId("p1".to_owned())
}

/// A run that carries out the plan and is about to send its first request.
fn begun(folder: &StateFolder) -> LockedState {
    let mut state = lock(folder, "r1").unwrap();
    state.carries_out(plan());
    durably(&mut state, &register(0, "a")).unwrap();
    state
}

fn fold(state: &mut LockedState) -> Serial {
    let snapshot = state.recovered().snapshot.clone();
    state.fold(&snapshot).unwrap()
}

/// Whether the plan stands in the snapshot, and in the journal.
fn traces(folder: &StateFolder) -> (bool, bool) {
    let found = folder.read().unwrap().unwrap();
    let folded = found.snapshot.made_by.is_some_and(|made_by| made_by.plans.contains(&plan()));
    (folded, found.plans.contains(&plan()))
}

#[test]
fn a_plan_is_used_up_from_its_first_intent_on_and_by_whoever_folds() {
    let (_place, folder) = folder();
    drop(begun(&folder));
    assert_eq!(traces(&folder), (false, true));
    // The next run finds that nothing came of it, and has no plan of its own.
    let mut state = lock(&folder, "r2").unwrap();
    durably(&mut state, &confirmed(0, Vec::new())).unwrap();
    assert_eq!(fold(&mut state), Serial(1));
    drop(state);
    assert_eq!(traces(&folder), (true, false));
    assert_eq!(folder.read().unwrap().unwrap().snapshot.made_by.unwrap().run.0, "r2");
}

#[test]
fn a_plan_whose_every_request_was_refused_makes_a_generation_of_its_own() {
    let (_place, folder) = folder();
    let mut state = begun(&folder);
    durably(&mut state, &refused(0)).unwrap();
    assert_eq!(fold(&mut state), Serial(1));
    drop(state);
    assert_eq!(traces(&folder), (true, false));
}

#[test]
fn a_write_that_stays_open_keeps_its_plan_in_the_snapshot_and_makes_no_second_generation() {
    let (_place, folder) = folder();
    let mut state = begun(&folder);
    assert_eq!(fold(&mut state), Serial(1));
    drop(state);
    assert_eq!(traces(&folder), (true, false));
    let mut state = lock(&folder, "r2").unwrap();
    durably(&mut state, &confirmed(0, Vec::new())).unwrap();
    assert_eq!(fold(&mut state), Serial(1));
    // A later generation makes room: a plan of serial 0 is stale by its serial.
    durably(&mut state, &confirmed(0, vec![put("a")])).unwrap();
    assert_eq!(fold(&mut state), Serial(2));
    drop(state);
    assert_eq!(traces(&folder), (false, false));
}

/// What is left to be finished, and by whom that was tried.
fn cut_off(folder: &StateFolder) -> Vec<(String, Option<String>, usize)> {
    let (_, runs) = folder.read_with_cut_off().unwrap().unwrap();
    runs.into_iter().map(|run| (run.run.0, run.plan, run.resumed_by.len())).collect()
}

#[test]
fn an_approved_plan_is_there_from_the_first_intent_until_a_run_ends_which_then_says_whom_it_ended() {
    let (_place, folder) = folder();
    let mut state = lock(&folder, "r1").unwrap();
    state.approved("plan \"one\"".to_owned());
    assert_eq!(cut_off(&folder), []);
    durably(&mut state, &register(0, "a")).unwrap();
    drop(state);
    let one = ("r1".to_owned(), Some("plan \"one\"".to_owned()), 0);
    assert_eq!(cut_off(&folder), std::slice::from_ref(&one));

    // Who goes on with it does not write it a second time, and may be cut off too.
    let mut state = lock(&folder, "r2").unwrap();
    state.resumes(state.cut_off()[0].run.clone());
    durably(&mut state, &register(1, "b")).unwrap();
    drop(state);
    assert_eq!(cut_off(&folder), [("r1".to_owned(), one.1.clone(), 1)]);

    // Who has a plan of his own overtakes.
    let mut state = lock(&folder, "r3").unwrap();
    state.approved("three".to_owned());
    durably(&mut state, &confirmed(0, Vec::new())).unwrap();
    drop(state);
    assert_eq!(cut_off(&folder).last().unwrap().0, "r3");

    let mut state = lock(&folder, "r4").unwrap();
    durably(&mut state, &confirmed(1, Vec::new())).unwrap();
    assert_eq!(fold(&mut state), Serial(1));
    drop(state);
    assert_eq!(cut_off(&folder), []);
    let made_by = folder.read().unwrap().unwrap().snapshot.made_by.unwrap();
    let ended: Vec<&str> = made_by.ended.iter().map(|run| run.0.as_str()).collect();
    assert_eq!((made_by.run.0.as_str(), ended), ("r4", vec!["r1", "r2", "r3"]));
}

#[test]
fn a_run_that_ended_with_a_write_still_open_left_no_plan_to_finish() {
    let (_place, folder) = folder();
    let mut state = lock(&folder, "r1").unwrap();
    state.approved("plan".to_owned());
    durably(&mut state, &register(0, "a")).unwrap();
    fold(&mut state);
    drop(state);
    assert!(cut_off(&folder).iter().all(|(_, plan, _)| plan.is_none()));
}
