//! Loads manifests: all files, all documents, all errors.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::document::{self, Declared};
use super::report::{Findings, Report};
use super::source::Source;
use super::values::{Substitution, Values};
use super::yaml::{self, Mark};
use super::{codes, find, limits, parallel, validate};
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
    let workers = parallel::workers();
    let sources = find::sources(paths, workers, &mut findings);
    load_sources(&sources, values, workers, findings)
}

/// Loads texts that were found.
pub(super) fn load_sources(
    sources: &[Source],
    values: &Values,
    workers: usize,
    findings: Findings,
) -> Result<Loaded, Vec<Diagnostic>> {
    load_at_most(MOST, sources, values, workers, findings)
}

/// Loads at most so much, by so many threads; their number makes no difference to the result.
pub(super) fn load_at_most(
    most: Counts,
    sources: &[Source],
    values: &Values,
    workers: usize,
    mut findings: Findings,
) -> Result<Loaded, Vec<Diagnostic>> {
    let mut substituted = BTreeMap::new();
    let mut counts = Counts::default();
    let mut objects = Vec::new();
    let mut parts = parts(most, sources, values, workers, &findings).into_iter();
    for source in sources {
        if findings.is_full() {
            break;
        }
        let found = match parts.next() {
            Some(part) if counts.and(part.counts).fits(most) => {
                counts = counts.and(part.counts);
                findings.append(part.findings);
                part.objects
            }
            // Somewhere in this file a limit lies, or before it: it is read again, up to there.
            _ => {
                source.is_read_again();
                read(most, source, values, &mut counts, &mut Report::new(source, &mut findings))
            }
        };
        for (declared, fields) in found {
            if !fields.is_empty() {
                substituted.insert(declared.desired.address.clone(), fields);
            }
            objects.push((source, declared));
        }
        if let Some(limit) = counts.exceeded(most) {
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

/// An object, and the fields of it that hold a value of the profile.
type Found = (Declared, BTreeSet<String>);

/// What one file gave, read as if it were the only one.
struct Part {
    objects: Vec<Found>,
    counts: Counts,
    findings: Findings,
}

/// Reads each text, until a limit of the whole load is reached.
fn parts(
    most: Counts,
    sources: &[Source],
    values: &Values,
    workers: usize,
    findings: &Findings,
) -> Vec<Part> {
    let errors = AtomicUsize::new(findings.errors());
    let (documents, nodes, put_in) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let one = |source: &Source| {
        let (mut counts, mut findings) = (Counts::default(), Findings::default());
        let objects = read(most, source, values, &mut counts, &mut Report::new(source, &mut findings));
        errors.fetch_add(findings.errors(), Ordering::Relaxed);
        documents.fetch_add(counts.documents, Ordering::Relaxed);
        nodes.fetch_add(counts.nodes, Ordering::Relaxed);
        put_in.fetch_add(counts.put_in, Ordering::Relaxed);
        Part { objects, counts, findings }
    };
    let goes_on = || {
        let so_far = Counts {
            documents: documents.load(Ordering::Relaxed),
            nodes: nodes.load(Ordering::Relaxed),
            put_in: put_in.load(Ordering::Relaxed),
        };
        errors.load(Ordering::Relaxed) < limits::ERRORS && so_far.fits(most)
    };
    parallel::in_order(sources, workers, one, goes_on)
}

/// How much is read before the rest is refused.
const MOST: Counts =
    Counts { documents: limits::DOCUMENTS, nodes: limits::NODES, put_in: limits::TOTAL_BYTES };

/// How much was read, or may be.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) documents: usize,
    pub(super) nodes: usize,
    /// Bytes of values that were put in.
    pub(super) put_in: usize,
}

impl Counts {
    fn and(self, more: Self) -> Self {
        Self {
            documents: self.documents + more.documents,
            nodes: self.nodes + more.nodes,
            put_in: self.put_in + more.put_in,
        }
    }

    fn fits(self, most: Self) -> bool {
        self.exceeded(most).is_none() && self.put_in <= most.put_in
    }

    /// What ends the load. A value that is too much does not: it is an error where it stands.
    fn exceeded(self, most: Self) -> Option<String> {
        if self.documents > most.documents {
            return Some(format!("{} documents", most.documents));
        }
        (self.nodes > most.nodes).then(|| format!("{} values and keys", most.nodes))
    }
}

/// The objects of a file.
fn read(
    most: Counts,
    source: &Source,
    values: &Values,
    counts: &mut Counts,
    report: &mut Report<'_>,
) -> Vec<Found> {
    let mut objects = Vec::new();
    let mut substitution = Substitution::new(values, most.put_in.saturating_sub(counts.put_in));
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
        if counts.exceeded(most).is_some() {
            break;
        }
    }
    counts.put_in = most.put_in.saturating_sub(substitution.left());
    objects
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_documents_and_values_as_the_limits_say_and_no_more() {
        let exceeded = |documents, nodes| Counts { documents, nodes, put_in: 0 }.exceeded(MOST);
        assert_eq!(exceeded(limits::DOCUMENTS, limits::NODES), None);
        assert_eq!(exceeded(limits::DOCUMENTS + 1, 0), Some("100000 documents".to_owned()));
        assert_eq!(exceeded(0, limits::NODES + 1), Some("10000000 values and keys".to_owned()));
    }
}
