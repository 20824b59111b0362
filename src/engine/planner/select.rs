//! Selection: which rows a plan has at all, when the user asked for some objects only. What a selected object cannot do
//! without is selected too, and what cannot do without an excluded one is left out (ADR 0019).

use std::collections::{BTreeMap, BTreeSet};

use super::guard::{by_jar, concerning};
use super::jar::{Jar, jar_of};
use super::pairing::Pair;
use super::{Options, PlanError, PlanInput};
use crate::domain::address::Address;
use crate::domain::field::FieldValue;
use crate::domain::kind::flink_connector::name;
use crate::domain::natural_key::NaturalKey;
use crate::domain::plan::{Change, Row, StrayRow};
use crate::domain::selection::{Addresses, Pattern, Selection};

/// Keeps the selected rows and says how many were left out.
///
/// # Errors
/// [`PlanError::Unmatched`], [`PlanError::ReplaceNotSelected`]
pub(super) fn select(rows: &mut Vec<(Pair<'_>, Row)>, input: &PlanInput<'_>) -> Result<usize, PlanError> {
    let Options { selection, hold, .. } = input.options;
    if input.options.must_match {
        unmatched(rows, input)?;
    }
    if input.options.is_about_everything() {
        return Ok(0);
    }
    let all = rows.len();
    let needs = needs(rows);
    let pair = |index: usize| rows.get(index).map(|(pair, _)| pair);
    let excluded = reached(&backwards(&needs), |index| {
        let left_out = |pair| {
            let addresses = addresses(pair);
            selection.excludes(&addresses) || addresses.iter().any(|address| hold.contains(*address))
        };
        pair(index).is_some_and(left_out)
    });
    let asked = |pair| labels(pair).is_some_and(|labels| selection.asks_for(&addresses(pair), labels));
    let selected = reached(&needs, |index| pair(index).is_some_and(asked) && !excluded.contains(&index));
    let mut index = 0;
    rows.retain(|_| {
        index += 1;
        selected.contains(&(index - 1))
    });
    let replaced = |address: &&Address| !rows.iter().any(|(_, row)| row.address == **address);
    match input.options.replace.iter().find(replaced) {
        Some(address) => Err(PlanError::ReplaceNotSelected(address.clone())),
        None => Ok(all - rows.len()),
    }
}

/// A stray has no address and no labels: it belongs to the objects of the JAR that brought it.
pub(super) fn select_strays(strays: &mut Vec<StrayRow>, rows: &[(Pair<'_>, Row)], input: &PlanInput<'_>) {
    if !input.options.is_about_everything() {
        let all = by_jar(strays.iter());
        let concerned = rows.iter().flat_map(|(pair, _)| concerning(&all, pair));
        let kept: BTreeSet<NaturalKey> = concerned.map(|stray| stray.key.clone()).collect();
        strays.retain(|stray| kept.contains(&stray.key));
    }
}

/// The address that is declared and the one that is recorded.
fn addresses<'a>(pair: &Pair<'a>) -> Vec<&'a Address> {
    let recorded = pair.recorded().map(|recorded| &recorded.address);
    [Some(pair.address()), recorded].into_iter().flatten().collect()
}

/// Labels are those of the manifest while there is one.
fn labels<'a>(pair: &Pair<'a>) -> Option<&'a BTreeMap<String, String>> {
    match (pair.desired(), pair.recorded()) {
        (Some(desired), _) => Some(&desired.labels),
        (None, recorded) => recorded.map(|recorded| &recorded.labels),
    }
}

