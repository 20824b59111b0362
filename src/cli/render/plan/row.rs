//! One row of a plan: as a block with all its fields, or in one line.

use unicode_width::UnicodeWidthStr;

use super::View;
use super::field::field;
use crate::cli::render::style::Style;
use crate::cli::render::{fit, words};
use crate::domain::field::FieldValue;
use crate::domain::plan::{Change, Row};

/// The columns of a symbol and the space behind it.
pub(super) const SYMBOL: usize = 4;
/// Where fields and reasons begin.
const INDENT: usize = 6;

/// Where a row is declared; what is not declared any more has its identity.
pub(super) fn origin(row: &Row) -> String {
    fit::clean(&row.origin.as_ref().map_or_else(|| row.key.to_string(), ToString::to_string))
}

/// A row with all its fields and reasons.
pub(super) fn block(row: &Row, width: usize, declared: &[(String, FieldValue)], view: View) -> String {
    let style = view.style;
    let (address, origin) = (row.address.to_string(), origin(row));
    let mut text = format!("{} {}", symbol(row, style), style.strong(&address));
    let used = SYMBOL + address.width().max(width) + 2 + origin.width();
    if view.columns.is_none_or(|columns| used <= columns) {
        text.push_str(&" ".repeat(width.saturating_sub(address.width()) + 2));
    } else {
        text.push_str(&format!("\n{}", " ".repeat(INDENT)));
    }
    text.push_str(&format!("{}\n", style.dim(&origin)));
    let creates = matches!(row.change, Change::Create(_));
    let names: Vec<&str> = if creates {
        std::iter::once("at").chain(declared.iter().map(|(field, _)| field.as_str())).collect()
    } else {
        row.fields.iter().map(|verdict| verdict.field.as_str()).collect()
    };
    let widest = names.iter().map(|name| name.width()).max().unwrap_or(0);
    let room = view.room(INDENT + widest + 3);
    let values: Vec<String> = if creates {
        let declared =
            declared.iter().map(|(_, value)| style.add(&fit::value(&fit::clean(&value.to_string()), room)));
        std::iter::once(row.key.to_string()).chain(declared).collect()
    } else {
        row.fields.iter().map(|verdict| field(verdict, row.address.kind, style, room)).collect()
    };
    let below = format!("\n{}", " ".repeat(INDENT + widest));
    for (name, value) in names.iter().zip(values) {
        let pad = " ".repeat(widest.saturating_sub(name.width()));
        text.push_str(&format!("      {name}{pad} : {}\n", value.replace('\n', &below)));
    }
    for reason in words::reasons(row).iter().flat_map(|reason| fit::wrap(reason, view.room(INDENT))) {
        let blocked = matches!(row.change, Change::Blocked(_));
        let reason = if blocked { style.error(&reason) } else { style.dim(&reason) };
        text.push_str(&format!("      {reason}\n"));
    }
    text.push('\n');
    text
}

/// A row in one line: what changes of it, or why it does not. Addresses and places stay whole.
pub(super) fn line(row: &Row, width: usize, view: View) -> String {
    let style = view.style;
    let (address, origin) = (row.address.to_string(), origin(row));
    let pad = " ".repeat(width.saturating_sub(address.width()));
    let what = match &row.change {
        Change::Create(_) => String::new(),
        Change::Update(_) | Change::Replace(_) | Change::Adopt(_) if !row.fields.is_empty() => {
            row.fields.iter().map(|verdict| verdict.field.as_str()).collect::<Vec<_>>().join(", ")
        }
        _ => words::reasons(row).into_iter().next().unwrap_or_default(),
    };
    let used = SYMBOL + address.width() + pad.len() + 2 + origin.width() + 2;
    let what = match view.room(used) {
        Some(room) => fit::shorten(&what, room),
        None => what,
    };
    let what = if matches!(row.change, Change::Blocked(_)) { style.error(&what) } else { what };
    let line =
        format!("{} {}{pad}  {}  {what}", symbol(row, style), style.strong(&address), style.dim(&origin));
    format!("{}\n", line.trim_end())
}

fn symbol(row: &Row, style: Style) -> String {
    let symbol = format!("{:>3}", words::symbol(row));
    match &row.change {
        Change::Create(_) => style.add(&symbol),
        Change::Update(_) | Change::Keep => style.change(&symbol),
        Change::Replace(_) | Change::Delete(_) => style.remove(&symbol),
        Change::Adopt(_) => style.adopt(&symbol),
        Change::Forget(_) => style.dim(&symbol),
        Change::Blocked(_) => style.error(&symbol),
    }
}
