//! Some of the objects only: `--target`, `--exclude`, `--selector`.

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::{Connector, connector};

fn of(name: &str, team: &str) -> Connector {
    connector(name).label("team", team)
}

/// Four connectors are applied: `a1` and `a2` of one team, `b1` and `b2` of another.
fn four() -> (Emulator, TestEnv) {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    for (name, team) in [("a1", "a"), ("a2", "a"), ("b1", "b"), ("b2", "b")] {
        env.manifest(&format!("{name}.yaml"), &[of(name, team)]);
    }
    env.apply("").exits(0);
    emulator.new_requests();
    (emulator, env)
}

fn newer(name: &str, team: &str) -> Connector {
    of(name, team).with("jarUrl", &format!("oss://jars/{name}-2.jar"))
}

#[test]
fn a_target_is_all_that_changes() {
    let (emulator, env) = four();
    env.manifest("a1.yaml", &[newer("a1", "a")]);
    env.remove_manifest("b1.yaml");
    let plan = env.plan("--target FlinkConnector/a? -o json").exits(0).json("plan");
    assert_eq!(plan["summary"]["notSelected"], 2);
    assert_eq!(plan["summary"]["destroy"], 0);
    env.apply("--target FlinkConnector/a?").exits(0).shows("2 not selected.").shows("Converged.");
    assert_eq!(emulator.names("w:n"), "a1 a2 b1 b2");
    env.apply("--target FlinkConnector/a*")
        .exits(0)
        .shows("No changes. 2 manifests match live")
        .shows("2 not selected.");
    // What has no manifest any more is selected by the address that is recorded.
    env.apply("--target */b1 --max-delete 1").exits(0).shows("1 destroyed");
    assert_eq!(emulator.names("w:n"), "a1 a2 b2");
}

#[test]
fn an_exclusion_is_all_that_does_not_change() {
    let (emulator, env) = four();
    for name in ["a1", "b1", "b2"] {
        env.remove_manifest(&format!("{name}.yaml"));
    }
    env.apply("--exclude FlinkConnector/b2 --exclude */a1")
        .exits(0)
        .shows("1 destroyed")
        .shows("2 not selected.");
    assert_eq!(emulator.names("w:n"), "a1 a2 b2");
    env.run("destroy --all --yes --exclude */a2").exits(0).shows("2 destroyed");
    assert_eq!(emulator.names("w:n"), "a2");
}

#[test]
fn labels_select_also_what_has_no_manifest_any_more() {
    let (emulator, env) = four();
    env.remove_manifest("a1.yaml");
    env.remove_manifest("b1.yaml");
    env.apply("-l team=a,!legacy").exits(0).shows("1 destroyed").shows("2 not selected.");
    assert_eq!(emulator.names("w:n"), "a2 b1 b2");
    env.manifest("b2.yaml", &[of("b2", "c")]);
    env.plan("--selector team=c").exits(0).shows("labels").shows("0 to destroy");
    env.apply("").exits(0).shows("1 changed, 0 replaced, 1 destroyed");
    env.plan("--selector team!=a,team").exits(0).shows("No changes. 1 manifest matches");
    env.run("destroy --yes --selector team=c").exits(0).shows("1 destroyed");
    assert_eq!(emulator.names("w:n"), "a2");
}

#[test]
fn drift_looks_at_what_is_selected() {
    let (emulator, env) = four();
    emulator.lose("w:n:b1");
    env.run("drift manifests --detailed-exitcode").exits(7).shows("1 of 4 objects drifted");
    env.run("drift manifests --detailed-exitcode --target */a1").exits(0).shows("No drift in 1 object");
    env.run("drift manifests --detailed-exitcode -l team=b").exits(7).shows("1 of 2 objects drifted");
    env.run("drift manifests --detailed-exitcode --exclude */b1").exits(0).shows("No drift in 3 objects");
}

#[test]
fn what_matches_nothing_is_64_with_what_was_probably_meant() {
    let (emulator, env) = four();
    for (flags, meant) in [
        ("--target FlinkConector/a1", "did you mean `FlinkConnector/a1`?"),
        ("--target FlinkConnector/a1,FlinkConnector/zebra-9", "zebra-9 matches nothing"),
        ("--exclude Store/*", "--exclude Store/* matches nothing"),
        ("-l team=aa", "did you mean `team=a`?"),
        ("--replace FlinkConnector/zebra", "matches nothing"),
        ("--target */a1 --replace FlinkConnector/b1", "select it too"),
        ("--target a1", "write Kind/name"),
        ("-l team=a=b", "is not a requirement"),
        ("--target */a1 --exclude */a2", "cannot be used with"),
    ] {
        let said = env.plan(flags).exits(64).tells(meant);
        assert_eq!(said.stdout(), "", "{flags}");
        env.apply(flags).exits(64);
    }
    env.run("drift manifests --target */zebra").exits(64);
    env.run("destroy --yes --target */zebra").exits(64);
    assert_eq!(emulator.names("w:n"), "a1 a2 b1 b2");
}

#[test]
fn a_variable_stands_for_each_flag_of_a_selection() {
    let (_emulator, env) = four();
    let env = env.with("RECONCILE_TARGET", "*/a1,*/b1");
    env.plan("").exits(0).shows("2 manifests match live").shows("2 not selected.");
    let env = env.with("RECONCILE_SELECTOR", "team=b");
    env.plan("").exits(0).shows("1 manifest matches live").shows("3 not selected.");
    let (_emulator, env) = four();
    env.with("RECONCILE_EXCLUDE", "*/a1").plan("").exits(0).shows("1 not selected.");
}

#[test]
fn an_empty_folder_deletes_nothing_of_what_is_selected() {
    let (emulator, env) = four();
    for name in ["a1", "a2", "b1", "b2"] {
        env.remove_manifest(&format!("{name}.yaml"));
    }
    env.apply("-l team=a").exits(6).tells("but 2 objects are recorded").tells("reconcile destroy");
    assert_eq!(emulator.names("w:n"), "a1 a2 b1 b2");
}
