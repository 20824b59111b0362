//! The life of stores over HTTP.

use std::io::Read as _;
use std::net::TcpListener;
use std::sync::mpsc;
use std::time::Duration;

use super::caller::{Ask, config};
use super::statements::{KAFKA, ask, ask_as, attach, check, create, plain, rows, with};
use crate::emulator::{Config, Emulator, EmulatorError, LoginCheck, Simulation, StoreSimulation};
use crate::platform::fs;

const STATUS: &str = "SELECT status, status_message FROM deltastream.sys.\"stores\" WHERE name = 's';";

/// One store of each type: its WITH list, with a hole for a secret, and a word of what a wrong one is answered with.
const EVERY_TYPE: [(&str, &str); 9] = [
    (
        "'type' = KAFKA, 'uris' = 'b:1', 'kafka.sasl.hash_function' = SHA256, 'kafka.sasl.username' = 'u', \
         'kafka.sasl.password' = '?'",
        "SCRAM-SHA-256",
    ),
    (
        "'type' = POSTGRESQL, 'uris' = 'postgresql://db.example.test:5432/d', 'postgres.username' = 'u', \
         'postgres.password' = '?'",
        "FATAL: password authentication failed for user \"u\" (SQLSTATE 28P01)",
    ),
    (
        "'type' = SNOWFLAKE, 'uris' = 'https://a.snowflakecomputing.com', 'snowflake.account_id' = 'a', \
         'snowflake.cloud.region' = 'AWS us-east-1', 'snowflake.warehouse_name' = 'w', 'snowflake.role_name' = 'r', \
         'snowflake.username' = 'u', 'snowflake.client.key_file' = '@key', 'snowflake.client.key_passphrase' = '?'",
        "JWT token is invalid",
    ),
    (
        "'type' = S3, 'uris' = 'https://b.s3.amazonaws.com/', 'aws.access_key_id' = 'a', 'aws.secret_access_key' = '?'",
        "SignatureDoesNotMatch",
    ),
    (
        "'type' = KINESIS, 'uris' = 'u', 'kinesis.access_key_id' = 'a', 'kinesis.secret_access_key' = '?'",
        "Kinesis",
    ),
    (
        "'type' = CLICKHOUSE, 'uris' = 'u', 'clickhouse.username' = 'u', 'clickhouse.password' = '?'",
        "Code: 516",
    ),
    (
        "'type' = ICEBERG_REST, 'uris' = 'u', 'iceberg.catalog.id' = 'c', 'iceberg.rest.client_id' = 'i', \
         'iceberg.rest.client_secret' = '?'",
        "invalid_client",
    ),
    (
        "'type' = ICEBERG_GLUE, 'aws.region' = 'r', 'iceberg.warehouse.default_path' = 's3://b/', \
         'aws.access_key_id' = 'a', 'aws.secret_access_key' = '?'",
        "SignatureDoesNotMatch",
    ),
    (
        "'type' = DATABRICKS, 'uris' = 'u', 'databricks.app_token' = '?', 'databricks.warehouse_id' = 'w', \
         'aws.access_key_id' = 'a', 'aws.secret_access_key' = 'x', 'databricks.cloud.s3.bucket' = 'b', \
         'databricks.cloud.region' = 'AWS us-west-2'",
        "Invalid access token",
    ),
];

#[test]
fn every_type_of_store_lives_from_create_to_drop() {
    let emulator = plain();
    for (list, _) in EVERY_TYPE {
        let create = format!("CREATE STORE \"s\" WITH ({});", list.replace('?', "right"));
        let reply = attach(&emulator, &create, &[("@key", "pem"), ("unused", "")]);
        check(&reply);
        assert_eq!(reply.body["sqlState"], "00000", "{reply:?}");
        assert_eq!(rows(&emulator, "sysadmin", STATUS), [["ready", ""]], "{list}");
        assert_eq!(rows(&emulator, "sysadmin", "DESCRIBE STORE \"s\";")[0].len(), 7);
        let updated = ask(&emulator, "UPDATE STORE \"s\" WITH ('tls.disabled' = TRUE);");
        assert_eq!(updated.0, "00000", "{updated:?}");
        assert_eq!(rows(&emulator, "sysadmin", "DESCRIBE STORE \"s\";")[0][3], "false");
        assert_eq!(ask(&emulator, "DROP STORE \"s\";").0, "00000");
        assert!(rows(&emulator, "sysadmin", STATUS).is_empty());
        for statement in
            ["DROP STORE \"s\";", "DESCRIBE STORE \"s\";", "UPDATE STORE \"s\" WITH ('uris' = 'u');"]
        {
            let refused = ("3D006".to_owned(), "store \"s\" does not exist".to_owned());
            assert_eq!(ask(&emulator, statement), refused);
        }
    }
}

