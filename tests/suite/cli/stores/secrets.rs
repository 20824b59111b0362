//! Canaries: a random secret in every secret field, through every command, failures that echo it back included. It is
//! nowhere: not raw, in base64, in hex, URL-encoded, JSON- or SQL-escaped.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use reconcile::platform::fs;
use serde_json::json;

use crate::support::emulator::Emulator;
use crate::support::env::{Outcome, TestEnv};
use crate::support::manifest::{Store, betas, kafka, plain_kafka, postgres, snowflake};

/// A secret that no other text can hold by accident, with characters that every encoding changes.
fn canary(seed: usize) -> String {
    let random = reconcile::platform::entropy::hex_128().unwrap();
    format!("cAn4ry'{seed}\"&=/+é{random}")
}

/// Every form in which a text may come back.
fn forms(secret: &str) -> Vec<String> {
    let bytes = secret.as_bytes();
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap();
    let hex: String = bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
    let url: String = bytes
        .iter()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() { char::from(*byte).to_string() } else { format!("%{byte:02X}") }
        })
        .collect();
    let json = serde_json::to_string(secret).unwrap();
    // The random part alone catches every form that escapes the rest differently.
    let tail = secret.get(secret.len() - 32..).unwrap().to_owned();
    vec![
        secret.to_owned(),
        hex.to_uppercase(),
        hex,
        STANDARD.encode(bytes),
        STANDARD_NO_PAD.encode(bytes),
        URL_SAFE_NO_PAD.encode(bytes),
        url,
        json.trim_matches('"').to_owned(),
        secret.replace('\'', "''"),
        tail,
    ]
}

/// Every file below the working folder except the manifests and what the test itself wrote.
fn files(env: &TestEnv) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![env.work().join("state")];
    while let Some(folder) = folders.pop() {
        for path in fs::list(&folder).unwrap_or_default() {
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push((path.display().to_string(), fs::read(&path, 64 << 20).unwrap()));
            }
        }
    }
    found
}

fn assert_clean(what: &str, text: &[u8], canaries: &[String]) {
    for secret in canaries {
        for form in forms(secret) {
            let hit = text.windows(form.len()).any(|window| window == form.as_bytes());
            assert!(!hit, "{what} holds a secret in the form {form}:\n{}", String::from_utf8_lossy(text));
        }
    }
}

