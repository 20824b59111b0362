//! Summary lines: what a plan would do and cost, and what a run did.

use std::time::Duration;

use super::style::Style;
use crate::domain::natural_key::Scope;
use crate::domain::plan::{Counts, Plan};
use crate::engine::executor::{Report, RowResult};

/// `1 thing`, `2 things`.
pub(crate) fn count(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

/// A duration for people: `0.38 s`, `41 s`, `3 min 5 s`.
pub(crate) fn time(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{:.2} s", duration.as_secs_f64()),
        10..120 => format!("{seconds} s"),
        _ => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

/// `2 list calls, 1 query`: namespaces are listed one by one, all stores by one query.
fn reads(plan: &Plan) -> String {
    let queries = plan.reads.iter().filter(|scope| **scope == Scope::Stores).count();
    match (plan.reads.len() - queries, queries) {
        (lists, 0) => count(lists, "list call"),
        (0, _) => "1 query".to_owned(),
        (lists, _) => format!("{}, 1 query", count(lists, "list call")),
    }
}

/// The two lines below a plan: what, and at what cost. A plan from a file has no time of its own.
pub(crate) fn of_plan(plan: &Plan, took: Option<Duration>, style: Style) -> String {
    let took = took.map_or_else(|| "recorded".to_owned(), time);
    let Counts { add, change, replace, destroy, forget, blocked, unchanged, not_selected } = plan.counts();
    let reads = reads(plan);
    if plan.is_empty() && plan.rows.is_empty() && not_selected == 0 {
        return format!("{} Nothing is declared and nothing is recorded.", style.strong("No changes."));
    }
    if plan.is_empty() && blocked == 0 {
        return format!(
            "{} {} live (serial {}, {reads}, {}).{}",
            style.strong("No changes."),
            if unchanged == 1 {
                "1 manifest matches".to_owned()
            } else {
                format!("{unchanged} manifests match")
            },
            plan.serial,
            took,
            if not_selected > 0 { format!(" {not_selected} not selected.") } else { String::new() }
        );
    }
    let strays = plan.strays.iter().filter(|stray| stray.delete).count();
    let mut rest = vec![format!("{unchanged} unchanged")];
    if forget > 0 {
        rest.push(format!("{forget} forgotten"));
    }
    if blocked > 0 {
        rest.push(style.error(&format!("{blocked} blocked")));
    }
    if not_selected > 0 {
        rest.push(format!("{not_selected} not selected"));
    }
    format!(
        "{} {add} to add, {change} to change, {replace} to replace, {} to destroy. {}.\nReads: {reads} ({}). Writes if applied: {}.",
        style.strong("Plan:"),
        destroy + strays,
        rest.join(", "),
        took,
        plan.writes()
    )
}

/// The line below a run.
pub(crate) fn of_run(
    command: &str,
    report: &Report,
    converged: bool,
    took: Duration,
    style: Style,
) -> String {
    let command = if command == "destroy" { "Destroy" } else { "Apply" };
    let done = report.rows.iter().filter(|outcome| outcome.result == RowResult::Done);
    let Counts { add, change, replace, destroy, forget, blocked: _, unchanged: _, not_selected: _ } =
        Counts::of(done.map(|outcome| &outcome.row));
    let failed = report.all_failures().count();
    let skipped =
        report.rows.iter().filter(|outcome| matches!(outcome.result, RowResult::Skipped(_))).count();
    let mut what = format!("{add} added, {change} changed, {replace} replaced, {destroy} destroyed");
    if forget > 0 {
        what.push_str(&format!(", {forget} forgotten"));
    }
    let serial = report.snapshot.serial;
    if report.is_complete() && converged {
        return format!(
            "{} {what} in {}. {} (serial {serial})",
            style.add(&format!("{command} complete:")),
            time(took),
            style.strong("Converged.")
        );
    }
    let state = if report.state_failure.is_some() {
        "The state could not be saved".to_owned()
    } else {
        format!("State saved (serial {serial})")
    };
    format!(
        "{} {what}, {failed} failed, {skipped} skipped. {state}.",
        style.error(&format!("{command} incomplete:"))
    )
}
