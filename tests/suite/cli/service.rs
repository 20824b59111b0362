//! A service that refuses, is not there, or wants fewer requests.

use std::net::TcpListener;

use serde_json::json;

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::connector;

#[test]
fn a_refused_first_registration_says_the_services_words_and_records_nothing() {
    let emulator = Emulator::strict("");
    let env = TestEnv::with_service(&emulator, "sendDefinition: false");
    env.manifest("a.yaml", &[connector("a")]);
    env.apply("")
        .exits(1)
        .tells("RegisterCustomConnector")
        .tells("990301")
        .tells("the file oss://jars/a-1.jar does not exist")
        .shows("1 failed");
    let state = env.run("state list -o json").exits(0).json("state list");
    assert_eq!(state["objects"], json!([]));
    assert_eq!(state["openWrites"], 0);
    assert_eq!(emulator.names("w:n"), "");
}

#[test]
fn a_refused_new_jar_brings_the_old_one_back() {
    let emulator = Emulator::strict("");
    emulator.jar("oss://jars/a-1.jar", &[json!({"name": "a", "type": "a"})]);
    let env = TestEnv::with_service(&emulator, "sendDefinition: false");
    env.manifest("a.yaml", &[connector("a")]);
    env.apply("").exits(0);
    emulator.new_requests();
    env.manifest("a.yaml", &[connector("a").with("jarUrl", "oss://jars/a-2.jar")]);
    env.apply("")
        .exits(3)
        .tells("the file oss://jars/a-2.jar does not exist")
        .tells("the old JAR oss://jars/a-1.jar is live again");
    assert_eq!(emulator.new_operations(), "list delete list register register list list");
    env.run("state show FlinkConnector/a").exits(0).shows("oss://jars/a-1.jar").hides("oss://jars/a-2.jar");
    assert_eq!(emulator.names("w:n"), "a");
    env.plan("").exits(0).shows("\"oss://jars/a-1.jar\" -> \"oss://jars/a-2.jar\"");

    emulator.jar("oss://jars/a-2.jar", &[json!({"name": "a", "type": "a"})]);
    env.apply("").exits(0).shows("Converged.");
}

#[test]
fn one_refusal_does_not_keep_the_others_from_being_done() {
    let emulator = Emulator::strict("");
    emulator.jar("oss://jars/good-1.jar", &[json!({"name": "good", "type": "good"})]);
    let env = TestEnv::with_service(&emulator, "sendDefinition: false");
    env.manifest("a.yaml", &[connector("bad"), connector("good")]);
    env.apply("").exits(3).shows("1 added").shows("1 failed").tells("FlinkConnector/bad");
    assert_eq!(emulator.names("w:n"), "good");
}

#[test]
fn a_service_that_is_not_there_is_tried_four_times_and_then_unavailable() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = nobody.local_addr().unwrap();
    drop(nobody);
    let env = TestEnv::new()
        .with("ALIBABA_CLOUD_ACCESS_KEY_ID", "id")
        .with("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "secret")
        .with("RECONCILE_VERVERICA_ENDPOINT", &format!("http://{address}"));
    env.manifest("a.yaml", &[connector("a")]);
    env.apply("").exits(69).tells("attempt 4 of 4").tells(&address.to_string());
    env.run("state list").exits(0).tells("0 recorded");
}

#[test]
fn a_service_that_comes_back_is_waited_for() {
    let emulator = Emulator::open("--fail list:503x1");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a")]);
    env.plan("").exits(0).tells("attempt 2 of 4 in 1.00 s");
    assert_eq!(emulator.new_operations(), "list list");
}

#[test]
fn a_lost_answer_to_register_does_not_register_twice() {
    let emulator = Emulator::open("--fail register:dropx1");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a")]);
    env.apply("").exits(0).shows("1 added").shows("Converged.");
    assert_eq!(emulator.new_counts()["register"], 1);
}

#[test]
fn a_throttled_read_fails_at_once_and_names_the_operation() {
    let emulator = Emulator::open("--throttle-after 0");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a")]);
    for command in ["plan manifests", "apply manifests --yes", "list w:n"] {
        env.run(command).exits(75).tells("ListCustomConnectors").tells("Throttling.User");
        assert_eq!(emulator.new_operations(), "list", "{command}");
    }
}

#[test]
fn a_throttled_write_fails_at_once_and_asks_nothing_more() {
    let emulator = Emulator::open("--throttle-after 1");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a")]);
    env.apply("").exits(75).tells("RegisterCustomConnector").tells("Throttling.User");
    assert_eq!(emulator.new_operations(), "list register");
}

#[test]
fn a_throttled_poll_fails_at_once_and_what_was_sent_is_not_forgotten() {
    let emulator = Emulator::open("--throttle-after 2");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a")]);
    env.apply("").exits(75).tells("ListCustomConnectors").tells("Throttling.User");
    assert_eq!(emulator.new_operations(), "list register list");
    env.run("state list").exits(0).shows("unconfirmed");
}

#[test]
fn a_throttled_poll_is_repeated_on_request() {
    // Strikes about half of all lists, the same ones in every run: not the first, but some while it waits.
    let emulator = Emulator::open("--creating-for 1s --fail list:429@50%");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a")]);
    env.apply("--retry-throttled").exits(0).shows("Converged.");
    let requests = emulator.new_requests();
    let mut waiting = requests.iter().skip_while(|request| request.short() != "register");
    assert!(waiting.any(|request| request.code.is_some()), "no poll was throttled: {requests:?}");
}

#[test]
fn throttled_calls_are_repeated_only_on_request() {
    let emulator = Emulator::open("--fail list:429x1 --fail register:429x1");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a")]);
    env.apply("--retry-throttled").exits(0).shows("Converged.").tells("attempt 2 of 4");
    assert_eq!(emulator.new_operations(), "list list register register list list");
}
