//! `doctor`: each check as it should be and as it should not, and how the program ends.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::thread;
use std::time::Duration;

use jiff::SignedDuration;
use reconcile::platform::time;
use serde_json::Value;

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::{connector, kafka};

/// Runs it, and gives its checks: `NAME` or `NAME SUBJECT`, the verdict, the fact with the remedy.
struct Looked(Vec<(String, String, String)>);

impl Looked {
    #[track_caller]
    fn at(env: &TestEnv, line: &str, code: i32) -> Self {
        let document = env.run(&format!("doctor -o json {line}")).exits(code).json("doctor");
        let checks = document["checks"].as_array().unwrap().iter().map(|check| {
            let text = |name: &str| check[name].as_str().unwrap_or_default().to_owned();
            let remedy = text("remedy");
            assert_eq!(text("verdict") == "ok", remedy.is_empty(), "{check}");
            let name = format!("{} {}", text("check"), text("subject")).trim_end().to_owned();
            (name, text("verdict"), format!("{}; {remedy}", text("fact")))
        });
        Self(checks.collect())
    }

    #[track_caller]
    fn shows(&self, name: &str, verdict: &str, text: &str) {
        let Some((_, found, said)) = self.0.iter().find(|(found, _, _)| found == name) else {
            unreachable!("no {name} in {:?}", self.0);
        };
        assert!(found == verdict && said.contains(text), "{name}: {found}, {said}");
    }

    /// The names of the checks that are not as they should be.
    fn ill(&self) -> String {
        let ill = self.0.iter().filter(|(_, verdict, _)| verdict != "ok").map(|(name, _, _)| &**name);
        ill.collect::<Vec<_>>().join(", ")
    }
}

fn healthy(env: TestEnv) -> TestEnv {
    let env = env.with("LC_ALL", "C.UTF-8");
    env.manifest("a.yaml", &[connector("a")]);
    env
}

#[test]
fn a_healthy_place_is_found_healthy_without_a_request() {
    let emulator = Emulator::open("");
    let env = healthy(TestEnv::with_stores(&emulator));
    let looked = Looked::at(&env, "", 0);
    assert_eq!(looked.ill(), "");
    looked.shows("project-file", "ok", "reconcile.yaml");
    looked.shows("profile", "ok", "test, which talks to ververica, deltastream");
    looked.shows("state-folder", "ok", "can be made by the first apply");
    looked.shows("state", "ok", "nothing was recorded yet");
    looked.shows("key-file", "ok", "none yet");
    looked.shows("manifests", "ok", "1 object in 1 file");
    looked.shows("endpoint ververica", "ok", &emulator.url);
    looked.shows("credentials ververica", "ok", "found in the environment");
    looked.shows("credentials deltastream", "ok", "variable DELTASTREAM_API_TOKEN");
    looked.shows("proxy", "ok", "no variable");
    looked.shows("terminal", "ok", "--yes");
    assert_eq!(emulator.new_operations(), "");
    assert!(!env.has("state"), "doctor made the state's folder");
    let text = env.run("doctor").exits(0).shows("ok  project-file").shows("14 ok, 0 to look at, 0 failed");
    assert_eq!(text.stderr(), "");
}

#[test]
fn live_asks_for_one_listing_of_each_namespace_and_one_of_stores() {
    let emulator = Emulator::open("");
    let env = healthy(TestEnv::with_stores(&emulator));
    env.apply("").exits(0);
    env.manifest("b.yaml", &[connector("b").with("namespaceName", "other")]);
    env.remove_manifest("a.yaml");
    emulator.new_operations();
    let looked = Looked::at(&env, "--live", 0);
    assert_eq!(looked.ill(), "");
    looked.shows("connection ververica", "ok", "answers");
    looked.shows("clock ververica", "ok", "agrees");
    let listings: Vec<_> = looked.0.iter().filter(|(name, _, _)| name.starts_with("listing")).collect();
    assert_eq!(listings.len(), 3, "{listings:?}");
    assert!(listings.iter().any(|(_, _, fact)| fact.starts_with("1 object;")), "{listings:?}");
    looked.shows("listing the stores of DeltaStream", "ok", "as role sysadmin of organization ");
    assert_eq!(emulator.new_operations(), "list list list-stores");
    assert_eq!(Looked::at(&env.with("RECONCILE_LIVE", "true"), "", 0).0.len(), looked.0.len());
}

#[test]
fn the_built_in_profile_needs_nothing_but_manifests() {
    let env = TestEnv::new().with("LC_ALL", "C.UTF-8");
    let looked = Looked::at(&env, "--live", 0);
    assert_eq!(looked.ill(), "manifests");
    looked.shows("project-file", "ok", "built-in profile");
    looked.shows("profile", "ok", "local, which talks to the built-in emulator");
    looked.shows("manifests", "warn", "nothing is declared");
    looked.shows("listing the stores of DeltaStream", "ok", "0 objects");
    let looked = Looked::at(&env, "", 0);
    looked.shows("state-folder", "ok", "its locks exclude");
}

