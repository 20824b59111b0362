//! Carrying out what was approved: execute, look again, and tell what became of it.

use serde_json::json;

use super::tell;
use crate::cli::error::CliError;
use crate::cli::exit::{self, Exit};
use crate::cli::options::{Carrying, Sending};
use crate::cli::render::json;
use crate::cli::session::{Planned, Session};
use crate::domain::desired::{Desired, DesiredSet};
use crate::domain::journal::Recovered;
use crate::domain::plan::Change;
use crate::engine::executor::{Cause, Patience, Report, Settings, execute};
use crate::ports::clock::Clock;
use crate::ports::provider::Provider;
use crate::ports::state_store::StateStore;
use crate::state::LockedState;

/// What is carried out, beside the plan.
pub(in crate::cli::commands) struct Work<'a> {
    pub(in crate::cli::commands) command: &'static str,
    pub(in crate::cli::commands) desired: &'a DesiredSet,
    pub(in crate::cli::commands) pace: (Sending, Carrying),
}

/// Ends a run whose plan has no step. One that was cut off at its very end left everything done, but in the journal only.
pub(in crate::cli::commands) fn nothing_to_do(
    session: &Session,
    command: &str,
    state: &mut LockedState,
    planned: &Planned,
) -> Result<Exit, CliError> {
    let (blocked, recovered) = (planned.plan.counts().blocked, &planned.evidence.recovered);
    if recovered.unfolded || !state.cut_off().is_empty() {
        state.fold(&recovered.snapshot)?;
    }
    session.events.know(Some(blocked == 0), planned.plan.serial);
    if session.common.json {
        let nothing = json!({"plan": json::plan(&planned.plan), "converged": blocked == 0});
        session.terminal.data(&json::document(command, nothing));
    }
    Ok(if blocked > 0 { Exit::Refused } else { Exit::Success })
}

/// Carries the plan out, plans once more by `afterwards`, and tells.
pub(in crate::cli::commands) async fn carry<P: Provider>(
    session: &Session,
    provider: &P,
    state: &mut LockedState,
    planned: Planned,
    Work { command, desired, pace }: Work<'_>,
    afterwards: impl AsyncFnOnce(Recovered) -> Result<Planned, CliError>,
) -> Result<Exit, CliError> {
    let blocked = planned.plan.counts().blocked;
    let started = session.clock.now();
    let document = session.common.json.then(|| json::plan(&planned.plan));
    let report = run(session, provider, state, planned, desired, pace).await?;
    // A service that throttles is asked nothing more.
    let throttled = report.all_failures().any(|(_, failure)| failure.cause == Cause::Throttled);
    let after = if report.state_failure.is_none() && !report.stopped && !throttled {
        let recovered = state.recovered().clone();
        Some(afterwards(recovered).await)
    } else {
        None
    };
    let took = session.clock.now().saturating_sub(started);
    let converged = matches!(&after, Some(Ok(after)) if after.plan.steps.is_empty());
    session.events.know(after.is_some().then_some(converged), report.snapshot.serial);
    tell::tell(session, command, &report, after.as_ref(), took);
    tell::rescue(session, &report, state);
    if blocked > 0 {
        let rows = if blocked == 1 { "1 row is" } else { &format!("{blocked} rows are") };
        session.terminal.say(&format!("{rows} blocked, for the reason in the plan (exit code 6)."));
    }
    if let Some(plan) = document {
        let result = json!({"plan": plan, "run": json::report(&report, converged)});
        session.terminal.data(&json::document(command, result));
    }
    Ok(exit_of(&report, converged, blocked))
}

async fn run<P: Provider>(
    session: &Session,
    provider: &P,
    state: &mut LockedState,
    planned: Planned,
    desired: &DesiredSet,
    pace: (Sending, Carrying),
) -> Result<Report, CliError> {
    let settings = settings(desired.values(), pace);
    let approved = planned.plan.approve().map_err(|plan| CliError::Refused {
        message: plan.refusals.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
        hint: "reconcile plan shows the whole plan".to_owned(),
    })?;
    let rows =
        approved.plan().rows.iter().filter(|row| !matches!(row.change, Change::Keep | Change::Blocked(_)));
    session.events.carrying_out(rows.count());
    let stop = session.interrupt.executing();
    let around = (provider, &session.clock, &*session.events);
    let work = execute(approved, planned.settled, state, around, &settings, stop);
    let report = tokio::select! {
        report = work => report,
        never = tell::notice(session) => match never {},
    };
    session.interrupt.executed();
    session.events.carried_out();
    Ok(report)
}

/// How a run behaves that carries out a plan of these, or of some of them.
pub(in crate::cli::commands) fn settings<'a>(
    declared: impl Iterator<Item = &'a Desired>,
    (sending, carrying): (Sending, Carrying),
) -> Settings {
    Settings {
        parallelism: sending.parallelism,
        connectors: Patience { interval: carrying.poll_interval, limit: carrying.timeout },
        stores: carrying.stores,
        retry: sending.retry,
        fail_fast: carrying.fail_fast,
        declared: declared.map(|desired| desired.spec.key()).collect(),
    }
}

/// How `apply` ends after this run.
pub(in crate::cli::commands) fn exit_of(report: &Report, converged: bool, blocked: usize) -> Exit {
    match exit::of_report(report) {
        Exit::Success if !converged => Exit::Partial,
        Exit::Success if blocked > 0 => Exit::Refused,
        exit => exit,
    }
}
