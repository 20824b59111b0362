//! The seed's requirements for stores, one test each (FR-001…FR-011, NFR-001…NFR-006, the acceptance scenarios).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::{Store, betas, kafka, plain_kafka, postgres, snowflake};

const KEY: &str = "-----BEGIN PRIVATE KEY-----\nTk9UIEEgUkVBTCBLRVk=\n-----END PRIVATE KEY-----\n";

/// The stores as a list shows them.
fn listed(env: &TestEnv) -> Vec<Value> {
    env.run("list Store -o json").exits(0).json("list")["objects"].as_array().unwrap().clone()
}

/// Every subtype with what it needs and nothing more.
fn one_of_each() -> Vec<Store> {
    let core = [
        plain_kafka("kafka"),
        postgres("postgres"),
        snowflake("snowflake").without("snowflake.client.keyPassphrase"),
    ];
    core.into_iter().chain(betas()).collect()
}

/// Scenario 1, FR-003: creation ends when polling has seen `ready`, not before.
#[test]
fn scenario_1_a_new_store_is_created_and_polled_until_it_is_ready() {
    let emulator = Emulator::open("--provisioning-for 700ms");
    let env = TestEnv::with_stores(&emulator);
    env.manifest("orders.yaml", &[kafka("orders")]);
    env.apply("")
        .exits(0)
        .shows("1 added")
        .shows("Converged.")
        .tells("Store/orders: provisioning")
        .tells("Store/orders: Ready");
    let operations = emulator.new_operations();
    assert!(operations.starts_with("list-stores create-store list-stores list-stores"), "{operations}");
    assert_eq!(listed(&env)[0]["state"], "ready");
}

/// Scenario 2, FR-011, D-012: the timeout says subtype, name, elapsed, last state and last message.
#[test]
fn scenario_2_a_store_that_never_becomes_ready_fails_with_its_last_state() {
    let emulator = Emulator::open("--provisioning-for 1h");
    let env = TestEnv::with_stores(&emulator).with("RECONCILE_STORE_TIME_DIVISOR", "400");
    env.manifest("orders.yaml", &[kafka("orders")]);
    let said = env.apply("").exits(5);
    for part in
        ["kafka store \"orders\" is not ready after 1 s", "last state: provisioning", "last message: "]
    {
        assert!(said.stderr().contains(part), "no {part:?} in {}", said.stderr());
    }
    // It is recorded as degraded, and the next apply waits for it without another statement that changes anything.
    env.run("state show Store/orders").exits(0).shows("degraded");
    emulator.new_requests();
    env.apply("").exits(5).shows("waited for; no request");
    assert!(!emulator.new_counts().contains_key("create-store"));
}

/// Scenario 3, FR-005: no statement takes a description, so its change costs no request.
#[test]
fn scenario_3_a_changed_description_is_updated_in_place_without_replacement() {
    let emulator = Emulator::open("");
    let env = TestEnv::with_stores(&emulator);
    env.manifest("orders.yaml", &[kafka("orders").with("description", "one")]);
    env.apply("").exits(0);
    let before = listed(&env);
    emulator.new_requests();
    env.manifest("orders.yaml", &[kafka("orders").with("description", "two")]);
    env.apply("").exits(0).shows("\"one\" -> \"two\"").shows("1 changed").shows("Converged.");
    assert_eq!(emulator.new_counts().into_keys().collect::<Vec<_>>(), ["list-stores"]);
    assert_eq!(listed(&env), before);
}

/// Scenario 4: noticed by refresh and apply, created again, and polled to readiness.
#[test]
fn scenario_4_a_store_that_was_deleted_outside_is_created_again_and_waited_for() {
    let emulator = Emulator::open("--provisioning-for 300ms");
    let env = TestEnv::with_stores(&emulator);
    env.manifest("orders.yaml", &[kafka("orders")]);
    env.apply("").exits(0);
    emulator.drop_store("orders");
    env.plan("--detailed-exitcode").exits(7).shows("recorded, but absent: it is created again");
    env.run("drift manifests --detailed-exitcode").exits(7).shows("absent");
    env.apply("").exits(0).shows("1 added").tells("Store/orders: provisioning").shows("Converged.");
    assert_eq!(listed(&env)[0]["state"], "ready");
}

