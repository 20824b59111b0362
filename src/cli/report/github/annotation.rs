//! Annotations: workflow commands that put a finding beside a line of a manifest.

use crate::cli::report::facts::{Facts, severity, words};
use crate::domain::desired::Origin;
use crate::domain::diagnostic::Severity;

/// GitHub shows no more of one level and step; the worst come first.
const SHOWN: usize = 10;

/// `::error …::…` and `::warning …::…`, at most ten of each: what is wrong with manifests, what ended the command, what was
/// refused, failed or is blocked; then what moved and what is worth knowing.
pub(in crate::cli::report) fn lines(facts: &Facts) -> Vec<String> {
    let mut errors = diagnostics(facts, Severity::Error);
    if let Some(failure) = facts.failure.as_ref().filter(|failure| !failure.is_diagnosed) {
        let lines = std::iter::once(&failure.message).chain(&failure.causes).chain(&failure.hint);
        let text = lines.cloned().collect::<Vec<_>>().join("\n");
        errors.push(command("error", None, &format!("reconcile {}", facts.command), &text));
    }
    errors.extend(
        facts.plan.iter().flat_map(|plan| &plan.refusals).map(|why| command("error", None, "refused", why)),
    );
    errors.extend(
        facts.run.iter().flat_map(|run| &run.undone).map(|what| command("error", None, "not done", what)),
    );
    let changes = || facts.plan.iter().flat_map(|plan| &plan.changes);
    errors.extend(changes().filter_map(|change| {
        let why = change.blocked.as_ref()?;
        Some(at_object(
            facts,
            "error",
            change.origin.as_ref(),
            &format!("{} is blocked", change.address),
            why,
        ))
    }));
    let mut warnings: Vec<String> = facts
        .standings
        .iter()
        .flatten()
        .filter(|standing| standing.moved)
        .map(|standing| moved(facts, standing.origin.as_ref(), &standing.address, &standing.diff))
        .collect();
    warnings.extend(
        changes()
            .filter(|change| change.moved)
            .map(|change| moved(facts, change.origin.as_ref(), &change.address, &change.diff)),
    );
    warnings.extend(diagnostics(facts, Severity::Warning));
    errors.into_iter().take(SHOWN).chain(warnings.into_iter().take(SHOWN)).collect()
}

fn diagnostics(facts: &Facts, wanted: Severity) -> Vec<String> {
    let of_level = facts.diagnostics.iter().filter(|diagnostic| diagnostic.severity == wanted);
    of_level
        .map(|diagnostic| {
            let place = facts.place(diagnostic);
            let properties = [
                ("file", place.file),
                ("line", place.line.to_string()),
                ("endLine", place.line.to_string()),
                ("col", place.column.to_string()),
                ("endColumn", place.column.saturating_add(place.length).to_string()),
            ];
            command(severity(diagnostic), Some(&properties), &diagnostic.code.to_string(), &words(diagnostic))
        })
        .collect()
}

fn moved(facts: &Facts, origin: Option<&Origin>, address: &str, diff: &str) -> String {
    at_object(facts, "warning", origin, &format!("{address} drifted"), diff.trim_end())
}

/// An annotation at the beginning of an object's manifest, if it has one.
fn at_object(facts: &Facts, level: &str, origin: Option<&Origin>, title: &str, text: &str) -> String {
    let properties = origin.map(|origin| {
        let line = origin.line.to_string();
        let (file, column) = (facts.repository.name(&origin.file), origin.column.to_string());
        [
            ("file", file),
            ("line", line.clone()),
            ("endLine", line),
            ("col", column.clone()),
            ("endColumn", column),
        ]
    });
    command(level, properties.as_ref(), title, text)
}

fn command(level: &str, place: Option<&[(&str, String); 5]>, title: &str, text: &str) -> String {
    let place: Vec<String> =
        place.into_iter().flatten().map(|(name, value)| format!("{name}={},", property(value))).collect();
    format!("::{level} {}title={}::{}", place.concat(), property(title), message(text))
}

/// A message on the one line that a command has.
fn message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property: it also ends at a colon and at a comma.
fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What the runner makes of an escaped text.
    fn read(text: &str) -> String {
        let text = text.replace("%2C", ",").replace("%3A", ":");
        text.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn an_annotation_is_one_line_and_says_what_it_was_told(
            title in "[a:,%\r\n2C0DA]{0,20}", text in "[a:,%\r\n2C0DA]{0,40}",
        ) {
            let line = command("error", None, &title, &text);
            prop_assert!(!line.contains(['\n', '\r']), "{line:?}");
            let inner = line.strip_prefix("::error title=").unwrap();
            let (head, tail) = inner.split_once("::").unwrap();
            prop_assert!(!head.contains([':', ',']), "{line:?}");
            prop_assert_eq!((read(head), read(tail)), (title, text));
        }
    }
}
