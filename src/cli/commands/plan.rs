//! `plan`: what apply would do. Changes nothing and takes no lock; only where a plan is saved and there is no
//! state yet, an empty one is made.

use std::path::Path;

use super::saved_plan;
use super::shown::{announce, shown, view};
use crate::cli::args::{Manifests, Pace, Planning};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::offline;
use crate::cli::options::{self, Sending, paths};
use crate::cli::render::json;
use crate::cli::session::{Planned, Session};
use crate::domain::plan::{Change, CreateReason, DriftWord, Plan};

/// What becomes of the plan, and what it is made from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish<'a> {
    /// The exit code says what the plan holds.
    pub(super) detailed_exitcode: bool,
    /// Save it here.
    pub(super) out: Option<&'a Path>,
    /// Make it from this live snapshot.
    pub(super) offline: Option<&'a Path>,
}

pub(super) async fn plan(
    session: &Session,
    manifests: &Manifests,
    planning: &Planning,
    pace: &Pace,
    wish: Wish<'_>,
) -> Result<Exit, CliError> {
    let sending = Sending::try_from(pace)?;
    let options = options::planning(planning, session.wired.limits)?;
    let (desired, planned) = if let Some(file) = wish.offline {
        let loaded = session.manifests(paths(manifests))?;
        let (desired, evidence) = offline::evidence(session, file, loaded.desired)?;
        let planned = Planned::on(evidence, &desired, &options)?;
        (desired, planned)
    } else {
        let (loaded, mut recovered) = session.manifests_and_recorded(paths(manifests))?;
        if wish.out.is_some() {
            session.found_state(&loaded.desired).await?;
            recovered = session.recorded()?;
        }
        let desired = session.resolve(loaded.desired, None)?;
        let services = session.services()?;
        let planned = session.plan(&services.provider, &desired, recovered, &options, sending).await?;
        (desired, planned)
    };
    announce(session, &planned.plan, &desired);
    session.events.know(Some(planned.plan.is_empty()), planned.plan.serial);
    if session.common.json {
        session.terminal.data(&json::document("plan", json::plan(&planned.plan)));
    } else {
        session.terminal.data(&shown(&planned, &desired, view(session.terminal, planning.extent)));
    }
    if let Some(file) = wish.out {
        saved_plan::save(session, file, &planned, &desired, &options)?;
    }
    let exit = if wish.detailed_exitcode { detailed(&planned.plan) } else { Exit::Success };
    // The process ends now. To free everything object by object would cost a tenth of a plan; secrets are not in it.
    std::mem::forget(planned);
    Ok(exit)
}

/// Refused or blocked, changes, drift, or nothing.
fn detailed(plan: &Plan) -> Exit {
    if !plan.refusals.is_empty() {
        return Exit::Refused;
    }
    if plan.steps.is_empty() {
        return if plan.counts().blocked > 0 { Exit::Refused } else { Exit::Success };
    }
    let changing = plan.rows.iter().filter(|row| row.change != Change::Keep || row.renamed_from.is_some());
    let mut only_drift = true;
    for row in changing {
        only_drift &= match &row.change {
            Change::Create(CreateReason::Absent) | Change::Blocked(_) => true,
            Change::Update(_) | Change::Replace(_) => row
                .fields
                .iter()
                .all(|verdict| matches!(verdict.word, DriftWord::Drifted | DriftWord::Ignored)),
            _ => false,
        };
    }
    if only_drift { Exit::Drift } else { Exit::Changes }
}
