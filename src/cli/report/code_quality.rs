//! GitLab Code Quality: manifest diagnostics beside the lines of a merge request. `artifacts: reports: codequality`.

use serde_json::{Value, json};

use super::facts::{Facts, words};
use crate::domain::diagnostic::Severity;

/// A list with one entry for each diagnostic; an empty list says that nothing is wrong.
pub(super) fn render(facts: &Facts) -> String {
    let entries = facts.diagnostics.iter().zip(facts.fingerprints()).map(|(diagnostic, fingerprint)| {
        let place = facts.place(diagnostic);
        json!({
            "description": words(diagnostic),
            "check_name": diagnostic.code.to_string(),
            "fingerprint": fingerprint,
            "severity": match diagnostic.severity { Severity::Error => "critical", Severity::Warning => "minor" },
            "location": {"path": place.file, "lines": {"begin": place.line}},
        })
    });
    format!("{:#}\n", Value::Array(entries.collect()))
}
