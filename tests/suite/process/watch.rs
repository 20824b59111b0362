//! `watch` through the binary: whatever happens to the files, what is there in the end is what is live, and nothing is
//! deleted that nobody asked to be.

use std::collections::BTreeSet;

use serde_json::Value;

use super::emulator::Emulator;
use super::locks::with_holder;
use super::program::{Program, eventually, run};
use super::scenario::{Connector, Scenario};
use super::site::Site;
use super::watching::Watching;

fn one(name: &str, version: u32) -> Connector {
    Connector::new("orders", name, version)
}

#[test]
fn an_edit_is_applied_and_a_pass_that_did_something_is_one_line() {
    let watching = Watching::start(&[one("a", 1)], &[]);
    watching.until_live(&[one("a", 1)]);
    watching.site.declare(&[one("a", 2), one("b", 1)]);
    watching.until_live(&[one("a", 2), one("b", 1)]);
    watching.until_pass(2);
    let ended = watching.stop().exits(0);
    let lines: Vec<&str> = ended.stdout.lines().map(|line| line.split_once(' ').unwrap().1).collect();
    assert!(lines[0].starts_with("pass 1: 1 changed, 1 applied ("), "{}", ended.told());
    assert!(lines[1].starts_with("pass 2: 2 changed, 2 applied ("), "{}", ended.told());
}

#[test]
fn a_change_of_one_file_reads_one_file_and_lists_each_namespace_once() {
    let site = Site::new();
    let folder = site.path().join("manifests");
    for number in 0..2_000 {
        let namespace = ["orders", "payments"][number % 2];
        site.declare_in(
            &format!("manifests/{number}"),
            &[Connector::new(namespace, &format!("c{number}"), 1)],
        );
    }
    let emulator = Emulator::start(site.path(), &[]);
    let program = Watching::program(&site, emulator.url(), &["--mode", "report"]);
    let events = || std::fs::read_to_string(site.path().join("events.ndjson")).unwrap_or_default();
    let of = |kind: &str, pass: u64| {
        eventually(&format!("{kind} of pass {pass}"), || {
            let text = events();
            let whole = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
            let mut records = whole.filter_map(|line| serde_json::from_str::<Value>(line).ok());
            records.find(|record| record["type"] == kind && record["pass"] == pass)
        })
    };
    assert_eq!(of("pass_end", 1)["changed"], 2_000);
    let lists = || emulator.log().len();
    assert_eq!((&of("pass_start", 1)["read"], lists()), (&2_000.into(), 2));
    // Stamps are believed two seconds after a change; until then a file is read again.
    eventually("a pass that reads one file", || {
        let (pass, before) = (events().matches("\"pass_start\"").count() as u64, lists());
        let text = std::fs::read_to_string(folder.join("7/all.yaml")).unwrap();
        std::fs::write(folder.join("7/all.yaml"), format!("{text}# {pass}\n")).unwrap();
        let read = of("pass_start", pass + 1)["read"].clone();
        of("pass_end", pass + 1);
        assert_eq!(lists(), before + 2);
        (read == 1).then_some(())
    });
    assert!(emulator.carried_out().is_empty());
    program.signal("TERM");
    program.wait().exits(0);
}

#[test]
fn a_half_written_file_deletes_nothing_and_is_reported_once() {
    let watching = Watching::start(&[one("a", 1), one("b", 1)], &["--prune"]);
    let whole = std::fs::read_to_string(watching.folder().join("all.yaml")).unwrap();
    let half = &whole[..whole.len() / 2 + 60];
    watching.write("all.yaml", half);
    watching.until("the diagnostic", |record| record["type"] == "diagnostic");
    // The same text again stirs, and is not told again.
    watching.write("all.yaml", half);
    watching.write("all.yaml", &whole.replace("b-1.jar", "b-3.jar"));
    watching.until("the next pass", |record| {
        record["type"] == "pass_end" && record["applied"] == 1 && record["pass"] != 1
    });
    assert_eq!(watching.deletes(), 1, "the one half of registering `b` again");
    let told = watching.of_type("diagnostic");
    let distinct: BTreeSet<String> =
        told.iter().map(|record| format!("{} {}", record["code"], record["line"])).collect();
    assert_eq!(told.len(), distinct.len(), "told twice: {told:#?}");
    watching.stop().exits(0);
}

