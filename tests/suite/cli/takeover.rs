//! Taking over what exists: everything of a namespace, or all stores, as manifests and records, without a request that
//! changes anything.

use serde_json::json;

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::{Store, connector, kafka, plain_kafka, postgres};

/// An emulator in which somebody else registered this many connectors, all from one JAR.
fn namespace_of(size: usize) -> Emulator {
    let emulator = Emulator::strict("");
    let names: Vec<String> = (0..size).map(|n| format!("c-{n:03}")).collect();
    let held: Vec<_> = names.iter().map(|name| json!({"name": name, "type": name, "sink": true})).collect();
    emulator.jar("oss://jars/all.jar", &held);
    let stranger = TestEnv::with_service(&emulator, "sendDefinition: false");
    let all = names.iter().map(|name| connector(name).with("jarUrl", "oss://jars/all.jar"));
    stranger.manifest("all.yaml", &all.collect::<Vec<_>>());
    stranger.apply("--quiet").exits(0);
    emulator.new_requests();
    emulator
}

/// Fills in every `jarUrl` below `taken/`.
fn fill_in(env: &TestEnv, size: usize) {
    for n in 0..size {
        let file = format!("taken/c-{n:03}.yaml");
        let text = env.read(&file);
        assert!(text.contains("  # fill in jarUrl: the API never returns it\n  jarUrl: ''\n"), "{text}");
        env.write(&file, &text.replace("jarUrl: ''", "jarUrl: oss://jars/all.jar"));
    }
}

/// From a live namespace to an empty plan: five lists, and nothing else.
fn a_namespace_is_taken_over(size: usize) {
    let emulator = namespace_of(size);
    let env = TestEnv::with_service(&emulator, "sendDefinition: false");
    let line = "import FlinkConnector --all --workspace w --namespace n --write taken";
    env.run(line)
        .exits(0)
        .shows("taken/c-000.yaml")
        .shows(&format!("Imported {size} objects (serial 1). Nothing was sent."))
        .shows(&format!("fill in {size} fields"));
    assert_eq!(emulator.new_operations(), "list");

    env.run("validate taken")
        .exits(65)
        .tells("RC0112")
        .tells("taken/c-000.yaml:11:")
        .tells("help: fill in jarUrl: the API never returns it");
    env.run("apply taken --yes").exits(65);
    assert_eq!(emulator.new_operations(), "");

    fill_in(&env, size);
    env.run("plan taken")
        .exits(0)
        .shows("? \"oss://jars/all.jar\"")
        .shows(&format!("Plan: 0 to add, {size} to change, 0 to replace, 0 to destroy. 0 unchanged."))
        .shows("Writes if applied: 0.");
    env.run("apply taken --yes --quiet").exits(0).shows("Converged.");
    env.run("plan taken").exits(0).shows("No changes.");
    assert_eq!(emulator.new_operations(), "list list list list");

    env.run(line).exits(0).shows(&format!("Nothing to import; {size} recorded already."));
    env.run(&format!("{line} -o json")).exits(0).json("import");
}

#[test]
fn three_connectors_are_taken_over_with_one_list() {
    a_namespace_is_taken_over(3);
}

#[test]
fn five_hundred_connectors_are_taken_over_with_one_list_and_one_commit() {
    a_namespace_is_taken_over(500);
}

#[test]
fn several_namespaces_cost_a_list_each_and_a_name_that_is_taken_gets_a_suffix() {
    let emulator = Emulator::open("");
    for (namespace, kind) in [("n", "a"), ("m", "b")] {
        emulator.overwrite(&connector("orders").with("namespaceName", namespace).with("connectorType", kind));
    }
    emulator.overwrite(&connector("Other"));
    let env = TestEnv::of(&emulator);
    let all = "import FlinkConnector --all --workspace w --namespace n --namespace m";
    let document = env.run(&format!("{all} --name ord* --write taken -o json")).exits(0).json("import");
    assert_eq!(emulator.new_operations(), "list list");
    let imported: Vec<(&str, &str)> = document["imported"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["id"].as_str().unwrap(), one["manifest"].as_str().unwrap()))
        .collect();
    assert_eq!(imported, [("w:m:orders", "taken/orders.yaml"), ("w:n:orders", "taken/orders-2.yaml")]);
    assert_eq!((&document["toFillIn"], &document["serial"]), (&json!(2), &json!(1)));
    assert!(env.read("taken/orders-2.yaml").contains("name: orders-2\n"));

    // Without manifests the record alone; what is there already is counted.
    env.run(all).exits(0).shows("Imported 1 object; 2 recorded already").shows("is deleted");
    env.run("state list").exits(0).shows("FlinkConnector/Other");
}

