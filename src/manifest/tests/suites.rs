//! What the spec of a suite means, and where each of its mistakes is told (design.md 3.3).

use std::path::Path;
use std::time::Duration;

use super::profiles::load_project;
use super::{VALID, load_text, only, place, places};
use crate::domain::secret::Source as SecretSource;
use crate::domain::suite::Suite;
use crate::domain::suite::fault::{Disturbance, Moment};
use crate::domain::suite::flink::{Engine, Sink};
use crate::domain::suite::mysql::{Authority, Overflow, Retry, Tls};
use crate::domain::suite::pipeline::{Transform, WriteMode};
use crate::domain::suite::quantity::Percent;
use crate::domain::suite::report::{Logging, Thresholds};
use crate::domain::suite::scenario::{Category, Expect};
use crate::domain::suite::source::{Distribution, Generate, Source};
use crate::manifest::examples::{Around, TABLE};

const HEAD: &str = "apiVersion: reconcile/v1\nkind: SinkVerification\nmetadata: {name: orders}\nspec:\n";
const MYSQL: &str = "  mysql: {host: h, database: d, username: u}\n";
const SCENARIOS: &str = "  scenarios: [{name: a, source: {generate: {}}}]\n";

/// As design.md 3.3 shows it.
const DESIGN: &str = r#"apiVersion: reconcile/v1
kind: SinkVerification
metadata: {name: orders-to-mysql}
spec:
  engine: native
  sink: native
  mysql:
    host: 127.0.0.1
    port: 3306
    database: shop
    username: loader
    password: {fromEnv: MYSQL_PASSWORD}
    charset: utf8mb4
    tls: {mode: preferred}
    connectTimeout: 30s
    queryTimeout: 30s
    pool: {size: 10, acquireTimeout: 5s, maxWaiting: 1000, overflow: block, idleTimeout: 60s, validationQuery: SELECT 1}
    retry: {max: 3, delays: [1s, 2s, 4s]}
  flink:
    gateway: http://127.0.0.1:8083
    jobManager: http://127.0.0.1:8081
    jars: []
    parallelism: 2
    checkpointInterval: 1s
  logging: {level: info, format: json, traces: false}
  thresholds: {minThroughput: 1000, maxLatencyP95: 250ms, maxErrorRate: 0%, maxPoolUse: 100%, maxMemory: 512MiB, maxCpu: 200%}
  scenarios:
    - name: orders
      description: orders with amounts, upserted by id
      category: integration
      source: {generate: {kind: basic, rows: 10000, seed: 7, distribution: zipf}}
      schema:
        fields: [{name: id, type: BIGINT NOT NULL}, {name: amount, type: "DECIMAL(20,4)"}, {name: placed_at, type: TIMESTAMP(6)}]
        primaryKey: [id]
      table: {name: orders, create: true, columns: [], constraints: [], indexes: []}
      transform: [{set: total, cel: "amount * 2.0"}, {flatten: payload}, {program: [./enrich]}]
      write: {mode: upsert, batchSize: 1000, flushInterval: 1s, parallelism: 2, statement: null, onRefused: deadLetter}
      faults: [{at: 30%, do: stall, for: 2s}, {at: 60%, do: serverDown, for: 5s}]
      rules: [{field: amount, check: "value >= 0.0", severity: error}]
      expect: {written: 10000, refused: 0, properties: [6, 10, 15]}
"#;

#[track_caller]
pub(super) fn only_suite(text: &str) -> Suite {
    let loaded = load_text(text).unwrap_or_else(|found| panic!("{found:#?}\n{text}"));
    assert!(loaded.desired.declared().is_empty(), "a suite is no object");
    loaded.suites.into_values().next().unwrap()
}

