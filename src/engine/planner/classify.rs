//! From the verdicts to the change: the table of design.md section 4. `tests/suite/model/table.rs` has a case for each row.

use super::pairing::Pair;
use super::{Goal, PlanInput, diff};
use crate::domain::address::Kind;
use crate::domain::desired::{Desired, OnRemove};
use crate::domain::field::{FieldValue, OnChange, Readable};
use crate::domain::kind::flink_connector::name;
use crate::domain::live::{Live, Readiness};
use crate::domain::plan::{
    BlockReason, Change, CreateReason, DeleteReason, DriftWord, FieldVerdict, ForgetReason, NativeReason,
    Note, ReplaceOrder, ReregisterReason, Row, Strategy,
};
use crate::domain::recorded::{Condition, Recorded};
use crate::domain::rules::{rule, rules};

/// Decides one row, seen alone. What other rows mean for it comes later.
pub(super) fn classify(pair: &Pair<'_>, input: &PlanInput<'_>) -> Row {
    let fields = match pair {
        Pair::Moved { desired, recorded, .. } => moved_fields(desired, recorded),
        _ => diff::of_pair(pair),
    };
    // What an earlier run may have registered is not absent because one listing does not show it.
    let may_arrive = pair.recorded().is_some_and(|recorded| input.unseen.contains_key(&recorded.key));
    let change = match pair {
        _ if let Some(reason) = out_of_sight(pair, input) => Change::Blocked(reason),
        Pair::New { live: None, .. } => Change::Create(CreateReason::New),
        Pair::New { desired, live: Some(live) } => unmanaged(desired, live, &fields),
        // Protection stands against losing an object, not against having it back; and where the old self is absent
        // already, nothing is replaced.
        Pair::Known { live: None, .. } => Change::Create(CreateReason::Absent),
        Pair::Moved { old: None, new: None, .. } if !may_arrive => Change::Create(CreateReason::Absent),
        // What was sent would have been settled by what live shows: this is somebody else's.
        Pair::Gone { recorded, live: Some(_), .. } if recorded.condition.may_arrive() => {
            Change::Forget(ForgetReason::NeverSeen)
        }
        Pair::Known { recorded, live: Some(_), .. } if recorded.condition.may_arrive() => {
            Change::Blocked(BlockReason::Unmanaged)
        }
        Pair::Moved { recorded, old: Some(_), new: None, .. } if recorded.condition.may_arrive() => {
            Change::Create(CreateReason::Absent)
        }
        Pair::Known { desired, recorded, live: Some(live) } => known(desired, recorded, live, &fields, input),
        Pair::Moved { new: Some(_), .. } => Change::Blocked(BlockReason::Unmanaged),
        Pair::Moved { recorded, .. } if recorded.protect => Change::Blocked(BlockReason::Protected),
        Pair::Moved { desired, recorded, .. } => Change::Replace(order(desired, recorded)),
        Pair::Gone { live: None, .. } if !may_arrive => Change::Forget(ForgetReason::Absent),
        Pair::Gone { recorded, destroyed, .. } => gone(recorded, *destroyed, input),
    };
    let renamed_from = match pair {
        Pair::Known { desired, recorded, .. } if desired.address != recorded.address => {
            Some(recorded.address.clone())
        }
        _ => None,
    };
    let notes = notes(pair, &change, &fields, input);
    Row {
        address: pair.address().clone(),
        key: pair.key(),
        origin: pair.desired().map(|desired| desired.origin.clone()),
        renamed_from,
        change,
        fields,
        notes,
    }
}