#[test]
fn wrong_credentials_show_in_the_store_or_in_the_statement_as_asked_for() {
    let later = plain();
    let at_once = with(StoreSimulation { login_check: LoginCheck::Create, ..StoreSimulation::default() });
    for (list, words) in EVERY_TYPE {
        let create = |secret: &str| format!("CREATE STORE \"s\" WITH ({});", list.replace('?', secret));
        let reply = attach(&later, &create("wrong-hush"), &[("@key", "pem")]);
        assert_eq!(reply.body["sqlState"], "00000", "{reply:?}");
        let found = rows(&later, "sysadmin", STATUS);
        assert_eq!(found[0][0], "errored");
        assert!(found[0][1].contains(words) && !found[0][1].contains("hush"), "{found:?}");
        assert_eq!(ask(&later, "DROP STORE \"s\";").0, "00000");

        let reply = attach(&at_once, &create("wrong-hush"), &[("@key", "pem")]);
        assert_eq!(reply.body["sqlState"], "57015", "{reply:?}");
        assert!(reply.body["message"].as_str().unwrap().contains(words), "{reply:?}");
        assert!(rows(&at_once, "sysadmin", STATUS).is_empty(), "a store that was refused is there");
    }
    assert_eq!(ask(&at_once, &format!("CREATE STORE \"s\" WITH ({KAFKA});")).0, "00000");
    let again =
        ask(&at_once, &format!("CREATE STORE \"s\" WITH ({});", EVERY_TYPE[0].0.replace('?', "wrong")));
    assert_eq!(again.0, "42P05", "a name that is taken comes before a login");
    let wrong_key = EVERY_TYPE[2].0.replace('?', "right");
    let reply = attach(&at_once, &format!("CREATE STORE \"t\" WITH ({wrong_key});"), &[("@key", "wrong")]);
    assert_eq!(reply.body["sqlState"], "57015", "a key file is a secret, too");
}

#[test]
fn an_update_logs_in_again() {
    let emulator = plain();
    create(&emulator, "s");
    let sasl = |password: &str| {
        format!(
            "UPDATE STORE \"s\" WITH ('kafka.sasl.hash_function' = PLAIN, 'kafka.sasl.username' = 'u', \
             'kafka.sasl.password' = '{password}');"
        )
    };
    for (statement, status) in [
        (sasl("wrong"), "errored"),
        ("UPDATE STORE \"s\" WITH ('uris' = 'c:1');".to_owned(), "errored"),
        (sasl("right"), "ready"),
        ("UPDATE STORE \"s\" WITH ('uris' = 'd:1');".to_owned(), "ready"),
        (sasl("wrong"), "errored"),
        ("UPDATE STORE \"s\" WITH ('kafka.sasl.hash_function' = NONE);".to_owned(), "ready"),
    ] {
        let before = rows(&emulator, "sysadmin", "LIST STORES;")[0][7].clone();
        assert_eq!(ask(&emulator, &statement).0, "00000");
        assert_eq!(rows(&emulator, "sysadmin", STATUS)[0][0], status, "{statement}");
        assert!(rows(&emulator, "sysadmin", "LIST STORES;")[0][7] > before, "updated_at did not advance");
    }
}

