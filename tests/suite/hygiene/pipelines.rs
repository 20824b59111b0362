//! The files for pipelines below `ci/`: they are YAML, their scripts are shell, they ask `reconcile` for nothing that it
//! does not have, and no value of an event becomes a part of a script.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_yaml::Value;

use super::{none, read, reconcile, tracked};
use crate::support::consumers;

fn files() -> Vec<String> {
    let mut files = tracked("ci/", ".yml");
    files.push(".pre-commit-hooks.yaml".to_owned());
    files
}

fn parsed(file: &str) -> Value {
    serde_yaml::from_str(&read(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Every text below these keys; a list of texts is one script.
fn scripts(value: &Value, keys: &[&str], found: &mut Vec<String>) {
    match value {
        Value::Mapping(entries) => {
            for (key, value) in entries {
                match (key.as_str().filter(|key| keys.contains(key)), value) {
                    (Some(_), Value::String(script)) => found.push(script.clone()),
                    (Some(_), Value::Sequence(lines)) => {
                        let lines: Vec<&str> = lines.iter().filter_map(Value::as_str).collect();
                        found.push(lines.join("\n"));
                    }
                    _ => scripts(value, keys, found),
                }
            }
        }
        Value::Sequence(items) => items.iter().for_each(|item| scripts(item, keys, found)),
        _ => {}
    }
}

/// The scripts of all files, each with its file.
fn all_scripts() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for file in files() {
        let mut found = Vec::new();
        scripts(&parsed(&file), &["run", "script", "before_script", "after_script", "entry"], &mut found);
        assert!(!found.is_empty() || file.ends_with("plan.yml"), "{file} has no script");
        all.extend(found.into_iter().map(|script| (file.clone(), script)));
    }
    all
}

/// The calls of `reconcile` in a script, each as its words.
fn calls(script: &str) -> Vec<Vec<String>> {
    let words: Vec<&str> = script.split_whitespace().collect();
    let starts = words.iter().enumerate().filter(|(_, word)| **word == "reconcile").map(|(at, _)| at);
    let ends = |word: &&&str| matches!(**word, "||" | "&&" | "|" | ";" | ";;" | "reconcile");
    starts
        .map(|at| {
            words[at + 1..].iter().take_while(|word| !ends(word)).map(|word| (*word).to_owned()).collect()
        })
        .collect()
}

/// What a call asks for that the binary does not have.
fn unknown(call: &[String]) -> Vec<String> {
    let Some((command, rest)) = call.split_first() else { return vec!["no command".to_owned()] };
    let output = reconcile(&[command, "--help"]).output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    if !output.status.success() {
        return vec![format!("there is no command `{command}`")];
    }
    let has = |flag: &str| help.split_whitespace().any(|word| word.trim_end_matches(',') == flag);
    let flags = rest.iter().filter(|word| word.starts_with('-')).map(|word| word.split('=').next().unwrap());
    flags.filter(|flag| !has(flag)).map(|flag| format!("`{command}` has no {flag}")).collect()
}

/// Expressions in a script: their values would be read as shell.
fn expressions(script: &str) -> Vec<&str> {
    script.lines().filter(|line| line.contains("${{")).collect()
}

#[test]
fn every_call_in_a_pipeline_is_one_that_the_binary_takes() {
    let (mut findings, mut seen) = (Vec::new(), 0);
    for (file, script) in all_scripts() {
        for call in calls(&script) {
            seen += 1;
            findings.extend(unknown(&call).into_iter().map(|what| format!("{file}: {what}")));
        }
    }
    assert!(seen >= 12, "{seen} calls");
    none(&findings);
}

#[test]
fn no_value_of_an_event_becomes_a_part_of_a_script() {
    let found = all_scripts();
    none(
        &found
            .iter()
            .flat_map(|(file, script)| {
                expressions(script).into_iter().map(move |line| format!("{file}: {line}"))
            })
            .collect::<Vec<_>>(),
    );
}

#[test]
fn every_script_of_a_pipeline_is_shell() {
    for (file, script) in all_scripts() {
        let mut shell =
            Command::new("bash").args(["-n"]).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        shell.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
        let output = shell.wait_with_output().unwrap();
        assert!(output.status.success(), "{file}: {}\n{script}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn the_inputs_of_the_action_are_the_ones_that_the_workflows_give() {
    let action = parsed("ci/github/action.yml");
    let mut given = Vec::new();
    for file in tracked("ci/github/workflows/", ".yml") {
        for (_, job) in parsed(&file)["jobs"].as_mapping().unwrap() {
            let steps = job["steps"].as_sequence().unwrap();
            let ours = steps.iter().filter(|step| {
                step["uses"].as_str().is_some_and(|uses| uses == "./.github/actions/reconcile")
            });
            let with =
                ours.flat_map(|step| step["with"].as_mapping().unwrap().keys().cloned().collect::<Vec<_>>());
            given.extend(with.map(|name| (file.clone(), name.as_str().unwrap().to_owned())));
        }
    }
    assert!(given.len() >= 10, "{given:?}");
    let unknown = given.iter().filter(|(_, name)| action["inputs"].get(name.as_str()).is_none());
    none(&unknown.map(|(file, name)| format!("{file}: the action has no input {name}")).collect::<Vec<_>>());
}

#[test]
fn a_flag_that_is_not_there_and_an_expression_in_a_script_are_found() {
    let script = "reconcile plan --detailed-exitcodes --out \"$plan\" || code=$?; reconcile aply\necho ${{ github.head_ref }}";
    let calls = calls(script);
    let found: Vec<String> = calls.iter().flat_map(|call| unknown(call)).collect();
    assert_eq!(found, ["`plan` has no --detailed-exitcodes", "there is no command `aply`"]);
    assert_eq!(expressions(script), ["echo ${{ github.head_ref }}"]);
}

/// The recipes as they stand in a repository that has copied them, and our own workflow.
fn repository_with(change: impl Fn(&str, String) -> String) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    let ours = tracked(".github/workflows/", ".yml").into_iter().map(|file| (file.clone(), file));
    let recipes = tracked("ci/github/workflows/", ".yml").into_iter().map(|file| {
        let place = file.replace("ci/github/", ".github/");
        (file, place)
    });
    let action = ("ci/github/action.yml".to_owned(), ".github/actions/reconcile/action.yml".to_owned());
    for (file, place) in ours.chain(recipes).chain([action]) {
        let place = folder.path().join(place);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::write(place, change(&file, read(&file))).unwrap();
    }
    folder
}

#[test]
fn actionlint_finds_nothing_in_a_repository_with_the_workflows() {
    consumers::workflows(repository_with(|_, text| text).path()).unwrap();
}

#[test]
fn actionlint_finds_a_wrong_expression_and_an_input_that_the_action_does_not_have() {
    for (wrong, right) in [
        ("githb.event.pull_request", "github.event.pull_request"),
        ("steps.fnd.outputs.run", "steps.find.outputs.run"),
        ("plan-artefact:", "plan-artifact:"),
        ("runs-on: ubuntu-24.4", "runs-on: ubuntu-24.04"),
    ] {
        let folder =
            repository_with(
                |file, text| {
                    if file.ends_with("action.yml") { text } else { text.replace(right, wrong) }
                },
            );
        let found = consumers::workflows(folder.path());
        assert!(found.is_err(), "{wrong}");
    }
}
