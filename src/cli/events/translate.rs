//! From what happened to what is told: each record with its sentence for a person.

use std::time::Duration;

use super::record::{
    ChangeSummary, Compared, Diagnostic, Drift, Error, Heartbeat, Notice, Outcome, PlannedChange,
    ReadComplete, ReadStart, Record, Retry, RowResult, RunEnd, Severity, Shown, Source, Told, Transition,
    VERSION, Version, WaitProgress,
};
use super::stream::Known;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::render::drift::Standing;
use crate::cli::render::progress::Tally;
use crate::cli::render::summary::{count, time};
use crate::cli::render::words;
use crate::domain::address::Kind;
use crate::domain::diagnostic;
use crate::domain::field::FieldValue;
use crate::domain::journal::RunId;
use crate::domain::natural_key::Scope;
use crate::domain::plan::{Change, Counts, FieldVerdict, Plan, Row};
use crate::ports::event_sink::Event;

pub(super) fn told(record: Record, message: impl Into<String>) -> Told {
    Told { record, message: message.into() }
}

/// Seconds, to the millisecond.
pub(super) fn seconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1000.0).round() / 1000.0
}

pub(super) fn version(run: &RunId, command: &str) -> Told {
    let tool = env!("CARGO_PKG_VERSION");
    let message = format!("reconcile {tool}: {command}, run {run}");
    let version = Version {
        schema: VERSION.to_owned(),
        tool: tool.to_owned(),
        run: run.0.clone(),
        command: command.to_owned(),
    };
    told(Record::Version(version), message)
}

/// What the engine tells.
pub(super) fn event(event: Event) -> Told {
    match event {
        Event::ReadStarted { scope } => {
            told(Record::ReadStart(ReadStart { scope: word(&scope) }), format!("listing {scope}"))
        }
        Event::ReadCompleted { scope, objects, attempts, took } => {
            let message = format!("{scope}: {} in {}", count(objects, "object"), time(took));
            let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
            told(Record::ReadComplete(ReadComplete { scope: word(&scope), objects, attempts, ms }), message)
        }
        Event::Retry { operation, message, attempt, of, pause } => {
            let text = format!("{message}; attempt {attempt} of {of} in {}", time(pause));
            let operation = operation.to_owned();
            told(Record::Retry(Retry { operation, attempt, of, pause_seconds: seconds(pause) }), text)
        }
        Event::Transition { address, state, elapsed } => {
            let message = format!("{address}: {} after {}", state.as_str(), time(elapsed));
            let (address, state) = (address.to_string(), state.as_str().to_owned());
            let transition = Transition { address, state, elapsed_seconds: seconds(elapsed) };
            told(Record::Transition(transition), message)
        }
        Event::Reported { address, state, message, elapsed, deadline } => {
            let text = format!("{address}: {state} after {} of {}", time(elapsed), time(deadline));
            let progress = WaitProgress {
                address: address.to_string(),
                state,
                explanation: message,
                elapsed_seconds: seconds(elapsed),
                deadline_seconds: seconds(deadline),
            };
            told(Record::WaitProgress(progress), text)
        }
        Event::Succeeded { address } => {
            let text = format!("{address}: done");
            told(row_result(address.to_string(), Outcome::Done, None), text)
        }
        Event::Failed { address, message } => {
            let text = format!("{address}: failed: {message}");
            told(row_result(address.to_string(), Outcome::Failed, Some(message)), text)
        }
        Event::Skipped { address, message } => {
            let text = format!("{address}: skipped: {message}");
            told(row_result(address.to_string(), Outcome::Skipped, Some(message)), text)
        }
        Event::Notice { address, message } => {
            let text = format!("{address}: {message}");
            told(Record::Notice(Notice { address: Some(address.to_string()) }), text)
        }
    }
}

/// A scope as `list` takes it.
fn word(scope: &Scope) -> String {
    match scope {
        Scope::FlinkNamespace { .. } => scope.to_string(),
        Scope::Stores => Kind::Store.as_str().to_owned(),
    }
}

fn row_result(address: String, result: Outcome, reason: Option<String>) -> Record {
    Record::RowResult(RowResult { address, result, reason })
}

/// Worth knowing, about no object in particular.
pub(crate) fn notice(text: &str) -> Told {
    told(Record::Notice(Notice { address: None }), text)
}

