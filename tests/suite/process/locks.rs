//! Several runs on one state: one at a time, and a dead one blocks nobody (protocol rules 1 and 2).

use std::collections::BTreeMap;
use std::path::Path;

use super::emulator::Emulator;
use super::program::Program;
use super::scenario::{Connector, Scenario};
use super::site::Site;

/// A world whose answers take long enough to meet a run in the middle, and a run that holds the state's lock there.
pub(super) fn with_holder() -> (Site, Emulator, Program) {
    let site = Site::new();
    site.declare(&Scenario::chain());
    let emulator = Emulator::start(site.path(), &["--latency", "500ms"]);
    let holder = site.start(emulator.url(), &["apply", "--yes"]);
    holder.until_stderr("FlinkConnector/first: Creating");
    (site, emulator, holder)
}

#[test]
fn a_second_run_is_refused_or_waits_and_both_are_told_who_holds_the_state() {
    let (site, emulator, holder) = with_holder();
    holder.signal("STOP");
    let named = format!("process {} of tester", holder.pid());
    for (arguments, code) in
        [(&["apply", "--yes"][..], 8), (&["state", "rm", "FlinkConnector/first"], 8), (&["unlock"], 6)]
    {
        let refused = site.run(emulator.url(), arguments).exits(code);
        assert!(
            refused.stderr.contains(&named) && refused.stderr.contains("`apply` since"),
            "{}",
            refused.told()
        );
    }
    let waiter = site.start(emulator.url(), &["apply", "--yes", "--lock-timeout", "10m"]);
    let told = waiter.until_stderr("waiting for the state's lock");
    assert!(told.contains(&named), "{told}");
    holder.signal("CONT");
    holder.wait().exits(0);
    waiter.wait().exits(0);
    assert_eq!(site.live(emulator.url()), Scenario::chain().iter().map(Connector::seen).collect());
}

#[test]
fn reading_commands_need_no_lock() {
    let (site, emulator, holder) = with_holder();
    holder.signal("STOP");
    site.run(emulator.url(), &["plan", "--detailed-exitcode"]).exits(2);
    site.run(emulator.url(), &["state", "list"]).exits(0);
    site.run(emulator.url(), &["list", "w:orders"]).exits(0);
    holder.signal("CONT");
    holder.wait().exits(0);
}

#[test]
fn a_killed_holder_blocks_nobody_and_unlock_clears_its_name() {
    let (site, emulator, holder) = with_holder();
    let named = format!("process {} of tester", holder.pid());
    holder.signal("KILL");
    assert!(holder.wait().was_killed());
    let cleared = site.run("", &["unlock"]).exits(0);
    assert!(cleared.stdout.contains(&named) && cleared.stdout.contains("is gone"), "{}", cleared.told());
    let again = site.run("", &["unlock"]).exits(0);
    assert!(again.stdout.contains("is not locked.") && !again.stdout.contains("gone"), "{}", again.told());
    site.run(emulator.url(), &["apply", "--yes"]).exits(0);
}

#[test]
fn a_killed_holder_needs_no_unlock() {
    let (site, emulator, holder) = with_holder();
    holder.signal("KILL");
    assert!(holder.wait().was_killed());
    site.run(emulator.url(), &["apply", "--yes"]).exits(0);
    assert_eq!(site.live(emulator.url()), Scenario::chain().iter().map(Connector::seen).collect());
}

#[test]
fn the_same_state_by_another_path_has_the_same_lock() {
    let (site, emulator, holder) = with_holder();
    holder.signal("STOP");
    std::os::unix::fs::symlink(site.state(), site.path().join("link")).unwrap();
    let named = format!("process {} of tester", holder.pid());
    let absolute = site.state().display().to_string();
    for path in ["link", "./state/../link/.", &absolute] {
        let refused = site.run(emulator.url(), &["apply", "--yes", "--state", path]).exits(8);
        assert!(refused.stderr.contains(&named), "{path}: {}", refused.told());
    }
    holder.signal("CONT");
    holder.wait().exits(0);
}

#[test]
fn a_run_whose_lock_file_is_removed_or_replaced_begins_nothing_more_and_the_next_one_goes_on() {
    let remove = |lock: &Path| std::fs::remove_file(lock).unwrap();
    let replace = |lock: &Path| {
        std::fs::write(lock.with_extension("other"), "").unwrap();
        std::fs::rename(lock.with_extension("other"), lock).unwrap();
    };
    for change in [remove as fn(&Path), replace] {
        let (site, emulator, holder) = with_holder();
        holder.signal("STOP");
        change(&site.state().join("lock"));
        holder.signal("CONT");
        let ended = holder.wait();
        assert_eq!(ended.code(), Some(3), "{}", ended.told());
        assert!(
            ended.stderr.contains("state/lock was replaced or removed while it was held"),
            "{}",
            ended.told()
        );
        // Only what was on its way is there, or not even that.
        assert!(emulator.carried_out().values().sum::<usize>() <= 1, "{}", ended.told());
        site.run(emulator.url(), &["apply", "--yes"]).exits(0);
        assert_eq!(site.live(emulator.url()), Scenario::chain().iter().map(Connector::seen).collect());
        let registered = BTreeMap::from([("RegisterCustomConnector".to_owned(), 2)]);
        assert_eq!(emulator.carried_out(), registered);
    }
}
