//! Every report is read by a program of others, or judged by the schema of those for whom it is written.

use serde_json::{Value, json};

use crate::support::consumers;
use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::connector;

/// All formats that a command has, each into a file of its name.
const OF_VALIDATE: &str = "--report sarif=sarif --report codequality=quality --report junit=junit";
const OF_PLAN: &str = "--report sarif=sarif --report codequality=quality --report gitlab-terraform=terraform";

fn read(env: &TestEnv, file: &str) -> Value {
    serde_json::from_str(&env.read(file)).unwrap()
}

fn judged(env: &TestEnv) {
    consumers::sarif(&read(env, "sarif")).unwrap();
    consumers::code_quality(&read(env, "quality")).unwrap();
}

#[test]
fn the_reports_of_every_command_are_what_their_readers_know() {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a"), connector("b").with("sink", "true")]);
    env.run(&format!("validate manifests {OF_VALIDATE}")).exits(0);
    judged(&env);
    consumers::junit(&env.read("junit")).unwrap();

    env.plan(OF_PLAN).exits(0);
    judged(&env);
    consumers::gitlab_terraform(&read(&env, "terraform")).unwrap();
    assert_eq!(read(&env, "terraform"), json!({"create": 2, "update": 0, "delete": 0}));
    env.apply(OF_PLAN).exits(0);
    judged(&env);
    consumers::gitlab_terraform(&read(&env, "terraform")).unwrap();

    emulator.overwrite(&connector("b").with("sink", "false"));
    emulator.lose("w:n:a");
    let of_drift = "--report sarif=sarif --report codequality=quality --report junit=junit";
    env.run(&format!("drift manifests {of_drift} --detailed-exitcode")).exits(7);
    judged(&env);
    consumers::junit(&env.read("junit")).unwrap();

    env.write("manifests/c.yaml", &connector("c").with("sorce", "\"<&]]>\"").to_string());
    env.run(&format!("validate manifests {OF_VALIDATE}")).exits(65);
    judged(&env);
    assert_eq!(read(&env, "quality").as_array().unwrap().len(), 1);
    consumers::junit(&env.read("junit")).unwrap();
    env.remove_manifest("c.yaml");

    drop(emulator);
    env.run(&format!("drift manifests {of_drift}")).exits(69);
    judged(&env);
    consumers::junit(&env.read("junit")).unwrap();
}

#[test]
fn each_kind_of_flaw_in_a_report_is_found() {
    let case = r#"<testcase name="a" classname="b"/>"#;
    let report = |counts: &str, case: &str| {
        format!(r#"<testsuites {counts}><testsuite name="x" {counts}>{case}</testsuite></testsuites>"#)
    };
    let counts = r#"tests="1" failures="0" errors="0""#;
    consumers::junit(&report(counts, case)).unwrap();
    for flawed in [
        report(r#"tests="one" failures="0" errors="0""#, case),
        report(counts, r#"<testcase nam="a" classname="b"/>"#),
        report(counts, r#"<testcase name="a" classname="b"><failed message="x"/></testcase>"#),
        report(counts, "<testcase"),
    ] {
        consumers::junit(&flawed).unwrap_err();
    }
    let log = json!({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "results": []}]});
    consumers::sarif(&log).unwrap();
    for (place, flaw) in
        [("/version", json!("2.2")), ("/runs/0/tool/driver/name", json!(1)), ("/runs/0/results", json!({}))]
    {
        let mut flawed = log.clone();
        *flawed.pointer_mut(place).unwrap() = flaw;
        consumers::sarif(&flawed).unwrap_err();
    }
    consumers::gitlab_terraform(&json!({"create": 1, "update": 0})).unwrap_err();
    consumers::gitlab_terraform(&json!({"create": -1, "update": 0, "delete": 0})).unwrap_err();
    let finding = json!([{"description": "x", "check_name": "x", "fingerprint": "x", "severity": "major",
                          "location": {"path": "a.yaml", "lines": {"begin": 1}}}]);
    consumers::code_quality(&finding).unwrap();
    for (place, flaw) in [
        ("/0/severity", json!("error")),
        ("/0/location/lines/begin", json!(0)),
        ("/0/location/path", json!("./a.yaml")),
    ] {
        let mut flawed = finding.clone();
        *flawed.pointer_mut(place).unwrap() = flaw;
        consumers::code_quality(&flawed).unwrap_err();
    }
}

#[test]
fn metrics_without_a_help_line_or_with_an_odd_name_are_found() {
    let good = "# HELP a_seconds How long.\n# TYPE a_seconds gauge\na_seconds 1\n";
    consumers::metrics(good).unwrap();
    for (flawed, told) in [
        ("# TYPE a_seconds gauge\na_seconds 1\n", "a_seconds no help text"),
        ("# HELP a_ms How long.\n# TYPE a_ms gauge\na_ms 1\n", "a_ms"),
        ("# HELP a How many.\n# TYPE a counter\na 1\n", "_total"),
        ("a_seconds one\n", "error while linting"),
    ] {
        let found = consumers::metrics(flawed).unwrap_err();
        assert!(found.contains(told), "{flawed}: {found}");
    }
}
