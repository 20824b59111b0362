//! Loads manifests: all files, all documents, all errors.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::document::{self, Document};
use super::report::{Findings, Report};
use super::source::Source;
use super::values::{Substitution, Values};
use super::yaml::{self, Mark};
use super::{codes, find, limits, parallel, validate};
use crate::domain::address::Address;
use crate::domain::desired::Unresolved;
use crate::domain::diagnostic::Diagnostic;
use crate::domain::suite::Suites;

/// What was loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// What is declared.
    pub desired: Unresolved,
    /// The suites that are declared beside it. A profile may say otherwise about them: [`Suite::overridden`].
    ///
    /// [`Suite::overridden`]: crate::domain::suite::Suite::overridden
    pub suites: Suites,
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
    findings: Findings,
) -> Result<Loaded, Vec<Diagnostic>> {
    let parts = parts(most, sources, values, workers, &findings);
    let parts = parts.into_iter().map(Some).chain(std::iter::repeat_with(|| None));
    join(most, sources.iter().zip(parts), values, findings)
}

/// Makes one load of what the files gave, each read as if it were the only one. A file that was not read is read now.
pub(super) fn join<'a>(
    most: Counts,
    files: impl Iterator<Item = (&'a Source, Option<Part>)>,
    values: &Values,
    mut findings: Findings,
) -> Result<Loaded, Vec<Diagnostic>> {
    let mut read_files = 0;
    let mut substituted = BTreeMap::new();
    let mut counts = Counts::default();
    let (mut objects, mut suites) = (Vec::new(), Vec::new());
    for (source, part) in files {
        read_files += 1;
        if findings.is_full() {
            break;
        }
        let found = match part {
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
        for (document, fields) in found {
            match document {
                Document::Object(declared) => {
                    if !fields.is_empty() {
                        substituted.insert(declared.desired.address.clone(), fields);
                    }
                    objects.push((source, *declared));
                }
                Document::Suite(declared) => suites.push((source, *declared)),
            }
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
    let (desired, suites) = validate::declared(objects, suites, complete, &mut findings);
    let warnings = findings.into_warnings()?;
    Ok(Loaded {
        desired: Unresolved::new(desired),
        suites,
        substituted,
        warnings,
        files: read_files,
        documents: counts.documents,
    })
}

/// What a document declares, and the fields of it that hold a value of the profile.
pub(super) type Found = (Document, BTreeSet<String>);

/// What one file gave, read as if it were the only one.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) objects: Vec<Found>,
    pub(super) counts: Counts,
    pub(super) findings: Findings,
}

impl Part {
    /// Reads a file.
    pub(super) fn of(most: Counts, source: &Source, values: &Values) -> Self {
        let (mut counts, mut findings) = (Counts::default(), Findings::default());
        let objects = read(most, source, values, &mut counts, &mut Report::new(source, &mut findings));
        Self { objects, counts, findings }
    }
}

/// How much several threads have read together.
#[derive(Debug, Default)]
pub(super) struct Tally {
    errors: AtomicUsize,
    bytes: AtomicUsize,
    documents: AtomicUsize,
    nodes: AtomicUsize,
    put_in: AtomicUsize,
}

impl Tally {
    /// What was found before the first part.
    pub(super) fn add_findings(&self, findings: &Findings) {
        self.errors.fetch_add(findings.errors(), Ordering::Relaxed);
    }

    /// The length of a text.
    pub(super) fn add_text(&self, source: &Source) {
        self.bytes.fetch_add(source.text().len(), Ordering::Relaxed);
    }

    /// What a file gave.
    pub(super) fn add(&self, part: &Part) {
        self.add_findings(&part.findings);
        self.documents.fetch_add(part.counts.documents, Ordering::Relaxed);
        self.nodes.fetch_add(part.counts.nodes, Ordering::Relaxed);
        self.put_in.fetch_add(part.counts.put_in, Ordering::Relaxed);
    }

    /// Whether no limit is reached yet.
    pub(super) fn fits(&self, most: Counts) -> bool {
        let counts = Counts {
            documents: self.documents.load(Ordering::Relaxed),
            nodes: self.nodes.load(Ordering::Relaxed),
            put_in: self.put_in.load(Ordering::Relaxed),
        };
        self.errors.load(Ordering::Relaxed) < limits::ERRORS
            && self.bytes.load(Ordering::Relaxed) <= limits::TOTAL_BYTES
            && counts.fits(most)
    }
}

/// Reads each text, until a limit of the whole load is reached.
fn parts(
    most: Counts,
    sources: &[Source],
    values: &Values,
    workers: usize,
    findings: &Findings,
) -> Vec<Part> {
    let tally = Tally::default();
    tally.add_findings(findings);
    let one = |source: &Source| {
        let part = Part::of(most, source, values);
        tally.add(&part);
        part
    };
    parallel::in_order(sources, workers, one, || tally.fits(most))
}

/// How much is read before the rest is refused.
pub(super) const MOST: Counts =
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
                objects.extend(document::read(node, report).map(|document| (document, fields)));
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
