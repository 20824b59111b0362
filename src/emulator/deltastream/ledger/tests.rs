use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;

use super::*;
use crate::emulator::deltastream::kind::Kind;
use crate::emulator::deltastream::login::Login;
use crate::emulator::deltastream::parameters::Parameters;
use crate::emulator::deltastream::stores::Outlook;
use crate::platform::fs::{self, FsError};

fn store() -> Store {
    let outlook = Outlook { login: Login::Accepted, provisioning_for: Duration::ZERO, salt: String::new() };
    let now = Timestamp::UNIX_EPOCH;
    Store::new("r".to_owned(), Kind::IcebergRest, &Parameters::new(), outlook, now)
}

fn names(ledger: &Ledger) -> Vec<&str> {
    ledger.stores().iter().map(|(name, _)| name.as_str()).collect()
}

fn file(folder: &Path) -> Vec<u8> {
    fs::read(&folder.join(FILE), 1 << 20).unwrap()
}

fn open(folder: &Path) -> Result<Ledger, EmulatorError> {
    Ledger::open(&LockedFolder::lock(folder).unwrap())
}

#[test]
fn stores_outlive_their_emulator_and_a_change_costs_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path()).unwrap();
    for name in ["a", "b \"\n"] {
        ledger.set(name, Some(store())).unwrap();
    }
    let before = file(folder.path());
    ledger.set("a", None).unwrap();
    let after = file(folder.path());
    assert_eq!(after.strip_prefix(before.as_slice()), Some(&b"{\"name\":\"a\",\"store\":null}\n"[..]));
    drop(ledger);
    let ledger = open(folder.path()).unwrap();
    assert_eq!(names(&ledger), ["b \"\n"]);
    assert_eq!(ledger.stores().iter().next().unwrap().1, &store());
    assert!(file(folder.path()).len() < before.len(), "what is gone is still there");
}

#[test]
fn a_change_that_was_cut_off_was_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path()).unwrap();
    ledger.set("a", Some(store())).unwrap();
    let whole = file(folder.path());
    ledger.set("b", Some(store())).unwrap();
    let both = file(folder.path());
    drop(ledger);
    for cut in whole.len()..both.len() {
        fs::replace(&folder.path().join(FILE), &both[..cut]).unwrap();
        let mut ledger = open(folder.path()).unwrap();
        assert_eq!(names(&ledger), ["a"], "cut at {cut}");
        assert_eq!(file(folder.path()), whole);
        ledger.set("c", Some(store())).unwrap();
        assert_eq!(names(&open_again(ledger, folder.path())), ["a", "c"]);
    }
}

#[expect(clippy::disallowed_methods, reason = "no production code needs a file that refuses to be written")]
fn read_only(path: &Path) -> File {
    File::open(path).unwrap()
}

fn open_again(ledger: Ledger, folder: &Path) -> Ledger {
    drop(ledger);
    open(folder).unwrap()
}

#[test]
fn a_change_that_cannot_be_recorded_is_not_made_and_leaves_no_half_line() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path()).unwrap();
    ledger.set("a", Some(store())).unwrap();
    let path = folder.path().join(FILE);
    // A handle that only reads refuses to write.
    let read_only = read_only(&path);
    let writable = std::mem::replace(&mut ledger.file.as_mut().unwrap().file, read_only);
    assert!(ledger.set("b", Some(store())).is_err());
    assert!(ledger.set("a", None).is_err());
    assert_eq!(names(&ledger), ["a"]);
    // What a failed write left behind is cut away by the next one.
    ledger.file.as_mut().unwrap().file = writable;
    fs::open_append(&path).unwrap().write_all(b"{\"name\":\"b\",\"sto").unwrap();
    ledger.set("c", Some(store())).unwrap();
    assert_eq!(names(&open_again(ledger, folder.path())), ["a", "c"]);
}

#[test]
fn a_damaged_file_is_an_error_and_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    for damaged in ["", "{}\n", "{\"version\":1}\n{\n", "{\"version\":1}\n{\"name\":\"a\",\"store\":{}}\n"] {
        fs::replace(&path, damaged.as_bytes()).unwrap();
        assert!(matches!(open(folder.path()), Err(EmulatorError::WorldDamaged { .. })), "{damaged}");
        assert_eq!(file(folder.path()), damaged.as_bytes());
    }
    fs::replace(&path, b"{\"version\":2}\n").unwrap();
    assert!(matches!(open(folder.path()), Err(EmulatorError::WorldVersion { found: 2, known: 1, .. })));
    fs::create_folder(&folder.path().join("other").join(FILE)).unwrap();
    let verdict = open(&folder.path().join("other"));
    assert!(matches!(verdict, Err(EmulatorError::Fs(FsError::Io { .. }))));
}
