//! Each refusal ends with its code and names the flag or the field that allows it.

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::connector;

fn applied(names: &[&str]) -> (Emulator, TestEnv) {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    for name in names {
        env.manifest(&format!("{name}.yaml"), &[connector(name)]);
    }
    env.apply("").exits(0);
    emulator.new_requests();
    (emulator, env)
}

#[test]
fn a_budget_names_its_setting_and_its_flag() {
    let (_emulator, env) = applied(&["a", "b"]);
    env.manifest("a.yaml", &[connector("a").with("jarUrl", "oss://jars/a-2.jar")]);
    env.remove_manifest("b.yaml");
    env.apply("--max-delete 0").exits(6).tells("limits.delete").tells("--max-delete 1");
    env.apply("--max-replace 0").exits(6).tells("limits.replace").tells("--max-replace 1");
    env.plan("--max-replace 0").exits(0).shows("refused:").shows("--max-replace 1");
}

#[test]
fn protection_names_the_field_that_ends_it() {
    let (emulator, env) = applied(&["a", "b"]);
    env.manifest("a.yaml", &[connector("a").lifecycle("protect", "true")]);
    env.apply("").exits(0);
    env.manifest(
        "a.yaml",
        &[connector("a").lifecycle("protect", "true").with("jarUrl", "oss://jars/a-2.jar")],
    );
    env.apply("").exits(6).shows("lifecycle.allowGap: true");
    env.remove_manifest("a.yaml");
    env.apply("").exits(6).shows("apply `protect: false` first");
    assert_eq!(emulator.names("w:n"), "a b");
}

#[test]
fn destroy_respects_a_protection_that_was_never_applied() {
    let (emulator, env) = applied(&["a", "b"]);
    env.manifest("a.yaml", &[connector("a").lifecycle("protect", "true")]);
    env.run("destroy manifests --yes")
        .exits(6)
        .shows("lifecycle.protect stands against it")
        .shows("1 destroyed");
    assert_eq!(emulator.names("w:n"), "a");
    // And only an applied `protect: false` ends one that was applied.
    env.apply("").exits(0);
    env.manifest("a.yaml", &[connector("a")]);
    env.run("destroy manifests/a.yaml --yes").exits(6).shows("apply `protect: false` first");
    env.apply("--target */a").exits(0);
    env.run("destroy manifests/a.yaml --yes").exits(0).shows("1 destroyed");
}

#[test]
fn what_is_retained_is_forgotten_and_lives_on_and_is_taken_over_only_when_asked_for() {
    let (emulator, env) = applied(&["a", "b"]);
    env.manifest("a.yaml", &[connector("a").lifecycle("onRemove", "retain")]);
    env.apply("").exits(0);
    env.remove_manifest("a.yaml");
    env.apply("").exits(0).shows("lifecycle.onRemove is retain").shows("1 forgotten");
    assert_eq!(emulator.names("w:n"), "a b");
    env.manifest("a.yaml", &[connector("a")]);
    env.apply("").exits(6).shows("lifecycle.adopt: true");
    env.manifest("a.yaml", &[connector("a").lifecycle("adopt", "true")]);
    env.apply("").exits(0).shows("Converged.");
}

#[test]
fn what_is_not_compared_is_named_in_every_plan() {
    let (_emulator, env) = applied(&["a", "b"]);
    env.manifest("a.yaml", &[connector("a").lifecycle("ignoreFields", "[/spec/sink, /spec/lookup]")]);
    for flags in ["", "--concise", "--full"] {
        env.plan(flags).exits(0).shows("No changes.").shows(
            "not compared, by lifecycle.ignoreFields:\n      FlinkConnector/a  /spec/lookup, /spec/sink\n",
        );
    }
    let plan = env.plan("-o json").exits(0).json("plan");
    assert_eq!(plan["ignored"][0]["address"], "FlinkConnector/a");
    assert_eq!(plan["ignored"][0]["fields"][1], "/spec/sink");
    // A row that is shown says it itself.
    let again = connector("a").lifecycle("ignoreFields", "[/spec/sink]").with("jarVersion", "'2'");
    env.manifest("a.yaml", &[again]);
    env.plan("").exits(0).shows("      not compared (lifecycle.ignoreFields): /spec/sink\n");
}

#[test]
fn no_input_never_asks_and_says_what_allows_it() {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a")]);
    env.run("apply manifests --no-input").exits(6).tells("nobody to ask").tells("--yes");
    env.apply("--no-input").exits(0);
    env.run("destroy --all --no-input").exits(6).tells("--yes");
}

#[test]
fn fail_fast_starts_nothing_after_the_first_failure() {
    let emulator = Emulator::open("--fail register:400x1");
    let env = TestEnv::of(&emulator);
    for name in ["a", "b", "c"] {
        env.manifest(&format!("{name}.yaml"), &[connector(name)]);
    }
    let run = env.apply("--fail-fast --parallelism 1 -o json").exits(1).json("apply")["run"].clone();
    let results: Vec<&str> =
        run["results"].as_array().unwrap().iter().map(|row| row["result"].as_str().unwrap()).collect();
    assert_eq!(results, ["failed", "skipped", "skipped"]);
    assert!(run["results"][1]["message"].as_str().unwrap().contains("--fail-fast"), "{run}");
    assert_eq!(emulator.names("w:n"), "");
    let variable = env.with("RECONCILE_FAIL_FAST", "true");
    variable.apply("").exits(0).shows("3 added");
}

#[test]
fn another_folder_is_gone_to_first() {
    let (_emulator, env) = applied(&["a"]);
    let up = env.work().display().to_string();
    env.run(&format!("-C {up}/manifests plan")).exits(0);
    env.run(&format!("validate . --chdir {up}/manifests")).exits(0).shows("1 object");
    env.run("validate . -C manifests").exits(0).shows("1 object");
    env.run("validate . -C nowhere").exits(64).tells("--chdir nowhere");
    env.with("RECONCILE_CHDIR", "manifests").run("validate .").exits(0).shows("1 object");
}
