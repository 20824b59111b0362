//! `JUnit` XML: one test case for each file of `validate`, for each object of `drift`, and one for the command itself when it
//! ended early, so that a run that failed never looks like one in which nothing was wrong.

use std::collections::BTreeSet;

use super::facts::{Facts, Stand, severity, words};
use crate::domain::diagnostic::{Diagnostic, Severity};

/// A test case.
struct Case {
    class: String,
    name: String,
    file: Option<String>,
    verdict: Verdict,
}

enum Verdict {
    Passed,
    Failed { kind: String, message: String, body: String },
    Error { kind: String, message: String, body: String },
    Skipped { message: String },
}

/// The document.
pub(super) fn render(facts: &Facts) -> String {
    let mut cases: Vec<Case> = match &facts.standings {
        Some(standings) => standings.iter().map(|standing| of_object(facts, standing)).collect(),
        None if facts.command == "validate" => of_files(facts),
        None => Vec::new(),
    };
    cases.extend(of_command(facts));
    let count = |is: fn(&Verdict) -> bool| cases.iter().filter(|case| is(&case.verdict)).count();
    let counts = format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"",
        cases.len(),
        count(|verdict| matches!(verdict, Verdict::Failed { .. })),
        count(|verdict| matches!(verdict, Verdict::Error { .. })),
        count(|verdict| matches!(verdict, Verdict::Skipped { .. })),
    );
    let name = attribute(&format!("reconcile {}", facts.command));
    let body: String = cases.iter().map(case).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{name}\" {counts}>\n  \
         <testsuite name=\"{name}\" {counts}>\n{body}  </testsuite>\n</testsuites>\n"
    )
}

fn of_object(facts: &Facts, standing: &Stand) -> Case {
    let Stand { kind, address, origin, state, moved, unknown, diff } = standing;
    let verdict = match (moved, unknown) {
        (_, Some(why)) => Verdict::Skipped { message: why.clone() },
        (true, None) => Verdict::Failed {
            kind: "drift".to_owned(),
            message: if *state == "present" { "live moved".to_owned() } else { format!("it is {state}") },
            body: diff.clone(),
        },
        (false, None) => Verdict::Passed,
    };
    let file = origin.as_ref().map(|origin| facts.repository.name(&origin.file));
    Case { class: (*kind).to_owned(), name: address.clone(), file, verdict }
}

fn of_files(facts: &Facts) -> Vec<Case> {
    let blamed =
        facts.diagnostics.iter().filter_map(|diagnostic| Some(&diagnostic.labels.first()?.span.file));
    let files: BTreeSet<&String> = facts.files.iter().chain(blamed).collect();
    let of_file = |file: &&String| {
        let about = |diagnostic: &&Diagnostic| {
            diagnostic.labels.first().is_some_and(|label| label.span.file == **file)
        };
        let found: Vec<&Diagnostic> = facts.diagnostics.iter().filter(about).collect();
        let name = facts.repository.name(file);
        Case {
            class: facts.command.clone(),
            name: name.clone(),
            file: Some(name),
            verdict: judged(facts, &found),
        }
    };
    files.iter().map(of_file).collect()
}

fn judged(facts: &Facts, found: &[&Diagnostic]) -> Verdict {
    let Some(first) = found.iter().find(|diagnostic| diagnostic.severity == Severity::Error) else {
        return Verdict::Passed;
    };
    let body = found.iter().map(|diagnostic| {
        let place = facts.place(diagnostic);
        let (code, words) = (diagnostic.code, words(diagnostic));
        format!("{}:{}:{}: {}[{code}]: {words}\n", place.file, place.line, place.column, severity(diagnostic))
    });
    Verdict::Failed { kind: first.code.to_string(), message: first.message.clone(), body: body.collect() }
}

/// The command itself, where no case of a file says already what ended it.
fn of_command(facts: &Facts) -> Option<Case> {
    let failure = facts.failure.as_ref()?;
    let is_said = |diagnostic: &Diagnostic| facts.command == "validate" && !diagnostic.labels.is_empty();
    if failure.is_diagnosed && facts.diagnostics.iter().all(is_said) {
        return None;
    }
    let unsaid = facts.diagnostics.iter().filter(|diagnostic| !is_said(diagnostic)).map(words);
    let lines = failure.causes.iter().cloned().chain(failure.hint.clone()).chain(unsaid);
    let verdict = Verdict::Error {
        kind: format!("exit code {}", failure.exit.code()),
        message: failure.message.clone(),
        body: lines.collect::<Vec<_>>().join("\n"),
    };
    let name = format!("reconcile {}", facts.command);
    Some(Case { class: facts.command.clone(), name, file: None, verdict })
}

fn case(case: &Case) -> String {
    let Case { class, name, file, verdict } = case;
    let file = file.as_ref().map(|file| format!(" file=\"{}\"", attribute(file))).unwrap_or_default();
    let head = format!("    <testcase classname=\"{}\" name=\"{}\"{file}", attribute(class), attribute(name));
    let told = |element: &str, kind: &str, message: &str, body: &str| {
        format!(
            "{head}>\n      <{element} type=\"{}\" message=\"{}\">{}</{element}>\n    </testcase>\n",
            attribute(kind),
            attribute(message),
            text(body)
        )
    };
    match verdict {
        Verdict::Passed => format!("{head}/>\n"),
        Verdict::Failed { kind, message, body } => told("failure", kind, message, body),
        Verdict::Error { kind, message, body } => told("error", kind, message, body),
        Verdict::Skipped { message } => {
            format!("{head}>\n      <skipped message=\"{}\"/>\n    </testcase>\n", attribute(message))
        }
    }
}

/// A text as XML 1.0 takes it; what no XML may hold becomes U+FFFD.
fn text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(c),
            '\u{fffe}' | '\u{ffff}' => escaped.push(char::REPLACEMENT_CHARACTER),
            c if c.is_control() => escaped.push(char::REPLACEMENT_CHARACTER),
            c => escaped.push(c),
        }
    }
    escaped
}

/// The same, as the value of an attribute: a reader of XML would make blanks of its line breaks.
fn attribute(value: &str) -> String {
    text(value).replace('\n', "&#10;").replace('\t', "&#9;")
}
