//! Roles: what a role cannot see is not absent (design.md 3.2).

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::kafka;

#[test]
fn a_store_that_another_role_does_not_see_is_neither_created_nor_forgotten() {
    let emulator = Emulator::open("");
    let env = TestEnv::with_stores(&emulator);
    env.manifest("orders.yaml", &[kafka("orders")]);
    env.apply("").exits(0);
    emulator.new_requests();

    let said = env.run("plan manifests --deltastream-role analyst --detailed-exitcode").exits(6);
    assert!(
        said.stdout().contains("role analyst does not list it, and role sysadmin did"),
        "{}",
        said.stdout()
    );
    env.run("apply manifests --yes --deltastream-role analyst").exits(6);
    env.run("destroy --all --yes --deltastream-role analyst").exits(6);
    env.run("drift manifests --deltastream-role analyst").exits(0).shows("out of sight");
    assert_eq!(emulator.new_counts().into_keys().collect::<Vec<_>>(), ["list-stores"]);

    env.plan("--detailed-exitcode").exits(0).shows("No changes.");
}

#[test]
fn a_name_that_exists_out_of_sight_is_refused_with_the_role() {
    let emulator = Emulator::open("");
    let owner = TestEnv::with_stores(&emulator);
    owner.manifest("orders.yaml", &[kafka("orders")]);
    owner.apply("").exits(0);
    let env = TestEnv::with_stores_as(&emulator, "analyst");
    env.manifest("orders.yaml", &[kafka("orders")]);
    env.apply("").exits(1).tells("42P05").tells("analyst");
}

#[test]
fn the_owner_of_a_store_is_the_role_that_creates_changes_and_drops_it() {
    let emulator = Emulator::open("");
    let env = TestEnv::with_stores(&emulator);
    env.manifest("orders.yaml", &[kafka("orders").with("owner", "analyst")]);
    env.apply("").exits(0);
    let owner = |env: &TestEnv| {
        env.run("list Store -o json").exits(0).json("list")["objects"][0]["owner"].as_str().map(str::to_owned)
    };
    assert_eq!(owner(&env).as_deref(), Some("analyst"));

    // Another owner is another store: dropped, then created.
    env.manifest("orders.yaml", &[kafka("orders").with("owner", "loader")]);
    env.plan("").exits(0).shows("owner : \"analyst\" -> \"loader\"  forces replacement");
    env.apply("").exits(0).shows("1 replaced").shows("Converged.");
    assert_eq!(owner(&env).as_deref(), Some("loader"));
    env.run("destroy --all --yes").exits(0);
    assert_eq!(owner(&env), None);
}
