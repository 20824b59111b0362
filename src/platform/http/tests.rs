//! The client against a raw loopback server.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

use super::client::log;
use super::*;
use crate::platform::http::captured_log;
use crate::platform::http::loopback::{Loopback, Reply};

fn client(url: &str, deadlines: Deadlines, limit: usize) -> HttpClient {
    HttpClient::new(Origin::parse(url).unwrap(), &Proxy::System, deadlines, limit).unwrap()
}

fn short() -> Deadlines {
    Deadlines { connect: Duration::from_secs(5), read: Duration::from_secs(5), total: Duration::from_secs(5) }
}

fn request(method: Method, target: &str) -> HttpRequest {
    HttpRequest { operation: "Test", method, target: target.to_owned(), headers: Vec::new(), body: None }
}

async fn get(reply: Reply) -> Result<HttpResponse, HttpError> {
    let server = Loopback::start(vec![reply]);
    client(&server.url(), short(), 100).send(&request(Method::Get, "/?secret=hush")).await
}

#[tokio::test]
async fn escaped_bytes_of_a_target_reach_the_server_unchanged() {
    let target = "/a/%3A%2F%25%2e/b+c~d/e%20f//g%5C?x=%3A+%2F%25%27'%7E&y=";
    let server = Loopback::start(vec![Reply::json(200, "{}")]);
    // An apostrophe is the one character of this target that the URL parser escapes in a query: refused, not altered.
    let refused = client(&server.url(), short(), 100).send(&request(Method::Get, target)).await;
    assert!(matches!(refused, Err(HttpError::Unsendable { .. })));
    let target = target.replace('\'', "");
    client(&server.url(), short(), 100).send(&request(Method::Get, &target)).await.unwrap();
    assert!(server.heard()[0].starts_with(&format!("GET {target} HTTP/1.1\r\n")), "{:?}", server.heard());
}

#[tokio::test]
async fn a_target_that_would_be_folded_is_refused_before_anything_is_sent() {
    let client = client("http://127.0.0.1:9", short(), 100);
    for target in ["/a/../b", "/a/.", "/a/%2e%2E/b", "/a b", "/ä", "/a#b", "@evil.example/", "", "/a\nb"] {
        let error = client.send(&request(Method::Get, target)).await.unwrap_err();
        assert!(matches!(error, HttpError::Unsendable { .. }), "{target:?}: {error}");
        assert!(error.nothing_was_sent());
    }
}

#[tokio::test]
async fn a_write_without_a_body_says_that_its_length_is_zero() {
    for method in [Method::Post, Method::Delete] {
        let server = Loopback::start(vec![Reply::json(200, "{}")]);
        client(&server.url(), short(), 100).send(&request(method, "/")).await.unwrap();
        assert!(server.heard()[0].contains("\r\ncontent-length: 0\r\n"), "{:?}", server.heard());
    }
}

#[tokio::test]
async fn a_refused_connection_proves_that_nothing_was_sent() {
    // Nothing in these tests ever listens on this address.
    let error =
        client("http://127.0.0.2:9", short(), 100).send(&request(Method::Get, "/")).await.unwrap_err();
    assert!(matches!(error, HttpError::Unreachable { .. }), "{error:?}");
    assert!(error.nothing_was_sent());
}

#[tokio::test]
async fn a_failed_or_stalled_tls_handshake_proves_that_nothing_was_sent() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut refusing, _) = listener.accept().unwrap();
        refusing.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        let mut stalled = listener.accept().unwrap().0;
        let mut greeting = Vec::new();
        drop(std::io::Read::read_to_end(&mut stalled, &mut greeting));
    });
    let deadlines = Deadlines { connect: Duration::from_millis(300), ..short() };
    for _ in 0..2 {
        let error = client(&url, deadlines, 100).send(&request(Method::Get, "/")).await.unwrap_err();
        assert!(matches!(error, HttpError::Unreachable { .. }), "{error:?}");
    }
    server.join().unwrap();
}

#[tokio::test]
async fn a_redirect_is_an_error_and_is_not_followed() {
    for location in ["/elsewhere", "http://example.invalid/", "file:///etc/passwd"] {
        let server = Loopback::start(vec![
            Reply::page(307, &format!("Location: {location}\r\n"), ""),
            Reply::json(200, "{}"),
        ]);
        let error = client(&server.url(), short(), 100).send(&request(Method::Post, "/")).await.unwrap_err();
        assert!(matches!(error, HttpError::Redirect { status: 307, .. }), "{error:?}");
        assert!(!error.nothing_was_sent());
        assert_eq!(server.heard().len(), 1);
    }
}

