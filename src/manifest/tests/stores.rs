//! Stores: one block, its parameters, and what goes together.

use std::collections::BTreeSet;

use super::{load_text, only, place, places};
use crate::domain::desired::Spec;
use crate::domain::field::ValueType;
use crate::domain::kind::store::{StoreSpec, Subtype, Value};
use crate::domain::natural_key::RoleName;
use crate::domain::rules::rules;
use crate::domain::secret::Source;
use crate::manifest::codes;

/// A store whose spec is these lines, indented by two; the first of them is line 6.
pub(super) fn store(lines: &str) -> String {
    format!(
        "apiVersion: reconcile/v1\nkind: Store\nmetadata: {{name: orders}}\nspec:\n  name: orders\n{lines}"
    )
}

const KAFKA: &str = "  kafka:
    uris: [b-1.example.com:9092, b-2.example.com:9092]
    sasl:
      hashFunction: SHA256
      username: {fromEnv: KAFKA_USER}
      password: {fromEnv: KAFKA_PASSWORD}
";

const POSTGRES: &str = "  postgres:
    uris: postgresql://db.example.com:5432/orders
    username: {fromEnv: PGUSER}
    password: {fromFile: secrets/pg}
";

fn spec(text: &str) -> StoreSpec {
    let loaded = load_text(text).unwrap_or_else(|found| panic!("{text}\n{found:#?}"));
    assert_eq!(loaded.warnings, []);
    match loaded.desired.declared().values().next().unwrap().spec.clone() {
        Spec::Store(store) => store,
        Spec::FlinkConnector(_) => panic!("a connector"),
    }
}

fn value(spec: &StoreSpec, name: &str) -> Option<Value> {
    spec.parameters().find(|(parameter, _)| parameter.rule.name == name).map(|(_, value)| value.clone())
}

#[test]
fn a_store_is_read_whole() {
    let spec = spec(&store(&format!(
        "  owner: loader\n  description: |\n    two\n    lines\n{KAFKA}    tls: {{disabled: false, caCertFile: ca.pem}}\n"
    )));
    assert_eq!((spec.name().as_str(), spec.subtype()), ("orders", Subtype::Kafka));
    assert_eq!(spec.owner().map(RoleName::as_str), Some("loader"));
    let uris = BTreeSet::from(["b-1.example.com:9092".to_owned(), "b-2.example.com:9092".to_owned()]);
    assert_eq!(value(&spec, "kafka.uris"), Some(Value::Set(uris)));
    assert_eq!(value(&spec, "kafka.sasl.hashFunction"), Some(Value::Text("SHA256".into())));
    assert_eq!(value(&spec, "kafka.tls.disabled"), Some(Value::Flag(false)));
    let sealed: Vec<_> = spec
        .sealed()
        .map(|(parameter, sealed)| {
            (parameter.rule.name, sealed.source().to_string(), sealed.at().line, sealed.at().column)
        })
        .collect();
    assert_eq!(
        sealed,
        [
            ("kafka.sasl.username", "env KAFKA_USER".to_owned(), 14, 17),
            ("kafka.sasl.password", "env KAFKA_PASSWORD".to_owned(), 15, 17),
            ("kafka.tls.caCertFile", "file ./ca.pem".to_owned(), 16, 40),
        ]
    );
}

#[test]
fn the_block_is_one_and_named_like_the_type() {
    for (lines, wanted, words) in [
        (String::new(), "RC0135 4:1", "declare one of `kafka`, `postgres`, `snowflake`"),
        (format!("{KAFKA}{POSTGRES}"), "RC0135 12:3", "keep one of them"),
        (POSTGRES.replace("postgres:", "postgresql:"), "RC0107 6:3", "did you mean `postgres`?"),
        (KAFKA.replace("kafka:", "Kafka:"), "RC0107 6:3", "did you mean `kafka`?"),
        (
            "  databricks: {}\n".to_owned(),
            "RC0107 6:3",
            "known here: `name`, `owner`, `description`, `kafka`",
        ),
        (format!("  type: KAFKA\n{KAFKA}"), "RC0135 6:3", "remove it and declare one of `kafka`"),
        ("  type: KAFKA\n".to_owned(), "RC0135 6:3", "remove it and declare one of `kafka`"),
        ("  kafka: x\n".to_owned(), "RC0109 6:10", ""),
        ("  kafka:\n".to_owned(), "RC0112 6:3", ""),
    ] {
        let found = only(&store(&lines));
        assert_eq!(place(&found), wanted, "{lines}");
        assert!(found.help.as_deref().unwrap_or_default().starts_with(words), "{found:?}");
    }
}

