//! `plan --out`, `apply FILE` and `show FILE`: what was approved is what is carried out, once, or nothing is.

use reconcile::platform::checksum;
use serde_json::json;

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::{connector, kafka};

/// An environment in which connector `a` is planned and saved in `plan.out`.
fn saved(flags: &str) -> (Emulator, TestEnv) {
    let emulator = Emulator::open(flags);
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a").with("sink", "true")]);
    env.plan("--out plan.out").exits(0).shows("+ FlinkConnector/a").tells("reconcile apply plan.out");
    emulator.new_requests();
    (emulator, env)
}

/// Nothing but reads reached the service.
#[track_caller]
fn sent_nothing(emulator: &Emulator) {
    let counts = emulator.new_counts();
    assert!(counts.keys().all(|operation| operation == "list" || operation == "list-stores"), "{counts:?}");
}

#[test]
fn a_saved_plan_is_carried_out_without_a_question_and_without_its_manifests() {
    let (emulator, env) = saved("");
    // The file is the approval, and all that is needed: what the manifests say now is another matter.
    env.manifest("a.yaml", &[connector("elsewhere")]);
    env.run("apply plan.out").exits(0).shows("+ FlinkConnector/a").shows("1 added").shows("Converged.");
    assert_eq!(emulator.new_operations(), "list register list list");
    assert_eq!(emulator.names("w:n"), "a");
}

#[test]
fn a_saved_plan_is_carried_out_once() {
    let (emulator, env) = saved("");
    env.run("apply plan.out").exits(0);
    emulator.lose("w:n:a");
    env.run("apply plan.out").exits(6).tells("it was applied already").tells("state serial 0 -> 1, by run ");
    sent_nothing(&emulator);
    assert_eq!(emulator.names("w:n"), "");
}

#[test]
fn a_saved_plan_whose_every_request_was_refused_is_used_up() {
    let (emulator, env) = saved("--fail register:400x1");
    env.run("apply plan.out").exits(1);
    assert_eq!(emulator.names("w:n"), "");
    env.run("apply plan.out").exits(6).tells("it was applied already");
    sent_nothing(&emulator);
    // The manifests can be planned anew.
    env.plan("--out plan.out").exits(0);
    env.run("apply plan.out").exits(0);
}

#[test]
fn a_plan_with_nothing_to_do_may_be_applied_as_often_as_one_likes() {
    let (emulator, env) = saved("");
    env.run("apply plan.out").exits(0);
    env.plan("--out nothing.out").exits(0);
    emulator.new_requests();
    for _ in 0..2 {
        env.run("apply nothing.out").exits(0).shows("No changes.");
    }
    assert_eq!(emulator.new_operations(), "list list");
}

#[test]
fn a_state_that_moved_makes_a_plan_stale_and_says_by_whom() {
    let (emulator, env) = saved("");
    env.manifest("b.yaml", &[connector("b")]);
    env.run("apply manifests/b.yaml --yes").exits(0);
    emulator.new_requests();
    env.run("apply plan.out").exits(6).tells("state serial 0 -> 1, by run ").tells("(apply)");
    assert_eq!(emulator.new_operations(), "");
    // It can still be read, and says that it can no longer be applied.
    let shown = env.run("show plan.out").exits(0).shows("cannot be applied: state serial 0 -> 1");
    assert!(shown.stdout().contains("+ FlinkConnector/a"), "{shown:?}");
    let document = env.run("show plan.out -o json").exits(0).json("show");
    assert!(document["moved"][0].as_str().unwrap().starts_with("state serial 0 -> 1"), "{document}");
    assert_eq!(document["plan"]["steps"][0]["does"], "registering FlinkConnector/a");
    assert_eq!(emulator.new_operations(), "");
}

#[test]
fn a_live_object_that_appeared_moved_or_went_makes_a_plan_stale() {
    let (emulator, env) = saved("");
    emulator.overwrite(&connector("a").with("sink", "true"));
    env.run("apply plan.out").exits(6).tells("live object FlinkConnector/a: appeared");
    sent_nothing(&emulator);

    emulator.lose("w:n:a");
    env.run("apply plan.out").exits(0);
    env.manifest("a.yaml", &[connector("a").with("sink", "true").with("jarUrl", "oss://jars/a-2.jar")]);
    env.plan("--out plan.out").exits(0);
    emulator.overwrite(&connector("a").with("sink", "false"));
    env.run("apply plan.out").exits(6).tells("live object FlinkConnector/a: field sink true -> false");
    emulator.lose("w:n:a");
    env.run("apply plan.out").exits(6).tells("live object FlinkConnector/a: gone");
    sent_nothing(&emulator);
}

#[test]
fn what_stands_in_no_row_makes_a_plan_stale_only_where_it_stands_in_the_way() {
    let (emulator, env) = saved("");
    emulator.overwrite(&connector("stranger").with("connectorType", "a"));
    env.run("apply plan.out").exits(6).tells("live object w:n:stranger: appeared");
    sent_nothing(&emulator);
    emulator.lose("w:n:stranger");
    emulator.overwrite(&connector("passer-by"));
    env.run("apply plan.out").exits(0);
}

