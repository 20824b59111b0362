//! `explain` and `schema`: what a person at the terminal and an editor are told about manifests.

use serde_json::Value;

use crate::support::env::TestEnv;

/// Every path that `explain -o json` tells of, beginning with these.
fn paths(fact: &Value, all: &mut Vec<String>) {
    all.push(fact["path"].as_str().unwrap().to_owned());
    for field in fact["fields"].as_array().into_iter().flatten() {
        paths(field, all);
    }
}

#[test]
fn a_field_is_explained_with_everything_that_is_known_of_it() {
    let env = TestEnv::new();
    let said = env.run("explain Store.kafka.sasl.password").exits(0);
    assert_eq!(
        said.stdout(),
        "\
Store.spec.kafka.sasl.password

Password; with PLAIN, SHA256 and SHA512.

type        text, or where it comes from: fromEnv, fromFile or fromCommand
required    with hashFunction PLAIN, SHA256, SHA512; forbidden otherwise
on change   in place, by UPDATE STORE, which always sends all of authentication
            and TLS
live shows  no: its drift is unverifiable
secret      yes: never shown, never kept
group       authentication, judged as one with TLS
example     password: {fromEnv: KAFKA_PASSWORD}
source      store FR-001, FR-006, FR-007; CREATE STORE parameter
            'kafka.sasl.password'
"
    );
    env.run("explain FlinkConnector.connectorType").exits(0).shows("force-new: the object is deleted");
    env.run("explain FlinkConnector.spec.jarUrl")
        .exits(0)
        .shows("by registering again")
        .shows("no: its drift");
    env.run("explain FlinkConnector.description").exits(0).shows("in the state only: no request");
    env.run("explain Store.kafka.tls.verifyServerHostname")
        .exits(0)
        .shows("default     true")
        .shows("by itself");
    env.run("explain Store.lifecycle.onRemove")
        .exits(0)
        .shows("one of delete, retain")
        .shows("default   delete");
}

#[test]
fn a_block_is_told_as_the_tree_that_a_manifest_has() {
    let env = TestEnv::new();
    let said = env.run("explain Store.kafka").exits(0);
    let keys: Vec<&str> = said
        .stdout()
        .lines()
        .skip_while(|line| !line.starts_with("uris:"))
        .filter(|line| {
            line.split(':').next().is_some_and(|key| !key.trim().contains(' ')) && line.contains(':')
        })
        .map(|line| line.split(':').next().unwrap())
        .collect();
    assert_eq!(
        keys,
        [
            "uris",
            "sasl",
            "  hashFunction",
            "  username",
            "  password",
            "msk",
            "  iamRoleArn",
            "  awsRegion",
            "tls",
            "  disabled",
            "  verifyServerHostname",
            "  caCertFile",
            "  client",
            "    certFile",
            "    keyFile",
        ]
    );
}

#[test]
fn every_kind_field_and_code_is_explained_within_80_columns() {
    let env = TestEnv::new();
    let mut all = vec!["RC0101".to_owned()];
    for kind in ["FlinkConnector", "Store"] {
        paths(&env.run(&format!("explain {kind} -o json")).exits(0).json("explain"), &mut all);
    }
    assert!(all.len() > 90, "{all:?}");
    for path in all {
        let said = env.run(&format!("explain {path}")).exits(0);
        for line in said.stdout().lines() {
            assert!(line.chars().count() <= 80 && line.trim_end() == line, "{path}: {line:?}");
        }
    }
}

#[test]
fn a_topic_that_does_not_exist_names_the_one_that_was_meant() {
    let env = TestEnv::new();
    for (topic, meant) in [
        ("store", "did you mean `Store`?"),
        ("FlinkConector.spec", "did you mean `FlinkConnector`?"),
        ("FlinkConnector.jar_url", "did you mean `jarUrl`?"),
        (
            "Store.spec.kafka.sasl.pasword",
            "Store.spec.kafka.sasl has no field `pasword`: did you mean `password`?",
        ),
        ("Store.kafka.uris.x", "Store.spec.kafka.uris has no field `x`"),
        ("Store.lifecycle.timeouts", "Store.lifecycle has no field `timeouts`"),
        ("RC9999", "is neither a kind"),
    ] {
        let said = env.run(&format!("explain {topic}")).exits(64).tells(meant);
        assert_eq!(said.stdout(), "", "{topic}");
    }
    env.run("schema Connector").exits(64).tells("known kinds are FlinkConnector, Store and SinkVerification");
}

#[test]
fn help_says_of_a_kind_and_of_a_code_what_explain_says() {
    let env = TestEnv::new();
    for topic in ["FlinkConnector", "Store", "Store.kafka", "rc0107"] {
        let explained = env.run(&format!("explain {topic}")).exits(0);
        assert_eq!(env.run(&format!("help {topic}")).exits(0).stdout(), explained.stdout());
    }
}

#[test]
fn the_json_of_a_field_and_of_a_code_is_a_document_of_the_known_format() {
    let env = TestEnv::new();
    let told = env.run("explain Store.kafka.sasl.password -o json").exits(0).json("explain");
    assert_eq!(
        (&told["secret"], &told["onChange"], &told["readable"]),
        (&true.into(), &"inPlace".into(), &"no".into())
    );
    assert_eq!(told["parameter"], "kafka.sasl.password");
    assert_eq!(env.run("explain rc0107 -o json").exits(0).json("explain")["code"], "RC0107");
}

/// What an editor needs of the schema, and a script that looks for secrets (FR-007 of stores).
#[test]
fn the_schema_marks_secrets_changes_and_what_is_beta() {
    let env = TestEnv::new();
    let schema: Value = serde_json::from_str(env.run("schema Store").exits(0).stdout()).unwrap();
    let spec = &schema["properties"]["spec"]["properties"];
    let password = &spec["kafka"]["properties"]["sasl"]["properties"]["password"];
    assert_eq!((&password["writeOnly"], &password["x-reconcile-secret"]), (&true.into(), &true.into()));
    assert_eq!(password["x-reconcile-change"], "inPlace");
    assert_eq!(spec["owner"]["x-reconcile-change"], "forceNew");
    assert_eq!(spec["kafka"]["properties"]["tls"]["properties"]["disabled"]["default"], false);
    assert_eq!(
        (&spec["s3"]["x-reconcile-beta"], &spec["kafka"]["x-reconcile-beta"]),
        (&true.into(), &Value::Null)
    );
    assert!(schema["properties"]["lifecycle"]["properties"].get("timeouts").is_none(), "D-012");
}