#[test]
fn the_reader_knows_exactly_the_fields_of_the_table() {
    // Every mapping of every block, with a field that nobody knows in it: the error lists the known ones.
    let mut read = BTreeSet::new();
    let mut open: Vec<String> = Subtype::ALL.iter().map(|subtype| subtype.as_str().to_owned()).collect();
    let outermost = only(&store("  zzz: 1\n")).help.unwrap();
    let own: BTreeSet<String> = names(&outermost).filter(|name| !open.contains(name)).collect();
    assert_eq!(own, ["name", "owner", "description"].map(str::to_owned).into());
    while let Some(path) = open.pop() {
        let depth = path.split('.').count();
        let mut lines = String::new();
        for (index, key) in path.split('.').enumerate() {
            lines.push_str(&format!("{}{key}:\n", "  ".repeat(index + 1)));
        }
        lines.push_str(&format!("{}zzz: 1\n", "  ".repeat(depth + 1)));
        let found = load_text(&store(&lines)).unwrap_err();
        let unknown = found.iter().find(|found| found.code == codes::UNKNOWN_FIELD).unwrap();
        for name in names(unknown.help.as_deref().unwrap()) {
            let field = format!("{path}.{name}");
            let is_leaf = rules(crate::domain::address::Kind::Store).iter().any(|rule| rule.name == field);
            if is_leaf {
                read.insert(field);
            } else {
                open.push(field);
            }
        }
    }
    let ruled: BTreeSet<String> = Subtype::ALL
        .iter()
        .flat_map(|subtype| subtype.parameters())
        .map(|parameter| parameter.rule.name.to_owned())
        .collect();
    assert_eq!(read, ruled);
}

fn names(help: &str) -> impl Iterator<Item = String> {
    help.strip_prefix("known here: ").unwrap_or_default().split('`').skip(1).step_by(2).map(str::to_owned)
}

#[test]
fn a_missing_parameter_is_told_where_it_should_stand() {
    for (lines, wanted) in [
        ("  kafka:\n    uris: [b:1]\n", vec!["RC0108 6:3"]),
        ("  kafka:\n    uris: [b:1]\n    sasl: {}\n", vec!["RC0108 8:5"]),
        ("  kafka:\n    uris: [b:1]\n    sasl: {hashFunction: PLAIN}\n", vec!["RC0136 8:5", "RC0136 8:5"]),
        (
            "  kafka:\n    uris: [b:1]\n    sasl: {hashFunction: AWS_MSK_IAM}\n",
            vec!["RC0136 6:3", "RC0136 6:3"],
        ),
        (
            "  kafka:\n    uris: [b:1]\n    sasl: {hashFunction: NONE}\n    msk: {awsRegion: r}\n",
            vec!["RC0137 9:11"],
        ),
        (
            "  kafka:\n    uris: [b:1]\n    sasl: {hashFunction: NONE}\n    tls: {client: {certFile: c}}\n",
            vec!["RC0136 9:11"],
        ),
        ("  s3:\n    uris: https://b.s3.amazonaws.com/\n", vec!["RC0136 6:3"]),
        ("  s3:\n    uris: https://b.s3.amazonaws.com/\n    aws: {iamRoleArn: a}\n", vec!["RC0136 8:5"]),
        (
            "  s3:\n    uris: https://b.s3.amazonaws.com/\n    aws: {iamRoleArn: a, iamExternalId: b, accessKeyId: {fromEnv: C}}\n",
            vec!["RC0137 8:44"],
        ),
        ("  postgres: {}\n", vec!["RC0108 6:3", "RC0108 6:3", "RC0108 6:3"]),
    ] {
        assert_eq!(places(&store(lines)), wanted, "{lines}");
    }
    let found = only(&store("  kafka:\n    uris: [b:1]\n"));
    assert_eq!(found.message, "`kafka.sasl.hashFunction` is required for a kafka store");
    assert_eq!(found.help.as_deref(), Some("add `hashFunction: …`"));
}

