//! The command line itself: help, usage errors, and where settings come from.

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::connector;

#[test]
fn help_and_version_are_data_and_a_success() {
    let env = TestEnv::new();
    for line in ["--help", "-h", "help", "help apply", "apply --help", "help state mv"] {
        env.run(line).exits(0).shows("Usage: reconcile");
    }
    for line in ["--version", "version"] {
        env.run(line).exits(0).shows(&format!("reconcile {}\n", env!("CARGO_PKG_VERSION")));
    }
    let codes = env.run("help exit-codes").exits(0);
    for code in ["0", "1", "2", "3", "5", "6", "7", "8", "64", "65", "69", "70", "75", "77", "130", "143"] {
        assert!(codes.stdout().lines().any(|line| line.trim().starts_with(&format!("{code}  "))), "{code}");
    }
}

#[test]
fn a_wrong_command_line_is_64_and_never_2() {
    let env = TestEnv::new();
    for line in [
        "",
        "frobnicate",
        "plan --no-such-flag",
        "plan --max-delete many",
        "plan manifests --parallelism 0",
        "apply manifests --timeout soon",
        "apply manifests --poll-interval 0s",
        "list no-colon",
        "show NoKind/a",
        "state show a",
        "plan manifests --replace a",
        "plan --profile nobody",
        "import FlinkConnector",
        "state",
        "help frobnicate",
        "emulator --strict",
        "emulator --fail register",
    ] {
        let said = env.run(line).exits(64);
        assert_eq!(said.stdout(), "", "{line}");
        assert_ne!(said.stderr(), "", "{line}");
    }
}

#[test]
fn a_wrong_project_file_is_65_with_its_place() {
    let env = TestEnv::new();
    env.project("profiles:\n  test: {ververica: {regoin: eu-central-1}}\n");
    env.plan("").exits(65).tells("reconcile.yaml:2:").tells("region");
}

#[test]
fn a_profile_has_to_be_named_where_there_are_several() {
    let env = TestEnv::new();
    env.project("profiles: {a: {emulator: true}, b: {emulator: true}}");
    env.run("state list").exits(64).tells("--profile").tells("a, b");
    env.run("state list --profile a").exits(0);
}

#[test]
fn a_variable_stands_for_its_flag_and_the_flag_wins() {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator)
        .with("RECONCILE_STATE", "elsewhere")
        .with("RECONCILE_OUTPUT", "json")
        .with("RECONCILE_PROFILE", "test")
        .with("RECONCILE_MAX_DELETE", "0")
        .with("RECONCILE_TIMEOUT", "1m")
        .with("RECONCILE_PARALLELISM", "3");
    env.manifest("a.yaml", &[connector("a")]);
    env.apply("").exits(0).json("apply");
    assert!(env.has("elsewhere/snapshot.json") && !env.has("state"));
    env.run("destroy --all --yes").exits(6);
    env.run("destroy --all --yes --max-delete 1 --output text").exits(0).shows("1 destroyed");
    env.run("state list --state another -o text").exits(0).tells("0 recorded");
}

#[test]
fn the_endpoint_of_the_command_line_wins_over_the_profile() {
    let emulator = Emulator::open("");
    let env = TestEnv::new().with_key(&emulator).with("RECONCILE_VERVERICA_ENDPOINT", "http://127.0.0.1:1");
    env.project("profiles: {test: {ververica: {region: eu-central-1}}}");
    env.run(&format!("list w:n --ververica-endpoint {}", emulator.url)).exits(0);
    assert_eq!(emulator.new_operations(), "list");
    env.run("list w:n --ververica-endpoint http://example.invalid")
        .exits(1)
        .tells("plain http is for loopback");
}

#[test]
fn manifests_are_named_by_position_or_flag_or_are_those_of_the_project() {
    let env = TestEnv::new();
    env.project("profiles: {local: {emulator: true}}");
    env.manifest("a.yaml", &[connector("a")]);
    env.manifest("b.yaml", &[connector("b")]);
    env.run("validate").exits(0).shows("2 objects in 2 files");
    env.run("validate manifests/a.yaml").exits(0).shows("1 object in 1 file");
    env.run("validate manifests/a.yaml -f manifests/b.yaml").exits(0).shows("2 objects in 2 files");
    env.run("validate manifests/nobody.yaml").exits(65).tells("nobody.yaml");
}
