//! `watch --listen`: what it shows, and to whom.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use serde_json::Value;

use super::emulator::Emulator;
use super::program::{Program, eventually};
use super::scenario::Connector;
use super::site::Site;
use super::watching::Watching;

fn one(name: &str, version: u32) -> Connector {
    Connector::new("orders", name, version)
}

/// Where a watch says that its page is.
fn address(program: &Program) -> String {
    let told = program.until_stderr("/\n");
    let line = told.lines().find_map(|line| line.strip_prefix("page: http://")).unwrap();
    line.trim_end_matches('/').to_owned()
}

/// Asks once. Returns the status, the head and the body.
fn ask(address: &str, path: &str, headers: &str) -> (u16, String, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    let host = if headers.contains("Host:") { String::new() } else { format!("Host: {address}\r\n") };
    write!(stream, "GET {path} HTTP/1.1\r\n{host}{headers}Connection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), head.to_owned(), body.to_owned())
}

fn json(address: &str, path: &str) -> Value {
    let (status, head, body) = ask(address, path, "");
    assert_eq!(status, 200, "{path}: {body}");
    assert!(head.contains("content-type: application/json"), "{head}");
    serde_json::from_str(&body).unwrap()
}

/// The next event of a stream, and its id.
fn event(stream: &mut impl BufRead) -> (u64, Value) {
    let mut id = None;
    loop {
        let mut line = String::new();
        assert!(stream.read_line(&mut line).unwrap() > 0, "the stream ended");
        if let Some(text) = line.strip_prefix("id: ") {
            id = Some(text.trim().parse().unwrap());
        }
        if let Some(text) = line.strip_prefix("data: ") {
            return (id.unwrap(), serde_json::from_str(text).unwrap());
        }
    }
}

fn follow(address: &str, since: &str) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET /api/v1/events{since} HTTP/1.1\r\nHost: {address}\r\n\r\n").unwrap();
    BufReader::new(stream)
}

const LISTEN: [&str; 2] = ["--listen", "127.0.0.1:0"];

#[test]
fn every_object_is_shown_as_it_stands_and_a_change_is_told_to_who_follows() {
    let watching = Watching::start(&[one("a", 1), one("b", 1)], &LISTEN);
    let at = address(watching.watch());
    assert_eq!((ask(&at, "/healthz", "").0, ask(&at, "/readyz", "").0), (200, 200));
    let status = json(&at, "/api/v1/status");
    assert_eq!((&status["mode"], &status["counts"]["asDeclared"]), (&"apply".into(), &2.into()), "{status}");
    let rows = json(&at, "/api/v1/resources");
    assert_eq!(rows["resources"][1]["address"], "FlinkConnector/b");

    let mut stream = follow(&at, "");
    let (since, whole) = event(&mut stream);
    assert_eq!((&whole["whole"], whole["resources"].as_array().unwrap().len()), (&true.into(), 2));
    watching.site.declare(&[one("a", 2), one("b", 1)]);
    let mut said = Vec::new();
    while !said.iter().any(|text: &String| text == "update done") {
        let (_, delta) = event(&mut stream);
        assert_eq!(delta["whole"], false);
        let moments = delta["moments"].as_array().unwrap();
        said.extend(moments.iter().map(|moment| moment["text"].as_str().unwrap().to_owned()));
        let rows = delta["resources"].as_array().unwrap();
        assert!(rows.iter().all(|row| row["address"] == "FlinkConnector/a"), "only what changed: {delta}");
    }
    assert_eq!(said.first().map(String::as_str), Some("update planned"), "{said:?}");

    // Who was away is told the difference, whatever way it says what it has.
    let (_, missed) = event(&mut follow(&at, &format!("?since={since}")));
    assert_eq!((&missed["whole"], missed["resources"].as_array().unwrap().len()), (&false.into(), 1));
    let detail = json(&at, "/api/v1/resources/FlinkConnector/a");
    assert_eq!((&detail["state"], &detail["readiness"]), (&"asDeclared".into(), &"ready".into()), "{detail}");
    assert_eq!(detail["history"][0]["text"], "update done");
    let passes = json(&at, "/api/v1/passes");
    assert_eq!(
        (&passes["passes"][0]["applied"], &passes["passes"][0]["cause"]),
        (&1.into(), &"files".into())
    );
    let (status, _, metrics) = ask(&at, "/metrics", "");
    assert_eq!(status, 200);
    for line in [
        "reconcile_resources{kind=\"FlinkConnector\",state=\"asDeclared\"} 2",
        "reconcile_changes_total{action=\"update\",kind=\"FlinkConnector\",result=\"done\"} 1",
        "reconcile_readiness_duration_seconds_count{kind=\"FlinkConnector\"} 3",
        "reconcile_passes_total{cause=\"files\",outcome=\"changed\"} 1",
        "reconcile_ready 1",
    ] {
        assert!(metrics.contains(line), "{line}\n{metrics}");
    }
}

#[test]
fn what_differs_is_shown_with_its_diff_and_what_fails_with_its_reason() {
    let fault = ["--fail", "register:400x1000"];
    let watching = Watching::on(&[one("a", 1)], &fault, &LISTEN);
    let at = address(watching.watch());
    let failed = eventually("the failure", || {
        let detail = json(&at, "/api/v1/resources/FlinkConnector/a");
        (detail["state"] == "failed").then_some(detail)
    });
    assert!(!failed["error"].as_str().unwrap().is_empty(), "{failed}");
    assert!(failed["diff"].as_str().unwrap().starts_with("+ at : "), "{failed}");
    watching.write("broken.yaml", "apiVersion: reconcile/v1\nkind: Nonsense\n");
    let status = eventually("the diagnostic", || {
        let status = json(&at, "/api/v1/status");
        (status["diagnostics"] != Value::Array(Vec::new())).then_some(status)
    });
    let place = status["diagnostics"][0]["place"].as_str().unwrap();
    assert!(place.contains("broken.yaml:"), "{status}");
}

