//! `--events`: the stream of a real run is what its schema says, has no gaps, and ends with `run_end` on every way out.

use std::process::Command;

use jsonschema::Validator;
use serde_json::Value;

use crate::support::emulator::Emulator;
use crate::support::env::{Outcome, TestEnv};
use crate::support::manifest::{connector, kafka};

const FILE: &str = "events.ndjson";

/// The published schema.
fn schema(env: &TestEnv) -> Validator {
    let printed: Value = serde_json::from_str(env.run("schema events").exits(0).stdout()).unwrap();
    jsonschema::validator_for(&printed).unwrap()
}

/// The records of a text, each judged by the schema, their numbers, their first and their last one.
#[track_caller]
fn judged(env: &TestEnv, text: &str, code: i32) -> Vec<Value> {
    let schema = schema(env);
    let records: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (index, record) in records.iter().enumerate() {
        let errors: Vec<String> = schema.iter_errors(record).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}\n{record:#}");
        assert_eq!(record["seq"], index + 1, "{text}");
        let is_end = record["type"] == "run_end";
        assert_eq!(is_end, index + 1 == records.len(), "{text}");
        assert_eq!(record["type"] == "version", index == 0, "{text}");
    }
    assert_eq!(records.last().unwrap()["exit"], code, "{text}");
    records
}

/// Runs a command line with a stream into a file.
#[track_caller]
fn told(env: &TestEnv, line: &str, code: i32) -> Vec<Value> {
    env.run(&format!("{line} --events {FILE}")).exits(code);
    judged(env, &env.read(FILE), code)
}

fn of_type<'a>(records: &'a [Value], kind: &str) -> Vec<&'a Value> {
    records.iter().filter(|record| record["type"] == kind).collect()
}

#[test]
fn a_plan_and_an_apply_tell_reads_changes_transitions_and_results() {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a").with("sink", "true")]);
    let plan = told(&env, "plan manifests", 0);
    assert_eq!(plan[0]["command"], "plan");
    assert_eq!(
        (&of_type(&plan, "read_start")[0]["scope"], plan.last().unwrap()["converged"].as_bool()),
        (&"w:n".into(), Some(false))
    );
    assert_eq!(of_type(&plan, "read_complete")[0]["objects"], 0);
    let change = of_type(&plan, "planned_change")[0];
    assert_eq!((&change["address"], &change["action"]), (&"FlinkConnector/a".into(), &"create".into()));
    assert!(change["source"]["file"].as_str().unwrap().ends_with("a.yaml"), "{change:#}");
    assert_eq!(of_type(&plan, "change_summary")[0]["add"], 1);

    // Beside it there is the document, as ever.
    let said = env.apply(&format!("-o json --events {FILE}")).exits(0);
    assert_eq!(said.json("apply")["run"]["converged"], true);
    let apply = judged(&env, &env.read(FILE), 0);
    let states: Vec<&Value> = of_type(&apply, "transition").iter().map(|record| &record["state"]).collect();
    assert_eq!(states, ["Creating", "Available"]);
    assert_eq!(of_type(&apply, "row_result")[0]["result"], "done");
    let end = apply.last().unwrap();
    assert_eq!((&end["converged"], &end["serial"]), (&true.into(), &1.into()));
    // One id for the run, in the stream and in the state.
    assert_eq!(env.run("status -o json").exits(0).json("status")["lastRun"]["run"], apply[0]["run"]);

    emulator.overwrite(&connector("a").with("sink", "false"));
    let drift = told(&env, "drift manifests --detailed-exitcode", 7);
    let moved = of_type(&drift, "drift")[0];
    assert_eq!((&moved["state"], &moved["fields"][0]["verdict"]), (&"present".into(), &"drifted".into()));
    assert_eq!((&moved["fields"][0]["recorded"], &moved["fields"][0]["live"]), (&true.into(), &false.into()));
}

