//! `simulate`: what becomes of a plan when requests fail or the process dies. The real planner and the real executor work on
//! a model of the services, in virtual time; nothing is sent and nothing is written.

use std::collections::BTreeMap;

use tokio::sync::watch;

use super::apply::{approval, exit_of, settings};
use super::saved_plan;
use crate::cli::args::Simulate;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::offline;
use crate::cli::options::{self, Carrying, Sending, paths};
use crate::cli::render::json;
use crate::cli::render::simulation::{self, Death, End, Next, Simulated};
use crate::cli::session::{Planned, Session};
use crate::domain::desired::DesiredSet;
use crate::domain::evidence::Evidence;
use crate::domain::journal::CutOff;
use crate::domain::live::World;
use crate::domain::plan::{Plan, Request};
use crate::engine::executor::{Cause, Patience, Report, Stop, execute};
use crate::engine::planner::Options;
use crate::engine::planner::settle::settle;
use crate::engine::resume::Unfit;
use crate::engine::simulate::{Notebook, Silence};
use crate::platform::virtual_time::VirtualClock;
use crate::ports::clock::Clock;
use crate::providers::memory::{Fault, ModelService, Moment};
use crate::saved::read_approved;

/// What goes wrong.
struct Script {
    fail_at: Option<usize>,
    crash_at: Option<(usize, Moment)>,
    faults: Vec<Fault>,
}

pub(super) async fn simulate(session: &Session, args: &Simulate) -> Result<Exit, CliError> {
    let script = script(args)?;
    let sending = Sending::try_from(&args.pace)?;
    let (options, desired, planned) = plan(session, args, sending).await?;
    let simulated = run(session, &planned, &desired, &options, (script, sending, args.fail_fast))?;
    session.terminal.data(&if session.common.json {
        json::document("simulate", simulation::json(&simulated))
    } else {
        simulation::text(&simulated)
    });
    Ok(Exit::Success)
}

fn script(args: &Simulate) -> Result<Script, CliError> {
    let fault = |text: &String| {
        text.parse().map_err(|error: crate::providers::memory::FaultError| {
            CliError::Usage(format!("--fault: {error}"))
        })
    };
    let crash_at = args.crash_at.as_deref().map(|text| {
        let (step, moment) = match text.split_once('.') {
            Some((step, "before")) => (step, Some(Moment::Before)),
            Some((step, "after")) => (step, Some(Moment::After)),
            Some(_) => (text, None),
            None => (text, Some(Moment::After)),
        };
        step.parse().ok().zip(moment).ok_or_else(|| {
            CliError::Usage(format!("--crash-at {text}: write the number of a step, N.before or N.after"))
        })
    });
    Ok(Script {
        fail_at: args.fail_at,
        crash_at: crash_at.transpose()?,
        faults: args.fault.iter().map(fault).collect::<Result<_, _>>()?,
    })
}

/// The plan of a file, of manifests and a live snapshot, or of manifests and live.
async fn plan(
    session: &Session,
    args: &Simulate,
    sending: Sending,
) -> Result<(Options, DesiredSet, Planned), CliError> {
    let paths = paths(&args.manifests);
    if let Some(saved) = saved_plan::named(&paths, &args.planning)? {
        let planned = Planned::on(saved.evidence, &saved.desired, &saved.options)?;
        return Ok((saved.options, saved.desired, planned));
    }
    let options = options::planning(&args.planning, session.wired.limits)?;
    let (desired, planned) = if let Some(file) = &args.offline {
        let loaded = session.manifests(paths)?;
        let (desired, evidence) = offline::evidence(session, file, loaded.desired)?;
        let planned = Planned::on(evidence, &desired, &options)?;
        (desired, planned)
    } else {
        let (loaded, recovered) = session.manifests_and_recorded(paths)?;
        let desired = session.resolve(loaded.desired, None)?;
        let services = session.services()?;
        let planned = session.plan(&services.provider, &desired, recovered, &options, sending).await?;
        (desired, planned)
    };
    Ok((options, desired, planned))
}

