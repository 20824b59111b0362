use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::*;
use crate::domain::suite::source::{Distribution, Generate, Generator};
use crate::domain::suite::types::{RowField, Schema};
use crate::platform::checksum::sha256_hex;
use crate::verify::row::{Row, Value};
use crate::verify::types::map_schema;

fn generate(kind: Generator, distribution: Distribution, rows: u64, seed: u64) -> Generate {
    Generate { kind, rows, seed, distribution }
}

/// Without the large text, which only costs time here.
fn generator(kind: Generator, distribution: Distribution, rows: u64) -> RowGenerator {
    RowGenerator::new(generate(kind, distribution, rows, 7), None).with_large_text(1_000)
}

fn schema(fields: &[(&str, &str)], key: &[&str]) -> Schema {
    let fields =
        fields.iter().map(|(name, text)| RowField { name: (*name).into(), value: text.parse().unwrap() });
    Schema::new(fields.collect(), &key.iter().map(|&name| name.to_owned()).collect::<Vec<_>>()).unwrap()
}

fn key(generator: &RowGenerator, row: &Row) -> Vec<Value> {
    generator.schema().key().iter().map(|place| row.get(*place).unwrap().clone()).collect()
}

#[test]
fn a_row_depends_on_seed_and_number_alone() {
    for kind in Generator::ALL {
        let rows = generator(*kind, Distribution::Zipf, 300);
        let forth: Vec<Row> = (0..300).map(|number| rows.row(number)).collect();
        let threads: Vec<Row> = std::thread::scope(|scope| {
            let halves = [0..150, 150..300].map(|half| {
                let rows = &rows;
                scope.spawn(move || half.rev().map(|number| rows.row(number)).collect::<Vec<_>>())
            });
            halves.into_iter().flat_map(|half| half.join().unwrap().into_iter().rev()).collect()
        });
        assert_eq!(forth, threads, "{kind:?}");
        let longer =
            RowGenerator::new(generate(*kind, Distribution::Zipf, 1 << 40, 7), None).with_large_text(1_000);
        assert_eq!(forth[299], longer.row(299), "the number of rows changes them");
        let other = RowGenerator::new(generate(*kind, Distribution::Zipf, 300, 8), None);
        assert_ne!(forth[299], other.row(299), "the seed changes nothing");
    }
}

/// Whoever changes these changes every run that names a seed: never.
#[test]
fn a_seed_means_the_same_rows_for_ever() {
    let basic = generator(Generator::Basic, Distribution::Uniform, 10);
    let first: Vec<String> = (0..3).map(|number| basic.row(number).canonical()).collect();
    assert_eq!(first, FIRST_BASIC_ROWS);
    let digests = DIGESTS.iter().map(|(kind, distribution, _)| {
        let rows = generator(*kind, *distribution, 1_000);
        let text: String = (0..1_000).map(|number| rows.row(number).canonical() + "\n").collect();
        (*kind, *distribution, sha256_hex(&[text.as_bytes()]))
    });
    let wanted =
        DIGESTS.iter().map(|(kind, distribution, digest)| (*kind, *distribution, (*digest).to_owned()));
    assert_eq!(digests.collect::<Vec<_>>(), wanted.collect::<Vec<_>>());
}

const FIRST_BASIC_ROWS: [&str; 3] = [
    r#"(909661226572937182,"qseotod",NULL,159931.751,98594.1079820377,false,"umwntloc",2005-10-27T11:53:58.363108)"#,
    r#"(4043372696360771546,"cmaz",224632,950478.3599,250836.69386497256,true,"bdeaiawkii",2005-11-19T18:51:34.109484)"#,
    r#"(2586476430686834160,"decze",NULL,NULL,796595.413714932,false,NULL,2033-07-24T12:52:44.660939)"#,
];

