//! Random stores for the random worlds: few names, owners and values, so that everything collides.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use proptest::prelude::*;
use reconcile::domain::field::Readable;
use reconcile::domain::kind::store::StoreSpec;
use reconcile::domain::live::{Live, Observer, Readiness};
use reconcile::domain::natural_key::NaturalKey;
use reconcile::domain::recorded::{Condition, Knowledge, Recorded};
use reconcile::domain::rules::rules;

use crate::support::builders::Declared;
use crate::support::stores::{ROLE, errored, observer, pending, seen_as, shown_store, store};

/// A store that is recorded, what it was made from, and how it stands if it is live.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) spec: StoreSpec,
    pub(super) recorded: Recorded,
    pub(super) readiness: Readiness,
}

/// Every declaration that a random world may hold, the plainest first. Made once: secrets cost a hash each.
static ALL: LazyLock<Vec<Declared>> = LazyLock::new(|| {
    let plain = |name: &str| {
        let login =
            |password: &'static str| ["b:1", "b:2"].map(|uri| store(name).uris(&[uri]).password(password));
        let logins: Vec<Declared> = ["p1", "p2"].into_iter().flat_map(login).collect();
        let files = logins.iter().flat_map(|one| ["ca1", "ca2"].map(|pem| one.clone().ca(pem)));
        let others = [store(name).uris(&["b:1"]).without_login(), store(name).postgres()];
        files.chain(others).chain(logins.clone()).rev().collect::<Vec<_>>()
    };
    let plain: Vec<Declared> = ["n1", "n2", "n3"].into_iter().flat_map(plain).collect();
    let owned =
        [ROLE, "analyst"].map(|role| plain.iter().map(|one| one.clone().owner(role)).collect::<Vec<_>>());
    let described = plain.iter().map(|one| one.clone().description("words")).collect::<Vec<_>>();
    plain.iter().cloned().chain(described).chain(owned.into_iter().flatten()).collect()
});

/// A declaration under the address `Store/s…` of this index, with one of three names.
pub(super) fn declared(index: impl Strategy<Value = usize>) -> impl Strategy<Value = Declared> {
    (index, 0..ALL.len()).prop_map(|(index, which)| ALL[which].clone().at(&format!("Store/s{index}")))
}

fn readiness() -> impl Strategy<Value = Readiness> {
    (0..6).prop_map(|n| match n {
        0..4 => Readiness::Ready,
        4 => pending("soon"),
        _ => errored("no"),
    })
}

fn condition() -> impl Strategy<Value = Condition> {
    let message = || "words".to_owned();
    (0..7).prop_map(move |n| match n {
        0..4 => Condition::Ready,
        4 => Condition::Degraded { message: message() },
        5 => Condition::Unconfirmed { message: message() },
        _ => Condition::Lost { message: message() },
    })
}

fn seen_by() -> impl Strategy<Value = Option<Observer>> {
    (0..9).prop_map(|n| match n {
        0..6 => Some(observer()),
        6 => Some(seen_as("second")),
        7 => Some(Observer { organization: "other".into(), ..observer() }),
        _ => None,
    })
}

/// Up to three recorded stores with different names.
pub(super) fn known() -> impl Strategy<Value = Vec<Known>> {
    let item = (
        declared(0_usize..3),
        (condition(), seen_by(), readiness()),
        prop::collection::vec(0..9, 4),
        (0..7).prop_map(|n| n == 6),
    );
    prop::collection::vec(item, 0..4).prop_map(|items| {
        let known = items.into_iter().map(|(declared, (condition, observer, readiness), known, protect)| {
            let hidden = rules(reconcile::domain::address::Kind::Store).iter();
            let hidden = hidden.filter(|rule| rule.readable != Readable::Yes).map(|rule| rule.name);
            let mut recorded = Recorded { condition, observer, protect, ..declared.recorded() };
            let hidden: Vec<&str> = hidden.filter(|field| recorded.fields.contains_key(*field)).collect();
            for (field, known) in hidden.into_iter().zip(known) {
                let value = recorded.value(field).cloned();
                match (known, value) {
                    (6, Some(value)) => recorded.fields.insert(field.to_owned(), Knowledge::Assumed(value)),
                    (7, _) => recorded.fields.insert(field.to_owned(), Knowledge::Unknown),
                    (8, _) => recorded.fields.remove(field),
                    _ => None,
                };
            }
            Known { spec: declared.store_spec(), recorded, readiness }
        });
        let by_key: BTreeMap<NaturalKey, Known> = known.map(|known| (known.spec.key(), known)).collect();
        by_key.into_values().collect()
    })
}

/// Up to three live stores with different names.
pub(super) fn live() -> impl Strategy<Value = Vec<Live>> {
    prop::collection::vec((declared(Just(0)), readiness()), 0..4).prop_map(|items| {
        let live = items.into_iter().map(|(declared, readiness)| live_of(&declared.store_spec(), readiness));
        let by_key: BTreeMap<NaturalKey, Live> = live.map(|live| (live.key.clone(), live)).collect();
        by_key.into_values().collect()
    })
}

pub(super) fn live_of(spec: &StoreSpec, readiness: Readiness) -> Live {
    Live { readiness, ..shown_store(spec, ROLE) }
}

/// Keeps the first of each name and of each address.
pub(super) fn distinct(declared: Vec<Declared>) -> Vec<Declared> {
    let (mut keys, mut addresses) = (BTreeSet::new(), BTreeSet::new());
    declared.into_iter().filter(|one| keys.insert(one.key()) && addresses.insert(one.address())).collect()
}
