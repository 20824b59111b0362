//! Deleting: what left the manifests, what is gone already, and `destroy`.

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::connector;

/// Applies `a` and `b`, each in a file of its own.
fn two() -> (Emulator, TestEnv) {
    with_two("")
}

fn with_two(flags: &str) -> (Emulator, TestEnv) {
    let emulator = Emulator::open(flags);
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a")]);
    env.manifest("b.yaml", &[connector("b")]);
    env.apply("").exits(0);
    emulator.new_requests();
    (emulator, env)
}

#[test]
fn what_left_the_manifests_is_deleted_and_proven_absent() {
    let (emulator, env) = two();
    env.remove_manifest("a.yaml");
    env.plan("").exits(0).shows("  - FlinkConnector/a").shows("its manifest is gone").shows("1 to destroy");
    emulator.new_requests();
    env.apply("").exits(0).shows("1 destroyed").tells("a: Deleting").tells("a: Deleted after");
    assert_eq!(emulator.new_operations(), "list delete list list");
    env.run("state list").exits(0).hides("FlinkConnector/a").shows("FlinkConnector/b");
    assert_eq!(emulator.names("w:n"), "b");
}

#[test]
fn a_delete_waits_until_the_listing_no_longer_shows_it() {
    let (emulator, env) = with_two("--deleting-for 700ms");
    env.remove_manifest("a.yaml");
    env.apply("").exits(0).shows("1 destroyed").shows("Converged.");
    let counts = emulator.new_counts();
    assert_eq!(counts["delete"], 1);
    assert!(counts["list"] > 4, "too few looks for a delete that takes 700 ms: {counts:?}");
}

#[test]
fn what_is_gone_already_is_forgotten_without_a_request() {
    let (emulator, env) = two();
    emulator.lose("w:n:a");
    env.remove_manifest("a.yaml");
    env.apply("").exits(0).shows("absent already").shows("1 forgotten");
    assert_eq!(emulator.new_operations(), "list list");
    env.run("state list").exits(0).tells("1 recorded");
}

#[test]
fn a_delete_whose_answer_is_lost_is_looked_up_and_not_repeated() {
    let (emulator, env) = with_two("--fail delete:dropx1");
    env.remove_manifest("a.yaml");
    env.apply("").exits(0).shows("1 destroyed").shows("Converged.");
    assert_eq!(emulator.new_counts()["delete"], 1);
}

#[test]
fn a_delete_that_is_refused_while_the_object_stands_is_an_error_with_the_services_words() {
    let (emulator, env) = with_two("--fail delete:990777");
    env.remove_manifest("a.yaml");
    env.apply("").exits(1).tells("990777").tells("simulated refusal of the service");
    env.run("state list").exits(0).shows("FlinkConnector/a");
    assert_eq!(emulator.names("w:n"), "a b");
}

#[test]
fn destroy_deletes_what_the_named_manifests_declare() {
    let (emulator, env) = two();
    env.run("destroy manifests/a.yaml --yes").exits(0).shows("1 to destroy").shows("1 destroyed");
    assert_eq!(emulator.names("w:n"), "b");
    env.run("state list").exits(0).hides("FlinkConnector/a").shows("FlinkConnector/b");
}

#[test]
fn destroy_all_deletes_everything_recorded_and_nothing_else() {
    let (emulator, env) = two();
    emulator.overwrite(&connector("foreign"));
    env.run("destroy --all --yes").exits(0).shows("2 destroyed");
    assert_eq!(emulator.names("w:n"), "foreign");
    env.run("destroy --all --yes").exits(0);
}

#[test]
fn destroy_without_a_target_is_a_usage_error_and_sends_nothing() {
    let (emulator, env) = two();
    env.run("destroy --yes").exits(64).tells("--all");
    env.run("destroy manifests --all --yes").exits(64);
    assert_eq!(emulator.new_operations(), "");
}
