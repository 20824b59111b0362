//! The security auditor's view: how each store logs in, and where its secrets come from. Never a value.

use serde_json::json;

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::{kafka, plain_kafka, postgres};

#[test]
fn the_list_says_how_stores_log_in_and_where_their_secrets_come_from() {
    let emulator = Emulator::open("");
    let env = TestEnv::with_stores(&emulator).with("KAFKA_PASSWORD", "from-the-environment");
    let secret = kafka("k").with("kafka.sasl.password", json!({"fromEnv": "KAFKA_PASSWORD"}));
    let open = postgres("p").with("postgres.tls.disabled", true);
    env.manifest("all.yaml", &[secret, open, plain_kafka("n")]);
    // Only told once, with the place and the remedy, and not an error.
    env.apply("").exits(0).tells("warning").tells("fromEnv");
    let document = env.run("list Store -f manifests -o json").exits(0).json("list");
    let store = |name: &str| {
        document["objects"].as_array().unwrap().iter().find(|o| o["name"] == name).unwrap().clone()
    };
    assert_eq!(store("k")["authentication"], "SHA512");
    assert_eq!(store("k")["tls"], "on");
    assert_eq!(store("k")["secrets"]["kafka.sasl.password"], "env KAFKA_PASSWORD");
    assert_eq!(store("k")["secrets"]["kafka.sasl.username"], "literal in the manifest");
    assert_eq!((&store("p")["authentication"], &store("p")["tls"]), (&json!("password"), &json!("off")));
    assert_eq!(store("n")["authentication"], "NONE");
    env.run("list Store -f manifests").exits(0).shows("env KAFKA_PASSWORD").hides("from-the-environment");
    env.run("list Store --unmanaged -o json").exits(0).json("list");
}
