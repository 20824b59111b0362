//! Fetching secrets and files: what is used, what is remembered of it, and what is said when there is none.

use std::path::Path;

use secrecy::ExposeSecret;

use super::place;
use super::stores::store;
use crate::domain::desired::{DesiredSet, Spec, Unresolved};
use crate::domain::diagnostic::Diagnostic;
use crate::domain::field::FieldValue;
use crate::manifest::fingerprint::Fingerprinter;
use crate::manifest::secrets::{self, Wanted};
use crate::manifest::values::Values;
use crate::manifest::{codes, load};
use crate::platform::fs;

/// A store whose password has this source.
pub(super) fn postgres(source: &str) -> String {
    store(&format!(
        "  postgres:\n    uris: postgresql://db:5432/orders\n    username: {{fromEnv: PATH}}\n    password: {{{source}}}\n"
    ))
}

/// The manifest in a folder, loaded and resolved.
pub(super) fn fetched(text: &str, folder: &Path) -> Result<DesiredSet, Vec<Diagnostic>> {
    let file = folder.join("m.yaml");
    fs::replace(&file, text.as_bytes()).unwrap();
    let prints = Fingerprinter::new([7; 32]);
    let resolve = |declared: Unresolved| {
        declared.resolve(|address, parameter, sealed| {
            secrets::fetch(Wanted::parameter(address, parameter), sealed, &prints)
        })
    };
    resolve(load(&[file], &Values::default()).unwrap().desired)
}

/// The content and the recorded field of a parameter.
fn content(text: &str, folder: &Path, name: &str) -> (String, FieldValue) {
    let set = fetched(text, folder).unwrap_or_else(|found| panic!("{found:#?}"));
    let Spec::Store(store) = &set.values().next().unwrap().spec else { panic!("no store") };
    let (_, sealed) = store.sealed().find(|(parameter, _)| parameter.rule.name == name).unwrap();
    let content = sealed.content().unwrap().expose_secret().to_owned();
    (content, store.fields().remove(name).unwrap())
}

fn password(source: &str, folder: &Path) -> String {
    content(&postgres(source), folder, "postgres.password").0
}

/// The only thing that is wrong with a password that is fetched like this.
fn refused(source: &str, folder: &Path) -> Diagnostic {
    let mut found = fetched(&postgres(source), folder).unwrap_err();
    assert_eq!(found.len(), 1, "{found:#?}");
    let diagnostic = found.remove(0);
    assert_eq!((diagnostic.labels[0].span.line, diagnostic.labels[0].span.column), (9, 15), "{diagnostic:?}");
    assert_eq!(diagnostic.labels[0].source, None);
    assert!(
        diagnostic.message.starts_with("`spec.postgres.password` of Store/orders: "),
        "{}",
        diagnostic.message
    );
    diagnostic
}

#[test]
fn one_line_end_is_taken_off_a_secret_and_none_off_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    for (written, wanted) in
        [("s3cret", "s3cret"), ("s3cret\n", "s3cret"), ("s3cret\r\n", "s3cret"), (" s ", " s ")]
    {
        fs::replace(&at.join("f"), written.as_bytes()).unwrap();
        assert_eq!(password("fromFile: f", at), wanted, "{written:?}");
    }
    assert_eq!(password("fromCommand: [printf, \"s3cret\\\\n\"]", at), "s3cret");
    fs::replace(&at.join("ca.pem"), b"-----BEGIN\nx\n-----END\n\n").unwrap();
    let text = postgres("fromEnv: PATH") + "    tls: {caCertFile: ca.pem}\n";
    let (file, _) = content(&text, at, "postgres.tls.caCertFile");
    assert_eq!(file, "-----BEGIN\nx\n-----END\n\n");
}

#[test]
fn paths_and_commands_begin_in_the_manifests_folder() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("inner");
    fs::create_folder(&inner).unwrap();
    fs::replace(&inner.join("f"), b"here").unwrap();
    assert_eq!(password("fromFile: ./f", &inner), "here");
    assert_eq!(password("fromCommand: [cat, f]", &inner), "here");
    assert_eq!(password(&format!("fromFile: {}", inner.join("f").display()), folder.path()), "here");
}

