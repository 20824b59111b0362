//! Taking over what exists: which live objects are recorded, under which names, and what is known of them. Pure.
//!
//! Promises that an object of another name never takes an address that is in use, and that names which differ only in
//! their case get a suffix: each becomes a file name.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::address::{Address, Kind, ObjectName};
use crate::domain::desired::OnRemove;
use crate::domain::field::Readable;
use crate::domain::live::{Census, Live, Observer, World};
use crate::domain::recorded::{Condition, Knowledge, Recorded};
use crate::domain::rules::rules_of;
use crate::domain::snapshot::Snapshot;

/// The longest name that is made from a name of the service: as a file it still has an ending.
const LONGEST: usize = 200;

/// The project file has this name; a manifest that had it would not be read.
const TAKEN: &str = "reconcile";

/// What lives, as far as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection {
    /// What is not recorded, with the address that it gets, ordered by natural key.
    pub unmanaged: Vec<(Address, Live)>,
    /// How many are recorded already.
    pub recorded: usize,
}

/// Selects the live objects of a kind by their names.
pub fn select(kind: Kind, world: &World, recorded: &Snapshot, wanted: impl Fn(&str) -> bool) -> Selection {
    let addresses = recorded.resources.values().map(|recorded| &recorded.address);
    let mut taken: BTreeSet<String> = addresses
        .filter(|address| address.kind == kind)
        .map(|address| folded(kind, address.name.as_str()))
        .chain([TAKEN.to_owned()])
        .collect();
    let mut selection = Selection::default();
    let live = world.values().flat_map(Census::objects);
    for live in live.filter(|live| live.key.kind() == kind && wanted(live.key.name())) {
        if recorded.resources.contains_key(&live.key) {
            selection.recorded += 1;
        } else if let Some(name) = name(kind, live.key.name(), &mut taken) {
            selection.unmanaged.push((Address { kind, name }, live.clone()));
        }
    }
    selection
}

/// The name for people of an object that the service knows by this name: its own where that can be one.
fn name(kind: Kind, shown: &str, taken: &mut BTreeSet<String>) -> Option<ObjectName> {
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' };
    let begins_badly = !shown.starts_with(|c: char| c.is_ascii_alphanumeric());
    let plain: String =
        begins_badly.then_some('x').into_iter().chain(shown.chars().map(safe)).take(LONGEST).collect();
    let numbered = (2_u32..).map(|number| format!("{plain}-{number}"));
    let free =
        std::iter::once(plain.clone()).chain(numbered).find(|name| taken.insert(folded(kind, name)))?;
    ObjectName::new(free).ok()
}

/// What must differ between two names: files of some systems do not tell cases apart, and from the name of a store
/// variables are named, in which every other character is `_`.
fn folded(kind: Kind, name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    match kind {
        Kind::FlinkConnector => lower,
        Kind::Store => lower.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect(),
    }
}

/// The record of a live object that nobody recorded: what a read shows counts as applied, nothing else is known.
pub fn taken_over(address: Address, live: &Live, observer: Option<Observer>) -> Recorded {
    let fields: BTreeMap<String, Knowledge> = rules_of(address.kind, &live.fields)
        .filter_map(|rule| {
            let shown = live.fields.get(rule.name).cloned().map(Knowledge::Applied);
            let known = match rule.readable {
                Readable::Key => return None,
                Readable::Yes => shown?,
                Readable::Deep | Readable::No => shown.unwrap_or(Knowledge::Unknown),
            };
            Some((rule.name.to_owned(), known))
        })
        .collect();
    Recorded {
        address,
        key: live.key.clone(),
        fields,
        protect: false,
        on_remove: OnRemove::Delete,
        depends_on: Vec::new(),
        condition: Condition::Ready,
        observer,
        labels: BTreeMap::new(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::field::Fields;
    use crate::domain::live::Readiness;
    use crate::domain::natural_key::{NaturalKey, Scope};
    use crate::domain::snapshot::Lineage;
    use crate::domain::snapshot::StateChange;

    fn world(kind: Kind, ids: &[String]) -> World {
        let mut scopes: BTreeMap<Scope, Vec<Live>> = BTreeMap::new();
        for id in ids {
            let key = NaturalKey::from_import_id(kind, id).unwrap();
            let live =
                Live { fields: Fields::new(), readiness: Readiness::Ready, attributes: BTreeMap::new(), key };
            scopes.entry(live.key.scope()).or_default().push(live);
        }
        let census =
            |(scope, listed): (Scope, Vec<Live>)| (scope.clone(), Census::complete(scope, listed).unwrap());
        scopes.into_iter().map(census).collect()
    }

    fn names(kind: Kind, ids: &[&str]) -> Vec<String> {
        let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        let nothing = Snapshot::new(Lineage("l".into()));
        let found = select(kind, &world(kind, &ids), &nothing, |_| true);
        found.unmanaged.into_iter().map(|(address, _)| address.name.to_string()).collect()
    }

    #[test]
    fn names_that_collide_get_a_suffix_also_when_only_their_case_differs() {
        let found =
            names(Kind::FlinkConnector, &["w:m:orders", "w:n:Orders", "w:n:orders", "w:n:a/b", "w:n:../x"]);
        assert_eq!(found, ["orders", "x..-x", "Orders-2", "a-b", "orders-3"]);
        assert_eq!(names(Kind::Store, &["a-b", "a_b", "reconcile"]), ["a-b", "a_b-2", "reconcile-2"]);
    }

    #[test]
    fn what_is_recorded_is_counted_and_its_address_stays_its_own() {
        let ids = ["w:n:a".to_owned(), "w:n:b".to_owned()];
        let world = world(Kind::FlinkConnector, &ids);
        let live = world.values().flat_map(Census::objects).next().unwrap();
        let mut recorded = Snapshot::new(Lineage("l".into()));
        let address = "FlinkConnector/b".parse().unwrap();
        recorded.apply(StateChange::Put(Box::new(taken_over(address, live, None))));
        let found = select(Kind::FlinkConnector, &world, &recorded, |_| true);
        let [(address, live)] = found.unmanaged.as_slice() else { panic!("{found:?}") };
        assert_eq!((address.name.as_str(), live.key.name(), found.recorded), ("b-2", "b", 1));
        assert_eq!(select(Kind::FlinkConnector, &world, &recorded, |name| name == "a").unmanaged, []);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn every_object_gets_a_name_of_its_own_that_is_a_safe_file_name(
            shown in prop::collection::btree_set("[aA./\\\\-é]{1,4}|\\PC{1,300}", 1..20)
        ) {
            let ids: Vec<String> = shown.into_iter().map(|name| format!("w:n:{name}"))
                .filter(|id| NaturalKey::from_import_id(Kind::FlinkConnector, id).is_ok()).collect();
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            let names = names(Kind::FlinkConnector, &ids);
            prop_assert_eq!(names.len(), ids.len());
            let folded: BTreeSet<String> = names.iter().map(|name| name.to_lowercase()).collect();
            prop_assert_eq!(folded.len(), ids.len());
            for name in names {
                prop_assert!(!name.contains(['/', '\\']) && !name.starts_with('.') && name.len() <= 220, "{}", name);
            }
        }
    }
}
