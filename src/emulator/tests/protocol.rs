use std::net::TcpStream;

use jiff::SignedDuration;
use serde_json::json;

use super::caller::{Ask, Scheme, URL, config, emulator, log_lines, send};
use crate::emulator::credentials::{AccessKey, KEYS, PLAIN, TEMPORARY};
use crate::emulator::{Config, Emulator, EmulatorError, Mode, Simulation};
use crate::platform::{fs, time};

#[test]
fn a_connector_lives_from_register_to_delete_under_both_keys_and_both_signatures() {
    let emulator = emulator(Simulation::default());
    for key in KEYS {
        for scheme in [Scheme::Acs3, Scheme::Roa] {
            let signed = |ask| Ask { key, scheme, ..ask };
            let name = "我的 conn/v1:%+*~";
            assert_eq!(signed(Ask::list()).ask(&emulator).names(), [""; 0]);
            assert_eq!(signed(Ask::register(&["second", name])).ask(&emulator).names(), ["second", name]);
            assert_eq!(signed(Ask::list()).ask(&emulator).names(), ["second", name]);
            for name in [name, "second"] {
                assert_eq!(signed(Ask::delete(name)).ask(&emulator).names(), [""; 0]);
            }
            assert_eq!(signed(Ask::delete(name)).ask(&emulator).code(), "990401");
        }
    }
}

#[test]
fn the_answer_has_every_field_of_the_documented_model() {
    let emulator = emulator(Simulation::default());
    let tables = json!([{"catalogName": "c", "databaseName": "d", "tableName": "t"}]);
    let property = json!({
        "key": "url", "defaultValue": "", "description": "", "required": true, "definesFormat": false,
        "sensitive": false
    });
    let definition = json!({
        "name": "a", "type": "t", "source": true, "supportedFormats": ["Json"], "dependencies": ["oss://b/d.jar"],
        "properties": [{"key": "url", "required": true}], "tables": tables
    });
    let body = json!({"connectors": [definition]}).to_string();
    let reply = Ask { body, ..Ask::register_url(URL) }.ask(&emulator);
    let connector = json!({
        "name": "a", "type": "t", "source": true, "sink": false, "lookup": false,
        "supportedFormats": ["Json"], "dependencies": ["oss://b/d.jar"], "properties": [property],
        "creator": "1000000000000001", "creatorName": "emulator",
        "modifier": "1000000000000001", "modifierName": "emulator"
    });
    let envelope = |reply: &super::caller::Reply, data| {
        json!({
            "requestId": reply.body["requestId"], "success": true, "httpCode": 200, "errorCode": "",
            "errorMessage": "", "data": data
        })
    };
    assert_eq!(reply.body, envelope(&reply, json!([connector])));
    assert!(reply.head.to_lowercase().contains("content-type: application/json\r\n"), "{}", reply.head);
    let id = reply.body["requestId"].as_str().unwrap();
    let groups: Vec<usize> = id.split('-').map(str::len).collect();
    assert_eq!((groups, id.to_ascii_uppercase().as_str()), (vec![8, 4, 4, 4, 12], id));
    let reply = Ask::list().ask(&emulator);
    assert_eq!(reply.body, envelope(&reply, json!([connector])));
    let reply = Ask::delete("a").ask(&emulator);
    assert_eq!(reply.body, envelope(&reply, tables));
}

#[test]
fn a_refusal_of_the_gateway_has_form_a_and_one_of_the_service_form_b() {
    let emulator = emulator(Simulation::default());
    let reply = Ask { scheme: Scheme::None, ..Ask::list() }.ask(&emulator);
    assert_eq!((reply.status, reply.code()), (400, "IncompleteSignature"));
    let keys: Vec<&String> = reply.body.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["Code", "HostId", "Message", "Recommend", "RequestId"]);
    let reply = Ask::delete("a").ask(&emulator);
    assert_eq!((reply.status, reply.code()), (200, "990401"));
    assert_eq!(reply.body["success"], false);
    assert_eq!(reply.body["data"], json!(null));
    assert_eq!(reply.body["errorMessage"], "the connector \"a\" does not exist in namespace \"n\"");
}

