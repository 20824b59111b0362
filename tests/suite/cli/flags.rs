//! Flags that stand beside something else: a setting of the project file, a position, a variable.

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::{connector, kafka};

#[test]
fn a_store_needs_no_project_file_when_the_flags_say_where_deltastream_is() {
    let emulator = Emulator::open("");
    let env = TestEnv::new()
        .with("DELTASTREAM_API_TOKEN", &emulator.token)
        .with("RECONCILE_STORE_TIME_DIVISOR", "50");
    env.manifest("orders.yaml", &[kafka("orders")]);
    let there = format!("--deltastream-url {} --deltastream-role sysadmin", emulator.deltastream);
    let organization = format!("--deltastream-organization {}", emulator.organization);
    env.apply(&format!("{there} {organization}")).exits(0).shows("Converged.");
    env.plan(&format!("{there} --deltastream-organization elsewhere"))
        .exits(1)
        .tells("organization does not exist");
}

#[test]
fn a_role_that_may_do_nothing_is_refused_with_its_name() {
    let emulator = Emulator::open("--deny-role intern");
    let env = TestEnv::with_stores_as(&emulator, "intern");
    env.manifest("orders.yaml", &[kafka("orders")]);
    env.plan("").exits(77).tells("intern");
}

#[test]
fn manifests_are_named_by_their_position_or_by_filename() {
    let env = TestEnv::new();
    env.manifest("a.yaml", &[connector("a")]);
    for line in ["validate manifests", "validate -f manifests", "validate --filename manifests/a.yaml"] {
        env.run(line).exits(0).shows("1 object in 1 file");
    }
}

#[test]
fn verbose_logs_what_changes_and_twice_every_call() {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a")]);
    let calls = |flags: &str| {
        let said = env.plan(flags).exits(0);
        said.stderr().contains("ListCustomConnectors")
    };
    assert_eq!([calls(""), calls("--verbose"), calls("--verbose --verbose")], [false, false, true]);
}

#[test]
fn an_emulator_that_would_listen_beyond_this_machine_does_not_start() {
    let env = TestEnv::new();
    env.run("emulator --listen 0.0.0.0:0").exits(1).tells("127.0.0.1:0");
}
