//! Every code of the table is produced by an input, and no other code is.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::profiles::load_project;
use super::secrets::{fetched, postgres};
use super::stores::store;
use super::{VALID, load_text, manifest, valid_with};
use crate::domain::diagnostic::{Code, Diagnostic};
use crate::domain::field::FieldValue;
use crate::manifest::accept::{Wish, accept};
use crate::manifest::values::Values;
use crate::manifest::{codes, examples, format, load};
use crate::platform::fs;

/// Inputs that together produce every code.
fn diagnostics() -> Vec<Diagnostic> {
    let folder = tempfile::tempdir().unwrap();
    fs::replace(&folder.path().join("a.yaml"), b"\xff").unwrap();
    let files = [folder.path().to_owned(), PathBuf::from("missing.yaml")];
    let mut found = load(&files, &Values::default()).unwrap_err();
    for text in [
        "- ".repeat(100),
        "a: [\n".into(),
        "a: \u{2028}\n".into(),
        "a: &b c\n".into(),
        "a: 1\na: 2\n".into(),
        "apiVersion: v1\nkind: Nothing\nmetadata: {name: a/b}\nspec: []\nother: 1\n".into(),
        "spec: {}\nkind: FlinkConnector\n".into(),
        VALID
            .replace("ws-1", "..")
            .replace("orders-type", "\"\"")
            .replace("orders.jar", "\"orders\"")
            .replace("oss://bucket/", ""),
        valid_with(
            "  jarVersion: 1.10\n  source: yes\n  dependencies: [\"a\\tb\"]\n  supportedFormats: [a, a]\n",
        ),
        valid_with("lifecycle: {onRemove: x, ignoreFields: [x], timeouts: {create: 0s}}\n"),
        valid_with("dependsOn: [FlinkConnector/orders, FlinkConnector/x]\n"),
        format!("{VALID}---\n{VALID}"),
        format!("{VALID}---\n{}", VALID.replace("  name: orders", "  name: x")),
        format!("{VALID}---\n{}", manifest("x").replace("x-type", "orders-type")),
        VALID.replace("bucket", "${values.x}"),
        VALID.replace("bucket", "${x}"),
        store(""),
        store("  kafka: {uris: [b], sasl: {hashFunction: NONE, username: {}, password: u, oops: 1}}\n"),
        store("  s3: {uris: \"https://b/\"}\nlifecycle: {allowGap: true}\n"),
        store("  snowflake: {client: {keyFile: \"-----BEGIN\"}}\n"),
        "- x\n---\n".repeat(2_000),
    ] {
        found.extend(load_text(&text).unwrap_err());
    }
    // Of the codes of suites each has its example.
    let of_suites = examples::TABLE.iter().filter(|example| example.code >= codes::BAD_NUMBER);
    found.extend(of_suites.flat_map(|example| load_text(&example.around.text(example.wrong)).unwrap_err()));
    for text in [
        "a: 1\n---\nb: 1\n",
        "defaultProfile: x\n",
        "profiles: {a: {}}\n",
        "profiles: {a: {emulator: true, values: {x: 1.10}}}\n",
        "profiles: {a: {deltastream: {token: x}}}\n",
        "profiles: {a: {emulator: true, notify: {url: x}}}\n",
        "profiles: {a: {ververica: {proxy: x}, limits: {delete: x}}}\n",
    ] {
        found.extend(load_project(text).unwrap_err());
    }
    for source in ["fromEnv: RECONCILE_TEST_UNSET", "fromFile: missing", "fromCommand: [\"false\"]"] {
        found.extend(fetched(&postgres(source), folder.path()).unwrap_err());
    }
    let kept = valid_with("  description: |+\n    text\n\n\n");
    found.extend(format::stream("f", kept.as_bytes()).unwrap_err());
    let path = folder.path().join("b.yaml");
    fs::replace(&path, kept.as_bytes()).unwrap();
    let address = "FlinkConnector/orders".parse().unwrap();
    let wish = Wish { address, field: "description".into(), value: FieldValue::Text("x".into()) };
    found.extend(accept(&path, &[wish], &Values::default()).unwrap().left);
    found
}

#[test]
fn every_code_is_produced_and_every_produced_code_is_in_the_table() {
    let produced: BTreeSet<Code> = diagnostics().iter().map(|diagnostic| diagnostic.code).collect();
    let table: BTreeSet<Code> = codes::TABLE.iter().map(|entry| entry.code).collect();
    assert_eq!(produced, table);
}

#[test]
fn messages_are_one_line_in_lower_case_without_a_full_stop() {
    for Diagnostic { message, labels, help, .. } in diagnostics() {
        let texts = labels.into_iter().map(|label| label.text).chain(help).chain([message]);
        for text in texts.filter(|text| !text.is_empty()) {
            let begins_well =
                !text.starts_with(|c: char| c.is_uppercase()) || text.starts_with("FlinkConnector/");
            assert!(begins_well && !text.ends_with('.') && !text.contains('\n'), "{text}");
        }
    }
}
