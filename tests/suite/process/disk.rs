//! A disk that is full or failing: no request without a durable intent, the error names the file, nothing is lost
//! (protocol rules 7, 11 and 12).

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::emulator::Emulator;
use super::point::{Failure, Point, STATE_CALLS, apply, apply_failing};
use super::program::{Ended, run};
use super::scenario::{Connector, Scenario};
use super::site::Site;
use super::stage::Stage;
use crate::support::chance::Chance;
use crate::support::reliability::{self, Report};

/// A run that could not write its state: it says so, and everything live is named by what is on the disk.
fn assert_honest(ended: &Ended, site: &Site, emulator: &Emulator, case: &str) {
    assert!(matches!(ended.code(), Some(1 | 3)), "{case}: {}", ended.told());
    assert!(ended.stderr.contains("error: cannot write state"), "{case}: {}", ended.told());
    assert_named(site, emulator, case);
}

/// Everything live is named by what is on the disk.
fn assert_named(site: &Site, emulator: &Emulator, case: &str) {
    let named = ["snapshot.json", "journal.jsonl"]
        .map(|file| std::fs::read_to_string(site.state().join(file)).unwrap_or_default())
        .concat();
    for seen in site.live(emulator.url()) {
        let name = seen.id.rsplit(':').next().unwrap();
        assert!(
            named.contains(&format!("\"{name}\"")),
            "{case}: nothing on the disk knows {name}, which is live"
        );
    }
}

#[test]
fn a_full_disk_at_any_size_sends_nothing_that_is_not_written_down() {
    let desired = Scenario::five("orders", 1);
    let mut full = 0;
    for blocks in 0.. {
        let site = Site::new();
        let emulator = Emulator::start(site.path(), &[]);
        site.declare(&desired);
        // Files end at that many blocks of 512 bytes; the signal is ignored, so that the write fails instead.
        let mut command = Command::new("sh");
        site.prepare(&mut command, emulator.url());
        command.arg("-c").arg(format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\""));
        command.arg(env!("CARGO_BIN_EXE_reconcile")).args(Site::arguments(&["apply", "--yes"]));
        let ended = run(command);
        if ended.code() == Some(0) {
            break;
        }
        full += 1;
        assert_honest(&ended, &site, &emulator, &format!("{blocks} blocks"));
        site.run(emulator.url(), &["apply", "--yes"]).exits(0);
        assert_eq!(
            site.live(emulator.url()),
            desired.iter().map(Connector::seen).collect(),
            "{blocks} blocks"
        );
        assert_eq!(emulator.carried_out(), BTreeMap::from([("RegisterCustomConnector".to_owned(), 5)]));
    }
    assert!(full >= 4, "only {full} sizes were too small: the limit has no effect");
}

#[test]
fn a_state_folder_that_cannot_be_made_is_named_and_nothing_is_sent() {
    let site = Site::new();
    let emulator = Emulator::start(site.path(), &[]);
    site.declare(&Scenario::chain());
    std::fs::write(site.state(), "a file").unwrap();
    let ended = site.run(emulator.url(), &["apply", "--yes"]).exits(1);
    assert!(ended.stderr.contains("error: cannot write state"), "{}", ended.told());
    assert!(emulator.carried_out().is_empty());
}

#[test]
fn a_write_that_fails_once_ends_the_run_and_the_next_apply_goes_on() {
    for scenario in Scenario::all().into_iter().filter(|scenario| scenario.lag.is_empty()) {
        let stage = Stage::set(scenario);
        for (call, error) in
            [("fdatasync", "EIO"), ("fsync", "EIO"), ("rename", "ENOSPC"), ("ftruncate", "EIO")]
        {
            for n in 1..=stage.count_calls().get(call).copied().unwrap_or(0) {
                let point = Point::Error(call, error, n);
                let (site, emulator, proxy) = stage.open();
                let ended = apply(&site, &proxy, Some(point));
                // What fails after the end of the run costs nobody anything.
                if ended.code() != Some(0) {
                    assert_honest(&ended, &site, &emulator, &format!("{}: {point}", stage.scenario.name));
                }
                apply(&site, &proxy, None).exits(0);
                let verdict = super::checker::judge(&stage.scenario, &site, &emulator, &proxy);
                assert!(verdict.lost.is_empty() && verdict.doubled.is_empty(), "{point}: {verdict:#?}");
            }
        }
    }
}

/// The errors of a failing call (G4). A short write is what a full disk leaves: see the sizes above and below.
const ERRORS: [&str; 8] = ["EIO", "ENOSPC", "EDQUOT", "EACCES", "EROFS", "EINTR", "EMFILE", "EFBIG"];
const SAMPLE: usize = 40;
const SEED: u64 = 20_261_121;

/// How many of each call are made to fail in the long form: more than a run makes.
const MOST: usize = 40;

