//! A small client of the statement API, as strict as the strictest client of a vendor, and what every answer promises.

use serde_json::{Value, json};

use super::caller::{Reply, config, emulator, log_lines, send};
use crate::emulator::{Config, Emulator, Handle, Simulation, StoreSimulation};

/// An emulator without a disk whose stores behave so.
pub(super) fn with(stores: StoreSimulation) -> Handle {
    emulator(Simulation { stores, ..Simulation::default() })
}

pub(super) fn plain() -> Handle {
    emulator(Simulation::default())
}

/// A request as bytes. The token is the right one.
pub(super) fn bytes(
    handle: &Handle,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Vec<u8> {
    let mut text =
        format!("{method} {target} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", handle.address());
    for (name, value) in [("authorization", "Bearer fake-token-0001")].iter().chain(headers) {
        text += &[name, ": ", value, "\r\n"].concat();
    }
    format!("{text}content-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// Submits a statement as a role, as JSON. `None`: the connection was closed without an answer.
pub(super) fn submit(handle: &Handle, role: &str, statement: &str) -> Option<Reply> {
    let body = json!({"statement": statement, "role": role, "parameters": {}}).to_string();
    let headers = [("content-type", "application/json")];
    send(handle.address(), &bytes(handle, "POST", "/v2/statements", &headers, &body))
}

/// Asks for a partition of a statement.
pub(super) fn poll(handle: &Handle, id: &str, partition: usize) -> Reply {
    let target = format!("/v2/statements/{id}?partitionID={partition}&timezone=UTC");
    send(handle.address(), &bytes(handle, "GET", &target, &[], "")).unwrap()
}

/// Submits a statement with files.
pub(super) fn attach(handle: &Handle, statement: &str, files: &[(&str, &str)]) -> Reply {
    let request = json!({ "statement": statement }).to_string();
    let mut body = format!("--b\r\nContent-Disposition: form-data; name=\"request\"\r\n\r\n{request}\r\n");
    for (name, content) in files {
        body += &format!(
            "--b\r\nContent-Disposition: form-data; name=\"attachments\"; filename=\"{name}\"\r\n\r\n{content}\r\n"
        );
    }
    let headers = [("content-type", "multipart/form-data; boundary=b")];
    send(handle.address(), &bytes(handle, "POST", "/v2/statements", &headers, &(body + "--b--\r\n"))).unwrap()
}

/// The SQLSTATE and the message of a statement of the default role.
pub(super) fn ask(handle: &Handle, statement: &str) -> (String, String) {
    ask_as(handle, "sysadmin", statement)
}

/// The SQLSTATE and the message of a statement.
pub(super) fn ask_as(handle: &Handle, role: &str, statement: &str) -> (String, String) {
    let reply = submit(handle, role, statement).unwrap();
    check(&reply);
    let text = |key: &str| reply.body[key].as_str().unwrap_or_default().to_owned();
    (text("sqlState"), text("message"))
}

/// The rows of a statement that has to succeed; a null is empty.
pub(super) fn rows(handle: &Handle, role: &str, statement: &str) -> Vec<Vec<String>> {
    let reply = submit(handle, role, statement).unwrap();
    assert_eq!(reply.body["sqlState"], "00000", "{statement}: {reply:?}");
    check(&reply);
    cells(&reply)
}

/// The cells of one answer; a null is empty.
pub(super) fn cells(reply: &Reply) -> Vec<Vec<String>> {
    let row = |row: &Value| -> Vec<String> {
        row.as_array().unwrap().iter().map(|cell| cell.as_str().unwrap_or_default().to_owned()).collect()
    };
    reply.body["data"].as_array().unwrap().iter().map(row).collect()
}

/// What the reference says of every result set (deltastream-api section 2.1).
pub(super) fn check(reply: &Reply) {
    let body = &reply.body;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert!(reply.head.to_lowercase().contains("content-type: application/json\r\n"), "{}", reply.head);
    let groups: Vec<usize> = body["statementID"].as_str().unwrap().split('-').map(str::len).collect();
    assert_eq!(groups, [8, 4, 4, 4, 12], "{body}");
    assert!(body["createdOn"].is_u64(), "{body}");
    assert_ne!(body["sqlState"], "03000", "{body}");
    assert_eq!(body["sqlState"] == "00000", body.get("message").is_none(), "{body}");
    let metadata = &body["metadata"];
    assert_eq!(metadata["encoding"], "json");
    assert_eq!(metadata["context"]["organizationID"], "5f0e8f3a-0000-4000-8000-0000000000aa");
    assert!(metadata["context"]["roleName"].is_string(), "{body}");
    assert!(metadata["context"].as_object().unwrap().values().all(Value::is_string), "{body}");
    let columns = metadata["columns"].as_array().unwrap();
    for partition in metadata["partitionInfo"].as_array().unwrap() {
        assert!(partition["rowCount"].as_u64().unwrap() > 0, "{body}");
    }
    for row in body["data"].as_array().unwrap() {
        assert_eq!(row.as_array().unwrap().len(), columns.len(), "{body}");
        for (cell, column) in row.as_array().unwrap().iter().zip(columns) {
            assert!(column["name"].is_string(), "{column}");
            assert!(cell.is_string() || (cell.is_null() && column["nullable"] == true), "{cell} of {column}");
            match (column["type"].as_str().unwrap(), cell.as_str()) {
                ("BOOLEAN", Some(cell)) => assert!(["true", "false"].contains(&cell), "{cell}"),
                ("TIMESTAMP_LTZ", Some(cell)) => {
                    let shape: String =
                        cell.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
                    let known = ["0000-00-00 00:00:00.000Z", "0000-00-00 00:00:00Z"];
                    assert!(known.contains(&shape.as_str()), "{cell}");
                }
                (other, _) => assert!(["VARCHAR", "BOOLEAN", "TIMESTAMP_LTZ"].contains(&other), "{other}"),
            }
        }
    }
}

pub(super) const KAFKA: &str = "'type' = KAFKA, 'uris' = 'b:9092', 'kafka.sasl.hash_function' = NONE";

/// Creates a Kafka store.
pub(super) fn create(handle: &Handle, name: &str) {
    let (state, message) = ask(handle, &format!("CREATE STORE \"{name}\" WITH ({KAFKA});"));
    assert_eq!(state, "00000", "{message}");
}

#[test]
fn the_version_and_the_refusals_before_any_statement_are_told_by_http() {
    let emulator = plain();
    let get = |target: &str| send(emulator.address(), &bytes(&emulator, "GET", target, &[], "")).unwrap();
    assert_eq!(
        (get("/v2/version").status, get("/v2/version").body),
        (200, json!({"major": 2, "minor": 0, "patch": 0}))
    );
    for (target, status) in [("/v2", 404), ("/v2/x", 404), ("/v2/statements/unknown", 404)] {
        let reply = get(target);
        assert_eq!(reply.status, status, "{target}");
        assert!(reply.body["message"].is_string(), "{reply:?}");
    }
    let none =
        format!("GET /v2/version HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", emulator.address());
    assert_eq!(send(emulator.address(), none.as_bytes()).unwrap().status, 401);
    let wrong = none.replace("\r\n\r\n", "\r\nauthorization: Bearer wrong\r\n\r\n");
    assert_eq!(send(emulator.address(), wrong.as_bytes()).unwrap().status, 403);
    let large = "x".repeat((1 << 20) + 1);
    let large = bytes(&emulator, "POST", "/v2/statements", &[("content-type", "application/json")], &large);
    assert_eq!(send(emulator.address(), &large).unwrap().status, 413);
}

#[test]
fn a_context_lives_in_requests_and_answers_alone() {
    let emulator = plain();
    create(&emulator, "s1");
    let context =
        |statement: &str| submit(&emulator, "r1", statement).unwrap().body["metadata"]["context"].clone();
    let (organization, role) = ("5f0e8f3a-0000-4000-8000-0000000000aa", "r1");
    let bare = json!({"organizationID": organization, "roleName": role});
    assert_eq!(context("LIST STORES;"), bare);
    assert_eq!(context("nonsense"), bare);
    assert_eq!(
        context("USE DATABASE \"D\";"),
        json!({"organizationID": organization, "roleName": role, "databaseName": "D", "schemaName": "public"})
    );
    assert_eq!(
        context("USE ROLE sysadmin;"),
        json!({"organizationID": organization, "roleName": "sysadmin"})
    );
    assert_eq!(ask(&emulator, "USE STORE \"s2\";").0, "3D006");
    assert_eq!(ask_as(&emulator, "r1", "USE STORE \"s1\";").0, "3D006", "the role does not see it");
    let body =
        json!({"statement": "USE SCHEMA s;", "database": "D", "store": "s1", "computePool": "p"}).to_string();
    let headers = [("content-type", "application/json")];
    let reply =
        send(emulator.address(), &bytes(&emulator, "POST", "/v2/statements", &headers, &body)).unwrap();
    let expected = json!({
        "organizationID": organization, "roleName": "sysadmin", "databaseName": "D", "schemaName": "s",
        "storeName": "s1", "computePoolName": "p"
    });
    assert_eq!(reply.body["metadata"]["context"], expected);
    let body = json!({"statement": "LIST STORES;", "organization": "other"}).to_string();
    let reply =
        send(emulator.address(), &bytes(&emulator, "POST", "/v2/statements", &headers, &body)).unwrap();
    assert_eq!(reply.body["sqlState"], "3D004");
}

#[test]
fn a_long_result_comes_in_partitions_and_each_of_them_says_so() {
    let emulator =
        with(StoreSimulation { partition_rows: 2.try_into().unwrap(), ..StoreSimulation::default() });
    for name in ["a", "b", "c", "d", "e"] {
        create(&emulator, name);
    }
    let first = submit(&emulator, "sysadmin", "SELECT name FROM deltastream.sys.\"stores\";").unwrap();
    let id = first.body["statementID"].as_str().unwrap();
    let mut names = Vec::new();
    for partition in [0, 1, 2, 0] {
        let reply = poll(&emulator, id, partition);
        check(&reply);
        assert_eq!(reply.body["metadata"], first.body["metadata"]);
        assert_eq!(reply.body["createdOn"], first.body["createdOn"]);
        names.extend(cells(&reply).into_iter().flatten());
    }
    assert_eq!(names, ["a", "b", "c", "d", "e", "a", "b"]);
    let counts = json!([{"rowCount": 2}, {"rowCount": 2}, {"rowCount": 1}]);
    assert_eq!(first.body["metadata"]["partitionInfo"], counts);
    assert_eq!(poll(&emulator, id, 3).status, 400);
}

#[test]
fn a_pending_statement_is_executed_once_and_answered_later() {
    let emulator = with(StoreSimulation { pending: Some(2), ..StoreSimulation::default() });
    let reply = submit(&emulator, "sysadmin", &format!("CREATE STORE s WITH ({KAFKA});")).unwrap();
    let id = reply.body["statementID"].as_str().unwrap().to_owned();
    let pending = json!({"sqlState": "03000", "statementID": id, "createdOn": reply.body["createdOn"]});
    assert_eq!((reply.status, &reply.body), (202, &pending));
    for _ in 0..2 {
        let reply = poll(&emulator, &id, 0);
        assert_eq!((reply.status, &reply.body), (202, &pending));
    }
    for _ in 0..2 {
        let reply = poll(&emulator, &id, 0);
        check(&reply);
        assert_eq!(cells(&reply)[0][..3], ["store", "s", "create_store"]);
    }
    let failed = submit(&emulator, "sysadmin", &format!("CREATE STORE s WITH ({KAFKA});")).unwrap();
    let id = failed.body["statementID"].as_str().unwrap().to_owned();
    let states = [(); 3].map(|()| poll(&emulator, &id, 0).body["sqlState"].clone());
    assert_eq!((failed.status, states), (202, [json!("03000"), json!("03000"), json!("42P05")]));
    // With no poll at all, the first one has the result.
    let emulator = with(StoreSimulation { pending: Some(0), ..StoreSimulation::default() });
    let reply = submit(&emulator, "sysadmin", "LIST STORES;").unwrap();
    assert_eq!(reply.status, 202);
    check(&poll(&emulator, reply.body["statementID"].as_str().unwrap(), 0));
}

#[test]
fn the_log_says_what_kind_of_statement_it_was_and_nothing_of_its_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("requests.jsonl");
    let emulator = Emulator::start(Config { request_log: Some(path.clone()), ..config() }).unwrap();
    let sasl = "'type' = KAFKA, 'uris' = 'hush:1', 'kafka.sasl.hash_function' = PLAIN, \
                'kafka.sasl.username' = 'hush', 'kafka.sasl.password' = 'hush'";
    let created = submit(&emulator, "r", &format!("CREATE STORE \"hush\" WITH ({sasl});")).unwrap();
    ask_as(&emulator, "r", &format!("CREATE STORE \"hush\" WITH ({sasl});"));
    ask_as(&emulator, "r", "SELECT hush;");
    poll(&emulator, created.body["statementID"].as_str().unwrap(), 0);
    attach(&emulator, "hush", &[("@hush", "hush"), ("@hush", "hush")]);
    let mut lines = log_lines(&path);
    for line in &mut lines {
        assert!(line["ms"].as_u64().is_some(), "{line}");
    }
    let told: Vec<Value> = lines
        .iter()
        .map(|line| json!([line["operation"], line["role"], line["status"], line["success"], line["code"]]))
        .collect();
    assert_eq!(
        told,
        [
            json!(["create-store", "r", 200, true, null]),
            json!(["create-store", "r", 200, false, "42P05"]),
            json!(["other-statement", "r", 200, false, "42601"]),
            json!(["poll", null, 200, true, null]),
            json!([null, null, 400, false, "400"]),
        ]
    );
    assert_eq!(
        (&lines[0]["api"], &lines[0]["requestId"]),
        (&json!("deltastream"), &created.body["statementID"])
    );
    assert!(!format!("{lines:?}").contains("hush"), "{lines:?}");
    assert_eq!(lines[0].as_object().unwrap().len(), 8, "{}", lines[0]);
}

#[test]
fn a_thousand_stores_are_listed_in_one_answer() {
    let emulator = plain();
    for number in 0..1_000 {
        create(&emulator, &format!("s{number:04}"));
    }
    let found =
        rows(&emulator, "sysadmin", "SELECT name FROM deltastream.sys.\"stores\" ORDER BY name DESC;");
    assert_eq!((found.len(), found[0][0].as_str()), (1_000, "s0999"));
}