const DIGESTS: &[(Generator, Distribution, &str)] = &[
    (
        Generator::Basic,
        Distribution::Uniform,
        "7ce939043244f9c7bd935fb40c8fdd55c7aa2447a1fe0fed4bacda095bb07b17",
    ),
    (
        Generator::Basic,
        Distribution::Zipf,
        "465ba4f67ac11cd340dc1362751ca9b9e84dbcfdf77597a34bd8b2d9460f4d6f",
    ),
    (
        Generator::Basic,
        Distribution::Sequential,
        "2db3de0fe67b6c27231df52ec52c632336c7ade207ed692792a607c0febfb5ab",
    ),
    (
        Generator::Basic,
        Distribution::Bursty,
        "2db3de0fe67b6c27231df52ec52c632336c7ade207ed692792a607c0febfb5ab",
    ),
    (
        Generator::Nested,
        Distribution::Uniform,
        "cbed91bb4a8d1d6027da77d11e2807000bd56201958f649e3cc0584cc4f0fb5d",
    ),
    (
        Generator::EdgeCases,
        Distribution::Uniform,
        "7f14f65d69b39f45d211ac4c6167f2656c5351580c50bff125f84280f84aa62c",
    ),
];

#[test]
fn every_generated_row_is_one_of_its_schema_and_fits_into_the_columns_that_we_choose() {
    for kind in Generator::ALL {
        let rows = generator(*kind, Distribution::Sequential, 500);
        let columns = map_schema(rows.schema(), &[]).unwrap();
        for number in 0..500 {
            let row = rows.row(number);
            for ((field, value), column) in rows.schema().fields().iter().zip(row.values()).zip(&columns) {
                let text = value.canonical();
                let back = Value::from_canonical(&field.value, &text);
                assert_eq!(back.as_ref(), Ok(value), "{kind:?} row {number} field {}: {text}", field.name);
                assert!(column.encode(value).is_ok(), "{kind:?} row {number}: {:?}", column.encode(value));
            }
        }
    }
}

#[test]
fn edge_cases_hold_every_null_every_extreme_and_every_rare_text() {
    let rows = generator(Generator::EdgeCases, Distribution::Sequential, 500);
    let mut seen: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for number in 0..200 {
        for (field, value) in rows.schema().fields().iter().zip(rows.row(number).values()) {
            seen.entry(&field.name).or_default().insert(value.canonical());
        }
    }
    for field in rows.schema().fields() {
        assert_eq!(seen[field.name.as_str()].contains("NULL"), field.value.nullable, "{}", field.name);
    }
    for (field, wanted) in [
        ("a_tinyint", "-128"),
        ("a_bigint", "-9223372036854775808"),
        ("a_bigint", "9223372036854775807"),
        ("an_unsigned", "18446744073709551615"),
        ("a_wide_decimal", "99999999999999999999999999999999999.999999999999999999999999999999"),
        ("a_wide_decimal", "-0.000000000000000000000000000001"),
        ("a_float", "3.4028235e38"),
        ("a_double", "2.2250738585072014e-308"),
        ("a_date", "0001-01-01"),
        ("a_date", "9999-12-31"),
        ("a_date", "2024-02-29"),
        ("a_time", "23:59:59.999999"),
        ("a_timestamp", "2024-03-31T02:30:00"),
        ("a_timestamp", "9999-12-31T23:59:59.999999"),
        ("a_moment", "2024-02-29T09:59:59Z"),
        ("a_string", "\"\""),
        ("a_string", "\"😀\""),
        ("a_string", "\"a\\u0000b\""),
        ("a_string", "\"a  b   \""),
        ("never_null", "\"e\u{301}\""),
        ("a_varchar", "\"NULL\""),
        ("some_bytes", "x'c328'"),
        ("an_array", "[]"),
        ("a_map", "{}"),
    ] {
        assert!(seen[field].contains(wanted), "{field} never is {wanted}: {:#?}", seen[field]);
    }
    let longest = "😀".repeat(255);
    assert!(seen["a_varchar"].contains(&format!("\"{longest}\"")), "no VARCHAR is as long as it may be");
}

