//! The way back for a lost state, from manifests and live.

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::{connector, kafka};

fn lose_the_state(env: &TestEnv) {
    std::fs::remove_dir_all(env.work().join("state")).unwrap();
}

fn only_reads(emulator: &Emulator) {
    let asked = emulator.new_counts();
    assert!(asked.keys().all(|operation| operation.starts_with("list")), "{asked:?}");
}

#[test]
fn a_lost_state_is_rebuilt_and_the_plan_is_empty() {
    let emulator = Emulator::open("");
    let env = TestEnv::with_stores(&emulator);
    env.manifest(
        "all.yaml",
        &[connector("a").with("sink", "true"), connector("b").lifecycle("protect", "true")],
    );
    env.manifest("store.yaml", &[kafka("orders").line("dependsOn: [FlinkConnector/a]")]);
    env.apply("").exits(0);
    lose_the_state(&env);
    emulator.new_requests();
    env.plan("").exits(0).shows("3 blocked");

    env.run("state rebuild manifests")
        .exits(0)
        .shows("Rebuilt 3 objects from manifests and live (serial 1). Nothing was sent.");
    env.plan("--detailed-exitcode").exits(0).shows("No changes. 3 manifests match live");
    env.run("state show Store/orders")
        .exits(0)
        .shows("assumed")
        .shows("role: sysadmin")
        .hides("kafka-pass-1");
    env.run("state show FlinkConnector/b").exits(0).shows("protect: true");
    only_reads(&emulator);

    env.run("state rebuild manifests").exits(6).tells("3 objects recorded at serial 1").tells("--state");
    let document = env.run("state rebuild manifests --state other -o json").exits(0).json("state rebuild");
    assert_eq!(document["recorded"].as_array().unwrap().len(), 3);
}

#[test]
fn what_is_not_live_is_left_out_and_what_differs_in_place_is_the_next_change() {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.manifest("all.yaml", &[connector("a"), connector("b").with("sink", "true")]);
    env.apply("").exits(0);
    emulator.lose("w:n:a");
    lose_the_state(&env);
    env.manifest("all.yaml", &[connector("a"), connector("b").with("sink", "false")]);
    env.run("state rebuild manifests")
        .exits(0)
        .shows("Rebuilt 1 object")
        .shows("left out: 1 declared and not live");
    env.plan("")
        .exits(0)
        .shows("+ FlinkConnector/a")
        .shows("sink : true -> false")
        .shows("1 to add, 1 to change");
    // Nobody can know who moved: it is a change of the manifest, not drift.
    env.run("drift manifests --detailed-exitcode").exits(0).shows("changed");
    only_reads(&emulator);
}

#[test]
fn another_object_under_the_same_name_is_left_out_and_blocked_instead_of_replaced() {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a")]);
    env.apply("").exits(0);
    lose_the_state(&env);
    env.manifest("a.yaml", &[connector("a").with("connectorType", "mine")]);
    env.run("state rebuild manifests")
        .exits(0)
        .shows("w:n:a lives with connectorType \"a\", and the manifest declares \"mine\"")
        .shows("Rebuilt 0 objects")
        .shows("left out: 1 different");
    env.plan("").exits(0).shows("exists and is not managed").shows("0 to replace");
}

#[test]
fn an_apply_that_was_cut_off_and_its_state_that_was_lost_leave_nothing_twice() {
    let emulator = Emulator::open("--creating-for 1s");
    let env = TestEnv::of(&emulator);
    env.manifest("all.yaml", &[connector("a"), connector("b")]);
    let run = env.start("apply manifests --yes");
    emulator.until_asked("register", 2);
    drop(run);
    lose_the_state(&env);
    while emulator.names("w:n") != "a b" {}
    env.run("state rebuild manifests").exits(0).shows("Rebuilt 2 objects");
    env.plan("--detailed-exitcode").exits(0).shows("No changes.");
    only_reads(&emulator);
}
