//! What a simulation showed: what became of the plan, of live and of the state, and what would come next.

use std::time::Duration;

use serde_json::{Value, json};

use super::json::{live, plan as plan_json, report as report_json};
use super::summary::{count, time};
use super::{table, words};
use crate::cli::exit::{Exit, TABLE};
use crate::domain::desired::DesiredSet;
use crate::domain::journal::Recovered;
use crate::domain::live::{Live, Readiness, World};
use crate::domain::plan::{Change, Plan, Row};
use crate::domain::recorded::Condition;
use crate::engine::executor::{Report, RowResult};
use crate::engine::resume::Unfit;

/// What is shown.
pub(crate) struct Simulated {
    pub(crate) plan: Plan,
    pub(crate) desired: DesiredSet,
    pub(crate) end: End,
    pub(crate) world: World,
    pub(crate) recovered: Recovered,
    pub(crate) took: Duration,
    pub(crate) next: Next,
}

/// How the run ended.
pub(crate) enum End {
    /// By itself.
    Ran(Exit, Box<Report>),
    /// The process died.
    Died(Death),
    /// It did not begin: the plan is refused as a whole.
    Refused,
}

/// When the process died.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Death {
    pub(crate) step: usize,
    /// Behind its request, not before.
    pub(crate) after: bool,
}

/// What would be done next.
pub(crate) struct Next {
    /// By a plain apply.
    pub(crate) apply: Plan,
    /// By `apply --resume`, where there is something to resume.
    pub(crate) resume: Option<Result<Plan, Unfit>>,
}

/// What became of one row.
struct Fate<'a> {
    row: &'a Row,
    word: &'static str,
    why: Option<&'a str>,
}

fn works(row: &Row) -> bool {
    row.change != Change::Keep || row.renamed_from.is_some()
}

impl Simulated {
    fn fates(&self) -> Vec<Fate<'_>> {
        let fate = |row, (word, why)| Fate { row, word, why };
        let rows = self.plan.rows.iter().filter(|row| works(row));
        match &self.end {
            End::Ran(_, report) => {
                let of = |row: &&Row| {
                    let outcome = report.rows.iter().find(|outcome| outcome.row.key == row.key);
                    match outcome.map(|outcome| &outcome.result) {
                        _ if matches!(row.change, Change::Blocked(_)) => ("blocked", None),
                        None | Some(RowResult::Done) => ("done", None),
                        Some(RowResult::Failed(failure)) => ("failed", Some(failure.message.as_str())),
                        Some(RowResult::Skipped(why)) => ("skipped", Some(why.as_str())),
                    }
                };
                rows.map(|row| fate(row, of(&row))).collect()
            }
            End::Died(_) => {
                let open =
                    |row: &Row| self.next.apply.rows.iter().any(|next| next.key == row.key && works(next));
                let unsettled =
                    |row: &Row| self.recovered.open.values().any(|intent| intent.keys().contains(&&row.key));
                let of = |row: &Row| match row.change {
                    Change::Blocked(_) => ("blocked", None),
                    _ if open(row) => ("open", None),
                    _ if unsettled(row) => ("unsettled", None),
                    _ => ("done", None),
                };
                rows.map(|row| fate(row, of(row))).collect()
            }
            End::Refused => rows.map(|row| fate(row, ("not begun", None))).collect(),
        }
    }

    /// What is there of a row's object, and whether it is what its manifest declares.
    fn live(&self, row: &Row) -> (Option<&Live>, String) {
        let found = self.world.get(&row.key.scope()).and_then(|census| census.get(&row.key));
        let Some(found) = found else { return (None, "absent".to_owned()) };
        let state = match &found.readiness {
            Readiness::Ready => "present".to_owned(),
            Readiness::Pending { state, message: _ } => format!("present, {state}"),
            Readiness::Errored { message: _ } => "present, in error".to_owned(),
        };
        let declared = self.desired.values().find(|desired| desired.spec.key() == row.key);
        let Some(declared) = declared else { return (Some(found), format!("{state}, not declared")) };
        let other: Vec<String> = declared
            .spec
            .fields()
            .into_iter()
            .filter(|(field, wanted)| found.fields.get(field).is_some_and(|shown| shown != wanted))
            .map(|(field, _)| field)
            .collect();
        let text =
            if other.is_empty() { state } else { format!("{state}, with another {}", other.join(", ")) };
        (Some(found), text)
    }

    fn recorded(&self, row: &Row) -> &'static str {
        match self.recovered.snapshot.resources.get(&row.key).map(|recorded| &recorded.condition) {
            None => "not recorded",
            Some(Condition::Ready) => "ready",
            Some(Condition::Unconfirmed { .. }) => "unconfirmed",
            Some(Condition::Degraded { .. }) => "degraded",
            Some(Condition::Contradicted { .. }) => "contradicted",
            Some(Condition::Lost { .. }) => "lost",
        }
    }
}

