//! Import, and the field that no read shows.

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::connector;

#[test]
fn the_apply_after_an_import_sends_nothing_and_shows_what_is_assumed() {
    let emulator = Emulator::open("");
    emulator.overwrite(&connector("orders"));
    let env = TestEnv::of(&emulator);
    env.manifest("orders.yaml", &[connector("orders")]);
    env.run("import FlinkConnector w:n:orders")
        .exits(0)
        .shows("Imported w:n:orders as FlinkConnector/orders");
    assert_eq!(emulator.new_operations(), "list");

    env.plan("")
        .exits(0)
        .shows("? \"oss://jars/orders-1.jar\"")
        .shows("assumed")
        .shows("Writes if applied: 0.");
    env.apply("").exits(0).shows("Converged.");
    assert_eq!(emulator.new_operations(), "list list list");
    env.plan("").exits(0).shows("No changes.");
    emulator.new_requests();

    env.apply("--replace FlinkConnector/orders").exits(0).shows("1 changed");
    assert_eq!(emulator.new_operations(), "list delete list register list list");
}

#[test]
fn an_id_is_split_at_its_first_two_colons() {
    let emulator = Emulator::open("");
    emulator.overwrite(&connector("a").with("connectorName", "'a:b'"));
    let env = TestEnv::of(&emulator);
    env.run("import FlinkConnector w:n:a:b").exits(64).tells("--as");
    env.run("import FlinkConnector w:n:a:b --as ab").exits(0).shows("FlinkConnector/ab");
    env.run("state list").exits(0).shows("w:n:a:b");
}

#[test]
fn what_does_not_exist_or_is_recorded_already_is_not_imported() {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.run("import FlinkConnector w:n:nobody").exits(1).tells("w:n:nobody does not exist");
    env.run("import FlinkConnector w:n").exits(64);
    env.run("import Table w:n:a").exits(64);
    env.manifest("a.yaml", &[connector("a")]);
    env.apply("").exits(0);
    env.run("import FlinkConnector w:n:a --as other").exits(6).tells("recorded already").tells("state mv");
}