/// A diagnostic with its main place. Source lines are left out: they may hold what nobody should read.
pub(crate) fn diagnostic(diagnostic: &diagnostic::Diagnostic) -> Told {
    let place = diagnostic.labels.first().map(|label| &label.span);
    let record = Diagnostic {
        code: diagnostic.code.to_string(),
        severity: match diagnostic.severity {
            diagnostic::Severity::Error => Severity::Error,
            diagnostic::Severity::Warning => Severity::Warning,
        },
        file: place.map(|span| span.file.clone()),
        line: place.map(|span| span.line),
        column: place.map(|span| span.column),
        help: diagnostic.help.clone(),
    };
    told(Record::Diagnostic(record), diagnostic.message.clone())
}

/// The rows of a plan that are not simply kept.
pub(crate) fn planned_change(row: &Row) -> Option<Told> {
    if row.change == Change::Keep && row.renamed_from.is_none() {
        return None;
    }
    let action = words::change(row);
    let source = row.origin.as_ref();
    let record = PlannedChange {
        address: row.address.to_string(),
        id: row.key.to_string(),
        action: action.to_owned(),
        reasons: words::reasons(row),
        renamed_from: row.renamed_from.as_ref().map(ToString::to_string),
        source: source.map(|at| Source { file: at.file.clone(), line: at.line, column: at.column }),
        fields: row.fields.iter().map(field).collect(),
    };
    Some(told(Record::PlannedChange(record), format!("{}: {action}", row.address)))
}

fn field(verdict: &FieldVerdict) -> Compared {
    let FieldVerdict { field, word, desired, recorded, live, forces, costs } = verdict;
    Compared {
        field: field.clone(),
        verdict: word.as_str().to_owned(),
        desired: desired.as_ref().map(shown),
        recorded: recorded.as_ref().map(shown),
        live: live.as_ref().map(shown),
        forces_replacement: *forces,
        costs_requests: *costs,
    }
}

fn shown(value: &FieldValue) -> Shown {
    match value {
        FieldValue::Flag(flag) => Shown::Flag(*flag),
        FieldValue::Text(text) => Shown::Text(text.clone()),
        FieldValue::Set(items) => Shown::Set(items.iter().cloned().collect()),
        FieldValue::Sealed(print) => Shown::Sealed { fingerprint: print.fingerprint.clone() },
    }
}

pub(crate) fn change_summary(plan: &Plan) -> Told {
    let Counts { add, change, replace, destroy, forget, blocked, unchanged, not_selected } = plan.counts();
    let message = format!(
        "{add} to add, {change} to change, {replace} to replace, {destroy} to destroy, {forget} to forget, {blocked} \
         blocked, {unchanged} unchanged, {not_selected} not selected"
    );
    let writes = plan.writes();
    let summary =
        ChangeSummary { add, change, replace, destroy, forget, blocked, unchanged, not_selected, writes };
    told(Record::ChangeSummary(summary), message)
}

/// An object that moved since it was applied, or of which nobody can say.
pub(crate) fn drift(standing: &Standing) -> Option<Told> {
    let state = standing.state_word();
    if !standing.has_moved() && state != "unverifiable" {
        return None;
    }
    let address = standing.address().to_string();
    let message = format!("{address}: {}", if state == "present" { "drifted" } else { state });
    let record = Drift {
        address,
        id: standing.key().to_string(),
        state: state.to_owned(),
        fields: standing.fields().iter().map(field).collect(),
    };
    Some(told(Record::Drift(record), message))
}

pub(super) fn heartbeat(elapsed: Duration, tally: Tally) -> Told {
    let Tally { reading, total, done, under_way } = tally;
    let heartbeat = Heartbeat { elapsed_seconds: seconds(elapsed), reading, total, done, under_way };
    told(Record::Heartbeat(heartbeat), format!("still at work after {}{tally}", time(elapsed)))
}

pub(super) fn error(error: &CliError) -> Told {
    let record = Error { hint: error.hint(), exit: error.exit().code() };
    told(Record::Error(record), error.message())
}

pub(super) fn run_end(exit: Exit, known: Known) -> Told {
    let Known { converged, serial } = known;
    let exit = exit.code();
    told(Record::RunEnd(RunEnd { exit, converged, serial }), format!("ended with exit code {exit}"))
}
