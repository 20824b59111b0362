//! The words for changes, reasons and blocks: one place, so that text and JSON agree.

use std::collections::BTreeSet;

use crate::domain::plan::{
    BlockReason, Change, CreateReason, DeleteReason, ForgetReason, NativeReason, Note, ReplaceOrder,
    ReregisterReason, Row, Strategy,
};

/// The symbol of a row (features 3.4).
pub(super) fn symbol(row: &Row) -> &'static str {
    match &row.change {
        Change::Create(_) => "+",
        Change::Update(_) => "~",
        Change::Replace(ReplaceOrder::DeleteFirst) => "-/+",
        Change::Replace(ReplaceOrder::CreateFirst) => "+/-",
        Change::Delete(_) => "-",
        Change::Adopt(_) => ">",
        Change::Forget(_) => "x",
        Change::Blocked(_) => "!",
        Change::Keep if row.renamed_from.is_some() => "~",
        Change::Keep => " ",
    }
}

/// The name of a change, for JSON.
pub(crate) fn change(row: &Row) -> &'static str {
    match &row.change {
        Change::Create(_) => "create",
        Change::Update(_) => "update",
        Change::Replace(_) => "replace",
        Change::Delete(_) => "delete",
        Change::Adopt(_) => "adopt",
        Change::Forget(_) => "forget",
        Change::Blocked(_) => "blocked",
        Change::Keep if row.renamed_from.is_some() => "rename",
        Change::Keep => "keep",
    }
}

/// The JSON pointers that a row's manifest keeps from being compared, if there are any.
pub(super) fn ignored(row: &Row) -> Option<&BTreeSet<String>> {
    row.notes.iter().find_map(|note| match note {
        Note::Ignores(pointers) => Some(pointers),
        Note::NoWayBack | Note::Derived(_) | Note::CutOff => None,
    })
}

/// Why, and how, in whole sentences. One line each.
pub(crate) fn reasons(row: &Row) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(from) = &row.renamed_from {
        lines.push(format!("renamed from {from}; no request"));
    }
    lines.extend(change_reason(&row.change).iter().flat_map(|text| text.lines()).map(str::to_owned));
    lines.extend(row.notes.iter().map(note));
    lines
}

const GAP: &str = "delete, prove absence, register again: the API has no update, so there is a gap\nrunning jobs keep the \
                   old JAR until they are restarted";

fn change_reason(change: &Change) -> Option<String> {
    Some(match change {
        Change::Create(CreateReason::New) | Change::Delete(DeleteReason::Destroyed) | Change::Keep => {
            return None;
        }
        Change::Create(CreateReason::Absent) => "recorded, but absent: it is created again".to_owned(),
        Change::Update(Strategy::RecordOnly) => "recorded only; no request".to_owned(),
        Change::Update(Strategy::Reregister(reason)) => format!("{}{GAP}", because(reason)),
        Change::Adopt(Some(Strategy::Reregister(reason))) => {
            format!("taken over, then {}{GAP}", because(reason))
        }
        Change::Adopt(None | Some(Strategy::RecordOnly)) => "exists and is taken over; no request".to_owned(),
        Change::Update(Strategy::Native(reason)) => native(*reason).to_owned(),
        Change::Adopt(Some(Strategy::Native(reason))) => format!("taken over, then {}", native(*reason)),
        Change::Update(Strategy::Await) => "on its way to be ready: waited for; no request".to_owned(),
        Change::Adopt(Some(Strategy::Await)) => "taken over, and waited for until it is ready".to_owned(),
        Change::Replace(ReplaceOrder::DeleteFirst) => {
            "delete, then create: both cannot exist at once, so there is a gap".to_owned()
        }
        Change::Replace(ReplaceOrder::CreateFirst) => "create, then delete: no gap".to_owned(),
        Change::Delete(DeleteReason::ManifestGone) => "its manifest is gone".to_owned(),
        Change::Forget(ForgetReason::Retained) => "lifecycle.onRemove is retain: it lives on".to_owned(),
        Change::Forget(ForgetReason::NeverSeen) => "never seen, and something else has its name".to_owned(),
        Change::Forget(ForgetReason::Absent) => "absent already".to_owned(),
        Change::Blocked(reason) => blocked(reason),
    })
}

fn native(reason: NativeReason) -> &'static str {
    match reason {
        NativeReason::Fields => "updated in place; no gap",
        NativeReason::Errored => "in error: an update makes the service try again",
    }
}

fn because(reason: &ReregisterReason) -> String {
    match reason {
        ReregisterReason::Fields => String::new(),
        ReregisterReason::SharesJar(other) => {
            format!("shares its JAR with {other}, and a JAR is registered whole: ")
        }
        ReregisterReason::Requested => "asked for: ".to_owned(),
    }
}

/// Why a row is blocked, and what would allow it.
pub(super) fn blocked(reason: &BlockReason) -> String {
    match reason {
        BlockReason::Unmanaged => {
            "exists and is not managed: import it, or set lifecycle.adopt: true to take it over".to_owned()
        }
        BlockReason::AdoptDiffers { field, live } => {
            let live = live.as_ref().map_or_else(|| "another value".to_owned(), ToString::to_string);
            format!("exists with {field} {live}: taking it over would replace it; import or delete it first")
        }
        BlockReason::OutOfSight { then, now } if then.organization != now.organization => format!(
            "recorded in organization {}, and this is {}: use the profile of the other one",
            then.organization, now.organization
        ),
        BlockReason::OutOfSight { then, now } => format!(
            "unverifiable: role {} does not list it, and role {} did; what a role cannot see is not absent, so use \
             --deltastream-role {}",
            now.role, then.role, then.role
        ),
        BlockReason::Protected => {
            "lifecycle.protect stands against it: apply `protect: false` first".to_owned()
        }
        BlockReason::ProtectedGap => {
            "lifecycle.protect stands against the gap: lifecycle.allowGap: true would allow it".to_owned()
        }
        BlockReason::TypeTaken { by } => {
            format!("its connectorType is taken by {by}, which this plan does not remove")
        }
        BlockReason::Contradicted { field, desired, live } => {
            let show = |value: &Option<_>| {
                value
                    .as_ref()
                    .map_or_else(|| "nothing".to_owned(), crate::domain::field::FieldValue::to_string)
            };
            format!(
                "spec.{field} was declared as {} when it was applied, and the service showed {}: correct the manifest or the JAR (--replace tries again)",
                show(desired),
                show(live)
            )
        }
        BlockReason::Dependency(on) => format!("depends on {on}, which is blocked and does not exist"),
        BlockReason::SharesJar(with) => format!("shares its JAR with {with}, which is blocked"),
        BlockReason::StrayInTheWay(stray) => {
            format!(
                "its JAR also registered {stray}, which nobody declares: declare it, or pass --delete-strays"
            )
        }
    }
}

fn note(note: &Note) -> String {
    match note {
        Note::NoWayBack => {
            "the old JAR is not known: if the service refuses the new one, nothing is left to go back to"
                .to_owned()
        }
        Note::Derived(fields) => format!(
            "the service derives {} from the JAR: registering the same JAR again helps only if the JAR has changed",
            fields.join(", ")
        ),
        Note::Ignores(pointers) => {
            let pointers: Vec<&str> = pointers.iter().map(String::as_str).collect();
            format!("not compared (lifecycle.ignoreFields): {}", pointers.join(", "))
        }
        Note::CutOff => {
            "an earlier run may have sent this registration: it is looked for before it is sent".to_owned()
        }
    }
}