#[test]
fn a_folder_that_is_removed_and_made_again_deletes_nothing_and_is_followed() {
    let watching = Watching::start(&[one("a", 1)], &["--prune"]);
    std::fs::remove_dir_all(watching.folder()).unwrap();
    watching.until("the diagnostic", |record| record["type"] == "diagnostic");
    std::fs::create_dir(watching.folder()).unwrap();
    // Empty: the guard against an empty set refuses.
    watching.until("the refusal", |record| {
        record["type"] == "pass_end"
            && record["reason"].as_str().is_some_and(|reason| reason.contains("declare nothing"))
    });
    watching.site.declare(&[one("a", 1), one("b", 1)]);
    watching.until_live(&[one("a", 1), one("b", 1)]);
    watching.site.declare(&[one("a", 2), one("b", 1)]);
    watching.until_live(&[one("a", 2), one("b", 1)]);
    assert_eq!(watching.deletes(), 1, "the one half of registering `a` again");
    watching.stop().exits(0);
}

/// As Kubernetes mounts files: the visible files are links through `..data`, which is turned to a new folder.
#[test]
fn a_turned_link_is_followed() {
    let site = Site::new();
    let folder = site.path().join("manifests");
    site.declare_in("manifests/..1", &[one("a", 1)]);
    std::os::unix::fs::symlink("..1", folder.join("..data")).unwrap();
    std::os::unix::fs::symlink("..data/all.yaml", folder.join("all.yaml")).unwrap();
    let emulator = Emulator::start(site.path(), &[]);
    let program = Watching::program(&site, emulator.url(), &[]);
    let live = |version| {
        let wanted = [one("a", version).seen()].into();
        eventually("the version to be live", || (site.live(emulator.url()) == wanted).then_some(()));
    };
    live(1);
    for version in 2..4 {
        site.declare_in(&format!("manifests/..{version}"), &[one("a", version)]);
        std::os::unix::fs::symlink(format!("..{version}"), folder.join("..tmp")).unwrap();
        std::fs::rename(folder.join("..tmp"), folder.join("..data")).unwrap();
        live(version);
        std::fs::remove_dir_all(folder.join(format!("..{}", version - 1))).unwrap();
    }
    program.signal("TERM");
    program.wait().exits(0);
}

#[test]
fn without_prune_nothing_is_deleted_and_with_it_it_is() {
    let watching = Watching::start(&[one("a", 1), one("b", 1)], &[]);
    watching.site.declare(&[one("a", 2)]);
    let kept =
        watching.until("the kept object", |record| record["type"] == "pass_end" && record["kept"] == 1);
    assert_eq!((&kept["changed"], &kept["applied"]), (&1.into(), &1.into()));
    assert_eq!(watching.deletes(), 1, "the one half of registering `a` again");
    let (site, emulator) = watching.leave("TERM");
    let pruning = Watching::over(site, emulator, &["--prune", "--max-delete", "1"]);
    pruning.until_live(&[one("a", 2)]);
    pruning.stop().exits(0);
}

#[test]
fn report_mode_tells_what_differs_and_sends_and_records_nothing() {
    let watching = Watching::start(&[one("a", 1), one("b", 1)], &["--mode", "report", "-o", "json"]);
    assert_eq!(watching.until_pass(1)["changed"], 2);
    watching.site.declare(&[one("a", 1)]);
    watching.until("one object less", |record| record["type"] == "pass_end" && record["changed"] == 1);
    assert!(watching.emulator.carried_out().is_empty());
    assert!(!watching.site.state().join("snapshot.json").exists());
    let passes = watching.passes();
    let ended = watching.stop().exits(0);
    let document: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((&document["command"], &document["applied"]), (&"watch".into(), &0.into()));
    assert!(document["passes"].as_u64().unwrap() >= passes);
}

#[test]
fn what_somebody_else_changes_is_put_right_at_the_next_resync() {
    // A pass that meets the lock of the other command waits for it.
    let watching = Watching::start(&[one("a", 1)], &["--resync", "200ms", "--lock-timeout", "1m"]);
    let gone = watching.site.command(
        watching.emulator.url(),
        &["destroy", "--all", "--yes", "--lock-timeout", "1m", "--state", "state"],
    );
    run(gone).exits(0);
    watching.until_live(&[one("a", 1)]);
    let ended = watching.stop().exits(0);
    assert_eq!(ended.stdout.lines().count(), 2, "idle passes are told: {}", ended.told());
}

