//! The plan, for people. Symbols stand in column one to three, so that `grep '^ *-/+'` works; colour never carries
//! meaning alone. A small plan shows every row with all its fields; of a large one, rows that are alike are counted and
//! the first of them shown, those that delete or are blocked before all others.

mod diff;
mod field;
mod group;
mod row;

use unicode_width::UnicodeWidthStr;

pub(crate) use self::diff::{Changed, changed};
use self::group::{Group, grouped};
use self::row::{block, line};
use super::style::Style;
use super::{fit, words};
use crate::domain::field::FieldValue;
use crate::domain::natural_key::NaturalKey;
use crate::domain::plan::{Change, DriftWord, Plan, Row};

/// A plan with no more rows than this shows all of them.
const SMALL: usize = 30;
/// Rows of one group that are shown: of those that delete, leave a gap or are blocked, and of all others.
const SHOWN_OF_GRAVE: usize = 50;
const SHOWN_OF_OTHERS: usize = 20;
/// Columns that addresses are aligned in, at most: one long name does not push all others aside.
const ALIGNED: usize = 60;

/// How much of a plan is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    /// Rows that are alike together, and of many only the first.
    Grouped,
    /// Every row, in one line.
    Concise,
    /// Every row, with all its fields.
    Full,
}

/// How a plan is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct View {
    /// Colours.
    pub(crate) style: Style,
    /// How much.
    pub(crate) detail: Detail,
    /// Columns of the terminal, if it is one.
    pub(crate) columns: Option<usize>,
}

impl View {
    /// The columns behind an indent.
    fn room(self, indent: usize) -> Option<usize> {
        /// Narrower than this nothing can be read.
        const LEAST: usize = 16;
        self.columns.map(|columns| columns.saturating_sub(indent).max(LEAST))
    }
}

/// What the manifest of a row declares, in the order in which it is shown.
type Declared<'a> = dyn Fn(&NaturalKey) -> Vec<(String, FieldValue)> + 'a;

/// The plan: its rows, what is not compared, strays. Refusals and the summary come behind it.
pub(crate) fn render(plan: &Plan, declared: &Declared<'_>, view: View) -> String {
    let shown: Vec<&Row> = plan.rows.iter().filter(|row| is_shown(row)).collect();
    let mut text = match view.detail {
        Detail::Concise => {
            let width = aligned(&shown, view);
            let lines: String = shown.iter().map(|row| line(row, width, view)).collect();
            if lines.is_empty() { lines } else { lines + "\n" }
        }
        Detail::Grouped if shown.len() > SMALL => {
            grouped(&shown).iter().map(|group| part(group, declared, view)).collect()
        }
        Detail::Grouped | Detail::Full => blocks(&shown, declared, view),
    };
    text.push_str(&ignored(plan, view));
    text.push_str(&strays(plan, view));
    text
}

/// Whether a row has something to say.
fn is_shown(row: &Row) -> bool {
    row.change != Change::Keep
        || row.renamed_from.is_some()
        || row.fields.iter().any(|verdict| verdict.word == DriftWord::Ignored)
}

fn blocks(rows: &[&Row], declared: &Declared<'_>, view: View) -> String {
    let width = aligned(rows, view);
    rows.iter().map(|row| block(row, width, &declared(&row.key), view)).collect()
}

/// The columns of the longest address, unless that leaves no room for what stands behind it.
fn aligned(rows: &[&Row], view: View) -> usize {
    let widest =
        rows.iter().map(|row| row.address.to_string().width()).filter(|width| *width <= ALIGNED).max();
    let origins = rows.iter().map(|row| row::origin(row).width()).max().unwrap_or(0);
    let fits =
        |width: &usize| view.columns.is_none_or(|columns| row::SYMBOL + width + 2 + origins <= columns);
    widest.filter(fits).unwrap_or(0)
}

/// A heading, the first rows, and how many more there are.
fn part(group: &Group<'_>, declared: &Declared<'_>, view: View) -> String {
    let cap = if group.is_grave() { SHOWN_OF_GRAVE } else { SHOWN_OF_OTHERS };
    let (first, more) = group.rows.split_at_checked(cap).unwrap_or((&group.rows, &[]));
    let mut text = format!("{}\n\n{}", view.style.strong(&group.heading()), blocks(first, declared, view));
    if !more.is_empty() {
        text.push_str(&format!(
            "      … {} more like these; --full shows every row\n\n",
            thousands(more.len())
        ));
    }
    text
}

/// What `lifecycle.ignoreFields` keeps from being compared is listed in every plan, so that it is not forgotten. Rows that
/// are shown say it themselves.
fn ignored(plan: &Plan, view: View) -> String {
    let hidden = |row: &&Row| view.detail == Detail::Concise || !is_shown(row);
    let all: Vec<String> = plan
        .rows
        .iter()
        .filter(hidden)
        .filter_map(|row| {
            let pointers: Vec<&str> = words::ignored(row)?.iter().map(String::as_str).collect();
            Some(format!("      {}  {}\n", row.address, pointers.join(", ")))
        })
        .collect();
    if all.is_empty() {
        return String::new();
    }
    format!("  . not compared, by lifecycle.ignoreFields:\n{}\n", capped(&all, view))
}

fn strays(plan: &Plan, view: View) -> String {
    let all: Vec<String> = plan
        .strays
        .iter()
        .map(|stray| {
            let (symbol, word) =
                if stray.delete { (view.style.remove("  -"), "deleted") } else { ("  .".to_owned(), "kept") };
            let (key, url) = (fit::clean(&stray.key.to_string()), fit::clean(&stray.jar_url));
            format!("{symbol} stray {key}: {url} registered it and nobody declares it; {word}\n\n")
        })
        .collect();
    capped(&all, view)
}

/// The first entries of a long list.
fn capped(all: &[String], view: View) -> String {
    let cap = if view.detail == Detail::Grouped { SMALL } else { all.len() };
    let (first, more) = all.split_at_checked(cap).unwrap_or((all, &[]));
    let mut text = first.concat();
    if !more.is_empty() {
        text.push_str(&format!(
            "      … {} more like these; --full shows every one\n",
            thousands(more.len())
        ));
    }
    text
}

/// `12,345`
fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests;
