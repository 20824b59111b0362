//! Fetches secrets and files when they are used (design.md 3.4).
//!
//! Promises: a diagnostic names the object, the field, its place and where the value should have come from. It never
//! shows the value, the arguments of a command or anything that a command prints.

use std::fmt;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::codes;
use super::fingerprint::{Fingerprinter, digest};
use crate::domain::address::Address;
use crate::domain::desired::{Origin, Spec, Unresolved};
use crate::domain::diagnostic::{Code, Diagnostic, Label, Severity, Span};
use crate::domain::field::{FieldRule, ValueType};
use crate::domain::kind::store::Parameter;
use crate::domain::secret::{Sealed, Source};
use crate::domain::suite::SuiteName;
use crate::platform::env::{self, NoValue};
use crate::platform::fs::{self, FsError};
use crate::platform::process::{self, Bounds, ProcessError};

/// No secret is larger, in bytes.
const LIMIT: u64 = 1024 * 1024;

/// What a command may take.
const COMMAND: Bounds = Bounds { deadline: Duration::from_secs(30), output: LIMIT };

/// Why a value was not fetched. Of a command only the program is named: its arguments may hold a secret.
#[derive(Debug, thiserror::Error)]
enum FetchError {
    #[error("the variable {name} {problem}")]
    Variable { name: String, problem: NoValue },
    #[error("{}", with_cause(.0))]
    File(FsError),
    #[error("the command {program} {problem}")]
    Command { program: String, problem: ProcessError },
    #[error("what {from} gave is {problem}")]
    Content { from: Source, problem: Unusable },
}

/// What is wrong with a value that was fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Unusable {
    #[error("empty")]
    Empty,
    #[error("not UTF-8")]
    NotUtf8,
    #[error("more than one line, or holds a control character; no statement carries that")]
    NotALine,
}

fn with_cause(error: &FsError) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

impl FetchError {
    fn code(&self) -> Code {
        match self {
            FetchError::Content { problem: Unusable::NotALine, .. } => codes::CONTROL_CHARACTER,
            FetchError::Variable { .. } | FetchError::Content { from: Source::Env(_), .. } => {
                codes::SECRET_VARIABLE
            }
            FetchError::Command { .. } | FetchError::Content { from: Source::Command { .. }, .. } => {
                codes::SECRET_COMMAND
            }
            FetchError::File(_)
            | FetchError::Content {
                from: Source::File(_) | Source::Literal(_) | Source::LeftBehind, ..
            } => codes::SECRET_FILE,
        }
    }

    fn help(&self) -> &'static str {
        match self.code() {
            codes::CONTROL_CHARACTER => "one line end at its end is taken off; look for a second one",
            codes::SECRET_VARIABLE => "set the variable for this command",
            codes::SECRET_COMMAND => {
                "it runs in the manifest's folder, without a shell; what it prints is never shown"
            }
            _ => "correct the file; a relative path begins at the manifest's folder",
        }
    }
}

/// Whether something declared is a secret, whose fingerprint needs the key of the state.
pub fn need_key(declared: &Unresolved) -> bool {
    declared.declared().values().any(|desired| match &desired.spec {
        Spec::FlinkConnector(_) => false,
        Spec::Store(store) => store.sealed().any(|(parameter, _)| parameter.rule.secret),
    })
}

/// Who wants a value, and what it is.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    object: &'a dyn fmt::Display,
    field: &'a str,
    is_file: bool,
    is_secret: bool,
}

impl<'a> Wanted<'a> {
    /// The value of a store's parameter.
    pub fn parameter(address: &'a Address, parameter: &'static Parameter) -> Self {
        let FieldRule { name, value, secret, .. } = &parameter.rule;
        let is_file = *value == ValueType::Sealed { file: true };
        Self { object: address, field: name, is_file, is_secret: *secret }
    }

    /// The password of a suite's database.
    pub fn password(suite: &'a SuiteName) -> Self {
        Self { object: suite, field: "mysql.password", is_file: false, is_secret: true }
    }
}

/// Fetches a value and takes its fingerprint. One line end at the end of a text is taken off, as editors and commands
/// leave it there; a file stays as it is. Of a literal that stayed behind when a plan was saved, the fingerprint is all
/// there is.
///
/// # Errors
/// Why there is no value, or none that can be sent, at the place where the field stands.
pub fn fetch(wanted: Wanted<'_>, sealed: Sealed, prints: &Fingerprinter) -> Result<Sealed, Diagnostic> {
    match content(sealed.source(), wanted.is_file) {
        Ok(None) => Ok(sealed),
        Ok(Some(content)) => {
            let print = if wanted.is_secret { prints.secret(&content) } else { digest(&content) };
            Ok(sealed.resolved(content, print))
        }
        Err(error) => Err(diagnostic(wanted, sealed.at(), &error)),
    }
}

fn content(source: &Source, is_file: bool) -> Result<Option<SecretString>, FetchError> {
    let bytes = match source {
        // What a statement cannot carry was refused when the manifest was read.
        Source::Literal(text) => return Ok(Some(text.clone())),
        Source::LeftBehind => return Ok(None),
        Source::Env(name) => env::value(name)
            .map_err(|problem| FetchError::Variable { name: name.clone(), problem })?
            .into_bytes(),
        Source::File(path) => fs::read(path, LIMIT).map_err(FetchError::File)?,
        Source::Command { argv, folder } => {
            let (program, arguments) =
                argv.split_first().map_or(("", &[][..]), |(first, rest)| (first, rest));
            process::output_blocking(program, arguments, folder, COMMAND)
                .map_err(|problem| FetchError::Command { program: program.to_owned(), problem })?
        }
    };
    let content = usable(bytes, is_file);
    content.map(Some).map_err(|problem| FetchError::Content { from: source.clone(), problem })
}

/// The bytes as a value that can be sent.
fn usable(bytes: Vec<u8>, is_file: bool) -> Result<SecretString, Unusable> {
    let mut text = String::from_utf8(bytes).map_err(|_bytes| Unusable::NotUtf8)?;
    if !is_file {
        let line = text.strip_suffix("\r\n").or_else(|| text.strip_suffix('\n')).map(str::len);
        text.truncate(line.unwrap_or(text.len()));
    }
    let text = SecretString::from(text);
    let exposed = text.expose_secret();
    if exposed.trim().is_empty() {
        return Err(Unusable::Empty);
    }
    if !is_file && exposed.chars().any(char::is_control) {
        return Err(Unusable::NotALine);
    }
    Ok(text)
}

/// The line is not shown: the place is enough, and it may hold arguments of a command.
fn diagnostic(wanted: Wanted<'_>, at: &Origin, error: &FetchError) -> Diagnostic {
    let Wanted { object, field, .. } = wanted;
    let Origin { file, line, column } = at.clone();
    Diagnostic {
        code: error.code(),
        severity: Severity::Error,
        message: format!("`spec.{field}` of {object}: {error}"),
        labels: vec![Label {
            span: Span { file, line, column, length: 1 },
            source: None,
            text: String::new(),
        }],
        help: Some(error.help().to_owned()),
    }
}
