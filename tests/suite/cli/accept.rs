//! `drift --write`: what moved outside is written into the manifests, and what cannot be is said.

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::{connector, kafka};

const WRITTEN: &str = "# Head.\napiVersion: reconcile/v1\nkind: FlinkConnector\nmetadata: {name:   a} # odd\nspec:\n    workspaceId: w\n    namespaceName: n\n    connectorName: a\n    connectorType: a\n    jarUrl: 'oss://jars/a-1.jar'\n    # Both ways.\n    source:   true # really\n    supportedFormats:\n    - json # first\n    - \"avro\"\n";

/// Somebody else makes `w:n:a` something else.
fn moved(emulator: &Emulator, connector: crate::support::manifest::Connector) {
    let stranger = TestEnv::of(emulator);
    stranger.manifest("a.yaml", &[connector]);
    stranger.run("import FlinkConnector w:n:a").exits(0);
    stranger.run("apply manifests --yes --replace FlinkConnector/a").exits(0);
    emulator.new_requests();
}

#[test]
fn drift_is_accepted_where_it_stands_and_costs_no_request() {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.write("manifests/a.yaml", WRITTEN);
    env.apply("").exits(0);
    moved(&emulator, connector("a").with("source", "false").with("supportedFormats", "[json, csv]"));

    env.run("drift manifests --write")
        .exits(6)
        .shows("-    source:   true # really")
        .tells("there is nobody to ask here");
    env.run("drift manifests --write -o json").exits(6).tells("pass --yes");
    assert_eq!(env.read("manifests/a.yaml"), WRITTEN);
    env.run("drift manifests --write --yes")
        .exits(0)
        .shows("+    source:   false # really")
        .tells("Wrote 1 file.");
    let wanted = WRITTEN.replace("source:   true", "source:   false").replace("- \"avro\"", "- \"csv\"");
    assert_eq!(env.read("manifests/a.yaml"), wanted);

    env.run("drift manifests").exits(0).shows("agreed").hides("  drifted");
    env.run("drift manifests --write --yes").exits(0).tells("Nothing to write.");
    env.plan("").exits(0).shows("Writes if applied: 0.");
    env.apply("").exits(0);
    env.plan("--detailed-exitcode").exits(0);
    assert!(emulator.new_counts().keys().all(|operation| operation == "list"));
}

#[test]
fn what_is_not_accepted_is_said_and_the_rest_is() {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    let written = WRITTEN
        .replace("\"avro\"", "\"avro\" # second")
        .replace("source:   true", "sink: true\n    source: true");
    env.write("manifests/a.yaml", &written);
    env.manifest("b.yaml", &[connector("b")]);
    env.apply("").exits(0);
    let other =
        connector("a").with("source", "false").with("sink", "false").with("supportedFormats", "[json, csv]");
    moved(&emulator, other.with("connectorType", "b2"));
    emulator.lose("w:n:b");
    // The manifest moved too.
    let edited = written.replace("    sink: true\n", "").replace("jarUrl", "lookup: true\n    jarUrl");
    env.write("manifests/a.yaml", &edited);

    let said = env.run("drift manifests --write --yes -o json").exits(1);
    let document = said.json("drift");
    assert_eq!(document["written"]["manifests/a.yaml"], serde_json::json!(["FlinkConnector/a spec.source"]));
    let left = document["left"].to_string();
    for reason in [
        "`spec.connectorType` of FlinkConnector/a is left alone: another value is another object",
        "FlinkConnector/b was deleted outside, and no manifest is deleted",
        "a comment belongs to what would change",
    ] {
        assert!(left.contains(reason), "{reason}: {left}");
    }
    let said = said.tells("RC0156").tells("manifests/a.yaml:");
    assert!(!said.stderr().contains("Nothing was sent"));
    assert_eq!(env.read("manifests/a.yaml"), edited.replace("source: true", "source: false"));
    assert!(env.has("manifests/b.yaml"));
}

#[test]
fn a_conflict_is_for_a_person_and_a_file_without_drift_is_not_touched() {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a").with("supportedFormats", "[json]")]);
    env.apply("").exits(0);
    moved(&emulator, connector("a").with("supportedFormats", "[csv]"));
    env.manifest("a.yaml", &[connector("a").with("supportedFormats", "[avro]")]);
    let before = env.read("manifests/a.yaml");
    env.run("drift manifests --write --yes")
        .exits(1)
        .tells("manifest and live both moved")
        .tells("Nothing to write.");
    assert_eq!(env.read("manifests/a.yaml"), before);
    env.run("drift manifests --yes").exits(64);
    env.run("drift manifests --write --detailed-exitcode").exits(64);
}

#[test]
fn drift_of_a_store_is_accepted_and_its_secrets_are_not_shown() {
    let emulator = Emulator::open("");
    let env = TestEnv::with_stores(&emulator);
    env.manifest("orders.yaml", &[kafka("orders")]);
    env.apply("").exits(0);
    let stranger = TestEnv::with_stores(&emulator);
    stranger.manifest("it.yaml", &[kafka("orders")]);
    stranger.run("import Store orders").exits(0);
    stranger.apply("").exits(0);
    stranger.manifest(
        "it.yaml",
        &[kafka("orders").with("kafka.uris", serde_json::json!(["other.example.test:9096"]))],
    );
    stranger.apply("").exits(0);
    let said =
        env.run("drift manifests --deep --write --yes").exits(0).shows("(secret)").hides("kafka-pass-1");
    assert!(!said.stderr().contains("kafka-pass-1"));
    let text = env.read("manifests/orders.yaml");
    assert!(
        text.contains("\"uris\":[\"other.example.test:9096\"]") && text.contains("kafka-pass-1"),
        "{text}"
    );
    env.run("drift manifests --deep --detailed-exitcode").exits(7).shows("agreed");
}