#[test]
fn a_call_that_fails_once_or_for_ever_is_told_and_the_next_apply_goes_on() {
    let is_long = reliability::is_long();
    let stage = Stage::set(Scenario::mixed());
    let mut cases = Vec::new();
    for call in STATE_CALLS {
        for error in ERRORS {
            // A call that is interrupted for ever is tried for ever, by the standard library, and rightly.
            let ways: &[bool] = if error == "EINTR" { &[false] } else { &[false, true] };
            let each = |n| ways.iter().map(move |for_ever| Failure { call, error, n, for_ever: *for_ever });
            cases.extend((1..=MOST).flat_map(each));
        }
    }
    // Taken from the end: the first calls first.
    cases.reverse();
    let mut chance = Chance::new(SEED);
    let cases: Mutex<Vec<Failure>> = Mutex::new(cases);
    let chance = Mutex::new(&mut chance);
    let (played, silent) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let play = || {
        loop {
            let failure = {
                let mut cases = cases.lock().unwrap();
                if cases.is_empty() || (!is_long && played.load(Ordering::Relaxed) >= SAMPLE) {
                    return;
                }
                let at = if is_long { cases.len() - 1 } else { chance.lock().unwrap().below(cases.len()) };
                cases.swap_remove(at)
            };
            let (site, emulator, proxy) = stage.open();
            let (ended, injected) = apply_failing(&site, &proxy, &failure);
            if !injected {
                // What is not reached once is not reached later.
                let behind = |case: &Failure| {
                    (case.call, case.error) == (failure.call, failure.error) && case.n > failure.n
                };
                cases.lock().unwrap().retain(|case| !behind(case));
                continue;
            }
            played.fetch_add(1, Ordering::Relaxed);
            assert!(!ended.stderr.contains("panicked"), "{failure}: {}", ended.told());
            if ended.code() == Some(0) {
                silent.fetch_add(1, Ordering::Relaxed);
            } else {
                assert!(ended.stderr.contains("error: "), "{failure}: {}", ended.told());
            }
            assert_named(&site, &emulator, &failure.to_string());
            apply(&site, &proxy, None).exits(0);
            let verdict = super::checker::judge(&stage.scenario, &site, &emulator, &proxy);
            assert!(verdict.lost.is_empty() && verdict.doubled.is_empty(), "{failure}: {verdict:#?}");
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(play);
        }
    });
    let (played, silent) = (played.into_inner(), silent.into_inner());
    assert!(played >= SAMPLE, "only {played} of the calls were reached");
    Report {
        harness: "process::disk",
        what: "the program with one call on a file of its state failing, once or from then on; then a plain apply",
        cases: format!("{played} failures out of {} × {}", STATE_CALLS.join(", "), ERRORS.join(", ")),
        seed: (!is_long).then_some(SEED),
        result: format!("0 lost, 0 doubled; {silent} runs ended well all the same"),
        planted: "a snapshot that is cut to half: `half_a_snapshot_is_noticed_by_the_next_run`",
    }
    .hand_in();
}

#[test]
fn half_a_snapshot_is_noticed_by_the_next_run() {
    let stage = Stage::set(Scenario::mixed());
    let (site, _emulator, proxy) = stage.open();
    let file = site.state().join("snapshot.json");
    let text = std::fs::read(&file).unwrap();
    std::fs::write(&file, &text[..text.len() / 2]).unwrap();
    let ended = apply(&site, &proxy, None);
    assert!(ended.code() != Some(0) && ended.stderr.contains("snapshot.json"), "{}", ended.told());
    assert!(proxy.carried_out().is_empty());
}

#[test]
fn a_file_system_that_is_really_full_is_told_and_with_room_the_next_apply_goes_on() {
    let desired = Scenario::five("orders", 1);
    let mut full = 0;
    for pages in 1.. {
        let site = Site::new();
        let emulator = Emulator::start(site.path(), &[]);
        site.declare(&desired);
        // A file system of its own that is gone with the shell: so the second run, with more room, is in the same one.
        let script = format!(
            "mkdir -p state && mount -t tmpfs -o size={}k,mode=700 tmpfs state || exit 99\n\
             \"$@\"; echo \"first $?\"\n\
             mount -o remount,size=4m state; \"$@\"; echo \"second $?\"\n\
             \"$1\" plan manifests --detailed-exitcode >/dev/null; echo \"plan $?\"",
            pages * 4
        );
        let mut command = Command::new("unshare");
        site.prepare(&mut command, emulator.url());
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script, "sh"]);
        command.arg(env!("CARGO_BIN_EXE_reconcile")).args(Site::arguments(&["apply", "--yes"]));
        let ended = run(command);
        let case = format!("{pages} pages: {}", ended.told());
        if ended.stdout.contains("first 0\n") {
            break;
        }
        full += 1;
        assert!(ended.stderr.contains("error: cannot write state"), "{case}");
        assert!(ended.stdout.contains("second 0\n") && ended.stdout.contains("plan 0\n"), "{case}");
        assert_eq!(
            emulator.carried_out(),
            BTreeMap::from([("RegisterCustomConnector".to_owned(), 5)]),
            "{case}"
        );
    }
    assert!(full >= 3, "only {full} sizes were too small: the limit has no effect");
}
