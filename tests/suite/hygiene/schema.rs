//! The published schema against a real validator, against the examples, and against the loader: it refuses what the
//! loader refuses for the shape of a manifest, and nothing else.

use std::path::Path;
use std::sync::LazyLock;

use jsonschema::Validator;
use reconcile::domain::diagnostic::Severity;
use reconcile::manifest::{self, values::Values};
use serde_json::{Value, json};

use super::{none, read, reconcile, tracked};

/// What `reconcile schema` prints.
pub(super) fn printed(kind: &[&str]) -> Value {
    let output = reconcile(&[&["schema"], kind].concat()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

static ALL: LazyLock<Validator> = LazyLock::new(|| jsonschema::validator_for(&printed(&[])).unwrap());

/// What only the loader sees: it compares objects with each other, or looks at the text.
const BEYOND: &[(&str, &str)] = &[
    ("RC0115", "the order of keys means nothing to a schema"),
    ("RC0123", "two objects"),
    ("RC0124", "two objects"),
    ("RC0125", "two objects"),
    ("RC0126", "another object"),
    ("RC0127", "the object's own address"),
    ("RC0165", "the grammar of types"),
    ("RC0166", "fields and their key"),
    ("RC0167", "the grammar of expressions"),
    ("RC0169", "engine, sink and cluster"),
    ("RC0170", "source and schema"),
    ("RC0172", "two scenarios, two columns"),
    ("RC0174", "mode and authority"),
    ("RC0175", "retries and delays"),
    ("RC0177", "fields, columns, and what speaks of them"),
    ("RC0178", "mode and key"),
    ("RC0179", "source and expectation"),
];

/// Every document of the examples.
fn examples() -> Vec<(String, Value)> {
    let documents = |file: String| {
        let text = read(&file);
        let parts = serde_yaml::Deserializer::from_str(&text);
        parts
            .map(|part| serde::Deserialize::deserialize(part).unwrap())
            .map(|document: Value| (file.clone(), document))
            .collect::<Vec<_>>()
    };
    tracked("manifests-examples/", ".yaml").into_iter().flat_map(documents).collect()
}

/// The codes with which the loader refuses a document, which is written to this file; none when it takes it.
fn refused_with(document: &Value, file: &Path) -> Vec<String> {
    std::fs::write(file, serde_yaml::to_string(document).unwrap()).unwrap();
    match manifest::load(&[file.to_owned()], &Values::default()) {
        Ok(_) => Vec::new(),
        Err(found) => {
            let errors = found.iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
            errors.map(|error| error.code.to_string()).collect()
        }
    }
}

/// Where the schema and the loader do not agree about a document.
fn disagreement(document: &Value, file: &Path) -> Option<String> {
    let codes = refused_with(document, file);
    let is_fine = codes.iter().all(|code| BEYOND.iter().any(|(known, _)| known == code));
    match (ALL.is_valid(document), is_fine) {
        (true, true) | (false, false) => None,
        (true, false) => {
            Some(format!("the loader refuses with {codes:?} what the schema takes\n{document:#}"))
        }
        (false, true) => {
            let errors: Vec<String> = ALL
                .iter_errors(document)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            Some(format!("the schema refuses what the loader takes\n{errors:#?}\n{document:#}"))
        }
    }
}

#[test]
fn the_schema_is_one_by_the_rules_of_its_dialect() {
    for kind in [&[][..], &["FlinkConnector"], &["Store"], &["SinkVerification"]] {
        let schema = printed(kind);
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        jsonschema::meta::validate(&schema).unwrap_or_else(|error| panic!("{kind:?}: {error}"));
    }
}

#[test]
fn every_example_is_valid_by_the_schema_of_all_kinds_and_by_that_of_its_own() {
    let mut findings = Vec::new();
    for (file, document) in examples() {
        let kind = document["kind"].as_str().unwrap();
        let own = jsonschema::validator_for(&printed(&[kind])).unwrap();
        let errors = ALL.iter_errors(&document).chain(own.iter_errors(&document));
        findings.extend(errors.map(|error| format!("{file}: {}: {error}", error.instance_path())));
    }
    none(&findings);
}

#[test]
fn a_value_of_the_profile_may_stand_where_the_loader_takes_one() {
    let (_, mut document) = examples().into_iter().find(|(_, it)| it["kind"] == "FlinkConnector").unwrap();
    for (field, written) in [
        ("/spec/source", "${values.sink}"),
        ("/spec/workspaceId", "${values.workspace}"),
        ("/spec/jarUrl", "oss://${values.bucket}/a.jar"),
    ] {
        *document.pointer_mut(field).unwrap() = written.into();
    }
    assert!(ALL.is_valid(&document), "{:?}", ALL.iter_errors(&document).next());
    document["lifecycle"] = json!({"protect": "${values.protect}"});
    assert!(!ALL.is_valid(&document), "values are for the spec, labels and annotations");
}

/// Every pointer to a value in a document, the document itself included.
fn places(document: &Value, place: &str, all: &mut Vec<String>) {
    all.push(place.to_owned());
    match document {
        Value::Object(entries) => {
            entries.iter().for_each(|(key, value)| places(value, &format!("{place}/{key}"), all));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, value)| places(value, &format!("{place}/{at}"), all));
        }
        _ => {}
    }
}

