//! What the person hears while a run is under way and when it has ended.

use std::convert::Infallible;
use std::time::Duration;

use crate::cli::error::CliError;
use crate::cli::events;
use crate::cli::render::style::Style;
use crate::cli::render::summary;
use crate::cli::session::{Planned, Session};
use crate::domain::plan::Change;
use crate::engine::executor::{Report, RowResult};
use crate::state::{LockedState, Rescued};

/// Says that a signal was heard.
pub(super) async fn notice(session: &Session) -> Infallible {
    if session.interrupt.executing().changed().await.is_ok() {
        session.events.note("stopping: what is in flight is finished and saved; Ctrl-C again stops at once");
    }
    std::future::pending().await
}

pub(super) fn tell(
    session: &Session,
    command: &str,
    report: &Report,
    after: Option<&Result<Planned, CliError>>,
    took: Duration,
) {
    let terminal = session.terminal;
    let style = Style::new(terminal.stderr_colour);
    failures(session, report);
    let converged = matches!(after, Some(Ok(after)) if after.plan.steps.is_empty());
    match after {
        Some(Ok(after)) if !converged && report.is_complete() => {
            let rows = after.plan.rows.iter().filter(|row| row.change != Change::Keep);
            let names: Vec<String> = rows.map(|row| row.address.to_string()).collect();
            terminal.insist(&format!(
                "{}: not converged: everything was applied, and live differs again in {}; `reconcile plan` says how",
                style.error("error"),
                names.join(", ")
            ));
        }
        Some(Err(error)) => {
            let fact = "what was applied could not be checked against live:";
            session.events.tell(events::notice(&format!("{fact} {}", error.message())));
            terminal.insist(fact);
            error.tell(terminal);
        }
        _ => {}
    }
    let line = summary::of_run(command, report, converged, took, Style::new(terminal.stdout_colour));
    let plain = || summary::of_run(command, report, converged, took, Style::new(false));
    session.events.learn(|facts| facts.ran(report, plain()));
    if session.common.json {
        terminal.say(&summary::of_run(command, report, converged, took, style));
    } else {
        terminal.data(&format!("{line}\n"));
    }
    let unfinished = report.rows.iter().any(|outcome| outcome.result != RowResult::Done);
    if unfinished {
        terminal.say("Apply again to go on: what became of open requests is looked up first.");
    }
}

/// What failed and what came unasked, object by object.
pub(in crate::cli::commands) fn failures(session: &Session, report: &Report) {
    let terminal = session.terminal;
    let style = Style::new(terminal.stderr_colour);
    let mut hints: Vec<&str> = Vec::new();
    for (address, failure) in report.all_failures() {
        let object = address.map_or_else(String::new, |address| format!("{address}: "));
        terminal.insist(&format!("{}: {object}{}", style.error("error"), failure.message));
        hints.extend(failure.hint.as_deref());
    }
    hints.dedup();
    for hint in hints {
        terminal.insist(&format!("{}: {hint}", style.help("help")));
    }
    for stray in &report.strays {
        terminal.say(&format!(
            "{}: {stray} came with a JAR and nobody declares it; it is recorded as a stray (--delete-strays deletes it)",
            style.change("note")
        ));
    }
    if let Some(failure) = &report.state_failure {
        let source =
            std::error::Error::source(failure).map(|source| format!(": {source}")).unwrap_or_default();
        terminal.insist(&format!("{}: {failure}{source}", style.error("error")));
    }
}

/// Records that the journal did not take are saved elsewhere, or at least shown.
pub(in crate::cli::commands) fn rescue(session: &Session, report: &Report, state: &LockedState) {
    if report.state_failure.is_none() {
        return;
    }
    let Ok(folder) = std::env::current_dir() else { return };
    match state.rescue(&folder) {
        Ok(None) => {}
        Ok(Some(Rescued::File(path))) => {
            session.terminal.insist(&format!("what could not be recorded was saved to {}", path.display()));
        }
        Ok(Some(Rescued::Text { text, refusals: _ })) => {
            session.terminal.insist("what could not be recorded could not be saved either; keep this line:");
            session.terminal.insist(&text);
        }
        Err(error) => {
            session.terminal.insist(&format!("what could not be recorded cannot be shown: {error}"));
        }
    }
}
