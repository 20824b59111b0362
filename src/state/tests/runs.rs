//! What do whole runs leave behind, and what do they cost?

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use super::scripted_disk::{Call, Fault, ScriptedDisk};
use super::world::{
    accepted, confirmed, delete, durably, key, lock, observed, put, refused, register, snapshot,
};
use crate::domain::journal::{JournalRecord, WriteId};
use crate::domain::snapshot::{Lineage, Serial, Snapshot, StateChange};
use crate::ports::state_store::{StateError, StateStore};
use crate::state::{LockedState, Rescued, StateFolder};

/// One write with its four phases.
fn step(state: &mut LockedState, intent: &JournalRecord, changes: Vec<StateChange>) {
    let JournalRecord::Intent { write, .. } = intent else { panic!("{intent:?} is no intent") };
    durably(state, intent).unwrap();
    state.append(&accepted(write.0)).unwrap();
    state.append(&observed(write.0)).unwrap();
    durably(state, &confirmed(write.0, changes)).unwrap();
}

fn fold(state: &mut LockedState) {
    let snapshot = state.recovered().snapshot.clone();
    state.fold(&snapshot).unwrap();
}

/// Creates the object in a run of its own.
fn create(folder: &StateFolder, name: &str) {
    let mut state = lock(folder, name).unwrap();
    step(&mut state, &register(0, name), vec![put(name)]);
    fold(&mut state);
}

fn folder() -> (tempfile::TempDir, StateFolder) {
    let place = tempfile::tempdir().unwrap();
    let folder = StateFolder::open(place.path().join("state"));
    (place, folder)
}

/// Bytes and modification time of every file but the lock.
fn files(folder: &Path) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
    let mut files = BTreeMap::new();
    for path in crate::platform::fs::list(folder).unwrap() {
        if path.is_file() && !path.ends_with("lock") {
            let modified = path.metadata().unwrap().modified().unwrap();
            let bytes = crate::platform::fs::read(&path, 1 << 20).unwrap();
            files.insert(path.file_name().unwrap().to_string_lossy().into_owned(), (bytes, modified));
        }
    }
    files
}

#[test]
fn reading_a_folder_that_is_not_there_finds_no_state_and_makes_none() {
    let (_place, folder) = folder();
    assert_eq!(folder.read().unwrap(), None);
    assert!(!folder.path().exists());
}

#[test]
fn a_state_is_born_with_a_lineage_that_it_keeps() {
    let (_place, folder) = folder();
    let born = lock(&folder, "r1").unwrap().recovered().snapshot.clone();
    assert_eq!((born.serial, born.lineage.0.len()), (Serial(0), 32));
    create(&folder, "a");
    let found = folder.read().unwrap().unwrap().snapshot;
    assert_eq!((found.serial, found.lineage), (Serial(1), born.lineage));
}

#[test]
fn files_and_folders_are_private() {
    use std::os::unix::fs::PermissionsExt;
    let (_place, folder) = folder();
    create(&folder, "a");
    let mut state = lock(&folder, "r2").unwrap();
    durably(&mut state, &register(0, "b")).unwrap();
    let mode = |name: &str| folder.path().join(name).metadata().unwrap().permissions().mode() & 0o777;
    for file in ["lock", "snapshot.json", "journal.jsonl", "backups/snapshot-0.json"] {
        assert_eq!(mode(file), 0o600, "{file}");
    }
    for name in ["", "backups"] {
        assert_eq!(mode(name), 0o700, "{name}");
    }
}

#[test]
fn a_run_that_changes_nothing_touches_neither_snapshot_nor_journal() {
    let (_place, folder) = folder();
    create(&folder, "a");
    let before = files(folder.path());
    let mut state = lock(&folder, "r2").unwrap();
    fold(&mut state);
    drop(state);
    assert_eq!(files(folder.path()), before);
    assert_eq!(before.keys().collect::<Vec<_>>(), ["snapshot.json"], "an ended journal is no file");
}

#[test]
fn a_run_whose_only_write_was_refused_keeps_the_serial_and_ends_the_journal() {
    let (_place, folder) = folder();
    create(&folder, "a");
    let before = files(folder.path());
    let mut state = lock(&folder, "r2").unwrap();
    durably(&mut state, &register(0, "b")).unwrap();
    state.append(&refused(0)).unwrap();
    fold(&mut state);
    assert_eq!(files(folder.path()), before);
}