#[test]
fn the_suite_of_the_design_says_what_stands_there() {
    let suite = only_suite(DESIGN);
    assert_eq!(suite.name.to_string(), "SinkVerification/orders-to-mysql");
    assert_eq!((suite.engine, suite.logging), (Engine::Native, Logging::default()));
    assert_eq!(suite.thresholds, Thresholds::default());
    assert_eq!((suite.mysql.port.get(), suite.mysql.retry), (3306, Retry::default()));
    assert_eq!(suite.mysql.password.unwrap().source(), &SecretSource::Env("MYSQL_PASSWORD".to_owned()));
    let [scenario] = &suite.scenarios[..] else { panic!() };
    let Source::Generate { generate, schema: Some(schema) } = &scenario.source else { panic!() };
    assert_eq!((generate.rows, generate.seed, generate.distribution), (10_000, 7, Distribution::Zipf));
    assert_eq!((schema.fields().len(), schema.key()), (3, &[0][..]));
    assert!(matches!(
        &scenario.transform[..],
        [Transform::Set { .. }, Transform::Flatten { .. }, Transform::Program { .. }]
    ));
    assert_eq!(scenario.faults[1].at, Moment::Share(Percent::whole(60)));
    assert_eq!(scenario.faults[1].what, Disturbance::ServerDown { lasting: Duration::from_secs(5) });
    assert_eq!(
        scenario.expect.properties.iter().map(|property| property.number()).collect::<Vec<_>>(),
        [6, 10, 15]
    );
}

#[test]
fn a_suite_needs_a_host_a_database_a_user_and_one_scenario_and_nothing_else() {
    let suite = only_suite(&format!("{HEAD}{MYSQL}{SCENARIOS}"));
    assert_eq!(suite.engine, Engine::Native);
    assert_eq!((suite.mysql.password, suite.mysql.tls), (None, Tls::Preferred));
    assert_eq!(suite.mysql.pool.overflow, Overflow::Block);
    let [scenario] = &suite.scenarios[..] else { panic!() };
    assert_eq!((scenario.category, scenario.table.name.as_str()), (Category::Integration, "a"));
    assert_eq!(scenario.source, Source::Generate { generate: Generate::default(), schema: None });
    assert_eq!((scenario.write.mode, &scenario.expect), (WriteMode::Upsert, &Expect::default()));
    assert_eq!(
        places(&format!("{HEAD}  mysql: {{}}\n  scenarios: []\n")),
        ["RC0108 5:3", "RC0108 5:3", "RC0108 5:3", "RC0112 6:14"]
    );
    assert_eq!(places(&format!("{HEAD}  {{}}\n")), ["RC0108 4:1", "RC0108 4:1"]);
}

#[test]
fn a_schema_without_a_key_is_inserted_unless_somebody_says_otherwise() {
    let scenario = |write: &str| {
        let text = format!(
            "{HEAD}{MYSQL}  scenarios:\n  - name: a\n    source: {{ndjson: d.ndjson}}\n    schema: {{fields: [{{name: x, type: INT}}]}}\n{write}"
        );
        only_suite(&text).scenarios[0].clone()
    };
    assert_eq!(scenario("").write.mode, WriteMode::Insert);
    assert_eq!(scenario("    write: {batchSize: 5}\n").write.mode, WriteMode::Insert);
    assert!(matches!(scenario("").source, Source::File { path, .. } if path == Path::new("./d.ndjson")));
}

#[test]
fn engine_and_sink_are_one_value() {
    let engine = |lines: &str| only_suite(&format!("{HEAD}{lines}{MYSQL}{SCENARIOS}")).engine;
    let Engine::Flink { sink: Sink::Jdbc, flink } =
        engine("  engine: flink\n  sink: jdbc\n  flink: {parallelism: 4}\n")
    else {
        panic!()
    };
    assert_eq!((flink.parallelism.get(), flink.gateway.as_str()), (4, "http://127.0.0.1:8083"));
    assert!(matches!(engine("  engine: flink\n  flink: {}\n"), Engine::Flink { sink: Sink::Native, .. }));
    assert_eq!(engine("  flink: {parallelism: 4}\n"), Engine::Native);
    assert_eq!(places(&format!("{HEAD}  engine: flink\n{MYSQL}{SCENARIOS}")), ["RC0169 5:11"]);
    assert_eq!(places(&format!("{HEAD}  sink: jdbc\n{MYSQL}{SCENARIOS}")), ["RC0169 5:9"]);
}

