//! `init`: the starter works, and overwrites nothing.

use crate::support::env::{Outcome, TestEnv};

/// Runs a command line in the folder `new`.
fn inside(env: &TestEnv, line: &str) -> Outcome {
    Outcome::of(line, env.command(line).current_dir(env.work().join("new")).output().unwrap())
}

#[test]
fn the_starter_validates_plans_and_applies_as_it_is() {
    let env = TestEnv::new();
    env.run("init new").exits(0).shows("new/reconcile.yaml").shows("new/.gitignore").tells("cd new");
    inside(&env, "validate").exits(0).shows("Valid: 1 object in 1 file.");
    inside(&env, "fmt --check").exits(0);
    inside(&env, "plan").exits(0).shows("Plan: 1 to add").shows("  manifests/example.yaml:5");
    inside(&env, "apply --yes").exits(0).shows("Converged.");
    inside(&env, "plan --detailed-exitcode").exits(0);
    assert_eq!(env.read("new/.reconcile/schema.json"), env.run("schema").exits(0).stdout());
    let manifest = env.read("new/manifests/example.yaml");
    let path = manifest.lines().next().unwrap().strip_prefix("# yaml-language-server: $schema=").unwrap();
    assert!(env.has(&format!("new/manifests/{path}")), "{path}");
    assert!(env.read("new/.gitignore").lines().any(|line| line == "/state/") && env.has("new/state"));
    let schema: serde_json::Value = serde_json::from_str(&env.read("new/.reconcile/schema.json")).unwrap();
    let document: serde_json::Value = serde_yaml(&manifest);
    assert!(jsonschema::is_valid(&schema, &document));
}

fn serde_yaml(text: &str) -> serde_json::Value {
    serde_yaml::from_str(text).unwrap()
}

#[test]
fn what_is_there_is_named_and_nothing_is_written() {
    let env = TestEnv::new();
    env.write(".gitignore", "mine\n");
    env.run("init")
        .exits(6)
        .tells("this is there already: ./.gitignore")
        .tells("nothing is ever overwritten");
    assert!(!env.has("reconcile.yaml") && !env.has(".reconcile"));
    assert_eq!(env.read(".gitignore"), "mine\n");
}
