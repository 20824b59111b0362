//! SARIF 2.1.0: manifest diagnostics for code scanning and editors.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::facts::{Facts, severity};
use crate::cli::reference::explain::{Topic, find};
use crate::domain::diagnostic::{Code, Diagnostic, Label, Span};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// One run with one result for each diagnostic, and the rules that they name.
pub(super) fn render(facts: &Facts) -> String {
    let codes: BTreeSet<Code> = facts.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    let rules: Vec<Value> = codes.into_iter().map(rule).collect();
    let results: Vec<Value> = facts
        .diagnostics
        .iter()
        .zip(facts.fingerprints())
        .map(|(diagnostic, fingerprint)| result(facts, diagnostic, &fingerprint))
        .collect();
    let driver = json!({"name": "reconcile", "version": env!("CARGO_PKG_VERSION"), "rules": rules});
    let run = json!({
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": results,
    });
    format!("{:#}\n", json!({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}))
}

fn rule(code: Code) -> Value {
    let id = code.to_string();
    let help = json!({"text": format!("reconcile help {id}")});
    match find(&id) {
        Ok(Topic::Code(entry)) => json!({
            "id": id, "help": help,
            "shortDescription": {"text": entry.title}, "fullDescription": {"text": entry.explanation},
        }),
        _ => json!({"id": id, "help": help}),
    }
}

fn result(facts: &Facts, diagnostic: &Diagnostic, fingerprint: &str) -> Value {
    let help = diagnostic.help.as_ref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
    let text = format!("{}{help}", diagnostic.message);
    let mut result = json!({
        "ruleId": diagnostic.code.to_string(),
        "level": severity(diagnostic),
        "message": {"text": text},
        "locations": [location(&facts.place(diagnostic))],
        "partialFingerprints": {"reconcileDiagnostic/v1": fingerprint},
    });
    let others: Vec<Value> = diagnostic.labels.iter().skip(1).map(|label| related(facts, label)).collect();
    if let (false, Some(result)) = (others.is_empty(), result.as_object_mut()) {
        result.insert("relatedLocations".to_owned(), Value::Array(others));
    }
    result
}

fn related(facts: &Facts, label: &Label) -> Value {
    let file = facts.repository.name(&label.span.file);
    let mut location = location(&Span { file, ..label.span.clone() });
    if let Some(location) = location.as_object_mut() {
        location.insert("message".to_owned(), json!({"text": label.text}));
    }
    location
}

fn location(span: &Span) -> Value {
    json!({"physicalLocation": {
        "artifactLocation": {"uri": uri(&span.file), "uriBaseId": "%SRCROOT%"},
        "region": {
            "startLine": span.line, "startColumn": span.column,
            "endLine": span.line, "endColumn": span.column.saturating_add(span.length),
        },
    }})
}

/// A path as a relative URI: everything but letters, digits and `-._~/` is percent-encoded.
fn uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    path.bytes().fold(String::with_capacity(path.len()), |mut uri, byte| {
        if plain(byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
        uri
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_a_blank_or_a_colon_stays_one_uri() {
        assert_eq!(uri("a b/ü:#.yaml"), "a%20b/%C3%BC%3A%23.yaml");
    }
}
