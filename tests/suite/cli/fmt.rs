//! `fmt`: what it writes, what it leaves alone, and how a pipeline asks.

use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Stdio;

use crate::support::env::{Outcome, TestEnv};
use crate::support::manifest::{connector, kafka};

const ODD: &str = "apiVersion:   reconcile/v1\nkind: FlinkConnector # kind\nmetadata: { name: 'a' }\nspec:\n    workspaceId: w\n    namespaceName: n\n    connectorName: a\n    connectorType: a\n    jarUrl: oss://a\n    jarVersion: '1.10'\ndependsOn:\n- Store/elsewhere\n";
const EVEN: &str = "apiVersion: reconcile/v1\nkind: FlinkConnector # kind\nmetadata: {name: \"a\"}\nspec:\n  workspaceId: w\n  namespaceName: n\n  connectorName: a\n  connectorType: a\n  jarUrl: oss://a\n  jarVersion: \"1.10\"\ndependsOn:\n  - Store/elsewhere\n";

#[test]
fn a_file_is_formatted_once_and_keeps_its_mode_and_its_link() {
    let env = TestEnv::new();
    env.write("real.yaml", &ODD.replace('\n', "\r\n"));
    let real = env.work().join("real.yaml");
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
    symlink(&real, env.work().join("link.yaml")).unwrap();
    let env = env.with("RECONCILE_CHECK", "true");
    assert_eq!(env.run("fmt link.yaml").exits(1).tells("1 of 1 file not formatted.").stdout(), "link.yaml\n");
    let env = env.with("RECONCILE_CHECK", "false");
    assert_eq!(env.run("fmt link.yaml").exits(0).stdout(), "link.yaml\n");
    assert_eq!(env.read("real.yaml"), EVEN);
    assert_eq!(std::fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(std::fs::symlink_metadata(env.work().join("link.yaml")).unwrap().is_symlink());
    assert_eq!(env.run("fmt -f link.yaml --check").exits(0).stdout(), "");
    assert_eq!(env.run("fmt link.yaml").exits(0).stdout(), "");
}

#[test]
fn a_diff_shows_what_would_change_and_no_secret() {
    let env = TestEnv::new();
    let store = kafka("orders").to_string();
    env.write("manifests/orders.yaml", &store);
    let said =
        env.run("fmt --diff").exits(0).shows("--- a/").shows("+spec:").hides("kafka-pass-1").hides("svc");
    assert!(said.stdout().contains("(secret)"));
    env.run("fmt --diff --check").exits(1).shows("+spec:");
    assert_eq!(env.read("manifests/orders.yaml"), store, "--diff has written");
    let document = env.run("fmt manifests --check -o json").exits(1).json("fmt");
    assert_eq!((&document["files"], &document["written"]), (&1.into(), &false.into()));
    assert_eq!(document["notFormatted"][0], "manifests/orders.yaml");
}

#[test]
fn nothing_is_written_when_one_file_is_broken() {
    let env = TestEnv::new();
    env.write("manifests/a.yaml", ODD);
    env.manifest("b.yaml", &[connector("b").with("sourse", "true")]);
    env.run("fmt manifests").exits(65).tells("RC0107").tells("did you mean `source`?");
    assert_eq!(env.read("manifests/a.yaml"), ODD);
    env.run("fmt manifests/a.yaml").exits(0);
    assert_eq!(env.read("manifests/a.yaml"), EVEN);
}

#[test]
fn a_file_that_would_lose_something_is_left_alone() {
    let env = TestEnv::new();
    let text = format!("{}  description: |+\n    text\n\n\n", connector("a"));
    env.write("manifests/a.yaml", &text);
    env.run("fmt manifests")
        .exits(65)
        .tells("RC0155")
        .tells("formatting would change what manifests/a.yaml says");
    assert_eq!(env.read("manifests/a.yaml"), text);
    env.run("explain RC0155").exits(0).shows("|+");
}

fn piped(env: &TestEnv, line: &str, text: &str) -> Outcome {
    let mut child = env.command(line).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    Outcome::of(line, child.wait_with_output().unwrap())
}

#[test]
fn stdin_is_formatted_to_stdout() {
    let env = TestEnv::new();
    assert_eq!(piped(&env, "fmt -", ODD).exits(0).stdout(), EVEN);
    assert_eq!(piped(&env, "fmt - --check", ODD).exits(1).stdout(), "stdin\n");
    assert_eq!(piped(&env, "fmt - --check", EVEN).exits(0).stdout(), "");
    piped(&env, "fmt - --diff", ODD).exits(0).shows("-apiVersion:   reconcile/v1");
    let said = piped(&env, "fmt -", "a: [").exits(65).tells("RC0104");
    assert_eq!(said.stdout(), "");
    env.run("fmt - manifests").exits(64).tells("stands alone");
}
