//! A disk that is full or failing: no request without a durable intent, the error names the file, nothing is lost
//! (protocol rules 7, 11 and 12).

use std::collections::BTreeMap;
use std::process::Command;

use super::emulator::Emulator;
use super::point::{Point, apply};
use super::program::{Ended, run};
use super::scenario::{Connector, Scenario};
use super::site::Site;
use super::stage::Stage;

/// A run that could not write its state: it says so, and everything live is named by what is on the disk.
fn assert_honest(ended: &Ended, site: &Site, emulator: &Emulator, case: &str) {
    assert!(matches!(ended.code(), Some(1 | 3)), "{case}: {}", ended.told());
    assert!(ended.stderr.contains("error: cannot write state"), "{case}: {}", ended.told());
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