#[test]
fn one_mistake_is_one_error() {
    for (from, to, wanted) in [
        ("SHA256", "SHA265", "RC0122 9:21"),
        ("SHA256", "sha256", "RC0122 9:21"),
        ("{fromEnv: KAFKA_USER}", "[a]", "RC0109 10:17"),
        ("{fromEnv: KAFKA_USER}", "1234", "RC0110 10:17"),
        ("{fromEnv: KAFKA_USER}", "", "RC0112 10:7"),
        ("{fromEnv: KAFKA_USER}", "{}", "RC0140 10:7"),
        ("{fromEnv: KAFKA_USER}", "{from_env: X}", "RC0107 10:18"),
        ("[b-1.example.com:9092, b-2.example.com:9092]", "[]", "RC0112 7:11"),
        ("[b-1.example.com:9092, b-2.example.com:9092]", "b-1:9092,,b-2:9092", "RC0112 7:11"),
        ("[b-1.example.com:9092, b-2.example.com:9092]", "kafka://b-1:9092", "RC0138 7:11"),
        ("[b-1.example.com:9092, b-2.example.com:9092]", "[b-1:9092, b-2]", "RC0138 7:22"),
    ] {
        let text = store(&KAFKA.replace(from, to));
        assert_eq!(place(&only(&text)), wanted, "{to}");
    }
    let found = only(&store(&KAFKA.replace("SHA256", "sha256")));
    assert_eq!(found.help.as_deref(), Some("did you mean `SHA256`?"));
    let found = only(&store("  s3: {uris: 'https://b/', aws: x}\n"));
    assert_eq!(place(&found), "RC0109 6:33");
}

#[test]
fn brokers_are_a_list_or_one_text_with_commas() {
    let list = spec(&store(KAFKA));
    let text = KAFKA.replace(
        "[b-1.example.com:9092, b-2.example.com:9092]",
        "\"b-2.example.com:9092, b-1.example.com:9092\"",
    );
    assert_eq!(value(&list, "kafka.uris"), value(&spec(&store(&text)), "kafka.uris"));
    let twice = KAFKA.replace("b-2", "b-1");
    let loaded = load_text(&store(&twice)).unwrap();
    assert_eq!(loaded.warnings.iter().map(place).collect::<Vec<_>>(), ["RC0121 7:34"]);
}

#[test]
fn an_address_with_a_login_is_refused_and_not_shown() {
    let text = store(&POSTGRES.replace("db.example", "me:hunter2@db.example"));
    let found = only(&text);
    assert_eq!(place(&found), "RC0138 7:11");
    assert!(!format!("{found:?}").contains("hunter2"), "{found:?}");
    assert!(found.message.contains("holds a user name or password"), "{}", found.message);
}

#[test]
fn a_name_that_no_statement_carries_is_refused() {
    assert_eq!(places(&store(KAFKA).replace("  name: orders", "  name: \"a\\nb\"")), ["RC0118 5:9"]);
    assert_eq!(places(&store(&format!("  owner: \"\"\n{KAFKA}"))), ["RC0112 6:10"]);
}

#[test]
fn a_lifecycle_that_is_not_for_stores_is_refused_with_the_reason() {
    let with = |lifecycle: &str| format!("{}lifecycle: {{{lifecycle}}}\n", store(KAFKA));
    let found = only(&with("timeouts: {create: 1m}"));
    assert_eq!(
        (place(&found).as_str(), found.message.as_str()),
        ("RC0139 12:13", "`lifecycle.timeouts` is not for stores")
    );
    assert_eq!(place(&only(&with("allowGap: true"))), "RC0139 12:13");
    let text = with(
        "protect: true, adopt: true, onRemove: retain, ignoreFields: [/spec/kafka/sasl/password, /spec/description]",
    );
    let loaded = load_text(&text).unwrap();
    let lifecycle = &loaded.desired.declared().values().next().unwrap().lifecycle;
    assert!(lifecycle.protect && lifecycle.adopt && lifecycle.ignores("kafka.sasl.password"));
    for (pointer, words) in [
        ("/spec/name", "forces a replacement"),
        ("/spec/owner", "forces a replacement"),
        ("/spec/kafka/sasl", "is not a field of this Store"),
        ("/spec/kafka.sasl.password", "is not a field of this Store"),
        ("/spec/postgres/password", "is not a field of this Store"),
    ] {
        let found = only(&with(&format!("ignoreFields: [{pointer}]")));
        assert!(found.code == codes::BAD_IGNORE && found.message.contains(words), "{found:?}");
    }
}