/// Stores of every type with a canary in every secret field, and the canaries.
fn declared(env: &TestEnv) -> (Vec<Store>, Vec<String>) {
    let canaries: Vec<String> = (0..14).map(canary).collect();
    let secret = |n: usize| canaries[n].clone();
    let pem = |n: usize| format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", canaries[n]);
    env.write("manifests/key.pem", &pem(0));
    env.write("manifests/client.pem", &pem(1));
    env.write("manifests/cert.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    env.write("manifests/password", &secret(2));
    let mut rest = betas();
    let (glue, rest_catalog, clickhouse, kinesis) =
        (rest.pop().unwrap(), rest.pop().unwrap(), rest.pop().unwrap(), rest.pop().unwrap());
    let stores = vec![
        kafka("k")
            .with("kafka.sasl.username", secret(3))
            .with("kafka.sasl.password", json!({"fromFile": "password"})),
        plain_kafka("mtls")
            .with("kafka.tls", json!({"client": {"certFile": "cert.pem", "keyFile": "client.pem"}})),
        postgres("p")
            .with("postgres.password", json!({"fromEnv": "CANARY_PASSWORD"}))
            .with("postgres.username", secret(4)),
        snowflake("s")
            .with("snowflake.username", secret(5))
            .with("snowflake.client.keyPassphrase", secret(6)),
        kinesis.with("kinesis.accessKeyId", secret(7)).with("kinesis.secretAccessKey", secret(8)),
        clickhouse
            .with("clickhouse.password", json!({"fromCommand": ["printenv", "CANARY_COMMAND"]}))
            .with("clickhouse.username", secret(9)),
        rest_catalog.with("icebergRest.clientId", secret(10)).with("icebergRest.clientSecret", secret(11)),
        glue.without("icebergGlue.aws").with(
            "icebergGlue.aws",
            json!({"region": "us-east-1", "accessKeyId": secret(12), "secretAccessKey": secret(13)}),
        ),
    ];
    (stores, canaries)
}

/// The last two come by the environment, so that they are in no file.
fn environment(emulator: &Emulator) -> (TestEnv, Vec<String>) {
    let extra: Vec<String> = (100..102).map(canary).collect();
    let env = TestEnv::with_stores(emulator)
        .with("CANARY_PASSWORD", &extra[0])
        .with("CANARY_COMMAND", &extra[1])
        .with("PATH", "/usr/bin:/bin")
        .with("RECONCILE_LOG", "trace");
    // A step of a pipeline: annotations on stderr, and two files beside the state.
    fs::create_folder(&env.work().join("state")).unwrap();
    let file = |name: &str| env.work().join("state").join(name).display().to_string();
    let (summary, output) = (file("summary.md"), file("output"));
    let env = env
        .with("GITHUB_ACTIONS", "true")
        .with("GITHUB_STEP_SUMMARY", &summary)
        .with("GITHUB_OUTPUT", &output);
    (env, extra)
}

const COMMANDS: &[&str] = &[
    "validate manifests",
    "plan manifests -vv",
    "plan manifests -o json",
    "validate manifests --report sarif=state/v.sarif --report codequality=state/v.json --report junit=state/v.xml",
    "plan manifests --report github=state/plan.md --report gitlab-terraform=state/plan.json",
    "apply manifests --yes -vv",
    "apply manifests --yes -o json",
    "show Store/k manifests",
    "show Store/k manifests -o json",
    "list Store -f manifests",
    "list Store -f manifests -o json",
    "drift manifests --deep -vv",
    "drift manifests --deep -o json",
    "snapshot manifests --out state/live.json -vv",
    "plan manifests --offline state/live.json -vv",
    "drift manifests --offline state/live.json",
    "plan manifests --out state/plan.out -vv",
    "show state/plan.out",
    "show state/plan.out -o json",
    "apply state/plan.out -vv",
    "drift manifests --deep --report github=state/drift.md --report junit=state/drift.xml",
    "destroy --target Store/k --yes --report github=state/destroy.md",
    "apply manifests --yes --report github=state/apply.md",
    "state list",
    "state show Store/s",
    "state show Store/s -o json",
    "import Store k --as again",
    "destroy --all --yes -vv",
];

fn look(env: &TestEnv, canaries: &[String], line: &str) {
    let output: Outcome = env.run(line);
    assert_clean(&format!("stdout of {line}"), output.stdout.as_bytes(), canaries);
    assert_clean(&format!("stderr of {line}"), output.stderr.as_bytes(), canaries);
    for (file, bytes) in files(env) {
        assert_clean(&format!("{file} after {line}"), &bytes, canaries);
    }
}

#[test]
fn no_secret_is_anywhere_when_everything_goes_well() {
    let emulator = Emulator::open("");
    let (env, extra) = environment(&emulator);
    let (stores, mut canaries) = declared(&env);
    canaries.extend(extra);
    env.manifest("all.yaml", &stores);
    for line in COMMANDS {
        look(&env, &canaries, line);
    }
    assert_eq!(emulator.new_counts()["create-store"], 9);
    for file in [
        "live.json",
        "plan.out",
        "summary.md",
        "output",
        "plan.md",
        "plan.json",
        "apply.md",
        "drift.md",
        "drift.xml",
        "v.sarif",
        "v.json",
        "v.xml",
    ] {
        assert!(env.has(&format!("state/{file}")), "{file} was not looked at");
    }
}

/// Everybody on the machine may read the arguments of a process.
#[test]
fn no_secret_is_an_argument_of_a_process() {
    let emulator = Emulator::open("--latency 300ms");
    let (env, extra) = environment(&emulator);
    let (stores, mut canaries) = declared(&env);
    canaries.extend(extra);
    env.manifest("all.yaml", &stores);
    // The program that fetches a secret looks at itself and at who started it.
    let spy = json!({"fromCommand": ["sh", "-c", "cat /proc/$$/cmdline /proc/$PPID/cmdline >args; printenv CANARY_COMMAND"]});
    env.manifest("spy.yaml", &[postgres("spy").with("postgres.password", spy)]);
    let _said = env.run("apply manifests --yes --quiet").exits(0);
    let arguments = fs::read(&env.work().join("manifests/args"), 1 << 20).unwrap();
    assert!(
        String::from_utf8_lossy(&arguments).contains("--quiet"),
        "the spy saw the program that started it"
    );
    assert_clean("the arguments of a process", &arguments, &canaries);
}

/// Vendors repeat the statement in their error texts; some come back by HTTP errors, some by SQL errors.
#[test]
fn no_secret_comes_back_from_failures_that_echo_the_statement() {
    for fault in [
        "create-store:echo",
        "update-store:echo",
        "create-store:errored",
        "create-store:drop",
        "create-store:500",
        "'*':503@30%",
    ] {
        let emulator = Emulator::open(&format!("--fail {}", fault.replace('\'', "")));
        let (env, extra) = environment(&emulator);
        let (stores, mut canaries) = declared(&env);
        canaries.extend(extra);
        env.manifest("all.yaml", &stores);
        look(&env, &canaries, "apply manifests --yes -vv");
        let rotated = kafka("k")
            .with("kafka.sasl.username", canaries[5].clone())
            .with("kafka.sasl.password", canaries[6].clone());
        env.manifest("all.yaml", &[rotated]);
        look(&env, &canaries, "apply manifests --yes -vv -o json");
        look(&env, &canaries, "plan manifests");
    }
}

/// Wrong input is told with its line; the line is shown without what is secret in it.
#[test]
fn no_secret_is_in_a_diagnostic_about_the_manifest_that_holds_it() {
    let env = TestEnv::new().with("GITHUB_ACTIONS", "true");
    let secret = canary(1);
    let quoted = serde_json::to_string(&secret).unwrap();
    let broken = [
        format!("kafka: {{uris: [b:1], sasl: {{hashFunction: SHA512, username: u, pasword: {quoted}}}}}"),
        format!(
            "kafka: {{uris: [b:1], sasl: {{hashFunction: SHA513, username: {quoted}, password: {quoted}}}}}"
        ),
        format!("kafka: {{uris: [b:1], sasl: {{hashFunction: NONE, password: [{quoted}]}}}}"),
        format!(
            "postgres: {{uris: 'postgresql://u:{}@db/x', username: u, password: {quoted}}}",
            secret.replace('\'', "''")
        ),
        format!("kafka:\n    sasl:\n      password: {quoted}\n      password: {quoted}"),
        format!("kafka:\n    sasl:\n      password: {quoted} trailing: [\n"),
        format!("kafka:\n    sasl:\n      password: |\n        {secret}\n        {secret}"),
        format!("kafka: {{sasl: {{password: {{fromEnv: {quoted}}}}}}}"),
        format!("kafka: {quoted}"),
        format!(
            "snowflake: {{client: {{keyFile: \"-----BEGIN PRIVATE KEY-----{}\"}}}}",
            secret.replace('"', "")
        ),
    ];
    for block in broken {
        let text = format!(
            "apiVersion: reconcile/v1\nkind: Store\nmetadata: {{name: a}}\nspec:\n  name: a\n  {block}\n"
        );
        env.write("manifests/a.yaml", &text);
        let reports =
            ["github", "sarif", "codequality", "junit"].map(|format| format!("{format}=state/{format}"));
        let reported = format!("validate manifests --report {}", reports.join(" --report "));
        fs::create_folder(&env.work().join("state")).unwrap();
        for line in ["validate manifests", "plan manifests", "validate manifests -o json", &reported] {
            let output = env.run(line);
            assert_ne!(output.code, Some(0), "{text}");
            assert_clean(
                &format!("{line} of {text}"),
                output.stderr.as_bytes(),
                std::slice::from_ref(&secret),
            );
            assert_clean(
                &format!("{line} of {text}"),
                output.stdout.as_bytes(),
                std::slice::from_ref(&secret),
            );
        }
        let reports = files(&env);
        assert!(reports.len() >= 4, "{reports:?}");
        for (file, bytes) in reports {
            assert_clean(&format!("{file} of {text}"), &bytes, std::slice::from_ref(&secret));
        }
    }
}
