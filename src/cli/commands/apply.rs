//! `apply` and `destroy`: lock, plan, approve, carry out, and prove by a fresh listing that it is true.

pub(super) mod tell;

use std::collections::BTreeSet;

use super::consent::{Question, consent};
use super::saved_plan;
use super::shown::{announce, shown, view};
use crate::cli::args::{Extent, Manifests, Pace, Planning, Running, Selecting};
use crate::cli::error::CliError;
use crate::cli::exit::{self, Exit};
use crate::cli::options::{self, Carrying, Sending, paths};
use crate::cli::render::json;
use crate::cli::session::{Planned, Session};
use crate::domain::desired::{DesiredSet, Unresolved};
use crate::domain::plan::{Change, Plan};
use crate::domain::selection::Addresses;
use crate::engine::executor::{Cause, Patience, Report, Settings, execute};
use crate::engine::planner::{Goal, Limits, Options};
use crate::ports::clock::Clock;
use crate::ports::provider::Provider;
use crate::ports::state_store::StateStore;
use crate::saved::SavedPlan;
use crate::state::LockedState;

/// What `destroy` is asked to delete.
pub(super) struct Destruction {
    pub(super) all: bool,
    pub(super) selecting: Selecting,
    pub(super) extent: Extent,
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
    let paths = paths(manifests);
    let order = if let Some(saved) = saved_plan::named(&paths, planning)? {
        Order {
            command: "apply",
            declared: Unresolved::new(saved.desired.clone()),
            options: saved.options.clone(),
            extent: planning.extent,
            saved: Some(saved),
        }
    } else {
        let options = options::planning(planning, session.wired.limits)?;
        let declared = session.manifests(paths)?.desired;
        Order { command: "apply", declared, options, extent: planning.extent, saved: None }
    };
    carry_out(session, order, (pace, running)).await
}

pub(super) async fn destroy(
    session: &Session,
    manifests: &Manifests,
    wish: &Destruction,
    pace: &Pace,
    running: &Running,
) -> Result<Exit, CliError> {
    let paths = paths(manifests);
    let selection = options::selection(&wish.selecting)?;
    let named = matches!(selection.addresses, Addresses::Only(_)) || !selection.labels.is_empty();
    let (only, protected) = if !paths.is_empty() {
        let declared = session.manifests(paths)?.desired;
        let protects = declared.declared().values().filter(|desired| desired.lifecycle.protect);
        let protected = protects.map(|desired| desired.address.clone()).collect();
        (Some(declared.declared().keys().cloned().collect()), protected)
    } else if wish.all || named {
        (None, BTreeSet::new())
    } else {
        return Err(CliError::Usage(
            "destroy what? name manifests or pass --target, or --all for everything recorded".to_owned(),
        ));
    };
    let options = Options {
        goal: Goal::Destroy { only, protected },
        selection,
        hold: BTreeSet::new(),
        must_match: true,
        replace: BTreeSet::new(),
        delete_strays: wish.delete_strays,
        limits: Limits { delete: wish.max_delete.or(session.wired.limits.delete), replace: None },
    };
    let order = Order {
        command: "destroy",
        declared: Unresolved::default(),
        options,
        extent: wish.extent,
        saved: None,
    };
    carry_out(session, order, (pace, running)).await
}

/// What is to be carried out.
struct Order {
    command: &'static str,
    declared: Unresolved,
    options: Options,
    /// How much of the plan is shown.
    extent: Extent,
    /// The saved plan that the rest is taken from: it is the approval, and nothing else is carried out.
    saved: Option<SavedPlan>,
}

/// Whether nothing stands against a saved plan.
fn fits(against: Vec<String>) -> Result<(), CliError> {
    if against.is_empty() { Ok(()) } else { Err(CliError::Stale(against)) }
}

async fn carry_out(
    session: &Session,
    Order { command, declared, options, extent, saved }: Order,
    (pace, running): (&Pace, &Running),
) -> Result<Exit, CliError> {
    let sending = Sending::try_from(pace)?;
    let carrying = Carrying::try_from(running)?;
    let services = session.services()?;
    let provider = &services.provider;
    let mut state = session.lock(command, carrying.lock_timeout).await?;
    if let Some(saved) = &saved {
        fits(saved_plan::judge_state(session, saved, state.recovered()))?;
    }
    let desired = &session.resolve(declared, Some(&mut state))?;
    let recovered = state.recovered().clone();
    let planned = session.plan(provider, desired, recovered, &options, sending).await?;
    if let Some(saved) = &saved {
        fits(saved_plan::judge_plan(saved, desired, &planned)?)?;
    }
    announce(session, &planned.plan, desired);
    session.events.know(None, planned.plan.serial);
    show(session, &planned, desired, extent);
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
        let recovered = &planned.evidence.recovered;
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
    match saved {
        // The file is the approval.
        Some(saved) => state.carries_out(saved.id),
        None if planned.plan.steps.is_empty() => {}
        None => approve(session, command, &planned.plan, carrying).await?,
    }
    let started = session.clock.now();
    let document = session.common.json.then(|| json::plan(&planned.plan));
    let report = run(session, provider, &mut state, planned, desired, (sending, carrying)).await?;
    // A service that throttles is asked nothing more.
    let throttled = report.all_failures().any(|(_, failure)| failure.cause == Cause::Throttled);
    let after = if report.state_failure.is_none() && !report.stopped && !throttled {
        let recovered = state.recovered().clone();
        Some(session.plan(provider, desired, recovered, &options.afterwards(), sending).await)
    } else {
        None
    };
    let took = session.clock.now().saturating_sub(started);
    let converged = matches!(&after, Some(Ok(after)) if after.plan.steps.is_empty());
    session.events.know(after.is_some().then_some(converged), report.snapshot.serial);
    tell::tell(session, command, &report, after.as_ref(), took);
    tell::rescue(session, &report, &state);
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

fn show(session: &Session, planned: &Planned, desired: &DesiredSet, extent: Extent) {
    if !session.common.json {
        session.terminal.data(&shown(planned, desired, view(session.terminal, extent)));
    }
}

/// Asks for the name of the command where something is deleted.
async fn approve(session: &Session, command: &str, plan: &Plan, carrying: Carrying) -> Result<(), CliError> {
    let deletes = plan.rows.iter().any(|row| matches!(row.change, Change::Delete(_) | Change::Replace(_)));
    let Carrying { yes, no_input, .. } = carrying;
    let word = if command == "destroy" || deletes { command } else { "yes" };
    consent(session, Question { done: "changed", text: "Carry out this plan?", word, yes, no_input }).await
}

async fn run<P: Provider>(
    session: &Session,
    provider: &P,
    state: &mut LockedState,
    planned: Planned,
    desired: &DesiredSet,
    (sending, carrying): (Sending, Carrying),
) -> Result<Report, CliError> {
    let settings = settings(desired, (sending, carrying));
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

/// How a run behaves that carries out a plan of these.
pub(super) fn settings(desired: &DesiredSet, (sending, carrying): (Sending, Carrying)) -> Settings {
    Settings {
        parallelism: sending.parallelism,
        connectors: Patience { interval: carrying.poll_interval, limit: carrying.timeout },
        stores: carrying.stores,
        retry: sending.retry,
        fail_fast: carrying.fail_fast,
        declared: desired.values().map(|desired| desired.spec.key()).collect(),
    }
}

fn exit_of(report: &Report, converged: bool, blocked: usize) -> Exit {
    match exit::of_report(report) {
        Exit::Success if !converged => Exit::Partial,
        Exit::Success if blocked > 0 => Exit::Refused,
        exit => exit,
    }
}