#[test]
fn before_the_first_pass_the_watch_is_alive_and_not_ready() {
    let site = Site::new();
    let emulator = Emulator::start(site.path(), &[]);
    std::fs::create_dir_all(site.path().join("manifests")).unwrap();
    std::fs::write(site.path().join("manifests/broken.yaml"), "kind: [\n").unwrap();
    let program = Watching::program(&site, emulator.url(), &LISTEN);
    let at = address(&program);
    assert_eq!(ask(&at, "/healthz", "").0, 200);
    let (status, _, why) = ask(&at, "/readyz", "");
    assert_eq!((status, why.contains("no pass has ended")), (503, true), "{why}");
}

#[test]
fn a_name_that_is_not_of_this_machine_and_a_path_that_is_not_there_are_refused() {
    let watching = Watching::start(&[one("a", 1)], &LISTEN);
    let at = address(watching.watch());
    let (status, _, body) = ask(&at, "/api/v1/status", "Host: rebound.example\r\n");
    assert_eq!((status, body.contains("--token-file")), (403, true), "{body}");
    assert_eq!(ask(&at, "/api/v1/resources/Store/nope", "").0, 404);
    assert_eq!(ask(&at, "/api/v1/resources/Nonsense/a", "").0, 404);
    let (status, head, _) = ask(&at, "/nope", "");
    assert_eq!(status, 404);
    for header in ["content-security-policy: default-src 'none'", "x-content-type-options: nosniff"] {
        assert!(head.contains(header), "{head}");
    }
}

#[test]
fn any_other_address_needs_a_token_and_shows_nothing_without_it() {
    let site = Site::new();
    site.declare(&[one("a", 1)]);
    let emulator = Emulator::start(site.path(), &[]);
    let everywhere = ["--listen", "0.0.0.0:0"];
    let refused = Watching::program(&site, emulator.url(), &everywhere).wait();
    let refused = refused.exits(64);
    assert!(refused.stderr.contains("--token-file"), "{}", refused.told());

    let token = "canary-0123456789";
    std::fs::write(site.path().join("token"), format!("{token}\n")).unwrap();
    let flags = [&everywhere[..], &["--token-file", "token"]].concat();
    let watching = Watching::over(site, emulator, &flags);
    let at = address(watching.watch()).replace("0.0.0.0", "127.0.0.1");
    assert_eq!((ask(&at, "/healthz", "").0, ask(&at, "/readyz", "").0), (200, 200));
    for path in ["/metrics", "/api/v1/status", "/api/v1/resources", "/api/v1/events", "/api/v1/nope"] {
        for header in ["", "Authorization: Bearer canary-012345678\r\n", "Authorization: Basic canary\r\n"] {
            let (status, head, body) = ask(&at, path, header);
            assert_eq!((status, head.contains("www-authenticate: Bearer")), (401, true), "{path} {header}");
            assert!(!body.contains("FlinkConnector") && !body.contains("canary"), "{body}");
        }
    }
    let bearer = format!("Authorization: Bearer {token}\r\nHost: reconcile.example\r\n");
    assert_eq!((ask(&at, "/api/v1/status", &bearer).0, ask(&at, "/metrics", &bearer).0), (200, 200));
    let ended = watching.stop().exits(0);
    assert!(!ended.told().contains("canary"), "{}", ended.told());
}

#[test]
fn an_address_that_makes_no_sense_is_taken_or_has_no_token_is_refused_with_a_remedy() {
    let site = Site::new();
    site.declare(&[one("a", 1)]);
    let emulator = Emulator::start(site.path(), &[]);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    std::fs::write(site.path().join("short"), "short\n").unwrap();
    for (flags, code, told) in [
        (vec!["--listen", "9890"], 64, "127.0.0.1:9890"),
        (vec!["--listen", taken.as_str()], 1, "name another port"),
        (vec!["--listen", "127.0.0.1:0", "--token-file", "nowhere"], 64, "--token-file nowhere"),
        (vec!["--listen", "127.0.0.1:0", "--token-file", "short"], 64, "at least 16"),
        (vec!["--token-file", "short"], 64, "--listen"),
    ] {
        let ended = Watching::program(&site, emulator.url(), &flags).wait().exits(code);
        assert!(ended.stderr.contains(told), "{flags:?}: {}", ended.told());
    }
}

#[test]
fn readers_that_never_read_and_never_leave_do_not_keep_the_watch_from_its_work() {
    let watching = Watching::start(&[one("a", 1)], &LISTEN);
    let at = address(watching.watch());
    // More than there is room for; half of them have asked, and none of them reads.
    let silent: Vec<TcpStream> = (0..200)
        .map(|n| {
            let mut stream = TcpStream::connect(&at).unwrap();
            if n % 2 == 0 {
                write!(stream, "GET /api/v1/events HTTP/1.1\r\nHost: {at}\r\n\r\n").unwrap();
            }
            stream
        })
        .collect();
    watching.site.declare(&[one("a", 2)]);
    watching.until("the pass", |record| record["type"] == "pass_end" && record["applied"] == 1);
    let folder = format!("/proc/{}/fd", watching.watch().pid());
    let descriptors = || std::fs::read_dir(&folder).unwrap().count();
    eventually("as many connections as there is room for", || (descriptors() > 128).then_some(()));
    // What would be accepted beyond that would be by then.
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert!(descriptors() < 170, "{} descriptors for {} readers", descriptors(), silent.len());
    drop(silent);
    assert_eq!(json(&at, "/api/v1/status")["counts"]["asDeclared"], 1);
}
