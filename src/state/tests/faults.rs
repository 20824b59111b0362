//! Is anything lost, doubled or reported as done when a call of the disk fails, or when the process is killed (G1,
//! G4)? Every call of the scenario, every kind of failure.

use std::sync::Arc;

use super::scenario::{Ledger, RUNS, Seen, run};
use super::scripted_disk::{Fault, HIDDEN, ScriptedDisk};
use super::world::{block_on, key, request};
use crate::platform::fs;
use crate::platform::time::SystemClock;
use crate::reliability::{self, Report};
use crate::state::StateFolder;

const EIO: i32 = 5;

/// How a call may fail: the error, and whether a write leaves half of its bytes.
const FAILURES: [(&str, i32, bool); 9] = [
    ("EIO", EIO, false),
    ("ENOSPC", 28, false),
    ("EDQUOT", 122, false),
    ("EACCES", 13, false),
    ("EROFS", 30, false),
    ("EINTR", 4, false),
    ("EMFILE", 24, false),
    ("EFBIG", 27, false),
    ("a short write", 28, true),
];

/// Every call with every failure, once and for ever; in the short form a third of them, another third for each call.
fn faults(calls: usize) -> impl Iterator<Item = Fault> {
    let share = if reliability::is_long() { 1 } else { 3 };
    let failures = FAILURES.iter().enumerate();
    let all = (0..calls).flat_map(move |at| failures.clone().map(move |failure| (at, failure)));
    let chosen = all.filter(move |(at, (nth, _))| (at + nth).is_multiple_of(share));
    chosen.flat_map(|(at, (_, (_, errno, half)))| {
        [false, true].map(|for_ever| Fault { at, errno: *errno, for_ever, half: *half })
    })
}

/// The scenario with one fault; returns how many calls there were.
fn play(fault: Option<Fault>) -> usize {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("state");
    let disk = Arc::new(fault.map_or_else(ScriptedDisk::default, ScriptedDisk::failing));
    let folder = StateFolder::on(disk.clone(), &path);
    let mut sure = Seen::of(None);
    for number in 0..RUNS {
        let mut ledger = Ledger::from(sure);
        let outcome = run(&folder, number, &mut ledger);
        let found = match StateFolder::open(&path).read() {
            Ok(found) => Seen::of(found),
            Err(error) => panic!("{fault:?}, run {number}: {error}: {error:?}"),
        };
        if found != ledger.sure {
            let because = format!("{fault:?}, run {number}: {outcome:?}");
            assert!(outcome.is_err(), "{because}: success was reported");
            assert_eq!(found, ledger.attempted, "{because}");
        }
        sure = found;
    }
    // The disk is well again: a run goes through.
    let mut ledger = Ledger::from(sure);
    run(&StateFolder::on(Arc::new(ScriptedDisk::default()), &path), 2, &mut ledger).unwrap();
    disk.calls()
}

#[test]
fn without_a_fault_everything_is_there() {
    assert!(play(None) > 100);
}

#[test]
fn no_failing_call_loses_a_change_or_reports_one_that_is_not_there() {
    let calls = play(None);
    let mut plays = 0;
    for fault in faults(calls) {
        play(Some(fault));
        plays += 1;
    }
    let ways: Vec<&str> = FAILURES.iter().map(|(name, ..)| *name).collect();
    Report {
        harness: "state::faults",
        what: "every call of four runs that reads, writes, syncs, names, links or removes a file of the state fails",
        cases: format!("{plays} failures of {calls} calls: {}, each once and from then on", ways.join(", ")),
        seed: None,
        result: "0 successes without a durable effect, 0 damaged states, 0 lost records without a rescue".to_owned(),
        planted: "an error of the disk that is swallowed: `a_disk_that_hides_its_errors_is_found`",
    }
    .hand_in();
}

#[test]
fn a_disk_that_hides_its_errors_is_found() {
    let calls = play(None);
    let lies = |at: usize| {
        let fault = Fault { at, errno: HIDDEN, for_ever: false, half: true };
        std::panic::catch_unwind(|| play(Some(fault))).is_err()
    };
    let found = (0..calls).filter(|at| lies(*at)).count();
    assert!(found > 3, "{found} of {calls} writes that were not carried out are found");
}

#[test]
fn a_restore_that_fails_anywhere_can_be_tried_again() {
    let calls = restores(None);
    assert!(calls > 10, "a restore makes more calls than {calls}");
    for fault in faults(calls) {
        restores(Some(fault));
    }
}

/// Restores a backup over two damaged files, with a fault and then without; returns how many calls the first made.
fn restores(fault: Option<Fault>) -> usize {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("state");
    let folder = StateFolder::on(Arc::new(ScriptedDisk::default()), &path);
    let mut ledger = Ledger::from(Seen::of(None));
    run(&folder, 0, &mut ledger).unwrap();
    run(&folder, 1, &mut ledger).unwrap();
    for file in ["snapshot.json", "journal.jsonl"] {
        let bytes = fs::read(&path.join(file), 1 << 20).unwrap();
        fs::replace(&path.join(file), &bytes[20..]).unwrap();
    }
    assert!(folder.read().is_err());
    let backup = folder.backups().unwrap().remove(0);
    let restore = |disk: &Arc<ScriptedDisk>, run: &str| {
        let folder = StateFolder::on(disk.clone(), &path);
        block_on(folder.restore(&backup, request(run), &SystemClock::start(), |_| {}))
            .map(|state| state.recovered().snapshot.clone())
    };
    let disk = Arc::new(fault.map_or_else(ScriptedDisk::default, ScriptedDisk::failing));
    if let Ok(restored) = restore(&disk, "r1") {
        assert_eq!(folder.read().unwrap().unwrap().snapshot, restored, "{fault:?}: success was reported");
    }
    let restored = restore(&Arc::default(), "r2").unwrap();
    assert_eq!(folder.read().unwrap().unwrap().snapshot, restored);
    assert_eq!(
        restored.resources.keys().collect::<Vec<_>>(),
        ["a", "c", "g", "h"].map(key).each_ref(),
        "{fault:?}"
    );
    disk.calls()
}