#[test]
fn another_secret_makes_a_plan_stale() {
    let emulator = Emulator::open("");
    let env = TestEnv::with_stores(&emulator).with("PASSWORD", "first");
    env.manifest(
        "k.yaml",
        &[kafka("k")
            .with("kafka.sasl.password", json!({"fromEnv": "PASSWORD"}))
            .with("kafka.sasl.username", json!({"fromFile": "user"}))],
    );
    env.write("manifests/user", "svc");
    env.plan("--out plan.out").exits(0);
    let env = env.with("PASSWORD", "second");
    env.run("apply plan.out").exits(6).tells("secret Store/k kafka.sasl.password has another fingerprint");
    sent_nothing(&emulator);
    let env = env.with("PASSWORD", "first");
    env.run("apply plan.out").exits(0).shows("1 added");
}

#[test]
fn a_plan_for_another_profile_or_another_state_is_refused() {
    let (emulator, env) = saved("");
    let profile =
        |name: &str| format!("{name}: {{ververica: {{endpoint: '{}', sendDefinition: true}}}}", emulator.url);
    env.project(&format!("profiles: {{{}, {}}}", profile("test"), profile("other")));
    env.run("apply plan.out --profile other --state state/test")
        .exits(6)
        .tells("it was made for profile test, and this is other");
    env.run("apply plan.out --profile test --state elsewhere")
        .exits(6)
        .tells("it was made for another state: lineage ");
    assert_eq!(emulator.new_operations(), "");
    env.run("apply plan.out --profile test").exits(0);
}

#[test]
fn a_plan_of_another_version_is_refused() {
    let (emulator, env) = saved("");
    let forged = env.read("plan.out").replacen(env!("CARGO_PKG_VERSION"), "0.0.1", 1);
    env.write("plan.out", &String::from_utf8(checksum::seal(forged.into_bytes())).unwrap());
    env.run("apply plan.out").exits(6).tells("it was made by reconcile 0.0.1");
    env.run("show plan.out").exits(0).shows("it was made by reconcile 0.0.1").shows("+ FlinkConnector/a");
    assert_eq!(emulator.new_operations(), "");
}

#[test]
fn a_damaged_file_is_65_and_is_not_taken_for_a_manifest() {
    let (emulator, env) = saved("");
    let whole = env.read("plan.out");
    env.write("plan.out", &whole.replacen("a-1.jar", "a-2.jar", 1));
    env.run("apply plan.out").exits(65).tells("plan.out is damaged: its checksum does not match");
    env.run("show plan.out").exits(65).tells("damaged");
    env.write("plan.out", &whole[..whole.len() / 2]);
    env.run("apply plan.out").exits(65).tells("it does not end with a checksum");
    assert_eq!(emulator.new_operations(), "");
}

#[test]
fn nothing_is_planned_beside_a_saved_plan() {
    let (emulator, env) = saved("");
    for (flags, named) in [
        ("--replace FlinkConnector/a", "--replace"),
        ("--delete-strays", "--delete-strays"),
        ("--max-delete 3", "--max-delete"),
        ("--max-replace 3", "--max-replace"),
        ("--target FlinkConnector/c", "--target"),
        ("--exclude FlinkConnector/c", "--exclude"),
        ("-l team=a", "--selector"),
        ("manifests", "leave out manifests"),
        ("-f manifests/a.yaml", "leave out manifests/a.yaml"),
    ] {
        env.run(&format!("apply plan.out {flags}")).exits(64).tells("plan.out is a saved plan").tells(named);
    }
    env.run("show plan.out manifests").exits(64).tells("needs no manifests");
    env.run("plan manifests --out p --offline l").exits(64);
    assert_eq!(emulator.new_operations(), "");
    // A budget of the pipeline's environment concerns other plans.
    env.with("RECONCILE_MAX_DELETE", "0").run("apply plan.out").exits(0);
}

#[test]
fn a_literal_secret_is_saved_in_no_plan_that_would_have_to_send_it() {
    let emulator = Emulator::open("");
    let env = TestEnv::with_stores(&emulator);
    env.manifest("k.yaml", &[kafka("k")]);
    env.plan("--out plan.out").exits(6).tells("`spec.kafka.sasl.").tells("fromEnv");
    assert!(!env.has("plan.out"));
    env.apply("").exits(0);
    // What is not sent does not have to travel.
    env.manifest("k.yaml", &[kafka("k").with("description", "for people")]);
    env.plan("--out plan.out").exits(0);
    env.run("apply plan.out").exits(0).shows("1 changed");
    env.manifest(
        "k.yaml",
        &[kafka("k").with("description", "for people").with("kafka.uris", json!(["b9:9096"]))],
    );
    env.plan("--out other.out").exits(6);
}

#[test]
fn a_refused_and_a_blocked_plan_are_so_from_the_file_too() {
    let (emulator, env) = saved("");
    env.run("apply plan.out").exits(0);
    env.manifest("a.yaml", &[connector("b")]);
    env.plan("--max-delete 0 --out plan.out").exits(0);
    env.run("apply plan.out").exits(6).tells("1 deletes, but only 0 are allowed");
    emulator.overwrite(&connector("b"));
    env.plan("--out plan.out").exits(0);
    env.run("apply plan.out").exits(6).shows("1 destroyed").tells("1 row is blocked");
}