#[test]
fn each_refusal_has_its_status_and_code() {
    let emulator = emulator(Simulation::default());
    let used = Ask::list();
    used.ask(&emulator).names();
    let late = time::wall().checked_sub(SignedDuration::from_mins(16)).unwrap();
    let early = time::wall().checked_add(SignedDuration::from_mins(16)).unwrap();
    let plain = |id, secret, security_token| AccessKey { id, secret, security_token };
    for (ask, status, code) in [
        (used, 400, "SignatureNonceUsed"),
        (Ask { date: late, ..Ask::list() }, 400, "InvalidTimeStamp.Expired"),
        (Ask { date: early, ..Ask::list() }, 400, "InvalidTimeStamp.Expired"),
        (Ask { key: plain(PLAIN.id, "wrong", None), ..Ask::list() }, 400, "SignatureDoesNotMatch"),
        (Ask { key: plain("NOBODY", "x", None), ..Ask::list() }, 404, "InvalidAccessKeyId.NotFound"),
        (
            Ask { key: plain(TEMPORARY.id, TEMPORARY.secret, None), ..Ask::list() },
            400,
            "InvalidSecurityToken.Missing",
        ),
        (
            Ask { key: plain(PLAIN.id, PLAIN.secret, Some("x")), ..Ask::list() },
            400,
            "InvalidSecurityToken.MismatchWithAccessKey",
        ),
        (Ask { workspace: None, ..Ask::list() }, 400, "MissingWorkspace"),
        (Ask { method: "PUT", ..Ask::list() }, 404, "InvalidApi.NotFound"),
        (Ask { path: "/".to_owned(), ..Ask::list() }, 404, "InvalidApi.NotFound"),
        (Ask { action: "DeleteCustomConnector", ..Ask::list() }, 400, "InvalidAction"),
        (Ask::register_url(""), 400, "MissingJarUrl"),
        (Ask::register_url(URL), 200, "990301"),
        (Ask { body: "{\"connectors\": [{}]}".to_owned(), ..Ask::register_url(URL) }, 200, "990302"),
        (Ask { body: "x".repeat((1 << 20) + 1), ..Ask::register_url(URL) }, 413, "RequestEntityTooLarge"),
    ] {
        let reply = ask.ask(&emulator);
        assert_eq!((reply.status, reply.code()), (status, code), "{reply:?}");
    }
}

#[test]
fn a_literal_colon_and_an_escaped_space_are_accepted_when_they_are_what_was_signed() {
    let emulator = emulator(Simulation::default());
    let path = "/api/v2/namespaces/n/connectors:register".to_owned();
    Ask { path, ..Ask::register(&["a"]) }.ask(&emulator).names();
    let sent = String::from_utf8(Ask::register(&["b"]).sign(emulator.address())).unwrap();
    assert!(sent.contains("?jarUrl=oss%3A%2F%2Fbucket%2Fa+b.jar"), "{sent}");
    send(emulator.address(), sent.replace("a+b.jar", "a%20b.jar").as_bytes()).unwrap().names();
    let other = String::from_utf8(Ask::register(&["c"]).sign(emulator.address())).unwrap();
    let reply = send(emulator.address(), other.replace("%3Aregister", ":register").as_bytes()).unwrap();
    assert_eq!(reply.code(), "SignatureDoesNotMatch");
}

#[test]
fn a_strict_emulator_ignores_the_body_and_knows_only_its_fixtures() {
    let folder = tempfile::tempdir().unwrap();
    let mode = Mode::Strict { jars: folder.path().to_owned() };
    let emulator = Emulator::start(Config { mode, ..config() }).unwrap();
    assert_eq!(Ask::register(&["from-body"]).ask(&emulator).code(), "990301");
    let fixture = json!({"jarUrl": URL, "connectors": [{"name": "from-fixture", "type": "t"}]});
    fs::replace(&folder.path().join("a.json"), fixture.to_string().as_bytes()).unwrap();
    assert_eq!(Ask::register(&["from-body"]).ask(&emulator).names(), ["from-fixture"]);
    assert_eq!(Ask::register_url(URL).ask(&emulator).code(), "990002");
}