#[test]
fn a_run_that_was_cut_off_leaves_its_open_write_to_the_next_one() {
    let (_place, folder) = folder();
    create(&folder, "a");
    let mut state = lock(&folder, "r2").unwrap();
    step(&mut state, &register(0, "b"), vec![put("b")]);
    durably(&mut state, &delete(1, "a")).unwrap();
    drop(state);

    let found = folder.read().unwrap().unwrap();
    assert!(found.unfolded && found.snapshot.resources.contains_key(&key("b")));
    assert_eq!(found.open.keys().copied().collect::<Vec<_>>(), [WriteId(1)]);

    let mut state = lock(&folder, "r3").unwrap();
    assert_eq!(*state.recovered(), found);
    let reused = durably(&mut state, &register(1, "c"));
    assert!(matches!(reused, Err(StateError::WriteReused(_))), "{reused:?}");
    durably(&mut state, &confirmed(1, vec![StateChange::Remove(key("a"))])).unwrap();
    assert_eq!(folder.read().unwrap().as_ref(), Some(state.recovered()));
    fold(&mut state);
    drop(state);
    let found = folder.read().unwrap().unwrap();
    assert!(found.open.is_empty() && !found.unfolded);
    assert_eq!(found.snapshot.resources.keys().collect::<Vec<_>>(), [&key("b")]);
    assert_eq!(found.snapshot.serial, Serial(2));
}

#[test]
fn an_open_write_survives_the_fold() {
    let (_place, folder) = folder();
    let mut state = lock(&folder, "r1").unwrap();
    step(&mut state, &register(0, "a"), vec![put("a")]);
    durably(&mut state, &register(1, "b")).unwrap();
    fold(&mut state);
    let expected = state.recovered().clone();
    assert_eq!(expected.open.len(), 1);
    drop(state);
    assert_eq!(folder.read().unwrap().unwrap(), expected);
}

#[test]
fn a_torn_end_is_cut_off_before_the_next_record() {
    let (_place, folder) = folder();
    create(&folder, "a");
    let mut state = lock(&folder, "r2").unwrap();
    step(&mut state, &register(0, "b"), vec![put("b")]);
    drop(state);
    let journal = folder.path().join("journal.jsonl");
    let whole = folder.read().unwrap();
    let mut bytes = crate::platform::fs::read(&journal, 1 << 20).unwrap();
    bytes.extend_from_slice(b"{\"seq\":6,\"su");
    crate::platform::fs::replace(&journal, &bytes).unwrap();
    assert_eq!(folder.read().unwrap(), whole);

    let mut state = lock(&folder, "r3").unwrap();
    durably(&mut state, &register(1, "c")).unwrap();
    let expected = state.recovered().clone();
    drop(state);
    assert_eq!(folder.read().unwrap().unwrap(), expected);
}

#[test]
fn a_step_costs_two_syncs_and_a_fold_four() {
    let (_place, folder) = folder();
    create(&folder, "a");
    let disk = Arc::new(ScriptedDisk::default());
    let folder = StateFolder::on(disk.clone(), folder.path());
    let syncs = || {
        let is_sync = |call: &Call| matches!(call, Call::Sync(_) | Call::SyncFolder(_));
        disk.log().into_iter().filter(is_sync).count()
    };
    let mut state = lock(&folder, "r2").unwrap();
    assert_eq!(syncs(), 0, "taking the lock");
    step(&mut state, &register(0, "b"), vec![put("b")]);
    assert_eq!(syncs(), 3, "the first step: one more, for the name of the journal");
    step(&mut state, &delete(1, "a"), vec![StateChange::Remove(key("a"))]);
    assert_eq!(syncs(), 5, "every other step");
    fold(&mut state);
    // The backup's name, the new snapshot and its name, the end of the journal.
    assert_eq!(syncs(), 9, "the fold");
    fold(&mut state);
    assert_eq!(syncs(), 9, "a fold without a change");
}

#[test]
fn the_ten_newest_backups_are_kept_and_each_is_whole() {
    let (_place, folder) = folder();
    for n in 0..13 {
        create(&folder, &format!("c{n}"));
    }
    let serials: Vec<u64> = folder.backups().unwrap().iter().map(|backup| backup.serial.0).collect();
    assert_eq!(serials, [12, 11, 10, 9, 8, 7, 6, 5, 4, 3]);
}

#[test]
fn a_snapshot_that_rots_while_it_is_locked_is_not_replaced_by_one_without_a_backup() {
    let (_place, folder) = folder();
    create(&folder, "a");
    let mut state = lock(&folder, "r2").unwrap();
    step(&mut state, &register(0, "b"), vec![put("b")]);
    let path = folder.path().join("snapshot.json");
    let mut bytes = crate::platform::fs::read(&path, 1 << 20).unwrap();
    bytes[100] ^= 1;
    crate::platform::fs::replace(&path, &bytes).unwrap();
    let snapshot = state.recovered().snapshot.clone();
    assert!(matches!(state.fold(&snapshot), Err(StateError::Corrupt { .. })));
    assert_eq!(crate::platform::fs::read(&path, 1 << 20).unwrap(), bytes);
    assert!(folder.path().join("journal.jsonl").exists());
}

