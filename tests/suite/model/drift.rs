//! One drift word per field (features 3.6), on the three sides of it.

use reconcile::domain::field::FieldValue;
use reconcile::domain::plan::DriftWord;
use reconcile::domain::recorded::{Knowledge, Recorded};
use reconcile::engine::planner::Options;

use super::judged::{Sides, judged, row};
use crate::support::builders::{Declared, desired, texts};

/// The words on the fields of `a`, and whether each costs a request.
fn words(wanted: Declared, recorded: Recorded, live: &Declared) -> Vec<(String, DriftWord, bool)> {
    let sides = Sides {
        desired: vec![wanted],
        recorded: vec![recorded],
        live: vec![live.live()],
        options: Options::default(),
    };
    let plan = judged(&sides);
    row(&plan, "a").fields.iter().map(|v| (v.field.clone(), v.word, v.costs)).collect()
}

fn word(field: &str, word: DriftWord, costs: bool) -> Vec<(String, DriftWord, bool)> {
    vec![(field.to_owned(), word, costs)]
}

fn formats(item: &str) -> Declared {
    desired("a").formats(&[item])
}

#[test]
fn a_readable_field_has_the_word_of_its_three_sides() {
    let (json, csv, avro) = (|| formats("json"), || formats("csv"), || formats("avro"));
    let name = "supportedFormats";
    for (because, wanted, recorded, live, expected) in [
        ("all agree", json(), json(), json(), vec![]),
        ("the manifest moved", csv(), json(), json(), word(name, DriftWord::Changed, true)),
        ("live moved", json(), json(), csv(), word(name, DriftWord::Drifted, true)),
        ("both moved, differently", avro(), json(), csv(), word(name, DriftWord::Conflict, true)),
        ("both moved, to the same value", csv(), json(), csv(), word(name, DriftWord::Agreed, false)),
        (
            "it is declared now, and differs",
            csv(),
            desired("a"),
            json(),
            word(name, DriftWord::Changed, true),
        ),
        (
            "it is declared now, as live is",
            json(),
            desired("a"),
            json(),
            word(name, DriftWord::Agreed, false),
        ),
        ("it left the manifest", desired("a"), json(), json(), word(name, DriftWord::Changed, false)),
        ("it was never declared", desired("a"), desired("a"), json(), vec![]),
        (
            "it is ignored and differs",
            json().ignore(name),
            json(),
            csv(),
            word(name, DriftWord::Ignored, false),
        ),
        ("it is ignored and agrees", json().ignore(name), json(), json(), vec![]),
    ] {
        assert_eq!(words(wanted, recorded.recorded(), &live), expected, "because {because}");
    }
}

#[test]
fn a_set_is_compared_as_a_set() {
    let one = desired("a").formats(&["json", "csv"]);
    let other = desired("a").formats(&["csv", "json", "csv"]);
    assert_eq!(words(one, other.recorded(), &other), []);
}

#[test]
fn no_listing_shows_the_jar_so_the_record_decides() {
    let applied = desired("a").jar("1");
    assert_eq!(words(applied.clone(), applied.recorded(), &applied), []);
    let wanted = desired("a").jar("2");
    assert_eq!(words(wanted, applied.recorded(), &applied), word("jarUrl", DriftWord::Changed, true));
}

#[test]
fn the_jar_of_an_imported_object_is_unverifiable_and_assumed_without_a_request() {
    let wanted = desired("a");
    let mut imported = wanted.recorded();
    imported.fields.insert("jarUrl".into(), Knowledge::Unknown);
    assert_eq!(words(wanted.clone(), imported, &wanted), word("jarUrl", DriftWord::Unverifiable, false));
}

#[test]
fn another_jar_than_the_assumed_one_is_a_change() {
    let mut imported = desired("a").jar("1").recorded();
    let assumed = FieldValue::Text("oss://b/1.jar".into());
    imported.fields.insert("jarUrl".into(), Knowledge::Assumed(assumed));
    let wanted = desired("a").jar("2");
    assert_eq!(words(wanted.clone(), imported, &wanted), word("jarUrl", DriftWord::Changed, true));
}

#[test]
fn the_type_forces_a_replacement_whoever_moved_it() {
    let sides = Sides {
        desired: vec![desired("a")],
        recorded: vec![desired("a").recorded()],
        live: vec![desired("a").of_type("other").live()],
        options: Options::default(),
    };
    let verdicts = &judged(&sides).rows[0].fields;
    assert_eq!(verdicts.len(), 1);
    assert_eq!((verdicts[0].word, verdicts[0].forces), (DriftWord::Drifted, true));
}

#[test]
fn what_a_manifest_says_about_a_life_is_followed_at_no_cost() {
    let wanted = desired("a").protect().retain();
    let found = words(wanted, desired("a").recorded(), &desired("a"));
    let fields: Vec<&str> = found.iter().map(|(field, _, _)| field.as_str()).collect();
    assert_eq!(fields, ["lifecycle.protect", "lifecycle.onRemove"]);
    assert!(found.iter().all(|(_, word, costs)| *word == DriftWord::Changed && !costs));
    assert_eq!(texts(&["b", "a", "b"]).len(), 2);
}
