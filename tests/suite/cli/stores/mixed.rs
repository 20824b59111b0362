//! Both kinds in one folder: order, and cycles.

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::{connector, kafka};

#[test]
fn a_connector_that_depends_on_a_store_comes_after_it_is_ready_and_goes_before_it() {
    let emulator = Emulator::open("--provisioning-for 300ms");
    let env = TestEnv::with_stores(&emulator);
    env.manifest("store.yaml", &[kafka("orders")]);
    env.write("manifests/sink.yaml", &format!("{}dependsOn: [Store/orders]\n", connector("sink")));
    env.apply("").exits(0).shows("2 added");
    let operations = emulator.new_operations();
    let place = |operation: &str| {
        operations.find(operation).unwrap_or_else(|| unreachable!("{operation} in {operations}"))
    };
    assert!(place("create-store") < place("register"), "{operations}");
    assert!(operations[place("create-store")..place("register")].contains("list-stores"), "{operations}");

    env.run("destroy --all --yes").exits(0);
    let operations = emulator.new_operations();
    assert!(operations.find("delete").unwrap() < operations.find("drop-store").unwrap(), "{operations}");
}

#[test]
fn a_store_that_does_not_become_ready_keeps_its_dependents_from_being_created() {
    let emulator = Emulator::open("--fail create-store:errored");
    let env = TestEnv::with_stores(&emulator);
    env.manifest("store.yaml", &[kafka("orders")]);
    env.write("manifests/sink.yaml", &format!("{}dependsOn: [Store/orders]\n", connector("sink")));
    env.apply("").exits(3).tells("FlinkConnector/sink: creating Store/orders did not succeed");
    assert!(!emulator.new_counts().contains_key("register"));
}

#[test]
fn a_cycle_across_kinds_is_told_as_a_path() {
    let env = TestEnv::new();
    env.manifest("store.yaml", &[kafka("orders").line("dependsOn: [FlinkConnector/sink]")]);
    env.write("manifests/sink.yaml", &format!("{}dependsOn: [Store/orders]\n", connector("sink")));
    let said = env.plan("").exits(65);
    let either = [
        "FlinkConnector/sink -> Store/orders -> FlinkConnector/sink",
        "Store/orders -> FlinkConnector/sink -> Store/orders",
    ];
    assert!(either.iter().any(|path| said.stderr().contains(path)), "{}", said.stderr());
}
