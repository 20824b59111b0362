//! Plans for people: large ones, and how much of them is shown.

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::connector;

fn many(count: usize) -> (Emulator, TestEnv) {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    let all: Vec<_> = (0..count).map(|n| connector(&format!("c{n:04}"))).collect();
    env.manifest("all.yaml", &all);
    (emulator, env)
}

fn rows(text: &str) -> usize {
    text.lines().filter(|line| line.starts_with("  + ")).count()
}

#[test]
fn a_large_plan_shows_the_first_rows_and_counts_the_rest() {
    let (_emulator, env) = many(120);
    let plan = env
        .plan("")
        .exits(0)
        .shows("FlinkConnector in w:n: 120 to create\n")
        .shows("… 100 more like these; --full shows every row\n")
        .shows("Plan: 120 to add");
    assert_eq!(rows(plan.stdout()), 20);
    let full = env.plan("--full").exits(0).hides("more like these");
    assert_eq!(rows(full.stdout()), 120);
    assert!(full.stdout().lines().count() > 500);
    let concise = env.plan("--concise").exits(0).hides("more like these").shows("Plan: 120 to add");
    assert_eq!((rows(concise.stdout()), concise.stdout().lines().count()), (120, 123));
    env.plan("--concise --full").exits(64);
    let variable = env.with("RECONCILE_CONCISE", "true");
    assert_eq!(variable.plan("").exits(0).stdout().lines().count(), 123);
    let (_emulator, env) = many(40);
    assert_eq!(rows(env.with("RECONCILE_FULL", "true").plan("").exits(0).stdout()), 40);
}

#[test]
fn apply_and_destroy_show_their_plans_the_same_way() {
    let (_emulator, env) = many(40);
    env.run("apply manifests --concise").exits(6).shows("Plan: 40 to add");
    env.apply("").exits(0).shows("… 20 more like these");
    let said = env.run("destroy --all --concise").exits(6).shows("Plan: 0 to add").shows("40 to destroy");
    assert_eq!(said.stdout().lines().filter(|line| line.starts_with("  - ")).count(), 40);
    env.run("destroy --all --full").exits(6).hides("to destroy\n\n");
}

#[test]
fn nothing_is_shortened_in_a_pipe() {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    let long = "word ".repeat(80);
    env.manifest("a.yaml", &[connector("a").with("description", &format!("'{long}'"))]);
    env.plan("").exits(0).shows(&long).hides("…");
    env.with("COLUMNS", "40").plan("").exits(0).shows(&long).hides("…");
}
