//! The first command of the README, as a newcomer runs it (SC-003).

use std::path::Path;

use crate::support::env::TestEnv;

#[test]
fn the_first_command_works_in_twenty_clean_homes() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("manifests-examples/quickstart");
    for home in 1..=20 {
        let env = TestEnv::new();
        let line = format!("apply {} --yes --state state", examples.display());
        let said = env.run(&line).exits(0).shows("Apply complete: 5 added").shows("Converged.");
        assert!(said.stderr().contains("the built-in emulator"), "home {home}: {said:?}");
    }
}

#[test]
fn every_example_applies_and_then_has_no_changes() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("manifests-examples");
    for folder in reconcile::platform::fs::list(&examples).unwrap() {
        let env = TestEnv::new();
        let folder = folder.display();
        env.run(&format!("apply {folder} --yes")).exits(0).shows("Converged.");
        env.run(&format!("plan {folder} --detailed-exitcode")).exits(0).shows("No changes.");
    }
}
