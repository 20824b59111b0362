//! Formats manifests: one style, comments kept, meaning proven unchanged (docs/adr/0022). The one place that knows the
//! formatter.
//!
//! Promises: a text that was formatted is formatted; a text whose meaning or comments would change is an error, never a
//! result. Each file is judged by itself: a dependency on an object of another file is no reason not to format this one.

use std::io::Read;
use std::path::{Path, PathBuf};

use pretty_yaml::config::{FormatOptions, LanguageOptions, LayoutOptions};

use super::report::{Findings, Report};
use super::rewrite::Rewrite;
use super::source::Source;
use super::values;
use super::yaml;
use super::{codes, document, find, limits, proof};
use crate::domain::diagnostic::Diagnostic;
use crate::platform::fs::{self, FsError};

/// Columns of a line at most, where the formatter may break one.
const WIDTH: usize = 120;

/// Some layouts settle in a second pass; one that needs more than this does not settle.
const PASSES: usize = 5;

/// Formats the manifests in files and folders. Nothing is written; a file that is formatted is in the answer too.
///
/// # Errors
/// Everything that is wrong in any of the files.
pub fn files(paths: &[PathBuf]) -> Result<Vec<Rewrite>, Vec<Diagnostic>> {
    let mut findings = Findings::default();
    let mut rewrites = Vec::new();
    for path in find::files(paths, &mut findings) {
        match fs::read(&path, limits::FILE_BYTES) {
            Ok(bytes) => rewrites.extend(rewrite(&path, bytes, &mut findings)),
            Err(error) => find::unreadable(&error, &mut findings),
        }
    }
    findings.into_warnings()?;
    Ok(rewrites)
}

/// Formats the text that a stream gives. It has this name in messages.
///
/// # Errors
/// Everything that is wrong in it.
pub fn stream(name: &str, stream: impl Read) -> Result<Rewrite, Vec<Diagnostic>> {
    let (path, limit) = (PathBuf::from(name), limits::FILE_BYTES);
    let mut findings = Findings::default();
    let mut bytes = Vec::new();
    let rewrite = match stream.take(limit + 1).read_to_end(&mut bytes) {
        Ok(_) if bytes.len() as u64 <= limit => rewrite(&path, bytes, &mut findings),
        Ok(_) => {
            find::unreadable(&FsError::TooLarge { path, limit }, &mut findings);
            None
        }
        Err(source) => {
            find::unreadable(&FsError::Io { action: "read", path, source }, &mut findings);
            None
        }
    };
    findings.into_warnings()?;
    rewrite.ok_or_else(Vec::new)
}

fn rewrite(path: &Path, bytes: Vec<u8>, findings: &mut Findings) -> Option<Rewrite> {
    let source = find::text(find::shown(path), bytes.clone(), findings)?;
    check(&source, findings);
    if findings.errors() > 0 {
        return None;
    }
    match formatted(&source) {
        Ok(after) => Some(Rewrite::new(path.to_owned(), bytes, after)),
        Err(flaw) => {
            let message = match flaw {
                Flaw::Unreadable(line) => {
                    format!("the formatter cannot read {} from line {line} on", source.name())
                }
                Flaw::Changed => format!("formatting would change what {} says", source.name()),
            };
            let help = "this is a bug of the formatter; nothing was written".to_owned();
            findings.error(codes::NOT_FORMATTED, message, Vec::new(), Some(help));
            None
        }
    }
}

/// What `validate` says about each document by itself. Where values of a profile stand, only a profile can tell.
fn check(source: &Source, findings: &mut Findings) {
    let mut report = Report::new(source, findings);
    let has_values = source.text().contains(values::OPENING);
    for document in yaml::documents(&mut source.text().as_bytes()) {
        match document {
            Ok(_) if has_values => {}
            // Only what is wrong with it matters here.
            Ok(node) => drop(document::read(node, &mut report)),
            Err(unreadable) => report.unreadable(unreadable),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// The formatter does not understand this line.
    Unreadable(u32),
    /// The result does not mean the same, or another pass would change it again.
    Changed,
}

pub(super) fn formatted(source: &Source) -> Result<String, Flaw> {
    let mut text = source.text().replace("\r\n", "\n").replace('\r', "\n");
    for _ in 0..PASSES {
        let next = pass(&text)?;
        if next == text {
            let after = Source::new(source.name().to_owned(), text.into_bytes()).ok().ok_or(Flaw::Changed)?;
            let is_same = proof::is_same(source, &after);
            return if is_same { Ok(after.text().to_owned()) } else { Err(Flaw::Changed) };
        }
        text = next;
    }
    Err(Flaw::Changed)
}

fn pass(text: &str) -> Result<String, Flaw> {
    if text.trim().is_empty() {
        return Ok(String::new());
    }
    let options = FormatOptions {
        layout: LayoutOptions { print_width: WIDTH, ..LayoutOptions::default() },
        language: LanguageOptions { brace_spacing: false, ..LanguageOptions::default() },
    };
    pretty_yaml::format_text(text, &options).map_err(|error| {
        let line = text.get(..error.offset()).unwrap_or_default().matches('\n').count() + 1;
        Flaw::Unreadable(u32::try_from(line).unwrap_or(u32::MAX))
    })
}