/// Lines of a scenario (8 in all before them), and where what is wrong with them is told.
const MISTAKES: &[(&str, &[&str])] = &[
    ("source: {}", &["RC0168 8:7"]),
    ("source: {generate: {}, csv: a}", &["RC0168 8:7"]),
    ("source: {generte: {}}", &["RC0107 8:16"]),
    ("source: {generate: {rows: -1}}", &["RC0163 8:33"]),
    ("source: {generate: {rows: 1.5}}", &["RC0163 8:33"]),
    ("source: {generate: {rows: \"10\"}}", &["RC0163 8:33"]),
    ("source: {generate: {rows: 1000000000001}}", &["RC0163 8:33"]),
    ("source: {generate: {kind: nestd}}", &["RC0122 8:33"]),
    ("source: {csv: a.csv}", &["RC0170 8:7"]),
    ("source: {generate: {}}\n      schema: {fields: []}", &["RC0112 9:24"]),
    ("source: {generate: {}}\n      schema: {fields: [{name: a, type: INTEGR}]}", &["RC0165 9:41"]),
    ("source: {generate: {}}\n      schema: {fields: [{name: a-b, type: INT}]}", &["RC0171 9:32"]),
    (
        "source: {generate: {}}\n      schema: {fields: [{name: a, type: INT}, {name: A, type: INT}]}",
        &["RC0166 9:7"],
    ),
    (
        "source: {generate: {}}\n      schema: {fields: [{name: a, type: INT}], primaryKey: [b]}",
        &["RC0166 9:48"],
    ),
    ("source: {generate: {}}\n      table: {name: \"a`b\"}", &["RC0171 9:21"]),
    (
        "source: {generate: {}}\n      table: {columns: [{name: a, type: INT}, {name: A, type: INT}]}",
        &["RC0172 9:7"],
    ),
    ("source: {generate: {}}\n      table: {columns: [{name: a, type: STRING}]}", &["RC0165 9:41"]),
    (
        "source: {generate: {}}\n      table: {columns: [{name: a, type: INT}], indexes: [{columns: [b]}]}",
        &["RC0177 9:7"],
    ),
    ("source: {generate: {}}\n      table: {constraints: [{name: x}]}", &["RC0168 9:29"]),
    ("source: {generate: {}}\n      table: {constraints: [{unique: []}]}", &["RC0112 9:38"]),
    ("source: {generate: {}}\n      transform: [{set: a}]", &["RC0168 9:20"]),
    ("source: {generate: {}}\n      transform: [{cel: a}]", &["RC0168 9:20"]),
    ("source: {generate: {}}\n      transform: [{set: a, cel: a +}]", &["RC0167 9:33"]),
    ("source: {generate: {}}\n      transform: [{flatten: a, program: [x]}]", &["RC0168 9:19"]),
    ("source: {generate: {}}\n      transform: [{program: []}]", &["RC0112 9:29"]),
    ("source: {generate: {}}\n      transform: [{program: [\"a\", \"b\\0\"]}]", &["RC0118 9:35"]),
    (
        "source: {generate: {}}\n      write: {batchSize: 0, parallelism: 1001}",
        &["RC0163 9:26", "RC0163 9:42"],
    ),
    ("source: {generate: {}}\n      write: {flushInterval: 0s}", &["RC0119 9:30"]),
    ("source: {generate: {}}\n      write: {statement: \" \"}", &["RC0112 9:26"]),
    ("source: {generate: {}}\n      faults: [{at: 101%, do: drop}]", &["RC0164 9:21"]),
    ("source: {generate: {}}\n      faults: [{at: 30, do: drop}]", &["RC0164 9:21"]),
    ("source: {generate: {}}\n      faults: [{at: soon, do: drop}]", &["RC0119 9:21"]),
    ("source: {generate: {}}\n      faults: [{at: 1s, do: explode, for: 2s}]", &["RC0122 9:29"]),
    ("source: {generate: {}}\n      faults: [{at: 1s, do: drop, for: 2s}]", &["RC0173 9:35"]),
    ("source: {generate: {}}\n      faults: [{at: 1s, do: delay}]", &["RC0173 9:16", "RC0173 9:16"]),
    ("source: {generate: {}}\n      faults: [{at: 1s, do: throttle, for: 1s, rate: 5}]", &["RC0164 9:54"]),
    ("source: {generate: {}}\n      faults: [{at: 1s, do: cut, after: 0}]", &["RC0163 9:41"]),
    ("source: {generate: {}}\n      rules: [{field: a, check: \"(\"}]", &["RC0167 9:33"]),
    (
        "source: {generate: {}}\n      expect: {properties: [0, 36, 1, 1]}",
        &["RC0163 9:29", "RC0163 9:32", "RC0121 9:39"],
    ),
    ("source: {generate: {rows: 5}}\n      expect: {written: 6}", &["RC0179 9:7"]),
    ("source: {generate: {}}\n      category: types", &["RC0122 9:17"]),
    ("source: {generate: {}}\n    - name: a\n      source: {generate: {}}", &["RC0172 9:13"]),
    ("source: {generate: {}}\n      retries: 3", &["RC0107 9:7"]),
];

