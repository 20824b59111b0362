//! The first command of the README, as a newcomer runs it (SC-003).

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use reconcile::domain::desired::Spec;
use reconcile::domain::secret::Source;
use reconcile::manifest::{self, values::Values};
use reconcile::platform::fs;

use crate::support::env::TestEnv;

#[test]
fn the_first_command_works_in_twenty_clean_homes() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("manifests-examples/quickstart");
    for home in 1..=20 {
        let env = TestEnv::new();
        let line = format!("apply {} --yes --state state", examples.display());
        let said = env.run(&line).exits(0).shows("Apply complete: 6 added").shows("Converged.");
        assert!(said.stderr().contains("the built-in emulator"), "home {home}: {said:?}");
    }
}

/// A copy of an example, and everything that its secrets come from.
fn with_secrets(example: &Path) -> TestEnv {
    let mut env = TestEnv::new();
    // What lies deeper is data of a suite.
    for file in fs::list(example).unwrap().into_iter().filter(|path| path.is_file()) {
        let name = file.file_name().unwrap().to_str().unwrap();
        env.write(
            format!("manifests/{name}"),
            &String::from_utf8(fs::read(&file, 1 << 20).unwrap()).unwrap(),
        );
    }
    let tools = env.work().join("tools");
    let loaded = manifest::load(&[env.work().join("manifests")], &Values::default()).unwrap();
    for desired in loaded.desired.declared().values() {
        let Spec::Store(store) = &desired.spec else { continue };
        for (_, sealed) in store.sealed() {
            match sealed.source() {
                Source::Env(name) => env = env.with(name, "from-a-variable"),
                Source::File(path) => {
                    fs::create_folder(fs::parent(path)).unwrap();
                    fs::replace(path, b"from a file").unwrap();
                }
                Source::Command { argv, folder: _ } => {
                    fs::create_folder(&tools).unwrap();
                    let tool = tools.join(&argv[0]);
                    fs::replace(&tool, b"#!/bin/sh\necho from a command\n").unwrap();
                    std::fs::set_permissions(tool, std::fs::Permissions::from_mode(0o700)).unwrap();
                }
                Source::Literal(_) | Source::LeftBehind => panic!("{} holds a secret", desired.address),
            }
        }
    }
    env.with("PATH", &tools.display().to_string())
}

#[test]
fn every_example_applies_and_then_has_no_changes() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("manifests-examples");
    for folder in fs::list(&examples).unwrap() {
        // Suites are no objects: there is nothing to be applied.
        let says = if folder.ends_with("verify") { "No changes." } else { "Converged." };
        let env = with_secrets(&folder);
        let folder = "manifests";
        env.run(&format!("apply {folder} --yes")).exits(0).shows(says);
        env.run(&format!("plan {folder} --detailed-exitcode")).exits(0).shows("No changes.");
    }
}
