//! What is written where: data on stdout, everything else on stderr.

use serde_json::json;

use crate::support::emulator::Emulator;
use crate::support::env::{Outcome, TestEnv};
use crate::support::manifest::connector;

/// How every colour begins.
const ESCAPE: &str = "\u{1b}[";

fn one() -> (Emulator, TestEnv) {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a").with("supportedFormats", "[json]")]);
    (emulator, env)
}

#[test]
fn every_command_writes_one_versioned_json_document() {
    let (_emulator, env) = one();
    assert_eq!(env.run("validate manifests -o json").exits(0).json("validate")["valid"], true);
    let plan = env.plan("-o json").exits(0).json("plan");
    assert_eq!(plan["summary"]["add"], 1);
    assert_eq!(plan["changes"][0]["address"], "FlinkConnector/a");
    assert_eq!(plan["changes"][0]["change"], "create");
    assert_eq!(plan["changes"][0]["source"]["line"], 1);

    let apply = env.apply("-o json").exits(0).json("apply");
    assert_eq!(apply["plan"]["summary"]["add"], 1);
    assert_eq!(apply["run"]["converged"], true);
    assert_eq!(apply["run"]["results"][0]["result"], "done");
    let again = env.apply("-o json").exits(0).json("apply");
    assert_eq!(again["converged"], true);

    let list = env.run("list w:n -o json").exits(0).json("list");
    assert_eq!(list["objects"][0]["address"], "FlinkConnector/a");
    assert_eq!(list["objects"][0]["fields"]["supportedFormats"], json!(["json"]));
    let show = env.run("show FlinkConnector/a -o json").exits(0).json("show");
    assert_eq!(show["id"], "w:n:a");
    let state = env.run("state list -o json").exits(0).json("state list");
    assert_eq!(state["objects"][0]["condition"], "ready");
    let recorded = env.run("state show FlinkConnector/a -o json").exits(0).json("state show");
    assert!(recorded["recorded"].is_object());
    assert_eq!(env.run("destroy --all --yes -o json").exits(0).json("destroy")["run"]["converged"], true);
}

#[test]
fn a_json_apply_that_fails_still_writes_its_document() {
    let emulator = Emulator::strict("");
    let env = TestEnv::with_service(&emulator, "sendDefinition: false");
    env.manifest("a.yaml", &[connector("a")]);
    let said = env.apply("-o json").exits(1).tells("990301");
    let run = &said.json("apply")["run"];
    assert_eq!(run["converged"], false);
    assert_eq!(run["results"][0]["result"], "failed");
    assert!(run["results"][0]["message"].as_str().unwrap().contains("990301"));
}

#[test]
fn list_filters_by_name_and_by_management() {
    let (emulator, env) = one();
    env.apply("").exits(0);
    emulator.overwrite(&connector("foreign"));
    env.run("list w:n").exits(0).shows("FlinkConnector/a").shows("(unmanaged)").tells("2 connectors in w:n");
    env.run("list w:n --name fore").exits(0).shows("foreign").hides("FlinkConnector/a");
    env.run("list w:n --unmanaged").exits(0).shows("foreign").hides("FlinkConnector/a");
    env.run("list w:nobody").exits(0).tells("0 connectors");
    assert_eq!(emulator.new_operations(), "list list list list");
}

#[test]
fn a_closed_pipe_is_no_error() {
    let (_emulator, env) = one();
    env.apply("").exits(0);
    for line in [
        "help apply",
        "--help",
        "help exit-codes",
        "plan manifests",
        "list w:n",
        "show FlinkConnector/a -o json",
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = env.command(line).stdout(writer).spawn().unwrap().wait_with_output().unwrap();
        Outcome::of(line, output).exits(0);
    }
}

#[test]
fn colours_are_for_terminals_unless_they_are_forced() {
    let (emulator, env) = one();
    env.plan("").exits(0).hides(ESCAPE);
    env.plan("--color always").exits(0).shows(ESCAPE);
    let forced = env.with("CLICOLOR_FORCE", "1");
    forced.plan("").exits(0).shows(ESCAPE);
    forced.plan("--color never").exits(0).hides(ESCAPE);
    let plain = forced.with("NO_COLOR", "1");
    plain.plan("").exits(0).hides(ESCAPE);
    plain.plan("--color always").exits(0).shows(ESCAPE);
    // Empty is as good as not set.
    plain.with("NO_COLOR", "").plan("").exits(0).shows(ESCAPE);
    drop(emulator);
}

#[test]
fn quiet_leaves_data_and_errors() {
    let (emulator, env) = one();
    let said = env.apply("--quiet").exits(0).shows("Apply complete:");
    assert_eq!(said.stderr(), "");
    emulator.overwrite(&connector("taken"));
    env.run("state show FlinkConnector/nobody --quiet")
        .exits(1)
        .tells("error: FlinkConnector/nobody is not recorded");
}
