//! How commands show a plan: to people, and to the event stream.

use std::cell::LazyCell;
use std::collections::BTreeMap;

use crate::cli::args::Extent;
use crate::cli::events;
use crate::cli::render::plan::{self as text, Detail, View};
use crate::cli::render::style::Style;
use crate::cli::render::summary;
use crate::cli::session::{Planned, Session};
use crate::cli::terminal::Terminal;
use crate::domain::desired::{Desired, DesiredSet};
use crate::domain::field::FieldValue;
use crate::domain::natural_key::NaturalKey;
use crate::domain::plan::Plan;
use crate::domain::rules::rules;

/// How a plan is shown on stdout.
pub(super) fn view(terminal: Terminal, extent: Extent) -> View {
    let detail = match extent {
        Extent { concise: true, full: _ } => Detail::Concise,
        Extent { concise: false, full: true } => Detail::Full,
        Extent { concise: false, full: false } => Detail::Grouped,
    };
    View { style: Style::new(terminal.stdout_colour), detail, columns: terminal.columns }
}

/// The plan, to the event stream and the reports.
pub(super) fn announce(session: &Session, plan: &Plan, desired: &DesiredSet) {
    session.events.learn(|facts| facts.planned(plan, text::changed(plan, &declared(desired))));
    plan.rows.iter().filter_map(events::planned_change).for_each(|told| session.events.tell(told));
    session.events.tell(events::change_summary(plan));
}

/// What the manifest of an object declares, in the order in which it is shown.
pub(super) fn declared(desired: &DesiredSet) -> impl Fn(&NaturalKey) -> Vec<(String, FieldValue)> {
    // Asked for by few plans: most rows have nothing to show.
    let by_key: LazyCell<BTreeMap<NaturalKey, &Desired>, _> =
        LazyCell::new(|| desired.values().map(|desired| (desired.spec.key(), desired)).collect());
    move |key| {
        let Some(desired) = by_key.get(key) else { return Vec::new() };
        let mut fields = desired.spec.fields();
        let rules = rules(desired.spec.kind());
        rules.iter().filter_map(|rule| Some((rule.name.to_owned(), fields.remove(rule.name)?))).collect()
    }
}

/// The plan and its summary, as text.
pub(super) fn shown(planned: &Planned, desired: &DesiredSet, view: View) -> String {
    let style = view.style;
    let mut text = text::render(&planned.plan, &declared(desired), view);
    for refusal in &planned.plan.refusals {
        text.push_str(&format!("{} {refusal}\n\n", style.error("refused:")));
    }
    text.push_str(&summary::of_plan(&planned.plan, planned.took, style));
    text.push('\n');
    text
}
