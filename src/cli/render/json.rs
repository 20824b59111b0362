//! Plans and reports as JSON documents. Each carries the version of its format; fields are only ever added.

use serde_json::{Value, json};

use super::words;
use crate::cli::error::CliError;
use crate::domain::diagnostic::{Diagnostic, Severity};
use crate::domain::field::FieldValue;
use crate::domain::live::Live;
use crate::domain::plan::{Change, Counts, FieldVerdict, Plan, Row, StepId};
use crate::domain::recorded::Recorded;
use crate::engine::executor::{Report, RowResult};

/// The version of these documents.
const FORMAT: &str = "1.0";

/// A document of the current format.
pub(crate) fn document(command: &str, fields: Value) -> String {
    format!("{:#}\n", envelope(command, fields))
}

/// A document on one line, for who waits for a line.
pub(crate) fn line(command: &str, fields: Value) -> String {
    format!("{}\n", envelope(command, fields))
}

fn envelope(command: &str, fields: Value) -> Value {
    let mut document = json!({"formatVersion": FORMAT, "command": command});
    if let (Value::Object(all), Value::Object(fields)) = (&mut document, fields) {
        all.extend(fields);
    }
    document
}

/// The document of a command that failed: the same envelope, with `error` in place of what it would have said.
pub(crate) fn error(command: &str, error: &CliError) -> String {
    let failed = json!({
        "message": error.message(), "causes": error.causes(), "hint": error.hint(), "exit": error.exit().code(),
        "diagnostics": error.diagnostics().iter().map(diagnostic).collect::<Vec<_>>(),
    });
    document(command, json!({"error": failed}))
}

/// A diagnostic with its main place.
pub(crate) fn diagnostic(diagnostic: &Diagnostic) -> Value {
    let place = diagnostic.labels.first().map(|label| &label.span);
    json!({
        "code": diagnostic.code.to_string(),
        "severity": match diagnostic.severity { Severity::Error => "error", Severity::Warning => "warning" },
        "message": diagnostic.message, "help": diagnostic.help,
        "file": place.map(|span| &span.file), "line": place.map(|span| span.line),
        "column": place.map(|span| span.column),
    })
}

/// A value as its JSON type.
pub(crate) fn value(value: &FieldValue) -> Value {
    match value {
        FieldValue::Flag(flag) => json!(flag),
        FieldValue::Text(text) => json!(text),
        FieldValue::Set(items) => json!(items),
        FieldValue::Sealed(print) => json!(print),
    }
}

fn counts(counts: Counts) -> Value {
    let Counts { add, change, replace, destroy, forget, blocked, unchanged, not_selected } = counts;
    json!({
        "add": add, "change": change, "replace": replace, "destroy": destroy, "forget": forget,
        "blocked": blocked, "unchanged": unchanged, "notSelected": not_selected,
    })
}

/// How one field stands.
pub(crate) fn verdict(verdict: &FieldVerdict) -> Value {
    let FieldVerdict { field, word, desired, recorded, live, forces, costs } = verdict;
    json!({
        "field": field, "verdict": word.as_str(), "desired": desired.as_ref().map(value),
        "recorded": recorded.as_ref().map(value), "live": live.as_ref().map(value),
        "forcesReplacement": forces, "costsRequests": costs,
    })
}

fn row(row: &Row) -> Value {
    json!({
        "address": row.address.to_string(),
        "id": row.key.to_string(),
        "change": words::change(row),
        "reasons": words::reasons(row),
        "renamedFrom": row.renamed_from.as_ref().map(ToString::to_string),
        "source": row.origin.as_ref().map(|origin| {
            json!({"file": origin.file, "line": origin.line, "column": origin.column})
        }),
        "fields": row.fields.iter().map(verdict).collect::<Vec<_>>(),
    })
}

/// What is not compared of an object, by rule: named in every plan, whether or not there is a change.
fn ignored(row: &Row) -> Option<Value> {
    let pointers = words::ignored(row)?;
    Some(json!({"address": row.address.to_string(), "fields": pointers}))
}

/// A plan. Rows that are simply kept are counted, not listed.
pub(crate) fn plan(plan: &Plan) -> Value {
    let rows = plan.rows.iter().filter(|row| row.change != Change::Keep || row.renamed_from.is_some());
    json!({
        "serial": plan.serial,
        "changes": rows.map(row).collect::<Vec<_>>(),
        "ignored": plan.rows.iter().filter_map(ignored).collect::<Vec<_>>(),
        "strays": plan.strays.iter().map(|stray| {
            json!({"id": stray.key.to_string(), "jarUrl": stray.jar_url, "delete": stray.delete})
        }).collect::<Vec<_>>(),
        "refusals": plan.refusals.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "summary": counts(plan.counts()),
        "reads": plan.reads.len(),
        "writes": plan.writes(),
    })
}

/// A plan as a saved file shows it: with its steps, each by its number.
pub(crate) fn saved_plan(plan: &Plan) -> Value {
    let steps = plan.steps.iter().map(|step| {
        let after: Vec<usize> = step.after.iter().map(|StepId(before)| *before).collect();
        json!({"does": step.title(), "sends": step.writes(), "after": after})
    });
    let mut shown = self::plan(plan);
    if let Value::Object(shown) = &mut shown {
        shown.insert("steps".to_owned(), steps.collect());
    }
    shown
}

/// What a run did.
pub(crate) fn report(report: &Report, converged: bool) -> Value {
    let rows = report.rows.iter().map(|outcome| {
        let (result, message) = match &outcome.result {
            RowResult::Done => ("done", None),
            RowResult::Failed(failure) => ("failed", Some(failure.message.clone())),
            RowResult::Skipped(why) => ("skipped", Some(why.clone())),
        };
        json!({
            "address": outcome.row.address.to_string(), "id": outcome.row.key.to_string(),
            "change": words::change(&outcome.row), "result": result, "message": message,
        })
    });
    json!({
        "results": rows.collect::<Vec<_>>(),
        "failures": report.failures.iter().map(|failure| failure.message.clone()).collect::<Vec<_>>(),
        "strays": report.strays.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "requests": report.writes,
        "serial": report.snapshot.serial,
        "converged": converged,
        "stopped": report.stopped,
    })
}

/// A live object.
pub(crate) fn live(live: &Live, managed_as: Option<&Recorded>) -> Value {
    let fields: serde_json::Map<String, Value> =
        live.fields.iter().map(|(name, shown)| (name.clone(), value(shown))).collect();
    json!({
        "id": live.key.to_string(), "name": live.key.name(), "fields": fields, "attributes": live.attributes,
        "address": managed_as.map(|recorded| recorded.address.to_string()),
    })
}