#[test]
fn fr_001_each_subtype_is_created_with_its_minimal_arguments() {
    let emulator = Emulator::open("");
    let env = TestEnv::with_stores(&emulator);
    env.write("manifests/key.pem", KEY);
    env.manifest("all.yaml", &one_of_each());
    env.apply("").exits(0).shows("8 added").shows("Converged.");
    assert_eq!(emulator.new_counts()["create-store"], 8);
}

/// FR-002, D-004, NFR-006: the same outputs, in the same shape, for every subtype.
#[test]
fn fr_002_and_nfr_006_type_owner_state_and_times_are_shown_uniformly_for_every_subtype() {
    let emulator = Emulator::open("");
    let env = TestEnv::with_stores(&emulator);
    env.write("manifests/key.pem", KEY);
    env.manifest("all.yaml", &one_of_each());
    env.apply("").exits(0);
    let stores = listed(&env);
    assert_eq!(stores.len(), 8);
    let keys = |store: &Value| store.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    for store in &stores {
        assert_eq!(keys(store), keys(&stores[0]), "{store}");
        for output in ["type", "state", "owner", "createdAt", "updatedAt"] {
            assert!(store[output].is_string(), "{output} of {store}");
        }
        assert_eq!((&store["state"], &store["owner"]), (&json!("ready"), &json!("sysadmin")));
    }
    let types: BTreeSet<&str> = stores.iter().map(|store| store["type"].as_str().unwrap()).collect();
    let all = ["kafka", "postgres", "snowflake", "s3", "kinesis", "clickhouse", "icebergRest", "icebergGlue"];
    assert_eq!(types, all.into());
}

#[test]
fn fr_003_a_store_in_error_ends_the_wait_at_once() {
    let emulator = Emulator::open("--fail create-store:errored");
    let env = TestEnv::with_stores(&emulator).with("RECONCILE_STORE_TIME_DIVISOR", "10");
    env.manifest("orders.yaml", &[kafka("orders")]);
    env.apply("").exits(3).tells("kafka store \"orders\" is errored: ");
    assert_eq!(emulator.new_counts()["create-store"], 1);
}

#[test]
fn fr_004_a_store_that_is_gone_already_is_deleted_without_an_error() {
    let emulator = Emulator::open("");
    let env = TestEnv::with_stores(&emulator);
    env.manifest("orders.yaml", &[kafka("orders"), kafka("payments")]);
    env.apply("").exits(0);
    emulator.drop_store("orders");
    env.run("destroy --all --yes").exits(0);
    env.run("state list").exits(0).hides("orders");
    assert_eq!(listed(&env), Vec::<Value>::new());
}

/// FR-006: what is missing, forbidden and belongs together, with the place.
#[test]
fn fr_006_arguments_are_validated_by_subtype_with_file_and_line() {
    let env = TestEnv::new();
    let cases = [
        (
            kafka("a").without("kafka.sasl.password"),
            "`kafka.sasl.password` is required with `kafka.sasl.hashFunction: SHA512`",
        ),
        (
            plain_kafka("a").with("kafka.sasl.username", "u"),
            "`kafka.sasl.username` does not go with `kafka.sasl.hashFunction: NONE`",
        ),
        (
            plain_kafka("a").with("kafka.sasl.hashFunction", "AWS_MSK_IAM"),
            "`kafka.msk.iamRoleArn` is required",
        ),
        (plain_kafka("a").with("kafka.sasl.hashFunction", "sha256"), "SHA256"),
        (plain_kafka("a").without("kafka.uris"), "kafka.uris"),
        (plain_kafka("a").with("kafka.tls.client.certFile", "cert.pem"), "`kafka.tls.client.keyFile`"),
        (postgres("a").with("postgres.uris", "postgresql://u:p@db.example.test/orders"), "postgres.uris"),
        (postgres("a").with("postgres.uris", "mysql://db.example.test/orders"), "postgresql://"),
        (
            snowflake("a").without("snowflake.warehouseName"),
            "`snowflake.warehouseName` is required for a snowflake store",
        ),
        (betas().remove(0).without("s3.aws"), "an access key"),
        (betas().remove(0).with("s3.aws.accessKeyId", "k"), "second way"),
        (kafka("a").with("postgres", json!({})), "the store has two blocks, `kafka` and `postgres`"),
    ];
    for (store, fact) in cases {
        env.manifest("a.yaml", &[store]);
        let said = env.run("validate manifests").exits(65);
        assert!(said.stderr().contains(fact), "no {fact:?} in {}", said.stderr());
        assert!(said.stderr().contains("manifests/a.yaml:"), "{}", said.stderr());
        assert!(!said.stderr().contains("u:p@"), "{}", said.stderr());
    }
}

