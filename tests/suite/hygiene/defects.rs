//! The page of the vendor's defects is whole, and the tests that it names are there.

use std::collections::BTreeSet;

use super::{none, read, tracked};

const PAGE: &str = "docs/vendor-defects.md";

/// 22 of one provider, 13 of the other, 7 of the drivers.
fn ids() -> Vec<String> {
    [("P", 22), ("T", 13), ("D", 7)]
        .into_iter()
        .flat_map(|(letter, count)| (1..=count).map(move |number| format!("{letter}{number}")))
        .collect()
}

/// The names between backquotes.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Everything that is wrong with a page, when these tests are there.
fn findings(page: &str, tests: &BTreeSet<String>) -> Vec<String> {
    let mut found = Vec::new();
    let mut left = ids();
    for line in page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| id ")) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let &[id, _, ours, shown] = cells.as_slice() else {
            found.push(format!("not four cells: {line}"));
            continue;
        };
        match left.iter().position(|other| other == id) {
            Some(at) => drop(left.remove(at)),
            None => found.push(format!("{id} is no defect, or stands twice")),
        }
        let (written, proposed) = shown.split_once("proposed:").unwrap_or((shown, ""));
        if names(shown).next().is_none() && !ours.starts_with("no counterpart, because") {
            found.push(format!("{id} names no test"));
        }
        let missing = names(written).filter(|name| !tests.contains(*name));
        found.extend(missing.map(|name| format!("{id}: there is no test `{name}`")));
        let there = names(proposed).filter(|name| tests.contains(*name));
        found.extend(there.map(|name| format!("{id}: `{name}` is written: it is no longer proposed")));
    }
    found.extend(left.into_iter().map(|id| format!("{id} is missing")));
    found
}

/// The names of all tests: functions whose attributes say so.
fn tests() -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for file in ["src/", "tests/"].into_iter().flat_map(|folder| tracked(folder, ".rs")) {
        let text = read(&file);
        let mut marked = false;
        for line in text.lines().map(str::trim_start) {
            let name = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
            if let Some((name, _)) = name.and_then(|rest| rest.split_once('(')).filter(|_| marked) {
                all.insert(name.to_owned());
            }
            marked = line.starts_with("#[test]")
                || line.starts_with("#[tokio::test")
                || marked && line.starts_with("#[");
        }
    }
    all
}

#[test]
fn every_defect_of_the_vendor_is_answered_by_a_test_that_is_there() {
    none(&findings(&read(PAGE), &tests()));
}

#[test]
fn a_defect_that_is_lost_doubled_or_unproven_is_noticed() {
    let rows: Vec<String> =
        ids().iter().map(|id| format!("| {id} | bad | good | `one`; proposed: `two` |\n")).collect();
    let page = rows.concat();
    let tests =
        |names: &[&str]| -> BTreeSet<String> { names.iter().map(|name| (*name).to_owned()).collect() };
    assert_eq!(findings(&page, &tests(&["one"])), Vec::<String>::new());
    for (broken, wanted) in [
        (page.replace("| P7 | bad | good | `one`; proposed: `two` |\n", ""), "P7 is missing"),
        (page.replace("| P7 |", "| P8 |"), "P8 is no defect, or stands twice"),
        (
            page.replace("| D7 | bad | good | `one`; proposed: `two` |", "| D7 | bad | good | nothing |"),
            "D7 names no test",
        ),
        (
            page.replace("| T13 | bad | good | `one`", "| T13 | bad | good | `none`"),
            "T13: there is no test `none`",
        ),
        (
            page.replace("| T1 | bad | good | `one`; proposed: `two`", "| T1 | bad | good | proposed: `one`"),
            "T1: `one` is written",
        ),
    ] {
        let found = findings(&broken, &tests(&["one"]));
        assert!(found.iter().any(|line| line.starts_with(wanted)), "{wanted}: {found:?}");
    }
}
