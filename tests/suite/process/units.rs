//! The units for systemd: understood by systemd itself, and what they start is started here as they say.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::emulator::Emulator;
use super::program::{Program, run};
use super::scenario::Connector;
use super::site::Site;
use super::systemd::Manager;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/systemd");
const PROGRAM: &str = "/usr/local/bin/reconcile";

/// A copy of all units whose program is the one under test.
fn units(change: impl Fn(String) -> String) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        std::fs::create_dir_all(copy.path().join(&folder)).unwrap();
        for entry in std::fs::read_dir(Path::new(FOLDER).join(&folder)).unwrap() {
            let name = folder.join(entry.unwrap().file_name());
            let from = Path::new(FOLDER).join(&name);
            if from.is_dir() {
                folders.push(name);
            } else {
                let text = std::fs::read_to_string(from).unwrap();
                let text = change(text.replace(PROGRAM, env!("CARGO_BIN_EXE_reconcile")));
                std::fs::write(copy.path().join(name), text).unwrap();
            }
        }
    }
    copy
}

/// What systemd has to say of the units; a key that it does not know is a remark, and no error.
fn remarks(units: &Path) -> String {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(units).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.is_file());
    assert_eq!(files.len(), 3, "{files:?}");
    let output = analyze().args(["verify", "--man=no"]).args(files).output().unwrap();
    let told = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(output.status.success() || !told.is_empty(), "{}", output.status);
    told
}

fn analyze() -> Command {
    let is_there = Command::new("systemd-analyze").arg("--version").output().is_ok();
    assert!(is_there, "systemd-analyze is missing: `tests/run` installs it (Debian's package `systemd`)");
    Command::new("systemd-analyze")
}

#[test]
fn systemd_understands_every_line_of_the_units() {
    assert_eq!(remarks(units(|text| text).path()), "");
    for (right, wrong) in [
        ("WatchdogSec=", "WatchdogSecs="),
        ("Restart=on-failure", "Restart=on-mistake"),
        ("LoadCredential=token", "LoadCredentials=token"),
        ("OnCalendar=hourly", "OnCalendar=hurly"),
        (env!("CARGO_BIN_EXE_reconcile"), "/nonexistent/reconcile"),
    ] {
        assert_ne!(remarks(units(|text| text.replace(right, wrong)).path()), "", "{wrong}");
    }
}

/// From 0, nothing to attack, to 10: 1.5 leaves room for what other versions look at.
#[test]
fn a_service_can_reach_little_beside_the_network_and_its_state() {
    let units = units(|text| text);
    for service in ["reconcile-watch.service", "reconcile-drift.service"] {
        let mut command = analyze();
        command
            .args(["security", "--offline=yes", "--threshold=15", "--no-pager"])
            .arg(units.path().join(service));
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}

/// The values of a key of a unit, in order.
fn values<'u>(unit: &'u str, key: &str) -> Vec<&'u str> {
    unit.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix('=')).collect()
}

/// The command of a unit in a folder that stands for the machine, with the unit's environment.
fn command(site: &Site, endpoint: &str, unit: &str) -> Command {
    let unit = std::fs::read_to_string(Path::new(FOLDER).join(unit)).unwrap();
    let words: Vec<&str> = values(&unit, "ExecStart")[0].split(' ').collect();
    assert_eq!((words[0], values(&unit, "WorkingDirectory")), (PROGRAM, vec!["/etc/reconcile"]));
    let mut command = Command::new(env!("CARGO_BIN_EXE_reconcile"));
    site.prepare(&mut command, endpoint);
    command.args(&words[1..]).current_dir(site.path().join("etc"));
    for assignment in values(&unit, "Environment") {
        let (name, value) = assignment.split_once('=').unwrap();
        let value = value.replace("%S", &site.path().display().to_string()).replace(":9890", ":0");
        command.env(name, value);
    }
    command
}

#[test]
fn what_the_units_start_becomes_ready_and_its_exit_codes_are_those_of_the_units() {
    let site = Site::new();
    site.declare_in("etc/manifests", &[Connector::new("orders", "a", 1)]);
    let emulator = Emulator::start(site.path(), &[]);
    let manager = Manager::at_a_path(&site);
    let mut watch = command(&site, emulator.url(), "reconcile-watch.service");
    watch.env("NOTIFY_SOCKET", manager.name());
    let watch = Program::start(watch);
    manager.until("readiness", |fact| fact == "READY=1");
    watch.until_stderr("page: http://127.0.0.1:");
    watch.signal("TERM");
    watch.wait().exits(0);

    let drift = || run(command(&site, emulator.url(), "reconcile-drift.service")).code().unwrap().to_string();
    let unit = std::fs::read_to_string(Path::new(FOLDER).join("reconcile-drift.service")).unwrap();
    let success: Vec<&str> = values(&unit, "SuccessExitStatus")[0].split(' ').collect();
    assert_eq!(drift(), "0");
    let theirs = site.path().join("theirs").display().to_string();
    for words in [&["state", "rebuild", "etc/manifests"][..], &["destroy", "--all", "--yes"]] {
        run(site.command(emulator.url(), &[words, &["--state", &theirs]].concat())).exits(0);
    }
    let drifted = drift();
    assert!(drifted == "7" && success.contains(&"7"), "{drifted} {success:?}");
}
