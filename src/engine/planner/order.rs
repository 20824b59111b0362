//! From rows to steps: what is sent, and what must have succeeded before it. Deterministic, and a contradiction is
//! reported as a path.

use std::collections::{BTreeMap, BTreeSet};

use super::guard::{by_jar, claim, concerning, deleted_key, freed_types};
use super::jar::{Jar, jar_of};
use super::pairing::Pair;
use super::{PlanError, PlanInput};
use crate::domain::address::{Address, Kind};
use crate::domain::desired::{Desired, Spec};
use crate::domain::field::FieldValue;
use crate::domain::kind::flink_connector::name;
use crate::domain::kind::store;
use crate::domain::live::{Live, Observer};
use crate::domain::natural_key::NaturalKey;
use crate::domain::plan::{
    Action, Change, DriftWord, Member, ReplaceOrder, Row, Step, StepId, Strategy, StrayRow,
};
use crate::domain::recorded::{Condition, Knowledge, Recorded};
use crate::domain::snapshot::StateChange;

/// Names a step before it has a number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Record,
    Delete(NaturalKey),
    Register(Jar),
    Create(NaturalKey),
    Update(NaturalKey),
}

#[derive(Debug)]
struct Draft {
    action: Action,
    after: BTreeSet<Node>,
}

/// Whether what others depend on leaves behind them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leave {
    /// As their records ask for.
    InOrder,
    /// As it comes.
    InAnyOrder,
}

