//! What is kept of a state, the way back to it, and whether it is sound.

use reconcile::platform::fs;
use serde_json::json;

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::connector;

/// Two generations: `a`, then `a` and `b`.
fn two_generations() -> (Emulator, TestEnv) {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a")]);
    env.apply("").exits(0);
    env.manifest("b.yaml", &[connector("b")]);
    env.apply("").exits(0);
    (emulator, env)
}

fn serials(env: &TestEnv) -> Vec<(u64, Option<u64>, bool)> {
    let document = env.run("state history -o json").exits(0).json("state history");
    let generations = document["generations"].as_array().unwrap();
    let one = |one: &serde_json::Value| {
        assert!(one["at"].as_str().unwrap().ends_with('Z'), "{one}");
        (one["serial"].as_u64().unwrap(), one["objects"].as_u64(), one["present"].as_bool().unwrap())
    };
    generations.iter().map(one).collect()
}

#[test]
fn a_backup_becomes_the_state_again_and_the_present_state_becomes_a_backup() {
    let (_emulator, env) = two_generations();
    assert_eq!(serials(&env), [(2, Some(2), true), (1, Some(1), false), (0, Some(0), false)]);
    env.run("state history").exits(0).shows("the present state");
    let document = env.run("state history -o json").exits(0).json("state history");
    let by: Vec<&serde_json::Value> =
        document["generations"].as_array().unwrap().iter().map(|one| &one["command"]).collect();
    assert_eq!(
        by,
        ["apply", "apply", ""].map(|by| if by.is_empty() { json!(null) } else { json!(by) }).each_ref()
    );
    env.run("state restore 1").exits(6).tells("nobody to ask").tells("now     serial 2, 2 objects");
    env.run("state restore 7 --yes").exits(1).tells("no backup of serial 7");
    let lineage = |env: &TestEnv| {
        let snapshot: serde_json::Value =
            serde_json::from_str(&env.read("state/test/snapshot.json")).unwrap();
        snapshot["lineage"].clone()
    };
    let before = lineage(&env);
    env.run("state restore 1 --yes").exits(0).shows("Restored serial 1 as serial 3: 1 object recorded.");
    assert_eq!(lineage(&env), before);
    assert_eq!(
        serials(&env),
        [(3, Some(1), true), (2, Some(2), false), (1, Some(1), false), (0, Some(0), false)]
    );
    env.plan("").exits(0).shows("! FlinkConnector/b");
    env.run("state restore 2 --yes -o json").exits(0).json("state restore");
    env.plan("").exits(0).shows("No changes. 2 manifests match live (serial 4");
    env.run("state check").exits(0).shows("is sound");
}

#[test]
fn a_damaged_state_is_restored_and_what_was_there_is_kept() {
    let (_emulator, env) = two_generations();
    let whole = env.read("state/test/snapshot.json");
    env.write("state/test/snapshot.json", &whole.replace("oss://", "OSS://"));
    env.plan("").exits(1).tells("is damaged").tells("state restore SERIAL");
    let said = env.run("state check").exits(1);
    assert!(said.stdout().contains("its checksum does not match"), "{}", said.stdout());
    assert!(said.stdout().contains("`reconcile state restore 1`"), "{}", said.stdout());
    env.run("state restore 1 --yes").exits(0).shows("1 object recorded");
    let said = env.run("state check").exits(1);
    assert!(said.stdout().contains("was kept for you"), "{}", said.stdout());
}

#[test]
fn every_finding_of_a_check_has_its_remedy() {
    let (_emulator, env) = two_generations();
    let state = env.work().join("state/test");
    env.write("state/test/notes.txt", "mine");
    fs::replace(&state.join("backups/snapshot-9.json"), b"").unwrap();
    fs::replace(
        &state.join("backups/snapshot-5.json"),
        env.read("state/test/backups/snapshot-1.json").as_bytes(),
    )
    .unwrap();
    let document = env.run("state check -o json").exits(1).json("state check");
    let findings: Vec<String> = document["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            assert_ne!(one["remedy"], "");
            one["finding"].as_str().unwrap().to_owned()
        })
        .collect();
    for part in [
        "the snapshot has serial 2, but",
        "snapshot-9.json is damaged: it is empty",
        "snapshot-5.json holds serial 1",
        "notes.txt does not belong into a state",
    ] {
        assert!(findings.iter().any(|finding| finding.contains(part)), "no {part:?} in {findings:#?}");
    }
    assert_eq!(findings.len(), 4, "{findings:#?}");
}

#[test]
fn a_run_that_was_cut_off_is_a_finding_and_takes_no_lock_to_see() {
    let emulator = Emulator::open("--creating-for 5s");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a")]);
    let run = env.start("apply manifests --yes");
    emulator.until_asked("register", 1);
    env.run("state check").exits(0);
    drop(run);
    env.run("state check").exits(1).shows("requests without an answer: 1").shows("`reconcile apply`");
}

#[test]
fn a_move_to_another_kind_is_refused() {
    let (_emulator, env) = two_generations();
    env.run("state mv FlinkConnector/a Store/a").exits(6).tells("an object keeps its kind");
}
