//! Reads `lifecycle` (design.md 3).

use super::object::{Field, Object};
use super::report::Report;
use super::{codes, decode, suggest};
use crate::domain::address::Kind;
use crate::domain::desired::{Lifecycle, OnRemove, Timeouts};
use crate::domain::field::OnChange;
use crate::domain::rules::rules;

/// Reads the section. Which fields can be ignored depends on the kind; without one they are not looked at.
pub(super) fn read(field: Field, kind: Option<Kind>, report: &mut Report<'_>) -> Option<Lifecycle> {
    let mut object = Object::open(field, "lifecycle", report)?;
    let mut flag = |name, report: &mut Report<'_>| {
        object.optional(name).and_then(|field| decode::flag(&field, report)).unwrap_or_default()
    };
    let protect = flag("protect", report);
    let adopt = flag("adopt", report);
    let allow_gap = flag("allowGap", report);
    let choices = [("delete", OnRemove::Delete), ("retain", OnRemove::Retain)];
    let on_remove = object
        .optional("onRemove")
        .and_then(|field| decode::choice(field, &choices, report))
        .unwrap_or_default();
    let ignore_fields = object
        .optional("ignoreFields")
        .and_then(|field| decode::set(field, report, |item, report| pointer(item, kind?, report)))
        .unwrap_or_default();
    let timeouts = object.optional("timeouts").and_then(|field| timeouts(field, report)).unwrap_or_default();
    object.finish(report);
    Some(Lifecycle { protect, on_remove, adopt, allow_gap, ignore_fields, timeouts })
}

/// A JSON pointer to a field that can change in place.
fn pointer(field: Field, kind: Kind, report: &mut Report<'_>) -> Option<String> {
    let mark = field.node.mark;
    let text = decode::line(field, report)?;
    let allowed: Vec<String> = rules(kind)
        .iter()
        .filter(|rule| rule.on_change == OnChange::InPlace)
        .map(|rule| format!("/spec/{}", rule.name))
        .collect();
    if allowed.contains(&text) {
        return Some(text);
    }
    let message = match rules(kind).iter().find(|rule| format!("/spec/{}", rule.name) == text) {
        Some(rule) => format!("`{}` forces a replacement and cannot be ignored", rule.name),
        None => format!("`{text}` is not a field of {kind}"),
    };
    let help = suggest::help(&text, allowed.iter().map(String::as_str));
    report.error(codes::BAD_IGNORE, mark, message, "cannot be ignored", Some(help))
}

fn timeouts(field: Field, report: &mut Report<'_>) -> Option<Timeouts> {
    let mut object = Object::open(field, "lifecycle.timeouts", report)?;
    let mut duration = |name, report: &mut Report<'_>| {
        object.optional(name).and_then(|field| decode::duration(field, report))
    };
    let create = duration("create", report);
    let update = duration("update", report);
    let delete = duration("delete", report);
    object.finish(report);
    Some(Timeouts { create, update, delete })
}
