//! Every recorded exchange of the vendors' own clients whose request the emulator serves
//! (`tests/vectors/deltastream-http.json`): the recorded bytes are sent, and the answers compared.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::caller::{Reply, send};
use super::statements::{check, create, plain, with};
use crate::emulator::{Handle, StoreSimulation};

/// A statement that only the recording server knew.
const PROBE: &str = "its statement is a word that only the recording server knew";
/// The same, to try the driver's errors.
const STUB: &str = "the recording server answered this status to a word of its own";

/// Exchanges that are not replayed, and why.
const NOT_SERVED: &[(&str, &str)] = &[
    ("py-202-then-200", "its statement is SLOW; see the replay of polls"),
    ("py-202-then-sql-error", PROBE),
    ("py-session-id", "its statement is SLOW; see the replay of polls"),
    ("py-multi-partition", PROBE),
    ("py-explicit-context", PROBE),
    ("py-auth-401", "the recording server took this token for a revoked one; here every wrong token is 403"),
    ("py-http-400", STUB),
    ("py-http-404", STUB),
    ("py-http-408", STUB),
    ("py-http-429", STUB),
    ("py-http-500", STUB),
    ("py-http-503", STUB),
    ("py-http-502-html", STUB),
    ("py-column-types", PROBE),
    ("py-warning-state", PROBE),
    ("py-unknown-sqlstate", PROBE),
    ("py-from-dsn", "its statement is SLOW; see the replay of polls"),
    ("go-202-then-200", "its statement is SLOW; see the replay of polls"),
    ("go-multi-partition", PROBE),
    ("go-dataplane-result-set", PROBE),
    ("go-download", "function sources are not served"),
    ("go-streaming", "it has no HTTP exchange"),
];

/// Parts of answers that are not compared, and why.
const NOT_COMPARED: &[(&str, &str, &str)] = &[
    ("py-syntax-error", "message", "the recording server gave every text the same place"),
    ("go-html-escaping", "message", "the recording server gave every text the same place"),
    ("py-poll-ready", "status", "`provisioning` is a placeholder, and this emulator is ready at once"),
    ("go-pulumi-session", "status", "`provisioning` is a placeholder, and this emulator is ready at once"),
    (
        "py-context-switch",
        "context",
        "the recording server made up a store, and forgot the context at the end",
    ),
];

/// How many exchanges of an id are replayed, where that is not all of them.
const ONLY_FIRST: &[(&str, usize, &str)] =
    &[("go-pulumi-session", 1, "the statement of the second one is SLOW; see the replay of polls")];

fn recorded() -> Vec<Value> {
    let text = include_str!("../../../tests/vectors/deltastream-http.json");
    let all: Value = serde_json::from_str(text).unwrap();
    all["exchanges"].as_array().unwrap().clone()
}

/// The recorded request as bytes: another host and another end of the connection, the rest as it is.
fn request(handle: &Handle, recorded: &Value, ids: &BTreeMap<String, String>) -> Vec<u8> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut target = text(&recorded["target"]);
    for (old, new) in ids {
        target = target.replace(old, new);
    }
    let body = text(&recorded["body"]);
    let mut lines = vec![format!("{} {target} HTTP/1.1", text(&recorded["method"]))];
    for header in recorded["headers"].as_array().unwrap() {
        let (name, value) = (text(&header[0]), text(&header[1]));
        match name.as_str() {
            "Host" => lines.push(format!("Host: {}", handle.address())),
            "Connection" => {}
            "Content-Length" => lines.push(format!("Content-Length: {}", body.len())),
            _ => lines.push(format!("{name}: {value}")),
        }
    }
    lines.push("Connection: close\r\n\r\n".to_owned());
    (lines.join("\r\n") + &body).into_bytes()
}

/// An answer without what is different every time; its form was checked before.
fn comparable(id: &str, body: &Value) -> Value {
    let mut body = body.clone();
    let exempt = |part: &str| NOT_COMPARED.iter().any(|(exempt, other, _)| *exempt == id && *other == part);
    if let Value::Object(members) = &mut body {
        members.remove("statementID");
        members.remove("createdOn");
        if exempt("message") {
            let message = members.remove("message").unwrap();
            assert!(message.as_str().unwrap().starts_with("parse error: line 1:"), "{message}");
        }
    }
    if exempt("context") {
        body["metadata"]["context"] = Value::Null;
    }
    for row in body.get_mut("data").and_then(Value::as_array_mut).into_iter().flatten() {
        for cell in row.as_array_mut().unwrap() {
            let text = cell.as_str().unwrap_or_default();
            if text.len() >= 20 && text.ends_with('Z') && text.as_bytes()[10] == b' ' {
                *cell = json!("a moment");
            } else if exempt("status") && text == "provisioning" {
                *cell = json!("ready");
            }
        }
    }
    body
}

