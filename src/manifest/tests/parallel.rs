//! One thread and several load the same: objects, warnings, errors, their order, and where a limit ends the load.

use proptest::prelude::*;

use super::super::find;
use super::super::load::{Counts, load_at_most};
use super::super::report::Findings;
use super::super::source::Source;
use super::super::values::Values;
use super::{load_texts, manifest};

/// A document: valid, with a warning, with errors, not YAML, or the beginning of one with a duplicate key.
fn document() -> impl Strategy<Value = String> {
    let name = || prop::sample::select(vec!["a", "b", "c", "d", "e", "f", "g", "h"]);
    prop_oneof![
        4 => name().prop_map(manifest),
        1 => name().prop_map(|name| manifest(name) + "  supportedFormats: [json, json]\n"),
        1 => name().prop_map(|name| manifest(name) + "dependsOn: [FlinkConnector/a]\n"),
        1 => (name(), 1_usize..400).prop_map(|(name, wrong)| {
            (0..wrong).fold(manifest(name), |text, field| text + &format!("wrong{field}: 1\n"))
        }),
        1 => (name(), 0_usize..4).prop_map(|(name, times)| {
            manifest(name) + "  description: x" + &"${values.long}".repeat(times) + "\n"
        }),
        1 => Just("kind: [\n".to_owned()),
        1 => Just("kind: Store\nkind: Store\n".to_owned()),
    ]
}

fn sources(files: &[Vec<String>], findings: &mut Findings) -> Vec<Source> {
    let texts = files.iter().map(|documents| documents.join("---\n"));
    let text = |(number, text): (usize, String)| find::text(format!("{number}.yaml"), text.into(), findings);
    texts.enumerate().filter_map(text).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_number_of_threads_makes_no_difference(
        files in prop::collection::vec(prop::collection::vec(document(), 1..4), 0..12),
        documents in prop_oneof![3 => Just(1_000_usize), 1 => 0_usize..20],
        nodes in prop_oneof![3 => Just(1_000_000_usize), 1 => 0_usize..600],
        put_in in prop_oneof![1 => Just(1_000_usize), 2 => 0_usize..60],
    ) {
        let mut values = Values::default();
        values.set("long=ten-bytes!").unwrap();
        let load = |workers| {
            let mut findings = Findings::default();
            let sources = sources(&files, &mut findings);
            load_at_most(Counts { documents, nodes, put_in }, &sources, &values, workers, findings)
        };
        let alone = load(1);
        prop_assert_eq!(&load(4), &alone);
        prop_assert_eq!(&load(2), &alone);
    }
}

#[test]
fn a_limit_ends_the_load_in_the_file_that_exceeds_it_and_says_what_was_found_before() {
    let wrong = manifest("b") + "wrong: 1\n";
    let files = [vec![manifest("a")], vec![wrong, manifest("c"), manifest("d") + "wrong: 2\n"]];
    let mut findings = Findings::default();
    let sources = sources(&files, &mut findings);
    let most = Counts { documents: 2, nodes: 1_000, put_in: 0 };
    let found = load_at_most(most, &sources, &Values::default(), 4, findings).unwrap_err();
    let said: Vec<&str> = found.iter().map(|one| one.message.as_str()).collect();
    assert_eq!(said, ["more than 2 documents in all files together", "unknown field `wrong`"]);
    assert_eq!(load_texts(&[("a.yaml", &manifest("a"))]).unwrap().documents, 1);
}
