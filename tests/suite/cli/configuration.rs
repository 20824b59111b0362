//! `config`, and the order in which settings win: flag, variable, project file, default.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::env::TestEnv;

/// Every setting by name: its value, the kind of its origin, and the place.
fn told(env: &TestEnv, line: &str) -> BTreeMap<String, (Value, String, Value)> {
    let document = env.run(&format!("config --show-origin -o json {line}")).exits(0).json("config");
    let settings = document["settings"].as_array().unwrap().clone();
    settings
        .into_iter()
        .map(|setting| {
            let origin = &setting["origin"];
            let kind = origin["kind"].as_str().unwrap().to_owned();
            (
                setting["name"].as_str().unwrap().to_owned(),
                (setting["value"].clone(), kind, origin["place"].clone()),
            )
        })
        .collect()
}

const PROJECT: &str = "\
defaultProfile: prod
profiles:
  prod:
    state: from-file
    limits: {delete: 3, replace: 4}
    ververica:
      endpoint: from-file.example
      timeouts: {read: 7s}
    workspaces:
      ws-2: {region: cn-beijing, credentials: env}
    deltastream:
      url: https://from-file.example/v2
      organization: from-file
      role: from-file
    values: {bucket: artifacts}
  other: {emulator: true}
";

/// A setting, what the file above says of it, and a flag with its variable where `config` itself takes the flag.
const ROWS: &[(&str, Option<&str>, &str, bool)] = &[
    ("profile", Some("prod"), "profile", true),
    ("ververica.endpoint", Some("from-file.example"), "ververica-endpoint", true),
    ("deltastream.url", Some("https://from-file.example/v2"), "deltastream-url", true),
    ("deltastream.organization", Some("from-file"), "deltastream-organization", true),
    ("deltastream.role", Some("from-file"), "deltastream-role", true),
    ("limits.delete", Some("3"), "max-delete", false),
    ("limits.replace", Some("4"), "max-replace", false),
    ("parallelism", None, "parallelism", false),
    ("lock-timeout", None, "lock-timeout", false),
    ("timeout", None, "timeout", false),
];

#[test]
fn a_flag_wins_over_its_variable_that_over_the_project_file_and_that_over_the_default() {
    for (setting, declared, flag, is_own) in ROWS {
        let value = |text: &str| if *setting == "profile" { "prod".to_owned() } else { text.to_owned() };
        let variable = format!("RECONCILE_{}", flag.to_uppercase().replace('-', "_"));
        let env = TestEnv::new();
        env.project(PROJECT);
        let (found, kind, _) = told(&env, "")[*setting].clone();
        match declared {
            Some(declared) => {
                assert_eq!((found.as_str(), &*kind), (Some(*declared), "projectFile"), "{setting}");
            }
            None => assert_eq!(kind, "default", "{setting}"),
        }
        let env = env.with(&variable, &value("5"));
        assert_eq!(
            told(&env, "")[*setting],
            (value("5").into(), "variable".to_owned(), variable.into()),
            "{setting}"
        );
        if *is_own {
            let line = format!("--{flag} {}", value("6"));
            let wanted = (value("6").into(), "flag".to_owned(), format!("--{flag}").into());
            assert_eq!(told(&env, &line)[*setting], wanted, "{setting}");
        }
    }
}

