//! What must not happen: conflicts that the service would refuse, and refusals of the plan as a whole.

use std::collections::{BTreeMap, BTreeSet};

use super::pairing::Pair;
use super::{Goal, PlanInput, jar};
use crate::domain::address::Address;
use crate::domain::desired::Spec;
use crate::domain::field::FieldValue;
use crate::domain::kind::flink_connector::name;
use crate::domain::live::Census;
use crate::domain::natural_key::{NaturalKey, WorkspaceId};
use crate::domain::plan::{BlockReason, Change, Plan, Refusal, ReplaceOrder, Row, Strategy, StrayRow};

/// Blocks what cannot succeed. One blocked row may block others, so this runs until nothing changes; each round blocks
/// at least one more row, so it ends.
pub(super) fn block(rows: &mut [(Pair<'_>, Row)], strays: &[StrayRow], input: &PlanInput<'_>) {
    loop {
        let changed = [
            types(rows, strays, input),
            strays_in_the_way(rows, strays),
            dependencies(rows),
            jar::block_siblings(rows),
        ];
        if !changed.contains(&true) {
            return;
        }
    }
}

/// The workspace and type that a declaration claims.
pub(super) fn claim(pair: &Pair<'_>) -> Option<(WorkspaceId, FieldValue)> {
    match &pair.desired()?.spec {
        Spec::FlinkConnector(spec) => {
            Some((spec.workspace.clone(), FieldValue::Text(spec.connector_type.clone())))
        }
        Spec::Store(_) => None,
    }
}

/// The keys that this plan deletes before it registers anything in their place.
pub(super) fn freed(rows: &[(Pair<'_>, Row)], strays: &[StrayRow]) -> BTreeSet<NaturalKey> {
    let deleted = rows.iter().filter_map(|(pair, row)| deleted_key(pair, row));
    deleted.chain(strays.iter().filter(|stray| stray.delete).map(|stray| stray.key.clone())).collect()
}

/// What carrying out a row deletes, whether or not it then comes back.
pub(super) fn deleted_key(pair: &Pair<'_>, row: &Row) -> Option<NaturalKey> {
    match &row.change {
        // It is live, or an earlier run was cut off and it may still arrive.
        Change::Delete(_) | Change::Replace(_) => {
            pair.recorded().map(|recorded| &recorded.key).or(pair.live().map(|live| &live.key)).cloned()
        }
        Change::Update(Strategy::Reregister(_)) | Change::Adopt(Some(Strategy::Reregister(_))) => {
            pair.live().map(|live| live.key.clone())
        }
        _ => None,
    }
}

/// A connector type is unique per workspace: blocks a registration whose type somebody holds who is not removed.
fn types(rows: &mut [(Pair<'_>, Row)], strays: &[StrayRow], input: &PlanInput<'_>) -> bool {
    if !rows.iter().any(|(_, row)| row.change.registers()) {
        return false;
    }
    let freed = freed(rows, strays);
    let mut changed = false;
    let mut holders: BTreeMap<(WorkspaceId, FieldValue), NaturalKey> = BTreeMap::new();
    for live in input.live.values().flat_map(Census::objects).filter(|live| !freed.contains(&live.key)) {
        if let (Some(workspace), Some(held)) = (live.key.workspace(), live.fields.get(name::CONNECTOR_TYPE)) {
            holders.insert((workspace.clone(), held.clone()), live.key.clone());
        }
    }
    for (pair, row) in rows.iter_mut().filter(|(_, row)| row.change.registers()) {
        // A replacement that registers first leaves its old object in place until then.
        let own_old = match (&row.change, pair.live()) {
            (Change::Replace(ReplaceOrder::CreateFirst), Some(live)) => Some(live.key.clone()),
            _ => None,
        };
        let holder = claim(pair).and_then(|claim| holders.get(&claim)).cloned();
        if let Some(by) = holder.filter(|by| *by != row.key && Some(by) != own_old.as_ref()) {
            row.change = Change::Blocked(BlockReason::TypeTaken { by });
            changed = true;
        }
    }
    changed
}

/// A registration whose JAR, old or new, also brought a stray that still stands would be refused.
fn strays_in_the_way(rows: &mut [(Pair<'_>, Row)], strays: &[StrayRow]) -> bool {
    let standing = by_jar(strays.iter().filter(|stray| !stray.delete));
    if standing.is_empty() {
        return false;
    }
    let mut changed = false;
    for (pair, row) in rows.iter_mut().filter(|(_, row)| row.change.registers()) {
        if let Some(stray) = concerning(&standing, pair).into_iter().next() {
            row.change = Change::Blocked(BlockReason::StrayInTheWay(stray.key.clone()));
            changed = true;
        }
    }
    changed
}

/// Strays by the JAR that brought them.
pub(super) type StraysByJar<'s> = BTreeMap<(Option<&'s WorkspaceId>, &'s str), Vec<&'s StrayRow>>;

/// Indexes strays, so that a row finds its own without looking at all of them.
pub(super) fn by_jar<'s>(strays: impl Iterator<Item = &'s StrayRow>) -> StraysByJar<'s> {
    let mut by_jar = StraysByJar::new();
    for stray in strays {
        by_jar.entry((stray.key.workspace(), stray.jar_url.as_str())).or_default().push(stray);
    }
    by_jar
}

/// The strays that came from the JAR that a pair names now or named before, by key. Their types are taken in their whole
/// workspace.
pub(super) fn concerning<'s>(strays: &StraysByJar<'s>, pair: &Pair<'_>) -> Vec<&'s StrayRow> {
    let old = match pair.recorded().and_then(|recorded| recorded.value(name::JAR_URL)) {
        Some(FieldValue::Text(url)) => Some(url.clone()),
        _ => None,
    };
    let urls: BTreeSet<String> = old.into_iter().chain(jar::jar_of(pair).map(|(_, url)| url)).collect();
    let key = pair.key();
    let mut found: Vec<&StrayRow> = urls
        .iter()
        .filter_map(|url| strays.get(&(key.workspace(), url.as_str())))
        .flatten()
        .copied()
        .collect();
    found.sort_by(|one, other| one.key.cmp(&other.key));
    found
}

/// An object whose dependency cannot come to exist is not created, and neither is what depends on it in turn.
fn dependencies(rows: &mut [(Pair<'_>, Row)]) -> bool {
    let absent =
        |(pair, row): &(Pair<'_>, Row)| matches!(row.change, Change::Blocked(_)) && pair.live().is_none();
    let mut missing: BTreeSet<Address> =
        rows.iter().filter(|row| absent(row)).map(|(_, row)| row.address.clone()).collect();
    if missing.is_empty() {
        return false;
    }
    let mut dependents: BTreeMap<Address, Vec<usize>> = BTreeMap::new();
    for (index, (pair, _)) in rows.iter().enumerate().filter(|(_, (_, row))| row.change.registers()) {
        for on in pair.desired().into_iter().flat_map(|desired| &desired.depends_on) {
            dependents.entry(on.clone()).or_default().push(index);
        }
    }
    let mut changed = false;
    let mut news: Vec<Address> = missing.iter().cloned().collect();
    while !news.is_empty() {
        let met: BTreeSet<usize> = news.drain(..).filter_map(|on| dependents.remove(&on)).flatten().collect();
        for index in met {
            let Some((pair, row)) = rows.get_mut(index).filter(|(_, row)| row.change.registers()) else {
                continue;
            };
            let Some(on) =
                pair.desired().and_then(|desired| desired.depends_on.iter().find(|on| missing.contains(*on)))
            else {
                continue;
            };
            row.change = Change::Blocked(BlockReason::Dependency(on.clone()));
            changed = true;
            if pair.live().is_none() {
                news.push(row.address.clone());
            }
        }
        missing.extend(news.iter().cloned());
    }
    changed
}

/// Why nothing of this plan may be applied.
pub(super) fn refusals(plan: &Plan, input: &PlanInput<'_>) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    // Where nothing is declared, every row is of something recorded.
    let recorded = plan.rows.len();
    if input.options.goal == Goal::Converge && input.desired.is_empty() && recorded > 0 {
        refusals.push(Refusal::EmptyManifests { recorded });
    }
    let strays = plan.strays.iter().filter(|stray| stray.delete).count();
    let deletes = plan.rows.iter().filter(|row| matches!(row.change, Change::Delete(_))).count() + strays;
    if let Some(allowed) = input.options.limits.delete.filter(|allowed| deletes > *allowed) {
        refusals.push(Refusal::DeleteBudget { found: deletes, allowed });
    }
    let replaces = plan.rows.iter().filter(|row| replaces(row)).count();
    if let Some(allowed) = input.options.limits.replace.filter(|allowed| replaces > *allowed) {
        refusals.push(Refusal::ReplaceBudget { found: replaces, allowed });
    }
    refusals
}

/// Replacements and re-registrations: each contains a delete.
fn replaces(row: &Row) -> bool {
    matches!(
        row.change,
        Change::Replace(_)
            | Change::Update(Strategy::Reregister(_))
            | Change::Adopt(Some(Strategy::Reregister(_)))
    )
}

/// Which deletes of this plan free which connector type.
pub(super) fn freed_types(rows: &[(Pair<'_>, Row)]) -> BTreeMap<(WorkspaceId, FieldValue), Vec<NaturalKey>> {
    let mut freed: BTreeMap<_, Vec<NaturalKey>> = BTreeMap::new();
    for (pair, row) in rows {
        let recorded = pair.recorded().and_then(|recorded| recorded.value(name::CONNECTOR_TYPE));
        let held = pair.live().map_or(recorded, |live| live.fields.get(name::CONNECTOR_TYPE));
        let Some(key) = deleted_key(pair, row) else { continue };
        if let (Some(workspace), Some(held)) = (key.workspace(), held) {
            freed.entry((workspace.clone(), held.clone())).or_default().push(key.clone());
        }
    }
    freed
}