#[test]
fn a_role_sees_its_own_stores_and_a_denied_role_nothing() {
    let emulator = plain();
    let create = format!("CREATE STORE \"s\" WITH ({KAFKA});");
    assert_eq!(ask_as(&emulator, "red", &create).0, "00000");
    assert_eq!(rows(&emulator, "red", "LIST STORES;")[0][5], "red");
    for role in ["sysadmin", "orgadmin"] {
        assert_eq!(rows(&emulator, role, "LIST STORES;").len(), 1, "{role}");
    }
    assert!(rows(&emulator, "blue", STATUS).is_empty());
    assert_eq!(ask_as(&emulator, "blue", &create).0, "42P05");
    for statement in ["DROP STORE s;", "UPDATE STORE s WITH ('uris' = 'x');", "DESCRIBE STORE s;"] {
        assert_eq!(ask_as(&emulator, "blue", statement).0, "3D006", "{statement}");
    }
    for statement in [STATUS, create.as_str(), "LIST STORES;", "nonsense"] {
        assert_eq!(ask_as(&emulator, "nobody", statement).0, "42501", "{statement}");
    }
    let emulator =
        with(StoreSimulation { denied_roles: vec!["red".to_owned()], ..StoreSimulation::default() });
    assert_eq!(ask_as(&emulator, "red", STATUS).0, "42501");
    assert_eq!(ask_as(&emulator, "nobody", STATUS).0, "00000");
}

#[test]
fn a_store_provisions_and_drops_for_as_long_as_asked_for() {
    let hour = Duration::from_hours(1);
    let slow =
        with(StoreSimulation { provisioning_for: hour, dropping_for: hour, ..StoreSimulation::default() });
    create(&slow, "s");
    assert_eq!(rows(&slow, "sysadmin", STATUS), [["provisioning", ""]]);
    assert_eq!(ask(&slow, "DROP STORE \"s\";").0, "00000");
    assert_eq!(rows(&slow, "sysadmin", STATUS), [["dropping", ""]]);
    assert_eq!(ask(&slow, "DROP STORE \"s\";").0, "3E001");
    assert_eq!(ask(&slow, &format!("CREATE STORE \"s\" WITH ({KAFKA});")).0, "42P05");
}

#[test]
fn a_database_that_answers_is_really_asked() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (report, asked) = mpsc::channel();
    // Something other than a database: it reads the greeting and hangs up.
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let read = stream.unwrap().read(&mut [0; 8]).unwrap();
            report.send(read).unwrap();
        }
    });
    let patience = Duration::from_secs(10);
    let emulator = plain();
    let list = format!(
        "'type' = POSTGRESQL, 'uris' = 'postgresql://{address}/d', 'postgres.username' = 'u', \
         'postgres.password' = 'right'"
    );
    assert_eq!(ask(&emulator, &format!("CREATE STORE s WITH ({list});")).0, "00000");
    assert_eq!(asked.recv_timeout(patience), Ok(8));
    assert_eq!(rows(&emulator, "sysadmin", STATUS)[0][0], "errored");
    assert_eq!(ask(&emulator, "UPDATE STORE s WITH ('postgres.password' = 'other');").0, "00000");
    assert_eq!(asked.recv_timeout(patience), Ok(8));
    // Without a password nobody can be asked, so what was said last stays.
    assert_eq!(ask(&emulator, "UPDATE STORE s WITH ('postgres.username' = 'other');").0, "00000");
    assert!(asked.try_recv().is_err());
    assert_eq!(rows(&emulator, "sysadmin", STATUS)[0][0], "errored");
}

#[test]
fn both_worlds_survive_together_and_hold_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let simulation = Simulation { faults: vec!["*:dropx2".parse().unwrap()], ..Simulation::default() };
    let data = Config { data: Some(folder.path().to_owned()), simulation, ..config() };
    let first = Emulator::start(data.clone()).unwrap();
    Ask::register(&["a"]).send(&first);
    let sasl = EVERY_TYPE[0].0.replace('?', "hush");
    // Neither was answered, both are on disk.
    assert!(super::statements::submit(&first, "r", &format!("CREATE STORE s WITH ({sasl});")).is_none());
    let file = String::from_utf8(fs::read(&folder.path().join("stores.jsonl"), 1 << 16).unwrap()).unwrap();
    assert!(file.contains("\"name\":\"s\"") && !file.contains("hush"), "{file}");
    assert!(matches!(Emulator::start(data.clone()), Err(EmulatorError::WorldInUse { .. })));
    drop(first);
    let second = Emulator::start(Config { simulation: Simulation::default(), ..data }).unwrap();
    assert_eq!(Ask::list().ask(&second).names(), ["a"]);
    assert_eq!(rows(&second, "r", "LIST STORES;")[0][..3], ["s", "Kafka", "ready"]);
}
