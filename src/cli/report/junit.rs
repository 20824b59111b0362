//! `JUnit` XML: one test case for each file of `validate`, for each object of `drift`, for each scenario and property of
//! `verify` (a suite of test cases for each of its suites), and one for the command itself when it ended early, so that a run
//! that failed never looks like one in which nothing was wrong.

use std::collections::BTreeSet;

use super::facts::{Facts, Proofs, Stand, severity, words};
use crate::cli::render::verification::Finding;
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
    let name = format!("reconcile {}", facts.command);
    let mut suites: Vec<(String, Vec<Case>)> = facts.proofs.iter().flat_map(of_suites).collect();
    let mut cases: Vec<Case> = match &facts.standings {
        Some(standings) => standings.iter().map(|standing| of_object(facts, standing)).collect(),
        None if facts.command == "validate" => of_files(facts),
        None => Vec::new(),
    };
    cases.extend(of_command(facts));
    if suites.is_empty() || !cases.is_empty() {
        suites.push((name.clone(), cases));
    }
    let counts = counts(&suites.iter().flat_map(|(_, cases)| cases));
    let body: String = suites.iter().map(suite).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{}\" {counts}>\n{body}</testsuites>\n",
        attribute(&name)
    )
}

fn suite((name, cases): &(String, Vec<Case>)) -> String {
    let body: String = cases.iter().map(case).collect();
    format!("  <testsuite name=\"{}\" {}>\n{body}  </testsuite>\n", attribute(name), counts(&cases.iter()))
}

fn counts<'a>(cases: &(impl Iterator<Item = &'a Case> + Clone)) -> String {
    let count = |is: fn(&Verdict) -> bool| cases.clone().filter(|case| is(&case.verdict)).count();
    format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"",
        count(|_| true),
        count(|verdict| matches!(verdict, Verdict::Failed { .. })),
        count(|verdict| matches!(verdict, Verdict::Error { .. })),
        count(|verdict| matches!(verdict, Verdict::Skipped { .. })),
    )
}

fn of_suites(proofs: &Proofs) -> impl Iterator<Item = (String, Vec<Case>)> {
    proofs.suites.iter().map(|(name, _, proofs)| {
        let cases = proofs.iter().map(|proof| Case {
            class: name.clone(),
            name: proof.name.clone(),
            file: None,
            verdict: of_proof(&proof.finding),
        });
        (name.clone(), cases.collect())
    })
}

fn of_proof(finding: &Finding) -> Verdict {
    let text = |text: &String| text.clone();
    match finding {
        Finding::Proven => Verdict::Passed,
        Finding::Refuted { message, body } => {
            Verdict::Failed { kind: "refuted".to_owned(), message: text(message), body: text(body) }
        }
        Finding::NotRun { code, message } => {
            Verdict::Error { kind: code.clone(), message: text(message), body: String::new() }
        }
        Finding::NotJudged { why } => Verdict::Skipped { message: text(why) },
    }
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
