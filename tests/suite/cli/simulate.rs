//! `simulate`: what it shows, that it sends nothing, and that an apply on the emulator then does the same.

use serde_json::{Value, json};

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::{connector, kafka};

/// `b`, and `c` after it.
fn chain() -> Vec<String> {
    vec![connector("b").to_string(), format!("{}dependsOn: [FlinkConnector/b]\n", connector("c"))]
}

/// An emulator on which `a` is applied from another JAR than is declared now; `b` and `c` are new.
fn three() -> (Emulator, TestEnv) {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a")]);
    env.apply("").exits(0);
    env.manifest("a.yaml", &[connector("a").with("jarUrl", "oss://jars/a-2.jar")]);
    env.manifest("chain.yaml", &chain());
    env.plan("--out week.plan").exits(0);
    emulator.new_requests();
    (emulator, env)
}

fn simulated(env: &TestEnv, line: &str) -> Value {
    env.run(&format!("simulate {line} -o json")).exits(0).json("simulate")
}

#[test]
fn a_refused_step_is_shown_with_what_becomes_of_everything_and_nothing_is_sent() {
    let (emulator, env) = three();
    let said = env.run("simulate week.plan --fail-at 2").exits(0);
    assert_eq!(emulator.new_requests().len(), 0);
    insta::assert_snapshot!("a_refused_step", said.stdout());
}

#[test]
fn a_crash_is_shown_with_both_ways_on() {
    let (_emulator, env) = three();
    let before = env.run("simulate week.plan --crash-at 3.before").exits(0);
    insta::assert_snapshot!("a_crash_before", before.stdout());
    let after = env.run("simulate week.plan --crash-at 3.after").exits(0);
    insta::assert_snapshot!("a_crash_after", after.stdout());
    assert_eq!(env.run("simulate week.plan --crash-at 3").exits(0).stdout(), after.stdout());
    let document = simulated(&env, "week.plan --crash-at 3.after");
    assert_eq!((&document["end"], &document["exit"]), (&json!("died"), &Value::Null));
    assert_eq!(document["died"], json!({"step": 3, "moment": "after"}));
    assert!(document["next"]["resume"]["plan"]["writes"].as_u64() > Some(0), "{document:#}");
}

#[test]
fn a_plan_is_simulated_without_services_from_a_file_and_from_a_live_snapshot() {
    let (emulator, env) = three();
    env.run("snapshot manifests --out live.json").exits(0);
    let from_live = simulated(&env, "manifests");
    drop(emulator);
    let from_plan = simulated(&env, "week.plan");
    assert_eq!(from_plan, simulated(&env, "manifests --offline live.json"));
    assert_eq!(from_plan, from_live);
    assert_eq!((&from_plan["end"], &from_plan["exit"]), (&json!("ran"), &json!(0)));
    assert_eq!(from_plan["next"]["apply"]["writes"], 0);
}

#[test]
fn a_plan_that_apply_would_refuse_is_refused_here_too() {
    let (_emulator, env) = three();
    env.run("simulate manifests --max-replace 0")
        .exits(0)
        .shows("Nothing begins: ")
        .shows("Exit code of apply: 6");
}

#[test]
fn after_the_first_failure_nothing_begins_with_fail_fast() {
    let (_emulator, env) = three();
    let document = simulated(&env, "week.plan --fault FlinkConnector/a:400 --fail-fast --parallelism 1");
    assert_eq!(
        results(&document["rows"]),
        ["FlinkConnector/a failed", "FlinkConnector/b skipped", "FlinkConnector/c skipped"]
    );
}

#[test]
fn what_cannot_be_simulated_is_refused_with_what_to_write() {
    let (_emulator, env) = three();
    for (flags, told) in [
        ("--fail-at 99", "counted from 1"),
        ("--fail-at 0", "counted from 1"),
        ("--crash-at 1.during", "N.before or N.after"),
        ("--crash-at x", "N.before or N.after"),
        ("--fault FlinkConnector/a", "Kind/name:WHAT"),
        ("--fault FlinkConnector/a:oops", "HTTP status"),
        ("--fault Store/none:503", "no row that it is about"),
        ("--target FlinkConnector/a", "leave out --target"),
    ] {
        env.run(&format!("simulate week.plan {flags}")).exits(64).tells(told);
    }
    env.manifest("a.yaml", &[connector("a").with("jarUrl", "oss://jars/a-1.jar").with("description", "new")]);
    env.run("simulate manifests --fail-at 1").exits(64).tells("that step sends nothing (recording)");
}

