//! Story 2: the four fields whose change is another object (FR-004).

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::{Connector, connector};

/// Applies `a`, then the changed manifest, and gives the writing requests of the second apply with their places.
fn replaced(changed: Connector, symbol: &str) -> String {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a")]);
    env.apply("").exits(0);
    env.manifest("a.yaml", &[changed]);
    env.plan("")
        .exits(0)
        .shows(&format!("{symbol} FlinkConnector/a"))
        .shows("forces replacement")
        .shows("1 to replace");
    emulator.new_requests();
    env.apply("").exits(0).shows("1 replaced").shows("Converged.");
    let requests = emulator.new_requests();
    let writes = requests.iter().filter(|request| request.short() != "list");
    let writes: Vec<String> =
        writes.map(|r| format!("{} {}:{}", r.short(), r.workspace, r.namespace)).collect();
    env.plan("").exits(0).shows("No changes. 1 manifest matches live");
    env.run("state list").exits(0).tells("1 recorded");
    writes.join(", ")
}

#[test]
fn another_workspace_is_registered_before_the_old_one_is_deleted() {
    let changed = connector("a").with("workspaceId", "w2");
    assert_eq!(replaced(changed, "+/-"), "register w2:n, delete w:n");
}

#[test]
fn another_namespace_of_the_workspace_deletes_first_because_the_type_is_taken() {
    let changed = connector("a").with("namespaceName", "n2");
    assert_eq!(replaced(changed, "-/+"), "delete w:n, register w:n2");
}

#[test]
fn another_name_deletes_first_because_the_type_is_taken() {
    let changed = connector("a").with("connectorName", "b");
    assert_eq!(replaced(changed, "-/+"), "delete w:n, register w:n");
}

#[test]
fn another_type_deletes_first_because_the_name_is_taken() {
    let changed = connector("a").with("connectorType", "b");
    assert_eq!(replaced(changed, "-/+"), "delete w:n, register w:n");
}

#[test]
fn another_name_and_type_from_another_jar_are_registered_first() {
    let changed = connector("a")
        .with("connectorName", "b")
        .with("connectorType", "b")
        .with("jarUrl", "oss://jars/b.jar");
    assert_eq!(replaced(changed, "+/-"), "register w:n, delete w:n");
}

#[test]
fn a_delete_first_replacement_proves_absence_in_between() {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a")]);
    env.apply("").exits(0);
    emulator.new_requests();
    env.manifest("a.yaml", &[connector("a").with("connectorType", "b")]);
    env.apply("").exits(0);
    assert_eq!(emulator.new_operations(), "list delete list register list list");
}