#[test]
fn a_restored_backup_is_the_state_again_under_a_serial_that_was_never_used() {
    let (_place, folder) = folder();
    create(&folder, "a");
    create(&folder, "b");
    let mut state = lock(&folder, "r3").unwrap();
    step(&mut state, &register(0, "c"), vec![put("c")]);
    durably(&mut state, &register(1, "d")).unwrap();
    drop(state);
    // The disk takes half of the snapshot.
    let path = folder.path().join("snapshot.json");
    let bytes = crate::platform::fs::read(&path, 1 << 20).unwrap();
    crate::platform::fs::replace(&path, &bytes[..bytes.len() / 2]).unwrap();
    let Err(StateError::Corrupt { backups, .. }) = folder.read() else { panic!("half a snapshot was read") };
    assert_eq!(backups, folder.backups().unwrap().into_iter().map(|backup| backup.path).collect::<Vec<_>>());

    let newest = folder.backups().unwrap().remove(0);
    let clock = crate::platform::time::SystemClock::start();
    let state = super::world::block_on(folder.restore(&newest, super::world::request("r4"), &clock, |_| {}));
    let found = state.unwrap().recovered().clone();
    assert_eq!(found.snapshot.resources.keys().collect::<Vec<_>>(), [&key("a")]);
    // The journal builds on serial 2.
    assert_eq!(found.snapshot.serial, Serial(3));
    assert_eq!(found.open.keys().copied().collect::<Vec<_>>(), [WriteId(1)], "an open write was lost");
    assert_eq!(folder.read().unwrap().unwrap(), found);
    let kept = crate::platform::fs::read(&folder.path().join("snapshot.json.before-r4"), 1 << 20).unwrap();
    assert_eq!(kept, bytes[..bytes.len() / 2]);
}

#[test]
fn a_missing_snapshot_is_new_only_where_nothing_ever_was() {
    for evidence in ["lock", "backups", "journal.jsonl"] {
        let (_place, folder) = folder();
        create(&folder, "a");
        durably(&mut lock(&folder, "r2").unwrap(), &register(0, "b")).unwrap();
        let bare = tempfile::tempdir().unwrap();
        let from = folder.path().join(evidence);
        let to = bare.path().join(evidence);
        if evidence == "backups" {
            crate::platform::fs::create_folder(&to).unwrap();
            crate::platform::fs::rename(&from.join("snapshot-0.json"), &to.join("snapshot-0.json")).unwrap();
        } else {
            crate::platform::fs::rename(&from, &to).unwrap();
        }
        let bare = StateFolder::open(bare.path());
        // Twice: the first attempt must not destroy the evidence.
        for _ in 0..2 {
            assert!(matches!(bare.read(), Err(StateError::Corrupt { .. })), "{evidence}");
            assert!(matches!(lock(&bare, "r"), Err(StateError::Corrupt { .. })), "{evidence}");
        }
    }
}

#[test]
fn a_snapshot_of_another_state_is_not_folded_in() {
    let (_place, folder) = folder();
    create(&folder, "a");
    let mut state = lock(&folder, "r2").unwrap();
    let foreign = Snapshot { lineage: Lineage("other".to_owned()), ..snapshot(1) };
    assert!(matches!(state.fold(&foreign), Err(StateError::LineageMismatch { .. })));
}

#[test]
fn an_older_snapshot_that_was_put_back_by_hand_is_refused_while_a_journal_builds_on_a_newer_one() {
    let (_place, folder) = folder();
    create(&folder, "a");
    durably(&mut lock(&folder, "r2").unwrap(), &register(0, "b")).unwrap();
    let path = folder.path();
    crate::platform::fs::rename(&path.join("backups/snapshot-0.json"), &path.join("snapshot.json")).unwrap();
    assert!(matches!(folder.read(), Err(StateError::Corrupt { .. })));
}

