//! Changes a list that is read as a set: what stays keeps its place and its spelling, what is new comes last, in order.

use std::collections::BTreeSet;

use yaml_parser::{SyntaxKind, SyntaxNode};

use super::{Obstacle, Splice, scalar};
use crate::manifest::place;
use crate::manifest::yaml::{Node, Value};

/// The changes after which the list holds exactly the wanted items.
pub(super) fn set(
    text: &str,
    value: &SyntaxNode,
    items: &[Node],
    wanted: &BTreeSet<String>,
) -> Result<Vec<Splice>, Obstacle> {
    let list = value
        .descendants()
        .find(|node| matches!(node.kind(), SyntaxKind::FLOW_SEQ | SyntaxKind::BLOCK_SEQ))
        .ok_or(Obstacle::Form)?;
    let is_entry =
        |node: &SyntaxNode| matches!(node.kind(), SyntaxKind::FLOW_SEQ_ENTRY | SyntaxKind::BLOCK_SEQ_ENTRY);
    let entries: Vec<SyntaxNode> = list.descendants().filter(is_entry).collect();
    let old: Vec<&str> = items.iter().map(text_of).collect::<Option<_>>().ok_or(Obstacle::Form)?;
    if entries.len() != old.len() {
        return Err(Obstacle::Form);
    }
    let in_flow = list.kind() == SyntaxKind::FLOW_SEQ;
    let style = entries.last().and_then(scalar::style).unwrap_or(scalar::Style::Plain);
    let new = wanted.iter().filter(|item| !old.contains(&item.as_str()));
    let new: Vec<String> =
        new.map(|item| scalar::written(item, style, in_flow || is_inside_flow(&list))).collect();
    let stays: Vec<bool> = old.iter().map(|item| wanted.contains(*item)).collect();
    if in_flow {
        flow(text, &list, &entries, &stays, &new)
    } else {
        block(text, &list, &entries, &stays, &new)
    }
}

fn text_of(item: &Node) -> Option<&str> {
    match &item.value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

fn is_inside_flow(list: &SyntaxNode) -> bool {
    list.ancestors().any(|node| node.kind() == SyntaxKind::FLOW_MAP)
}

/// `[a, b]`: between the brackets it is written anew, with the separator and the margins that it has.
fn flow(
    text: &str,
    list: &SyntaxNode,
    entries: &[SyntaxNode],
    stays: &[bool],
    new: &[String],
) -> Result<Vec<Splice>, Obstacle> {
    if place::has_comment(list) {
        return Err(Obstacle::Comment);
    }
    let raw = |from: usize, to: usize| text.get(from..to).ok_or(Obstacle::Form);
    let whole = place::range(list);
    let ranges: Vec<_> = entries.iter().map(place::range).collect();
    let separator = match ranges.as_slice() {
        [first, second, ..] => raw(first.end, second.start)?,
        _ => ", ",
    };
    let (begin, end) = match (ranges.first(), ranges.last()) {
        (Some(first), Some(last)) => (first.start, last.end),
        _ => (whole.start + 1, whole.end.saturating_sub(1)),
    };
    let mut items: Vec<&str> = Vec::new();
    for (range, _) in ranges.iter().zip(stays).filter(|(_, stays)| **stays) {
        items.push(raw(range.start, range.end)?);
    }
    items.extend(new.iter().map(String::as_str));
    if items.is_empty() {
        return Ok(vec![Splice { range: whole, text: "[]".to_owned() }]);
    }
    Ok(vec![Splice { range: begin..end, text: items.join(separator) }])
}

/// One item a line: the lines of what goes are taken out, those of what is new follow the last one.
fn block(
    text: &str,
    list: &SyntaxNode,
    entries: &[SyntaxNode],
    stays: &[bool],
    new: &[String],
) -> Result<Vec<Splice>, Obstacle> {
    let last = entries.last().map(place::range).ok_or(Obstacle::Form)?;
    if new.is_empty() && !stays.contains(&true) {
        // Nothing would be left behind the key but nothing, which is no list.
        if place::has_comment(list) || !rest_of_line(text, last.end).0.trim().is_empty() {
            return Err(Obstacle::Comment);
        }
        let whole = place::range(list);
        let key = text.get(..whole.start).ok_or(Obstacle::Form)?.trim_end().len();
        return if text.get(..key).is_some_and(|before| before.ends_with(':')) {
            Ok(vec![Splice { range: key..whole.end, text: " []".to_owned() }])
        } else {
            Err(Obstacle::Comment)
        };
    }
    let mut splices = Vec::new();
    for (entry, _) in entries.iter().zip(stays).filter(|(_, stays)| !**stays) {
        let range = place::range(entry);
        let (rest, end) = rest_of_line(text, range.end);
        if place::has_comment(entry) || !rest.trim().is_empty() {
            return Err(Obstacle::Comment);
        }
        let start = line_start(text, range.start);
        splices.push(Splice { range: start..end, text: String::new() });
    }
    if !new.is_empty() {
        let indent = text.get(line_start(text, last.start)..last.start).ok_or(Obstacle::Form)?;
        if !indent.trim().is_empty() {
            return Err(Obstacle::Form);
        }
        let (_, end) = rest_of_line(text, last.end);
        let line_end = match text.get(..end) {
            Some(before) if before.ends_with("\r\n") => "\r\n",
            _ => "\n",
        };
        let is_ended = text.get(..end).is_some_and(|before| before.ends_with('\n'));
        let lines: Vec<String> = new.iter().map(|item| format!("{indent}- {item}")).collect();
        let lines = lines.join(line_end);
        let text = if is_ended { format!("{lines}{line_end}") } else { format!("\n{lines}") };
        splices.push(Splice { range: end..end, text });
    }
    Ok(splices)
}

/// The byte at which the line of a byte begins.
fn line_start(text: &str, byte: usize) -> usize {
    text.get(..byte).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1)
}

/// What stands behind a byte on its line, and the byte behind the line's end.
fn rest_of_line(text: &str, byte: usize) -> (&str, usize) {
    let rest = text.get(byte..).unwrap_or_default();
    let length = rest.find('\n').map_or(rest.len(), |at| at + 1);
    (rest.get(..length).unwrap_or_default(), byte + length)
}
