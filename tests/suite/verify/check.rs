//! Comparing a table with what should be in it, against a model that keeps everything.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use reconcile::domain::suite::flink::Engine;
use reconcile::domain::suite::identifier::Identifier;
use reconcile::domain::suite::table::Table;
use reconcile::domain::suite::types::{RowField, Schema};
use reconcile::verify::check::{
    Comparison, Expected, Keep, Kind, Limits, Rows, Violation, compare, violations,
};
use reconcile::verify::mysql::batch::{Batch, Mode, Row as Sent, write_once};
use reconcile::verify::mysql::cell::to_value;
use reconcile::verify::mysql::schema::Run;
use reconcile::verify::mysql::session::Session;
use reconcile::verify::row::{Row, Value};
use reconcile::verify::table::{TargetTable, prepare};

use super::properties::now;
use crate::support::mysql::Database;

fn schema(with_key: bool) -> Schema {
    let fields = [("id", "BIGINT NOT NULL"), ("n", "FLOAT"), ("t", "STRING"), ("j", "STRING")];
    let fields = fields.map(|(name, kind)| RowField { name: name.into(), value: kind.parse().unwrap() });
    let key: &[String] = if with_key { &["id".to_owned()] } else { &[] };
    Schema::new(fields.into(), key).unwrap()
}

async fn open(with_key: bool) -> (Session, TargetTable) {
    let mut session = Database::new().await.session().await;
    let column = |(name, kind): (&str, &str)| reconcile::domain::suite::table::Column {
        name: Identifier::new(name).unwrap(),
        kind: kind.parse().unwrap(),
        nullable: true,
    };
    let columns = [("id", "BIGINT"), ("n", "FLOAT"), ("t", "TEXT"), ("j", "JSON")].map(column);
    let table = Table {
        name: Identifier::new("t").unwrap(),
        create: true,
        columns: columns.into(),
        constraints: Vec::new(),
        indexes: Vec::new(),
    };
    let run = Run::new().unwrap();
    let table = prepare(&mut session, &run, &table, &schema(with_key), &Engine::Native).await.unwrap();
    (session, table)
}

async fn fill(session: &mut Session, table: &TargetTable, mode: Mode, rows: &[Row]) {
    session.run(&format!("DELETE FROM {}", table.name())).await.unwrap();
    let sent = |row: &Row| {
        let cells = table.columns().iter().zip(row.values());
        let values = cells.map(|(column, value)| to_value(&column.mapped().encode(value).unwrap()));
        Sent { key: String::new(), values: values.collect() }
    };
    let batch = Batch { number: 0, rows: rows.iter().map(sent).collect() };
    let written = write_once(session, &table.target(mode).unwrap(), None, &batch).await.unwrap();
    assert_eq!(written.refused, []);
}

/// A row whose values are one of a few, so that rows are often the same.
fn row(id: i64, value: u8) -> Row {
    let number = f32::from(value) / 3.0;
    let json = format!("{{ \"b\" : {value}.0, \"a\":[{value}] }}");
    vec![Value::Integer(id), Value::Float(number), Value::text(format!("text {value}")), Value::text(json)]
        .into()
}

type Drawn = Vec<(i64, u8)>;

fn rows_of(drawn: &[(i64, u8)]) -> Vec<Row> {
    drawn.iter().map(|(id, value)| row(*id, *value)).collect()
}

async fn compared(
    (session, table): &mut (Session, TargetTable),
    expected: &[Row],
    keep: Keep,
    limits: Limits,
) -> Comparison {
    let expected = Rows(|| expected.iter().cloned());
    compare(session, table, &expected, keep, limits).await.unwrap()
}

/// What a comparison must count: missing, extra, doubled, different.
fn counts(comparison: &Comparison) -> [u64; 4] {
    [comparison.missing, comparison.extra, comparison.doubled, comparison.different]
}

fn drawn() -> impl Strategy<Value = Drawn> {
    vec((0..12_i64, 0..3_u8), 0..24)
}

fn limits() -> impl Strategy<Value = Limits> {
    (1..30_usize, 1..20_usize).prop_map(|(rows, shown)| Limits { rows, shown })
}

/// The table and what should be in it as the model sees them: of each key its last value.
fn last(drawn: &Drawn) -> BTreeMap<i64, u8> {
    drawn.iter().copied().collect()
}

fn cases() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) }
}

#[test]
fn rows_with_a_key_are_compared_as_a_model_would() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let opened = std::cell::RefCell::new(runtime.block_on(open(true)));
    let mut runner = proptest::test_runner::TestRunner::new(cases());
    let run = |(ours, theirs, same, limits): (Drawn, Drawn, bool, Limits)| {
        let theirs = if same { ours.clone() } else { theirs };
        let opened = &mut *opened.borrow_mut();
        let comparison = runtime.block_on(async {
            fill(&mut opened.0, &opened.1, Mode::Upsert, &rows_of(&theirs)).await;
            compared(opened, &rows_of(&ours), Keep::LastOfKey, limits).await
        });
        let (ours, theirs) = (last(&ours), last(&theirs));
        let missing = ours.keys().filter(|id| !theirs.contains_key(id)).count() as u64;
        let extra = theirs.keys().filter(|id| !ours.contains_key(id)).count() as u64;
        let different =
            ours.iter().filter(|(id, value)| theirs.get(id).is_some_and(|other| other != *value)).count();
        prop_assert_eq!(counts(&comparison), [missing, extra, 0, different as u64]);
        prop_assert_eq!((comparison.expected, comparison.found), (ours.len() as u64, theirs.len() as u64));
        prop_assert_eq!(comparison.is_exact(), comparison.expected_checksum == comparison.found_checksum);
        let named = usize::try_from(comparison.differing()).unwrap().min(limits.shown);
        prop_assert_eq!(comparison.differences.len(), named);
        for difference in &comparison.differences {
            let id: i64 = difference.key.strip_prefix("id=").unwrap().parse().unwrap();
            match &difference.kind {
                Kind::Missing => prop_assert!(!theirs.contains_key(&id)),
                Kind::Extra => prop_assert!(!ours.contains_key(&id)),
                Kind::Doubled => prop_assert!(false),
                Kind::Different(fields) => {
                    let names: Vec<&str> = fields.iter().map(|field| field.field.as_str()).collect();
                    prop_assert_eq!(names, ["n", "t", "j"]);
                    prop_assert_eq!(&fields[1].expected, &format!("\"text {}\"", ours[&id]));
                    prop_assert_eq!(&fields[1].found, &format!("\"text {}\"", theirs[&id]));
                }
            }
        }
        Ok(())
    };
    runner.run(&(drawn(), drawn(), prop::bool::weighted(0.2), limits()), run).unwrap();
}

