//! Several runs on one state: one at a time, and a dead one blocks nobody (protocol rules 1 and 2).

use std::sync::Mutex;

use super::emulator::Emulator;
use super::program::Program;
use super::proxy::{Notes, Proxy, Side, Trap};
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
fn of_many_runs_half_of_them_killed_no_two_overlap_and_each_that_ends_adds_one_serial() {
    const RUNNERS: u32 = 8;
    const ROUNDS: u32 = 2;
    let site = Site::new();
    let emulator = Emulator::start(site.path(), &[]);
    let serials = Mutex::new(Vec::new());
    let writes = Notes::default();
    let run = |version: u32, dies: bool| {
        let folder = format!("manifests-{version}");
        site.declare_in(&folder, &["a", "b"].map(|name| Connector::new("orders", name, version)));
        let proxy = Proxy::noting(emulator.host(), version, &writes);
        // One request at a time: none is on its way when its sender dies, so what overlaps is a lock that failed.
        let arguments = ["apply", "--yes", "--parallelism", "1", "--lock-timeout", "10m", "-f", &folder];
        let trap = dies.then_some(Trap { side: Side::After, request: 2 });
        let ended = proxy.start_client(site.command(proxy.url(), &arguments), trap).wait();
        if dies {
            assert!(ended.was_killed(), "{}", ended.told());
        } else {
            let ended = ended.exits(0);
            serials.lock().unwrap().push((serial(&ended.stdout), version));
        }
    };
    std::thread::scope(|scope| {
        for runner in 0..RUNNERS {
            let run = &run;
            scope.spawn(move || {
                (0..ROUNDS).for_each(|round| run(1 + runner + RUNNERS * round, runner % 2 == 0));
            });
        }
    });
    let mut serials = serials.into_inner().unwrap();
    serials.sort_unstable();
    let (serials, ended): (Vec<u64>, Vec<u32>) = serials.into_iter().unzip();
    assert_eq!(
        serials,
        (1..=u64::from(RUNNERS / 2 * ROUNDS)).collect::<Vec<_>>(),
        "runs that ended, by serial"
    );
    let mut runs = writes.lock().unwrap().clone();
    runs.dedup();
    let count = runs.len();
    runs.sort_unstable();
    runs.dedup();
    assert_eq!(runs.len(), count, "the writes of two runs are interleaved");
    // One that is killed may have got no further than looking what became of the requests of another.
    assert!(ended.iter().all(|version| runs.contains(version)), "{runs:?} wrote, {ended:?} ended");
}

/// The number in `(serial N)`.
fn serial(stdout: &str) -> u64 {
    let (_, rest) = stdout.rsplit_once("(serial ").unwrap();
    rest.split(')').next().unwrap().parse().unwrap()
}