fn unmanaged(desired: &Desired, live: &Live, fields: &[FieldVerdict]) -> Change {
    if !desired.lifecycle.adopt {
        return Change::Blocked(BlockReason::Unmanaged);
    }
    if let Some(verdict) = fields.iter().find(|verdict| verdict.forces) {
        let (field, live) = (verdict.field.clone(), verdict.live.clone());
        return Change::Blocked(BlockReason::AdoptDiffers { field, live });
    }
    let differs = fields.iter().any(|verdict| verdict.costs);
    match desired.spec.kind() {
        Kind::FlinkConnector if differs => adopt(desired, ReregisterReason::Fields),
        Kind::FlinkConnector => Change::Adopt(None),
        Kind::Store => Change::Adopt(native(differs, live)),
    }
}

/// What an object whose API can change it needs: an update, another try, patience, or nothing.
fn native(differs: bool, live: &Live) -> Option<Strategy> {
    match &live.readiness {
        _ if differs => Some(Strategy::Native(NativeReason::Fields)),
        Readiness::Ready => None,
        Readiness::Errored { .. } => Some(Strategy::Native(NativeReason::Errored)),
        Readiness::Pending { .. } => Some(Strategy::Await),
    }
}

/// What somebody else saw and this listing does not show is neither there nor absent; and what another organization has
/// under this name is another object.
fn out_of_sight(pair: &Pair<'_>, input: &PlanInput<'_>) -> Option<BlockReason> {
    let recorded = pair.recorded()?;
    let census = input.live.get(&recorded.key.scope())?;
    let (then, now) = (recorded.observer.clone()?, census.observer().cloned()?);
    recorded.is_out_of_sight(census).then_some(BlockReason::OutOfSight { then, now })
}

/// A take-over that registers again, unless protection stands against its gap.
pub(super) fn adopt(desired: &Desired, reason: ReregisterReason) -> Change {
    match reregister(desired, reason) {
        Change::Update(strategy) => Change::Adopt(Some(strategy)),
        blocked => blocked,
    }
}

fn known(
    desired: &Desired,
    recorded: &Recorded,
    live: &Live,
    fields: &[FieldVerdict],
    input: &PlanInput<'_>,
) -> Change {
    let requested = input.options.replace.contains(&desired.address);
    if let Condition::Contradicted { field, desired: declared, live: shown } = &recorded.condition
        && !requested
        && *declared == desired.spec.fields()
        && *shown == live.fields
    {
        return Change::Blocked(BlockReason::Contradicted {
            field: field.clone(),
            desired: declared.get(field).cloned(),
            live: shown.get(field).cloned(),
        });
    }
    let protected = desired.lifecycle.protect;
    if fields.iter().any(|verdict| verdict.forces) {
        return if protected {
            Change::Blocked(BlockReason::Protected)
        } else {
            Change::Replace(ReplaceOrder::DeleteFirst)
        };
    }
    if desired.spec.kind() == Kind::Store {
        if requested {
            return if protected {
                Change::Blocked(BlockReason::Protected)
            } else {
                Change::Replace(ReplaceOrder::DeleteFirst)
            };
        }
        if let Some(strategy) = native(fields.iter().any(|verdict| verdict.costs), live) {
            return Change::Update(strategy);
        }
    } else if requested || fields.iter().any(|verdict| verdict.costs) {
        let reason = if fields.iter().any(|verdict| verdict.costs) {
            ReregisterReason::Fields
        } else {
            ReregisterReason::Requested
        };
        return reregister(desired, reason);
    }
    if fields.iter().any(|verdict| verdict.word != DriftWord::Ignored) {
        return Change::Update(Strategy::RecordOnly);
    }
    Change::Keep
}

/// A re-registration, unless protection stands against its gap.
pub(super) fn reregister(desired: &Desired, reason: ReregisterReason) -> Change {
    if desired.lifecycle.protect && !desired.lifecycle.allow_gap {
        Change::Blocked(BlockReason::ProtectedGap)
    } else {
        Change::Update(Strategy::Reregister(reason))
    }
}

