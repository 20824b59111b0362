//! What the statement API does when it is not well.

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::kafka;

/// FR-010 of the connectors, for both vendors: throttling fails at once.
#[test]
fn a_throttled_statement_fails_at_once_with_exit_75() {
    let emulator = Emulator::open("--fail create-store:429");
    let env = TestEnv::with_stores(&emulator);
    env.manifest("orders.yaml", &[kafka("orders")]);
    env.apply("").exits(75).tells("CREATE STORE");
    assert_eq!(emulator.new_operations(), "list-stores create-store");
    let emulator = Emulator::open("--fail list-stores:429");
    let env = TestEnv::with_stores(&emulator);
    env.manifest("orders.yaml", &[kafka("orders")]);
    env.plan("").exits(75);
    assert_eq!(emulator.new_operations(), "list-stores");
}

#[test]
fn a_wrong_token_is_told_with_its_variable_and_exits_77() {
    let emulator = Emulator::open("");
    let env = TestEnv::with_stores(&emulator).with("DELTASTREAM_API_TOKEN", "not-the-token");
    env.manifest("orders.yaml", &[kafka("orders")]);
    let said = env.plan("").exits(77);
    assert!(
        said.stderr().contains("DELTASTREAM_API_TOKEN") && !said.stderr().contains("not-the-token"),
        "{}",
        said.stderr()
    );
    let env = TestEnv::with_stores(&emulator).with("DELTASTREAM_API_TOKEN", "");
    env.manifest("orders.yaml", &[kafka("orders")]);
    env.plan("").exits(77).tells("DELTASTREAM_API_TOKEN");
}

#[test]
fn statements_that_take_their_time_are_polled_for() {
    let emulator = Emulator::open("--pending 1");
    let env = TestEnv::with_stores(&emulator);
    env.manifest("orders.yaml", &[kafka("orders")]);
    env.apply("").exits(0).shows("Converged.");
    assert!(emulator.new_counts()["poll"] > 0);
}

#[test]
fn a_dataplane_answer_where_none_is_expected_is_a_clear_error() {
    let emulator = Emulator::open("--fail list-stores:dataplane");
    let env = TestEnv::with_stores(&emulator);
    env.manifest("orders.yaml", &[kafka("orders")]);
    env.plan("").exits(1).tells("dataplane");
}

#[test]
fn a_lost_answer_to_create_does_not_create_twice() {
    let emulator = Emulator::open("--fail create-store:dropx1");
    let env = TestEnv::with_stores(&emulator);
    env.manifest("orders.yaml", &[kafka("orders")]);
    env.apply("").exits(0).shows("Converged.");
    assert_eq!(emulator.new_counts()["create-store"], 1);
}

#[test]
fn a_lost_answer_to_update_ends_with_the_declared_store() {
    let emulator = Emulator::open("--fail update-store:dropx1");
    let env = TestEnv::with_stores(&emulator);
    env.manifest("orders.yaml", &[kafka("orders")]);
    env.apply("").exits(0);
    env.manifest("orders.yaml", &[kafka("orders").with("kafka.sasl.password", "kafka-pass-2")]);
    env.apply("").exits(0).shows("Converged.");
    env.plan("--detailed-exitcode").exits(0);
}

#[test]
fn no_network_is_told_with_the_address_and_loses_nothing() {
    let env = {
        let emulator = Emulator::open("");
        let env = TestEnv::with_stores(&emulator);
        env.manifest("orders.yaml", &[kafka("orders")]);
        env.apply("").exits(0);
        env
    };
    let before = env.read("state/test/snapshot.json");
    env.apply("").exits(69).tells("cannot connect to http://127.0.0.1");
    assert_eq!(env.read("state/test/snapshot.json"), before);
}

#[test]
fn polls_are_debug_records_and_the_end_of_a_wait_is_an_info_record_with_its_duration() {
    let emulator = Emulator::open("--provisioning-for 300ms");
    let env =
        TestEnv::with_stores(&emulator).with("RECONCILE_LOG", "debug").with("RECONCILE_LOG_FORMAT", "json");
    env.manifest("orders.yaml", &[kafka("orders")]);
    let records = env.apply("").exits(0).records();
    let with = |level: &str, text: &str| {
        records.iter().filter(|r| r["level"] == level && r.to_string().contains(text)).count()
    };
    assert!(with("DEBUG", "looked whether it is ready") >= 2, "{records:?}");
    assert_eq!(with("INFO", "stopped waiting for Store/orders"), 1);
    assert!(records.iter().any(|r| r.to_string().contains("elapsed_ms")));
}

#[test]
fn a_refused_drop_is_sent_once_and_is_an_error() {
    let emulator = Emulator::open("--fail drop-store:2BP01");
    let env = TestEnv::with_stores(&emulator);
    env.manifest("orders.yaml", &[kafka("orders")]);
    env.apply("").exits(0);
    emulator.new_requests();
    env.run("destroy --all --yes")
        .exits(1)
        .tells("2BP01")
        .tells("drop the relations and queries that use the store first");
    assert_eq!(emulator.new_counts()["drop-store"], 1);
    env.run("state list").exits(0).shows("Store/orders");
}
