//! What keeps a plan from deleting more than was meant.

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::{Connector, connector};

fn three() -> (Emulator, TestEnv) {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    for name in ["a", "b", "c"] {
        env.manifest(&format!("{name}.yaml"), &[connector(name)]);
    }
    env.apply("").exits(0);
    emulator.new_requests();
    (emulator, env)
}

fn newer(name: &str) -> Connector {
    connector(name).with("jarUrl", &format!("oss://jars/{name}-2.jar"))
}

#[test]
fn an_empty_manifest_folder_deletes_nothing() {
    let (emulator, env) = three();
    for name in ["a", "b", "c"] {
        env.remove_manifest(&format!("{name}.yaml"));
    }
    env.apply("").exits(6).tells("nothing was changed").tells("3");
    env.plan("--detailed-exitcode").exits(6).shows("refused:");
    assert_eq!(emulator.new_operations(), "list list");
    assert_eq!(emulator.names("w:n"), "a b c");
}

#[test]
fn a_broken_manifest_keeps_everything_from_being_deleted() {
    let (emulator, env) = three();
    env.remove_manifest("a.yaml");
    env.write("manifests/b.yaml", "kind: FlinkConnector\nspec: [");
    env.apply("").exits(65).tells("b.yaml:");
    assert_eq!(emulator.new_operations(), "");
}

#[test]
fn deletes_beyond_the_budget_are_refused_as_a_whole() {
    let (emulator, env) = three();
    env.remove_manifest("a.yaml");
    env.remove_manifest("b.yaml");
    env.apply("--max-delete 1").exits(6).tells("nothing was changed");
    assert_eq!(emulator.new_operations(), "list");
    env.apply("--max-delete 2").exits(0).shows("2 destroyed");
    assert_eq!(emulator.names("w:n"), "c");
}

#[test]
fn registrations_of_new_jars_count_as_replacements() {
    let (emulator, env) = three();
    env.manifest("a.yaml", &[newer("a")]);
    env.manifest("b.yaml", &[connector("b").with("connectorType", "other")]);
    env.apply("--max-replace 1").exits(6).tells("nothing was changed");
    assert_eq!(emulator.new_operations(), "list");
    env.apply("--max-replace 2").exits(0).shows("1 changed, 1 replaced");
}

#[test]
fn the_project_file_sets_budgets_and_a_flag_overrides_them() {
    let (emulator, env) = three();
    let limits = "limits: {delete: 1, replace: 0}";
    env.project(&format!(
        "profiles: {{test: {{ververica: {{endpoint: '{}', sendDefinition: true}}, {limits}}}}}",
        emulator.url
    ));
    env.manifest("a.yaml", &[newer("a")]);
    env.apply("").exits(6);
    env.apply("--max-replace 1").exits(0);
    env.remove_manifest("a.yaml");
    env.remove_manifest("b.yaml");
    env.apply("").exits(6);
    env.run("destroy --all --yes").exits(6);
    env.run("destroy --all --yes --max-delete 3").exits(0).shows("3 destroyed");
}

#[test]
fn nobody_to_ask_is_not_consent() {
    let (emulator, env) = three();
    env.remove_manifest("a.yaml");
    env.run("apply manifests").exits(6).tells("nobody to ask").tells("--yes").shows("1 to destroy");
    env.run("destroy --all").exits(6).tells("--yes");
    assert_eq!(emulator.new_operations(), "list list");
    // Where there is nothing to do there is nothing to ask.
    env.manifest("a.yaml", &[connector("a")]);
    env.run("apply manifests").exits(0).shows("No changes.");
}