#[test]
fn a_second_watcher_of_the_same_state_is_refused_and_other_commands_are_not() {
    let watching = Watching::start(&[one("a", 1)], &[]);
    let second = watching.site.run(watching.emulator.url(), &["watch", "manifests"]).exits(8);
    assert!(second.stderr.contains("is watched already, by process"), "{}", second.told());
    watching.site.run(watching.emulator.url(), &["apply", "--yes", "--lock-timeout", "1m"]).exits(0);
    // A dead one is in nobody's way.
    let (site, emulator) = watching.leave("KILL");
    Watching::over(site, emulator, &[]).stop().exits(0);
}

#[test]
fn a_held_state_is_told_once_and_tried_again_until_it_is_free() {
    let (site, emulator, holder) = with_holder();
    holder.signal("STOP");
    let program = Watching::program(&site, emulator.url(), &["--lock-timeout", "0s"]);
    program.until_stdout("is locked by process");
    let tries = || {
        let text = std::fs::read_to_string(site.path().join("events.ndjson")).unwrap_or_default();
        text.matches("\"pass_end\"").count()
    };
    eventually("a second try", || (tries() >= 2).then_some(()));
    holder.signal("CONT");
    holder.wait().exits(0);
    program.until_stdout("everything is as declared");
    program.signal("TERM");
    let ended = program.wait().exits(0);
    assert_eq!(ended.stdout.matches("is locked by").count(), 1, "{}", ended.told());
}

#[test]
fn what_fails_holds_up_nothing_else_and_is_tried_again_by_itself() {
    let flags = ["--fail", "register:400x1"];
    let watching = Watching::on(&[one("a", 1), one("b", 1)], &flags, &["--parallelism", "1"]);
    let first = watching.until_pass(1);
    assert_eq!((&first["applied"], &first["failed"]), (&1.into(), &1.into()), "{first}");
    watching.until("the next try", |record| record["type"] == "pass_start" && record["cause"] == "retry");
    watching.until_live(&[one("a", 1), one("b", 1)]);
    watching.stop().exits(0);
}

/// A world in which nothing that is registered shows, and a watch that waits for `a`.
fn waiting_in_vain() -> (Site, Emulator, Program) {
    let site = Site::new();
    site.declare(&[one("a", 1)]);
    let slow = Emulator::start(site.path(), &["--creating-for", "1h"]);
    let program = Watching::program(&site, slow.url(), &["--timeout", "10m"]);
    program.until_stderr("FlinkConnector/a: Creating");
    eventually("the registration", || (!slow.carried_out().is_empty()).then_some(()));
    (site, slow, program)
}

#[test]
fn newer_manifests_end_the_wait_for_what_they_change_and_no_other() {
    let (site, _slow, program) = waiting_in_vain();
    site.declare(&[one("a", 1), one("b", 1)]);
    // Another object: the wait goes on. What would be told would be told by then.
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert!(!program.until_stderr("Creating").contains("newer manifests"));
    site.declare(&[one("a", 2), one("b", 1)]);
    program.until_stderr("newer manifests: the pass waits no longer");
    program.until_stderr("FlinkConnector/a is no longer waited for");
}

#[test]
fn a_second_signal_ends_a_watch_at_once() {
    let (site, _slow, program) = waiting_in_vain();
    program.signal("INT");
    program.until_stderr("stopping:");
    program.signal("INT");
    program.wait().exits(130);
    assert_eq!(site.json("", &["state", "list"])["openWrites"], 1);
}

#[test]
fn a_signal_lets_what_is_in_flight_finish_and_ends_with_success() {
    let site = Site::new();
    site.declare(&Scenario::chain());
    let emulator = Emulator::start(site.path(), &["--latency", "500ms"]);
    let program = Watching::program(&site, emulator.url(), &[]);
    program.until_stderr("FlinkConnector/first: Creating");
    program.signal("TERM");
    let ended = program.wait().exits(0);
    assert!(ended.stderr.contains("stopping:"), "{}", ended.told());
    assert_eq!(site.live(emulator.url()), [Scenario::chain()[0].seen()].into());
    assert_eq!(site.json("", &["state", "list"])["openWrites"], 0);
}

#[test]
fn pauses_that_make_no_sense_are_refused() {
    let site = Site::new();
    for (flags, told) in [
        (["--resync", "0s"], "--resync takes"),
        (["--resync", "25h"], "--resync takes"),
        (["--debounce", "2m"], "--debounce takes"),
        (["--debounce", "soon"], "--debounce soon"),
        (["--max-replace", "x"], "--max-replace"),
    ] {
        let ended = site.run("", &["watch", flags[0], flags[1]]).exits(64);
        assert!(ended.stderr.contains(told), "{}", ended.told());
    }
}
