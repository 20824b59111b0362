//! Loads manifests: all files, all documents, all errors.

use std::path::PathBuf;

use super::document::{self, Declared};
use super::report::{Findings, Report};
use super::source::Source;
use super::yaml::{self, Mark};
use super::{codes, find, limits, validate};
use crate::domain::desired::Unresolved;
use crate::domain::diagnostic::Diagnostic;

/// What was loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// What is declared.
    pub desired: Unresolved,
    /// What is worth knowing.
    pub warnings: Vec<Diagnostic>,
    /// How many files were read.
    pub files: usize,
    /// How many documents were in them, empty ones not counted.
    pub documents: usize,
}

/// Loads the manifests in files and folders (FR-001, FR-002; design.md 3).
///
/// Folders are read recursively; hidden names and the project file are left out. A file that is reached twice is read
/// once.
///
/// # Errors
/// Everything that is wrong in any of the files, warnings included, ordered by place. One error is enough: nothing may
/// be planned from a part of the manifests.
pub fn load(paths: &[PathBuf]) -> Result<Loaded, Vec<Diagnostic>> {
    let mut findings = Findings::default();
    let sources = find::sources(paths, &mut findings);
    load_sources(&sources, findings)
}

/// Loads texts that were found.
pub(super) fn load_sources(sources: &[Source], mut findings: Findings) -> Result<Loaded, Vec<Diagnostic>> {
    let mut counts = Counts::default();
    let mut objects = Vec::new();
    for source in sources {
        if findings.is_full() {
            break;
        }
        let found = read(source, &mut counts, &mut Report::new(source, &mut findings));
        objects.extend(found.into_iter().map(|declared| (source, declared)));
        if let Some(limit) = counts.exceeded() {
            let label = source.label(Mark { line: 1, column: 1, length: 0 }, "exceeded in this file");
            let message = format!("more than {limit} in all files together");
            findings.error(
                codes::TOO_LARGE,
                message,
                vec![label],
                Some("load fewer files at once".to_owned()),
            );
            break;
        }
    }
    let complete = findings.errors() == 0;
    let desired = validate::desired_set(objects, complete, &mut findings);
    let warnings = findings.into_warnings()?;
    Ok(Loaded {
        desired: Unresolved::new(desired),
        warnings,
        files: sources.len(),
        documents: counts.documents,
    })
}

/// How much was read so far.
#[derive(Debug, Default)]
struct Counts {
    documents: usize,
    nodes: usize,
}

impl Counts {
    fn exceeded(&self) -> Option<String> {
        if self.documents > limits::DOCUMENTS {
            return Some(format!("{} documents", limits::DOCUMENTS));
        }
        (self.nodes > limits::NODES).then(|| format!("{} values and keys", limits::NODES))
    }
}

fn read(source: &Source, counts: &mut Counts, report: &mut Report<'_>) -> Vec<Declared> {
    let mut objects = Vec::new();
    let mut text = source.text().as_bytes();
    for document in yaml::documents(&mut text) {
        match document {
            Ok(node) => {
                counts.documents += 1;
                counts.nodes += node.count();
                objects.extend(document::read(node, report));
            }
            Err(unreadable) => report.unreadable(unreadable),
        }
        if counts.exceeded().is_some() {
            break;
        }
    }
    objects
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_documents_and_values_as_the_limits_say_and_no_more() {
        let exceeded = |documents, nodes| Counts { documents, nodes }.exceeded();
        assert_eq!(exceeded(limits::DOCUMENTS, limits::NODES), None);
        assert_eq!(exceeded(limits::DOCUMENTS + 1, 0), Some("100000 documents".to_owned()));
        assert_eq!(exceeded(0, limits::NODES + 1), Some("10000000 values and keys".to_owned()));
    }
}
