//! What is told of a pass of `watch`, to the stream and in one line to a person.

use std::time::Duration;

use super::record::{PassEnd, PassStart, Record, Told};
use super::translate::{seconds, told};
use crate::cli::error::CliError;
use crate::cli::render::summary::count;

/// What a pass came to, in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Passed {
    /// Objects that differed.
    pub(crate) changed: usize,
    /// How many of them were applied; `None` where nothing is.
    pub(crate) applied: Option<usize>,
    /// How many of them failed.
    pub(crate) failed: usize,
    /// Objects that cannot be changed.
    pub(crate) blocked: usize,
    /// Objects without a manifest that are kept.
    pub(crate) kept: usize,
    /// Objects that wait for their next try.
    pub(crate) held_back: usize,
    /// Why there was no pass.
    pub(crate) reason: Option<String>,
}

impl Passed {
    /// No pass could be made.
    pub(crate) fn impossible(error: &CliError) -> Self {
        Self { reason: Some(error.message()), ..Self::default() }
    }

    /// One line: `pass 7: 1 changed, 1 applied (0.3 s)`.
    pub(crate) fn line(&self, number: u64, took: Duration) -> String {
        let Self { changed, applied, failed, blocked, kept, held_back, reason } = self;
        let took = format!("({:.1} s)", took.as_secs_f64());
        if let Some(reason) = reason {
            return format!("pass {number}: failed: {reason} {took}");
        }
        let mut parts = match applied {
            _ if *changed == 0 => Vec::new(),
            Some(applied) => vec![format!("{changed} changed, {applied} applied")],
            None => vec![format!("{} not as declared", count(*changed, "object"))],
        };
        let more = [
            (*failed, "failed"),
            (*blocked, "blocked"),
            (*kept, "kept without a manifest"),
            (*held_back, "waiting after a failure"),
        ];
        parts.extend(more.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")));
        let what = if parts.is_empty() { "everything is as declared".to_owned() } else { parts.join(", ") };
        format!("pass {number}: {what} {took}")
    }
}

/// A pass begins.
pub(crate) fn pass_start(pass: u64, cause: &str, files: usize, read: usize) -> Told {
    let message = format!("pass {pass} ({cause}): {}, {read} read", count(files, "file"));
    told(Record::PassStart(PassStart { pass, cause: cause.to_owned(), files, read }), message)
}

/// It ended.
pub(crate) fn pass_end(pass: u64, passed: &Passed, took: Duration) -> Told {
    let message = passed.line(pass, took);
    let Passed { changed, applied, failed, blocked, kept, held_back, reason } = passed.clone();
    let applied = applied.unwrap_or(0);
    let elapsed_seconds = seconds(took);
    let end = PassEnd { pass, changed, applied, failed, blocked, kept, held_back, elapsed_seconds, reason };
    told(Record::PassEnd(end), message)
}
