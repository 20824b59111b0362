//! `apply --resume`: finishes the plan of a run that was cut off, the same and no other (ADR 0030). Nobody is asked again:
//! that plan was approved.

use super::apply::{Work, carry, nothing_to_do, show};
use super::saved_plan::{literals, typed};
use super::shown::announce;
use crate::cli::args::{Manifests, Pace, Planning, Running};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::options::{Carrying, Sending, paths};
use crate::cli::render::{json, moved, words};
use crate::cli::session::{Planned, Session};
use crate::domain::desired::{DesiredSet, Unresolved};
use crate::domain::evidence::Evidence;
use crate::domain::journal::{CutOff, Recovered, RunId};
use crate::domain::plan::Row;
use crate::domain::secret::Source;
use crate::domain::snapshot::MadeBy;
use crate::engine::planner::settle::settle;
use crate::engine::resume::{Approved, Unfit};
use crate::saved::read_approved;

/// Fewer digits of a run's id name none.
const LEAST: usize = 8;

pub(super) async fn resume(
    session: &Session,
    named: &str,
    (manifests, planning): (&Manifests, &Planning),
    pace: &Pace,
    running: &Running,
) -> Result<Exit, CliError> {
    let beside = if paths(manifests).is_empty() { typed(planning) } else { Some("PATH") };
    if let Some(beside) = beside {
        return Err(CliError::Usage(format!(
            "--resume finishes a plan that was approved, as it is: leave out {beside}"
        )));
    }
    if named.len() < LEAST {
        return Err(CliError::Usage(format!(
            "--resume {named}: write at least {LEAST} digits of the run's id"
        )));
    }
    let (sending, carrying) = (Sending::try_from(pace)?, Carrying::try_from(running)?);
    let services = session.services()?;
    let provider = &services.provider;
    let last = session.wired.state.last_run()?.map(|last| last.run);
    let mut state = session.lock("apply --resume", carrying.lock_timeout).await?;
    let Some(run) = find(session, named, state.cut_off(), last.as_ref())? else {
        session.terminal.say(&format!("run {named} has ended already: nothing of it is left to resume"));
        if session.common.json {
            let ended = serde_json::json!({"resumes": named, "ended": true});
            session.terminal.data(&json::document("apply", ended));
        }
        return Ok(Exit::Success);
    };
    let approved = approved(session, &run)?;
    let desired = &session.resolve(Unresolved::new(approved.desired.clone()), Some(&mut state))?;
    let recovered = state.recovered().clone();
    let evidence = session.evidence(provider, desired, recovered, sending).await?;
    let planned = rest(&run, &approved, desired, evidence)?;
    if let Some(literal) = literals(&planned.plan, |source| *source == Source::LeftBehind).first() {
        return Err(CliError::Refused {
            message: format!("nothing was sent: {literal} is a literal, and no state holds one"),
            hint: "`reconcile apply` takes it from the manifest, and plans anew".to_owned(),
        });
    }
    session.terminal.say(&format!("finishing run {} (`{}`) of {}", run.run, run.command, run.started_at));
    announce(session, &planned.plan, desired);
    session.events.know(None, planned.plan.serial);
    show(session, &planned, desired, planning.extent);
    if planned.plan.steps.is_empty() && planned.settled.decides_nothing() {
        return nothing_to_do(session, "apply", &mut state, &planned);
    }
    state.resumes(run.run.clone());
    let afterwards = async |recovered: Recovered| {
        let evidence = session.evidence(provider, desired, recovered, sending).await?;
        let settled = settle(&evidence.recovered, &evidence.live);
        let now = (&settled, &evidence.live, &evidence.sends_definition);
        let plan = approved.afterwards(desired, now)?;
        Ok(Planned { plan, settled, evidence, took: None })
    };
    let work = Work { command: "apply", desired, pace: (sending, carrying) };
    carry(session, provider, &mut state, planned, work, afterwards).await
}