#[test]
fn workspaces_and_namespaces_keep_their_connectors_apart() {
    let emulator = emulator(Simulation::default());
    Ask::register(&["a"]).ask(&emulator).names();
    Ask { workspace: Some("other"), ..Ask::register(&["a"]) }.ask(&emulator).names();
    let elsewhere = "/api/v2/namespaces/m/connectors".to_owned();
    assert_eq!(Ask { path: elsewhere.clone(), ..Ask::list() }.ask(&emulator).names(), [""; 0]);
    let path = format!("{elsewhere}%3Aregister");
    let reply = Ask { path, ..Ask::register(&["a"]) }.ask(&emulator);
    assert_eq!(reply.code(), "990002", "the type is unique in the workspace");
    assert!(reply.body["errorMessage"].as_str().unwrap().contains("already exists"), "{reply:?}");
}

#[test]
fn every_request_has_its_line_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("requests.jsonl");
    let simulation = Simulation { faults: vec!["delete:drop".parse().unwrap()], ..Simulation::default() };
    let emulator =
        Emulator::start(Config { request_log: Some(path.clone()), simulation, ..config() }).unwrap();
    let reply = Ask::register(&["a"]).ask(&emulator);
    Ask::register(&["a"]).ask(&emulator);
    assert!(Ask::delete("a").send(&emulator).is_none());
    Ask { path: "/".to_owned(), ..Ask::list() }.ask(&emulator);
    let mut lines = log_lines(&path);
    for line in &mut lines {
        assert!(line["ms"].as_u64().is_some(), "{line}");
        line.as_object_mut().unwrap().remove("ms");
    }
    assert_eq!(
        lines[0],
        json!({
            "api": "ververica", "operation": "RegisterCustomConnector", "status": 200, "workspace": "w",
            "namespace": "n", "requestId": reply.body["requestId"], "success": true, "code": null
        })
    );
    let rest: Vec<_> = lines.iter().map(|line| (&line["status"], &line["success"], &line["code"])).collect();
    assert_eq!(rest[1], (&json!(200), &json!(false), &json!("990002")));
    assert_eq!(rest[2], (&json!(null), &json!(true), &json!(null)), "processed, but not answered");
    assert_eq!(rest[3], (&json!(404), &json!(false), &json!("InvalidApi.NotFound")));
    assert_eq!(lines[3]["operation"], json!(null));
    let text = String::from_utf8(fs::read(&path, 1 << 20).unwrap()).unwrap();
    assert!(!text.contains(PLAIN.secret) && !text.contains("Signature="), "{text}");
}

#[test]
fn the_ready_line_says_where_and_with_which_keys() {
    let emulator = emulator(Simulation::default());
    let ready: serde_json::Value = serde_json::from_str(&emulator.ready_line()).unwrap();
    let expected = json!({
        "ververica": format!("http://{}", emulator.address()),
        "accessKeyId": "FAKE-AK-ID-0001", "accessKeySecret": "fake-secret-not-a-real-key-0001",
        "deltastream": format!("http://{}/v2", emulator.address()), "token": "fake-token-0001",
        "organization": "5f0e8f3a-0000-4000-8000-0000000000aa"
    });
    assert_eq!(ready, expected);
    assert!(!emulator.ready_line().contains('\n'));
}

#[test]
fn an_address_that_others_can_reach_is_refused() {
    for listen in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let verdict = Emulator::start(Config { listen: listen.parse().unwrap(), ..config() });
        assert!(matches!(verdict, Err(EmulatorError::NotLoopback(_))), "{listen}");
    }
}

#[test]
fn a_port_that_is_taken_is_named() {
    let first = emulator(Simulation::default());
    let error = Emulator::start(Config { listen: first.address(), ..config() }).unwrap_err();
    assert!(error.to_string().contains(&first.address().to_string()), "{error}");
}

#[test]
fn a_dropped_handle_frees_the_port() {
    let emulator = emulator(Simulation::default());
    let address = emulator.address();
    drop(emulator);
    assert!(TcpStream::connect(address).is_err());
}

#[tokio::test]
async fn an_emulator_runs_until_the_signal_beside_a_runtime_of_one_thread() {
    let emulator = emulator(Simulation::default());
    let address = emulator.address();
    // A blocking call on the only thread of this runtime: the emulator has to answer from its own.
    Ask::list().ask(&emulator).names();
    emulator.run_until(async { tokio::task::yield_now().await }).await.unwrap();
    assert!(TcpStream::connect(address).is_err());
}
