//! `plan`: what apply would do. Changes nothing and takes no lock; only where a plan is saved and there is no
//! state yet, an empty one is made.

use std::collections::BTreeMap;
use std::path::Path;

use super::saved_plan;
use crate::cli::args::{Extent, Manifests, Pace, Planning};
use crate::cli::error::CliError;
use crate::cli::events;
use crate::cli::exit::Exit;
use crate::cli::offline;
use crate::cli::options::{self, Sending, paths};
use crate::cli::render::plan::{self as text, Detail, View};
use crate::cli::render::style::Style;
use crate::cli::render::{json, summary};
use crate::cli::session::{Planned, Session};
use crate::cli::terminal::Terminal;
use crate::domain::desired::{Desired, DesiredSet};
use crate::domain::field::FieldValue;
use crate::domain::natural_key::NaturalKey;
use crate::domain::plan::{Change, CreateReason, DriftWord, Plan};
use crate::domain::rules::rules;

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
    let loaded = session.manifests(paths(manifests))?;
    let (desired, planned) = if let Some(file) = wish.offline {
        let (desired, evidence) = offline::evidence(session, file, loaded.desired)?;
        let planned = Planned::on(evidence, &desired, &options)?;
        (desired, planned)
    } else {
        if wish.out.is_some() {
            session.found_state(&loaded.desired).await?;
        }
        let desired = session.resolve(loaded.desired, None)?;
        let recovered = session.recorded()?;
        let services = session.services()?;
        let planned = session.plan(&services.provider, &desired, recovered, &options, sending).await?;
        (desired, planned)
    };
    announce(session, &planned.plan);
    session.events.know(Some(planned.plan.is_empty()), planned.plan.serial);
    if session.common.json {
        session.terminal.data(&json::document("plan", json::plan(&planned.plan)));
    } else {
        session.terminal.data(&shown(&planned, &desired, view(session.terminal, planning.extent)));
    }
    if let Some(file) = wish.out {
        saved_plan::save(session, file, &planned, &desired, &options)?;
    }
    Ok(if wish.detailed_exitcode { detailed(&planned.plan) } else { Exit::Success })
}

/// How a plan is shown on stdout.
pub(super) fn view(terminal: Terminal, extent: Extent) -> View {
    let detail = match extent {
        Extent { concise: true, full: _ } => Detail::Concise,
        Extent { concise: false, full: true } => Detail::Full,
        Extent { concise: false, full: false } => Detail::Grouped,
    };
    View { style: Style::new(terminal.stdout_colour), detail, columns: terminal.columns }
}

/// The plan, to the event stream.
pub(super) fn announce(session: &Session, plan: &Plan) {
    plan.rows.iter().filter_map(events::planned_change).for_each(|told| session.events.tell(told));
    session.events.tell(events::change_summary(plan));
}

/// The plan and its summary, as text.
pub(super) fn shown(planned: &Planned, desired: &DesiredSet, view: View) -> String {
    let style = view.style;
    let by_key: BTreeMap<NaturalKey, &Desired> =
        desired.values().map(|desired| (desired.spec.key(), desired)).collect();
    let declared = |key: &NaturalKey| -> Vec<(String, FieldValue)> {
        let Some(desired) = by_key.get(key) else { return Vec::new() };
        let mut fields = desired.spec.fields();
        let rules = rules(desired.spec.kind());
        rules.iter().filter_map(|rule| Some((rule.name.to_owned(), fields.remove(rule.name)?))).collect()
    };
    let mut text = text::render(&planned.plan, &declared, view);
    for refusal in &planned.plan.refusals {
        text.push_str(&format!("{} {refusal}\n\n", style.error("refused:")));
    }
    text.push_str(&summary::of_plan(&planned.plan, planned.took, style));
    text.push('\n');
    text
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