#[test]
fn a_large_text_stands_at_its_row_in_the_size_that_was_asked_for() {
    let edges = generate(Generator::EdgeCases, Distribution::Sequential, 10, 0);
    let large = |rows: &RowGenerator, number: u64| {
        let row = rows.row(number);
        let texts = row.values().iter().filter_map(|value| match value {
            Value::Text(text) => Some(text.len()),
            _ => None,
        });
        texts.filter(|length| *length > 100_000).collect::<Vec<_>>()
    };
    let usual = RowGenerator::new(edges, None);
    assert_eq!(large(&usual, LARGE_TEXT_ROW), [8 << 20]);
    assert!(large(&usual, LARGE_TEXT_ROW + 1).is_empty());
    assert_eq!(large(&usual.with_large_text(usize::MAX), LARGE_TEXT_ROW), [(1 << 24) - 1]);
}

#[test]
fn sequential_keys_count_from_one() {
    let rows = generator(Generator::Basic, Distribution::Sequential, 100);
    let ids: Vec<Value> = (0..5).map(|number| rows.row(number).get(0).unwrap().clone()).collect();
    assert_eq!(ids, [1, 2, 3, 4, 5].map(Value::Integer));
}

#[test]
fn uniform_keys_are_all_different_and_lie_everywhere() {
    let rows = generator(Generator::Basic, Distribution::Uniform, 100_000);
    let keys: BTreeSet<u64> = (0..100_000).map(|number| rows.key_number(number)).collect();
    assert_eq!(keys.len(), 100_000, "a key came twice");
    let mut buckets = [0_u32; 16];
    for key in &keys {
        buckets[usize::try_from(key >> 58).unwrap()] += 1;
    }
    // 15 degrees of freedom: chi-square is below 37.7 in all but one of a thousand seeds; this seed is fixed.
    let expected = 100_000.0 / 16.0;
    let chi: f64 = buckets.iter().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum();
    assert!(chi < 37.7, "{chi}: {buckets:?}");
    let neighbours = (1..1_000).filter(|n| rows.key_number(*n).abs_diff(rows.key_number(n - 1)) < 1 << 50);
    assert!(neighbours.count() < 5, "neighbouring rows have neighbouring keys");
}

#[test]
fn a_permutation_of_few_keys_takes_each_once() {
    for capacity in ["TINYINT", "BOOLEAN", "SMALLINT", "CHAR(1)", "BINARY(1)"] {
        let text = format!("{capacity} NOT NULL");
        let declared = schema(&[("k", &text)], &["k"]);
        let rows =
            RowGenerator::new(generate(Generator::Basic, Distribution::Uniform, 1 << 20, 3), Some(&declared));
        let period = rows.keys().period().unwrap();
        let values: BTreeSet<Vec<Value>> = (0..period).map(|number| key(&rows, &rows.row(number))).collect();
        assert_eq!(values.len() as u64, period, "{capacity}");
        assert_eq!(key(&rows, &rows.row(0)), key(&rows, &rows.row(period)), "{capacity} does not come again");
    }
}

#[test]
fn zipf_draws_the_second_key_half_as_often_as_the_first() {
    let rows = generator(Generator::Basic, Distribution::Zipf, 200_000);
    let mut counts: BTreeMap<u64, u32> = BTreeMap::new();
    for number in 0..200_000 {
        *counts.entry(rows.key_number(number)).or_default() += 1;
    }
    let harmonic: f64 = (1..=65_536_u32).map(|rank| 1.0 / f64::from(rank)).sum();
    for rank in [1_u32, 2, 3, 10, 100] {
        let expected = 200_000.0 / harmonic / f64::from(rank);
        let found = f64::from(counts[&u64::from(rank - 1)]);
        // Four standard deviations; the seed is fixed.
        assert!((found - expected).abs() < 4.0 * expected.sqrt(), "rank {rank}: {found}, not {expected}");
    }
    assert!(counts.keys().all(|key| *key < 65_536));
}

