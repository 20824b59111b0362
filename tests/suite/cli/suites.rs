//! Suites of kind `SinkVerification` beside the objects: every command loads and checks them, and none takes one for an
//! object.

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::connector;

const SUITE: &str = "\
apiVersion: reconcile/v1
kind: SinkVerification
metadata: {name: orders-to-mysql}
spec:
  mysql: {host: 127.0.0.1, database: shop, username: loader, password: {fromEnv: MYSQL_PASSWORD}}
  scenarios:
    - name: orders
      source: {generate: {rows: 10}}
dependsOn: [FlinkConnector/a]
";

#[test]
fn plan_apply_and_destroy_check_a_suite_and_leave_it_alone() {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a")]);
    let planned = || {
        let told = env.plan("--color never").exits(0).stdout().to_owned();
        // What follows is how long it took.
        told.split("Reads:").next().unwrap().to_owned()
    };
    let alone = planned();
    env.write("manifests/suite.yaml", SUITE);
    assert_eq!(planned(), alone);
    env.apply("").exits(0).shows("1 added");
    env.plan("--detailed-exitcode").exits(0);
    env.write("manifests/suite.yaml", &SUITE.replace("rows: 10", "rows: 0"));
    env.plan("").exits(65).tells("RC0163");
    env.apply("").exits(65).tells("RC0163");
    env.write("manifests/suite.yaml", SUITE);
    env.run("destroy manifests --yes").exits(0).shows("1 destroyed");
}

#[test]
fn a_folder_with_nothing_but_a_suite_is_empty() {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a")]);
    env.apply("").exits(0);
    env.remove_manifest("a.yaml");
    let empty = env.apply("").exits(6).stderr().to_owned();
    env.write("manifests/suite.yaml", SUITE.trim_end_matches("dependsOn: [FlinkConnector/a]\n"));
    assert_eq!(env.apply("").exits(6).stderr(), empty);
    assert_eq!(emulator.names("w:n"), "a");
}

#[test]
fn validate_counts_suites_by_themselves_and_shows_where_a_mistake_is() {
    let env = TestEnv::new();
    env.manifest("a.yaml", &[connector("a")]);
    env.write("manifests/suite.yaml", SUITE);
    env.run("validate manifests").exits(0).shows("Valid: 1 object and 1 suite in 2 files.");
    let told = env.run("validate manifests -o json").exits(0).json("validate");
    assert_eq!((&told["objects"], &told["suites"]), (&1.into(), &1.into()));
    env.write("manifests/suite.yaml", &SUITE.replace("username", "usrname"));
    env.run("validate manifests")
        .exits(65)
        .tells("manifests/suite.yaml:5:44")
        .tells("did you mean `username`?");
}

#[test]
fn a_value_of_the_profile_and_a_profile_of_its_own_reach_a_suite() {
    let env = TestEnv::new();
    env.project(
        "profiles:\n  ci:\n    emulator: true\n    values: {rows: 10, share: 30%}\n    verification:\n      mysql:\n        \
         host: db.ci\n        password: {fromCommand: [vault, --token=hunter2]}\n        pool: {size: 3, acquireTimeout: 90s}\n        \
         retry: {max: 0}\n        tls: {mode: required}\n      flink: {parallelism: 4}\n",
    );
    let suite =
        SUITE.replace("rows: 10", "rows: \"${values.rows}\"").replace("dependsOn: [FlinkConnector/a]\n", "");
    env.write(
        "manifests/suite.yaml",
        &format!("{suite}      faults: [{{at: \"${{values.share}}\", do: drop}}]\n"),
    );
    env.run("validate manifests").exits(0);
    env.run("validate manifests --set rows=0").exits(65).tells("RC0163");
    env.run("config --show-origin")
        .exits(0)
        .hides("hunter2")
        .shows("verification.mysql.host")
        .shows("db.ci")
        .shows("reconcile.yaml:7")
        .shows("command vault")
        .shows("1m30s")
        .shows("no retry")
        .shows("verification.flink.parallelism")
        .hides("verification.mysql.port");
}

#[test]
fn every_field_of_a_suite_is_explained_and_in_the_schema() {
    let env = TestEnv::new();
    env.run("explain SinkVerification.spec.mysql.pool.size")
        .exits(0)
        .shows("whole number from 1 to 1000")
        .shows("default   10");
    env.run("explain SinkVerification.scenarios.faults.at").exits(0).shows("share of the rows");
    env.run("explain SinkVerification.spec.mysql.pool.sizes").exits(64).tells("did you mean `size`?");
    env.run("explain SinkVerification.lifecycle").exits(64).tells("has no field `lifecycle`");
    let schema = env.run("schema SinkVerification").exits(0).stdout().to_owned();
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    let password = &schema["properties"]["spec"]["properties"]["mysql"]["properties"]["password"];
    assert_eq!((&password["writeOnly"], &password["x-reconcile-secret"]), (&true.into(), &true.into()));
}

#[test]
fn a_password_in_a_suite_is_a_warning_and_is_never_shown() {
    let env = TestEnv::new();
    let suite =
        SUITE.replace("{fromEnv: MYSQL_PASSWORD}", "hunter2").replace("dependsOn: [FlinkConnector/a]\n", "");
    env.write("manifests/suite.yaml", &suite);
    env.run("validate manifests").exits(0).tells("RC0141").hides("hunter2");
    env.write("manifests/suite.yaml", &suite.replace("username: loader", "username:   loader"));
    env.run("fmt manifests --check --diff").exits(1).hides("hunter2").shows("(secret)");
}
