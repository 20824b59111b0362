//! Is anything lost, doubled or reported as done when a call of the disk fails, or when the process is killed (G1,
//! G4)? Every call of the scenario, every kind of failure.

use std::sync::Arc;

use super::scenario::{RUNS, Seen, Witness, run};
use super::scripted_disk::{Fault, ScriptedDisk};
use super::world::{block_on, key, request};
use crate::domain::journal::JournalRecord;
use crate::platform::fs;
use crate::platform::time::SystemClock;
use crate::state::StateFolder;

const EIO: i32 = 5;
const ENOSPC: i32 = 28;

/// What is there for sure, and what is there once the call that is under way is done.
struct Ledger {
    sure: Seen,
    attempted: Seen,
}

impl Witness for Ledger {
    fn before(&mut self, record: Option<&JournalRecord>) {
        if let Some(record) = record {
            self.attempted = self.sure.after(record);
        }
    }

    fn after(&mut self, _is_durable: bool) {
        self.sure = self.attempted.clone();
    }
}

/// The scenario with one fault; returns how many calls there were.
fn play(fault: Option<Fault>) -> usize {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("state");
    let disk = Arc::new(fault.map_or_else(ScriptedDisk::default, ScriptedDisk::failing));
    let folder = StateFolder::on(disk.clone(), &path);
    let mut sure = Seen::of(None);
    for number in 0..RUNS {
        let mut ledger = Ledger { attempted: sure.clone(), sure };
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
    let mut ledger = Ledger { attempted: sure.clone(), sure };
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
    for at in 0..calls {
        for (errno, half) in [(EIO, false), (ENOSPC, false), (ENOSPC, true)] {
            for for_ever in [false, true] {
                play(Some(Fault { at, errno, for_ever, half }));
            }
        }
    }
}

#[test]
fn a_restore_that_fails_anywhere_can_be_tried_again() {
    for at in 0.. {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("state");
        let folder = StateFolder::on(Arc::new(ScriptedDisk::default()), &path);
        let mut ledger = Ledger { sure: Seen::of(None), attempted: Seen::of(None) };
        run(&folder, 0, &mut ledger).unwrap();
        run(&folder, 1, &mut ledger).unwrap();
        // Both files are damaged.
        for file in ["snapshot.json", "journal.jsonl"] {
            let bytes = fs::read(&path.join(file), 1 << 20).unwrap();
            fs::replace(&path.join(file), &bytes[20..]).unwrap();
        }
        assert!(folder.read().is_err());
        let backup = folder.backups().unwrap().remove(0);
        let restore = |disk: ScriptedDisk, run: &str| {
            let folder = StateFolder::on(Arc::new(disk), &path);
            block_on(folder.restore(&backup, request(run), &SystemClock::start(), |_| {}))
                .map(|state| state.recovered().snapshot.clone())
        };
        let fault = Fault { at, errno: EIO, for_ever: true, half: true };
        let failed = restore(ScriptedDisk::failing(fault), "r1");
        let restored = restore(ScriptedDisk::default(), "r2").unwrap();
        assert_eq!(folder.read().unwrap().unwrap().snapshot, restored);
        assert_eq!(
            restored.resources.keys().collect::<Vec<_>>(),
            ["a", "c", "g", "h"].map(key).each_ref(),
            "call {at}"
        );
        if failed.is_ok() {
            assert!(at > 10, "a restore makes more calls");
            return;
        }
    }
}
