//! `apply` and `destroy`: lock, plan, approve, carry out, and prove by a fresh listing that it is true.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::time::Duration;

use super::plan::{announce, shown};
use crate::cli::args::{Manifests, Pace, Planning, Running};
use crate::cli::error::CliError;
use crate::cli::events;
use crate::cli::exit::{self, Exit};
use crate::cli::options::{self, Carrying, Sending, paths};
use crate::cli::render::style::Style;
use crate::cli::render::{json, summary};
use crate::cli::session::{Planned, Session};
use crate::domain::desired::{DesiredSet, Unresolved};
use crate::domain::plan::{Change, Plan};
use crate::engine::executor::{Cause, Patience, Report, RowResult, Settings, execute};
use crate::engine::planner::{Goal, Limits, Options};
use crate::ports::clock::Clock;
use crate::ports::provider::Provider;
use crate::ports::state_store::StateStore;
use crate::state::{LockedState, Rescued};

/// What `destroy` is asked to delete.
pub(super) struct Destruction {
    pub(super) all: bool,
    pub(super) delete_strays: bool,
    pub(super) max_delete: Option<usize>,
}

pub(super) async fn apply(
    session: &Session,
    manifests: &Manifests,
    planning: &Planning,
    pace: &Pace,
    running: &Running,
) -> Result<Exit, CliError> {
    let options = options::planning(planning, session.wired.limits)?;
    let loaded = session.manifests(paths(manifests))?;
    carry_out(session, "apply", loaded.desired, &options, (pace, running)).await
}

pub(super) async fn destroy(
    session: &Session,
    manifests: &Manifests,
    wish: &Destruction,
    pace: &Pace,
    running: &Running,
) -> Result<Exit, CliError> {
    let paths = paths(manifests);
    let only = if wish.all {
        None
    } else if paths.is_empty() {
        return Err(CliError::Usage(
            "destroy what? name manifests, or pass --all for everything recorded".to_owned(),
        ));
    } else {
        Some(session.manifests(paths)?.desired.declared().keys().cloned().collect())
    };
    let options = Options {
        goal: Goal::Destroy(only),
        replace: BTreeSet::new(),
        delete_strays: wish.delete_strays,
        limits: Limits { delete: wish.max_delete.or(session.wired.limits.delete), replace: None },
    };
    carry_out(session, "destroy", Unresolved::default(), &options, (pace, running)).await
}

async fn carry_out(
    session: &Session,
    command: &'static str,
    declared: Unresolved,
    options: &Options,
    (pace, running): (&Pace, &Running),
) -> Result<Exit, CliError> {
    let sending = Sending::try_from(pace)?;
    let carrying = Carrying::try_from(running)?;
    let services = session.services()?;
    let provider = &services.provider;
    let mut state = session.lock(command, carrying.lock_timeout).await?;
    let desired = &session.resolve(declared, Some(&mut state))?;
    let recovered = state.recovered().clone();
    let planned = session.plan(provider, desired, &recovered, options, sending).await?;
    announce(session, &planned.plan);
    session.events.know(None, planned.plan.serial);
    show(session, &planned, desired);
    if let Some(refusal) = planned.plan.refusals.first() {
        return Err(CliError::Refused {
            message: format!("nothing was changed: {refusal}"),
            hint: "reconcile plan shows the whole plan".to_owned(),
        });
    }
    let blocked = planned.plan.counts().blocked;
    let nothing = planned.plan.steps.is_empty() && planned.settled.decides_nothing();
    if nothing {
        // A run that was cut off at its very end left everything done, but in the journal only.
        if recovered.unfolded {
            state.fold(&recovered.snapshot)?;
        }
        session.events.know(Some(blocked == 0), planned.plan.serial);
        if session.common.json {
            let nothing = serde_json::json!({"plan": json::plan(&planned.plan), "converged": blocked == 0});
            session.terminal.data(&json::document(command, nothing));
        }
        return Ok(if blocked > 0 { Exit::Refused } else { Exit::Success });
    }
    if !planned.plan.steps.is_empty() {
        consent(session, command, &planned.plan, carrying).await?;
    }
    let started = session.clock.now();
    let document = session.common.json.then(|| json::plan(&planned.plan));
    let report = run(session, provider, &mut state, planned, desired, (sending, carrying)).await?;
    // A service that throttles is asked nothing more.
    let throttled = report.all_failures().any(|(_, failure)| failure.cause == Cause::Throttled);
    let after = if report.state_failure.is_none() && !report.stopped && !throttled {
        let recovered = state.recovered().clone();
        // What was asked for beside the manifests is done.
        let options = Options { replace: BTreeSet::new(), ..options.clone() };
        Some(session.plan(provider, desired, &recovered, &options, sending).await)
    } else {
        None
    };
    let took = session.clock.now().saturating_sub(started);
    let converged = matches!(&after, Some(Ok(after)) if after.plan.steps.is_empty());
    session.events.know(after.is_some().then_some(converged), report.snapshot.serial);
    tell(session, command, &report, after.as_ref(), took);
    rescue(session, &report, &state);
    if blocked > 0 {
        let rows = if blocked == 1 { "1 row is" } else { &format!("{blocked} rows are") };
        session.terminal.say(&format!("{rows} blocked, for the reason in the plan (exit code 6)."));
    }
    if let Some(plan) = document {
        let result = serde_json::json!({"plan": plan, "run": json::report(&report, converged)});
        session.terminal.data(&json::document(command, result));
    }
    Ok(exit_of(&report, converged, blocked))
}

