//! Answers that are none (reliability.md section 6): a read may be repeated or makes no sense, a write is ambiguous.

use super::*;
use crate::ports::provider::ErrorClass;

const LISTING: &str = r#"{"requestId":"R","success":true,"data":[{"name":"a","type":"t"}]}"#;

async fn expect(name: &str, reply: Reply, read: ErrorClass) {
    let error = observed(reply.clone()).await.unwrap_err();
    assert_eq!(error.class, read, "{name}: {error}");
    assert_eq!(error.operation, "ListCustomConnectors");
    for written in written(reply).await {
        let error = written.unwrap_err();
        assert_eq!(error.class, ErrorClass::Ambiguous, "{name}: {error}");
    }
}

#[tokio::test]
async fn an_answer_that_was_cut_off_may_be_asked_for_again_and_leaves_a_write_ambiguous() {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", LISTING.len());
    let half = &LISTING[..LISTING.len() / 2];
    let faults = [
        ("reset after the request", Reply::Hang),
        ("head only", Reply::Bytes(head.clone().into_bytes())),
        ("half a body", Reply::Bytes(format!("{head}{half}").into_bytes())),
        ("half a head", Reply::Bytes(b"HTTP/1.1 200 OK\r\nContent-".to_vec())),
        ("half JSON with a right length", Reply::json(200, half)),
        (
            "half a chunk",
            Reply::Bytes(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{".to_vec()),
        ),
        ("a gateway's page", Reply::page(502, "Content-Type: text/html\r\n", "<html>Bad Gateway</html>")),
        ("a gateway's silence", Reply::page(504, "", "")),
    ];
    for (name, reply) in faults {
        expect(name, reply, ErrorClass::Unavailable).await;
    }
}

#[tokio::test]
async fn an_answer_that_is_not_the_services_is_a_protocol_error_and_leaves_a_write_ambiguous() {
    let faults = [
        ("a page", Reply::page(200, "Content-Type: text/html\r\n", "<html>Please log in</html>")),
        ("a refusing page", Reply::page(403, "Content-Type: text/html\r\n", "<html>Blocked</html>")),
        ("an array", Reply::json(200, "[]")),
        ("an error that is an array", Reply::json(400, "[1]")),
        ("empty 200", Reply::json(200, "")),
        ("204", Reply::Bytes(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n".to_vec())),
        ("no success", Reply::json(200, r#"{"requestId":"R","data":[]}"#)),
        ("an error with status 200", Reply::json(200, r#"{"Code":"X","Message":"m"}"#)),
        ("success as text", Reply::json(200, r#"{"success":"true","data":[]}"#)),
        ("data as text", Reply::json(200, r#"{"success":true,"data":"[]"}"#)),
        ("a repeated field", Reply::json(200, r#"{"success":true,"success":true,"data":[]}"#)),
        ("two documents", Reply::json(200, r#"{"success":true,"data":[]}{}"#)),
        ("not HTTP", Reply::Bytes(b"SSH-2.0-OpenSSH\r\n\r\n".to_vec())),
        ("a redirect", Reply::page(302, "Location: http://127.0.0.1:9/\r\n", LISTING)),
        ("not modified", Reply::Bytes(b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n".to_vec())),
        ("compressed without asking", Reply::page(200, "Content-Encoding: gzip\r\n", "\u{1f}\u{8b}xxxx")),
    ];
    for (name, reply) in faults {
        expect(name, reply, ErrorClass::Protocol).await;
    }
}

#[tokio::test]
async fn a_protocol_error_names_operation_field_and_place() {
    let wrong = r#"{"success":true,"data":[{"name":"a","type":"t"},{"name":"b","type":"t","sink":"no"}]}"#;
    let text = observed(Reply::json(200, wrong)).await.unwrap_err().to_string();
    assert!(
        text.starts_with("ListCustomConnectors: the answer has a wrong shape: data: [1]: sink: "),
        "{text}"
    );
    let page = observed(Reply::page(200, "Content-Type: text/html\r\n", "\n <b>Log in</b>\nmore")).await;
    let text = page.unwrap_err().to_string();
    assert!(text.contains("(text/html: <b>Log in</b>)") && !text.contains("more"), "{text}");
}

#[tokio::test]
async fn a_connection_that_never_stood_is_definite() {
    // Nothing in these tests ever listens on this address.
    let provider = provider(&settings("http://127.0.0.2:9"));
    assert_eq!(provider.observe(&scope()).await.unwrap_err().class, ErrorClass::Unavailable);
    assert_eq!(provider.create(&order()).await.unwrap_err().class, ErrorClass::Unavailable);
    assert_eq!(provider.delete(&removal("a")).await.unwrap_err().class, ErrorClass::Unavailable);
}

#[tokio::test]
async fn a_stall_and_a_drip_end_at_the_deadline() {
    let drip = |bytes: &[u8]| Reply::Drip(bytes.to_vec(), Duration::from_millis(20));
    let endless = [b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n".as_slice(), &[b' '; 500]].concat();
    let stall = Reply::Drip(b"H".to_vec(), Duration::from_secs(1));
    for reply in [drip(&endless), stall] {
        let server = Loopback::start(vec![reply.clone(), reply]);
        let mut settings = settings(&server.url());
        settings.deadlines.total = Duration::from_millis(300);
        let provider = provider(&settings);
        assert_eq!(provider.observe(&scope()).await.unwrap_err().class, ErrorClass::Unavailable);
        assert_eq!(provider.delete(&removal("a")).await.unwrap_err().class, ErrorClass::Ambiguous);
    }
}

#[tokio::test]
async fn an_answer_above_the_limit_is_refused() {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4000001\r\n".to_owned();
    let reply = Reply::Bytes([head.into_bytes(), vec![b' '; 0x400_0001], b"\r\n0\r\n\r\n".to_vec()].concat());
    let error = observed(reply).await.unwrap_err();
    assert_eq!(error.class, ErrorClass::Protocol);
    assert!(error.message.contains("larger than 67108864 bytes"), "{error}");
}

#[tokio::test]
async fn a_listing_of_ten_thousand_connectors_fits() {
    let property =
        r#"{"key":"some-option-key","defaultValue":"x","description":"words words words","required":false}"#;
    let properties = vec![property; 30].join(",");
    let one = |i: usize| format!(r#"{{"name":"c{i}","type":"t{i}","properties":[{properties}]}}"#);
    let all = (0..10_000).map(one).collect::<Vec<_>>().join(",");
    let census = observed(Reply::json(200, &format!(r#"{{"success":true,"data":[{all}]}}"#))).await.unwrap();
    assert_eq!(census.len(), 10_000);
}

#[tokio::test]
async fn a_write_is_sent_once_whatever_becomes_of_it() {
    for reply in
        [Reply::Hang, Reply::page(307, "Location: /\r\n", ""), Reply::page(503, "Retry-After: 0\r\n", "")]
    {
        let server = Loopback::start(vec![reply.clone(), reply.clone(), reply]);
        let provider = provider(&settings(&server.url()));
        provider.create(&order()).await.unwrap_err();
        assert_eq!(server.heard().len(), 1);
    }
}
