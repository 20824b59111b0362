//! Checks what only the whole load can show: identities that are claimed twice, targets that nobody declares.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use super::codes;
use super::document::{Declared, DeclaredSuite};
use super::report::Findings;
use super::source::Source;
use super::yaml::Mark;
use crate::domain::address::{Address, Kind};
use crate::domain::desired::{DesiredSet, Spec};
use crate::domain::diagnostic::{Code, Label};
use crate::domain::suite::Suites;

/// Something declared and its file.
pub(super) type Located<'a, T> = (&'a Source, T);

/// Makes the sets. Of two objects with one identity the first one stays; the load fails anyway.
///
/// `complete` says that every document could be read: only then a target that nobody declares is an error of its own.
pub(super) fn declared(
    objects: Vec<Located<'_, Declared>>,
    suites: Vec<Located<'_, DeclaredSuite>>,
    complete: bool,
    findings: &mut Findings,
) -> (DesiredSet, Suites) {
    report_duplicates(&objects, findings);
    report_duplicate_suites(&suites, findings);
    if complete {
        report_targets(&objects, &suites, findings);
    }
    let desired = objects.into_iter().map(|(_, Declared { desired, .. })| (desired.address.clone(), desired));
    let suites = suites.into_iter().map(|(_, DeclaredSuite { suite, .. })| (suite.name.clone(), suite));
    (desired.collect(), suites.collect())
}

fn report_duplicate_suites(suites: &[Located<'_, DeclaredSuite>], findings: &mut Findings) {
    let mut names = BTreeMap::new();
    for (source, DeclaredSuite { suite, name: mark, .. }) in suites {
        if let Some(first) = clash(&mut names, &suite.name, source, *mark) {
            let code = codes::DUPLICATE_ADDRESS;
            let labels = vec![source.label(*mark, "a second time"), first];
            findings.error(
                code,
                format!("{} is declared twice", suite.name),
                labels,
                Some(remedy(code).to_owned()),
            );
        }
    }
}

/// One line for each object that repeats another one: the widest identity is named, the narrower ones follow from it.
fn report_duplicates(objects: &[Located<'_, Declared>], findings: &mut Findings) {
    let mut addresses = BTreeMap::new();
    let mut keys = BTreeMap::new();
    let mut types = BTreeMap::new();
    for (source, Declared { desired, marks }) in objects {
        let claimed = match (&desired.spec, marks.connector_type) {
            (Spec::FlinkConnector(spec), Some(mark)) => Some((spec, mark)),
            _ => None,
        };
        let address = &desired.address;
        let clashes = [
            clash(&mut addresses, address, source, marks.name).map(|first| {
                (codes::DUPLICATE_ADDRESS, format!("{address} is declared twice"), marks.name, first)
            }),
            clash(&mut keys, desired.spec.key(), source, marks.key).map(|first| {
                let message =
                    format!("two objects claim the {} {}", noun(desired.address.kind), desired.spec.key());
                (codes::DUPLICATE_NATURAL_KEY, message, marks.key, first)
            }),
            claimed.and_then(|(spec, mark)| {
                let first = clash(&mut types, (&spec.workspace, &spec.connector_type), source, mark)?;
                let message = format!(
                    "connector type `{}` is declared twice in workspace {}",
                    spec.connector_type, spec.workspace
                );
                Some((codes::DUPLICATE_CONNECTOR_TYPE, message, mark, first))
            }),
        ];
        if let Some((code, message, mark, first)) = clashes.into_iter().flatten().next() {
            let labels = vec![source.label(mark, "a second time"), first];
            findings.error(code, message, labels, Some(remedy(code).to_owned()));
        }
    }
}

fn noun(kind: Kind) -> &'static str {
    match kind {
        Kind::FlinkConnector => "connector",
        Kind::Store => "store",
    }
}

fn remedy(code: Code) -> &'static str {
    if code == codes::DUPLICATE_ADDRESS { "give one of them another name" } else { "remove one of them" }
}

/// The place that claimed the identity before, if there is one.
fn clash<'a, K: Ord>(
    seen: &mut BTreeMap<K, (&'a Source, Mark)>,
    identity: K,
    source: &'a Source,
    mark: Mark,
) -> Option<Label> {
    match seen.entry(identity) {
        Entry::Occupied(first) => {
            let (source, mark) = first.get();
            Some(source.label(*mark, "first declared here"))
        }
        Entry::Vacant(free) => {
            free.insert((source, mark));
            None
        }
    }
}

fn report_targets(
    objects: &[Located<'_, Declared>],
    suites: &[Located<'_, DeclaredSuite>],
    findings: &mut Findings,
) {
    let declared: BTreeSet<_> =
        objects.iter().map(|(_, Declared { desired, .. })| &desired.address).collect();
    let mut report =
        |source: &Source, who: &dyn Display, own: Option<&Address>, target: &Address, mark: Mark| {
            let (code, message, help) = if own == Some(target) {
                (codes::SELF_DEPENDENCY, format!("{target} depends on itself"), "remove the entry")
            } else if declared.contains(target) {
                return;
            } else {
                let message = format!("{who} depends on {target}, which is not declared");
                let help = "correct the address, or load the folder that holds it too";
                (codes::UNKNOWN_DEPENDENCY, message, help)
            };
            findings.error(code, message, vec![source.label(mark, "not declared")], Some(help.to_owned()));
        };
    for (source, Declared { desired, marks }) in objects {
        for (target, mark) in &marks.depends_on {
            report(source, &desired.address, Some(&desired.address), target, *mark);
        }
    }
    for (source, DeclaredSuite { suite, depends_on, .. }) in suites {
        for (target, mark) in depends_on {
            report(source, &suite.name, None, target, *mark);
        }
    }
}
