//! `verify` on a real server: what it proves, what it says, how it ends, and what it leaves behind.

use std::process::Command;

use reconcile::domain::suite::mysql::Mysql;
use secrecy::ExposeSecret as _;
use serde_json::Value;

use crate::support::env::{Said, TestEnv};
use crate::support::mysql::{Database, session};
use crate::support::tampering::tampering;

/// Asynchronous preparations of a test that blocks.
fn now<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn database() -> Mysql {
    now(Database::new()).mysql
}

/// An environment with the password of this database in `MYSQL_PASSWORD`.
fn env_for(mysql: &Mysql) -> TestEnv {
    let password = mysql.password.as_ref().unwrap().content().unwrap();
    TestEnv::new().with("MYSQL_PASSWORD", password.expose_secret())
}

/// A suite on this database: further fields of `mysql`, as YAML flow entries, and its scenarios.
fn suite(mysql: &Mysql, further: &str, scenarios: &str) -> String {
    let Mysql { host, port, database, username, .. } = mysql;
    format!(
        "apiVersion: reconcile/v1\nkind: SinkVerification\nmetadata: {{name: orders}}\nspec:\n  mysql: {{host: {host}, \
         port: {port}, database: {database}, username: {username}, password: {{fromEnv: MYSQL_PASSWORD}}{further}}}\n  \
         scenarios:\n{scenarios}"
    )
}

/// A scenario with so many rows that judges these properties, and further fields.
fn scenario(rows: u64, properties: &str, further: &str) -> String {
    format!(
        "    - {{name: all, source: {{generate: {{rows: {rows}, seed: 1}}}}, expect: {{properties: [{properties}]}}{further}}}\n"
    )
}

fn tables(mysql: &Mysql) -> Vec<Vec<String>> {
    now(async { session(mysql).await.show("SHOW TABLES").await.unwrap() })
}

/// The only suite of the document.
fn only(said: &Said) -> Value {
    let document = said.json("verify");
    let [suite] = &document["suites"].as_array().unwrap()[..] else { panic!("{document:#}") };
    suite.clone()
}

/// The example suites.
const EXAMPLES: [&str; 5] = ["connection", "data-types", "integration", "performance", "resilience"];

