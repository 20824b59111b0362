//! One JAR, several connectors.

use serde_json::json;

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::connector;

const JAR: &str = "oss://jars/both.jar";

fn both() -> (Emulator, TestEnv) {
    let emulator = Emulator::strict("");
    emulator.jar(JAR, &[json!({"name": "a", "type": "a"}), json!({"name": "b", "type": "b"})]);
    let env = TestEnv::with_service(&emulator, "sendDefinition: false");
    (emulator, env)
}

#[test]
fn one_jar_with_two_connectors_is_one_registration() {
    let (emulator, env) = both();
    env.manifest("both.yaml", &[connector("a").with("jarUrl", JAR), connector("b").with("jarUrl", JAR)]);
    env.apply("").exits(0).shows("Writes if applied: 1.").shows("2 added").shows("Converged.");
    assert_eq!(emulator.new_operations(), "list register list list");
    env.plan("").exits(0).shows("No changes. 2 manifests match live");
}

#[test]
fn a_connector_that_nobody_declared_is_a_stray_and_goes_only_with_consent() {
    let (emulator, env) = both();
    env.manifest("a.yaml", &[connector("a").with("jarUrl", JAR)]);
    env.apply("")
        .exits(0)
        .shows("Converged.")
        .tells("w:n:b came with a JAR and nobody declares it")
        .tells("--delete-strays");
    env.run("list w:n --unmanaged").exits(0).shows("(stray)").hides("FlinkConnector/a");
    let state = env.run("state list -o json").exits(0).json("state list");
    assert_eq!(state["strays"], json!(["w:n:b"]));
    // Without consent it stays.
    env.apply("").exits(0);
    assert_eq!(emulator.names("w:n"), "a b");

    env.plan("--delete-strays").exits(0).shows("- stray w:n:b").shows("1 to destroy");
    env.apply("--delete-strays").exits(0).shows("Converged.");
    assert_eq!(emulator.names("w:n"), "a");
    let state = env.run("state list -o json").exits(0).json("state list");
    assert_eq!(state["strays"], json!([]));
}

#[test]
fn a_stray_that_is_declared_later_is_taken_over_without_a_request() {
    let (emulator, env) = both();
    env.manifest("a.yaml", &[connector("a").with("jarUrl", JAR)]);
    env.apply("").exits(0);
    emulator.new_requests();
    env.manifest("b.yaml", &[connector("b").with("jarUrl", JAR).lifecycle("adopt", "true")]);
    env.apply("").exits(0).shows("> FlinkConnector/b").shows("Converged.");
    assert_eq!(emulator.new_counts().keys().cloned().collect::<Vec<_>>(), ["list"]);
    env.plan("").exits(0).shows("No changes. 2 manifests match live");
}