#[test]
fn a_store_that_is_never_ready_times_out_in_no_time() {
    let emulator = Emulator::open("");
    let env = TestEnv::with_stores(&emulator);
    env.manifest("s.yaml", &[kafka("s")]);
    let never = simulated(&env, "manifests --fault Store/s:never");
    assert!(never["seconds"].as_f64() >= Some(600.0), "{never:#}");
    assert_eq!(results(&never["rows"]), ["Store/s failed"]);
    assert_eq!(never["rows"][0]["recorded"], "degraded");
    assert_eq!(never["rows"][0]["live"]["id"], "s");
}

/// Address and result of each row, sorted.
fn results(rows: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let rows = rows.as_array().unwrap().iter();
    let mut rows: Vec<_> =
        rows.map(|row| format!("{} {}", text(&row["address"]), text(&row["result"]))).collect();
    rows.sort();
    rows
}

/// The same manifests, the same fault: what is foretold, and what an apply does.
fn compare(env: &TestEnv, emulator: &Emulator, fault: &str) {
    let foretold = simulated(env, &format!("manifests --fault {fault}"));
    let applied = env.apply("-o json");
    let code = applied.code.unwrap();
    let document = applied.exits(code).json("apply");
    let told = format!("{fault}: {foretold:#}\n{document:#}");
    assert_eq!(foretold["exit"], json!(code), "{told}");
    assert_eq!(results(&foretold["rows"]), results(&document["run"]["results"]), "{told}");
    assert_eq!(foretold["run"]["requests"], document["run"]["requests"], "{told}");
    assert_eq!(foretold["state"]["serial"], document["run"]["serial"], "{told}");
    let rows = foretold["rows"].as_array().unwrap().iter();
    let mut present: Vec<&str> = rows.filter_map(|row| row["live"]["name"].as_str()).collect();
    present.sort_unstable();
    assert_eq!(present.join(" "), emulator.names("w:n"), "{told}");
}

#[test]
fn what_is_foretold_of_a_registration_is_what_an_apply_does_on_the_emulator() {
    for what in
        ["400x1", "403x1", "409x1", "429x1", "500x1", "503x2", "990301x1", "dropx1", "drop-beforex1", "503"]
    {
        let emulator = Emulator::open(&format!("--fail register:{what}"));
        let env = TestEnv::of(&emulator);
        env.manifest("chain.yaml", &chain());
        compare(&env, &emulator, &format!("FlinkConnector/b:{what}"));
    }
}

#[test]
fn what_is_foretold_of_a_delete_is_what_an_apply_does_on_the_emulator() {
    for what in ["400x1", "429x1", "503x1", "dropx1"] {
        let emulator = Emulator::open(&format!("--fail delete:{what}"));
        let env = TestEnv::of(&emulator);
        env.manifest("chain.yaml", &chain());
        env.apply("").exits(0);
        env.remove_manifest("chain.yaml");
        env.manifest("b.yaml", &[connector("b")]);
        compare_delete(&env, &emulator, what);
    }
}

/// `c` leaves; `b` stays and has no row.
fn compare_delete(env: &TestEnv, emulator: &Emulator, what: &str) {
    let foretold = simulated(env, &format!("manifests --fault FlinkConnector/c:{what}"));
    let applied = env.apply("-o json");
    let code = applied.code.unwrap();
    let document = applied.exits(code).json("apply");
    let told = format!("{what}: {foretold:#}\n{document:#}");
    assert_eq!(foretold["exit"], json!(code), "{told}");
    assert_eq!(results(&foretold["rows"]), results(&document["run"]["results"]), "{told}");
    let left = if foretold["rows"][0]["live"].is_null() { "b" } else { "b c" };
    assert_eq!(left, emulator.names("w:n"), "{told}");
}