#[test]
fn rows_without_a_key_are_compared_as_often_as_they_are_there() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let opened = std::cell::RefCell::new(runtime.block_on(open(false)));
    let mut runner = proptest::test_runner::TestRunner::new(cases());
    let run = |(ours, theirs, same, limits): (Drawn, Drawn, bool, Limits)| {
        let theirs = if same { ours.iter().rev().copied().collect() } else { theirs };
        let opened = &mut *opened.borrow_mut();
        let comparison = runtime.block_on(async {
            fill(&mut opened.0, &opened.1, Mode::Insert, &rows_of(&theirs)).await;
            compared(opened, &rows_of(&ours), Keep::Every, limits).await
        });
        let count = |drawn: &Drawn| {
            let mut counts = BTreeMap::new();
            for row in drawn {
                *counts.entry(*row).or_insert(0_u64) += 1;
            }
            counts
        };
        let (ours, theirs) = (count(&ours), count(&theirs));
        let of = |counts: &BTreeMap<(i64, u8), u64>, row: &(i64, u8)| counts.get(row).copied().unwrap_or(0);
        let missing: u64 = ours.iter().map(|(row, count)| count.saturating_sub(of(&theirs, row))).sum();
        let over = |known: bool| -> u64 {
            let rows = theirs.iter().filter(|(row, _)| ours.contains_key(row) == known);
            rows.map(|(row, count)| count.saturating_sub(of(&ours, row))).sum()
        };
        prop_assert_eq!(counts(&comparison), [missing, over(false), over(true), 0]);
        prop_assert_eq!(comparison.is_exact(), ours == theirs);
        Ok(())
    };
    runner.run(&(drawn(), drawn(), prop::bool::weighted(0.2), limits()), run).unwrap();
}

#[tokio::test]
async fn a_difference_names_row_field_and_both_values_without_what_a_terminal_would_obey() {
    let mut opened = open(true).await;
    let with_text =
        |text: &str| Row::from(vec![Value::Integer(7), Value::Null, Value::text(text), Value::Null]);
    let long = "x".repeat(5_000);
    for (ours, theirs, wanted) in [
        ("a", "b", "id=7 t: expected \"a\", found \"b\""),
        ("a", "a\u{1b}[31m\u{202e}", "id=7 t: expected \"a\", found \"a\\u001b[31m\\u{202e}\""),
        (
            &format!("{long}1"),
            &format!("{long}2"),
            "…xxxxxxxxxxxxxxxxxxxx1\", found …xxxxxxxxxxxxxxxxxxxx2\"",
        ),
    ] {
        fill(&mut opened.0, &opened.1, Mode::Insert, &[with_text(theirs)]).await;
        let comparison = compared(&mut opened, &[with_text(ours)], Keep::Every, Limits::default()).await;
        let told = comparison.differences[0].to_string();
        assert!(told.ends_with(wanted) || told == wanted, "{told}");
    }
}

#[tokio::test]
async fn a_table_that_lost_its_index_and_a_key_that_is_there_twice_are_told() {
    let (mut session, table) = open(true).await;
    fill(&mut session, &table, Mode::Insert, &[row(1, 1), row(2, 2)]).await;
    assert_eq!(violations(&mut session, &table).await.unwrap(), []);
    session.run("ALTER TABLE t DROP PRIMARY KEY, MODIFY id BIGINT NULL").await.unwrap();
    session.run("INSERT INTO t (id) VALUES (1), (NULL)").await.unwrap();
    let found: Vec<String> =
        violations(&mut session, &table).await.unwrap().iter().map(ToString::to_string).collect();
    let wanted = [
        "column `id` takes NULL, and is declared NOT NULL",
        "no unique index has exactly the columns `id`",
        "1 rows have NULL in `id`, which is NOT NULL",
    ];
    assert_eq!(found[..3], wanted.map(str::to_owned), "{found:?}");
    session.run("DROP TABLE t").await.unwrap();
    assert_eq!(violations(&mut session, &table).await.unwrap(), [Violation::Gone]);
}

/// Rows that cannot be told twice.
struct Unknown;

impl Expected for Unknown {
    async fn walk(&self, _each: &mut dyn FnMut(&Row)) -> Result<(), String> {
        Err("orders.csv is gone".to_owned())
    }
}

#[test]
fn a_source_that_is_gone_is_no_difference() {
    let said = now(async {
        let (mut session, table) = open(true).await;
        compare(&mut session, &table, &Unknown, Keep::Every, Limits::default()).await.unwrap_err().to_string()
    });
    assert!(said.ends_with("orders.csv is gone"), "{said}");
}
