//! Accepting what live says into the state.

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::connector;

/// Three applied connectors: one drifted, one was deleted by somebody else, one is as it was.
fn drifted() -> (Emulator, TestEnv) {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.manifest("all.yaml", &[connector("a").with("sink", "true"), connector("b"), connector("c")]);
    env.apply("").exits(0);
    emulator.overwrite(&connector("a").with("sink", "false"));
    emulator.lose("w:n:b");
    (emulator, env)
}

#[test]
fn what_drifted_is_recorded_and_is_then_a_difference_of_the_manifest() {
    let (emulator, env) = drifted();
    env.run("drift manifests --detailed-exitcode").exits(7).shows("drifted");
    let before = env.read("manifests/all.yaml");
    emulator.new_requests();

    env.run("refresh manifests --yes")
        .exits(0)
        .shows("FlinkConnector/a  sink   drifted  true      false")
        .shows("FlinkConnector/b  -      absent   recorded  forgotten")
        .shows("Recorded what live says of 2 objects (serial 2). Nothing was sent.");
    assert_eq!(emulator.new_operations(), "list");
    assert_eq!(env.read("manifests/all.yaml"), before);
    env.run("drift manifests --detailed-exitcode")
        .exits(0)
        .shows("No drift in 2 objects; 1 object never applied from this state");
    let document = env.plan("-o json").exits(0).json("plan");
    let rows: Vec<(&str, &str)> = document["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["address"].as_str().unwrap(), row["change"].as_str().unwrap()))
        .collect();
    assert_eq!(rows, [("FlinkConnector/a", "update"), ("FlinkConnector/b", "create")]);
    assert_eq!(document["changes"][0]["fields"][0]["verdict"], "changed");

    env.manifest("all.yaml", &[connector("a").with("sink", "false"), connector("c")]);
    env.plan("--detailed-exitcode").exits(0).shows("No changes. 2 manifests match live");
    env.run("refresh manifests").exits(0).shows("Nothing to record");
}

#[test]
fn nothing_is_recorded_or_forgotten_without_consent() {
    let (emulator, env) = drifted();
    for line in ["refresh manifests", "refresh manifests -o json"] {
        env.run(line).exits(6).tells("nothing was recorded").tells("--yes");
    }
    env.run("state list").exits(0).shows("FlinkConnector/b").tells("serial 1");
    let document = env.run("refresh manifests --yes -o json").exits(0).json("refresh");
    assert_eq!(document["objects"][0]["fields"][0]["verdict"], "drifted");
    assert_eq!(document["objects"][1]["result"], "forgotten");
    assert!(emulator.new_counts().keys().all(|operation| operation == "list"));
}

#[test]
fn requests_that_are_open_are_looked_up_by_an_apply_first() {
    let emulator = Emulator::open("--creating-for 5s");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a")]);
    let run = env.start("apply manifests --yes");
    emulator.until_asked("register", 1);
    drop(run);
    env.run("refresh manifests --yes").exits(6).tells("1 request open").tells("reconcile apply");
}

#[test]
fn what_is_not_selected_is_neither_recorded_nor_forgotten() {
    let (_emulator, env) = drifted();
    env.run("refresh manifests --yes --target FlinkConnector/a").exits(0).shows("FlinkConnector/a");
    env.run("state list").exits(0).shows("FlinkConnector/b");
    env.run("refresh manifests --yes --exclude FlinkConnector/a").exits(0).shows("FlinkConnector/b");
    assert!(!env.run("state list").exits(0).stdout().contains("FlinkConnector/b"));
}

#[test]
fn where_nothing_is_recorded_drift_does_not_say_that_all_is_well() {
    let (_emulator, env) = drifted();
    std::fs::remove_dir_all(env.work().join("state")).unwrap();
    env.run("drift manifests")
        .exits(0)
        .shows("No drift in 0 objects; 3 objects never applied from this state");
}
