//! What a pass has shown of the objects, as far as others should hear of it.

use std::collections::BTreeSet;

use crate::cli::notification::{Fault, Seen};
use crate::cli::render::{drift, words};
use crate::domain::address::Address;
use crate::domain::plan::{Change, Plan, Row};
use crate::engine::executor::{Cause, Report, RowResult};

/// Where nothing is applied: everything that differs.
pub(super) fn in_report(plan: &Plan) -> Seen {
    let differs = |row: &&Row| row.change != Change::Keep || row.renamed_from.is_some();
    let wrong = plan.rows.iter().filter(differs).map(|row| (row.address.clone(), (Fault::Drift, what(row))));
    Seen { wrong: wrong.collect(), ..Seen::default() }
}

/// Where everything is applied, before that: what moved since the last time, and what is blocked. What manifests want anew
/// is no news. `within` is what the plan is about, unless it is about everything.
pub(super) fn before_apply(
    plan: &Plan,
    left_alone: &BTreeSet<Address>,
    within: Option<BTreeSet<Address>>,
) -> Seen {
    let fault = |row: &Row| match &row.change {
        Change::Blocked(_) => Some(Fault::Failure),
        _ => drift::has_moved(row).then_some(Fault::Drift),
    };
    let wrong =
        plan.rows.iter().filter_map(|row| Some((row.address.clone(), (fault(row)?, what(row))))).collect();
    Seen { wrong, left_alone: left_alone.clone(), within }
}

/// The same after it was applied. `None` when it was cut off: what was not begun has neither failed nor recovered.
pub(super) fn after_apply(mut seen: Seen, report: &Report) -> Option<Seen> {
    for outcome in &report.rows {
        let address = outcome.row.address.clone();
        match &outcome.result {
            RowResult::Done => {}
            RowResult::Failed(failure) if failure.cause != Cause::Superseded => {
                seen.wrong.insert(address, (Fault::Failure, failure.message.clone()));
            }
            RowResult::Failed(_) | RowResult::Skipped(_) => {
                seen.left_alone.insert(address);
            }
        }
    }
    (!report.stopped).then_some(seen)
}

/// `update: live moved`, or `blocked: …`.
fn what(row: &Row) -> String {
    let word = words::change(row);
    match &row.change {
        Change::Blocked(_) => format!("{word}: {}", words::reasons(row).join("; ")),
        _ if drift::has_moved(row) => format!("{word}: live moved"),
        _ => word.to_owned(),
    }
}
