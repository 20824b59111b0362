//! What the schema says about the parameters of a store together, against the rules of the domain themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jsonschema::Validator;
use proptest::prelude::*;
use reconcile::domain::desired::Origin;
use reconcile::domain::field::ValueType;
use reconcile::domain::kind::store::{self, Need, Parameter, StoreParts, StoreSpec, Subtype, Violation};
use reconcile::domain::natural_key::StoreName;
use reconcile::domain::secret::{Sealed, Source};
use serde_json::{Value, json};

use super::schema::printed;

static SCHEMA: LazyLock<Value> = LazyLock::new(|| printed(&["Store"]));
static STORE: LazyLock<Validator> = LazyLock::new(|| jsonschema::validator_for(&SCHEMA).unwrap());

/// A value of a parameter as the domain holds it, and as a manifest spells it. The choice picks a word or a flag.
fn value(parameter: &Parameter, choice: usize) -> (store::Value, Value) {
    let place = format!("/properties/spec/properties/{}", parameter.rule.name.replace('.', "/properties/"));
    let written = SCHEMA.pointer(&place).unwrap()["examples"][0].clone();
    let at = Origin { file: "m.yaml".into(), line: 1, column: 1 };
    match parameter.rule.value {
        ValueType::Word(words) => {
            let word = words[choice % words.len()];
            (store::Value::Text(word.to_owned()), json!(word))
        }
        ValueType::Flag => (store::Value::Flag(choice.is_multiple_of(2)), json!(choice.is_multiple_of(2))),
        ValueType::Sealed { .. } => {
            (store::Value::Sealed(Sealed::declared(Source::Env("X".into()), at)), written)
        }
        ValueType::Set => (store::Value::Set(BTreeSet::from(["x".to_owned()])), written),
        ValueType::Text | ValueType::Block(_) => (store::Value::Text("x".to_owned()), written),
    }
}

/// What the rules say about a store with these parameters, and the manifest.
fn store(
    subtype: Subtype,
    chosen: &[(&'static Parameter, usize)],
) -> (Result<StoreSpec, Vec<Violation>>, Value) {
    let mut values = BTreeMap::new();
    let mut spec = json!({"name": "s", subtype.as_str(): {}});
    for (parameter, choice) in chosen {
        let (held, written) = value(parameter, *choice);
        values.insert(parameter.rule.name, held);
        let holder = parameter.rule.name.split('.').fold(&mut spec, |level, key| {
            if level.is_null() {
                *level = json!({});
            }
            &mut level[key]
        });
        *holder = written;
    }
    let name = StoreName::new("s").unwrap();
    let parts = StoreParts { name, owner: None, description: None, subtype, values };
    let manifest =
        json!({"apiVersion": "reconcile/v1", "kind": "Store", "metadata": {"name": "s"}, "spec": spec});
    (StoreSpec::new(parts), manifest)
}

/// Parameters as they are chosen: what is always required is mostly there, the rest half of the time.
fn chosen() -> impl Strategy<Value = (Subtype, Vec<(&'static Parameter, usize)>)> {
    let part = (0..8_u8, 0..10_usize);
    (prop::sample::select(Subtype::ALL), prop::collection::vec(part, 20)).prop_map(|(subtype, parts)| {
        let there = |(parameter, (chance, choice)): (&'static Parameter, (u8, usize))| {
            let bar = if parameter.need == Need::Required { 1 } else { 4 };
            (chance >= bar).then_some((parameter, choice))
        };
        (subtype, subtype.parameters().iter().zip(parts).filter_map(there).collect())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_schema_takes_a_store_exactly_when_its_rules_do((subtype, chosen) in chosen()) {
        let (checked, manifest) = store(subtype, &chosen);
        let errors: Vec<String> = STORE.iter_errors(&manifest).map(|error| error.to_string()).collect();
        prop_assert_eq!(checked.is_ok(), errors.is_empty(), "{:#}\n{:?}\n{:#?}", manifest, checked.err(), errors);
    }
}

/// Stores that their rules take: of each subtype as much as goes together, with each way to log in and each choice of
/// words.
pub(super) fn complete() -> Vec<(Subtype, BTreeSet<&'static str>, Value)> {
    let mut all: Vec<(Subtype, BTreeSet<&str>, Value)> = Vec::new();
    for subtype in Subtype::ALL {
        let way = |parameter: &Parameter| if let Need::Way(way) = parameter.need { Some(way) } else { None };
        let mut ways: Vec<Option<&str>> = subtype.parameters().iter().map(way).collect();
        ways.dedup();
        for (only, choice) in ways.into_iter().flat_map(|only| (0..6).map(move |choice| (only, choice))) {
            let mut chosen: Vec<_> =
                subtype.parameters().iter().map(|parameter| (parameter, choice)).collect();
            if only.is_some() {
                chosen.retain(|(parameter, _)| way(parameter).is_none() || way(parameter) == only);
            }
            let manifest = loop {
                let (checked, manifest) = store(*subtype, &chosen);
                let Err(violations) = checked else { break manifest };
                let wrong: Vec<_> = violations.iter().filter_map(Violation::field).collect();
                chosen.retain(|(parameter, _)| !wrong.contains(&parameter.rule.name));
            };
            let names: BTreeSet<&str> = chosen.iter().map(|(parameter, _)| parameter.rule.name).collect();
            if !all.iter().any(|(of, others, _)| *of == *subtype && *others == names) {
                all.push((*subtype, names, manifest));
            }
        }
    }
    all
}

#[test]
fn every_parameter_is_in_some_store_that_the_schema_takes() {
    let mut left: BTreeSet<&str> = Subtype::ALL
        .iter()
        .flat_map(|subtype| subtype.parameters())
        .map(|parameter| parameter.rule.name)
        .collect();
    for (_, names, manifest) in complete() {
        let errors: Vec<String> = STORE.iter_errors(&manifest).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{manifest:#}\n{errors:?}");
        left.retain(|name| !names.contains(name));
    }
    assert_eq!(left, BTreeSet::new());
}
