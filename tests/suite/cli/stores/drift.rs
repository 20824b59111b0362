//! Drift of stores: what a listing shows is compared, what it does not show is called unverifiable, `--deep` reads more.

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::kafka;

#[test]
fn what_a_listing_does_not_show_is_unverifiable_and_deep_reads_some_of_it() {
    let emulator = Emulator::open("");
    let env = TestEnv::with_stores(&emulator);
    env.manifest("orders.yaml", &[kafka("orders").with("kafka.tls.verifyServerHostname", true)]);
    env.apply("").exits(0);
    // Somebody else moves the brokers: another state that adopts the store and updates it.
    let stranger = TestEnv::with_stores(&emulator);
    stranger.manifest("it.yaml", &[kafka("orders")]);
    stranger.run("import Store orders").exits(0);
    stranger.apply("").exits(0);
    let moved = kafka("orders").with("kafka.uris", serde_json::json!(["elsewhere.example.test:9096"]));
    stranger.manifest("it.yaml", &[moved]);
    stranger.apply("").exits(0);
    emulator.new_requests();

    let said = env.run("drift manifests --detailed-exitcode").exits(0);
    assert!(
        said.stdout().contains("kafka.sasl.password") && said.stdout().contains("unverifiable"),
        "{}",
        said.stdout()
    );
    assert_eq!(emulator.new_operations(), "list-stores");
    env.run("drift manifests --deep --detailed-exitcode")
        .exits(7)
        .shows("drifted")
        .shows("elsewhere.example.test:9096");
    assert_eq!(emulator.new_operations(), "list-stores describe-store");
    let document = env.run("drift manifests --deep -o json").exits(0).json("drift");
    let fields = document["objects"][0]["fields"].as_array().unwrap();
    let verdict =
        |name: &str| fields.iter().find(|field| field["field"] == name).map(|field| field["verdict"].clone());
    assert_eq!(verdict("kafka.uris"), Some("drifted".into()));
    assert_eq!(verdict("kafka.sasl.password"), Some("unverifiable".into()));
}

#[test]
fn an_imported_store_is_taken_over_without_a_statement() {
    let emulator = Emulator::open("");
    let owner = TestEnv::with_stores(&emulator);
    owner.manifest("orders.yaml", &[kafka("orders")]);
    owner.apply("").exits(0);
    emulator.new_requests();

    let env = TestEnv::with_stores(&emulator);
    env.manifest("orders.yaml", &[kafka("orders")]);
    env.plan("").exits(0).shows("exists and is not managed");
    env.run("import Store orders").exits(0).shows("Imported orders as Store/orders").shows("its secrets");
    env.plan("").exits(0).shows("kafka.sasl.password").shows("assumed").shows("Writes if applied: 0.");
    env.apply("").exits(0).shows("Converged.");
    assert!(
        emulator
            .new_counts()
            .keys()
            .all(|operation| operation == "list-stores" || operation == "describe-store")
    );
    env.run("import Store nobody").exits(1).tells("role sysadmin does not list a store nobody");
}
