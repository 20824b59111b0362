//! The entries of `lifecycle`, and the rename.

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::connector;

fn applied(manifest: &crate::support::manifest::Connector) -> (Emulator, TestEnv) {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.manifest("it.yaml", std::slice::from_ref(manifest));
    env.manifest("other.yaml", &[connector("other")]);
    env.apply("").exits(0);
    emulator.new_requests();
    (emulator, env)
}

#[test]
fn protection_outlives_the_manifest_until_it_is_lifted_by_an_apply() {
    let (emulator, env) = applied(&connector("a").lifecycle("protect", "true"));
    env.remove_manifest("it.yaml");
    env.apply("").exits(6).shows("! FlinkConnector/a").shows("protect: false");
    env.run("destroy --all --yes").exits(6).shows("1 destroyed");
    assert_eq!(emulator.names("w:n"), "a");

    env.manifest("it.yaml", &[connector("a").lifecycle("protect", "false")]);
    env.remove_manifest("other.yaml");
    env.apply("").exits(0);
    env.run("destroy --all --yes").exits(0);
    assert_eq!(emulator.names("w:n"), "");
}

#[test]
fn a_protected_connector_is_registered_again_only_where_the_gap_is_allowed() {
    let (emulator, env) = applied(&connector("a").lifecycle("protect", "true"));
    let newer = connector("a").with("jarUrl", "oss://jars/a-2.jar").lifecycle("protect", "true");
    env.manifest("it.yaml", std::slice::from_ref(&newer));
    env.apply("").exits(6).shows("allowGap: true");
    assert_eq!(emulator.new_operations(), "list");
    env.manifest("it.yaml", &[newer.lifecycle("allowGap", "true")]);
    env.apply("").exits(0).shows("1 changed");
}

#[test]
fn a_protected_connector_is_never_replaced() {
    let (emulator, env) = applied(&connector("a").lifecycle("protect", "true"));
    let moved =
        connector("a").with("namespaceName", "n2").lifecycle("protect", "true").lifecycle("allowGap", "true");
    env.manifest("it.yaml", &[moved]);
    env.apply("").exits(6).shows("! FlinkConnector/a");
    assert_eq!(emulator.new_counts().keys().cloned().collect::<Vec<_>>(), ["list"]);
}

#[test]
fn a_retained_connector_lives_on_when_its_manifest_goes() {
    let (emulator, env) = applied(&connector("a").lifecycle("onRemove", "retain"));
    env.remove_manifest("it.yaml");
    env.apply("").exits(0).shows("it lives on").shows("1 forgotten");
    assert_eq!(emulator.new_operations(), "list list");
    assert_eq!(emulator.names("w:n"), "a other");
    env.run("list w:n --unmanaged").exits(0).shows("(unmanaged)").hides("other");
}

#[test]
fn an_adopted_connector_costs_a_request_only_where_it_differs() {
    let emulator = Emulator::open("");
    emulator.overwrite(&connector("same"));
    emulator.overwrite(&connector("differs").with("sink", "false"));
    let env = TestEnv::of(&emulator);
    let adopt = |name: &str| connector(name).lifecycle("adopt", "true");
    env.manifest("same.yaml", &[adopt("same")]);
    env.apply("").exits(0).shows("> FlinkConnector/same").shows("no request").shows("Converged.");
    assert_eq!(emulator.new_operations(), "list list");
    env.manifest("differs.yaml", &[adopt("differs").with("sink", "true")]);
    env.apply("").exits(0).shows("> FlinkConnector/differs").shows("false -> true");
    assert_eq!(emulator.new_operations(), "list delete list register list list");
    env.plan("").exits(0).shows("No changes. 2 manifests match live");
}

#[test]
fn an_ignored_field_is_listed_and_left_alone() {
    let (emulator, env) = applied(&connector("a").with("sink", "true"));
    let ignoring = connector("a").with("sink", "false").lifecycle("ignoreFields", "[/spec/sink]");
    env.manifest("it.yaml", &[ignoring]);
    env.plan("").exits(0).shows("ignored by lifecycle.ignoreFields");
    env.apply("").exits(0);
    assert_eq!(emulator.new_counts().keys().cloned().collect::<Vec<_>>(), ["list"]);
    env.plan("--detailed-exitcode").exits(0).shows("ignored by lifecycle.ignoreFields");
}

#[test]
fn another_metadata_name_renames_in_the_state_and_sends_nothing() {
    let (emulator, env) = applied(&connector("a"));
    env.manifest("it.yaml", &[connector("a").named("renamed")]);
    env.plan("").exits(0).shows("renamed from FlinkConnector/a; no request").shows("Writes if applied: 0.");
    emulator.new_requests();
    env.apply("").exits(0).shows("Converged.");
    assert_eq!(emulator.new_operations(), "list list");
    env.run("state list").exits(0).shows("FlinkConnector/renamed").hides("FlinkConnector/a ");
    env.plan("").exits(0).shows("No changes.");
}

#[test]
fn a_move_in_the_state_follows_a_rename_and_a_forgotten_one_lives_on() {
    let (emulator, env) = applied(&connector("a"));
    env.run("state mv FlinkConnector/a FlinkConnector/b").exits(0).shows("Nothing was sent.");
    env.manifest("it.yaml", &[connector("a").named("b")]);
    env.plan("").exits(0).shows("No changes. 2 manifests match live");
    env.run("state mv FlinkConnector/b FlinkConnector/other").exits(6);
    env.run("state rm FlinkConnector/b").exits(0).shows("lives on.");
    env.run("state rm FlinkConnector/b").exits(1).tells("FlinkConnector/b is not recorded");
    assert_eq!(emulator.names("w:n"), "a other");
}
