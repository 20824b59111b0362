//! What we accept as a store means the same to an independent reader, and what an independent writer writes to us.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::sample::select;

use super::independent::{Document, Lifecycle, Metadata, Read, Tree, assert_same, independently, name};
use super::load_text;
use super::meaning::{line, soup};
use super::stores::store;
use crate::domain::desired::Desired;
use crate::domain::diagnostic::Severity;
use crate::domain::field::ValueType;
use crate::domain::kind::store::{Need, Parameter, Subtype};
use crate::manifest::codes;

/// Decisions that are made one after the other.
struct Choices(std::vec::IntoIter<u8>);

impl Choices {
    fn of(&mut self, count: usize) -> usize {
        usize::from(self.0.next().unwrap_or_default()) % count
    }
}

/// What a parameter may have as a value.
fn value(parameter: &Parameter, choices: &mut Choices, texts: &mut impl Iterator<Item = String>) -> Tree {
    let mut text = || texts.next().unwrap();
    let from = |name: &str, value| Tree::Map(BTreeMap::from([(name.to_owned(), value)]));
    match (parameter.rule.value, parameter.uri) {
        (ValueType::Set, _) => {
            let items = ["b-1:9092", "b-2.example:9092", "[::1]:9093"][..=choices.of(3)].iter();
            match choices.of(2) {
                0 => Tree::List(items.map(|item| Tree::Text((*item).to_owned())).collect()),
                _ => Tree::Text(items.copied().collect::<Vec<_>>().join(", ")),
            }
        }
        (_, Some(shape)) => Tree::Text(shape.example.to_owned()),
        (ValueType::Flag, _) => Tree::Flag(choices.of(2) == 0),
        (ValueType::Word(words), _) => Tree::Text(words[choices.of(words.len())].to_owned()),
        (ValueType::Sealed { .. }, _) => match choices.of(4) {
            0 => from("fromEnv", Tree::Text("A_VARIABLE".to_owned())),
            1 => from("fromFile", Tree::Text(text())),
            2 => from("fromCommand", Tree::List(vec![Tree::Text(text()), Tree::Text(text())])),
            _ => Tree::Text(text()),
        },
        (ValueType::Text | ValueType::Block(_), None) => Tree::Text(text()),
    }
}

/// A whole block: what is required, what goes together, and some of the rest.
fn block(subtype: Subtype, choices: &mut Choices, texts: &mut impl Iterator<Item = String>) -> Tree {
    let mut values: BTreeMap<&str, Tree> = BTreeMap::new();
    let way = ["a role", "an access key"][choices.of(2)];
    let has_client = choices.of(2) == 0;
    for parameter in subtype.parameters() {
        let wanted = match parameter.need {
            Need::Required => true,
            Need::Optional => choices.of(2) == 0,
            Need::With { field, words } => values
                .get(field)
                .is_some_and(|word| words.iter().any(|allowed| *word == Tree::Text((*allowed).to_owned()))),
            Need::Way(of) => of == way,
            Need::Together(_) => has_client,
        };
        let without_tls =
            values.iter().any(|(name, value)| name.ends_with("tls.disabled") && *value == Tree::Flag(true));
        let is_file = parameter.rule.value == ValueType::Sealed { file: true };
        if wanted && !(without_tls && is_file && parameter.sql.starts_with("tls.")) {
            values.insert(parameter.rule.name, value(parameter, choices, texts));
        }
    }
    let mut tree = Tree::Map(BTreeMap::new());
    for (path, value) in values {
        let mut inner = &mut tree;
        for key in path.split('.') {
            let Tree::Map(entries) = inner else { panic!("{path} is in a value") };
            inner = entries.entry(key.to_owned()).or_insert_with(|| Tree::Map(BTreeMap::new()));
        }
        *inner = value;
    }
    tree
}

prop_compose! {
    fn document(line: BoxedStrategy<String>)(
        subtype in select(Subtype::ALL),
        choices in prop::collection::vec(any::<u8>(), 60),
        texts in prop::collection::vec(line.clone(), 40),
        [own, owner] in [line.clone(), line.clone()],
        description in prop::option::of(line.clone()),
        has_owner in any::<bool>(),
        [protect, adopt] in any::<[bool; 2]>(),
    ) -> Document<Tree> {
        let Tree::Map(mut spec) = block(subtype, &mut Choices(choices.into_iter()), &mut texts.into_iter()) else {
            panic!("no mapping")
        };
        spec.insert("name".to_owned(), Tree::Text(own));
        spec.extend(has_owner.then(|| ("owner".to_owned(), Tree::Text(owner))));
        spec.extend(description.map(|text| ("description".to_owned(), Tree::Text(text))));
        let pointer = format!("/spec/{}", subtype.parameters()[0].rule.name.replace('.', "/"));
        Document {
            api_version: "reconcile/v1".into(),
            kind: "Store".into(),
            metadata: Metadata { name: "orders".into(), labels: BTreeMap::new(), annotations: BTreeMap::new() },
            spec: Tree::Map(spec),
            lifecycle: Lifecycle { protect, adopt, ignore_fields: BTreeSet::from([pointer]), ..Lifecycle::default() },
            depends_on: BTreeSet::new(),
        }
    }
}

fn without_digits() -> BoxedStrategy<String> {
    line().prop_map(|text| text.replace(|c: char| c.is_ascii_digit(), "x")).boxed()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_an_independent_writer_writes_means_the_same_to_us(document in document(line().boxed())) {
        let text = serde_yaml::to_string(&document).unwrap();
        match load_text(&text) {
            Ok(loaded) => assert_same(loaded.desired.declared().values().next().unwrap(), &Read::Store(Box::new(document))),
            Err(found) => for found in found.into_iter().filter(|found| found.severity == Severity::Error) {
                prop_assert_eq!(found.code, codes::UNQUOTED, "{}\n{:?}", &text, &found);
            },
        }
    }

    #[test]
    fn what_an_independent_writer_writes_is_accepted_when_nothing_in_it_resembles_a_number(
        document in document(without_digits())
    ) {
        let text = serde_yaml::to_string(&document).unwrap();
        let loaded = load_text(&text).unwrap_or_else(|found| panic!("{text}\n{found:#?}"));
        assert_same(loaded.desired.declared().values().next().unwrap(), &Read::Store(Box::new(document)));
    }

    #[test]
    fn what_we_accept_means_the_same_to_an_independent_reader(text in soup()) {
        let begin = store("  kafka:\n    uris: [b:9092]\n    sasl: {hashFunction: NONE}\n");
        let text = format!("{begin}{text}");
        if let (Ok(loaded), Ok(documents)) = (load_text(&text), independently(&text)) {
            prop_assert_eq!(loaded.desired.declared().len(), documents.len());
            for document in &documents {
                let named = |desired: &&Desired| desired.address.name.as_str() == name(document);
                assert_same(loaded.desired.declared().values().find(named).unwrap(), document);
            }
        }
    }
}
