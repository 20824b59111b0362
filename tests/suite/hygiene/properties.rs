//! The 35 properties of the seed: each has one test that says so in the seed's words, or a reason why not.

use super::{none, read, tracked};
use crate::verify::planted;

const TAG: &str = "Feature: flink-mysql-connector-test, Property ";

/// Properties that say nothing about the native engine: it loads no JAR.
const NOT_APPLICABLE: &[u8] = &[2, 23];
/// Those of load and faults at scale.
const NEXT: &[u8] = &[26, 27, 28, 29, 30, 34];
/// Those that are being built; whoever adds the test of one takes it out.
const AWAITED: &[u8] = &[];

/// The seed's words.
const WORDS: &[(u8, &str)] = &[
    (
        1,
        "For any valid MySQL configuration, the Flink system should successfully establish a JDBC connection without throwing connection exceptions",
    ),
    (
        3,
        "For any invalid MySQL configuration parameters, the system should return specific, descriptive error messages that identify the configuration problem",
    ),
    (
        4,
        "For any database unavailability scenario, the system should implement exponential backoff retry logic and eventually recover when the database becomes available",
    ),
    (
        5,
        "For any connection pool configuration, the system should never exceed the maximum pool size and should efficiently reuse connections without resource leaks",
    ),
    (
        6,
        "For any supported Flink data type, the system should correctly map it to the appropriate MySQL column type without data loss or type conversion errors",
    ),
    (
        7,
        "For any Flink ROW data structure, field order and values should be preserved exactly during MySQL insertion",
    ),
    (
        8,
        "For any data containing NULL values, the system should correctly insert NULL values into nullable MySQL columns without conversion errors",
    ),
    (
        9,
        "For any text data within MySQL column limits, the system should insert the data without truncation or encoding errors",
    ),
    (
        10,
        "For any high-precision numeric data, the system should maintain exact precision when transferring DECIMAL and BIGINT values to MySQL",
    ),
    (
        11,
        "For any primary key constraint violation, the system should log the error and continue processing subsequent records without stopping the entire stream",
    ),
    (
        12,
        "For any SQL syntax error, the system should log detailed error information and continue processing remaining valid records",
    ),
    (
        13,
        "For any network interruption scenario, the system should detect the failure and implement connection recovery mechanisms to resume operations",
    ),
    (
        14,
        "For any data validation failure, the system should log specific field-level error information with sufficient detail for debugging",
    ),
    (
        15,
        "For any configured batch size, the system should maintain proper transaction boundaries and provide ACID guarantees for batch operations",
    ),
    (
        16,
        "For any successful data insertion operation, the system should log record counts, timing information, and operation status",
    ),
    (
        17,
        "For any error condition, the system should produce structured logs containing error codes, timestamps, and contextual information",
    ),
    (
        18,
        "For any system operation, the system should accurately track and report throughput, latency, and error rate metrics",
    ),
    (
        19,
        "For any connection pool state change, the system should log current pool statistics including active and idle connection counts",
    ),
    (
        20,
        "For any operation when debugging is enabled, the system should provide detailed execution traces sufficient for troubleshooting",
    ),
    (
        21,
        "For any valid configuration file, the system should correctly load and apply MySQL connection parameters from external sources",
    ),
    (
        22,
        "For any environment-specific configuration override, the system should apply the correct configuration for the target environment",
    ),
    (
        24,
        "For any test scenario requiring database tables, the system should automatically create and manage the necessary database schemas",
    ),
    (
        25,
        "For any test execution, the system should provide complete cleanup of test data and release all allocated resources",
    ),
    (
        31,
        "For any complex nested JSON structure, the system should correctly parse and flatten the data for relational storage without data loss",
    ),
    (
        32,
        "For any Flink timestamp value, the system should correctly convert it to the appropriate MySQL DATETIME/TIMESTAMP format without precision loss",
    ),
    (
        33,
        "For any UTF-8 encoded text including international characters, the system should preserve character encoding throughout the processing pipeline",
    ),
    (
        35,
        "For any custom mapping function, the system should correctly apply the transformation and produce the expected output format",
    ),
];

/// Number and words of each tag above a test, with its file.
fn tags() -> Vec<(u8, String, String)> {
    let mut found = Vec::new();
    for file in tracked("tests/", ".rs") {
        let mut comment = String::new();
        for line in read(&file).lines().map(str::trim_start) {
            if let Some(words) = line.strip_prefix("///") {
                comment.push_str(words);
                continue;
            }
            if let Some((number, words)) = tag(&comment).filter(|_| line.starts_with("#[")) {
                found.push((number, words, file.clone()));
            }
            comment.clear();
        }
    }
    found
}

fn tag(comment: &str) -> Option<(u8, String)> {
    let (_, rest) = comment.split_once(TAG)?;
    let (number, words) = rest.split_once(": ")?;
    Some((number.parse().ok()?, words.trim().to_owned()))
}

#[test]
fn every_property_of_the_seed_has_one_test_in_its_words_or_a_reason_why_not() {
    let (tags, mut findings) = (tags(), Vec::new());
    for number in 1..=35_u8 {
        let of_it: Vec<_> = tags.iter().filter(|(other, ..)| *other == number).collect();
        let later = [NOT_APPLICABLE, NEXT, AWAITED].concat().contains(&number);
        match (of_it.as_slice(), later) {
            ([], true) | ([_], false) => {}
            ([], false) => findings.push(format!("property {number} has no test")),
            (_, true) => {
                findings.push(format!("property {number} has a test: take it out of the lists here"));
            }
            (several, false) => findings.push(format!("property {number} has {} tests", several.len())),
        }
        let words = WORDS.iter().find(|(other, _)| *other == number).map(|(_, words)| *words);
        let others = of_it.iter().filter(|(_, found, _)| words.is_some_and(|words| words != found));
        findings.extend(others.map(|(_, found, file)| format!("{file}: property {number} says: {found}")));
    }
    none(&findings);
}

#[test]
fn every_tested_property_is_refuted_by_a_planted_defect() {
    let refuted = |number: u8| {
        planted::ALL.iter().any(|(_, planted)| planted.refutes.iter().any(|(other, _)| *other == number))
    };
    let silent = tags().into_iter().filter(|(number, ..)| !refuted(*number));
    none(
        &silent.map(|(number, ..)| format!("no defect is planted for property {number}")).collect::<Vec<_>>(),
    );
}

#[test]
fn every_planted_defect_is_shown_to_refute_what_the_list_says() {
    let tests: String = tracked("tests/suite/verify/", ".rs").iter().map(|file| read(file)).collect();
    let plain: String = tests.split_whitespace().collect();
    let mut findings = Vec::new();
    for (name, planted) in planted::ALL {
        for (number, _) in planted.refutes {
            let named = plain.contains(&format!("&planted::{name},{number},"));
            // Several in a row, for one property.
            let listed = plain.contains(&format!("(&planted::{name},"))
                && plain.contains(&format!("refuted(planted,{number},"));
            if !named && !listed {
                findings.push(format!("{name} is not shown to refute property {number}"));
            }
        }
    }
    none(&findings);
}