#[test]
fn a_project_file_or_profile_that_is_wrong_is_told_and_the_place_looked_at_all_the_same() {
    let env = healthy(TestEnv::new());
    env.project("profiles: {test: {emulator: maybe}}");
    let looked = Looked::at(&env, "--live", 1);
    looked.shows("project-file", "fail", "reconcile.yaml:1:12: RC0132: ");
    assert_eq!(looked.ill(), "project-file");
    looked.shows("proxy", "ok", "");

    env.project("profiles: {test: {emulator: true}}");
    Looked::at(&env, "", 0);
    let looked = Looked::at(&env, "--profile tset", 1);
    looked.shows("project-file", "ok", "valid");
    looked.shows("profile", "fail", "there is no profile `tset`; there are test");
    env.run("doctor --profile tset").exits(1).shows("fail  profile").shows("help: correct --profile");
}

#[test]
fn a_state_that_cannot_be_written_or_is_damaged_or_unsettled_is_told() {
    let emulator = Emulator::open("--creating-for 1h");
    let env = healthy(TestEnv::of(&emulator));
    env.write("file", "");
    let looked = Looked::at(&env, "--state file/state", 1);
    looked.shows("state-folder", "fail", "Not a directory");

    let killed = env.start("apply manifests --yes");
    while !emulator.new_counts().contains_key("register") {
        thread::sleep(Duration::from_millis(5));
    }
    drop(killed);
    let looked = Looked::at(&env, "", 0);
    assert_eq!(looked.ill(), "state");
    looked.shows("state", "warn", "0 objects, 1 write of an interrupted run not settled");

    env.write("state/test/snapshot.json", "{");
    let looked = Looked::at(&env, "", 1);
    looked.shows("state-folder", "ok", "its locks exclude");
    looked.shows("state", "fail", "snapshot.json is damaged");
}

