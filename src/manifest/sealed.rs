//! Reads secrets and files: where they come from, never what they are (design.md 3.4). Fetching is `secrets`.
//!
//! Promises that no diagnostic shows a literal, and that one which no statement could carry is refused here.

use std::path::PathBuf;

use secrecy::SecretString;

use super::object::{Field, Object};
use super::report::Report;
use super::yaml::{Mark, Value};
use super::{codes, decode};
use crate::domain::desired::Origin;
use crate::domain::secret::{Sealed, Source};

const SOURCES: &str = "`fromEnv`, `fromFile` or `fromCommand`";

/// A longer path without a blank is the content of a file that lost its first and last line.
const LONGEST_PATH: usize = 512;

/// Reads a secret: a text, which is itself the secret, or a source.
pub(super) fn secret(field: Field, report: &mut Report<'_>) -> Option<Sealed> {
    if let Value::Map(_) = field.node.value {
        return source(field, "a secret", report);
    }
    let (path, mark) = (field.path.clone(), field.node.mark);
    let text = decode::line(field, report)?;
    let message = format!("`{path}` is a secret and stands in the manifest");
    report.warning(codes::SECRET_LITERAL, mark, message, format!("better: {SOURCES}"));
    Some(Sealed::declared(Source::Literal(SecretString::from(text)), origin(mark, report)))
}

/// Reads a file: a text, which is its path, or a source of its content.
pub(super) fn file(field: Field, report: &mut Report<'_>) -> Option<Sealed> {
    if let Value::Map(_) = field.node.value {
        return source(field, "a file", report);
    }
    let mark = field.node.mark;
    let path = path(field, report)?;
    Some(Sealed::declared(Source::File(path), origin(mark, report)))
}

fn source(field: Field, what: &str, report: &mut Report<'_>) -> Option<Sealed> {
    let (path, mark, at_key) = (field.path.clone(), field.node.mark, field.key);
    let mut object = Object::open(field, what, report)?;
    let variable = object.optional("fromEnv").map(|field| variable(field, report).map(Source::Env));
    let file = object.optional("fromFile").map(|field| self::path(field, report).map(Source::File));
    let command = object.optional("fromCommand").map(|field| command(field, report));
    let is_misspelt = object.has_unknown();
    object.finish(report);
    let mut given = [variable, file, command].into_iter().flatten();
    let problem = match (given.next(), given.next()) {
        (Some(source), None) => return Some(Sealed::declared(source?, origin(mark, report))),
        (Some(_), Some(_)) => "comes from more than one place",
        (None, _) if is_misspelt => return None,
        (None, _) => "comes from nowhere",
    };
    let help = Some(format!("write exactly one of {SOURCES}"));
    report.error(codes::SECRET_SOURCE, at_key, format!("`{path}` {problem}"), "one source is wanted", help)
}

fn origin(mark: Mark, report: &Report<'_>) -> Origin {
    Origin { file: report.source().name().to_owned(), line: mark.line, column: mark.column }
}

/// The name of an environment variable.
pub(super) fn variable(field: Field, report: &mut Report<'_>) -> Option<String> {
    let (path, mark) = (field.path.clone(), field.node.mark);
    let name = decode::line(field, report)?;
    let begins_well = !name.starts_with(|c: char| c.is_ascii_digit());
    if begins_well && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Some(name);
    }
    let message = format!("`{path}` is not the name of a variable");
    let help = "letters, digits and `_`, not beginning with a digit".to_owned();
    report.error(codes::SECRET_SOURCE, mark, message, "not a name", Some(help))
}

/// A path; a relative one begins at the manifest's folder.
fn path(field: Field, report: &mut Report<'_>) -> Option<PathBuf> {
    let (path, mark) = (field.path.clone(), field.node.mark);
    if matches!(&field.node.value, Value::Text(text) if is_content(text)) {
        let message = format!("`{path}` is the content of a file, but its path is wanted");
        let help =
            "write the path of the file, or put the content into a variable: `{fromEnv: NAME}`".to_owned();
        return report.error(codes::NOT_A_PATH, mark, message, "not a path", Some(help));
    }
    let text = decode::line(field, report)?;
    Some(report.source().folder().join(text))
}

fn is_content(text: &str) -> bool {
    text.contains("-----BEGIN") || (text.len() > LONGEST_PATH && !text.contains(' '))
}

/// A program and its arguments.
fn command(field: Field, report: &mut Report<'_>) -> Option<Source> {
    let (path, mark) = (field.path.clone(), field.node.mark);
    let items = decode::list(field, report)?;
    if items.is_empty() {
        let message = format!("`{path}` names no program");
        let help = Some("write [PROGRAM, ARGUMENT, …]".to_owned());
        return report.error(codes::SECRET_SOURCE, mark, message, "empty", help);
    }
    let word = |(index, item)| if index == 0 { decode::line(item, report) } else { argument(item, report) };
    let argv = items.into_iter().enumerate().filter_map(word).collect();
    Some(Source::Command { argv, folder: report.source().folder().to_owned() })
}

/// An argument may be empty or have several lines, but no program can be given a NUL.
fn argument(field: Field, report: &mut Report<'_>) -> Option<String> {
    let (path, mark) = (field.path.clone(), field.node.mark);
    let text = decode::text(field, report)?;
    if text.contains('\0') {
        let message = format!("`{path}` holds a NUL, which no program can be given");
        return report.error(codes::CONTROL_CHARACTER, mark, message, "not an argument", None);
    }
    Some(text)
}