fn remove(document: &mut Value, place: &str) {
    let (holder, key) = place.rsplit_once('/').unwrap();
    match document.pointer_mut(holder) {
        Some(Value::Object(entries)) => drop(entries.remove(key)),
        Some(Value::Array(items)) => drop(items.remove(key.parse().unwrap())),
        _ => {}
    }
}

/// The document with one thing wrong, or at least different, at every place below this one.
fn damaged(document: &Value, below: &str) -> Vec<Value> {
    let mut all = Vec::new();
    places(document.pointer(below).unwrap(), below, &mut all);
    let long = "x".repeat(254);
    let values = [
        json!(null),
        json!(true),
        json!(7),
        json!(1.5),
        json!(""),
        json!("  "),
        json!("x"),
        json!("a b"),
        json!("a\nb"),
        json!("a\u{7f}"),
        json!("."),
        json!(".."),
        json!("é"),
        json!("0s"),
        json!("5m30s"),
        json!("30s5m"),
        json!("10"),
        json!("a/b"),
        json!("Store/x"),
        json!("FlinkConnector/-x"),
        json!("/spec/lookup"),
        json!("/spec/description"),
        json!("/spec/kafka/sasl/password"),
        json!("true"),
        json!("b:9092"),
        json!("b:0"),
        json!("b:65536"),
        json!("b:1, c:2"),
        json!("[::1]:9092"),
        json!("u@b:1"),
        json!("https://h"),
        json!("https://h:8443/x?y=z#w"),
        json!("https://h/x y"),
        json!("https://u:p@h"),
        json!("https://"),
        json!("https://h,i"),
        json!("postgresql://h:5432/db"),
        json!("postgresql://h:5432x/db"),
        json!("jdbc:clickhouse://h/db"),
        json!("-----BEGIN KEY"),
        json!({"fromEnv": "1X"}),
        json!({"fromEnv": "a-b"}),
        json!({"fromFile": "-----BEGIN KEY"}),
        json!({"fromFile": 1}),
        json!({"fromCommand": ["", "x"]}),
        json!({"fromCommand": ["x", "", "a\nb"]}),
        json!({"fromCommand": ["x", "a\u{0}b"]}),
        json!({"fromCommand": "x"}),
        json!("retain"),
        json!("30%"),
        json!("100.5%"),
        json!("64KiB"),
        json!("64KB"),
        json!("0B"),
        json!(0),
        json!(70_000),
        json!("a_1"),
        json!("::1"),
        json!("http://h:1"),
        json!([1, 36]),
        json!([35]),
        json!(["1s", "2s"]),
        json!({"generate": {}}),
        json!([{"flatten": "a"}]),
        json!([{"at": "5s", "do": "drop", "for": "2s"}]),
        json!([{"at": "5s", "do": "cut", "after": 1}]),
        json!([]),
        json!(["x"]),
        json!(["x", 1]),
        json!({}),
        json!({"fromEnv": "X"}),
        json!({"fromEnv": "X", "fromFile": "x"}),
        json!({"fromCommand": ["x"]}),
        json!({"fromCommand": []}),
        json!({"fromSomewhere": "X"}),
        json!({"a": "b"}),
        json!({"a": 1}),
        json!(long),
    ];
    let mut made = Vec::new();
    for place in &all {
        // An empty document is no manifest at all: the loader passes over it.
        for value in values.iter().filter(|value| !(place.is_empty() && value.is_null())) {
            let mut copy = document.clone();
            *copy.pointer_mut(place).unwrap() = value.clone();
            made.push(copy);
        }
        let mut copy = document.clone();
        if let Some(Value::Object(entries)) = copy.pointer_mut(place) {
            entries.insert("unknown".to_owned(), json!("x"));
            made.push(copy);
        }
        if !place.is_empty() {
            let mut copy = document.clone();
            remove(&mut copy, place);
            made.push(copy);
        }
    }
    made
}

