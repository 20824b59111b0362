//! Story 2: changes in place. The API has no update: some cost nothing, the others register again.

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::connector;

#[test]
fn a_new_description_costs_no_request() {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a").with("description", "old")]);
    env.apply("").exits(0);
    emulator.new_requests();
    env.manifest("a.yaml", &[connector("a").with("description", "new")]);
    env.apply("").exits(0).shows("\"old\" -> \"new\"").shows("Writes if applied: 0.").shows("1 changed");
    assert_eq!(emulator.new_operations(), "list list");
    env.run("state show FlinkConnector/a").exits(0).shows("new");
    env.plan("").exits(0).shows("No changes.");
}

#[test]
fn a_new_jar_url_registers_the_same_object_again() {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a"), connector("bystander")]);
    env.apply("").exits(0);
    emulator.new_requests();
    env.manifest("a.yaml", &[connector("a").with("jarUrl", "oss://jars/a-2.jar"), connector("bystander")]);
    env.plan("")
        .exits(0)
        .shows("  ~ FlinkConnector/a")
        .shows("there is a gap")
        .shows("1 to change, 0 to replace");
    emulator.new_requests();
    env.apply("").exits(0).shows("1 changed, 0 replaced, 0 destroyed").tells("a: Deleted after");
    assert_eq!(emulator.new_operations(), "list delete list register list list");
    env.run("state list").exits(0).shows("FlinkConnector/a").shows("w:n:a");
    env.run("state show FlinkConnector/a").exits(0).shows("oss://jars/a-2.jar").hides("oss://jars/a-1.jar");
    assert_eq!(emulator.names("w:n"), "a bystander");
}

#[test]
fn a_new_jar_version_registers_the_same_url_again() {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a").with("jarVersion", "'1'")]);
    env.apply("").exits(0);
    emulator.new_requests();
    env.manifest("a.yaml", &[connector("a").with("jarVersion", "'2'")]);
    env.apply("").exits(0).shows("\"1\" -> \"2\"").shows("1 changed");
    assert_eq!(emulator.new_operations(), "list delete list register list list");
}

#[test]
fn drift_of_live_is_named_and_mended() {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a").with("sink", "true")]);
    env.apply("").exits(0);
    emulator.overwrite(&connector("a").with("sink", "false"));
    env.plan("").exits(0).shows("false -> true  drifted: live moved");
    env.apply("").exits(0).shows("1 changed").shows("Converged.");
    emulator.lose("w:n:a");
    env.plan("").exits(0).shows("recorded, but absent: it is created again");
    env.apply("").exits(0).shows("1 added").shows("Converged.");
    assert_eq!(emulator.names("w:n"), "a");
}

#[test]
fn a_field_that_leaves_the_manifest_sends_nothing() {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a").with("sink", "true")]);
    env.apply("").exits(0);
    emulator.new_requests();
    env.manifest("a.yaml", &[connector("a")]);
    env.apply("").exits(0);
    let counts = emulator.new_counts();
    assert_eq!(counts.keys().cloned().collect::<Vec<_>>(), ["list"]);
    env.plan("").exits(0).shows("No changes.");
}
