//! The rows of a plan as diffs, for readers who know those: forges colour lines by their first character.

use super::field;
use super::group::Sort;
use super::{Declared, is_shown};
use crate::cli::render::{drift, fit, words};
use crate::domain::desired::Origin;
use crate::domain::field::FieldValue;
use crate::domain::plan::{Change, Plan, Row};

/// A row that is not simply kept. Values are concealed as in the text.
#[derive(Debug)]
pub(crate) struct Changed {
    pub(crate) address: String,
    /// The symbol of the text.
    pub(crate) symbol: &'static str,
    /// `create`, `update`, …
    pub(crate) action: &'static str,
    pub(crate) origin: Option<Origin>,
    /// Why it is blocked, if it is.
    pub(crate) blocked: Option<String>,
    /// Whether live moved since it was applied.
    pub(crate) moved: bool,
    /// The fields and the reasons, each line with its mark in the first column.
    pub(crate) diff: String,
}

/// The rows that are not simply kept; first what a reader must not miss.
pub(crate) fn changed(plan: &Plan, declared: &Declared<'_>) -> Vec<Changed> {
    let mut rows: Vec<&Row> =
        plan.rows.iter().filter(|row| is_shown(row) && words::change(row) != "keep").collect();
    rows.sort_by_key(|row| Sort::of(row));
    let of_row = |row: &&Row| Changed {
        address: row.address.to_string(),
        symbol: words::symbol(row),
        action: words::change(row),
        origin: row.origin.clone(),
        blocked: match &row.change {
            Change::Blocked(reason) => Some(words::blocked(reason)),
            _ => None,
        },
        moved: drift::has_moved(row),
        diff: diff(row, &declared(&row.key)),
    };
    rows.iter().map(of_row).collect()
}

fn diff(row: &Row, declared: &[(String, FieldValue)]) -> String {
    let key = fit::clean(&row.key.to_string());
    let mut lines = match &row.change {
        Change::Create(_) => {
            let shown = |(name, value): &(String, FieldValue)| {
                format!("+ {name} : {}\n", fit::clean(&value.to_string()))
            };
            format!("+ at : {key}\n{}", declared.iter().map(shown).collect::<String>())
        }
        Change::Delete(_) | Change::Forget(_) => format!("- at : {key}\n"),
        _ => row.fields.iter().map(|verdict| field::diff(verdict, row.address.kind)).collect(),
    };
    let mark = if matches!(row.change, Change::Blocked(_)) { '!' } else { '#' };
    for reason in words::reasons(row) {
        lines.push_str(&format!("{mark} {}\n", fit::clean(&reason)));
    }
    lines
}