/// The run that is meant, if it is there to be finished; `None` when it has ended.
fn find(
    session: &Session,
    named: &str,
    cut_off: &[CutOff],
    last_here: Option<&RunId>,
) -> Result<Option<CutOff>, CliError> {
    let refused = |message: String, hint: String| Err(CliError::Refused { message, hint });
    let anew = || "`reconcile apply` plans anew; it looks what became of that run first".to_owned();
    let meant: Vec<&CutOff> = cut_off.iter().filter(|run| run.is_called(named)).collect();
    match (meant.as_slice(), cut_off.last()) {
        ([run], Some(last)) if run.run == last.run && run.plan.is_some() => return Ok(Some((*run).clone())),
        ([run], Some(last)) if run.run != last.run => {
            let (run, began) = (&run.run, format!("run {} (`{}`) has begun since", last.run, last.command));
            return refused(format!("run {run} cannot be finished any more: {began}"), next(last));
        }
        ([], _) => {}
        ([run], _) => {
            let what = format!("run {} (`{}`) left no plan that could be finished", run.run, run.command);
            return refused(what, anew());
        }
        _ => {
            return Err(CliError::Usage(format!(
                "--resume {named}: two runs begin so; write more of the id"
            )));
        }
    }
    let history = session.wired.state.history()?;
    for made_by in history.iter().filter_map(|generation| generation.made_by.as_ref()) {
        let MadeBy { run, command, plans: _, ended } = made_by;
        if run.0.starts_with(named) {
            return Ok(None);
        }
        if let Some(theirs) = ended.iter().find(|ended| ended.0.starts_with(named)) {
            if command == "apply --resume" {
                return Ok(None);
            }
            return refused(
                format!(
                    "run {theirs} cannot be finished any more: run {run} (`{command}`) has put an end to it"
                ),
                "`reconcile plan` shows what is left to do".to_owned(),
            );
        }
    }
    let last = last_here.map_or_else(String::new, |last| format!("; the last run here was {last}"));
    let folder = session.wired.state.path().display().to_string();
    Err(CliError::NotFound(format!(
        "no run whose id begins with {named} was cut off in the state {folder}{last}"
    )))
}

/// What to do about the last run that was cut off.
fn next(last: &CutOff) -> String {
    match last.plan {
        Some(_) => {
            format!("`reconcile apply --resume {}` finishes that one, `reconcile apply` plans anew", last.run)
        }
        None => "`reconcile apply` plans anew".to_owned(),
    }
}

/// The plan, if this program and this profile may finish it.
fn approved(session: &Session, run: &CutOff) -> Result<Approved, CliError> {
    let unfit = |why: String| CliError::Unfinishable(run.run.clone(), vec![why]);
    let (made, ours) = (&run.tool_version, env!("CARGO_PKG_VERSION"));
    if made != ours {
        return Err(unfit(format!("it was begun by reconcile {made}, and this is {ours}")));
    }
    let read = read_approved(run.plan.as_deref().unwrap_or_default());
    let (approved, profile) = read.map_err(|error| unfit(format!("its plan cannot be read: {error}")))?;
    if profile != session.wired.profile {
        let ours = &session.wired.profile;
        return Err(unfit(format!("it was begun with profile {profile}, and this is {ours}")));
    }
    Ok(approved)
}

/// What is left to do, behind all fences.
fn rest(
    run: &CutOff,
    approved: &Approved,
    desired: &DesiredSet,
    evidence: Evidence,
) -> Result<Planned, CliError> {
    let unfit = |moved: Vec<String>| CliError::Unfinishable(run.run.clone(), moved);
    let secrets = moved::secrets(&approved.desired, desired);
    if !secrets.is_empty() {
        return Err(unfit(secrets));
    }
    let settled = settle(&evidence.recovered, &evidence.live);
    let now = (&settled, &evidence.live, &evidence.sends_definition);
    let plan = approved.rest(&run.begun, desired, now).map_err(|why| match why {
        Unfit::Moved(moved) => unfit(moved.iter().flat_map(moved::since).collect()),
        Unfit::Seen { .. } => unfit(vec![why.to_string()]),
        Unfit::Blocked(rows) => unfit(rows.iter().map(blocked).collect()),
        Unfit::Plan(error) => CliError::Plan(error),
    })?;
    Ok(Planned { plan, settled, evidence, took: None })
}

fn blocked(row: &Row) -> String {
    format!("{}: {}", row.address, words::reasons(row).join("; "))
}