/// What a person typed matches something, or there is no plan.
fn unmatched(rows: &[(Pair<'_>, Row)], input: &PlanInput<'_>) -> Result<(), PlanError> {
    let Selection { addresses: wanted, labels: selector } = &input.options.selection;
    let known = || rows.iter().flat_map(|(pair, _)| addresses(pair));
    let none = |flag, asked: &dyn ToString| {
        let known = known().map(ToString::to_string).collect();
        PlanError::Unmatched { flag, asked: asked.to_string(), known }
    };
    let (flag, patterns) = match wanted {
        Addresses::All => ("", None),
        Addresses::Only(patterns) => ("--target", Some(patterns)),
        Addresses::AllBut(patterns) => ("--exclude", Some(patterns)),
    };
    let matches = |pattern: &&Pattern| known().any(|known| pattern.matches(known));
    if let Some(pattern) = patterns.into_iter().flatten().find(|pattern| !matches(pattern)) {
        return Err(none(flag, pattern));
    }
    let all = || rows.iter().filter_map(|(pair, _)| labels(pair));
    if !selector.is_empty() && !all().any(|labels| selector.holds(labels)) {
        let known = all().flatten().map(|(label, value)| format!("{label}={value}")).collect();
        return Err(PlanError::Unmatched { flag: "--selector", asked: selector.to_string(), known });
    }
    match input.options.replace.iter().find(|address| !known().any(|known| known == *address)) {
        Some(address) => Err(none("--replace", address)),
        None => Ok(()),
    }
}

/// What each node cannot do without, by index: one node for each row, and behind them one for each JAR.
type Needs = Vec<BTreeSet<usize>>;

/// What is declared needs what it depends on; what leaves takes along what leaves and depended on it; a registration takes
/// along what its JAR brings, and waits for what its JAR brought to leave.
fn needs(rows: &[(Pair<'_>, Row)]) -> Needs {
    let mut declared: BTreeMap<&Address, usize> = BTreeMap::new();
    let mut dependants: BTreeMap<&Address, BTreeSet<usize>> = BTreeMap::new();
    let mut jars: BTreeMap<Jar, BTreeSet<usize>> = BTreeMap::new();
    for (index, (pair, row)) in rows.iter().enumerate() {
        if let Some(desired) = pair.desired() {
            declared.insert(&desired.address, index);
        }
        if let Pair::Gone { recorded, .. } = pair {
            for on in &recorded.depends_on {
                dependants.entry(on).or_default().insert(index);
            }
        }
        if let Some(jar) = jar_of(pair).or_else(|| leaves(pair, row)) {
            jars.entry(jar).or_default().insert(index);
        }
    }
    let jar_nodes: BTreeMap<&Jar, usize> = jars.keys().zip(rows.len()..).collect();
    let of_row = |(pair, row): &(Pair<'_>, Row)| {
        let mut needs: BTreeSet<usize> = BTreeSet::new();
        if let Some(desired) = pair.desired() {
            needs.extend(desired.depends_on.iter().filter_map(|on| declared.get(on)));
        }
        if let (Pair::Gone { recorded, .. }, Change::Delete(_)) = (pair, &row.change) {
            needs.extend(dependants.get(&recorded.address).into_iter().flatten());
        }
        if row.change.registers() {
            needs.extend(jar_of(pair).and_then(|jar| jar_nodes.get(&jar).copied()));
        }
        needs
    };
    let of_rows: Needs = rows.iter().map(of_row).collect();
    of_rows.into_iter().chain(jars.into_values()).collect()
}

/// The JAR that brought what is deleted for good: while it stands, that JAR cannot be registered.
fn leaves(pair: &Pair<'_>, row: &Row) -> Option<Jar> {
    match (&row.change, pair.recorded()?.value(name::JAR_URL)?) {
        (Change::Delete(_), FieldValue::Text(url)) => Some((row.key.scope(), url.clone())),
        _ => None,
    }
}

fn backwards(needs: &Needs) -> Needs {
    let mut needed_by: Needs = vec![BTreeSet::new(); needs.len()];
    for (index, needed) in needs.iter().enumerate() {
        for needed in needed {
            if let Some(by) = needed_by.get_mut(*needed) {
                by.insert(index);
            }
        }
    }
    needed_by
}

/// Everything that can be reached from where it begins.
fn reached(edges: &Needs, begins: impl Fn(usize) -> bool) -> BTreeSet<usize> {
    let mut open: Vec<usize> = (0..edges.len()).filter(|index| begins(*index)).collect();
    let mut reached: BTreeSet<usize> = open.iter().copied().collect();
    while let Some(next) = open.pop() {
        for behind in edges.get(next).into_iter().flatten() {
            if reached.insert(*behind) {
                open.push(*behind);
            }
        }
    }
    reached
}