#[test]
fn fr_007_credentials_are_tagged_as_secrets_in_the_schema() {
    let env = TestEnv::new();
    let said = env.run("schema Store").exits(0);
    let schema: Value = serde_json::from_str(said.stdout()).unwrap();
    let mut secrets = Vec::new();
    find_secrets(&schema, &mut secrets);
    assert!(secrets.len() >= 15, "{} secret fields", secrets.len());
    assert!(secrets.iter().all(|field| field["writeOnly"] == true), "{secrets:?}");
}

fn find_secrets<'a>(schema: &'a Value, found: &mut Vec<&'a Value>) {
    if schema["x-reconcile-secret"] == true {
        found.push(schema);
    }
    match schema {
        Value::Object(members) => members.values().for_each(|member| find_secrets(member, found)),
        Value::Array(items) => items.iter().for_each(|item| find_secrets(item, found)),
        _ => {}
    }
}

/// FR-008, FR-009: whichever way the service refuses them, the user reads its own words.
#[test]
fn fr_008_and_fr_009_invalid_credentials_are_told_in_the_services_words() {
    // Refused by the statement, nothing was changed; in error later, the store is there.
    for (check, exit) in [("create", 1), ("later", 3)] {
        let emulator = Emulator::open(&format!("--login-check {check}"));
        let env = TestEnv::with_stores(&emulator);
        env.manifest("orders.yaml", &[kafka("orders").with("kafka.sasl.password", "wrong-pass")]);
        let said = env.apply("").exits(exit);
        let words = "uthentication failed";
        assert!(said.stderr().contains(words), "{check}: no {words:?} in {}", said.stderr());
        assert!(!said.stderr().contains("wrong-pass"), "{check}: {}", said.stderr());
        // Corrected, it becomes ready, whatever the first attempt left behind.
        env.manifest("orders.yaml", &[kafka("orders")]);
        env.apply("").exits(0).shows("Converged.");
        assert_eq!(listed(&env)[0]["state"], "ready", "{check}");
    }
}

/// NFR-001: every operation has the same limit, and none goes on for ever.
#[test]
fn nfr_001_creation_update_and_deletion_are_bounded_alike() {
    let emulator = Emulator::open("--dropping-for 1h");
    let env = TestEnv::with_stores(&emulator).with("RECONCILE_STORE_TIME_DIVISOR", "400");
    env.manifest("orders.yaml", &[kafka("orders")]);
    env.apply("").exits(0);
    env.run("destroy --all --yes").exits(5).tells("1.5 s");
    env.run("apply manifests --yes").exits(5);
}