#[test]
fn a_secret_has_one_source_and_says_which() {
    let written = |value: &str| store(&POSTGRES.replace("{fromFile: secrets/pg}", value));
    let source = |value: &str| {
        let spec = spec(&written(value));
        spec.sealed().last().unwrap().1.source().clone()
    };
    assert_eq!(source("{fromEnv: PG_PASSWORD}"), Source::Env("PG_PASSWORD".into()));
    assert_eq!(source("{fromFile: /run/secrets/pg}"), Source::File("/run/secrets/pg".into()));
    let argv = ["vault", "kv", "get", ""].map(str::to_owned).into();
    assert_eq!(source("{fromCommand: [vault, kv, get, \"\"]}"), Source::Command { argv, folder: ".".into() });
    for (value, code) in [
        ("{fromEnv: A, fromFile: b}", codes::SECRET_SOURCE),
        ("{}", codes::SECRET_SOURCE),
        ("{fromEnv: A-B}", codes::SECRET_SOURCE),
        ("{fromEnv: 1A}", codes::SECRET_SOURCE),
        ("{fromCommand: []}", codes::SECRET_SOURCE),
        ("{fromCommand: vault kv get}", codes::WRONG_TYPE),
        ("{fromCommand: [\"\"]}", codes::NO_VALUE),
        ("{fromCommand: [a, 1]}", codes::UNQUOTED),
        ("{fromCommand: [a, \"\\0\"]}", codes::CONTROL_CHARACTER),
        ("{fromFile: \"\"}", codes::NO_VALUE),
        ("{fromFile: [a]}", codes::WRONG_TYPE),
        ("{fromSecret: x}", codes::UNKNOWN_FIELD),
        ("\"two\\nlines\"", codes::CONTROL_CHARACTER),
        ("\"nul\\0\"", codes::CONTROL_CHARACTER),
        ("|\n      hunter2", codes::CONTROL_CHARACTER),
        ("\"  \"", codes::NO_VALUE),
    ] {
        assert_eq!(only(&written(value)).code, code, "{value}");
    }
}

#[test]
fn a_secret_that_is_written_out_is_a_warning_and_a_path_is_none() {
    let text = store(&POSTGRES.replace("{fromFile: secrets/pg}", "hunter2"));
    let loaded = load_text(&text).unwrap();
    assert_eq!(loaded.warnings.iter().map(place).collect::<Vec<_>>(), ["RC0141 9:15"]);
    assert!(!format!("{loaded:?}").contains("hunter2"), "{loaded:?}");
    let snowflake = "  snowflake:\n    uris: https://a.snowflakecomputing.com\n    accountId: a\n    cloud: {region: AWS us-east-1}\n    \
                     warehouseName: w\n    roleName: r\n    username: {fromEnv: U}\n    client: {keyFile: keys/snowflake.pem}\n";
    assert_eq!(spec(&store(snowflake)).sealed().count(), 2);
}

#[test]
fn the_content_of_a_file_is_no_path() {
    let pem = "-----BEGIN PRIVATE KEY-----\\nMIIhunter2\\n-----END PRIVATE KEY-----\\n";
    let base64 = "MIIEhunter2/".repeat(60);
    for content in [format!("\"{pem}\""), format!("{{fromFile: \"{pem}\"}}"), base64] {
        let found = only(&store(&format!("{KAFKA}    tls: {{caCertFile: {content}}}\n")));
        assert_eq!(found.code, codes::NOT_A_PATH);
        assert!(!format!("{found:?}").contains("hunter2"), "{found:?}");
    }
}

#[test]
fn every_shape_of_the_table_has_a_value() {
    for subtype in Subtype::ALL {
        for parameter in subtype.parameters() {
            assert!(!matches!(parameter.rule.value, ValueType::Block(_)), "{}", parameter.rule.name);
        }
    }
}