fn compare(id: &str, recorded: &Value, reply: &Reply) {
    assert_eq!(json!(reply.status), recorded["status"], "{id}: {reply:?}");
    let content_type = recorded["headers"]["Content-Type"].as_str().unwrap();
    let line = format!("content-type: {content_type}\r\n");
    assert!(reply.head.to_lowercase().contains(&line), "{id}: {}", reply.head);
    if reply.body.get("sqlState").is_some() {
        check(reply);
    }
    assert_eq!(comparable(id, &reply.body), comparable(id, &recorded["json"]), "{id}");
}

#[test]
fn every_recorded_exchange_that_is_served_has_the_recorded_answer() {
    let all = recorded();
    let known = |id: &str| all.iter().any(|one| one["id"] == id);
    let exempt = NOT_SERVED.iter().map(|(id, _)| id).chain(NOT_COMPARED.iter().map(|(id, _, _)| id));
    for id in exempt.chain(ONLY_FIRST.iter().map(|(id, _, _)| id)) {
        assert!(known(id), "{id} is not recorded");
    }
    // Each client had a server of its own.
    let emulators = [("python", plain()), ("go", plain())];
    let mut replayed = 0;
    for one in &all {
        let (id, client) = (one["id"].as_str().unwrap(), one["client"].as_str().unwrap());
        if NOT_SERVED.iter().any(|(exempt, _)| *exempt == id) {
            continue;
        }
        let (_, emulator) = emulators.iter().find(|(name, _)| *name == client).unwrap();
        if id == "py-ddl-no-rows" {
            create(emulator, "s1");
        }
        let only = ONLY_FIRST
            .iter()
            .find(|(limited, _, _)| *limited == id)
            .map_or(usize::MAX, |(_, count, _)| *count);
        for exchange in one["exchanges"].as_array().unwrap().iter().take(only) {
            let request = request(emulator, &exchange["request"], &BTreeMap::new());
            compare(id, &exchange["response"], &send(emulator.address(), &request).unwrap());
            replayed += 1;
        }
    }
    assert_eq!((all.len(), NOT_SERVED.len(), replayed), (46, 22, 29));
}

#[test]
fn every_recorded_poll_is_answered_in_the_recorded_order() {
    let emulator = with(StoreSimulation { pending: Some(1), ..StoreSimulation::default() });
    let mut replayed = Vec::new();
    for one in recorded() {
        let slow: Vec<Value> = one["exchanges"].as_array().into_iter().flatten().cloned().collect();
        let is_slow = |exchange: &Value| {
            let part = &exchange["request"]["multipart"][0]["json"]["statement"];
            part == "SLOW;" || exchange["request"]["method"] == "GET"
        };
        if !slow.iter().all(is_slow) || slow.len() != 3 {
            continue;
        }
        let mut ids = BTreeMap::new();
        for mut exchange in slow {
            let asked = &mut exchange["request"];
            if let Some(body) = asked["body"].as_str() {
                asked["body"] = json!(body.replace("SLOW;", "LIST ORGANIZATIONS;"));
            }
            let reply = send(emulator.address(), &request(&emulator, asked, &ids)).unwrap();
            let (expected, found) = (&exchange["response"]["json"], &reply.body);
            assert_eq!(json!(reply.status), exchange["response"]["status"], "{}", one["id"]);
            assert_eq!(found["sqlState"], expected["sqlState"]);
            let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
            assert_eq!(keys(found), keys(expected));
            let id = |value: &Value| value["statementID"].as_str().unwrap().to_owned();
            let first = ids.entry(id(expected)).or_insert(id(found));
            assert_eq!(*first, id(found), "the statement changed its id");
        }
        replayed.push(one["id"].as_str().unwrap().to_owned());
    }
    assert_eq!(replayed, ["py-202-then-200", "py-session-id", "py-from-dsn", "go-202-then-200"]);
}
