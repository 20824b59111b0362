//! Reads `lifecycle` (design.md 3).

use super::object::{Field, Object};
use super::report::Report;
use super::{codes, decode, suggest};
use crate::domain::address::Kind;
use crate::domain::desired::{Lifecycle, OnRemove, Timeouts};
use crate::domain::field::{FieldRule, OnChange};
use crate::domain::manifest_kind::ManifestKind;
use crate::domain::rules::rules;

/// What a store's lifecycle does not hold, and why.
const NOT_FOR_STORES: &[(&str, &str)] = &[
    ("timeouts", "every wait for a store is limited to 10 minutes"),
    ("allowGap", "a store is changed in place, so there is no gap to allow"),
];

/// Reads the section. What it may hold depends on the kind, and which fields can be ignored on the block that a store
/// declares; without a kind they are not looked at.
pub(super) fn read(
    field: Field,
    kind: Option<ManifestKind>,
    block: Option<&str>,
    report: &mut Report<'_>,
) -> Option<Lifecycle> {
    let kind = match kind {
        Some(ManifestKind::SinkVerification) => {
            let message = "`lifecycle` is not for suites".to_owned();
            let help = Some("nothing live stands behind a suite: it is run, not changed".to_owned());
            return report.error(codes::NOT_FOR_KIND, field.key, message, "remove it", help);
        }
        Some(ManifestKind::Object(kind)) => Some(kind),
        None => None,
    };
    let mut object = Object::open(field, "lifecycle", report)?;
    if kind == Some(Kind::Store) {
        for (name, because) in NOT_FOR_STORES {
            if let Some(field) = object.unwanted(name) {
                let message = format!("`{}` is not for stores", field.path);
                let help = Some((*because).to_owned());
                report.error::<()>(codes::NOT_FOR_KIND, field.key, message, "remove it", help);
            }
        }
    }
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
        .and_then(|field| decode::set(field, report, |item, report| pointer(item, kind?, block, report)))
        .unwrap_or_default();
    let timeouts = object.optional("timeouts").and_then(|field| timeouts(field, report)).unwrap_or_default();
    object.finish(report);
    Some(Lifecycle { protect, on_remove, adopt, allow_gap, ignore_fields, timeouts })
}

/// A JSON pointer to a field that can change in place.
fn pointer(field: Field, kind: Kind, block: Option<&str>, report: &mut Report<'_>) -> Option<String> {
    let mark = field.node.mark;
    let text = decode::line(field, report)?;
    let in_place = |rule: &&FieldRule| rule.on_change == OnChange::InPlace;
    let to = |rule: &FieldRule| format!("/spec/{}", rule.name.replace('.', "/"));
    // Fields of another block than the declared one are none of this store.
    let declared = |rule: &&FieldRule| match (rule.name.split_once('.'), block) {
        (Some((of, _)), Some(block)) => of == block,
        _ => true,
    };
    let fields = || rules(kind).iter().filter(declared);
    let allowed: Vec<String> = fields().filter(in_place).map(to).collect();
    if allowed.contains(&text) {
        return Some(text);
    }
    let shown = report.value(mark, &text, allowed.iter().map(String::as_str));
    let message = match fields().find(|rule| to(rule) == text) {
        Some(rule) => format!("`{}` forces a replacement and cannot be ignored", rule.name),
        None => format!("`{shown}` is not a field of this {kind}"),
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
