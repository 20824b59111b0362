//! Loads manifests: all files, all documents, all errors.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::document::{self, Declared};
use super::report::{Findings, Report};
use super::source::Source;
use super::values::{Substitution, Values};
use super::yaml::{self, Mark};
use super::{codes, find, limits, validate};
use crate::domain::address::Address;
use crate::domain::desired::Unresolved;
use crate::domain::diagnostic::Diagnostic;

/// What was loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// What is declared.
    pub desired: Unresolved,
    /// The fields into which a value of the profile was put, such as `spec.jarUrl`: what is declared of them is not what
    /// is written in the manifest, so nobody may write it back.
    pub substituted: BTreeMap<Address, BTreeSet<String>>,
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
/// once. Each `${values.NAME}` becomes the value of this name.
///
/// # Errors
/// Everything that is wrong in any of the files, warnings included, ordered by place. One error is enough: nothing may
/// be planned from a part of the manifests.
pub fn load(paths: &[PathBuf], values: &Values) -> Result<Loaded, Vec<Diagnostic>> {
    let mut findings = Findings::default();
    let sources = find::sources(paths, &mut findings);
    load_sources(&sources, values, findings)
}

/// Loads texts that were found.
pub(super) fn load_sources(
    sources: &[Source],
    values: &Values,
    mut findings: Findings,
) -> Result<Loaded, Vec<Diagnostic>> {
    let mut substitution = Substitution::new(values);
    let mut substituted = BTreeMap::new();
    let mut counts = Counts::default();
    let mut objects = Vec::new();
    for source in sources {
        if findings.is_full() {
            break;
        }
        let mut report = Report::new(source, &mut findings);
        for (declared, fields) in read(source, &mut substitution, &mut counts, &mut report) {
            if !fields.is_empty() {
                substituted.insert(declared.desired.address.clone(), fields);
            }
            objects.push((source, declared));
        }
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
        substituted,
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

/// The objects of a file, each with the fields that hold a value of the profile.
fn read(
    source: &Source,
    substitution: &mut Substitution<'_>,
    counts: &mut Counts,
    report: &mut Report<'_>,
) -> Vec<(Declared, BTreeSet<String>)> {
    let mut objects = Vec::new();
    let mut text = source.text().as_bytes();
    for document in yaml::documents(&mut text) {
        match document {
            Ok(mut node) => {
                counts.documents += 1;
                counts.nodes += node.count();
                let fields = substitution.document(&mut node, report);
                objects.extend(document::read(node, report).map(|declared| (declared, fields)));
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
