//! Two runs on one state.

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::connector;

#[test]
fn a_second_apply_says_who_holds_the_state_and_changes_nothing() {
    let emulator = Emulator::open("--creating-for 3s");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a")]);
    let mut first = env.start("apply manifests --yes");
    first.until_it_tells("a: Creating");
    env.apply("").exits(8).tells(&format!("process {}", first.pid())).tells("apply").tells("--lock-timeout");
    env.run("unlock").exits(6).tells(&format!("process {}", first.pid()));
    // Who only reads is not kept out.
    env.run("state list").exits(0);
    env.plan("").exits(0);
    // Who waits goes on, and finds nothing left to do.
    env.apply("--lock-timeout 1m").exits(0).tells("waiting for the state's lock").shows("No changes.");
    first.outcome().exits(0);
    assert_eq!(emulator.new_counts()["register"], 1);
}

#[test]
fn the_lock_ends_with_its_holder() {
    let emulator = Emulator::open("--creating-for 1s");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a")]);
    let mut killed = env.start("apply manifests --yes");
    killed.until_it_tells("a: Creating");
    drop(killed);
    env.run("unlock").exits(0).shows("is not locked");
    // What the killed run sent may arrive while this one looks: after any crash two applies are enough.
    if env.apply("").code != Some(0) {
        env.apply("").exits(0);
    }
    env.plan("").exits(0).shows("No changes.");
    assert_eq!(emulator.names("w:n"), "a");
}
