//! Saved plans: made by `plan --out`, shown by `show FILE`, and judged before `apply FILE` carries one out.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::shown::{shown, view};
use crate::cli::args::{Budgets, Extent, Planning, Selecting};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::render::style::Style;
use crate::cli::render::{json, moved};
use crate::cli::session::{Planned, Session, no_randomness};
use crate::domain::desired::{Desired, DesiredSet, Spec};
use crate::domain::journal::{PlanId, Recovered};
use crate::domain::plan::{Action, Plan};
use crate::domain::secret::Source;
use crate::engine::planner::Options;
use crate::platform::{entropy, env};
use crate::ports::clock::Clock;
use crate::saved::{Kind, SavedPlan, Stamp, kind_of};

/// Saves a plan that was just made.
pub(super) fn save(
    session: &Session,
    file: &Path,
    planned: &Planned,
    desired: &DesiredSet,
    options: &Options,
) -> Result<(), CliError> {
    if let Some(literal) = literals(&planned.plan, |source| matches!(source, Source::Literal(_))).first() {
        return Err(CliError::Refused {
            message: format!("{} was not written: it would have to hold {literal}", file.display()),
            hint: "a literal secret does not travel: use fromEnv, fromFile or fromCommand".to_owned(),
        });
    }
    let saved = SavedPlan {
        stamp: Stamp::of(session.clock.timestamp()),
        id: PlanId(entropy::hex_128().map_err(no_randomness)?),
        profile: session.wired.profile.clone(),
        options: options.clone(),
        desired: desired.clone(),
        evidence: planned.evidence.clone(),
        shown: json::saved_plan(&planned.plan),
    };
    saved.write(file)?;
    session.events.learn(|facts| facts.saved(file));
    let file = file.display();
    session.terminal.say(&format!("saved: `reconcile apply {file}` carries out exactly this plan, once"));
    Ok(())
}

/// The literal secrets that a step of the plan would have to send.
pub(super) fn literals(plan: &Plan, is_literal: fn(&Source) -> bool) -> Vec<String> {
    let sent = plan.steps.iter().flat_map(|step| match &step.action {
        Action::Create { desired, .. } => sealed(desired, is_literal, |_| true),
        Action::Update { desired, sends, .. } if !sends.is_empty() => {
            let Spec::Store(store) = &desired.spec else { return Vec::new() };
            let sent: Vec<&str> = store.update(sends).map(|(parameter, _)| parameter.rule.name).collect();
            sealed(desired, is_literal, |name| sent.contains(&name))
        }
        Action::Update { .. } | Action::Delete { .. } | Action::Register { .. } | Action::Record { .. } => {
            Vec::new()
        }
    });
    sent.collect()
}

fn sealed(desired: &Desired, is_literal: fn(&Source) -> bool, is_sent: impl Fn(&str) -> bool) -> Vec<String> {
    let Spec::Store(store) = &desired.spec else { return Vec::new() };
    store
        .sealed()
        .filter(|(parameter, sealed)| is_literal(sealed.source()) && is_sent(parameter.rule.name))
        .map(|(parameter, _)| format!("`spec.{}` of {}", parameter.rule.name, desired.address))
        .collect()
}

/// The saved plan that is to be applied, if it is one.
///
/// # Errors
/// [`CliError::Usage`] when something stands beside it: it is carried out as it is.
pub(super) fn named(paths: &[PathBuf], planning: &Planning) -> Result<Option<SavedPlan>, CliError> {
    let Some((file, kind)) = first_saved(paths)? else { return Ok(None) };
    let refuse = |what: &str| {
        CliError::Usage(format!(
            "{} is a saved plan and is applied as it is: leave out {what}",
            file.display()
        ))
    };
    if kind == Kind::Live {
        return Err(CliError::Usage(format!(
            "{} is a live snapshot: `plan --offline` and `drift --offline` take it",
            file.display()
        )));
    }
    if let Some(other) = paths.iter().find(|path| *path != file) {
        return Err(refuse(&other.display().to_string()));
    }
    match typed(planning) {
        Some(flag) => Err(refuse(flag)),
        None => Ok(Some(SavedPlan::read(file)?)),
    }
}