#[test]
fn each_mistake_in_a_scenario_is_told_where_it_stands() {
    let scenario = |lines: &str| format!("{HEAD}{MYSQL}  scenarios:\n    - name: a\n      {lines}\n");
    let told = MISTAKES.iter().map(|(lines, wanted)| (*lines, places(&scenario(lines)), *wanted));
    let wrong: Vec<_> = told.filter(|(_, found, wanted)| found != wanted).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn each_mistake_about_the_database_is_told_where_it_stands() {
    for (line, wanted) in [
        ("host: \"h:1\"", "RC0176 7:11"),
        ("host: \"u:p@h\"", "RC0176 7:11"),
        ("host: \"a b\"", "RC0176 7:11"),
        ("database: a.b", "RC0183 7:15"),
        ("username: \"u \"", "RC0184 7:15"),
        ("port: 65536", "RC0181 7:11"),
        ("port: \"3306\"", "RC0181 7:11"),
        ("charset: latin1", "RC0180 7:14"),
        ("tls: {mode: on}", "RC0122 7:17"),
        ("tls: {caFile: ca.pem}", "RC0174 7:11"),
        ("pool: {size: 1001}", "RC0182 7:18"),
        ("pool: {maxWaiting: 1000001}", "RC0163 7:24"),
        ("pool: {overflow: drop}", "RC0122 7:22"),
        ("pool: {validationQuery: \"\"}", "RC0112 7:29"),
        ("retry: {max: 101}", "RC0163 7:18"),
        ("retry: {max: 0, delays: [1s]}", "RC0175 7:21"),
        ("retry: {delays: [2s, 1s]}", "RC0175 7:13"),
        ("retry: {max: 2, delays: [0s]}", "RC0119 7:30"),
        ("password: {fromEnv: A, fromFile: b}", "RC0140 7:5"),
        ("connectTimeout: 30", "RC0119 7:21"),
    ] {
        let others = ["host: h", "database: d", "username: u"];
        let key = line.split(':').next().unwrap();
        let others: Vec<&str> = others.into_iter().filter(|other| !other.starts_with(key)).collect();
        let text = format!("{HEAD}{SCENARIOS}  mysql:\n    {line}\n    {}\n", others.join("\n    "));
        assert_eq!(places(&text), [wanted], "{text}");
    }
}

#[test]
fn the_example_of_every_code_is_told_in_its_own_lines() {
    for example in TABLE.iter().filter(|example| matches!(example.around, Around::Mysql | Around::Scenario)) {
        let found = only(&example.around.text(example.wrong));
        let before = example.around.text("").lines().count();
        assert_eq!(found.code, example.code);
        assert!(found.labels[0].span.line as usize > before, "{found:#?}");
    }
}

#[test]
fn names_are_unique_and_what_a_suite_depends_on_is_an_object_that_is_there() {
    let suite = format!("{HEAD}{MYSQL}{SCENARIOS}");
    assert_eq!(places(&format!("{suite}---\n{suite}")), ["RC0123 10:18"]);
    // An object of the same name is something else.
    let loaded = load_text(&format!("{VALID}---\n{suite}dependsOn: [FlinkConnector/orders]\n")).unwrap();
    assert_eq!((loaded.desired.declared().len(), loaded.suites.len()), (1, 1));
    assert_eq!(places(&format!("{suite}dependsOn: [Store/orders]\n")), ["RC0126 7:13"]);
    assert_eq!(places(&format!("{suite}dependsOn: [SinkVerification/orders]\n")), ["RC0116 7:13"]);
    assert_eq!(places(&format!("{suite}lifecycle: {{protect: true}}\n")), ["RC0139 7:1"]);
}

#[test]
fn a_profile_wins_over_the_suite_field_by_field() {
    let project = load_project(
        "profiles:\n  ci:\n    emulator: true\n    verification:\n      mysql:\n        host: db\n        pool: {size: 3}\n        \
         tls: {mode: verifyCa, caFile: ca.pem}\n        password: {fromEnv: CI_PASSWORD}\n      flink: {gateway: \"http://flink:8083\"}\n",
    )
    .unwrap();
    let suite = only_suite(&format!(
        "{HEAD}  engine: flink\n  flink: {{parallelism: 4}}\n{SCENARIOS}  mysql: {{host: h, database: d, username: u, pool: {{maxWaiting: 7}}}}\n"
    ));
    let merged = suite.clone().overridden(&project.profiles["ci"].verification);
    assert_eq!((merged.mysql.host.as_str(), merged.mysql.database.as_str()), ("db", "d"));
    assert_eq!((merged.mysql.pool.size.get(), merged.mysql.pool.max_waiting), (3, 7));
    assert!(matches!(&merged.mysql.tls, Tls::VerifyCa(Authority::File(file)) if file.ends_with("ca.pem")));
    assert_eq!(merged.mysql.password.unwrap().source(), &SecretSource::Env("CI_PASSWORD".to_owned()));
    let Engine::Flink { flink, .. } = merged.engine else { panic!() };
    assert_eq!((flink.gateway.as_str(), flink.parallelism.get()), ("http://flink:8083", 4));
    let nothing = load_project("profiles: {ci: {emulator: true, verification: {}}}\n").unwrap();
    assert_eq!(suite.clone().overridden(&nothing.profiles["ci"].verification), suite);
}

#[test]
fn no_password_stands_in_the_project_file_and_none_is_shown() {
    for password in ["hunter2", "1234", "'hunter2'"] {
        let text = format!(
            "profiles:\n  ci:\n    emulator: true\n    verification:\n      mysql:\n        password: {password}\n"
        );
        let found = load_project(&text).unwrap_err();
        assert_eq!(found.iter().map(place).collect::<Vec<_>>(), ["RC0146 6:19"]);
        assert!(!format!("{found:?}").contains("hunter2"), "{found:#?}");
    }
    let found =
        load_project("profiles: {ci: {emulator: true, verification: {mysql: {hots: a}}}}\n").unwrap_err();
    assert_eq!(found[0].help.as_deref(), Some("did you mean `host`?"));
}

#[test]
fn a_suite_whose_password_comes_from_a_variable_is_shown_as_it_stands_and_any_other_is_not() {
    let text = |password: &str| {
        format!(
            "{HEAD}  mysql: {{host: h, database: d, username: u, password: {password}}}\n  scenarios:\n    - name: a\n      source: {{generate: {{kind: shapeless}}}}\n"
        )
    };
    let shown = only(&text("{fromEnv: PASSWORD}"));
    assert!(shown.message.contains("shapeless"), "{shown:#?}");
    assert_eq!(shown.labels[0].source.as_deref(), Some("      source: {generate: {kind: shapeless}}"));
    for password in ["{fromCommand: [vault, shapeless]}", "{fromEnv: hunter2}"] {
        let found = only(&text(password));
        assert!(!format!("{found:?}").contains("shapeless"), "{found:#?}");
    }
}