#[test]
fn a_key_file_that_others_can_read_is_told() {
    let emulator = Emulator::open("");
    let env = healthy(TestEnv::with_stores(&emulator)).with("PASSWORD", "hunter2");
    env.manifest(
        "k.yaml",
        &[kafka("k").with("kafka.sasl.password", serde_json::json!({"fromEnv": "PASSWORD"}))],
    );
    env.apply("").exits(0);
    let looked = Looked::at(&env, "", 0);
    looked.shows("key-file", "ok", "mode 0600");
    looked.shows("state", "ok", "2 objects");
    let key = env.work().join("state/test/fingerprint.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let looked = Looked::at(&env, "", 1);
    assert_eq!(looked.ill(), "key-file");
    looked.shows("key-file", "fail", "has mode 0644");
    looked.shows("key-file", "fail", "chmod 600 ");
    env.write("state/test/fingerprint.key", "no key");
    Looked::at(&env, "", 1).shows("key-file", "fail", "64 hexadecimal digits");
}

#[test]
fn manifests_that_do_not_load_are_told_with_the_first_place() {
    let env = healthy(TestEnv::new());
    env.manifest("b.yaml", &["kind: Nothing"]);
    let looked = Looked::at(&env, "", 1);
    assert_eq!(looked.ill(), "manifests");
    looked.shows("manifests", "fail", "manifests/b.yaml:1:");
    Looked::at(&env, "manifests/a.yaml", 0).shows("manifests", "ok", "1 object in 1 file");
}

#[test]
fn missing_credentials_end_with_77_and_a_missing_endpoint_with_1() {
    let env = healthy(TestEnv::new());
    env.project(
        "profiles: {test: {ververica: {region: cn-hangzhou}, deltastream: {token: {fromEnv: MINE}}}}",
    );
    let looked = Looked::at(&env, "", 77);
    assert_eq!(looked.ill(), "credentials ververica, credentials deltastream");
    looked.shows("credentials ververica", "fail", "ALIBABA_CLOUD_ACCESS_KEY_ID");
    looked.shows("credentials deltastream", "fail", "MINE is not set");
    env.project("profiles: {test: {ververica: {credentials: env}}}");
    let env =
        env.with("ALIBABA_CLOUD_ACCESS_KEY_ID", "id").with("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "hunter2");
    let looked = Looked::at(&env, "", 1);
    looked.shows("endpoint ververica", "fail", "neither region nor endpoint");
    env.project("profiles: {test: {ververica: {}, workspaces: {w: {region: cn-beijing, credentials: uri}}}}");
    let looked = Looked::at(&env, "", 77);
    looked.shows("endpoint workspaces.w", "ok", "https://ververica.cn-beijing.aliyuncs.com");
    looked.shows("credentials workspaces.w", "fail", "ALIBABA_CLOUD_CREDENTIALS_URI is not set");
    env.project("profiles: {test: {ververica: {region: cn-beijing, proxy: 'http://'}}}");
    Looked::at(&env, "--live", 1).shows("endpoint", "fail", "a proxy is");
}

#[test]
fn credentials_that_the_service_refuses_are_told_by_live_only() {
    let emulator = Emulator::open("");
    let env = healthy(TestEnv::with_stores(&emulator))
        .with("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "hunter2")
        .with("DELTASTREAM_API_TOKEN", "hunter2");
    Looked::at(&env, "", 0);
    let looked = Looked::at(&env, "--live", 77);
    assert_eq!(looked.ill().matches("listing").count(), 2, "{}", looked.ill());
    looked.shows("connection ververica", "ok", "answers");
    looked.shows("listing the stores of DeltaStream", "fail", "");
    assert!(looked.0.iter().any(|(_, _, said)| said.contains("SignatureDoesNotMatch")), "{:?}", looked.0);
    env.run("doctor --live").exits(77).hides("hunter2");
}

#[test]
fn a_listing_that_is_refused_or_fails_is_told_and_not_repeated() {
    let emulator = Emulator::open("--fail list:503 --fail list-stores:42501");
    let env = healthy(TestEnv::with_stores(&emulator));
    let looked = Looked::at(&env, "--live", 1);
    assert_eq!(looked.ill().matches("listing").count(), 2, "{}", looked.ill());
    assert_eq!(emulator.new_operations(), "list list-stores");
}

#[test]
fn an_endpoint_that_does_not_answer_ends_with_69_and_is_asked_no_further() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let emulator = Emulator::open("");
    let env = healthy(TestEnv::with_stores(&emulator));
    let looked = Looked::at(&env, &format!("--live --ververica-endpoint http://{closed}"), 69);
    looked.shows("connection ververica", "fail", "refused");
    looked.shows("connection deltastream", "ok", "answers");
    looked.shows("listing w:n", "warn", "not asked");
    assert_eq!(looked.ill(), "connection ververica, listing w:n");
    looked.shows("listing the stores of DeltaStream", "ok", "");
    // TLS where none is spoken.
    let tls = emulator.url.replace("http://", "https://");
    let looked = Looked::at(&env, &format!("--live --ververica-endpoint {tls}"), 69);
    looked.shows("connection ververica", "fail", "cannot connect");
    assert_eq!(emulator.new_operations(), "list-stores list-stores");
}

/// Says that it is this much later than it is, and lists nothing.
fn clock_of(header: &str, ahead: SignedDuration) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let header = header.to_owned();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = Vec::new();
            while !head.windows(4).any(|end| end == b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                head.extend(byte);
            }
            let date = (time::wall() + ahead).strftime("%a, %d %b %Y %H:%M:%S GMT");
            let date = if header.is_empty() { String::new() } else { format!("{header}: {date}\r\n") };
            let body = r#"{"requestId": "r", "success": true, "data": []}"#;
            let answer = format!(
                "HTTP/1.1 200 OK\r\n{date}connection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    format!("http://{address}")
}

#[test]
fn a_clock_that_is_wrong_is_told_before_signatures_die_of_it() {
    for (header, ahead, verdict, code) in [
        ("date", 0, "ok", 0),
        ("date", 5 * 60, "warn", 0),
        ("date", -5 * 60, "warn", 0),
        ("date", 20 * 60, "fail", 1),
        ("date", -20 * 60, "fail", 1),
        ("", 0, "warn", 0),
    ] {
        let env = healthy(TestEnv::new())
            .with("ALIBABA_CLOUD_ACCESS_KEY_ID", "id")
            .with("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "secret");
        let url = clock_of(header, SignedDuration::from_secs(ahead));
        env.project(&format!("profiles: {{test: {{ververica: {{endpoint: '{url}'}}}}}}"));
        let looked = Looked::at(&env, "--live", code);
        looked.shows("clock ververica", verdict, "");
        assert_eq!(looked.ill(), if verdict == "ok" { "" } else { "clock ververica" });
    }
}

#[test]
fn proxies_certificates_and_the_character_set_are_looked_at() {
    let env = healthy(TestEnv::new())
        .with("HTTPS_PROXY", "http://user:hunter2@proxy.example:3128")
        .with("SSL_CERT_DIR", "/");
    let looked = Looked::at(&env, "", 0);
    looked.shows("proxy", "ok", "HTTPS_PROXY set");
    looked.shows("certificates", "ok", "SSL_CERT_DIR is /");
    looked.shows("locale", "ok", "LC_ALL is C.UTF-8");
    env.run("doctor").exits(0).hides("hunter2");
    let env = env.with("SSL_CERT_FILE", "/nowhere/ca.pem").with("LC_ALL", "C");
    let looked = Looked::at(&env, "", 69);
    looked.shows("certificates", "fail", "SSL_CERT_FILE leads nowhere: cannot read /nowhere/ca.pem");
    looked.shows("locale", "warn", "LC_ALL is C, which is not UTF-8");
    let bare = TestEnv::new();
    let document: Value = bare.run("doctor -o json").exits(0).json("doctor");
    assert_eq!(document["summary"]["warn"], 2, "{document}");
    Looked::at(&bare, "", 0).shows("locale", "warn", "LANG is set");
}