#[test]
fn bursts_come_with_pauses_and_the_others_at_once() {
    let bursty = generator(Generator::Basic, Distribution::Bursty, 5_000);
    let arrivals = [0, 999, 1_000, 2_500].map(|number| bursty.arrival(number));
    assert_eq!(arrivals, [0, 0, 100, 200].map(Duration::from_millis));
    assert_eq!(generator(Generator::Basic, Distribution::Zipf, 5_000).arrival(4_999), Duration::ZERO);
}

#[test]
fn keys_of_every_type_are_told_apart_by_their_number() {
    for kind in [
        "BIGINT",
        "INT",
        "DECIMAL(20,0)",
        "DECIMAL(9,4)",
        "DECIMAL(5,5)",
        "FLOAT",
        "DOUBLE",
        "DATE",
        "TIME(0)",
        "TIMESTAMP(0)",
        "TIMESTAMP_LTZ(3)",
        "CHAR(8)",
        "VARCHAR(8)",
        "BINARY(16)",
        "BINARY(3)",
        "VARBINARY(3)",
    ] {
        let text = format!("{kind} NOT NULL");
        let declared = schema(&[("a", "BOOLEAN NOT NULL"), ("x", "INT"), ("k", &text)], &["a", "k"]);
        for distribution in [Distribution::Sequential, Distribution::Zipf, Distribution::Uniform] {
            let rows = RowGenerator::new(generate(Generator::Basic, distribution, 3_000, 1), Some(&declared));
            let mut values: BTreeMap<u64, Vec<Value>> = BTreeMap::new();
            for number in 0..3_000 {
                let row = rows.row(number);
                let found = key(&rows, &row);
                let text = found[1].canonical();
                assert_eq!(Value::from_canonical(&text_type(kind), &text).as_ref(), Ok(&found[1]), "{kind}");
                assert_eq!(values.entry(rows.key_number(number)).or_insert_with(|| found.clone()), &found);
            }
            let distinct: BTreeSet<&Vec<Value>> = values.values().collect();
            assert_eq!(distinct.len(), values.len(), "{kind} {distribution:?}: two numbers, one key");
        }
    }
}

fn text_type(text: &str) -> crate::domain::suite::types::FlinkType {
    text.parse().unwrap()
}

#[test]
fn the_survivors_are_the_last_rows_of_their_keys() {
    let narrow = schema(&[("v", "INT"), ("k", "TINYINT NOT NULL")], &["k"]);
    let pair = schema(&[("a", "BOOLEAN NOT NULL"), ("b", "BOOLEAN NOT NULL"), ("v", "INT")], &["b", "a"]);
    let keyless = schema(&[("v", "INT")], &[]);
    for declared in [None, Some(&narrow), Some(&pair), Some(&keyless)] {
        for distribution in Distribution::ALL {
            for rows in [1, 3, 127, 128, 2_000] {
                let rows = RowGenerator::new(generate(Generator::Basic, *distribution, rows, 5), declared);
                let mut table: BTreeMap<Vec<Value>, u64> = BTreeMap::new();
                for number in 0..rows.rows() {
                    let mut key = key(&rows, &rows.row(number));
                    if key.is_empty() {
                        key.push(Value::Integer(number.cast_signed()));
                    }
                    table.insert(key, number);
                }
                let survivors = rows.survivors();
                let wanted: BTreeSet<u64> = table.into_values().collect();
                let found: BTreeSet<u64> = survivors.rows().map(|(number, _)| number).collect();
                assert_eq!(found, wanted, "{distribution:?} {declared:?}");
                assert_eq!(survivors.count(), wanted.len() as u64);
                assert!(
                    (0..rows.rows() + 5).all(|number| survivors.contains(number) == wanted.contains(&number))
                );
                assert!(survivors.rows().all(|(number, row)| row == rows.row(number)));
            }
        }
    }
}
