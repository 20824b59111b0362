//! The log (FR-009): state changes, failures, slow calls.

use serde_json::Value;

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::connector;

fn logging(env: TestEnv) -> TestEnv {
    env.with("RECONCILE_LOG", "reconcile=info").with("RECONCILE_LOG_FORMAT", "json")
}

/// The states of an object, in the order of their INFO records.
fn states(records: &[Value], address: &str) -> Vec<String> {
    let of_object = records.iter().filter(|r| r["level"] == "INFO" && r["fields"]["address"] == address);
    of_object.filter_map(|r| r["fields"]["state"].as_str()).map(str::to_owned).collect()
}

#[test]
fn each_change_of_state_is_an_info_record() {
    let emulator = Emulator::open("");
    let env = logging(TestEnv::of(&emulator));
    env.manifest("a.yaml", &[connector("a")]);
    let records = env.apply("").exits(0).records();
    assert_eq!(states(&records, "FlinkConnector/a"), ["Creating", "Available"]);
    env.manifest("a.yaml", &[connector("a").with("jarUrl", "oss://jars/a-2.jar")]);
    let records = env.apply("").exits(0).records();
    assert_eq!(states(&records, "FlinkConnector/a"), ["Deleting", "Deleted", "Creating", "Available"]);
    let records = env.run("destroy --all --yes").exits(0).records();
    assert_eq!(states(&records, "FlinkConnector/a"), ["Deleting", "Deleted"]);
}

#[test]
fn each_failed_call_is_an_error_record_with_code_message_and_request_id() {
    let emulator = Emulator::strict("");
    let env = logging(TestEnv::with_service(&emulator, "sendDefinition: false"));
    env.manifest("a.yaml", &[connector("a")]);
    let records = env.apply("").exits(1).records();
    let refused = emulator.new_requests().into_iter().find(|request| request.code.is_some()).unwrap();
    let mut failures =
        records.iter().filter(|r| r["level"] == "ERROR" && r["fields"]["operation"].is_string());
    let failure = failures.next().unwrap();
    assert_eq!(failure["fields"]["operation"], "RegisterCustomConnector");
    assert_eq!(failure["fields"]["code"], "990301");
    assert_eq!(failure["fields"]["request_id"], refused.request_id.as_str());
    assert_eq!(failure["fields"]["message"], "the file oss://jars/a-1.jar does not exist");
    assert!(failures.next().is_none(), "one failed call left two records");
}

#[test]
fn a_call_slower_than_five_seconds_is_a_warning_with_its_time() {
    let emulator = Emulator::open("--latency 5100ms");
    let env = logging(TestEnv::of(&emulator));
    let records = env.run("list w:n").exits(0).records();
    let slow: Vec<&Value> = records.iter().filter(|record| record["level"] == "WARN").collect();
    assert_eq!(slow.len(), 1, "{records:?}");
    assert_eq!(slow[0]["fields"]["operation"], "ListCustomConnectors");
    assert!(slow[0]["fields"]["ms"].as_u64().unwrap() >= 5_100, "{slow:?}");
}

#[test]
fn a_log_that_cannot_be_is_a_usage_error_and_silence_is_the_default() {
    let env = TestEnv::new();
    env.run("state list").exits(0).tells("0 recorded");
    let records = env.run("state list").exits(0).records();
    assert!(records.is_empty());
    env.with("RECONCILE_LOG_FORMAT", "xml")
        .with("RECONCILE_LOG", "info")
        .run("state list")
        .exits(64)
        .tells("text or json");
}
