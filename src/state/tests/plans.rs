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