#[tokio::test]
async fn an_answer_above_the_limit_is_cut_off() {
    assert_eq!(get(Reply::json(200, &"x".repeat(100))).await.unwrap().body.len(), 100);
    let error = get(Reply::json(200, &"x".repeat(101))).await.unwrap_err();
    assert!(matches!(error, HttpError::TooLarge { limit: 100, .. }), "{error:?}");
}

#[tokio::test]
async fn a_lost_answer_is_told_from_one_that_is_not_http() {
    let cut = get(Reply::Bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{\"half\":".to_vec())).await;
    assert!(matches!(cut, Err(HttpError::Cut { .. })), "{cut:?}");
    let hang = get(Reply::Hang).await;
    assert!(matches!(hang, Err(HttpError::Cut { .. })), "{hang:?}");
    let garbage = get(Reply::Bytes(b"220 mail.example ESMTP\r\n\r\n".to_vec())).await;
    assert!(matches!(garbage, Err(HttpError::NotHttp { .. })), "{garbage:?}");
}

#[tokio::test]
async fn a_server_that_drips_bytes_meets_the_total_deadline() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n".to_vec();
    let server =
        Loopback::start(vec![Reply::Drip([head, vec![b'x'; 1000]].concat(), Duration::from_millis(10))]);
    let deadlines = Deadlines { total: Duration::from_millis(300), ..short() };
    let error = client(&server.url(), deadlines, 9999).send(&request(Method::Get, "/")).await.unwrap_err();
    assert!(matches!(error, HttpError::TimedOut { .. }), "{error:?}");
}

#[tokio::test]
async fn no_error_repeats_the_path_or_the_query() {
    for reply in
        [Reply::Hang, Reply::page(302, "Location: /\r\n", ""), Reply::Bytes(b"nonsense\r\n\r\n".to_vec())]
    {
        let error = get(reply).await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hush"), "{error:?}");
    }
}

#[test]
fn a_proxy_password_and_a_request_header_never_print() {
    let proxy: Proxy = "http://user:hush@proxy.example:8080".parse().unwrap();
    assert!(!format!("{proxy:?}").contains("hush"));
    assert!(!format!("{:?}", "ftp://u:hush@h".parse::<Proxy>()).contains("hush"));
    let mut sent = request(Method::Get, "/?hush");
    sent.headers.push(("authorization".to_owned(), "hush".to_owned()));
    assert!(!format!("{sent:?}").contains("hush"));
}

#[test]
fn only_a_call_above_five_seconds_is_a_warning_and_it_names_operation_and_time() {
    let (subscriber, captured) = captured_log::start(tracing::Level::WARN);
    tracing::subscriber::with_default(subscriber, || {
        let fine = Ok(HttpResponse { status: 200, headers: BTreeMap::new(), body: Vec::new() });
        log("Quick", Duration::from_secs(5), &fine);
        log("Slow", Duration::from_millis(5001), &fine);
    });
    let text = captured.text();
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.contains("WARN") && text.contains("\"Slow\"") && text.contains("ms=5001"), "{text}");
}

#[tokio::test]
async fn a_loopback_origin_is_reached_directly_whatever_the_proxy_setting() {
    let dead = "http://127.0.0.1:9".parse().unwrap();
    let server = Loopback::start(vec![Reply::json(200, "{}")]);
    let client = HttpClient::new(Origin::parse(&server.url()).unwrap(), &dead, short(), 100).unwrap();
    assert_eq!(client.send(&request(Method::Get, "/")).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_proxy_that_refuses_proves_that_nothing_was_sent() {
    let server = Loopback::start(vec![Reply::page(407, "", "")]);
    let proxy = server.url().parse().unwrap();
    let client = HttpClient::new(Origin::parse("h.example").unwrap(), &proxy, short(), 100).unwrap();
    let error = client.send(&request(Method::Post, "/?hush")).await.unwrap_err();
    assert!(matches!(error, HttpError::Unreachable { .. }), "{error:?}");
    assert!(server.heard()[0].starts_with("CONNECT h.example:443 HTTP/1.1\r\n"), "{:?}", server.heard());
}
