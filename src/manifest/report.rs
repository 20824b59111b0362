//! Collects what is wrong, so that a user sees all of it at once.

use super::source::Source;
use super::yaml::{Mark, Problem, Unreadable};
use super::{codes, limits, veil};
use crate::domain::diagnostic::{Code, Diagnostic, Label, Severity};

/// What was found while loading.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Findings {
    errors: Vec<Diagnostic>,
    warnings: Vec<Diagnostic>,
}

impl Findings {
    /// Adds an error that is about no place in a text.
    pub(super) fn error(&mut self, code: Code, message: String, labels: Vec<Label>, help: Option<String>) {
        if !self.is_full() {
            self.errors.push(Diagnostic { code, severity: Severity::Error, message, labels, help });
        }
    }

    /// Whether so much is wrong that looking further helps nobody.
    pub(super) fn is_full(&self) -> bool {
        self.errors.len() >= limits::ERRORS
    }

    /// How many errors there are.
    pub(super) fn errors(&self) -> usize {
        self.errors.len()
    }

    /// Adds what was found elsewhere, as if it had been found here.
    pub(super) fn append(&mut self, other: Self) {
        let room = |kept: usize| limits::ERRORS.saturating_sub(kept);
        self.errors.extend(other.errors.into_iter().take(room(self.errors.len())));
        self.warnings.extend(other.warnings.into_iter().take(room(self.warnings.len())));
    }

    /// The warnings; or, when there are errors, everything, ordered by place.
    ///
    /// # Errors
    /// Everything that was found, when at least one error is in it.
    pub(super) fn into_warnings(self) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
        let full = self.is_full();
        let place = |diagnostic: &Diagnostic| diagnostic.labels.first().map(|label| label.span.clone());
        let mut warnings = self.warnings;
        if self.errors.is_empty() {
            warnings.sort_by_cached_key(place);
            return Ok(warnings);
        }
        let mut all = self.errors;
        all.append(&mut warnings);
        all.sort_by_cached_key(place);
        if full {
            all.push(Diagnostic {
                code: codes::TOO_MANY_ERRORS,
                severity: Severity::Error,
                message: format!("stopped after {} errors", limits::ERRORS),
                labels: Vec::new(),
                help: None,
            });
        }
        Err(all)
    }
}

/// The findings of one file. Its methods return `None`, so that a reader can say "reported" in one expression.
#[derive(Debug)]
pub(super) struct Report<'a> {
    source: &'a Source,
    findings: &'a mut Findings,
    /// Whether the document that is read now was seen to hold no secret.
    is_plain: bool,
}

impl<'a> Report<'a> {
    /// Collects for this file.
    pub(super) fn new(source: &'a Source, findings: &'a mut Findings) -> Self {
        Self { source, findings, is_plain: false }
    }

    /// From now on a document is read of which it is known whether it can hold a secret at all.
    pub(super) fn begin(&mut self, is_plain: bool) {
        self.is_plain = is_plain;
    }

    fn is_veiled(&self, mark: Mark) -> bool {
        !self.is_plain && self.source.is_veiled(mark)
    }

    /// The file.
    pub(super) fn source(&self) -> &'a Source {
        self.source
    }

    /// A key, as a message may show it: in a document that may hold secrets, what stands where a key should be may be
    /// the rest of a password.
    pub(super) fn key<'t>(&self, mark: Mark, key: &'t str) -> &'t str {
        if !self.is_veiled(mark) || veil::is_key(key) { key } else { veil::HIDDEN }
    }

    /// A value, as a message may show it: in a document that may hold secrets only if it resembles what is allowed.
    pub(super) fn value<'t, 'c>(
        &self,
        mark: Mark,
        value: &'t str,
        allowed: impl IntoIterator<Item = &'c str>,
    ) -> &'t str {
        if !self.is_veiled(mark) || veil::resembles(value, allowed) { value } else { veil::HIDDEN }
    }

    /// What is written at the marked place, as a message may show it.
    pub(super) fn written(&self, mark: Mark) -> String {
        let written = self.source.slice(mark);
        self.value(mark, &written, []).to_owned()
    }

    /// A message that repeats a value, as it may be shown.
    pub(super) fn about(&self, mark: Mark, value: &str, message: &impl ToString) -> String {
        message.to_string().replace(value, self.value(mark, value, []))
    }

    /// Adds an error at a place.
    pub(super) fn error<T>(
        &mut self,
        code: Code,
        mark: Mark,
        message: String,
        label: impl Into<String>,
        help: Option<String>,
    ) -> Option<T> {
        if !self.findings.is_full() {
            let label = self.source.label_behind(self.is_veiled(mark), mark, label);
            self.findings.error(code, message, vec![label], help);
        }
        None
    }

    /// Adds an error at a place whose line is not shown, because it holds something secret.
    pub(super) fn error_unseen<T>(
        &mut self,
        code: Code,
        mark: Mark,
        message: String,
        help: Option<String>,
    ) -> Option<T> {
        let label = Label { source: None, ..self.source.label(mark, "") };
        self.findings.error(code, message, vec![label], help);
        None
    }

    /// Adds a warning at a place.
    pub(super) fn warning(&mut self, code: Code, mark: Mark, message: String, label: impl Into<String>) {
        if self.findings.warnings.len() < limits::ERRORS {
            let labels = vec![self.source.label_behind(self.is_veiled(mark), mark, label)];
            let severity = Severity::Warning;
            self.findings.warnings.push(Diagnostic { code, severity, message, labels, help: None });
        }
    }

    /// Reports why a document was not read.
    pub(super) fn unreadable(&mut self, unreadable: Unreadable) {
        let mark = unreadable.mark;
        self.is_plain = false;
        self.source.distrust();
        let (code, message, label, help) = match unreadable.problem {
            Problem::Syntax { words: _, repeats: true } if self.source.is_veiled(mark) => {
                (codes::SYNTAX, "this is not YAML".to_owned(), "here", None)
            }
            Problem::Syntax { words, repeats: _ } => (codes::SYNTAX, words, "here", None),
            Problem::DuplicateKey(key) => {
                let name =
                    key.map_or_else(|| "a key".to_owned(), |key| format!("key `{}`", self.key(mark, &key)));
                let help = "remove one of the two".to_owned();
                (
                    codes::DUPLICATE_KEY,
                    format!("{name} stands twice in one mapping"),
                    "a second time",
                    Some(help),
                )
            }
            Problem::Reference(what) => {
                let help = "write the value out; quote a text that begins with `&` or `*`".to_owned();
                (
                    codes::REFERENCE,
                    format!("{what} refused"),
                    "anchors, aliases and merge keys are refused",
                    Some(help),
                )
            }
            Problem::Tag(name) => {
                let name = name.map(|name| format!(" `{}`", self.value(mark, &name, []))).unwrap_or_default();
                let help = "remove the tag; quote the value if it is text".to_owned();
                (codes::REFERENCE, format!("tag{name} refused"), "tags are refused", Some(help))
            }
            Problem::Limit(limit) => (codes::TOO_LARGE, format!("more than {limit}"), "here", None),
        };
        self.error::<()>(code, mark, message, label, help);
    }
}
