//! `snapshot --out`, `plan --offline` and `drift --offline`: planning where there are no credentials.

use serde_json::json;

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::{connector, kafka};

/// A place with the same manifests and the snapshot, and nothing else: no key, no state, no variable.
fn elsewhere(env: &TestEnv) -> TestEnv {
    let other = TestEnv::new();
    other.project("profiles: {test: {ververica: {region: eu-central-1}}}");
    other.write("live.json", &env.read("live.json"));
    other
}

#[test]
fn a_plan_is_the_same_without_services_and_credentials() {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a").with("sink", "true"), connector("b")]);
    env.apply("").exits(0);
    emulator.overwrite(&connector("a").with("sink", "false"));
    let changed = [connector("a").with("sink", "true"), connector("c")];
    env.manifest("a.yaml", &changed);
    let document = env.run("snapshot manifests --out live.json -o json").exits(0).json("snapshot");
    assert_eq!((&document["objects"], &document["serial"]), (&json!(2), &json!(1)));
    assert_eq!(emulator.new_operations(), "list");
    env.run("snapshot manifests --out live.json").exits(0).shows("Recorded 2 live objects of 1 scope");
    let online = env.plan("-o json").exits(0).json("plan");
    drop(emulator);

    let other = elsewhere(&env);
    other.manifest("a.yaml", &changed);
    let offline = other.plan("--offline live.json -o json").exits(0).json("plan");
    assert_eq!(offline, online);
    let text = other.plan("--offline live.json").exits(0).tells("offline: live as it was at ").tells(" old");
    assert!(text.stdout().contains("- FlinkConnector/b"), "{text:?}");
    let again = other.with("RECONCILE_OFFLINE", "live.json");
    assert_eq!(again.plan("").exits(0).stdout(), text.stdout());
    again.run("drift manifests --detailed-exitcode").exits(7).shows("drifted");
    assert!(!again.has("state"));
    again.run("drift manifests --offline live.json --deep").exits(64);
}

#[test]
fn what_was_not_recorded_is_named_and_not_guessed() {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a")]);
    env.run("snapshot manifests --out live.json").exits(0);
    let other = elsewhere(&env);
    other.manifest("a.yaml", &[connector("a").with("namespaceName", "n2")]);
    let refused = other.plan("--offline live.json").exits(6).tells("does not hold w:n2");
    assert!(refused.stderr().contains("reconcile snapshot"), "{refused:?}");
    other.run("drift manifests --offline live.json").exits(6);
    other.write("live.json", &env.read("live.json").replacen('w', "v", 1));
    other.plan("--offline live.json").exits(65);
    other.plan("--offline manifests/a.yaml").exits(65).tells("is not a live snapshot");
    other.plan("--offline nothing").exits(1);
}

#[test]
fn each_file_is_taken_for_what_it_is() {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a")]);
    env.run("snapshot manifests --out live.json").exits(0);
    env.plan("--out plan.out").exits(0);
    env.plan("--offline plan.out").exits(65).tells("plan.out is not a live snapshot");
    env.run("apply live.json --yes").exits(64).tells("live.json is a live snapshot");
    env.run("show live.json").exits(64).tells("live.json is a live snapshot");
    env.run("snapshot manifests").exits(64);
}

#[test]
fn a_secret_is_compared_where_the_key_is_and_taken_for_unchanged_elsewhere() {
    let emulator = Emulator::open("");
    let env = TestEnv::with_stores(&emulator).with("PASSWORD", "first");
    let store = kafka("k").with("kafka.sasl.password", json!({"fromEnv": "PASSWORD"}));
    env.manifest("k.yaml", std::slice::from_ref(&store));
    env.apply("").exits(0);
    env.run("snapshot manifests --out live.json").exits(0);
    env.plan("--offline live.json").exits(0).shows("No changes.");
    let env = env.with("PASSWORD", "second");
    env.plan("--offline live.json").exits(0).shows("1 to change").shows("kafka.sasl.password");

    let other = elsewhere(&env);
    other.manifest("k.yaml", &[store]);
    other
        .plan("--offline live.json")
        .exits(0)
        .shows("No changes.")
        .tells("2 secrets or files are not checked");
}