#[test]
fn a_value_has_one_fingerprint_wherever_it_comes_from() {
    let folder = tempfile::tempdir().unwrap();
    fs::replace(&folder.path().join("f"), b"hunter2\n").unwrap();
    let print = |source: &str| content(&postgres(source), folder.path(), "postgres.password").1;
    let literal = postgres("").replace("{}", "hunter2");
    let (_, of_literal) = content(&literal, folder.path(), "postgres.password");
    assert_eq!(of_literal, print("fromFile: f"));
    assert_eq!(of_literal, print("fromCommand: [echo, hunter2]"));
    assert_ne!(of_literal, print("fromCommand: [echo, hunter3]"));
    let FieldValue::Sealed(print) = of_literal else { panic!("not sealed") };
    assert!(print.fingerprint.starts_with("hmac-sha256:"), "{print:?}");
}

#[test]
fn a_file_that_is_no_secret_has_the_digest_that_everybody_can_check() {
    let folder = tempfile::tempdir().unwrap();
    fs::replace(&folder.path().join("ca.pem"), b"abc").unwrap();
    let text = postgres("fromEnv: PATH") + "    tls: {caCertFile: ca.pem}\n";
    let (_, FieldValue::Sealed(print)) = content(&text, folder.path(), "postgres.tls.caCertFile") else {
        panic!("not sealed")
    };
    let published = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(print.fingerprint, published);
}

#[test]
fn each_reason_for_no_value_is_told_without_the_value() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::replace(&at.join("empty"), b"\n").unwrap();
    fs::replace(&at.join("latin1"), b"hunter2\xe9").unwrap();
    fs::replace(&at.join("lines"), b"hunter2\nhunter3\n").unwrap();
    fs::replace(&at.join("large"), &vec![b'x'; 1024 * 1024 + 1]).unwrap();
    for (source, code, words) in [
        (
            "fromEnv: RECONCILE_TEST_UNSET",
            codes::SECRET_VARIABLE,
            "the variable RECONCILE_TEST_UNSET is not set",
        ),
        ("fromFile: missing", codes::SECRET_FILE, "/missing: No such file"),
        ("fromFile: empty", codes::SECRET_FILE, "/empty gave is empty"),
        ("fromFile: latin1", codes::SECRET_FILE, "/latin1 gave is not UTF-8"),
        ("fromFile: lines", codes::CONTROL_CHARACTER, "/lines gave is more than one line"),
        ("fromFile: large", codes::SECRET_FILE, "/large is larger than 1048576 bytes"),
        ("fromFile: .", codes::SECRET_FILE, "not a regular file"),
        (
            "fromCommand: [/nonexistent/tool, hunter2]",
            codes::SECRET_COMMAND,
            "/nonexistent/tool cannot be started",
        ),
        (
            "fromCommand: [sh, -c, \"echo hunter2; echo hunter2 >&2; exit 3\"]",
            codes::SECRET_COMMAND,
            "sh failed (exit status: 3)",
        ),
        ("fromCommand: [\"true\", hunter2]", codes::SECRET_COMMAND, "command true gave is empty"),
        ("fromCommand: [sh, -c, cat]", codes::SECRET_COMMAND, "command sh gave is empty"),
        ("fromCommand: [printf, \"hunter2\\\\0\"]", codes::CONTROL_CHARACTER, "no statement carries that"),
        ("fromCommand: [yes, hunter2]", codes::SECRET_COMMAND, "yes printed more than 1048576 bytes"),
    ] {
        let diagnostic = refused(source, at);
        assert_eq!(diagnostic.code, code, "{source}: {diagnostic:?}");
        assert!(diagnostic.message.contains(words), "{source}: {}", diagnostic.message);
        let shown = format!("{diagnostic:?}");
        assert!(!shown.contains("hunter") && diagnostic.help.is_some(), "{shown}");
    }
}

#[test]
fn everything_that_cannot_be_fetched_is_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let text = postgres("fromFile: missing").replace("fromEnv: PATH", "fromEnv: RECONCILE_TEST_UNSET");
    let found = fetched(&text, folder.path()).unwrap_err();
    assert_eq!(found.iter().map(place).collect::<Vec<_>>(), ["RC0143 8:15", "RC0144 9:15"]);
}

#[test]
fn a_key_is_needed_for_secrets_only() {
    let needed = |text: &str| secrets::need_key(&super::load_text(text).unwrap().desired);
    assert!(needed(&postgres("fromEnv: A")));
    let without =
        "  kafka:\n    uris: [b:1]\n    sasl: {hashFunction: NONE}\n    tls: {caCertFile: ca.pem}\n";
    assert!(!needed(&store(without)));
    assert!(!needed(super::VALID));
}
