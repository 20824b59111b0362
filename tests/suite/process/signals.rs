//! Signals: the first lets what is in flight finish, the second ends at once, and the next apply goes on (protocol
//! rule 16).

use std::process::{Command, Stdio};

use super::emulator::Emulator;
use super::locks::with_holder;
use super::program::{eventually, run, signal};
use super::proxy::{Proxy, Side, Trap};
use super::scenario::{Connector, Scenario};
use super::site::Site;

fn first_signal_finishes_what_is_in_flight(name: &str, code: i32) {
    let (site, emulator, run) = with_holder();
    run.signal(name);
    let ended = run.wait().exits(code);
    assert!(ended.stderr.contains("stopping:"), "{}", ended.told());
    let chain = Scenario::chain();
    assert_eq!(site.live(emulator.url()), [chain[0].seen()].into(), "{}", ended.told());
    let state = site.json("", &["state", "list"]);
    assert_eq!(
        (&state["openWrites"], state["objects"].as_array().unwrap().len()),
        (&0.into(), 1),
        "{state:#}"
    );
    site.run(emulator.url(), &["apply", "--yes"]).exits(0);
    assert_eq!(site.live(emulator.url()), chain.iter().map(Connector::seen).collect());
}

#[test]
fn sigint_finishes_and_saves_what_is_in_flight_and_starts_nothing_new() {
    first_signal_finishes_what_is_in_flight("INT", 130);
}

#[test]
fn sigterm_finishes_and_saves_what_is_in_flight_and_starts_nothing_new() {
    first_signal_finishes_what_is_in_flight("TERM", 143);
}

#[test]
fn a_second_sigint_ends_a_run_whose_answer_never_comes_and_the_next_apply_looks() {
    let site = Site::new();
    let emulator = Emulator::start(site.path(), &[]);
    let proxy = Proxy::start(emulator.host());
    let chain = Scenario::chain();
    site.declare(&chain);
    let trap = Trap { side: Side::Never, request: 2 };
    let run = proxy.start_client(site.command(proxy.url(), &["apply", "--yes"]), Some(trap));
    eventually("the registration", || (!proxy.carried_out().is_empty()).then_some(()));
    run.signal("INT");
    run.until_stderr("stopping:");
    run.signal("INT");
    run.wait().exits(130);
    assert_eq!(site.json("", &["state", "list"])["openWrites"], 1);
    proxy.start_client(site.command(proxy.url(), &["apply", "--yes"]), None).wait().exits(0);
    assert_eq!(site.live(emulator.url()), chain.iter().map(Connector::seen).collect());
    assert_eq!(
        proxy.carried_out().values().copied().collect::<Vec<_>>(),
        [1, 1],
        "{:?}",
        proxy.carried_out()
    );
}

#[test]
fn sigint_at_the_prompt_changes_nothing() {
    let site = Site::new();
    site.declare(&Scenario::chain());
    let emulator = Emulator::start(site.path(), &[]);
    let asked = site.at_a_prompt(emulator.url(), &["apply"]);
    asked.until_stdout("Type `yes`");
    signal(asked.first_line().parse().unwrap(), "INT");
    asked.wait().exits(130);
    assert!(emulator.carried_out().is_empty());
    let free = site.run("", &["unlock"]).exits(0);
    assert!(free.stdout.contains("is not locked"), "{}", free.told());
}

#[test]
fn sigint_while_waiting_for_the_lock_ends_the_wait() {
    let (site, emulator, holder) = with_holder();
    holder.signal("STOP");
    let waiter = site.start(emulator.url(), &["apply", "--yes", "--lock-timeout", "10m"]);
    waiter.until_stderr("waiting for the state's lock");
    waiter.signal("INT");
    waiter.wait().exits(130);
    holder.signal("CONT");
    holder.wait().exits(0);
}

#[test]
fn a_closed_stdout_or_stderr_does_not_stop_an_apply() {
    for closing in [">&-", "2>&-", ">&- 2>&-", "| true", "2>&1 | true"] {
        let site = Site::new();
        let emulator = Emulator::start(site.path(), &[]);
        let chain = Scenario::chain();
        site.declare(&chain);
        let mut command = Command::new("sh");
        site.prepare(&mut command, emulator.url());
        let line = format!("{{ \"$0\" \"$@\"; echo $? > status; }} {closing}");
        command
            .arg("-c")
            .arg(line)
            .arg(env!("CARGO_BIN_EXE_reconcile"))
            .args(Site::arguments(&["apply", "--yes"]));
        command.stdin(Stdio::null());
        let ended = run(command);
        let status = site.path().join("status");
        let code = eventually("the exit code", || {
            std::fs::read_to_string(&status).ok().filter(|text| text.ends_with('\n'))
        });
        assert_eq!(code.trim(), "0", "{closing}: {}", ended.told());
        assert_eq!(site.live(emulator.url()), chain.iter().map(Connector::seen).collect(), "{closing}");
    }
}

#[test]
fn a_reader_that_leaves_early_does_not_stop_an_apply() {
    let site = Site::new();
    let emulator = Emulator::start(site.path(), &[]);
    let chain = Scenario::chain();
    site.declare(&chain);
    let mut command = site.command(emulator.url(), &["apply", "--yes"]);
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop((child.stdout.take(), child.stderr.take()));
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(site.live(emulator.url()), chain.iter().map(Connector::seen).collect());
}
