//! Tests of loading as a whole. Each file looks at one promise.

mod canary;
mod coverage;
mod examples;
mod fields;
mod files;
mod following;
mod format;
mod identities;
mod incremental;
mod independent;
mod meaning;
mod parallel;
mod profiles;
mod secrets;
mod store_meaning;
mod stores;
mod suite_round_trip;
mod suite_written;
mod suites;
mod traps;
mod values;
mod write;

use super::find;
use super::load::{Loaded, load_sources};
use super::report::Findings;
use super::source::Source;
use super::values::Values;
use crate::domain::diagnostic::Diagnostic;

/// A connector manifest that is valid as it stands; `{}` is its name.
const VALID: &str = "\
apiVersion: reconcile/v1
kind: FlinkConnector
metadata:
  name: orders
spec:
  workspaceId: ws-1
  namespaceName: default
  connectorName: orders
  connectorType: orders-type
  jarUrl: oss://bucket/orders.jar
";

/// The valid manifest with another name, key and type.
fn manifest(name: &str) -> String {
    VALID.replace("orders", name)
}

/// The valid manifest with lines added at its end.
fn valid_with(lines: &str) -> String {
    format!("{VALID}{lines}")
}

fn load_text(text: &str) -> Result<Loaded, Vec<Diagnostic>> {
    load_texts(&[("m.yaml", text)])
}

pub(super) fn load_texts(files: &[(&str, &str)]) -> Result<Loaded, Vec<Diagnostic>> {
    let mut findings = Findings::default();
    let text = |(name, text): &(&str, &str)| find::text((*name).into(), (*text).into(), &mut findings);
    let sources: Vec<Source> = files.iter().filter_map(text).collect();
    load_sources(&sources, &Values::default(), 1, findings)
}

/// Code, line and column of everything that is wrong with a text: `RC0107 3:5`.
fn places(text: &str) -> Vec<String> {
    load_text(text).map_or_else(|found| found.iter().map(place).collect(), |_| Vec::new())
}

fn place(diagnostic: &Diagnostic) -> String {
    match diagnostic.labels.first() {
        Some(label) => format!("{} {}:{}", diagnostic.code, label.span.line, label.span.column),
        None => diagnostic.code.to_string(),
    }
}

/// The only diagnostic of a text.
#[track_caller]
fn only(text: &str) -> Diagnostic {
    let mut found = load_text(text).expect_err("the text was accepted");
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}
