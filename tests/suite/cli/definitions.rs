//! Story 3: formats and dependencies. A service that takes definitions converges; one that derives them from the JAR
//! may contradict the manifest, and that is said instead of tried for ever.

use serde_json::json;

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::connector;

#[test]
fn formats_and_dependencies_are_set_and_changed_where_definitions_are_sent() {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    let first =
        connector("a").with("supportedFormats", "[json, csv]").with("dependencies", "[oss://lib/x.jar]");
    env.manifest("a.yaml", &[first]);
    env.apply("").exits(0).shows("Converged.");
    let shown = env.run("show FlinkConnector/a -o json").exits(0).json("show");
    assert_eq!(shown["fields"]["supportedFormats"]["live"], json!(["csv", "json"]));
    assert_eq!(shown["fields"]["dependencies"]["live"], json!(["oss://lib/x.jar"]));

    // Sets: another order is no change.
    let reordered =
        connector("a").with("supportedFormats", "[csv, json]").with("dependencies", "[oss://lib/x.jar]");
    env.manifest("a.yaml", &[reordered]);
    env.plan("").exits(0).shows("No changes.");

    let second =
        connector("a").with("supportedFormats", "[json, avro]").with("dependencies", "[oss://lib/y.jar]");
    env.manifest("a.yaml", &[second]);
    env.apply("").exits(0).shows("[csv, json] -> [avro, json]").shows("1 changed").shows("Converged.");
    let shown = env.run("show FlinkConnector/a -o json").exits(0).json("show");
    assert_eq!(shown["fields"]["supportedFormats"]["live"], json!(["avro", "json"]));
    assert_eq!(shown["fields"]["dependencies"]["live"], json!(["oss://lib/y.jar"]));
}

/// Declares a set that the JAR does not have, and walks through the contradiction and out of it.
fn contradicted(field: &str) {
    let emulator = Emulator::strict("");
    let url = "oss://jars/a-1.jar";
    emulator.jar(url, &[json!({"name": "a", "type": "a", field: ["in-the-jar"]})]);
    let env = TestEnv::with_service(&emulator, "sendDefinition: false");
    env.manifest("a.yaml", &[connector("a").with(field, "[in-the-jar]")]);
    env.apply("").exits(0).shows("Converged.");

    env.manifest("a.yaml", &[connector("a").with(field, "[in-the-manifest]")]);
    env.plan("").exits(0).shows("derives").shows("from the JAR");
    env.apply("")
        .exits(3)
        .tells(&format!("spec.{field} is declared as [in-the-manifest], but the service shows [in-the-jar]"))
        .tells("correct the manifest or the JAR");
    env.run("state list").exits(0).shows(&format!("degraded: live contradicts spec.{field}"));
    emulator.new_requests();

    env.plan("")
        .exits(0)
        .shows("  ! FlinkConnector/a")
        .shows("1 blocked")
        .shows("[in-the-manifest]")
        .shows("[in-the-jar]");
    env.plan("--detailed-exitcode").exits(6);
    env.apply("").exits(6);
    assert_eq!(emulator.new_operations(), "list list list", "a blocked object was written to");

    env.manifest("a.yaml", &[connector("a").with(field, "[in-the-jar]")]);
    env.apply("").exits(0);
    env.plan("--detailed-exitcode").exits(0).shows("No changes.");
    env.run("state list").exits(0).shows("ready");
    assert_eq!(emulator.new_counts().get("register"), None, "the corrected manifest is what is live already");
}

#[test]
fn formats_that_the_jar_contradicts_are_an_error_and_then_blocked() {
    contradicted("supportedFormats");
}

#[test]
fn dependencies_that_the_jar_contradicts_are_an_error_and_then_blocked() {
    contradicted("dependencies");
}

#[test]
fn a_new_jar_ends_a_contradiction() {
    let emulator = Emulator::strict("");
    let url = "oss://jars/a-1.jar";
    emulator.jar(url, &[json!({"name": "a", "type": "a", "supportedFormats": ["json"]})]);
    let env = TestEnv::with_service(&emulator, "sendDefinition: false");
    env.manifest("a.yaml", &[connector("a").with("supportedFormats", "[avro]")]);
    env.apply("").exits(3);
    env.apply("").exits(6);
    // The build overwrites its JAR: only the user can know.
    emulator.jar(url, &[json!({"name": "a", "type": "a", "supportedFormats": ["avro"]})]);
    env.apply("--replace FlinkConnector/a").exits(0).shows("Converged.");
}

#[test]
fn a_name_that_the_jar_does_not_have_is_an_error_that_says_what_it_brought() {
    let emulator = Emulator::strict("");
    emulator.jar("oss://jars/a-1.jar", &[json!({"name": "b", "type": "b"})]);
    let env = TestEnv::with_service(&emulator, "sendDefinition: false");
    env.manifest("a.yaml", &[connector("a")]);
    env.apply("")
        .exits(3)
        .tells("oss://jars/a-1.jar registered b, not FlinkConnector/a")
        .tells("spec.connectorName");
    env.run("list w:n").exits(0).shows("(stray)");
}
