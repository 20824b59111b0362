//! The vendors' own SDKs drive the emulator as documented, and judge every answer by the vendors' models.

use std::path::PathBuf;
use std::process::Command;

use serde_json::json;

use super::emulator::Emulator;
use super::program::run;
use super::site::Site;

const JAR: &str = "oss://bucket/artifacts/连接器/check connector-1.0.jar?a=b&c=d";
const HINT: &str = "run tests/run, or: python3 -m venv target/sdk-venv && \
                    target/sdk-venv/bin/pip install alibabacloud-ververica20220718==1.14.0 \
                    deltastream-connector==0.3.1";

/// A check script, with nothing of the caller's environment.
fn script(name: &str, site: &Site) -> Command {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let python = root.join("target/sdk-venv/bin/python");
    assert!(python.exists(), "{} is missing: {HINT}", python.display());
    let mut command = Command::new(python);
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", site.path());
    command.env("PYTHONDONTWRITEBYTECODE", "1").arg(root.join("tests").join(name));
    command
}

/// Runs it to its end, which has to be this line.
fn passes(command: Command, last: &str) {
    let ended = run(command);
    assert_ne!(ended.code(), Some(2), "the package is missing: {HINT}\n{}", ended.told());
    let ended = ended.exits(0);
    assert!(ended.stdout.ends_with(last), "{}", ended.told());
}

fn check(arguments: &[&str], environment: &[(&str, &str)]) {
    let site = Site::new();
    let jars = site.path().join("jars");
    std::fs::create_dir(&jars).unwrap();
    let full = json!({
        "name": "check-a", "type": "check-a", "source": true, "sink": true,
        "supportedFormats": ["json", "avro"], "dependencies": ["oss://bucket/lib/driver.jar"],
        "properties": [{"key": "host", "defaultValue": "localhost", "description": "Where", "required": true}],
        "tables": [{"catalogName": "vvp", "databaseName": "default", "tableName": "t"}],
    });
    let fixture =
        json!({"jarUrl": JAR, "connectors": [full, {"name": "检查-b", "type": "check-b", "lookup": true}]});
    std::fs::write(jars.join("check.json"), fixture.to_string()).unwrap();
    let emulator = Emulator::start(site.path(), &["--strict", "--jars", jars.to_str().unwrap()]);
    let mut command = script("ververica_sdk_check.py", &site);
    command.envs(environment.iter().copied()).args(["--endpoint", emulator.host()]);
    command.args(["--workspace", "a1b2c3d4e5f6a7", "--namespace", "default-ns", "--jar-url", JAR]);
    command.args(["--expect-name", "check-a", "--expect-name", "检查-b"]).args(arguments);
    passes(command, "\"result\": \"passed\", \"steps\": 11}\n");
}

/// The life of stores, quoting, attachments and refusals, with these flags of the emulator.
fn check_stores(flags: &[&str]) {
    let site = Site::new();
    let emulator = Emulator::start(site.path(), flags);
    let mut command = script("deltastream_sdk_check.py", &site);
    command.args(["--url", emulator.ready("deltastream"), "--token", emulator.ready("token")]);
    command.args(["--org", emulator.ready("organization")]);
    passes(command, "{\"step\": \"summary\", \"ok\": true, \"steps\": 14, \"failed\": 0}\n");
}

const PLAIN: [(&str, &str); 2] = [
    ("ALIBABA_CLOUD_ACCESS_KEY_ID", "FAKE-AK-ID-0001"),
    ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "fake-secret-not-a-real-key-0001"),
];

const TEMPORARY: [(&str, &str); 3] = [
    ("ALIBABA_CLOUD_ACCESS_KEY_ID", "STS.FAKE-AK-ID-0002"),
    ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "fake-sts-secret-not-a-real-key-0002"),
    ("ALIBABA_CLOUD_SECURITY_TOKEN", "FAKE/security+token==~not.real"),
];

#[test]
fn the_vendors_sdk_accepts_the_emulator_with_acs3() {
    check(&["--probe-errors"], &PLAIN);
}

#[test]
fn the_vendors_sdk_accepts_the_emulator_with_roa() {
    check(&["--probe-errors", "--signature", "roa"], &PLAIN);
}

#[test]
fn the_vendors_sdk_accepts_the_emulator_with_a_temporary_key() {
    check(&["--probe-errors"], &TEMPORARY);
    check(&["--probe-errors", "--signature", "roa"], &TEMPORARY);
}

#[test]
fn the_vendors_sdk_accepts_the_stores_of_the_emulator() {
    check_stores(&[]);
}

#[test]
fn the_vendors_sdk_accepts_stores_that_take_their_time() {
    check_stores(&["--provisioning-for", "700ms", "--dropping-for", "700ms", "--partition-rows", "1"]);
}

/// Slow, because that SDK waits a second before it asks again.
#[test]
fn the_vendors_sdk_accepts_statements_that_take_their_time() {
    check_stores(&["--pending", "2"]);
}