/// The first disagreements about documents that are damaged at one place below this one.
fn disagreements(documents: impl IntoIterator<Item = Value>, below: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("m.yaml");
    let all = documents.into_iter().flat_map(|document| {
        let damaged = damaged(&document, below);
        assert!(damaged.len() > 100, "{} damages of {document:#}", damaged.len());
        std::iter::once(document).chain(damaged)
    });
    all.filter_map(|document| disagreement(&document, &file)).take(10).collect()
}

#[test]
fn the_schema_and_the_loader_agree_about_every_connector_that_is_damaged_at_one_place() {
    // The one example that shows every field.
    let complete =
        examples().into_iter().filter(|(file, _)| file.ends_with("flink-connector/reference.yaml"));
    none(&disagreements(complete.map(|(_, document)| document), ""));
}

/// Two suites that show every field between them.
const SUITES: &str = "\
apiVersion: reconcile/v1
kind: SinkVerification
metadata: {name: a, labels: {team: a}}
spec:
  engine: flink
  sink: jdbc
  mysql:
    host: 127.0.0.1
    port: 3307
    database: shop
    username: loader
    password: {fromEnv: P}
    charset: utf8mb4
    tls: {mode: verifyCa, caFile: ca.pem}
    connectTimeout: 30s
    queryTimeout: 30s
    pool: {size: 9, acquireTimeout: 5s, maxWaiting: 10, overflow: fail, idleTimeout: 1m, validationQuery: SELECT 1}
    retry: {max: 2, delays: [1s, 2s]}
  flink: {gateway: 'http://h:8083', jobManager: 'http://h:8081', jars: [a.jar], parallelism: 2, checkpointInterval: 1s}
  logging: {level: info, format: json, traces: true}
  thresholds: {minThroughput: 1, maxLatencyP95: 1s, maxErrorRate: 0.5%, maxPoolUse: 100%, maxMemory: 1GiB, maxCpu: 200%}
  scenarios: [{name: a, source: {generate: {}}}]
---
apiVersion: reconcile/v1
kind: SinkVerification
metadata: {name: b}
spec:
  mysql: {host: h, database: d, username: u}
  scenarios:
    - name: a
      description: d
      category: resilience
      source: {generate: {kind: nested, rows: 5, seed: 1, distribution: zipf}}
      schema: {fields: [{name: id, type: INT NOT NULL}, {name: a, type: STRING}], primaryKey: [id]}
      table:
        name: t
        create: false
        columns: [{name: id, type: INT, nullable: false}, {name: a, type: TEXT}]
        constraints: [{name: c, unique: [id]}, {check: id > 0}]
        indexes: [{name: i, columns: [a]}]
      transform: [{set: a, cel: id + 1}]
      write: {mode: insert, batchSize: 5, flushInterval: 1s, parallelism: 2, statement: INSERT, onRefused: fail}
      faults: [{at: 30%, do: delay, for: 1s, by: 2s}, {at: 1s, do: throttle, for: 1s, rate: 1KiB}, {at: 0%, do: cut, after: 9}, {at: 1%, do: oversizedText, rows: 2}]
      rules: [{field: a, check: value > 1, severity: warning}]
      expect: {written: 4, refused: 1, properties: [6, 35]}
    - name: b
      source: {csv: a.csv}
      schema: {fields: [{name: id, type: INT}]}
      transform: [{flatten: a}, {program: [p, x]}]
    - name: c
      source: {ndjson: a.ndjson}
      schema: {fields: [{name: id, type: INT}]}
";

#[test]
fn the_schema_and_the_loader_agree_about_every_suite_that_is_damaged_at_one_place() {
    let suites: Vec<Value> = serde_yaml::Deserializer::from_str(SUITES)
        .map(|part| serde::Deserialize::deserialize(part).unwrap())
        .collect();
    for (suite, below) in suites.into_iter().zip(["/spec", "/spec/scenarios/0"]) {
        none(&disagreements([suite], below));
    }
}

#[test]
fn the_damaged_suites_show_every_field() {
    let shown = |path: &str| {
        let leaf = path.rsplit('.').next().unwrap();
        SUITES.contains(&format!("{leaf}:"))
    };
    let fields = reconcile::domain::suite::fields::FIELDS;
    none(&fields.iter().map(|field| field.path.to_owned()).filter(|path| !shown(path)).collect::<Vec<_>>());
}