#[test]
fn no_file_is_overwritten_and_then_nothing_is_recorded() {
    let emulator = namespace_of(2);
    let env = TestEnv::with_service(&emulator, "sendDefinition: false");
    reconcile::platform::fs::create_folder(&env.work().join("taken")).unwrap();
    env.write("taken/C-001.yaml", "# mine\n");
    env.run("import FlinkConnector --all --workspace w --namespace n --write taken")
        .exits(6)
        .tells("taken/c-001.yaml")
        .tells("another folder");
    env.run("state list").exits(0).tells("0 recorded");
    assert_eq!(env.read("taken/C-001.yaml"), "# mine\n");
    assert!(!env.has("taken/c-000.yaml"));
}

#[test]
fn a_single_import_writes_its_manifest_too_and_names_the_schema_of_the_project() {
    let emulator = namespace_of(1);
    let env = TestEnv::with_service(&emulator, "sendDefinition: false");
    reconcile::platform::fs::create_folder(&env.work().join(".reconcile")).unwrap();
    env.write(".reconcile/schema.json", "{}");
    env.run("import FlinkConnector w:n:c-000 --as mine --write taken/deep")
        .exits(0)
        .shows("taken/deep/mine.yaml");
    let text = env.read("taken/deep/mine.yaml");
    assert!(
        text.starts_with("# yaml-language-server: $schema=../../.reconcile/schema.json\napiVersion"),
        "{text}"
    );
    assert!(text.contains("connectorName: c-000\n") && text.contains("sink: true\n"), "{text}");
}

#[test]
fn what_to_list_has_to_be_said() {
    let env = TestEnv::new();
    for line in [
        "import FlinkConnector --all",
        "import FlinkConnector --all --workspace w",
        "import FlinkConnector --all --namespace n",
        "import FlinkConnector w:n:a --all --workspace w --namespace n",
        "import FlinkConnector w:n:a --namespace n",
        "import Store --all --workspace w",
        "import Store --all --as x",
    ] {
        env.run(line).exits(64);
    }
}

#[test]
fn all_stores_are_taken_over_with_one_query_and_a_look_at_each_and_no_secret_is_written() {
    let emulator = Emulator::open("");
    let owner = TestEnv::with_stores(&emulator);
    let stores: [Store; 3] = [kafka("orders"), plain_kafka("plain"), postgres("shop")];
    owner.manifest("all.yaml", &stores);
    owner.apply("").exits(0);
    emulator.new_requests();

    let env = TestEnv::with_stores(&emulator);
    env.run("import Store --all --write taken")
        .exits(0)
        .shows("Imported 3 objects")
        .shows("fill in 2 fields");
    assert_eq!(emulator.new_operations(), "list-stores describe-store describe-store describe-store");
    let (orders, plain) = (env.read("taken/orders.yaml"), env.read("taken/plain.yaml"));
    assert!(orders.contains("password: {fromEnv: ORDERS_KAFKA_SASL_PASSWORD}"), "{orders}");
    assert!(orders.contains("b1.example.test:9096") && orders.contains("owner: sysadmin"), "{orders}");
    assert!(!orders.contains("kafka-pass-1") && !orders.contains("svc"), "{orders}");
    env.run("validate taken").exits(65).tells("hashFunction");

    env.write("taken/orders.yaml", &orders.replace("hashFunction: ''", "hashFunction: SHA512"));
    let lines = plain.replace("hashFunction: ''", "hashFunction: NONE");
    let kept: Vec<&str> = lines
        .lines()
        .filter(|line| !line.contains("fromEnv") && !line.contains("set the variable"))
        .collect();
    env.write("taken/plain.yaml", &format!("{}\n", kept.join("\n")));
    let env = env
        .with("ORDERS_KAFKA_SASL_USERNAME", "svc")
        .with("ORDERS_KAFKA_SASL_PASSWORD", "kafka-pass-1")
        .with("SHOP_POSTGRES_USERNAME", "loader")
        .with("SHOP_POSTGRES_PASSWORD", "postgres-pass-1");
    env.run("plan taken")
        .exits(0)
        .shows("kafka.sasl.password")
        .shows("assumed")
        .shows("Writes if applied: 0.");
    env.run("apply taken --yes").exits(0).shows("Converged.");
    env.run("plan taken").exits(0).shows("No changes. 3 manifests match live");
    let asked = emulator.new_counts();
    assert_eq!(asked.keys().collect::<Vec<_>>(), ["list-stores"], "{asked:?}");
}