/// Delete first when both cannot exist at once: the connector type is unique per workspace.
fn order(desired: &Desired, recorded: &Recorded) -> ReplaceOrder {
    if desired.spec.kind() == Kind::Store {
        // Another name is another store: both can exist at once.
        return ReplaceOrder::CreateFirst;
    }
    let key = desired.spec.key();
    let same_type = desired.spec.fields().get(name::CONNECTOR_TYPE) == recorded.value(name::CONNECTOR_TYPE);
    // A JAR brings all of its connectors: while the old ones are there, the same JAR cannot be registered again.
    let same_jar = desired.spec.fields().get(name::JAR_URL) == recorded.value(name::JAR_URL);
    if recorded.key.workspace() == key.workspace() && (same_type || same_jar) {
        ReplaceOrder::DeleteFirst
    } else {
        ReplaceOrder::CreateFirst
    }
}

fn gone(recorded: &Recorded, destroyed: bool, input: &PlanInput<'_>) -> Change {
    let by_manifest = match &input.options.goal {
        Goal::Converge => false,
        Goal::Destroy { protected, .. } => protected.contains(&recorded.address),
    };
    if recorded.protect || by_manifest {
        return Change::Blocked(BlockReason::Protected);
    }
    match recorded.on_remove {
        OnRemove::Retain => Change::Forget(ForgetReason::Retained),
        OnRemove::Delete if destroyed => Change::Delete(DeleteReason::Destroyed),
        OnRemove::Delete => Change::Delete(DeleteReason::ManifestGone),
    }
}

/// The key fields that moved: they are not readable from live, the record knows them.
fn moved_fields(desired: &Desired, recorded: &Recorded) -> Vec<FieldVerdict> {
    let text = |value: &str| Some(FieldValue::Text(value.to_owned()));
    let key = desired.spec.key();
    let parts = key.parts().into_iter().zip(recorded.key.parts());
    let moved = parts.map(|((field, now), (_, then))| (field, text(now), text(then)));
    let kind = desired.spec.kind();
    let declared = desired.spec.fields();
    let others = rules(kind)
        .iter()
        .filter(|rule| rule.readable != Readable::Key)
        .map(|rule| (rule.name, declared.get(rule.name).cloned(), recorded.value(rule.name).cloned()));
    moved
        .chain(others)
        .filter(|(_, desired, recorded)| desired.is_some() && desired != recorded)
        .map(|(field, desired, recorded)| FieldVerdict {
            forces: rule(kind, field).is_some_and(|rule| rule.on_change == OnChange::ForceNew),
            field: field.to_owned(),
            word: DriftWord::Changed,
            live: recorded.clone(),
            desired,
            recorded,
            costs: true,
        })
        .collect()
}

fn notes(pair: &Pair<'_>, change: &Change, fields: &[FieldVerdict], input: &PlanInput<'_>) -> Vec<Note> {
    let mut notes = Vec::new();
    if let Some(desired) = pair.desired().filter(|desired| !desired.lifecycle.ignore_fields.is_empty()) {
        notes.push(Note::Ignores(desired.lifecycle.ignore_fields.clone()));
    }
    let known = pair.recorded().map_or_else(|| pair.key(), |recorded| recorded.key.clone());
    if !matches!(change, Change::Blocked(_))
        && [known, pair.key()].iter().any(|key| input.unseen.contains_key(key))
    {
        notes.push(Note::CutOff);
    }
    if let Change::Update(Strategy::Reregister(_)) | Change::Adopt(Some(Strategy::Reregister(_))) = change {
        let way_back = pair.recorded().and_then(Recorded::spec).is_some();
        if !way_back {
            notes.push(Note::NoWayBack);
        }
        let same_jar =
            !fields.iter().any(|v| v.costs && matches!(v.field.as_str(), name::JAR_URL | name::JAR_VERSION));
        let derived: Vec<String> = fields.iter().filter(|v| v.costs).map(|v| v.field.clone()).collect();
        if same_jar && !derived.is_empty() && !input.sends_definition.contains(&pair.key().scope()) {
            notes.push(Note::Derived(derived));
        }
    }
    notes
}
