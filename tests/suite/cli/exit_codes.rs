//! `--detailed-exitcode`: what a pipeline learns from a plan.

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::connector;

fn detailed(env: &TestEnv, code: i32) {
    env.plan("--detailed-exitcode").exits(code);
    // Without the flag a plan that could be made is a success.
    env.plan("").exits(0);
}

#[test]
fn a_plan_tells_nothing_changes_drift_and_refusal_apart() {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a").with("sink", "true")]);
    detailed(&env, 2);
    env.apply("").exits(0);
    detailed(&env, 0);

    emulator.overwrite(&connector("a").with("sink", "false"));
    detailed(&env, 7);
    env.manifest("b.yaml", &[connector("b")]);
    detailed(&env, 2);
    env.remove_manifest("b.yaml");
    emulator.lose("w:n:a");
    detailed(&env, 7);

    env.apply("").exits(0);
    env.remove_manifest("a.yaml");
    detailed(&env, 6);
}

#[test]
fn a_blocked_row_alone_is_a_refusal() {
    let emulator = Emulator::open("");
    emulator.overwrite(&connector("a"));
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a")]);
    detailed(&env, 6);
    env.apply("").exits(6);
    // Beside a change it is a change.
    env.manifest("b.yaml", &[connector("b")]);
    detailed(&env, 2);
}

#[test]
fn a_record_that_only_changes_here_is_a_change() {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a")]);
    env.apply("").exits(0);
    env.manifest("a.yaml", &[connector("a").with("description", "new")]);
    detailed(&env, 2);
    env.manifest("a.yaml", &[connector("a").named("renamed")]);
    detailed(&env, 2);
}
