//! `-o json`: one document of every command, also when it fails.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::connector;

/// A command line that succeeds and one that fails, with its exit code; in this order they build on each other.
const COMMANDS: &[(&str, &str, &str, i32)] = &[
    ("validate", "manifests", "wrong", 65),
    ("plan", "manifests", "wrong", 65),
    ("simulate", "manifests", "wrong", 65),
    ("snapshot", "manifests --out live", "wrong --out live", 65),
    ("config", "", "--profile nobody", 64),
    ("doctor", "manifests", "--no-such-flag", 64),
    ("apply", "manifests --yes", "manifests --yes --timeout soon", 64),
    ("status", "manifests --live", "wrong", 65),
    ("fmt", "manifests", "wrong", 65),
    ("init", "fresh", "fresh", 6),
    ("refresh", "manifests", "wrong", 65),
    ("state history", "", "--profile nobody", 64),
    ("state check", "", "--profile nobody", 64),
    ("drift", "manifests", "wrong", 65),
    ("list", "w:n", "no-colon", 64),
    ("show", "FlinkConnector/a", "FlinkConnector/nobody manifests", 1),
    ("state list", "", "--profile nobody", 64),
    ("state show", "FlinkConnector/a", "FlinkConnector/nobody", 1),
    ("state mv", "FlinkConnector/a FlinkConnector/b", "FlinkConnector/a FlinkConnector/c", 1),
    ("state rm", "FlinkConnector/b", "FlinkConnector/b", 1),
    ("import", "FlinkConnector w:n:a", "FlinkConnector w:n:a", 6),
    ("destroy", "--all --yes", "", 64),
    ("unlock", "", "--profile nobody", 64),
    ("explain", "RC0107", "RC9999", 64),
    ("version", "", "--no-such-flag", 64),
    ("version", "", "--output=json --no-such-flag", 64),
    ("help", "exit-codes", "nothing", 64),
    ("help", "apply", "nothing", 64),
    ("help", "FlinkConnector", "nothing", 64),
];

/// What is no document of ours, or ends only when it is told to: a schema is its own, a script is a shell's, and a server's
/// line and the end of a watch are looked at below. `verify` needs a database: see the tests of it.
const OTHERS: &[&str] = &["schema", "completion", "emulator", "watch", "verify"];

#[test]
fn every_command_writes_one_document_also_when_it_fails() {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a")]);
    env.write("wrong", "kind: Nothing\n");
    for (command, succeeds, fails, code) in COMMANDS {
        env.run(&format!("{command} {succeeds} -o json")).exits(0).json(command);
        let failed = env.run(&format!("{command} {fails} -o json")).exits(*code).json(command);
        let error = &failed["error"];
        assert_eq!(error["exit"], *code, "{command}: {failed:#}");
        assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()), "{failed:#}");
        assert!(error["hint"].is_string() || error["hint"].is_null(), "{failed:#}");
        let diagnostics = error["diagnostics"].as_array().unwrap();
        assert_eq!(diagnostics.is_empty(), *code != 65, "{failed:#}");
        for found in diagnostics {
            assert!(found["code"].as_str().unwrap().starts_with("RC"), "{failed:#}");
            assert!(
                found["file"].as_str().unwrap().ends_with("wrong") && found["line"].is_u64(),
                "{failed:#}"
            );
        }
    }
}

#[test]
fn no_command_is_left_out() {
    let env = TestEnv::new();
    let help = env.run("--help").exits(0);
    let list = help.stdout().split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let all: BTreeSet<&str> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let tried = COMMANDS.iter().map(|(command, ..)| command.split(' ').next().unwrap());
    assert_eq!(tried.chain(OTHERS.iter().copied()).collect::<BTreeSet<_>>(), all);
}

#[test]
fn a_line_that_is_no_command_at_all_still_has_a_document() {
    let env = TestEnv::new().with("RECONCILE_OUTPUT", "json");
    let failed = env.run("frobnicate").exits(64).json("");
    assert!(failed["error"]["message"].as_str().unwrap().contains("frobnicate"), "{failed:#}");
    // Help is no error, and what a person asked to read.
    env.run("--help").exits(0).shows("Usage: reconcile");
}

#[test]
fn a_schema_is_a_document_of_its_own_and_its_failure_is_one_of_ours() {
    let env = TestEnv::new();
    for topic in ["", "Store", "events", "notification", "api"] {
        let plain = env.run(&format!("schema {topic}")).exits(0);
        let schema: Value = serde_json::from_str(plain.stdout()).unwrap();
        assert!(schema["$schema"].is_string(), "{topic}");
        assert_eq!(env.run(&format!("schema {topic} -o json")).exits(0).stdout(), plain.stdout());
    }
    env.run("schema Nothing -o json").exits(64).json("schema");
}

#[test]
fn a_watch_that_is_told_to_end_writes_one_document_and_one_that_cannot_begin_writes_its_error() {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a")]);
    let failed = env.run("watch manifests --resync soon -o json").exits(64).json("watch");
    assert!(failed["error"]["message"].as_str().unwrap().contains("soon"), "{failed:#}");
    let mut child =
        env.command("watch manifests -o json").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(told.any(|line| line.unwrap().contains("pass 1: 1 changed, 1 applied")));
    Command::new("kill").arg(child.id().to_string()).status().unwrap();
    let rest = std::thread::spawn(move || told.count());
    let output = child.wait_with_output().unwrap();
    rest.join().unwrap();
    assert!(output.status.success());
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["command"], "watch", "{document:#}");
    assert_eq!((&document["applied"], &document["failed"]), (&json!(1), &json!(0)), "{document:#}");
}

#[test]
fn the_ready_line_of_the_emulator_is_a_document_on_one_line() {
    let env = TestEnv::new();
    let mut child = env.command("emulator -o json").spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    assert_eq!((&ready["formatVersion"], &ready["command"]), (&"1.0".into(), &"emulator".into()));
    assert!(ready["ververica"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    env.run("emulator --strict -o json").exits(64).json("emulator");
}
