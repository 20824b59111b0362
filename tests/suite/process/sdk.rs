//! The vendor's own SDK drives the emulator as documented, and judges every answer by the vendor's models.

use std::path::PathBuf;
use std::process::Command;

use serde_json::json;

use super::emulator::Emulator;
use super::program::run;
use super::site::Site;

const JAR: &str = "oss://bucket/artifacts/连接器/check connector-1.0.jar?a=b&c=d";
const HINT: &str = "run tests/run, or: python3 -m venv target/sdk-venv && \
                    target/sdk-venv/bin/pip install alibabacloud-ververica20220718==1.14.0";

fn check(arguments: &[&str], environment: &[(&str, &str)]) {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let python = root.join("target/sdk-venv/bin/python");
    assert!(python.exists(), "{} is missing: {HINT}", python.display());
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
    let mut command = Command::new(python);
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", site.path());
    command.env("PYTHONDONTWRITEBYTECODE", "1").envs(environment.iter().copied());
    command.arg(root.join("tests/ververica_sdk_check.py")).args(["--endpoint", emulator.host()]);
    command.args(["--workspace", "a1b2c3d4e5f6a7", "--namespace", "default-ns", "--jar-url", JAR]);
    command.args(["--expect-name", "check-a", "--expect-name", "检查-b"]).args(arguments);
    let ended = run(command);
    assert_ne!(ended.code(), Some(2), "the package is missing: {HINT}\n{}", ended.told());
    let ended = ended.exits(0);
    let all = "\"result\": \"passed\", \"steps\": 11}\n";
    assert!(ended.stdout.ends_with(all), "{}", ended.told());
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
