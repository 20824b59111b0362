//! What a watch says: one line for each pass that did something, failed, or found something new, and nothing twice.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::cli::error::{CliError, tell_diagnostics};
use crate::cli::events::{self, Passed};
use crate::cli::notification::Tally;
use crate::cli::render::words;
use crate::cli::session::Session;
use crate::domain::address::Address;
use crate::domain::diagnostic::Diagnostic;
use crate::domain::plan::{Change, Plan, Row};
use crate::platform::time::time_of_day;

/// Rows that are named below a pass; more are counted.
const NAMED: usize = 16;

/// What was said last, so that it is not said again.
#[derive(Debug, Default)]
pub(super) struct Voice {
    /// How the rows stood that were not as declared.
    picture: BTreeMap<Address, &'static str>,
    diagnostics: Vec<Diagnostic>,
    trouble: Option<String>,
    /// What was wrong is not any more, and nobody has heard of that.
    recovered: bool,
    applied: usize,
    failed: usize,
}

impl Voice {
    /// Diagnostics of a load, errors or warnings, unless they are those of the load before.
    pub(super) fn loaded(&mut self, session: &Session, diagnostics: &[Diagnostic]) {
        if self.diagnostics == diagnostics {
            return;
        }
        for diagnostic in diagnostics {
            session.events.tell(events::diagnostic(diagnostic));
        }
        tell_diagnostics(diagnostics, session.terminal);
        self.recovered |= diagnostics.is_empty();
        self.diagnostics = diagnostics.to_vec();
    }

    /// The plan of a pass, if it shows another picture than the last one. `kept` has no manifest and stays; what the plan is
    /// not about stands as before.
    pub(super) fn planned(
        &mut self,
        session: &Session,
        plan: &Plan,
        kept: &[Row],
        within: Option<&BTreeSet<Address>>,
    ) -> bool {
        let stands = |row: &&Row| row.change != Change::Keep || row.renamed_from.is_some();
        let rows = plan.rows.iter().filter(stands).map(|row| (row.address.clone(), words::change(row)));
        let is_elsewhere = |address: &Address| within.is_some_and(|within| !within.contains(address));
        let mut picture = self.picture.clone();
        picture.retain(|address, _| is_elsewhere(address));
        picture.extend(rows.chain(kept.iter().map(|row| (row.address.clone(), KEPT))));
        let is_new = picture != self.picture;
        if is_new {
            // To the stream alone: a report is about one run that ends, and would grow with every pass.
            let rows = plan.rows.iter().chain(kept).filter_map(events::planned_change);
            rows.for_each(|told| session.events.tell(told));
            session.events.tell(events::change_summary(plan));
        }
        self.picture = picture;
        is_new
    }

    /// How many stand like this of what the last plan was not about.
    pub(super) fn elsewhere(&self, within: &BTreeSet<Address>, how: &str) -> usize {
        let elsewhere = self.picture.iter().filter(|(address, _)| !within.contains(address));
        elsewhere.filter(|(_, word)| **word == how).count()
    }

    /// The rows behind the last picture that nobody hears of otherwise, one line each.
    pub(super) fn rows(&self, session: &Session, which: impl Fn(&str) -> bool) {
        let rows: Vec<_> = self.picture.iter().filter(|(_, word)| which(word)).collect();
        for (address, word) in rows.iter().take(NAMED) {
            session.terminal.say(&format!("  {address}: {word}"));
        }
        if rows.len() > NAMED {
            session.terminal.say(&format!("  … and {} more", rows.len() - NAMED));
        }
    }

    /// A pass ended; the person hears of it if there is something to hear.
    pub(super) fn passed(
        &mut self,
        session: &Session,
        number: u64,
        passed: &Passed,
        took: Duration,
        is_new: bool,
    ) {
        session.events.tell(events::pass_end(number, passed, took));
        let did = passed.applied.is_some_and(|applied| applied > 0) || passed.failed > 0;
        let recovered = std::mem::take(&mut self.recovered) | self.trouble.take().is_some();
        self.applied += passed.applied.unwrap_or(0);
        self.failed += passed.failed;
        if did {
            // What was carried out is not there to be told again; what is left of it comes back by itself.
            self.picture.retain(|_, word| is_left_alone(word));
        }
        if is_new || did || recovered {
            say(session, &passed.line(number, took));
        }
    }

    /// A pass could not be carried out. The same trouble is told once.
    pub(super) fn failed(
        &mut self,
        session: &Session,
        number: u64,
        passed: &Passed,
        took: Duration,
        error: &CliError,
    ) {
        session.events.tell(events::pass_end(number, passed, took));
        if self.trouble != passed.reason {
            say(session, &passed.line(number, took));
            error.tell(session.terminal);
            self.trouble.clone_from(&passed.reason);
        }
    }

    /// The end of the watch.
    pub(super) fn ended(&self, session: &Session, passes: u64, notifications: Tally) {
        if session.common.json {
            let Tally { delivered, failed } = notifications;
            let counts = serde_json::json!({
                "passes": passes, "applied": self.applied, "failed": self.failed,
                "notifications": {"delivered": delivered, "failed": failed},
            });
            session.terminal.data(&crate::cli::render::json::document("watch", counts));
        }
    }
}

/// The word for what has no manifest and stays.
pub(super) const KEPT: &str = "kept without a manifest";

/// The word for what cannot be changed.
pub(super) const BLOCKED: &str = "blocked";

/// Whether a pass that applies leaves such a row as it is.
pub(super) fn is_left_alone(word: &str) -> bool {
    matches!(word, BLOCKED | KEPT)
}

/// A line of its own, with the time of day: data, unless data is one document at the end.
fn say(session: &Session, line: &str) {
    let line = format!("{} {line}", time_of_day());
    if session.common.json {
        session.terminal.say(&line);
    } else {
        session.terminal.data(&format!("{line}\n"));
    }
}
