//! `apply` and `destroy`: lock, plan, approve, carry out, and prove by a fresh listing that it is true.

mod carry;
pub(super) mod tell;

use std::collections::BTreeSet;

use super::consent::{Question, consent};
use super::saved_plan;
use super::shown::{announce, shown, view};
use crate::cli::args::{Extent, Manifests, Pace, Planning, Running, Selecting};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::options::{self, Carrying, Sending, paths};
use crate::cli::session::{Planned, Session};
use crate::domain::desired::{DesiredSet, Unresolved};
use crate::domain::journal::Recovered;
use crate::domain::plan::{Change, Plan};
use crate::domain::selection::Addresses;
use crate::engine::planner::{Goal, Limits, Options};
use crate::engine::resume::Approved;
use crate::saved::{SavedPlan, write_approved};
pub(super) use carry::{Work, carry, exit_of, nothing_to_do, settings};

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
    if planned.plan.steps.is_empty() && planned.settled.decides_nothing() {
        return nothing_to_do(session, command, &mut state, &planned);
    }
    match saved {
        // The file is the approval.
        Some(saved) => state.carries_out(saved.id),
        None if planned.plan.steps.is_empty() => {}
        None => approve(session, command, &planned.plan, carrying).await?,
    }
    state.approved(approval(session, &planned, desired, &options)?);
    let afterwards = async |recovered: Recovered| {
        session.plan(provider, desired, recovered, &options.afterwards(), sending).await
    };
    let work = Work { command, desired, pace: (sending, carrying) };
    carry(session, provider, &mut state, planned, work, afterwards).await
}

/// What the journal keeps of the plan while its run is under way.
pub(super) fn approval(
    session: &Session,
    planned: &Planned,
    desired: &DesiredSet,
    options: &Options,
) -> Result<String, CliError> {
    let live = &planned.evidence.live;
    let approved = Approved::of(&planned.plan, desired, &planned.settled.snapshot, live, options);
    write_approved(&approved, &session.wired.profile)
        .map_err(|error| CliError::System(format!("the plan cannot be written into the journal: {error}")))
}

pub(super) fn show(session: &Session, planned: &Planned, desired: &DesiredSet, extent: Extent) {
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
