//! Keys, tokens, signatures, and several accounts in one profile.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::connector;

#[test]
fn a_wrong_key_is_refused_with_where_it_came_from_and_never_shown() {
    let emulator = Emulator::open("");
    for (id, secret, code) in [
        ("nobody", "wrong-secret-value", "InvalidAccessKeyId"),
        (emulator.access_key_id.as_str(), "wrong-secret-value", "SignatureDoesNotMatch"),
    ] {
        let env = TestEnv::of(&emulator)
            .with("ALIBABA_CLOUD_ACCESS_KEY_ID", id)
            .with("ALIBABA_CLOUD_ACCESS_KEY_SECRET", secret);
        env.manifest("a.yaml", &[connector("a")]);
        let said =
            env.apply("-vv").exits(77).tells(code).tells("help: the access key came from the environment");
        assert!(!said.stderr().contains("wrong-secret-value"), "{said:?}");
        assert_eq!(emulator.new_requests().len(), 1, "a refused key was tried again");
    }
}

#[test]
fn no_key_at_all_is_refused_before_anything_is_sent() {
    let emulator = Emulator::open("");
    let env = TestEnv::new();
    env.project(&format!("profiles: {{test: {{ververica: {{endpoint: '{}'}}}}}}", emulator.url));
    env.run("list w:n").exits(77).tells("ALIBABA_CLOUD_ACCESS_KEY_ID");
    assert_eq!(emulator.new_operations(), "");
}

#[test]
fn a_temporary_key_needs_its_token() {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator)
        .with("ALIBABA_CLOUD_ACCESS_KEY_ID", "STS.FAKE-AK-ID-0002")
        .with("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "fake-sts-secret-not-a-real-key-0002");
    env.run("list w:n").exits(77);
    let env = env.with("ALIBABA_CLOUD_SECURITY_TOKEN", "FAKE/security+token==~not.real");
    env.manifest("a.yaml", &[connector("a")]);
    env.apply("").exits(0).shows("Converged.");
}

#[test]
fn the_profile_of_the_vendors_tool_is_read() {
    let emulator = Emulator::open("");
    let env = TestEnv::new();
    env.project(&format!("profiles: {{test: {{ververica: {{endpoint: '{}'}}}}}}", emulator.url));
    let (id, secret) = (&emulator.access_key_id, &emulator.access_key_secret);
    reconcile::platform::fs::create_folder(&env.home().join(".aliyun")).unwrap();
    env.write(
        env.home().join(".aliyun/config.json"),
        &serde_json::json!({"current": "default", "profiles": [
            {"name": "default", "mode": "AK", "access_key_id": id, "access_key_secret": secret}
        ]})
        .to_string(),
    );
    env.run("list w:n").exits(0);
}

/// Answers one request with a refusal, and gives its head.
fn one_request(settings: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = Vec::new();
        while !head.windows(4).any(|end| end == b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.extend(byte);
        }
        let body = r#"{"Code": "InvalidParameter", "Message": "seen", "RequestId": "r-1"}"#;
        let answer = format!(
            "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(answer.as_bytes()).unwrap();
        String::from_utf8(head).unwrap().to_ascii_lowercase()
    });
    let env = TestEnv::new()
        .with("ALIBABA_CLOUD_ACCESS_KEY_ID", "id")
        .with("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "secret");
    env.project(&format!("profiles: {{test: {{ververica: {{endpoint: 'http://{address}'{settings}}}}}}}"));
    env.run("list w:n").exits(1).tells("seen").tells("r-1");
    server.join().unwrap()
}

#[test]
fn the_signature_is_the_current_one_unless_the_project_file_says_otherwise() {
    assert!(one_request("").contains("\r\nauthorization: acs3-hmac-sha256 "));
    let classic = one_request(", signature: roa");
    assert!(classic.contains("\r\nauthorization: acs id:"), "{classic}");

    let emulator = Emulator::open("");
    let env = TestEnv::with_service(&emulator, "sendDefinition: true, signature: roa");
    env.manifest("a.yaml", &[connector("a").with("namespaceName", "'n /:%'")]);
    env.apply("").exits(0).shows("Converged.");
    env.remove_manifest("a.yaml");
    env.run("destroy --all --yes").exits(0);
}

#[test]
fn workspaces_of_one_profile_may_have_endpoints_of_their_own() {
    let (east, west) = (Emulator::open(""), Emulator::open(""));
    let env = TestEnv::new().with_key(&east);
    env.project(&format!(
        "profiles:\n  test:\n    ververica: {{sendDefinition: true}}\n    workspaces:\n      east: {{endpoint: '{}'}}\n      \
         west: {{endpoint: '{}'}}\n",
        east.url, west.url
    ));
    let [a, b] = [("a", "east"), ("b", "west")]
        .map(|(name, workspace)| connector(name).with("workspaceId", workspace));
    env.manifest("both.yaml", &[a, b]);
    env.apply("").exits(0).shows("2 added").shows("Converged.");
    for (emulator, workspace) in [(&east, "east"), (&west, "west")] {
        let requests = emulator.new_requests();
        assert!(requests.iter().all(|request| request.workspace == workspace), "{requests:?}");
        assert_eq!(requests.iter().filter(|request| request.short() == "register").count(), 1);
    }
    // A workspace that nobody said how to reach.
    env.run("list north:n").exits(1).tells("neither region nor endpoint");
}