/// For people.
pub(crate) fn text(simulated: &Simulated) -> String {
    let Simulated { plan, end, recovered, took, next, .. } = simulated;
    let steps = count(plan.steps.len(), "step");
    let mut text = format!(
        "Simulated on a model, nothing was sent: {steps}, {} of virtual time.\n\nSteps:\n",
        time(*took)
    );
    for (number, step) in (1..).zip(&plan.steps) {
        let sends = if step.writes() { "" } else { " (no request)" };
        text.push_str(&format!("  {number:>3}  {}{sends}\n", step.title()));
    }
    text.push_str(&match end {
        End::Ran(..) => "\nThe run ends by itself.\n".to_owned(),
        End::Died(Death { step, after: true }) => {
            format!("\nThe process dies at step {step}: the service has carried it out, and nobody hears the answer.\n")
        }
        End::Died(Death { step, after: false }) => {
            format!("\nThe process dies at step {step}: its intent is durable, and its request has not left.\n")
        }
        End::Refused => {
            let refusals: Vec<String> = plan.refusals.iter().map(ToString::to_string).collect();
            format!("\nNothing begins: {}.\n", refusals.join("; "))
        }
    });
    let line = |fate: &Fate<'_>| {
        let Fate { row, word, why } = fate;
        let word = why.map_or_else(|| (*word).to_owned(), |why| format!("{word}: {why}"));
        vec![
            words::symbol(row).to_owned(),
            row.address.to_string(),
            simulated.live(row).1,
            simulated.recorded(row).to_owned(),
            word,
        ]
    };
    let rows: Vec<Vec<String>> = simulated.fates().iter().map(line).collect();
    if !rows.is_empty() {
        text.push('\n');
        text.push_str(&table::render(&["", "OBJECT", "LIVE THEN", "RECORDED THEN", "RESULT"], rows));
    }
    text.push_str(&match recovered.open.len() {
        0 => format!("\nState: serial {}.\n", recovered.snapshot.serial),
        open => format!(
            "\nState: serial {}; the journal holds {} of which nobody knows what became.\n",
            recovered.snapshot.serial,
            count(open, "request")
        ),
    });
    if let Some(exit) = predicted(end) {
        let meaning = TABLE.iter().find(|(known, _)| *known == exit).map_or("", |(_, meaning)| meaning);
        text.push_str(&format!("Exit code of apply: {} ({meaning}).\n", exit.code()));
    }
    text.push_str(&then("`reconcile apply`", &next.apply));
    match &next.resume {
        None => {}
        Some(Ok(rest)) => text.push_str(&then("`reconcile apply --resume`", rest)),
        Some(Err(unfit)) => {
            text.push_str(&format!("Then `reconcile apply --resume` would refuse: {unfit}.\n"));
        }
    }
    text
}

/// What a next run would do, step by step.
fn then(command: &str, plan: &Plan) -> String {
    let mut text = match plan.steps.len() {
        0 => format!("Then {command} would find nothing to do.\n"),
        steps => format!("Then {command} would take {}:\n", count(steps, "step")),
    };
    for step in &plan.steps {
        text.push_str(&format!("  {}\n", step.title()));
    }
    text
}

/// The exit code that apply would have; none for a process that died.
fn predicted(end: &End) -> Option<Exit> {
    match end {
        End::Ran(exit, _) => Some(*exit),
        End::Refused => Some(Exit::Refused),
        End::Died(_) => None,
    }
}

/// For programs.
pub(crate) fn json(simulated: &Simulated) -> Value {
    let Simulated { plan, end, recovered, took, next, .. } = simulated;
    let steps = (1..).zip(&plan.steps).map(
        |(number, step): (usize, _)| json!({"step": number, "does": step.title(), "sends": step.writes()}),
    );
    let rows = simulated.fates();
    let rows = rows.iter().map(|Fate { row, word, why }| {
        let (found, _) = simulated.live(row);
        json!({
            "address": row.address.to_string(), "id": row.key.to_string(), "change": words::change(row),
            "result": word, "message": why, "live": found.map(|found| live(found, None)),
            "recorded": simulated.recorded(row),
        })
    });
    let (word, run) = match end {
        End::Ran(_, report) => ("ran", Some(report_json(report, next.apply.steps.is_empty()))),
        End::Died(_) => ("died", None),
        End::Refused => ("refused", None),
    };
    let died = match end {
        End::Died(Death { step, after }) => {
            Some(json!({"step": step, "moment": if *after { "after" } else { "before" }}))
        }
        End::Ran(..) | End::Refused => None,
    };
    let resume = match &next.resume {
        None => Value::Null,
        Some(Ok(rest)) => json!({"plan": plan_json(rest)}),
        Some(Err(unfit)) => json!({"refused": unfit.to_string()}),
    };
    json!({
        "steps": steps.collect::<Vec<_>>(), "end": word, "died": died, "rows": rows.collect::<Vec<_>>(), "run": run,
        "exit": predicted(end).map(Exit::code), "seconds": took.as_secs_f64(),
        "state": {"serial": recovered.snapshot.serial, "openWrites": recovered.open.len()},
        "next": {"apply": plan_json(&next.apply), "resume": resume},
    })
}
