//! The table of `docs/fault-matrix.md`, as it is played.

use std::collections::BTreeMap;
use std::path::Path;

use super::fault::{Cell, How, Operation, Required, cells};
use crate::support::chance::Chance;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fault-matrix.md");

/// What is about time, and is played at the engine in virtual time: the fault, and the test.
const OVER_TIME: [(&str, &str); 12] = [
    ("the answer comes late, and so does what was asked for", "a_late_register_is_adopted_and_not_doubled"),
    ("a request did not arrive", "a_register_that_did_not_arrive_is_sent_again_after_two_looks"),
    ("nothing can be looked up behind a lost answer", "what_cannot_be_looked_up_is_recorded_as_unconfirmed"),
    ("a listing lags behind a create", "a_store_that_is_not_listed_at_once_is_waited_for"),
    ("a listing lags behind a delete", "a_drop_that_lags_is_waited_for"),
    (
        "a listing is older than what was sent",
        "a_store_that_was_never_listed_is_looked_for_before_it_is_created_again",
    ),
    ("what is to be deleted is gone already", "a_drop_of_what_is_gone_already_succeeds"),
    ("never ready", "after_ten_minutes_the_timeout_says_which_store_how_long_and_what_it_said_last"),
    ("a state of error", "errored_ends_the_wait_at_once_with_the_services_words_and_is_recorded"),
    (
        "vanishes while it is waited for",
        "a_store_that_vanishes_while_it_is_waited_for_is_not_waited_for_any_longer",
    ),
    (
        "an object of this name that nobody recorded",
        "one_that_exists_and_is_not_managed_is_blocked_with_both_ways_out",
    ),
    ("the type belongs to somebody else", "a_type_that_a_foreign_connector_holds_is_taken"),
];

fn word(required: Required) -> &'static str {
    match required {
        Required::Again => "again",
        Required::Ambiguous => "look",
        Required::Throttled => "75",
        Required::Auth => "77",
        Required::Conflict => "exists",
        Required::Refused => "refused",
        Required::Protocol => "senseless",
        Required::Taken => "taken",
        Required::NotReady => "not ready",
        Required::ListDecides => "list decides",
    }
}

fn text() -> String {
    let mut notes: Vec<&str> = Vec::new();
    let mut rows: Vec<(&str, Vec<String>)> = Vec::new();
    let mut at: BTreeMap<&str, usize> = BTreeMap::new();
    let mut played = 0;
    for operation in Operation::ALL {
        for Cell { fault, how, required, .. } in cells(operation, "", &mut Chance::new(0)) {
            let shown = if let How::Never(why) = how {
                let known = notes.iter().position(|note| *note == why);
                let number = known.unwrap_or_else(|| {
                    notes.push(why);
                    notes.len() - 1
                });
                format!("– ({})", number + 1)
            } else {
                played += 1;
                word(required).to_owned()
            };
            let row = *at.entry(fault).or_insert_with(|| {
                rows.push((fault, Vec::new()));
                rows.len() - 1
            });
            rows[row].1.push(shown);
        }
    }
    let titles: Vec<&str> = Operation::ALL.into_iter().map(Operation::title).collect();
    let mut text = format!(
        "{HEAD}\n{played} cells.\n\n| fault | {} |\n|---|{}\n",
        titles.join(" | "),
        "---|".repeat(titles.len())
    );
    for (fault, cells) in rows {
        assert_eq!(cells.len(), Operation::ALL.len(), "{fault} is not in every column");
        text.push_str(&format!("| {fault} | {} |\n", cells.join(" | ")));
    }
    text.push_str("\nWhere there is no cell:\n\n");
    for (number, note) in notes.iter().enumerate() {
        text.push_str(&format!("{}. {note}\n", number + 1));
    }
    text.push_str(
        "\n## Faults over time\n\nPlayed at the engine, in virtual time.\n\n| fault | test |\n|---|---|\n",
    );
    for (fault, test) in OVER_TIME {
        text.push_str(&format!("| {fault} | `{test}` |\n"));
    }
    text
}

const HEAD: &str = "\
# What becomes of each operation under each fault

Written by `matrix::page`, from the table that `matrix::cells` plays at the clients and `matrix::binary` through the program.
The first five columns are the connectors of Flink, the others the stores of DeltaStream. Validation of SQL and queries of MySQL are
no operations of these two services.

- **again**: nothing was taken; a read is tried four times (exit code 69), a write may be sent again
- **look**: it may have happened; the service is looked at, twice and one poll apart, before anything is sent again;
  an update shows nothing, does no harm twice, and is sent again after a pause
- **refused**, **exists**: definite, with the service's own words; sent once, exit code 1
- **senseless**: an error that names the operation and what is wrong; never a default, never an empty listing
- **75**, **77**: too many requests; credentials not accepted, or no key to be had. Sent once
- **taken**: an answer, for what it says; **not ready**: kept as the text it is, and waited for
- **list decides**: nothing is concluded from it

A call is one request in every cell, no redirect is followed, and no text repeats a secret.
";

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "a document of the repository is read and written as it lies there"
)]
fn the_page_is_what_is_played() {
    let text = text();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(Path::new(PAGE), &text).unwrap();
    }
    let page = std::fs::read_to_string(PAGE).unwrap_or_default();
    assert!(page == text, "docs/fault-matrix.md is old: UPDATE_DOCS=1 cargo test --test suite matrix::page");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the sources of these tests are read as they lie there")]
fn the_tests_of_faults_over_time_are_there() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite"));
    let mut sources = String::new();
    for folder in ["model", "cli"] {
        for file in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "rs") {
                sources.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    for (fault, test) in OVER_TIME {
        assert!(sources.contains(&format!("fn {test}(")), "{fault}: there is no test {test}");
    }
}