/// The request of a step, by its number as it is shown.
fn request(plan: &Plan, flag: &str, step: usize) -> Result<Request, CliError> {
    let found = step.checked_sub(1).and_then(|index| plan.steps.get(index));
    let Some(found) = found else {
        let steps = plan.steps.len();
        return Err(CliError::Usage(format!("{flag} {step}: the plan has {steps} steps, counted from 1")));
    };
    found
        .request()
        .ok_or_else(|| CliError::Usage(format!("{flag} {step}: that step sends nothing ({})", found.title())))
}

fn run(
    session: &Session,
    planned: &Planned,
    desired: &DesiredSet,
    options: &Options,
    (script, sending, fail_fast): (Script, Sending, bool),
) -> Result<Simulated, CliError> {
    let Planned { plan, settled, evidence, took: _ } = planned;
    let addresses: BTreeMap<_, _> =
        plan.rows.iter().map(|row| (row.key.clone(), row.address.clone())).collect();
    for fault in &script.faults {
        if !addresses.values().any(|address| fault.concerns(address)) {
            return Err(CliError::Usage("--fault: the plan has no row that it is about".to_owned()));
        }
    }
    let clock = VirtualClock::default();
    let service = ModelService::new(&evidence.live, addresses, clock.clone());
    service.fail(script.faults);
    if let Some(step) = script.fail_at {
        service.refuse(request(plan, "--fail-at", step)?);
    }
    if let Some((step, moment)) = script.crash_at {
        service.die_at(request(plan, "--crash-at", step)?, moment);
    }
    let mut notebook =
        Notebook::on(evidence.recovered.clone(), approval(session, planned, desired, options)?);
    let carrying = Carrying {
        yes: true,
        no_input: true,
        fail_fast,
        timeout: Patience::STORES.limit,
        poll_interval: std::time::Duration::from_secs(3),
        stores: Patience::STORES,
        lock_timeout: std::time::Duration::ZERO,
    };
    let settings = settings(desired.values(), (sending, carrying));
    let report = match plan.clone().approve() {
        Err(_refused) => None,
        // A thread of its own: within a runtime the work would wait for that one.
        Ok(approved) => std::thread::scope(|scope| {
            let work = || {
                let (_wish, wishes) = watch::channel(Stop::No);
                let around = (&service, &clock, &Silence);
                clock.run(execute(approved, settled.clone(), &mut notebook, around, &settings, wishes))
            };
            let ended = scope.spawn(work).join();
            ended.unwrap_or_else(|defect| std::panic::resume_unwind(defect))
        }),
    };
    let world = service.world();
    let now = Evidence { recovered: notebook.recovered().clone(), live: world.clone(), ..evidence.clone() };
    let next = Planned::on(now, desired, &options.afterwards())?;
    let end = match report {
        Some(report) => End::Ran(exit(&report, &next.plan, plan), Box::new(report)),
        None if plan.refusals.is_empty() => {
            let after = script.crash_at.is_some_and(|(_, moment)| moment == Moment::After);
            let step = script.crash_at.map_or(0, |(step, _)| step);
            End::Died(Death { step, after })
        }
        None => End::Refused,
    };
    let resume = match &end {
        End::Died(_) => notebook.cut_off().map(|run| rest(&run, notebook.recovered(), &world, evidence)),
        End::Ran(..) | End::Refused => None,
    };
    let recovered = notebook.recovered().clone();
    let next = Next { apply: next.plan, resume: resume.transpose()? };
    Ok(Simulated {
        plan: plan.clone(),
        desired: desired.clone(),
        end,
        world,
        recovered,
        took: clock.now(),
        next,
    })
}

/// How `apply` would end: it plans once more, unless the service throttles.
fn exit(report: &Report, after: &Plan, plan: &Plan) -> Exit {
    let throttled = report.all_failures().any(|(_, failure)| failure.cause == Cause::Throttled);
    exit_of(report, !throttled && after.steps.is_empty(), plan.counts().blocked)
}

/// What `apply --resume` would do.
fn rest(
    run: &CutOff,
    recovered: &crate::domain::journal::Recovered,
    live: &World,
    evidence: &Evidence,
) -> Result<Result<Plan, Unfit>, CliError> {
    let read = read_approved(run.plan.as_deref().unwrap_or_default());
    let (approved, _) = read.map_err(|error| CliError::Internal(error.to_string()))?;
    let settled = settle(recovered, live);
    let now = (&settled, live, &evidence.sends_definition);
    Ok(approved.rest(&run.begun, &approved.desired, now))
}