/// NFR-002: the name and every text are one literal each, whatever is in them.
#[test]
fn nfr_002_quotes_and_comment_marks_in_names_and_values_stay_what_they_are() {
    let emulator = Emulator::open("");
    let env = TestEnv::with_stores(&emulator);
    let name = r#"o'r"d;-- /* \ ` é 连接 */"#;
    let store = kafka("orders").with("name", name).with("kafka.sasl.password", r#"p';DROP STORE "x";--\"#);
    env.manifest("orders.yaml", &[store, kafka("x")]);
    env.apply("").exits(0).shows("2 added");
    let names: BTreeSet<String> =
        listed(&env).iter().map(|store| store["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names, BTreeSet::from([name.to_owned(), "x".to_owned()]));
    env.run("destroy --all --yes").exits(0);
    assert_eq!(listed(&env).len(), 0);
}

/// NFR-003: one query for all waiting stores per interval.
#[test]
fn nfr_003_fifty_waiting_stores_share_one_query_per_interval() {
    let emulator = Emulator::open("--provisioning-for 2s");
    // A look every half second.
    let env = TestEnv::with_stores(&emulator).with("RECONCILE_STORE_TIME_DIVISOR", "10");
    let stores: Vec<Store> = (0..50).map(|n| kafka(&format!("s{n}"))).collect();
    env.manifest("all.yaml", &stores);
    env.apply("--quiet").exits(0);
    let counts = emulator.new_counts();
    assert_eq!(counts["create-store"], 50);
    // For the plan, at once, for each half second of waiting, and for the proof at the end.
    assert!(counts["list-stores"] <= 1 + 1 + 5 + 1 + 1, "{counts:?}");
}

/// NFR-004: the schema only grows. `schema_hygiene` compares it with the golden file; here is what a user of v1 relies on.
#[test]
fn nfr_004_a_manifest_of_the_first_version_is_still_accepted() {
    let env = TestEnv::new();
    env.write("manifests/key.pem", KEY);
    env.manifest("all.yaml", &one_of_each());
    env.run("validate manifests").exits(0);
}

/// NFR-005: the same value from another place is no change; another value is one, and never a replacement.
#[test]
fn nfr_005_a_secret_that_moves_from_a_literal_to_a_variable_changes_nothing() {
    let emulator = Emulator::open("");
    let env = TestEnv::with_stores(&emulator)
        .with("KAFKA_PASSWORD", "kafka-pass-1")
        .with("ROTATED", "kafka-pass-2");
    env.manifest("orders.yaml", &[kafka("orders")]);
    env.apply("").exits(0);
    let from = |name: &str| kafka("orders").with("kafka.sasl.password", json!({"fromEnv": name}));
    env.manifest("orders.yaml", &[from("KAFKA_PASSWORD")]);
    env.plan("--detailed-exitcode").exits(0).shows("No changes.");
    env.write("manifests/password", "kafka-pass-1\n");
    let file = kafka("orders").with("kafka.sasl.password", json!({"fromFile": "password"}));
    env.manifest("orders.yaml", &[file]);
    env.plan("--detailed-exitcode").exits(0).shows("No changes.");
    env.manifest("orders.yaml", &[from("ROTATED")]);
    emulator.new_requests();
    env.apply("").exits(0).shows("kafka.sasl.password : (secret) changed").shows("1 changed, 0 replaced");
    assert_eq!(emulator.new_counts()["update-store"], 1);
}

/// Outputs come from listings: what is not there yet has none.
#[test]
fn a_plan_of_a_new_store_shows_no_outputs() {
    let emulator = Emulator::open("");
    let env = TestEnv::with_stores(&emulator);
    env.manifest("orders.yaml", &[postgres("orders")]);
    env.plan("")
        .exits(0)
        .shows("type              : \"postgres\"")
        .hides("createdAt")
        .hides("ready")
        .hides("owner");
    assert_eq!(emulator.new_operations(), "list-stores");
}

/// From a user and a password to an IAM role and back: the same store, updated in place.
#[test]
fn a_switch_of_authentication_updates_the_same_store() {
    let emulator = Emulator::open("");
    let env = TestEnv::with_stores(&emulator);
    env.manifest("orders.yaml", &[kafka("orders")]);
    env.apply("").exits(0);
    let created = listed(&env)[0]["createdAt"].clone();
    let msk = json!({"iamRoleArn": "arn:aws:iam::1:role/r", "awsRegion": "us-east-1"});
    let role = plain_kafka("orders").with("kafka.sasl.hashFunction", "AWS_MSK_IAM").with("kafka.msk", msk);
    for store in [role, kafka("orders")] {
        emulator.new_requests();
        env.manifest("orders.yaml", &[store]);
        env.apply("").exits(0).shows("1 changed, 0 replaced").shows("Converged.");
        let counts = emulator.new_counts();
        assert_eq!((counts["update-store"], counts.get("drop-store")), (1, None));
    }
    assert_eq!((&listed(&env)[0]["createdAt"], &listed(&env)[0]["state"]), (&created, &json!("ready")));
}
