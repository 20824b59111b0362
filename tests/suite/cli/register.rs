//! Story 1 of the seed: registering.

use serde_json::json;

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::connector;

#[test]
fn the_required_fields_are_enough_and_the_jar_says_the_rest() {
    let emulator = Emulator::strict("");
    emulator.jar(
        "oss://jars/orders-1.jar",
        &[json!({"name": "orders", "type": "orders", "source": true, "supportedFormats": ["json"]})],
    );
    let env = TestEnv::with_service(&emulator, "sendDefinition: false");
    env.manifest("orders.yaml", &[connector("orders")]);
    env.plan("").exits(0).shows("1 to add").shows("Reads: 1 list call").shows("Writes if applied: 1.");
    assert_eq!(emulator.new_operations(), "list");

    env.apply("").exits(0).shows("Converged.").tells("orders: Creating").tells("orders: Available after");
    assert_eq!(emulator.new_operations(), "list register list list");
    env.plan("").exits(0).shows("No changes. 1 manifest matches live");
    let shown = env.run("show FlinkConnector/orders -o json").exits(0).json("show");
    assert_eq!(shown["fields"]["supportedFormats"]["live"], json!(["json"]));
    assert_eq!(shown["fields"]["source"]["live"], true);
    assert_eq!(shown["condition"], "ready");
}

#[test]
fn an_apply_without_changes_only_lists() {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a"), connector("b")]);
    env.apply("").exits(0);
    emulator.new_requests();
    env.apply("").exits(0).shows("No changes. 2 manifests match live");
    assert_eq!(emulator.new_operations(), "list");
}

#[test]
fn the_jar_url_is_the_business_of_the_service() {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    // Nobody answers there, and nobody is asked (FR-011).
    let elsewhere = connector("far").with("jarUrl", "https://unreachable.invalid/far.jar");
    let odd = connector("odd").with("jarUrl", "'not even a URL'");
    env.manifest("far.yaml", &[elsewhere, odd]);
    env.run("validate manifests").exits(0).shows("Valid: 2 objects in 1 file.");
    assert_eq!(emulator.new_operations(), "");
    env.apply("").exits(0).shows("Converged.");
    let counts = emulator.new_counts();
    assert_eq!(counts.keys().cloned().collect::<Vec<_>>(), ["list", "register"]);
    assert_eq!(counts["register"], 2);
}

#[test]
fn a_registration_that_is_not_listed_in_time_is_unfinished_and_the_next_apply_only_looks() {
    let emulator = Emulator::open("--creating-for 1s");
    let env = TestEnv::of(&emulator);
    env.manifest("slow.yaml", &[connector("slow")]);
    env.apply("--timeout 200ms").exits(5).tells("timed out").tells("last state: Creating");
    env.run("state list").exits(0).shows("unconfirmed");
    emulator.new_requests();
    env.apply("--poll-interval 1s").exits(0).shows("Converged.");
    assert_eq!(emulator.new_counts().get("register"), None, "it was registered already");
}