/// A flag that asks for another plan than one that was approved before. The budgets of a pipeline's environment are no wish
/// for this plan, and how much of it is shown is for the reader to say.
pub(super) fn typed(planning: &Planning) -> Option<&'static str> {
    let Planning { replace, delete_strays, budgets, selecting, extent: _ } = planning;
    let Budgets { max_delete, max_replace } = budgets;
    let Selecting { target, exclude, selector } = selecting;
    let typed = |given: bool, variable: &str| given && env::var(variable).is_none();
    let given = [
        (!replace.is_empty(), "--replace"),
        (*delete_strays, "--delete-strays"),
        (typed(max_delete.is_some(), "RECONCILE_MAX_DELETE"), "--max-delete"),
        (typed(max_replace.is_some(), "RECONCILE_MAX_REPLACE"), "--max-replace"),
        (typed(!target.is_empty(), "RECONCILE_TARGET"), "--target"),
        (typed(!exclude.is_empty(), "RECONCILE_EXCLUDE"), "--exclude"),
        (typed(!selector.is_empty(), "RECONCILE_SELECTOR"), "--selector"),
    ];
    given.into_iter().find_map(|(given, flag)| given.then_some(flag))
}

fn first_saved(paths: &[PathBuf]) -> Result<Option<(&PathBuf, Kind)>, CliError> {
    for path in paths {
        if let Some(kind) = kind_of(path)? {
            return Ok(Some((path, kind)));
        }
    }
    Ok(None)
}

/// What stands against the plan, whatever live may be.
pub(super) fn judge_state(session: &Session, saved: &SavedPlan, now: &Recovered) -> Vec<String> {
    let (made, ours) = (&saved.stamp.tool, env!("CARGO_PKG_VERSION"));
    let mut against = Vec::new();
    if made != ours {
        against.push(format!("it was made by reconcile {made}, and this is {ours}"));
    }
    if saved.profile != session.wired.profile {
        let (theirs, ours) = (&saved.profile, &session.wired.profile);
        against.push(format!("it was made for profile {theirs}, and this is {ours}"));
    }
    against.extend(moved::state(saved, now));
    against
}

/// What stands against the plan, now that it was made again from what is there.
///
/// # Errors
/// There is no plan.
pub(super) fn judge_plan(
    saved: &SavedPlan,
    desired: &DesiredSet,
    now: &Planned,
) -> Result<Vec<String>, CliError> {
    let mut against = moved::secrets(&saved.desired, desired);
    let then = Planned::on(saved.evidence.clone(), &saved.desired, &saved.options)?;
    if json::saved_plan(&then.plan) != saved.shown {
        against.push("this reconcile makes another plan of it than the one that was shown".to_owned());
    }
    if then.plan != now.plan {
        let (then, now) = ((&then.plan, &then.evidence), (&now.plan, &now.evidence));
        against.extend(moved::rows(then, now));
        if against.is_empty() {
            against.extend(moved::elsewhere(then, now));
        }
    }
    Ok(against)
}

/// `show FILE`, if the text names a saved plan: as it was made, whatever has become of it. Sends nothing.
pub(super) fn show(session: &Session, text: &str, others: &[PathBuf]) -> Result<Option<Exit>, CliError> {
    let file = Path::new(text);
    match kind_of(file)? {
        None => return Ok(None),
        Some(Kind::Live) => {
            return Err(CliError::Usage(format!(
                "{text} is a live snapshot: `plan --offline` and `drift --offline` take it"
            )));
        }
        Some(Kind::Plan) if !others.is_empty() => {
            return Err(CliError::Usage(format!("{text} is a saved plan and needs no manifests")));
        }
        Some(Kind::Plan) => {}
    }
    let saved = SavedPlan::read(file)?;
    let moved = match session.recorded() {
        Ok(now) => judge_state(session, &saved, &now),
        Err(CliError::State(error)) => vec![error.to_string()],
        Err(error) => return Err(error),
    };
    let SavedPlan { stamp, id, profile, options, desired, evidence, shown: document } = saved;
    if session.common.json {
        let lineage = &evidence.recovered.snapshot.lineage;
        let document = json!({
            "id": id, "createdAt": stamp.created_at, "tool": stamp.tool, "profile": profile, "lineage": lineage,
            "moved": moved, "plan": document,
        });
        session.terminal.data(&json::document("show", document));
        return Ok(Some(Exit::Success));
    }
    let style = Style::new(session.terminal.stdout_colour);
    let mut text = format!("Saved plan of {}, profile {profile}\n", stamp.created_at);
    for line in &moved {
        text.push_str(&format!("{} {line}\n", style.error("cannot be applied:")));
    }
    text.push('\n');
    let planned = Planned::on(evidence, &desired, &options)?;
    text.push_str(&shown(&planned, &desired, view(session.terminal, Extent { concise: false, full: true })));
    session.terminal.data(&text);
    Ok(Some(Exit::Success))
}
