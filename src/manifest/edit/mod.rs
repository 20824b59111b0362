//! Changes one value of a text where it stands: the value's bytes become others, in the style in which it was written, and
//! no other byte changes.
//!
//! Pure: text and place in, text out. It proves nothing about the result; `accept` does.

mod list;
mod scalar;

#[cfg(test)]
mod tests;

use std::ops::Range;

use yaml_parser::{SyntaxKind, SyntaxNode};

use super::place;
use super::source::Source;
use super::yaml::{Node, Value};
use crate::domain::field::FieldValue;

/// Why a value is not changed where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// It is a block text.
    BlockText,
    /// A comment belongs to what would change or go.
    Comment,
    /// It is written in a form that the wanted value does not have.
    Form,
}

/// Bytes that become others.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Splice {
    range: Range<usize>,
    text: String,
}

/// The text in which the value that this node was read from is another one.
pub(super) fn set(source: &Source, node: &Node, wanted: &FieldValue) -> Result<String, Obstacle> {
    let tree = yaml_parser::parse(source.text()).ok().ok_or(Obstacle::Form)?;
    let value = place::value(&tree, source.offset(node.mark)).ok_or(Obstacle::Form)?;
    if value.descendants().any(|node| node.kind() == SyntaxKind::BLOCK_SCALAR) {
        return Err(Obstacle::BlockText);
    }
    let splices = match (wanted, &node.value) {
        (FieldValue::Set(wanted), Value::List(items)) => list::set(source.text(), &value, items, wanted)?,
        // A store takes one text with commas for a list.
        (FieldValue::Set(wanted), Value::Text(old)) => {
            let comma = if old.contains(',') && !old.contains(", ") { "," } else { ", " };
            let kept = old.split(',').map(str::trim).filter(|item| wanted.contains(*item));
            let kept: Vec<&str> = kept.collect();
            let new = wanted.iter().map(String::as_str).filter(|item| !kept.contains(item));
            scalar(&value, &kept.iter().copied().chain(new).collect::<Vec<_>>().join(comma))?
        }
        (FieldValue::Text(wanted), Value::Text(_)) => scalar(&value, wanted)?,
        (FieldValue::Flag(wanted), Value::Flag(_)) => {
            vec![Splice { range: place::range(&value), text: wanted.to_string() }]
        }
        _ => return Err(Obstacle::Form),
    };
    spliced(source.text(), splices)
}

fn scalar(value: &SyntaxNode, wanted: &str) -> Result<Vec<Splice>, Obstacle> {
    let style = scalar::style(value).ok_or(Obstacle::Form)?;
    let in_flow = value.ancestors().any(|node| node.kind() == SyntaxKind::FLOW_MAP);
    Ok(vec![Splice { range: place::range(value), text: scalar::written(wanted, style, in_flow) }])
}

fn spliced(text: &str, mut splices: Vec<Splice>) -> Result<String, Obstacle> {
    splices.sort_by_key(|splice| (splice.range.start, splice.range.end));
    let mut result = String::with_capacity(text.len());
    let mut done = 0;
    for Splice { range, text: new } in splices {
        // Two changes of one place are no change that is understood.
        result.push_str(text.get(done..range.start).ok_or(Obstacle::Form)?);
        result.push_str(&new);
        done = range.end;
    }
    result.push_str(text.get(done..).ok_or(Obstacle::Form)?);
    Ok(result)
}
