//! One check: what was looked at, what was found, and what to do about it.

use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::domain::diagnostic::{Diagnostic, Severity};

/// One check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Check {
    /// What was looked at; a stable word for machines.
    pub(crate) name: &'static str,
    /// Which one, where there are several.
    pub(crate) subject: Option<String>,
    /// What was found, in one line, without any secret.
    pub(crate) fact: String,
    /// How it stands.
    pub(crate) verdict: Verdict,
}

/// How a check stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// As it should be.
    Ok,
    /// Nothing is hindered, but somebody should know.
    Warn {
        /// What to do.
        remedy: String,
    },
    /// Something will not work.
    Fail {
        /// What to do.
        remedy: String,
        /// How a command that needs it would end.
        exit: Exit,
    },
}

impl Check {
    /// As it should be.
    pub(crate) fn ok(name: &'static str, fact: impl Into<String>) -> Self {
        Self { name, subject: None, fact: fact.into(), verdict: Verdict::Ok }
    }

    /// Worth knowing.
    pub(crate) fn warn(name: &'static str, fact: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { verdict: Verdict::Warn { remedy: remedy.into() }, ..Self::ok(name, fact) }
    }

    /// Something will not work.
    pub(crate) fn fail(
        name: &'static str,
        fact: impl Into<String>,
        remedy: impl Into<String>,
        exit: Exit,
    ) -> Self {
        Self { verdict: Verdict::Fail { remedy: remedy.into(), exit }, ..Self::ok(name, fact) }
    }

    /// What a command would have ended with; the error's own remedy wins over the given one.
    pub(crate) fn error(name: &'static str, error: &CliError, remedy: &str) -> Self {
        let message = first_of(error.diagnostics()).unwrap_or_else(|| error.message());
        let fact: Vec<String> = std::iter::once(message).chain(error.causes()).collect();
        Self::fail(name, fact.join(": "), error.hint().unwrap_or_else(|| remedy.to_owned()), error.exit())
    }

    /// The same, about this one of several.
    #[must_use]
    pub(crate) fn about(self, subject: &(impl ToString + ?Sized)) -> Self {
        Self { subject: Some(subject.to_string()), ..self }
    }
}

/// The first error with its place, and how many there are beside it.
fn first_of(diagnostics: &[Diagnostic]) -> Option<String> {
    let mut errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
    let first = errors.next()?;
    let span = first.labels.first().map(|label| &label.span);
    let place = span.map(|span| format!("{}:{}:{}: ", span.file, span.line, span.column)).unwrap_or_default();
    let more = match errors.count() {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    Some(format!("{place}{}: {}{more}", first.code, first.message))
}

/// How `doctor` ends: success when nothing failed; 69 or 77 when that is all that failed; else 1.
pub(crate) fn exit(checks: &[Check]) -> Exit {
    let mut failures = checks.iter().filter_map(|check| match check.verdict {
        Verdict::Fail { exit, .. } => Some(exit),
        Verdict::Ok | Verdict::Warn { .. } => None,
    });
    match failures.next() {
        None => Exit::Success,
        Some(first @ (Exit::Unavailable | Exit::Auth)) if failures.all(|exit| exit == first) => first,
        Some(_) => Exit::Error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_its_own_needs_that_nothing_else_failed() {
        let of = |exits: &[Exit]| {
            let mut checks = vec![Check::ok("a", ""), Check::warn("b", "", "")];
            checks.extend(exits.iter().map(|code| Check::fail("c", "", "", *code)));
            exit(&checks)
        };
        assert_eq!(of(&[]), Exit::Success);
        assert_eq!(of(&[Exit::Auth, Exit::Auth]), Exit::Auth);
        assert_eq!(of(&[Exit::Unavailable]), Exit::Unavailable);
        assert_eq!(of(&[Exit::Unavailable, Exit::Auth]), Exit::Error);
        assert_eq!(of(&[Exit::Auth, Exit::Error]), Exit::Error);
        assert_eq!(of(&[Exit::Manifest]), Exit::Error);
    }
}
