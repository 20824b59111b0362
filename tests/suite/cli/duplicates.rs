//! Two manifests that claim the same thing: refused before anything is sent, with both places.

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::{Connector, connector};

/// Both files are named, nothing is sent.
fn refused(first: Connector, second: Connector, word: &str) {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.manifest("first.yaml", &[first]);
    env.manifest("second.yaml", &[second]);
    for command in ["validate manifests", "plan manifests", "apply manifests --yes"] {
        env.run(command).exits(65).tells("first.yaml:").tells("second.yaml:").tells(word);
    }
    assert_eq!(emulator.new_operations(), "");
}

#[test]
fn the_same_address_twice_is_refused_with_both_places() {
    refused(connector("a"), connector("b").named("a"), "FlinkConnector/a");
}

#[test]
fn the_same_natural_key_twice_is_refused_with_both_places() {
    let second = connector("b").with("connectorName", "a");
    refused(connector("a"), second, "w:n:a");
}

#[test]
fn the_same_type_twice_in_one_workspace_is_refused_with_both_places() {
    let second = connector("b").with("namespaceName", "elsewhere").with("connectorType", "a");
    refused(connector("a"), second, "connectorType");
}

#[test]
fn the_same_name_and_type_in_two_workspaces_are_two_connectors() {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a"), connector("a").with("workspaceId", "w2").named("a2")]);
    env.apply("").exits(0).shows("2 added").shows("Converged.");
}

#[test]
fn one_that_exists_and_is_not_managed_is_blocked_with_both_ways_out() {
    let emulator = Emulator::open("");
    emulator.overwrite(&connector("a"));
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a")]);
    env.apply("").exits(6).shows("! FlinkConnector/a").shows("import it").shows("lifecycle.adopt: true");
    assert_eq!(emulator.new_operations(), "list");
}

#[test]
fn a_type_that_somebody_else_holds_is_blocked_and_names_the_holder() {
    let emulator = Emulator::open("");
    emulator.overwrite(&connector("holder").with("connectorType", "a"));
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a"), connector("b")]);
    env.apply("").exits(6).shows("w:n:holder").shows("1 added");
    assert_eq!(emulator.names("w:n"), "b holder");
}
