//! Properties 8 and 10: NULL stays NULL, and every digit of a number stays.

use proptest::collection::vec;
use proptest::prelude::*;

use super::round_trip::{RoundTrip, fields, keyed, numbered, seen, table, there_and_back, words};
use super::trial::{Judged, Trial, judge_sharing};
use crate::domain::suite::source::Generator;
use crate::domain::suite::types::{FlinkKind, FlinkType, Schema};
use crate::domain::suite::verdict::Verdict;
use crate::verify::generate::{default_schema, strategy};
use crate::verify::mysql::identifier::Name;
use crate::verify::row::{Row, Value};

/// A value or NULL, as often as not.
fn half_null(declared: &FlinkType) -> BoxedStrategy<Value> {
    let value = strategy::value(&declared.kind.clone().not_null());
    if declared.nullable { prop_oneof![Just(Value::Null), value].boxed() } else { value }
}

/// Expressions over the columns behind the key.
fn over(schema: &Schema, sql: impl Fn(&Name, &FlinkType) -> String) -> Result<Vec<String>, String> {
    let behind_key = schema.fields().iter().skip(1);
    behind_key.map(|field| Ok(sql(&Name::new(&field.name).map_err(words)?, &field.value))).collect()
}

/// Property 8: for any rows of every type with NULL in any fields, NULL is where it was and nowhere else, for us and for the
/// server.
pub fn null_handling<T: RoundTrip>(open: impl AsyncFn() -> Result<T, String>, trial: Trial) -> Verdict {
    let schema = default_schema(Generator::EdgeCases);
    let values: Vec<_> = schema.fields().iter().skip(1).map(|field| half_null(&field.value)).collect();
    judge_sharing(
        trial,
        &vec(values.prop_map(Row::from), 1..=4),
        async || opened(&open, "nulls", &[], &schema).await,
        &async |trip: &mut T, rows| -> Judged {
            let rows = numbered(&rows);
            let compared = there_and_back(trip, &schema, &rows).await?;
            let asked = over(&schema, |name, _| format!("{name} IS NULL"))?;
            let is_null = |value: &Value| Some(u8::from(value.is_null()).to_string());
            let wanted: Vec<Vec<_>> =
                rows.iter().map(|row| row.values().iter().skip(1).map(is_null).collect()).collect();
            seen(trip, &asked, &wanted).await?;
            let nulls = rows.iter().flat_map(Row::values).filter(|value| value.is_null()).count() as u64;
            Ok(vec![("values", compared), ("NULLs", nulls)])
        },
        RoundTrip::close,
    )
}

/// Numbers at the limits of both sides; the second name is the declared column.
const NUMBERS: &[(&str, &str, &str)] = &[
    ("widest", "DECIMAL(65, 30)", "DECIMAL(65,30)"),
    ("whole", "DECIMAL(65, 0)", "DECIMAL(65,0)"),
    ("fraction", "DECIMAL(30, 30)", "DECIMAL(30,30)"),
    ("flink", "DECIMAL(38, 18)", "DECIMAL(38,18)"),
    ("money", "DECIMAL(20, 4)", "DECIMAL(20,4)"),
    ("wider", "DECIMAL(20, 4)", "DECIMAL(40,10)"),
    ("tiny", "DECIMAL(1, 1)", "DECIMAL(1,1)"),
    ("unsigned_one", "DECIMAL(20, 0)", "BIGINT UNSIGNED"),
    ("big", "BIGINT", "BIGINT"),
    ("big_in_decimal", "BIGINT", "DECIMAL(19,0)"),
    ("double_one", "DOUBLE", "DOUBLE"),
    ("float_one", "FLOAT", "FLOAT"),
];

fn number(name: &str, declared: &FlinkType) -> BoxedStrategy<Value> {
    let decimal = |text: String| crate::verify::row::read_text(&declared.kind, &text).unwrap_or_default();
    match &declared.kind {
        _ if name == "unsigned_one" => {
            let limits =
                prop_oneof![any::<u64>(), Just(u64::MAX), Just(0), Just(1 << 63), Just((1 << 53) + 1)];
            let declared = declared.clone();
            let value = move |number: u64| {
                crate::verify::row::read_text(&declared.kind, &number.to_string()).unwrap_or_default()
            };
            limits.prop_map(value).boxed()
        }
        FlinkKind::Decimal { precision, scale } => {
            let (whole, fraction) = (usize::from(precision - scale), usize::from(*scale));
            let nines = format!("{}.{}", "9".repeat(whole), "9".repeat(fraction));
            let nines = nines.trim_end_matches('.').to_owned();
            let last = format!("0.{}1", "0".repeat(fraction.saturating_sub(1)));
            let edges = vec![decimal(nines.clone()), decimal(format!("-{nines}")), decimal(last)];
            let edges: Vec<Value> = edges.into_iter().filter(|value| !value.is_null()).collect();
            prop_oneof![4 => strategy::value(declared), 1 => prop::sample::select(edges)].boxed()
        }
        _ => strategy::value(declared),
    }
}

/// Property 10: for any number of up to 65 digits, `BIGINT UNSIGNED` and floats included, the same number comes back, and the
/// server prints the same digits.
pub fn numeric_precision<T: RoundTrip>(open: impl AsyncFn() -> Result<T, String>, trial: Trial) -> Verdict {
    let flink: Vec<_> = NUMBERS.iter().map(|(name, kind, _)| (*name, *kind)).collect();
    let columns: Vec<_> = std::iter::once(("id", "BIGINT"))
        .chain(NUMBERS.iter().map(|(name, _, kind)| (*name, *kind)))
        .collect();
    let schema = match fields(&flink).and_then(keyed) {
        Ok(schema) => schema,
        Err(reason) => return Verdict::NotApplicable { reason },
    };
    let values: Vec<_> =
        schema.fields().iter().skip(1).map(|field| number(&field.name, &field.value)).collect();
    judge_sharing(
        trial,
        &vec(values.prop_map(Row::from), 1..=4),
        async || opened(&open, "numbers", &columns, &schema).await,
        &async |trip: &mut T, rows| -> Judged {
            let rows = numbered(&rows);
            let compared = there_and_back(trip, &schema, &rows).await?;
            // Floats have no digits of their own; the wider column prints more zeros.
            let asked = over(&schema, |name, declared| match declared.kind {
                FlinkKind::Decimal { precision, scale } => {
                    format!("CAST({name} AS DECIMAL({precision},{scale}))")
                }
                FlinkKind::BigInt => name.to_string(),
                _ => "NULL".to_owned(),
            })?;
            let digits = |value: &Value| match value {
                Value::Decimal(number) => Some(number.as_str().to_owned()),
                Value::Integer(number) => Some(number.to_string()),
                _ => None,
            };
            let wanted: Vec<Vec<_>> =
                rows.iter().map(|row| row.values().iter().skip(1).map(digits).collect()).collect();
            let printed = seen(trip, &asked, &wanted).await?;
            Ok(vec![("numbers", compared), ("numbers as printed by the server", printed)])
        },
        RoundTrip::close,
    )
}

/// A trip with its table.
pub(super) async fn opened<T: RoundTrip>(
    open: &impl AsyncFn() -> Result<T, String>,
    purpose: &str,
    columns: &[(&str, &str)],
    schema: &Schema,
) -> Result<T, String> {
    let mut trip = open().await?;
    trip.open(&table(purpose, columns)?, schema).await?;
    Ok(trip)
}
