//! Answers in the service's own format: what they become.

use std::time::Duration;

use super::*;
use crate::domain::field::FieldValue;
use crate::platform::http::captured_log;
use crate::ports::provider::ErrorClass;

const CONNECTOR: &str = r#"{"name":"orders","type":"orders-cdc","source":true,"sink":false,"lookup":null,
    "properties":[{"key":"host","required":true},{"key":"port"}],"supportedFormats":["json","csv","json"],
    "dependencies":[],"creator":"1234","creatorName":"ann","modifier":"5678","modifierName":"bob","new":{"x":1}}"#;

fn success(data: &str) -> Reply {
    Reply::json(
        200,
        &format!(
            r#"{{"requestId":"R-1","success":true,"httpCode":200,"errorCode":"\"\"","errorMessage":null,"data":{data}}}"#
        ),
    )
}

fn form_b(code: &str, message: &str) -> Reply {
    let body = format!(
        r#"{{"requestId":"R-2","success":false,"httpCode":200,"errorCode":{code},"errorMessage":{message},"data":null}}"#
    );
    Reply::json(200, &body)
}

fn form_a(status: u16, code: &str, message: &str) -> Reply {
    Reply::json(
        status,
        &format!(r#"{{"Code":"{code}","Message":"{message}","RequestId":"R-3","HostId":"h"}}"#),
    )
}

#[tokio::test]
async fn a_listing_becomes_a_census_with_what_the_service_shows() {
    let census = observed(success(&format!("[{CONNECTOR}]"))).await.unwrap();
    let live = census.get(&key("orders")).unwrap();
    let set = |items: &[&str]| FieldValue::Set(items.iter().map(|&item| item.to_owned()).collect());
    let expected = [
        ("connectorType", FieldValue::Text("orders-cdc".into())),
        ("dependencies", set(&[])),
        ("sink", FieldValue::Flag(false)),
        ("source", FieldValue::Flag(true)),
        ("supportedFormats", set(&["csv", "json"])),
    ];
    assert_eq!(live.fields, expected.map(|(name, value)| (name.to_owned(), value)).into());
    let attributes = [
        ("creator", "1234"),
        ("creatorName", "ann"),
        ("modifier", "5678"),
        ("modifierName", "bob"),
        ("properties", "2"),
    ];
    assert_eq!(live.attributes, attributes.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
}

#[tokio::test]
async fn an_empty_list_is_a_census_and_an_absent_one_is_not() {
    assert!(observed(success("[]")).await.unwrap().is_empty());
    for absent in [r#"{"requestId":"R","success":true}"#, r#"{"requestId":"R","success":true,"data":null}"#] {
        let error = observed(Reply::json(200, absent)).await.unwrap_err();
        assert_eq!(error.class, ErrorClass::Protocol);
        assert_eq!(error.request_id.as_deref(), Some("R"));
    }
    // A failed listing carries null, too.
    assert_eq!(observed(form_b(r#""990301""#, r#""no""#)).await.unwrap_err().class, ErrorClass::Invalid);
}

#[tokio::test]
async fn an_answer_that_is_not_text_throughout_decides_nothing_whatever_was_damaged() {
    let Reply::Bytes(mut bytes) = success(&format!("[{CONNECTOR}]")) else { panic!("an answer is bytes") };
    let at = bytes.windows(9).position(|part| part == b"supported").unwrap();
    bytes[at] = 0xf7;
    let reply = Reply::Bytes(bytes);
    assert_eq!(observed(reply.clone()).await.unwrap_err().class, ErrorClass::Protocol);
    for lost in written(reply).await {
        assert_eq!(lost.unwrap_err().class, ErrorClass::Ambiguous);
    }
}

#[tokio::test]
async fn only_success_decides_whether_it_is_one() {
    let unsaid = Reply::json(200, r#"{"requestId":"R","success":false,"data":[]}"#);
    assert_eq!(observed(unsaid.clone()).await.unwrap_err().class, ErrorClass::Invalid);
    for refused in written(unsaid).await {
        assert_eq!(refused.unwrap_err().class, ErrorClass::Invalid);
    }
    let contradictory =
        r#"{"success":true,"httpCode":500,"errorCode":"990002","errorMessage":"m","data":[]}"#;
    assert!(observed(Reply::json(200, contradictory)).await.is_ok());
}

#[tokio::test]
async fn a_listing_that_names_a_connector_twice_or_impossibly_decides_nothing() {
    for data in [format!("[{CONNECTOR},{CONNECTOR}]"), r#"[{"name":"..","type":"t"}]"#.to_owned()] {
        assert_eq!(observed(success(&data)).await.unwrap_err().class, ErrorClass::Protocol);
    }
}

#[tokio::test]
async fn a_write_reports_the_request_id_and_what_it_touched() {
    let [created, _] = written(success(&format!("[{CONNECTOR}]"))).await;
    let created = created.unwrap();
    assert_eq!(created.request_id, "R-1");
    assert_eq!(created.created.iter().map(|live| live.key.name()).collect::<Vec<_>>(), ["orders"]);

    let tables = r#"[{"catalogName":"vvp","databaseName":"default","tableName":"orders"}]"#;
    let [_, deleted] = written(success(tables)).await;
    assert_eq!(deleted.unwrap().tables, ["vvp.default.orders"]);

    for accepted in written(success("null")).await {
        let accepted = accepted.unwrap();
        assert!(accepted.created.is_empty() && accepted.tables.is_empty());
    }
}

#[tokio::test]
async fn a_business_error_is_definite_and_keeps_code_message_and_request_id() {
    for refused in written(form_b(r#""990301""#, r#""文件不存在""#)).await {
        let error = refused.unwrap_err();
        assert_eq!(error.class, ErrorClass::Invalid);
        assert_eq!(error.code.as_deref(), Some("990301"));
        assert_eq!((error.message.as_str(), error.request_id.as_deref()), ("文件不存在", Some("R-2")));
    }
    for exists in [form_b(r#""990002""#, "null"), form_b(r#""999999""#, r#""type Already Exists""#)] {
        for refused in written(exists).await {
            assert_eq!(refused.unwrap_err().class, ErrorClass::Conflict);
        }
    }
    let [silent, _] = written(form_b(r#""\"\"""#, "null")).await;
    let silent = silent.unwrap_err();
    assert_eq!((silent.code, silent.message.as_str()), (None, "refused without a reason"));
}

/// The table of ververica-api.md section 4, for a read and for a write.
#[tokio::test]
async fn a_gateway_error_is_sorted_by_its_code_then_by_its_status() {
    use ErrorClass::{Ambiguous, Auth, Conflict, Invalid, Unavailable};
    let throttled = ErrorClass::Throttled { after: None };
    let table = [
        (400, "SignatureDoesNotMatch", Auth, Auth),
        (403, "SignatureDoesNotMatch", Auth, Auth),
        (400, "IncompleteSignature", Auth, Auth),
        (404, "InvalidAccessKeyId.NotFound", Auth, Auth),
        (400, "InvalidAccessKeyId.Inactive", Auth, Auth),
        (400, "InvalidTimeStamp.Expired", Auth, Auth),
        (400, "InvalidSecurityToken.Expired", Auth, Auth),
        (400, "SignatureNonceUsed", Auth, Ambiguous),
        (403, "Forbidden.RAM", Auth, Auth),
        (403, "NoPermission", Auth, Auth),
        (403, "SomethingElse", Auth, Auth),
        (401, "SomethingElse", Auth, Auth),
        (400, "MissingJarUrl", Invalid, Invalid),
        (404, "InvalidApi.NotFound", Invalid, Invalid),
        (404, "EntityNotExist", Invalid, Invalid),
        (409, "Whatever", Conflict, Conflict),
        (400, "990002", Conflict, Conflict),
        (400, "Throttling", throttled, throttled),
        (400, "Throttling.User", throttled, throttled),
        (503, "Throttling.Api", throttled, throttled),
        (400, "Rejected.Throttling", throttled, throttled),
        (429, "Whatever", throttled, throttled),
        (500, "InternalError", Unavailable, Ambiguous),
        (503, "ServiceUnavailable", Unavailable, Ambiguous),
        (400, "ServiceUnavailable", Unavailable, Ambiguous),
        (504, "Whatever", Unavailable, Ambiguous),
        (408, "Whatever", Unavailable, Ambiguous),
    ];
    for (status, code, read, write) in table {
        let error = observed(form_a(status, code, "m")).await.unwrap_err();
        assert_eq!(error.class, read, "read {status} {code}");
        assert_eq!((error.code.as_deref(), error.request_id.as_deref()), (Some(code), Some("R-3")));
        for refused in written(form_a(status, code, "m")).await {
            assert_eq!(refused.unwrap_err().class, write, "write {status} {code}");
        }
    }
}

#[tokio::test]
async fn the_retry_header_means_throttled_whatever_status_and_code_say() {
    let reply = Reply::page(500, "x-acs-retry-after: 1500\r\n", r#"{"Code":"InternalError"}"#);
    for refused in written(reply).await {
        let after = Some(Duration::from_millis(1500));
        assert_eq!(refused.unwrap_err().class, ErrorClass::Throttled { after });
    }
    let senseless = Reply::page(400, "x-acs-retry-after: 0\r\n", r#"{"Code":"InvalidX"}"#);
    assert_eq!(observed(senseless).await.unwrap_err().class, ErrorClass::Invalid);
}

#[tokio::test]
async fn throttling_in_the_envelope_is_throttling() {
    let error = observed(form_b(r#""Throttling.User""#, r#""slow down""#)).await.unwrap_err();
    assert_eq!(error.class, ErrorClass::Throttled { after: None });
}

#[tokio::test]
async fn a_clock_that_is_off_is_named_with_both_times() {
    let reply = Reply::page(
        400,
        "Date: Fri, 02 Jan 2026 03:04:05 GMT\r\n",
        r#"{"Code":"InvalidTimeStamp.Expired","Message":"m"}"#,
    );
    let hint = observed(reply).await.unwrap_err().hint.unwrap();
    assert!(
        hint.contains("Fri, 02 Jan 2026 03:04:05 GMT") && hint.contains("this machine's clock said"),
        "{hint}"
    );
}

#[tokio::test]
async fn an_authentication_error_says_where_the_key_came_from() {
    let error = observed(form_a(403, "Forbidden.RAM", "m")).await.unwrap_err();
    assert_eq!(error.hint.as_deref(), Some("the access key came from the settings"));
}

#[tokio::test]
async fn secrets_that_the_service_echoes_are_taken_out() {
    let message = format!("sign <{SECRET}> <{TOKEN}> <jarhush-1> <fake%2Ftoken%2Bnot%3D%3Dreal>");
    let echoes = [
        form_a(400, "SignatureDoesNotMatch", &message),
        form_b(&format!("\"{SECRET}\""), &format!("\"{message}\"")),
        Reply::page(502, "Content-Type: text/html\r\n", &format!("<html>{message}</html>")),
        success(&format!("\"{message}\"")),
        Reply::page(400, &format!("Content-Type: {TOKEN}\r\n"), "<x>"),
    ];
    for echo in echoes {
        let [created, _] = written(echo).await;
        let error = created.unwrap_err();
        let text = format!("{error} {error:?}");
        for secret in [SECRET, TOKEN, "jarhush", "fake%2Ftoken"] {
            assert!(!text.contains(secret), "{text}");
        }
        assert!(text.contains("[redacted]"), "{text}");
    }
}

#[tokio::test]
async fn a_secret_at_the_edge_of_a_preview_is_not_cut_in_half() {
    let page = format!("{}{SECRET}", "x".repeat(190));
    let error = observed(Reply::page(200, "Content-Type: text/html\r\n", &page)).await.unwrap_err();
    assert!(!error.message.contains("fake"), "{error}");
}

#[tokio::test]
async fn each_failed_call_is_one_error_record_with_code_message_and_request_id() {
    let (subscriber, log) = captured_log::start(tracing::Level::ERROR);
    let _guard = tracing::subscriber::set_default(subscriber);
    observed(form_a(403, "Forbidden.RAM", "not you")).await.unwrap_err();
    observed(success("[]")).await.unwrap();
    let text = log.text();
    assert_eq!(text.lines().count(), 1, "{text}");
    for part in ["ERROR", "ListCustomConnectors", "ws-1:ns one", "Forbidden.RAM", "not you", "R-3"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}
