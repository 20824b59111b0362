//! Is what a process remembers of a state believed only while nobody else can have written it?
#![expect(
    clippy::disallowed_methods,
    reason = "the tests change files as somebody does who knows nothing of locks"
)]

use std::path::Path;
use std::sync::Arc;

use super::scripted_disk::ScriptedDisk;
use super::world::{block_on, confirmed, durably, lock, put, register, request};
use crate::domain::journal::Recovered;
use crate::platform::fs;
use crate::platform::time::SystemClock;
use crate::ports::state_store::StateStore;
use crate::state::{LockedState, Remembered, StateFolder};

/// Registers something, and makes a generation of it.
fn create(state: &mut LockedState, name: &str) {
    let next = state.recovered().next_write.0;
    durably(state, &register(next, name)).unwrap();
    durably(state, &confirmed(next, vec![put(name)])).unwrap();
    let snapshot = state.recovered().snapshot.clone();
    state.fold(&snapshot).unwrap();
}

fn again(folder: &StateFolder, remembered: Remembered) -> LockedState {
    let clock = SystemClock::start();
    block_on(folder.lock_again(Some(remembered), request("watch"), &clock, |_| {})).unwrap()
}

/// A folder in which a watch has made two generations.
fn watched(disk: &Arc<ScriptedDisk>, place: &Path) -> (StateFolder, Remembered) {
    let folder = StateFolder::on(disk.clone(), place.join("state"));
    // The others depend on it.
    create(&mut lock(&folder, "first").unwrap(), "base");
    create(&mut lock(&folder, "second").unwrap(), "orders");
    let mut state = lock(&folder, "watch").unwrap();
    create(&mut state, "payments");
    let remembered = state.leave().unwrap();
    (folder, remembered)
}

#[test]
fn what_is_remembered_is_what_is_there_and_is_not_read_again() {
    let place = tempfile::tempdir().unwrap();
    let disk = Arc::new(ScriptedDisk::default());
    let (folder, mut remembered) = watched(&disk, place.path());
    for name in ["invoices", "refunds"] {
        let before = disk.calls();
        let mut state = again(&folder, remembered);
        // The text of the lock is read and written, and nothing else.
        assert_eq!(disk.calls() - before, 3, "{name}");
        assert_eq!(Some(state.recovered()), folder.read().unwrap().as_ref());
        create(&mut state, name);
        remembered = state.leave().unwrap();
    }
    // Whoever changes nothing remembers as well.
    let state = again(&folder, remembered);
    let names = state.recovered().snapshot.resources.len();
    assert_eq!((names, state.leave().is_some()), (5, true));
    assert_eq!(folder.check().unwrap(), []);
}

/// What somebody does to a folder while nobody holds its lock.
type Deed = fn(&StateFolder);

#[test]
fn whoever_else_was_there_leads_to_reading() {
    let deeds: [(&str, Deed); 6] = [
        ("another run has made a generation", |folder| create(&mut lock(folder, "other").unwrap(), "other")),
        ("another run has held the lock", |folder| drop(lock(folder, "other").unwrap())),
        ("another run was cut off", |folder| {
            let mut state = lock(folder, "other").unwrap();
            let next = state.recovered().next_write.0;
            durably(&mut state, &register(next, "other")).unwrap();
        }),
        ("an older file was put in place, with the times of the newer one", |folder| {
            let path = folder.path().join("snapshot.json");
            let times = std::fs::metadata(&path).unwrap();
            let older = fs::list(&folder.path().join("backups")).unwrap().pop().unwrap();
            let bytes = fs::read(&older, 1 << 20).unwrap();
            fs::replace(&path, &bytes).unwrap();
            let file = std::fs::File::options().write(true).open(&path).unwrap();
            file.set_modified(times.modified().unwrap()).unwrap();
        }),
        ("the lock file is new", |folder| fs::remove(&folder.path().join("lock")).unwrap()),
        ("the text of the lock is unreadable", |folder| {
            fs::replace(&folder.path().join("lock"), b"{\"serial\":2,\"holder\":null}\n").unwrap();
        }),
    ];
    for (what, deed) in deeds {
        let place = tempfile::tempdir().unwrap();
        let disk = Arc::new(ScriptedDisk::default());
        let (folder, remembered) = watched(&disk, place.path());
        deed(&folder);
        let there: Recovered = folder.read().unwrap().unwrap();
        let before = disk.calls();
        let state = again(&folder, remembered);
        assert_eq!(state.recovered(), &there, "{what}");
        assert!(disk.calls() - before > 3, "{what}: the state is not read");
    }
}

#[test]
fn what_was_left_unfinished_is_not_remembered() {
    let place = tempfile::tempdir().unwrap();
    let folder = StateFolder::open(place.path().join("state"));
    // The others depend on it.
    create(&mut lock(&folder, "first").unwrap(), "base");
    create(&mut lock(&folder, "second").unwrap(), "orders");
    let mut state = lock(&folder, "watch").unwrap();
    let next = state.recovered().next_write.0;
    durably(&mut state, &register(next, "payments")).unwrap();
    assert!(state.leave().is_none(), "a write is open");
    assert!(lock(&folder, "watch").unwrap().leave().is_none(), "a run was cut off");
}
