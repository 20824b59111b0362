//! Is there one key for fingerprints, for ever, whatever fails?

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use super::scripted_disk::{Fault, ScriptedDisk};
use super::world::{lock, put};
use crate::platform::fs;
use crate::ports::state_store::{StateError, StateStore};
use crate::state::StateFolder;

fn folder() -> (tempfile::TempDir, StateFolder) {
    let place = tempfile::tempdir().unwrap();
    let folder = StateFolder::open(place.path().join("state"));
    (place, folder)
}

#[test]
fn a_key_is_made_under_the_lock_when_it_is_needed_and_stays() {
    let (_place, folder) = folder();
    assert_eq!(folder.fingerprint_key().unwrap(), None, "there is not even a state");
    let mut state = lock(&folder, "one").unwrap();
    assert_eq!(folder.fingerprint_key().unwrap(), None, "nobody needed it");
    let key = state.fingerprint_key().unwrap();
    assert_eq!(state.fingerprint_key().unwrap(), key);
    drop(state);
    assert_eq!(folder.fingerprint_key().unwrap(), Some(key));
    assert_eq!(lock(&folder, "two").unwrap().fingerprint_key().unwrap(), key);
    let mode = folder.path().join("fingerprint.key").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn two_states_have_two_keys() {
    let made =
        [folder(), folder()].map(|(_place, folder)| lock(&folder, "r").unwrap().fingerprint_key().unwrap());
    assert_ne!(made[0], made[1]);
}

#[test]
fn a_damaged_key_is_an_error_with_a_remedy_and_is_not_replaced() {
    let (_place, folder) = folder();
    let mut state = lock(&folder, "r").unwrap();
    let path = folder.path().join("fingerprint.key");
    for damaged in ["", "0123", &"x".repeat(64)] {
        fs::replace(&path, damaged.as_bytes()).unwrap();
        for error in [folder.fingerprint_key().unwrap_err(), state.fingerprint_key().unwrap_err()] {
            let StateError::Corrupt { path: named, detail, .. } = error else { panic!("{error}") };
            assert!(named == path && detail.contains("put a copy of it back, or remove it"), "{detail}");
        }
        assert_eq!(fs::read(&path, 100).unwrap(), damaged.as_bytes());
    }
}

#[test]
fn no_backup_holds_the_key_and_no_fold_or_restore_touches_it() {
    let (_place, folder) = folder();
    let mut state = lock(&folder, "r").unwrap();
    let key = state.fingerprint_key().unwrap();
    for number in 0..12 {
        let mut snapshot = state.recovered().snapshot.clone();
        snapshot.apply(put(&format!("c{number}")));
        state.fold(&snapshot).unwrap();
    }
    drop(state);
    let backups = folder.backups().unwrap();
    let key_text = fs::read(&folder.path().join("fingerprint.key"), 100).unwrap();
    for path in fs::list(&folder.path().join("backups")).unwrap() {
        let bytes = fs::read(&path, 1 << 20).unwrap();
        assert!(!bytes.windows(64).any(|part| part == &key_text[..64]), "{}", path.display());
    }
    super::world::block_on(folder.restore(
        &backups[3],
        super::world::request("back"),
        &crate::platform::time::SystemClock::start(),
        |_| {},
    ))
    .unwrap();
    assert_eq!(folder.fingerprint_key().unwrap(), Some(key));
}

#[test]
fn whatever_call_fails_there_is_no_key_or_a_whole_one() {
    for at in 0.. {
        for half in [false, true] {
            let (_place, folder) = folder();
            drop(lock(&folder, "before").unwrap());
            let disk = ScriptedDisk::failing(Fault { at, errno: 28, for_ever: true, half });
            let made = lock(&StateFolder::on(Arc::new(disk), folder.path()), "failing")
                .and_then(|mut state| state.fingerprint_key());
            let found = folder.fingerprint_key().unwrap();
            let again = lock(&folder, "after").unwrap().fingerprint_key().unwrap();
            assert!(found.is_none_or(|found| found == again), "call {at}");
            if let Ok(made) = made {
                assert_eq!(made, again, "call {at}");
                assert!(at > 5, "making a key takes more calls");
                return;
            }
        }
    }
}