#[test]
fn each_setting_is_told_with_its_line_and_no_secret_is() {
    let env = TestEnv::new()
        .with("ALIBABA_CLOUD_ACCESS_KEY_ID", "id-hunter2")
        .with("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "hunter2")
        .with("DELTASTREAM_API_TOKEN", "hunter2")
        .with("HTTPS_PROXY", "http://user:hunter2@proxy.example:3128");
    env.project(PROJECT);
    let all = told(&env, "--set version=17");
    let line = |name: &str| (all[name].1.as_str(), all[name].2.clone());
    assert_eq!(line("profile"), ("projectFile", 1.into()));
    assert_eq!(line("state"), ("projectFile", 4.into()));
    assert_eq!(line("ververica.timeouts.read"), ("projectFile", 8.into()));
    assert_eq!(line("ververica.timeouts.total"), ("default", Value::Null));
    assert_eq!(line("workspaces.ws-2.region"), ("projectFile", 10.into()));
    assert_eq!(line("values.bucket"), ("projectFile", 15.into()));
    assert_eq!(line("values.version"), ("flag", "--set".into()));
    assert_eq!(all["ververica.credentials"].0, "set");
    assert_eq!(line("ververica.credentials"), ("chain", "the environment".into()));
    assert_eq!(all["deltastream.token"].0, "set");
    assert_eq!(line("HTTPS_PROXY"), ("variable", "HTTPS_PROXY".into()));
    for line in ["config", "config --show-origin", "config -o json"] {
        env.run(line).exits(0).shows("bucket").shows("artifacts").hides("hunter2");
    }
    env.run("config").exits(0).hides("reconcile.yaml:4");
    env.run("config --show-origin")
        .exits(0)
        .shows("reconcile.yaml:4")
        .shows("the vendor's chain: the environment");
}

#[test]
fn what_nobody_set_is_told_as_such() {
    let env = TestEnv::new();
    env.project(PROJECT);
    let all = told(&env, "");
    assert_eq!(all["deltastream.token"].0, Value::Null);
    assert_eq!(all["ververica.credentials"], (Value::Null, "default".to_owned(), Value::Null));
    let all = told(&env, "--profile other");
    assert_eq!(all["emulator"].0, "true");
    assert!(!all.contains_key("ververica.endpoint"));
    let elsewhere = told(&env, "--profile other --ververica-endpoint http://127.0.0.1:1");
    assert_eq!(elsewhere["ververica.sendDefinition"].0, "true");
}

#[test]
fn variables_of_flags_without_a_value_take_true_and_false() {
    let env = TestEnv::new().with("RECONCILE_DETAILED_EXITCODE", "false").with("RECONCILE_QUIET", "true");
    env.manifest("a.yaml", &[crate::support::manifest::connector("a")]);
    let said = env.plan("").exits(0);
    assert_eq!(said.stderr(), "");
    env.with("RECONCILE_DETAILED_EXITCODE", "true").plan("").exits(2);
    let env = TestEnv::new().with("RECONCILE_RETRY_THROTTLED", "yes");
    env.plan("").exits(64).tells("--retry-throttled").tells("true, false");
    env.run("config").exits(64).tells("--retry-throttled");
}

#[test]
fn a_usage_error_does_not_ask_for_what_a_variable_has_said() {
    let env = TestEnv::new()
        .with("RECONCILE_PROFILE", "local")
        .with("RECONCILE_STATE", "elsewhere")
        .with("RECONCILE_PARALLELISM", "3");
    for (line, usage) in [
        ("plan --max-delete many", ""),
        ("import FlinkConnector", "Usage: reconcile import [OPTIONS] <KIND> [ID]\n"),
        ("plan --no-such-flag", "Usage: reconcile plan [OPTIONS] [PATH]...\n"),
        ("destroy manifests --all", "Usage: reconcile destroy [OPTIONS] [PATH]...\n"),
    ] {
        let said = env.run(line).exits(64).tells(usage);
        for flag in ["--profile <", "--state <", "--parallelism <"] {
            assert!(!said.stderr().contains(flag), "{line}: {}", said.stderr());
        }
    }
}

const WEBHOOK: &str = "profiles: {a: {emulator: true, notify: {url: 'https://hooks.example/services/hunter2'}}, \
                       b: {emulator: true, notify: {urlVariable: HOOK}}}";

#[test]
fn of_a_webhook_only_the_host_or_the_variable_is_told() {
    let env = TestEnv::new().with("HOOK", "https://hooks.example/hunter2");
    env.project(WEBHOOK);
    let all = told(&env, "--profile a");
    assert_eq!(all["notify.url"], ("https://hooks.example/…".into(), "projectFile".to_owned(), 1.into()));
    assert_eq!(told(&env, "--profile b")["notify.urlVariable"].0, "HOOK");
    for line in ["config", "config --show-origin", "config -o json", "doctor", "doctor -o json"] {
        for profile in ["a", "b"] {
            let outcome = env.run(&format!("{line} --profile {profile} -vv"));
            assert!(!outcome.stdout.contains("hunter2") && !outcome.stderr.contains("hunter2"), "{outcome}");
        }
    }
}

#[test]
fn a_variable_that_holds_no_usable_webhook_ends_a_watch_before_it_begins() {
    for (value, told) in [
        ("", "notify.urlVariable: the variable HOOK is empty"),
        ("http://hooks.example/hunter2", "the variable HOOK would cross the network in the clear"),
        ("hooks.example/hunter2", "the variable HOOK is not a URL"),
    ] {
        let env = TestEnv::new().with("HOOK", value);
        env.project(WEBHOOK);
        let said = env.run("watch --profile b manifests").exits(1).tells(told);
        assert!(!said.stderr().contains("hunter2"), "{}", said.stderr());
    }
}
