//! Accepts drift into a manifest file: each wanted value is written where the old one stands (features 1.4).
//!
//! Promises: the new text says exactly the wanted values and otherwise what the old one said, proven by reading both; a
//! value for which that cannot be proven is left alone, with the reason. Nothing is written here.

use std::path::Path;

use super::document::{self, Document};
use super::edit::{self, Obstacle};
use super::report::{Findings, Report};
use super::rewrite::Rewrite;
use super::source::Source;
use super::values::{Substitution, Values, escaped};
use super::yaml::{Mark, Node, Value};
use super::{codes, limits, proof};
use crate::domain::address::Address;
use crate::domain::diagnostic::{Diagnostic, Severity};
use crate::domain::field::FieldValue;
use crate::platform::fs;

/// A value that a manifest is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The object.
    pub address: Address,
    /// The field below `spec`, by its path: `kafka.uris`.
    pub field: String,
    /// The value.
    pub value: FieldValue,
}

/// What becomes of a file.
#[derive(Debug)]
pub struct Acceptance {
    /// The file with every value that can be written; without a change when none can.
    pub rewrite: Rewrite,
    /// The objects and fields of those values.
    pub accepted: Vec<(Address, String)>,
    /// Why the others are left alone (`RC0157`), each with its place.
    pub left: Vec<Diagnostic>,
}

/// Why a value is left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Reason {
    #[error("the file was changed while this command ran")]
    Gone,
    #[error("its value comes from somewhere else: write the new one there")]
    Elsewhere,
    #[error("it is a block text, which is not edited")]
    BlockText,
    #[error("a comment belongs to what would change or go")]
    Comment,
    #[error("it is not written in a form that is edited")]
    Form,
    #[error("the file would not say exactly this and otherwise the same")]
    Unproven,
}

impl From<Obstacle> for Reason {
    fn from(obstacle: Obstacle) -> Self {
        match obstacle {
            Obstacle::BlockText => Reason::BlockText,
            Obstacle::Comment => Reason::Comment,
            Obstacle::Form => Reason::Form,
        }
    }
}

/// Writes what is wished into the text of a file, whose manifests hold these values.
///
/// # Errors
/// The file cannot be read.
pub fn accept(path: &Path, wishes: &[Wish], values: &Values) -> Result<Acceptance, Vec<Diagnostic>> {
    let mut findings = Findings::default();
    let read =
        fs::read(path, limits::FILE_BYTES).map_err(|error| super::find::unreadable(&error, &mut findings));
    let read = read.ok().and_then(|bytes| {
        Some((super::find::text(super::find::shown(path), bytes.clone(), &mut findings)?, bytes))
    });
    findings.into_warnings()?;
    let Some((mut source, bytes)) = read else { return Err(Vec::new()) };
    let (mut accepted, mut left) = (Vec::new(), Vec::new());
    for wish in wishes {
        match with(&source, wish, values) {
            Ok(changed) => {
                accepted.push((wish.address.clone(), wish.field.clone()));
                source = changed;
            }
            Err((reason, mark)) => left.push(told(&source, wish, reason, mark)),
        }
    }
    let bom = if bytes.starts_with("\u{feff}".as_bytes()) { "\u{feff}" } else { "" };
    let rewrite = Rewrite::new(path.to_owned(), bytes, format!("{bom}{}", source.text()));
    Ok(Acceptance { rewrite, accepted, left })
}

fn told(source: &Source, wish: &Wish, reason: Reason, mark: Option<Mark>) -> Diagnostic {
    Diagnostic {
        code: codes::NOT_ACCEPTED,
        severity: Severity::Warning,
        message: format!("`spec.{}` of {} is left alone: {reason}", wish.field, wish.address),
        labels: mark.map(|mark| source.label(mark, "stays")).into_iter().collect(),
        help: Some(format!("live is {}", wish.value)),
    }
}

/// The text in which one value is the wanted one.
pub(super) fn with(source: &Source, wish: &Wish, values: &Values) -> Result<Source, (Reason, Option<Mark>)> {
    let path: Vec<&str> = std::iter::once("spec").chain(wish.field.split('.')).collect();
    let documents = proof::documents(source).ok_or((Reason::Gone, None))?;
    let index =
        documents.iter().position(|node| is_about(node, &wish.address)).ok_or((Reason::Gone, None))?;
    let node = documents.get(index).and_then(|node| at(node, &path)).ok_or((Reason::Elsewhere, None))?;
    let because = |reason: Reason| (reason, Some(node.mark));
    if has_placeholder(node) {
        return Err(because(Reason::Elsewhere));
    }
    let text =
        edit::set(source, node, &as_written(&wish.value)).map_err(|obstacle| because(obstacle.into()))?;
    let changed =
        Source::new(source.name().to_owned(), text.into_bytes()).ok().map(|it| it.below(source.folder()));
    changed
        .filter(|changed| {
            says(changed, index, wish, values)
                && is_same_otherwise((source, &documents), changed, index, &path)
        })
        .ok_or(because(Reason::Unproven))
}

/// The value as it stands in a manifest.
fn as_written(value: &FieldValue) -> FieldValue {
    match value {
        FieldValue::Text(text) => FieldValue::Text(escaped(text)),
        FieldValue::Set(items) => FieldValue::Set(items.iter().map(|item| escaped(item)).collect()),
        FieldValue::Flag(_) | FieldValue::Sealed(_) => value.clone(),
    }
}

/// Whether a document declares this object.
fn is_about(document: &Node, address: &Address) -> bool {
    let is = |path: &[&str], wanted: &str| {
        at(document, path).is_some_and(|node| node.value == Value::Text(wanted.to_owned()))
    };
    is(&["kind"], address.kind.as_str()) && is(&["metadata", "name"], address.name.as_str())
}

/// The value at a path.
fn at<'a>(node: &'a Node, path: &[&str]) -> Option<&'a Node> {
    path.iter().try_fold(node, |node, name| match &node.value {
        Value::Map(entries) => entries
            .iter()
            .find(|(key, _)| key.value == Value::Text((*name).to_owned()))
            .map(|(_, value)| value),
        _ => None,
    })
}

/// Whether `${…}` stands in the value.
fn has_placeholder(node: &Node) -> bool {
    match &node.value {
        Value::Text(text) => text.contains("${"),
        Value::List(items) => items.iter().any(has_placeholder),
        _ => false,
    }
}

/// Whether the changed document is a manifest without an error, and declares the wanted value.
fn says(changed: &Source, index: usize, wish: &Wish, values: &Values) -> bool {
    let mut findings = Findings::default();
    let document = proof::documents(changed).and_then(|documents| documents.into_iter().nth(index));
    let declared = document.and_then(|mut node| {
        let mut report = Report::new(changed, &mut findings);
        Substitution::new(values, limits::TOTAL_BYTES).document(&mut node, &mut report);
        document::read(node, &mut report)
    });
    let value = declared.and_then(|declared| match declared {
        Document::Object(declared) => declared.desired.spec.fields().remove(&wish.field),
        Document::Suite(_) => None,
    });
    findings.errors() == 0 && value.as_ref() == Some(&wish.value)
}

/// Whether every document says the same, but for one value in one of them.
fn is_same_otherwise(
    (source, old): (&Source, &[Node]),
    changed: &Source,
    index: usize,
    path: &[&str],
) -> bool {
    proof::documents(changed).is_some_and(|new| {
        proof::has_same_comments(source, changed)
            && old.len() == new.len()
            && old.iter().zip(&new).enumerate().all(|(number, (old, new))| {
                let except = (number == index).then_some(path);
                proof::is_equal((source, old), (changed, new), except)
            })
    })
}
