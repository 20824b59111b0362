//! `plan`: what apply would do. Changes nothing and takes no lock.

use std::collections::BTreeMap;

use crate::cli::args::{Manifests, Pace, Planning};
use crate::cli::error::CliError;
use crate::cli::events;
use crate::cli::exit::Exit;
use crate::cli::options::{self, Sending, paths};
use crate::cli::render::style::Style;
use crate::cli::render::{json, plan as text, summary};
use crate::cli::session::{Planned, Session};
use crate::domain::desired::{Desired, DesiredSet};
use crate::domain::field::FieldValue;
use crate::domain::natural_key::NaturalKey;
use crate::domain::plan::{Change, CreateReason, DriftWord, Plan};
use crate::domain::rules::rules;

pub(super) async fn plan(
    session: &Session,
    manifests: &Manifests,
    planning: &Planning,
    pace: &Pace,
    detailed_exitcode: bool,
) -> Result<Exit, CliError> {
    let sending = Sending::try_from(pace)?;
    let options = options::planning(planning, session.wired.limits)?;
    let loaded = session.manifests(paths(manifests))?;
    let desired = session.resolve(loaded.desired, None)?;
    let recovered = session.recorded()?;
    let services = session.services()?;
    let planned = session.plan(&services.provider, &desired, &recovered, &options, sending).await?;
    announce(session, &planned.plan);
    session.events.know(Some(planned.plan.is_empty()), planned.plan.serial);
    if session.common.json {
        session.terminal.data(&json::document("plan", json::plan(&planned.plan)));
    } else {
        session.terminal.data(&shown(&planned, &desired, Style::new(session.terminal.stdout_colour)));
    }
    Ok(if detailed_exitcode { detailed(&planned.plan) } else { Exit::Success })
}

/// The plan, to the event stream.
pub(super) fn announce(session: &Session, plan: &Plan) {
    plan.rows.iter().filter_map(events::planned_change).for_each(|told| session.events.tell(told));
    session.events.tell(events::change_summary(plan));
}

/// The plan and its summary, as text.
pub(super) fn shown(planned: &Planned, desired: &DesiredSet, style: Style) -> String {
    let by_key: BTreeMap<NaturalKey, &Desired> =
        desired.values().map(|desired| (desired.spec.key(), desired)).collect();
    let declared = |key: &NaturalKey| -> Vec<(String, FieldValue)> {
        let Some(desired) = by_key.get(key) else { return Vec::new() };
        let mut fields = desired.spec.fields();
        let rules = rules(desired.spec.kind());
        rules.iter().filter_map(|rule| Some((rule.name.to_owned(), fields.remove(rule.name)?))).collect()
    };
    let mut text = text::render(&planned.plan, &declared, style);
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