#[test]
fn records_that_the_journal_did_not_take_go_to_the_state_folder_the_working_folder_or_the_caller() {
    let lost = |ruin: &dyn Fn(&Path, &Path)| {
        let (place, folder) = folder();
        create(&folder, "a");
        let mut state = lock(&folder, "r2").unwrap();
        durably(&mut state, &register(0, "b")).unwrap();
        // Somebody replaces the lock file: from here on nothing is written.
        crate::platform::fs::remove(&folder.path().join("lock")).unwrap();
        let refused = durably(&mut state, &confirmed(0, vec![put("b")]));
        assert!(matches!(refused, Err(StateError::LockLost { .. })), "{refused:?}");
        ruin(folder.path(), place.path());
        let rescued = state.rescue(place.path()).unwrap().unwrap();
        let text = match &rescued {
            Rescued::File(path) => {
                String::from_utf8(crate::platform::fs::read(path, 1 << 20).unwrap()).unwrap()
            }
            Rescued::Text { text, .. } => text.clone(),
        };
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["run"], "r2");
        let records: Vec<JournalRecord> = serde_json::from_value(json["records"].clone()).unwrap();
        assert_eq!(records, [confirmed(0, vec![put("b")])]);
        (place, rescued)
    };
    // A folder in the file's place stops the file.
    let block: fn(&Path) =
        |folder: &Path| crate::platform::fs::create_folder(&folder.join("rescue-r2.json/x")).unwrap();
    let (place, rescued) = lost(&|_, _| {});
    assert!(matches!(rescued, Rescued::File(path) if path == place.path().join("state/rescue-r2.json")));
    let (place, rescued) = lost(&|state, _| block(state));
    assert!(matches!(rescued, Rescued::File(path) if path == place.path().join("rescue-r2.json")));
    let (_place, rescued) = lost(&|state, working| {
        block(state);
        block(working);
    });
    assert!(matches!(rescued, Rescued::Text { refusals, .. } if refusals.len() == 2));
}

#[test]
fn records_that_wait_for_a_sync_share_it_and_are_rescued_together_when_it_fails() {
    let begun = |disk: &Arc<ScriptedDisk>| {
        let (place, folder) = folder();
        create(&folder, "a");
        let mut state = lock(&StateFolder::on(disk.clone(), folder.path()), "r2").unwrap();
        durably(&mut state, &register(0, "b")).unwrap();
        for (write, name) in [(1, "c"), (2, "d"), (3, "e")] {
            state.append(&register(write, name)).unwrap();
        }
        (place, state)
    };
    let syncs = |disk: &ScriptedDisk| disk.log().iter().filter(|call| matches!(call, Call::Sync(_))).count();
    let disk = Arc::new(ScriptedDisk::default());
    let (place, mut state) = begun(&disk);
    let (at, before) = (disk.calls(), syncs(&disk));
    state.sync().unwrap();
    state.sync().unwrap();
    assert_eq!(syncs(&disk), before + 1);
    assert!(state.rescue(place.path()).unwrap().is_none());

    // The same again: now the sync fails.
    let disk = Arc::new(ScriptedDisk::failing(Fault { at, errno: 5, for_ever: false, half: false }));
    let (place, mut state) = begun(&disk);
    assert!(matches!(state.sync(), Err(StateError::Write { .. })));
    assert!(state.append(&accepted(1)).is_err() && state.sync().is_err());
    let Some(Rescued::File(path)) = state.rescue(place.path()).unwrap() else { panic!("not saved") };
    let text = crate::platform::fs::read(&path, 1 << 20).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let records: Vec<JournalRecord> = serde_json::from_value(json["records"].clone()).unwrap();
    assert_eq!(records, [register(1, "c"), register(2, "d"), register(3, "e"), accepted(1)]);
}

#[test]
fn a_run_that_lost_nothing_has_nothing_to_rescue() {
    let (place, folder) = folder();
    create(&folder, "a");
    assert!(lock(&folder, "r2").unwrap().rescue(place.path()).unwrap().is_none());
}

#[test]
fn a_confirmed_step_costs_the_same_bytes_and_syncs_however_much_is_recorded() {
    let costs = |recorded: usize| {
        let (_place, folder) = folder();
        let name = |number: usize| format!("c-{number:05}");
        let mut state = lock(&folder, "r1").unwrap();
        let all = (0..recorded).map(|number| put(&name(number))).collect();
        durably(&mut state, &JournalRecord::Confirmed { write: None, changes: all }).unwrap();
        fold(&mut state);
        drop(state);
        let disk = Arc::new(ScriptedDisk::default());
        let mut state = lock(&StateFolder::on(disk.clone(), folder.path()), "r2").unwrap();
        step(&mut state, &register(0, &name(0)), vec![put(&name(0))]);
        let before = disk.log().len();
        step(&mut state, &register(1, &name(1)), vec![put(&name(1))]);
        let appended = |call: &Call| match call {
            Call::Append(_, bytes) => bytes.len(),
            _ => 0,
        };
        let calls = disk.log().split_off(before);
        let syncs = calls.iter().filter(|call| matches!(call, Call::Sync(_))).count();
        assert_eq!(calls.len(), 4 + syncs, "{calls:?}");
        (calls.iter().map(appended).sum::<usize>(), syncs)
    };
    let few = costs(10);
    assert_eq!(few.1, 2);
    assert_eq!(costs(2_000), few);
}