#[test]
fn the_example_suites_hold_on_a_server_of_their_own() {
    let path = reconcile::platform::env::var("PATH").unwrap();
    let env = TestEnv::new().with("PATH", &path);
    for name in EXAMPLES {
        let file = format!("{}/manifests-examples/verify/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
        let line = format!("verify {file} --start-mysql --cases 2 --seed 1 -o json");
        let said = env.run(&line).exits(0).tells("--start-mysql: ");
        let suite = only(&said);
        for scenario in suite["scenarios"].as_array().unwrap() {
            assert_eq!(scenario["outcome"], "holds", "{scenario:#}");
            let faults = scenario["rows"]["faults"].as_array().unwrap();
            assert!(faults.iter().all(|fault| fault["outcome"] == "done"), "{faults:#?}");
        }
        for property in suite["properties"].as_array().unwrap() {
            let verdict = property["verdict"].as_str().unwrap();
            let has_evidence = property["evidence"]["cases"].as_u64().is_some_and(|cases| cases > 0);
            assert!(verdict == "holds" && has_evidence || verdict == "notApplicable", "{property:#}");
            assert_eq!(verdict == "holds", property["reason"].is_null(), "{property:#}");
        }
    }
}

#[test]
fn without_a_server_program_it_says_what_to_install() {
    let env = TestEnv::new().with("PATH", "/nonexistent");
    let file = format!("{}/manifests-examples/verify/connection.yaml", env!("CARGO_MANIFEST_DIR"));
    let said = env.run(&format!("verify {file} --start-mysql")).exits(1);
    said.tells("error: --start-mysql: ").tells("apt-get install");
}

#[test]
fn rows_arrive_exactly_and_nothing_is_left() {
    let mysql = database();
    let env = env_for(&mysql);
    env.write("suite.yaml", &suite(&mysql, "", &scenario(300, "1, 2, 4", "")));
    let said = env.run("verify suite.yaml --seed 5 --cases 4").exits(0);
    let said = said
        .shows("SCENARIO")
        .shows("Proven:     1 property holds, over 4 cases; 1 of 1 scenario: 300 rows arrived exactly\n")
        .shows("Refuted:    nothing\n")
        .shows("P2 (JARs are loaded by a Flink cluster")
        .shows("P4 (this database is not ours to stop)")
        .shows("Rows:       300 written, 0 refused, 300 compared with the tables\n")
        .shows("again: reconcile verify suite.yaml --cases 4 --seed 5\n")
        .tells("orders/all: holds, 300 rows");
    assert_eq!(said.stdout().lines().rev().take(5).count(), 5);
    assert_eq!(tables(&mysql), Vec::<Vec<String>>::new());
}

#[test]
fn what_is_wrong_about_the_declaration_has_its_own_code_and_exit() {
    let mysql = database();
    let env = env_for(&mysql).with("WRONG_PASSWORD", "hunter2-canary");
    let rows = scenario(10, "1", "");
    let good = suite(&mysql, "", &rows);
    let port = format!("port: {}", mysql.port);
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for (from, to, code, exit) in [
        ("host: 127.0.0.1", "host: nowhere.invalid", "RV01", 69),
        (port.as_str(), &format!("port: {closed}"), "RV02", 69),
        (", password: {fromEnv: MYSQL_PASSWORD}", "", "RV04", 77),
        ("fromEnv: MYSQL_PASSWORD", "fromEnv: WRONG_PASSWORD", "RV05", 77),
        ("username: reconcile", "username: nobody", "RV05", 77),
        ("database: test_", "database: no_such_", "RV06", 65),
        ("}\n  scenarios", ", tls: {mode: verifyCa, caFile: none.pem}}\n  scenarios", "RV08", 65),
        ("}\n  scenarios", ", pool: {size: 1000}}\n  scenarios", "RV09", 65),
    ] {
        let wrong = good.replace(from, to);
        assert_ne!(wrong, good, "{from}");
        env.write("suite.yaml", &wrong);
        let said = env.run("verify suite.yaml -o json").exits(exit);
        let suite = only(&said);
        assert_eq!(suite["notRun"]["code"], code, "{suite:#}");
        assert!(suite["notRun"]["message"].as_str().unwrap().contains(code), "{suite:#}");
        env.run("verify suite.yaml").exits(exit).shows(code).hides("canary");
    }
    // What no connection can have is told where it stands, before there is one.
    env.write("suite.yaml", &suite(&mysql, ", charset: latin1", &rows));
    env.run("verify suite.yaml").exits(65).tells("suite.yaml:5:").tells("rows are sent as UTF-8");
    env.write("suite.yaml", &good.replace("MYSQL_PASSWORD", "NOT_SET"));
    env.run("verify suite.yaml").exits(65).tells("the variable NOT_SET is not set");
}

#[test]
fn a_refuted_property_is_exit_code_4_and_its_case_can_be_tried_again() {
    let mysql = database();
    // Every statement takes effect at once, whatever the transaction says.
    let port = tampering(mysql.port.get(), "START TRANSACTION", "DO 1             ");
    let env = env_for(&mysql);
    let through = Mysql { port: port.try_into().unwrap(), ..mysql.clone() };
    env.write("suite.yaml", &suite(&through, ", tls: {mode: disabled}", &scenario(10, "15", "")));
    let said = env.run("verify suite.yaml --seed 3 -o json").exits(4);
    let property = &only(&said)["properties"][0];
    assert_eq!((&property["number"], &property["verdict"]), (&15.into(), &"refuted".into()), "{property:#}");
    let found = &property["counterexample"];
    let replay = found["replay"].as_str().unwrap();
    assert_eq!(replay, format!("--replay orders:15:3:{}", found["number"]));

    let again = env.run(&format!("verify suite.yaml {replay} -o json")).exits(4);
    let suite_again = only(&again);
    assert_eq!(suite_again["scenarios"].as_array().unwrap().len(), 0, "only the case is tried");
    // How small it becomes depends on when connections are killed.
    assert_eq!(suite_again["properties"][0]["counterexample"]["number"], found["number"]);
    env.run(&format!("verify suite.yaml {replay}"))
        .exits(4)
        .shows("REFUTED".to_lowercase().as_str())
        .shows(&format!("again: reconcile verify suite.yaml {replay}\n"))
        .shows("Refuted:    15 transaction boundaries (orders)");
    // The same case on the path without the defect.
    env.write("suite.yaml", &suite(&mysql, "", &scenario(10, "15", "")));
    env.run(&format!("verify suite.yaml {replay}")).exits(0).shows("Refuted:    nothing");
    assert_eq!(tables(&mysql), Vec::<Vec<String>>::new());
}

#[test]
fn a_table_that_changes_values_is_found_out_row_by_row() {
    let mysql = database();
    now(async {
        let mut session = session(&mysql).await;
        session
            .run("CREATE TABLE orders (id BIGINT NOT NULL PRIMARY KEY, note LONGTEXT) CHARSET utf8mb4 COLLATE utf8mb4_bin")
            .await
            .unwrap();
        let trigger =
            "CREATE TRIGGER cut BEFORE INSERT ON orders FOR EACH ROW SET NEW.note = LEFT(NEW.note, 3)";
        session.run(trigger).await.unwrap();
    });
    let env = env_for(&mysql);
    let rest = ", schema: {fields: [{name: id, type: BIGINT NOT NULL}, {name: note, type: STRING}], primaryKey: [id]}, \
                table: {name: orders, create: false}";
    let file = suite(&mysql, "", &scenario(50, "1", rest));
    env.write("suite.yaml", &file.replace("expect: {", "expect: {written: 7, refused: 1, "));
    let said = env.run("verify suite.yaml --cases 1 -o json").exits(4);
    let scenario = &only(&said)["scenarios"][0];
    assert_eq!(scenario["outcome"], "failed");
    let rows = &scenario["rows"];
    assert!(rows["comparison"]["different"].as_u64().is_some_and(|different| different > 10), "{rows:#}");
    let difference = &rows["comparison"]["differences"][0];
    assert_eq!(difference["fields"][0]["field"], "note", "{difference:#}");
    let misses = rows["misses"].as_array().unwrap();
    assert_eq!(misses.len(), 3, "{misses:#?}");
    // It is theirs: it stays, with its rows.
    assert_eq!(tables(&mysql), [["orders"]]);
    env.run("verify suite.yaml --cases 1")
        .exits(4)
        .shows("failed: all: the table is not what it must be: ")
        .shows("note: expected ")
        .shows("the table held 50 rows before the run")
        .shows("Refuted:    scenario orders/all\n");
}

#[test]
fn ctrl_c_finishes_what_is_under_way_and_takes_everything_away() {
    let mysql = database();
    let env = env_for(&mysql);
    let endless = scenario(100_000_000, "1", ", write: {batchSize: 50}");
    env.write("suite.yaml", &suite(&mysql, "", &endless));
    let mut running = env.start("verify suite.yaml");
    while tables(&mysql).is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    Command::new("kill").args(["-INT", &running.pid()]).status().unwrap();
    running.until_it_tells("stopping: what is under way is finished");
    let said = running.outcome().exits(130);
    assert!(said.stderr().contains("orders/all: stopped"), "{}", said.stderr());
    assert_eq!(tables(&mysql), Vec::<Vec<String>>::new());
}

#[test]
fn what_was_not_done_does_not_look_done() {
    let mysql = database();
    let env = env_for(&mysql);
    let declared = suite(&mysql, "", &scenario(100, "1", ", faults: [{at: 10%, do: badStatement}]"));
    env.write("suite.yaml", &declared);
    env.run("verify suite.yaml --cases 1")
        .exits(6)
        .shows("not run: all: RV21 faults: this version cannot inject `badStatement` yet")
        .shows("0 of 1 scenario: 0 rows arrived exactly")
        .shows("Not judged: orders/all (not run)");
    env.write(
        "suite.yaml",
        &declared.replace("spec:\n", "spec:\n  engine: flink\n  flink: {parallelism: 1}\n"),
    );
    env.run("verify suite.yaml")
        .exits(6)
        .shows("RV20 engine: ")
        .shows("Not judged: SinkVerification/orders was not run");
    // A fault that the source itself can show is one.
    let spoilt = ", write: {mode: insert}, faults: [{at: 50%, do: duplicateKeys, rows: 2}, {at: 80%, do: oversizedText, rows: 1}]";
    let file = suite(&mysql, "", &scenario(100, "1", spoilt));
    env.write("suite.yaml", &file.replace("expect: {", "expect: {written: 97, refused: 3, "));
    env.run("verify suite.yaml --cases 1")
        .exits(0)
        .shows("3 rows refused: 2 by ")
        .shows("97 written, 3 refused");
}

/// Short pauses, and many of them.
const PATIENT: &str = ", retry: {max: 40, delays: [50ms]}";

#[test]
fn whatever_happens_on_the_way_no_row_is_lost_and_none_comes_twice() {
    let mysql = database();
    let env = env_for(&mysql);
    for mode in ["insert", "upsert"] {
        let write = format!(", write: {{mode: {mode}, batchSize: 50, parallelism: 2}}");
        let rows = scenario(3000, "1", &write).replace("expect: {", "expect: {written: 3000, refused: 0, ");
        env.write("suite.yaml", &suite(&mysql, PATIENT, &rows));
        for (fault, closes) in [
            ("at=30%,do=drop", true),
            ("at=30%,do=stall,for=500ms", false),
            ("at=30%,do=delay,for=300ms,by=20ms", false),
            ("at=30%,do=throttle,for=300ms,rate=64KiB", false),
            ("at=30%,do=cut,after=777", true),
            ("at=30%,do=serverDown,for=500ms", true),
        ] {
            let said = env.run(&format!("verify suite.yaml --cases 1 --fault {fault} -o json")).exits(0);
            let done = &only(&said)["scenarios"][0]["rows"]["faults"][0];
            assert_eq!((&done["fault"], &done["outcome"]), (&fault.into(), &"done".into()), "{done:#}");
            assert_eq!(done["afterRows"], 900, "{done:#}");
            assert_eq!(done["connectionsClosed"].as_u64().unwrap() > 0, closes, "{done:#}");
            if fault.contains("cut") {
                assert_eq!(done["bytes"], 777);
            }
        }
    }
    assert_eq!(tables(&mysql), Vec::<Vec<String>>::new());
}

#[test]
fn a_fault_that_is_typed_is_added_and_is_part_of_the_command_to_do_it_again() {
    let mysql = database();
    let env = env_for(&mysql);
    let faults = ", write: {batchSize: 50}, faults: [{at: 20%, do: drop}]";
    env.write("suite.yaml", &suite(&mysql, PATIENT, &scenario(1000, "13", faults)));
    env.run("verify suite.yaml --cases 4 --seed 2 --fault at=50%,do=cut,after=300 --fault at=80%,do=drop")
        .exits(0)
        .shows("all: fault at=20%,do=drop: after 200 rows and ")
        .shows("all: fault at=50%,do=cut,after=300: after 500 rows and ")
        .shows(": 300 bytes got through, ")
        .shows("all: fault at=80%,do=drop: after 800 rows and ")
        .shows("Proven:     1 property holds, over 4 cases; ")
        .shows(
            "again: reconcile verify suite.yaml --fault at=50%,do=cut,after=300 --fault at=80%,do=drop --cases 4 --seed 2",
        );
    env.write("suite.yaml", &suite(&mysql, PATIENT, &scenario(1000, "1", ", write: {batchSize: 50}")));
    let two = "--fault at=50%,do=drop --fault at=1ms,do=serverDown,for=100ms";
    let suite_again = only(&env.run(&format!("verify suite.yaml --cases 1 -o json {two}")).exits(0));
    let faults = suite_again["scenarios"][0]["rows"]["faults"].as_array().unwrap();
    assert_eq!(faults.len(), 2, "{faults:#?}");
    let wrong = env.run("verify suite.yaml --fault at=50%,do=explode").exits(64);
    wrong.tells("--fault at=50%,do=explode: `do` is one of");
}

#[test]
fn a_fault_that_never_came_or_met_nothing_is_missed_and_a_database_that_forgets_is_found_out() {
    let mysql = database();
    let env = env_for(&mysql);
    let rows = scenario(500, "1", ", write: {batchSize: 50}");
    env.write("suite.yaml", &suite(&mysql, PATIENT, &rows));
    env.run("verify suite.yaml --cases 1 --fault at=1h,do=drop")
        .exits(4)
        .shows("failed: all: the fault at=3600s,do=drop never came: all rows were through before")
        .shows("all: fault at=3600s,do=drop: never came");
    env.run("verify suite.yaml --cases 1 --fault at=50%,do=cut,after=1000000000")
        .exits(4)
        .shows("met nothing: fewer bytes than that went to the database");
    // What was answered is kept only as long as the connection: it is lost with it.
    let port = tampering(mysql.port.get(), "COMMIT", "DO 1  ");
    let through = Mysql { port: port.try_into().unwrap(), ..mysql.clone() };
    env.write("suite.yaml", &suite(&through, &format!("{PATIENT}, tls: {{mode: disabled}}"), &rows));
    let said = env.run("verify suite.yaml --cases 1 --fault at=50%,do=drop -o json").exits(4);
    let comparison = &only(&said)["scenarios"][0]["rows"]["comparison"];
    assert!(comparison["missing"].as_u64().is_some_and(|missing| missing >= 50), "{comparison:#}");
}

#[test]
fn what_is_meant_can_be_chosen_and_nothing_is_not_a_success() {
    let mysql = database();
    let env = env_for(&mysql);
    let two = scenario(10, "1, 19", ", category: connection")
        + &scenario(20, "21", "").replace("name: all", "name: rest");
    env.write("suite.yaml", &suite(&mysql, "", &two));
    let names = |flags: &str| {
        let suite = only(&env.run(&format!("verify -f suite.yaml --cases 1 {flags} -o json")).exits(0));
        let list = |field: &str, name: &str| {
            let all =
                suite[field].as_array().unwrap().iter().map(|one| one[name].to_string().replace('"', ""));
            all.collect::<Vec<_>>().join(" ")
        };
        (list("scenarios", "name"), list("properties", "number"))
    };
    let chosen = |scenarios: &str, properties: &str| (scenarios.to_owned(), properties.to_owned());
    assert_eq!(names(""), chosen("all rest", "1 19 21"));
    assert_eq!(names("--suite orders --scenario rest"), chosen("rest", "21"));
    assert_eq!(names("--category connection"), chosen("all", "1 19"));
    assert_eq!(names("--property 18-20 --property 22"), chosen("all", "19"));
    for (flags, said) in [
        ("--scenario nobody", "no scenario is named `nobody`; there are all, rest"),
        ("--suite nobody", "no suite is named `nobody`; there are orders"),
        ("--property 30", "has one of these properties"),
        ("--property 36", "--property 36: write a number from 1 to 35"),
        ("--category speed", "--category speed: there are connection, dataTypes"),
        ("--replay orders:5", "SUITE:PROPERTY:SEED:CASE"),
        ("--replay nobody:5:1:1", "no suite is named `nobody`"),
        ("--replay orders:5:1:1 --seed 4", "cannot be used with"),
        ("--cases 0", "--cases"),
    ] {
        env.run(&format!("verify suite.yaml {flags}")).exits(64).tells(said);
    }
    env.write("manifests/a.yaml", &crate::support::manifest::connector("a").to_string());
    let failed = env.run("verify manifests -o json").exits(6).json("verify");
    assert_eq!(failed["error"]["exit"], 6, "{failed:#}");
    env.run("verify manifests").exits(6).tells("no suite (kind SinkVerification) is declared");
}

#[test]
fn no_form_of_the_report_shows_a_password_and_each_is_what_it_says() {
    let mysql = database();
    let password = "hunter2-canary\"<&";
    let quoted = password.replace('\'', "''");
    now(async {
        let mut admin = session(&mysql).await;
        admin.run(&format!("CREATE USER IF NOT EXISTS canary@'%' IDENTIFIED BY '{quoted}'")).await.unwrap();
        admin.run(&format!("GRANT ALL ON {}.* TO canary@'%'", mysql.database)).await.unwrap();
    });
    let env = TestEnv::new().with("MYSQL_PASSWORD", password);
    let mysql = Mysql { username: "canary".to_owned(), ..mysql };
    let scenarios = scenario(200, "3, 5, 21, 22", "");
    env.write("suite.yaml", &suite(&mysql, "", &scenarios));
    let line = "verify suite.yaml --cases 3 --seed 1 --events events --records records --report junit=junit,github=markdown";
    let text = env.run(line).exits(0);
    let json = env.run("verify suite.yaml --cases 3 -o json -vv").exits(0);
    let junit = env.run("verify suite.yaml --cases 3 -o junit").exits(0);
    let markdown = env.run("verify suite.yaml --cases 3 -o markdown").exits(0);
    crate::support::consumers::junit(junit.stdout()).unwrap();
    crate::support::consumers::junit(&env.read("junit")).unwrap();
    assert!(
        junit.stdout().contains("<testsuite name=\"SinkVerification/orders\" tests=\"5\""),
        "{}",
        junit.stdout()
    );
    assert!(markdown.stdout().contains("### reconcile verify: proven\n"), "{}", markdown.stdout());
    let records = env.read("records");
    let is_told = |kind: &str| records.lines().any(|line| line.contains(kind));
    assert!(is_told("batch") && is_told("pool"), "{records}");
    let files = ["events", "records", "junit", "markdown"].map(|file| env.read(file));
    for said in [&text, &json, &junit, &markdown] {
        assert!(!said.stdout().contains("canary\"") && !said.stderr().contains("canary\""), "{said:?}");
        assert!(!said.stdout().contains("hunter2") && !said.stderr().contains("hunter2"));
    }
    assert!(files.iter().all(|text| !text.contains("hunter2")), "{files:?}");
    // Where there is no such report, nothing would be written.
    env.run("list Store -o junit").exits(64).tells("--output junit says nothing about `list`");
    env.run("verify suite.yaml --records nowhere/records").exits(64).tells("--records: ");
}

#[test]
fn a_profile_leads_to_another_database() {
    let mysql = database();
    let env = env_for(&mysql);
    let elsewhere = Mysql { host: "nowhere.invalid".to_owned(), ..mysql.clone() };
    env.write("suite.yaml", &suite(&elsewhere, "", &scenario(10, "1", "")));
    env.project("profiles:\n  local: {emulator: true}\n  ci: {emulator: true, verification: {mysql: {host: 127.0.0.1}}}\ndefaultProfile: local\n");
    env.run("verify suite.yaml").exits(69).shows("RV01");
    env.run("verify suite.yaml --profile ci --cases 1")
        .exits(0)
        .shows("again: reconcile verify suite.yaml --profile ci --cases 1 --seed ");
}
