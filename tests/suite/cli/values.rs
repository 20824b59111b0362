//! `${values.NAME}` through the binary: one folder, several profiles, several accounts.

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::connector;

const PROFILES: &str = "\
profiles:
  staging:
    emulator: true
    values: {bucket: staging-artifacts}
  prod:
    emulator: true
    values:
      bucket: prod-artifacts
      version: 17
";

#[test]
fn one_folder_means_something_else_in_each_profile() {
    let env = TestEnv::new();
    env.project(PROFILES);
    env.manifest("a.yaml", &[connector("a").with("jarUrl", "oss://${values.bucket}/a.jar")]);
    for profile in ["staging", "prod"] {
        env.plan(&format!("--profile {profile}")).exits(0).shows(&format!("oss://{profile}-artifacts/a.jar"));
        env.run(&format!("validate manifests --profile {profile}")).exits(0).shows("Valid: 1 object");
    }
    env.apply("--profile prod").exits(0).shows("1 added");
    env.apply("--profile prod").exits(0).shows("No changes");
    env.manifest("b.yaml", &[connector("b").with("jarVersion", "${values.version}")]);
    env.plan("--profile prod").exits(0).shows("\"17\"");
    env.plan("--profile staging")
        .exits(65)
        .tells("RC0160")
        .tells("the value `version` is not defined")
        .tells("b.yaml:")
        .tells("`profiles.staging.values` in ")
        .tells("reconcile.yaml, or pass --set version=VALUE");
    env.plan("--profile staging --set version=18").exits(0).shows("\"18\"");
}

#[test]
fn a_value_of_the_command_line_wins_and_needs_no_project_file() {
    let env = TestEnv::new();
    env.manifest("a.yaml", &[connector("a").with("jarUrl", "oss://${values.bucket}/a.jar")]);
    env.run("validate manifests")
        .exits(65)
        .tells("RC0160")
        .tells("add it to `profiles.local.values` in reconcile.yaml");
    env.run("validate manifests --set buket=x").exits(65).tells("did you mean `buket`?");
    env.plan("--set bucket=x").exits(0).shows("oss://x/a.jar");
    env.plan("--set bucket=x --set bucket=y").exits(0).shows("oss://y/a.jar");
    env.project(PROFILES);
    env.plan("--profile prod --set bucket=z").exits(0).shows("oss://z/a.jar");
    let said =
        env.run("validate manifests --profile prod --set hunter2").exits(64).tells("--set takes NAME=VALUE");
    assert!(!said.stderr().contains("hunter2"), "{}", said.stderr());
    env.run("validate manifests --profile prod --set 1=x").exits(64).tells("does not name a value");
}

#[test]
fn a_changed_value_is_a_change_and_a_wrong_one_is_65() {
    let env = TestEnv::new();
    env.manifest("a.yaml", &[connector("a").with("jarUrl", "oss://${values.bucket}/a.jar")]);
    env.apply("--set bucket=x").exits(0).shows("1 added");
    env.plan("--set bucket=x --detailed-exitcode").exits(0);
    env.plan("--set bucket=y --detailed-exitcode").exits(2).shows("oss://y/a.jar");
    env.manifest("a.yaml", &[connector("a").with("jarUrl", "oss://${HOME}/a.jar")]);
    env.plan("").exits(65).tells("RC0161").tells("fromEnv");
    env.project("profiles: {local: {emulator: true, values: {a: 1.10}}}");
    env.plan("").exits(65).tells("RC0162").tells("reconcile.yaml:1:").tells("quote it: \"1.10\"");
}

/// design.md 3.5: `workspaces` for several accounts in one folder.
#[test]
fn each_workspace_of_one_folder_is_asked_at_its_own_endpoint() {
    let (first, second) = (Emulator::open(""), Emulator::open(""));
    let env = TestEnv::new().with_key(&first);
    env.project(&format!(
        "profiles: {{test: {{ververica: {{endpoint: '{}', sendDefinition: true}}, workspaces: {{ws-b: {{endpoint: '{}'}}}}, values: {{b: ws-b}}}}}}",
        first.url, second.url
    ));
    env.manifest(
        "a.yaml",
        &[connector("a").with("workspaceId", "ws-a"), connector("b").with("workspaceId", "${values.b}")],
    );
    env.apply("").exits(0).shows("2 added");
    for (emulator, workspace) in [(&first, "ws-a"), (&second, "ws-b")] {
        let asked = emulator.new_requests();
        assert!(asked.iter().any(|request| request.short() == "register"), "{asked:?}");
        assert!(asked.iter().all(|request| request.workspace == workspace), "{asked:?}");
    }
    env.plan("--detailed-exitcode").exits(0).shows("No changes");
}