#[test]
fn a_failed_row_a_skipped_row_and_a_retry_are_told() {
    let emulator = Emulator::strict("--fail list:503x1");
    let env = TestEnv::with_service(&emulator, "sendDefinition: false");
    env.write("manifests/a.yaml", &connector("a").to_string());
    env.write("manifests/b.yaml", &format!("{}dependsOn: [FlinkConnector/a]\n", connector("b")));
    let apply = told(&env, "apply manifests --yes", 1);
    let retry = of_type(&apply, "retry")[0];
    assert_eq!((&retry["attempt"], &retry["pauseSeconds"]), (&2.into(), &1.0.into()));
    assert_eq!(of_type(&apply, "read_complete")[0]["attempts"], 2);
    let results: Vec<(&Value, &Value)> =
        of_type(&apply, "row_result").iter().map(|record| (&record["address"], &record["result"])).collect();
    let wanted = [("FlinkConnector/a", "failed"), ("FlinkConnector/b", "skipped")];
    assert_eq!(
        results,
        wanted
            .map(|(address, result)| (address.into(), result.into()))
            .iter()
            .map(|(a, r): &(Value, Value)| (a, r))
            .collect::<Vec<_>>()
    );
    assert!(of_type(&apply, "row_result")[0]["reason"].as_str().unwrap().contains("990301"));
}

#[test]
fn a_wrong_manifest_is_told_with_code_and_place_and_ends_the_stream() {
    let env = TestEnv::new();
    env.write("manifests/a.yaml", &connector("a").with("sorce", "true").to_string());
    let records = told(&env, "validate manifests", 65);
    let diagnostic = of_type(&records, "diagnostic")[0];
    assert_eq!((&diagnostic["severity"], diagnostic["line"].is_u64()), (&"error".into(), true));
    assert!(diagnostic["code"].as_str().unwrap().starts_with("RC"), "{diagnostic:#}");
    assert_eq!(of_type(&records, "error")[0]["exit"], 65);
    // So does a usage error that is found behind the opening, and what is not there.
    env.manifest("a.yaml", &[connector("a")]);
    let records = told(&env, "apply manifests --yes --timeout soon", 64);
    assert!(of_type(&records, "error")[0]["message"].as_str().unwrap().contains("--timeout soon"));
    let records = told(&env, "state show FlinkConnector/a", 1);
    assert_eq!(records[0]["command"], "state show");
}

#[test]
fn a_waiting_store_tells_its_progress_and_no_secret_is_in_the_stream() {
    let emulator = Emulator::open("--provisioning-for 700ms");
    let env = TestEnv::with_stores(&emulator).with("RECONCILE_EVENTS", FILE);
    env.manifest("orders.yaml", &[kafka("orders")]);
    env.apply("").exits(0);
    let text = env.read(FILE);
    let records = judged(&env, &text, 0);
    let progress = of_type(&records, "wait_progress");
    let last = progress.last().unwrap();
    assert_eq!((&last["state"], &last["address"]), (&"provisioning".into(), &"Store/orders".into()));
    assert!(last["deadlineSeconds"].as_f64() > last["elapsedSeconds"].as_f64(), "{last:#}");
    assert!(!text.contains("kafka-pass-1"), "{text}");
    let print = |record: &Value| record["fields"].to_string().contains("hmac-sha256:");
    env.write("manifests/orders.yaml", &kafka("orders").to_string().replace("kafka-pass-1", "kafka-pass-2"));
    env.plan("").exits(0);
    let text = env.read(FILE);
    let records = judged(&env, &text, 0);
    assert!(of_type(&records, "planned_change").into_iter().any(print), "{text}");
    assert!(!text.contains("kafka-pass"), "{text}");
}

fn interrupt(pid: &str) {
    assert!(Command::new("kill").args(["-INT", pid]).status().unwrap().success());
}