/// Makes the steps.
///
/// # Errors
/// [`PlanError::Cycle`]
pub(super) fn steps(
    rows: &[(Pair<'_>, Row)],
    strays: &[StrayRow],
    input: &PlanInput<'_>,
    leave: Leave,
) -> Result<Vec<Step>, PlanError> {
    let mut drafts: BTreeMap<Node, Draft> = BTreeMap::new();
    record(rows, input, &mut drafts);
    deletes(rows, strays, input, &mut drafts);
    registrations(rows, input, &mut drafts);
    creations(rows, input, &mut drafts);
    updates(rows, input, &mut drafts);
    edges(rows, strays, leave, &mut drafts);
    linear(drafts)
}

/// Everything that costs no request, in one step: it comes first, so that a rename cannot be lost behind a failure.
fn record(rows: &[(Pair<'_>, Row)], input: &PlanInput<'_>, drafts: &mut BTreeMap<Node, Draft>) {
    let mut addresses = Vec::new();
    let mut changes = Vec::new();
    for (pair, row) in rows {
        let change = match (&row.change, pair) {
            (Change::Blocked(_), _) => None,
            (Change::Create(_), Pair::Moved { recorded, .. }) => {
                Some(StateChange::Remove(recorded.key.clone()))
            }
            (Change::Forget(_), _) => Some(StateChange::Remove(row.key.clone())),
            (Change::Adopt(_), Pair::New { desired, live: Some(live) }) => {
                Some(put(adopted(desired, live, input)))
            }
            (Change::Update(Strategy::RecordOnly), Pair::Known { desired, recorded, .. }) => {
                Some(put(followed(desired, recorded, row)))
            }
            (_, Pair::Known { recorded, .. }) if row.renamed_from.is_some() => {
                Some(put(Recorded { address: row.address.clone(), ..(*recorded).clone() }))
            }
            _ => None,
        };
        if let Some(change) = change {
            addresses.push(row.address.clone());
            changes.push(change);
        }
    }
    if !changes.is_empty() {
        drafts.insert(
            Node::Record,
            Draft { action: Action::Record { addresses, changes }, after: BTreeSet::new() },
        );
    }
}

fn put(recorded: Recorded) -> StateChange {
    StateChange::Put(Box::new(recorded))
}

/// For whom the listing of this object was made.
fn observer(key: &NaturalKey, input: &PlanInput<'_>) -> Option<Observer> {
    input.live.get(&key.scope()).and_then(|census| census.observer().cloned())
}

/// The record of an object that is taken over: what live shows is what is recorded; what no read shows is assumed.
fn adopted(desired: &Desired, live: &Live, input: &PlanInput<'_>) -> Recorded {
    let mut recorded = Recorded::applied(desired);
    recorded.observer = observer(&live.key, input);
    for (field, knowledge) in &mut recorded.fields {
        *knowledge = match live.fields.get(field) {
            Some(shown) => Knowledge::Applied(shown.clone()),
            None => match knowledge.value() {
                Some(value) => Knowledge::Assumed(value.clone()),
                None => Knowledge::Unknown,
            },
        };
    }
    recorded
}

/// The record that follows the manifest without a request: what no read can confirm is marked as assumed, what the
/// rules ignore keeps its recorded value. Where nothing costs a request live agrees, and a contradiction is over.
fn followed(desired: &Desired, recorded: &Recorded, row: &Row) -> Recorded {
    let mut next = Recorded { observer: recorded.observer.clone(), ..Recorded::applied(desired) };
    for verdict in &row.fields {
        let assumed = verdict.word == DriftWord::Unverifiable;
        if let Some(value) = verdict.desired.clone().filter(|_| assumed) {
            next.fields.insert(verdict.field.clone(), Knowledge::Assumed(value));
        }
    }
    for (field, knowledge) in &recorded.fields {
        let still_assumed =
            matches!(knowledge, Knowledge::Assumed(value) if next.value(field) == Some(value));
        let ignored = desired.lifecycle.ignores(field) && next.fields.contains_key(field);
        if still_assumed || ignored {
            next.fields.insert(field.clone(), knowledge.clone());
        }
    }
    next
}

fn deletes(
    rows: &[(Pair<'_>, Row)],
    strays: &[StrayRow],
    input: &PlanInput<'_>,
    drafts: &mut BTreeMap<Node, Draft>,
) {
    for (pair, row) in rows {
        let Some(key) = deleted_key(pair, row) else { continue };
        let comes_back = match (&row.change, pair) {
            (Change::Delete(_), _) | (_, Pair::Moved { .. }) => None,
            (_, Pair::New { desired, live: Some(live) }) => Some(adopted(desired, live, input)),
            _ => pair.recorded().cloned(),
        };
        // Between the two halves the record says that the object is gone, and keeps what is needed to bring it back.
        let when_absent = match comes_back {
            Some(recorded) => {
                let condition = Condition::Lost { message: String::new() };
                vec![put(Recorded { condition, address: row.address.clone(), ..recorded })]
            }
            None => vec![StateChange::Remove(key.clone())],
        };
        let timeouts = pair.desired().map(|desired| desired.lifecycle.timeouts).unwrap_or_default();
        let action = Action::Delete {
            address: Some(row.address.clone()),
            key: key.clone(),
            when_absent,
            owner: owner(pair),
            limit: timeouts.update.or(timeouts.delete),
        };
        drafts.insert(Node::Delete(key), Draft { action, after: BTreeSet::new() });
    }
    for stray in strays.iter().filter(|stray| stray.delete) {
        let when_absent = vec![StateChange::RemoveStray(stray.key.clone())];
        let action =
            Action::Delete { address: None, key: stray.key.clone(), when_absent, owner: None, limit: None };
        drafts.insert(Node::Delete(stray.key.clone()), Draft { action, after: BTreeSet::new() });
    }
}

fn registrations(rows: &[(Pair<'_>, Row)], input: &PlanInput<'_>, drafts: &mut BTreeMap<Node, Draft>) {
    for (pair, row) in rows.iter().filter(|(_, row)| row.change.registers()) {
        let (Some(jar), Some(desired)) = (jar_of(pair), pair.desired()) else { continue };
        let ours = (pair.live().is_some() && deleted_key(pair, row).is_some())
            || pair.recorded().is_some_and(|recorded| matches!(recorded.condition, Condition::Lost { .. }));
        let gap = !matches!(row.change, Change::Replace(ReplaceOrder::CreateFirst));
        let previous = pair.recorded().filter(|recorded| ours && gap && recorded.spec().is_some()).cloned();
        let unseen = input.unseen.get(&row.key).cloned();
        let member = Member { desired: desired.clone(), previous, unseen };
        let draft = drafts.entry(Node::Register(jar.clone())).or_insert_with(|| Draft {
            action: Action::Register { scope: jar.0.clone(), jar_url: jar.1.clone(), members: Vec::new() },
            after: BTreeSet::new(),
        });
        if let Action::Register { members, .. } = &mut draft.action {
            members.push(member);
        }
    }
}

/// The role that may delete what is there, where objects have one.
fn owner(pair: &Pair<'_>) -> Option<String> {
    let shown = pair.live().and_then(|live| live.fields.get(store::name::OWNER));
    match shown.or_else(|| pair.recorded()?.value(store::name::OWNER)) {
        Some(FieldValue::Text(owner)) => Some(owner.clone()),
        _ => None,
    }
}

fn creations(rows: &[(Pair<'_>, Row)], input: &PlanInput<'_>, drafts: &mut BTreeMap<Node, Draft>) {
    for (pair, row) in rows {
        let (Some(Node::Create(key)), Some(desired)) = (arrival(pair, row), pair.desired()) else { continue };
        let unseen = input.unseen.get(&row.key).cloned().map(Box::new);
        // Who asks is known before the request leaves: what comes of it may show to nobody else.
        let when_ready = Recorded { observer: observer(&key, input), ..Recorded::applied(desired) };
        let (desired, when_ready) = (Box::new(desired.clone()), Box::new(when_ready));
        let action = Action::Create { desired, when_ready, unseen };
        drafts.insert(Node::Create(key), Draft { action, after: BTreeSet::new() });
    }
}

fn updates(rows: &[(Pair<'_>, Row)], input: &PlanInput<'_>, drafts: &mut BTreeMap<Node, Draft>) {
    for (pair, row) in rows.iter().filter(|(_, row)| row.change.updates()) {
        let (Some(desired), Some(live)) = (pair.desired(), pair.live()) else { continue };
        let awaited =
            matches!(row.change, Change::Update(Strategy::Await) | Change::Adopt(Some(Strategy::Await)));
        let mut when_ready = match pair {
            Pair::Known { desired, recorded, .. } => followed(desired, recorded, row),
            _ => adopted(desired, live, input),
        };
        let changed = row.fields.iter().filter(|verdict| verdict.costs).map(|verdict| verdict.field.clone());
        let sends: BTreeSet<String> = match &desired.spec {
            Spec::Store(store) if !awaited => {
                store.update(&changed.collect()).map(|(p, _)| p.rule.name.to_owned()).collect()
            }
            Spec::Store(_) | Spec::FlinkConnector(_) => BTreeSet::new(),
        };
        // What is sent is known afterwards, whatever was assumed before.
        for (field, value) in desired.spec.fields().into_iter().filter(|(field, _)| sends.contains(field)) {
            when_ready.fields.insert(field, Knowledge::Applied(value));
        }
        let action = Action::Update {
            desired: Box::new(desired.clone()),
            sends,
            when_ready: Box::new(when_ready),
            before: Box::new(live.clone()),
        };
        drafts.insert(Node::Update(row.key.clone()), Draft { action, after: BTreeSet::new() });
    }
}

/// The step that brings a row's object into being, or makes it what is declared.
fn arrival(pair: &Pair<'_>, row: &Row) -> Option<Node> {
    if row.change.updates() {
        return Some(Node::Update(row.key.clone()));
    }
    let desired = pair.desired().filter(|_| row.change.registers())?;
    match desired.spec.kind() {
        Kind::FlinkConnector => jar_of(pair).map(Node::Register),
        Kind::Store => Some(Node::Create(row.key.clone())),
    }
}

fn edges(rows: &[(Pair<'_>, Row)], strays: &[StrayRow], leave: Leave, drafts: &mut BTreeMap<Node, Draft>) {
    if drafts.is_empty() {
        return;
    }
    let mut edges: Vec<(Node, Node)> = Vec::new();
    let arrivals: BTreeMap<&Address, Node> =
        rows.iter().filter_map(|(pair, row)| Some((&row.address, arrival(pair, row)?))).collect();
    let freed = freed_types(rows);
    let leavers = leavers(rows);
    let deleted_strays = by_jar(strays.iter().filter(|stray| stray.delete));
    let mut deletes_of: BTreeMap<&Address, Vec<Node>> = BTreeMap::new();
    for (pair, row) in rows {
        if let Some(key) = deleted_key(pair, row) {
            deletes_of.entry(&row.address).or_default().push(Node::Delete(key));
        }
    }
    for (pair, row) in rows {
        let register = arrival(pair, row);
        let delete = deleted_key(pair, row).map(Node::Delete);
        if let (Some(register), Some(delete)) = (&register, &delete) {
            edges.push(match row.change {
                Change::Replace(ReplaceOrder::CreateFirst) => (register.clone(), delete.clone()),
                _ => (delete.clone(), register.clone()),
            });
        }
        if let Some(register) = &register {
            let holders = claim(pair).and_then(|claim| freed.get(&claim));
            let leavers = jar_of(pair).and_then(|jar| leavers.get(&jar));
            let earlier = holders.into_iter().chain(leavers).flatten();
            edges.extend(earlier.map(|key| (Node::Delete(key.clone()), register.clone())));
            edges.extend(
                concerning(&deleted_strays, pair)
                    .into_iter()
                    .map(|stray| (Node::Delete(stray.key.clone()), register.clone())),
            );
        }
        // What depends on an object comes after it, and goes before it: it comes as it is declared now, and goes as it
        // was declared when it came.
        let declared = pair.desired().into_iter().flat_map(|desired| &desired.depends_on);
        let earlier = declared.filter_map(|need| arrivals.get(need));
        if let Some(register) = &register {
            edges.extend(earlier.map(|earlier| (earlier.clone(), register.clone())));
        }
        let recorded = pair.recorded().into_iter().flat_map(|recorded| &recorded.depends_on);
        let later = recorded.filter_map(|need| deletes_of.get(need)).flatten();
        if let (Some(delete), Leave::InOrder) = (&delete, leave) {
            edges.extend(later.map(|later| (delete.clone(), later.clone())));
        }
    }
    for (before, behind) in edges {
        // A replacement that registers first is deleted behind its own registration; the edge the other way would be
        // a contradiction that nobody asked for.
        if before != behind
            && drafts.contains_key(&before)
            && let Some(draft) = drafts.get_mut(&behind)
        {
            draft.after.insert(before);
        }
    }
    let records = drafts.contains_key(&Node::Record);
    for (node, draft) in drafts.iter_mut() {
        if records && *node != Node::Record {
            draft.after.insert(Node::Record);
        }
    }
}

/// Objects that leave for good, by the JAR that brought them: while they stand, that JAR cannot be registered.
fn leavers(rows: &[(Pair<'_>, Row)]) -> BTreeMap<Jar, Vec<NaturalKey>> {
    let mut leavers: BTreeMap<Jar, Vec<NaturalKey>> = BTreeMap::new();
    for (pair, row) in rows.iter().filter(|(_, row)| matches!(row.change, Change::Delete(_))) {
        if let Some(FieldValue::Text(url)) =
            pair.recorded().and_then(|recorded| recorded.value(name::JAR_URL))
        {
            leavers.entry((row.key.scope(), url.clone())).or_default().push(row.key.clone());
        }
    }
    leavers
}

/// Numbers the steps so that each comes behind what it needs; among equals the order of the nodes decides.
fn linear(mut drafts: BTreeMap<Node, Draft>) -> Result<Vec<Step>, PlanError> {
    let mut numbers: BTreeMap<Node, StepId> = BTreeMap::new();
    let mut steps: Vec<Step> = Vec::with_capacity(drafts.len());
    let mut waiting: BTreeMap<Node, usize> = drafts.iter().map(|(n, d)| (n.clone(), d.after.len())).collect();
    let mut behind: BTreeMap<Node, Vec<Node>> = BTreeMap::new();
    for (node, draft) in &drafts {
        for before in &draft.after {
            behind.entry(before.clone()).or_default().push(node.clone());
        }
    }
    let mut ready: BTreeSet<Node> =
        waiting.iter().filter(|(_, n)| **n == 0).map(|(node, _)| node.clone()).collect();
    while let Some(node) = ready.pop_first() {
        let Some(draft) = drafts.remove(&node) else { continue };
        let after = draft.after.iter().filter_map(|before| numbers.get(before).copied()).collect();
        numbers.insert(node.clone(), StepId(steps.len()));
        steps.push(Step { action: draft.action, after });
        for next in behind.remove(&node).unwrap_or_default() {
            if let Some(count) = waiting.get_mut(&next) {
                *count -= 1;
                if *count == 0 {
                    ready.insert(next);
                }
            }
        }
    }
    if drafts.is_empty() { Ok(steps) } else { Err(PlanError::Cycle(cycle(&drafts))) }
}

/// Walks backwards until a node repeats: what lies between is the contradiction.
fn cycle(drafts: &BTreeMap<Node, Draft>) -> Vec<Address> {
    let mut path: Vec<&Node> = Vec::new();
    let mut at = drafts.keys().next();
    while let Some(node) = at {
        if let Some(start) = path.iter().position(|seen| *seen == node) {
            path.drain(..start);
            path.push(node);
            break;
        }
        path.push(node);
        at =
            drafts.get(node).and_then(|draft| draft.after.iter().find(|before| drafts.contains_key(*before)));
    }
    path.reverse();
    path.iter().filter_map(|node| drafts.get(*node)).filter_map(|draft| address_of(&draft.action)).collect()
}

fn address_of(action: &Action) -> Option<Address> {
    match action {
        Action::Delete { address, .. } => address.clone(),
        Action::Register { members, .. } => members.first().map(|member| member.desired.address.clone()),
        Action::Create { desired, .. } | Action::Update { desired, .. } => Some(desired.address.clone()),
        Action::Record { addresses, .. } => addresses.first().cloned(),
    }
}