fn show(session: &Session, planned: &Planned, desired: &DesiredSet) {
    if !session.common.json {
        let style = Style::new(session.terminal.stdout_colour);
        session.terminal.data(&shown(planned, desired, style));
    }
}

/// Asks, unless `--yes` was given. Who cannot be asked is not taken for somebody who agreed.
async fn consent(session: &Session, command: &str, plan: &Plan, carrying: Carrying) -> Result<(), CliError> {
    if carrying.yes {
        return Ok(());
    }
    if !session.terminal.interactive || session.common.json {
        return Err(CliError::Refused {
            message: "nothing was changed: there is nobody to ask here".to_owned(),
            hint: "review the plan, then pass --yes".to_owned(),
        });
    }
    let deletes = plan.rows.iter().any(|row| matches!(row.change, Change::Delete(_) | Change::Replace(_)));
    let word = if command == "destroy" || deletes { command } else { "yes" };
    let question = format!("\nCarry out this plan? Type `{word}` to go on: ");
    session.events.asking(true);
    let answer = session.terminal.ask(&question).await;
    session.events.asking(false);
    match answer {
        Some(answer) if answer == word => Ok(()),
        _ => Err(CliError::Refused {
            message: "nothing was changed: the plan was not approved".to_owned(),
            hint: format!("type the whole word `{word}`, or pass --yes"),
        }),
    }
}

async fn run<P: Provider>(
    session: &Session,
    provider: &P,
    state: &mut LockedState,
    planned: Planned,
    desired: &DesiredSet,
    (sending, carrying): (Sending, Carrying),
) -> Result<Report, CliError> {
    let settings = Settings {
        parallelism: sending.parallelism,
        connectors: Patience { interval: carrying.poll_interval, limit: carrying.timeout },
        stores: carrying.stores,
        retry: sending.retry,
        declared: desired.values().map(|desired| desired.spec.key()).collect(),
    };
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
        never = notice(session) => match never {},
    };
    session.interrupt.executed();
    session.events.carried_out();
    Ok(report)
}

/// Says that a signal was heard.
async fn notice(session: &Session) -> Infallible {
    if session.interrupt.executing().changed().await.is_ok() {
        session.events.note("stopping: what is in flight is finished and saved; Ctrl-C again stops at once");
    }
    std::future::pending().await
}

fn tell(
    session: &Session,
    command: &str,
    report: &Report,
    after: Option<&Result<Planned, CliError>>,
    took: Duration,
) {
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

/// Records that the journal did not take are saved elsewhere, or at least shown.
fn rescue(session: &Session, report: &Report, state: &LockedState) {
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

fn exit_of(report: &Report, converged: bool, blocked: usize) -> Exit {
    match exit::of_report(report) {
        Exit::Success if !converged => Exit::Partial,
        Exit::Success if blocked > 0 => Exit::Refused,
        exit => exit,
    }
}