#[test]
fn an_interrupted_run_ends_its_stream() {
    let emulator = Emulator::open("--creating-for 2s");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a")]);
    // In the middle of an apply: what is in flight is finished.
    let mut run = env.start(&format!("apply manifests --yes --events {FILE}"));
    run.until_it_tells("a: Creating");
    interrupt(&run.pid());
    run.outcome().exits(130);
    let records = judged(&env, &env.read(FILE), 130);
    assert!(
        of_type(&records, "notice")
            .iter()
            .any(|told| told["message"].as_str().unwrap().starts_with("stopping"))
    );
}

#[test]
fn a_run_that_is_interrupted_at_once_ends_its_stream_too() {
    let emulator = Emulator::open("--latency 20s");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a")]);
    // The stream itself says when.
    let mut run = env.start("plan manifests --events fd:2");
    run.until_it_tells("\"read_start\"");
    interrupt(&run.pid());
    let said = run.outcome().exits(130);
    let records: Vec<Value> = said.records();
    judged(&env, &records.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"), 130);
    assert_eq!(of_type(&records, "error")[0]["exit"], 130);
}

/// A descriptor is the caller's: 3 and above are opened anew, 1 and 2 are the streams themselves.
#[test]
fn a_descriptor_that_the_caller_opened_takes_the_stream() {
    let env = TestEnv::new();
    env.manifest("a.yaml", &[connector("a")]);
    let mut command = Command::new("sh");
    let line = format!("exec \"$0\" validate manifests --events fd:3 3>{FILE}");
    command.arg("-c").arg(line).arg(env!("CARGO_BIN_EXE_reconcile")).current_dir(env.work());
    Outcome::of("fd:3", command.output().unwrap()).exits(0).shows("Valid");
    judged(&env, &env.read(FILE), 0);
    let said = env.run("validate manifests --events fd:1").exits(0);
    let (records, text): (Vec<&str>, Vec<&str>) =
        said.stdout().lines().partition(|line| line.starts_with('{'));
    judged(&env, &(records.join("\n") + "\n"), 0);
    assert_eq!(text, ["Valid: 1 object in 1 file."]);
}

#[test]
fn a_stream_that_cannot_be_opened_is_a_usage_error_and_nothing_is_done() {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a")]);
    assert!(Command::new("mkfifo").arg(env.work().join("nobody-reads")).status().unwrap().success());
    for (destination, because) in [
        ("no-such-folder/x", "cannot open"),
        ("manifests", "cannot open"),
        ("nobody-reads", "cannot open"),
        ("fd:9", "cannot open"),
        ("fd:0", "standard input"),
        ("fd:x", "fd:3"),
    ] {
        env.apply(&format!("--events {destination}")).exits(64).tells(because).tells("--events");
    }
    assert_eq!(emulator.new_operations(), "");
    assert!(!env.has("state"));
}

#[test]
fn a_stream_that_fails_later_is_one_warning_and_the_run_goes_on() {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a")]);
    let said = env.apply("--events /dev/full").exits(0).shows("Converged.");
    assert_eq!(said.stderr().matches("warning: the event stream ends here").count(), 1, "{}", said.stderr());
    env.plan("--detailed-exitcode --events /dev/full").exits(0);
}

/// Also while a command only reads: here the listing takes longer than the pause between two heartbeats.
#[test]
fn a_long_read_has_heartbeats_in_the_log_and_in_the_stream() {
    let emulator = Emulator::open("--latency 1500ms");
    let env = TestEnv::of(&emulator).with("RECONCILE_HEARTBEAT_TIME_DIVISOR", "100");
    env.manifest("a.yaml", &[connector("a")]);
    env.plan(&format!("--events {FILE}")).exits(0).tells("still at work after").tells("listing 1 scope");
    let records = judged(&env, &env.read(FILE), 0);
    assert!(of_type(&records, "heartbeat").iter().any(|beat| beat["reading"] == 1), "{records:#?}");
    let quiet = env.plan(&format!("--quiet --events {FILE}")).exits(0);
    assert_eq!(quiet.stderr(), "");
    assert!(!of_type(&judged(&env, &env.read(FILE), 0), "heartbeat").is_empty());
}
