//! Property 32: a civil time is the same civil time, a moment the same moment, to the microsecond, whatever zone the server is
//! in.

use jiff::civil::{DateTime, date};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::round_trip::{RoundTrip, fields, keyed, numbered, seen, there_and_back};
use super::trial::{Judged, Trial, judge_sharing};
use super::values::opened;
use crate::domain::suite::types::{FlinkKind, FlinkType};
use crate::domain::suite::verdict::Verdict;
use crate::verify::generate::strategy;
use crate::verify::row::{Row, Value, civil};

/// Field, type and column.
const TIMES: &[(&str, &str, &str)] = &[
    ("t0", "TIMESTAMP(0)", "DATETIME"),
    ("t1", "TIMESTAMP(1)", "DATETIME(1)"),
    ("t2", "TIMESTAMP(2)", "DATETIME(2)"),
    ("t3", "TIMESTAMP(3)", "DATETIME(3)"),
    ("t4", "TIMESTAMP(4)", "DATETIME(4)"),
    ("t5", "TIMESTAMP(5)", "DATETIME(5)"),
    ("t6", "TIMESTAMP(6)", "DATETIME(6)"),
    ("stamp", "TIMESTAMP(6)", "TIMESTAMP(6)"),
    ("moment", "TIMESTAMP_LTZ(6)", "DATETIME(6)"),
    ("moment_stamp", "TIMESTAMP_LTZ(3)", "TIMESTAMP(3)"),
    ("day", "DATE", "DATE"),
    ("clock", "TIME(6)", "TIME(6)"),
];

/// Where calendars and clocks are odd: ends of ranges, leap days, the hours that daylight saving skips and repeats.
const ODD: &[&str] = &[
    "0001-01-01 00:00:00",
    "1582-10-10 12:00:00",
    "1969-12-31 23:59:59.999999",
    "1970-01-01 00:00:01",
    "1970-01-01 00:00:01.000001",
    "2000-02-29 23:59:59.999999",
    "2016-12-31 23:59:59.5",
    "2024-02-29 00:00:00",
    "2024-03-10 02:30:00",
    "2024-03-31 01:59:59.999999",
    "2024-03-31 02:30:00",
    "2024-10-27 02:30:00",
    "2024-11-03 01:30:00.000001",
    "2038-01-19 03:14:07.999999",
    "2038-01-19 03:14:08",
    "9999-12-31 23:59:59.999999",
];

/// A civil time that a `TIMESTAMP` column takes.
fn in_the_epoch(digits: u8) -> BoxedStrategy<DateTime> {
    let first = date(1970, 1, 1).at(0, 0, 1, 0);
    let unit = 10_i64.pow(u32::from(6 - digits));
    let any = (0..2_147_483_647_i64, 0..1_000_000_i64).prop_map(move |(seconds, micros)| {
        let since = jiff::SignedDuration::from_secs(seconds)
            + jiff::SignedDuration::from_micros(micros / unit * unit);
        first.saturating_add(since)
    });
    let last = date(2038, 1, 19).at(3, 14, 7, 999_999_999);
    any.prop_map(move |civil| civil.min(last)).prop_map(move |civil| cut(civil, digits)).boxed()
}

/// Without what the type does not have.
fn cut(time: DateTime, digits: u8) -> DateTime {
    let beyond = civil::beyond(time.subsec_nanosecond().unsigned_abs(), digits);
    time.saturating_sub(jiff::SignedDuration::from_nanos(beyond.into()))
}

fn value(declared: &FlinkType, column: &str) -> BoxedStrategy<Value> {
    let epoch = column.starts_with("TIMESTAMP");
    match declared.kind {
        FlinkKind::Timestamp(digits) | FlinkKind::TimestampLtz(digits) => {
            let odd: Vec<DateTime> = ODD.iter().filter_map(|text| civil::read_datetime(text)).collect();
            let odd = odd.into_iter().map(|civil| cut(civil, digits));
            let in_range = |civil: &DateTime| {
                !epoch || (1970..2038).contains(&civil.year()) && civil.date() > date(1970, 1, 1)
            };
            let odd: Vec<DateTime> = odd.filter(in_range).collect();
            let any = if epoch {
                in_the_epoch(digits)
            } else {
                strategy::value(&FlinkKind::Timestamp(digits).not_null())
                    .prop_map(|value| if let Value::Timestamp(civil) = value { civil } else { DateTime::MIN })
                    .boxed()
            };
            let is_moment = matches!(declared.kind, FlinkKind::TimestampLtz(_));
            let value = move |civil| if is_moment { Value::Moment(civil) } else { Value::Timestamp(civil) };
            prop_oneof![1 => any, 1 => select(odd)].prop_map(value).boxed()
        }
        _ => strategy::value(&declared.kind.clone().not_null()),
    }
}

/// As a server prints it, with all digits of its column.
fn printed(value: &Value, digits: u8) -> Option<String> {
    let mut text = compact_str::CompactString::default();
    match value {
        Value::Date(date) => civil::write_date(&mut text, *date),
        Value::Time(since) => civil::write_time(&mut text, *since),
        Value::Timestamp(time) | Value::Moment(time) => civil::write_datetime(&mut text, *time, ' '),
        _ => return None,
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let width = usize::from(digits);
    Some(if width == 0 { whole.to_owned() } else { format!("{whole}.{fraction:0<width$}") })
}

/// The seconds since 1970 in UTC, as `UNIX_TIMESTAMP` prints them.
fn since_1970(value: &Value, digits: u8) -> Option<String> {
    let (Value::Timestamp(time) | Value::Moment(time)) = value else { return None };
    let since = time.duration_since(date(1970, 1, 1).at(0, 0, 0, 0));
    let width = usize::from(digits);
    let fraction = since.subsec_nanos() / 10_i32.pow(9 - u32::from(digits));
    Some(format!("{}.{fraction:0width$}", since.as_secs()))
}

/// Property 32: for any date, time, civil time and moment the same one comes back with all its digits; the server prints the
/// same digits, and for columns with a zone counts the same seconds since 1970.
pub fn timestamp_conversion<T: RoundTrip>(
    open: impl AsyncFn() -> Result<T, String>,
    trial: Trial,
) -> Verdict {
    let flink: Vec<_> = TIMES.iter().map(|(name, kind, _)| (*name, *kind)).collect();
    let columns: Vec<_> =
        std::iter::once(("id", "BIGINT")).chain(TIMES.iter().map(|(name, _, kind)| (*name, *kind))).collect();
    let schema = match fields(&flink).and_then(keyed) {
        Ok(schema) => schema,
        Err(reason) => return Verdict::NotApplicable { reason },
    };
    let declared = schema.fields().iter().skip(1).map(|field| &field.value);
    let digits: Vec<u8> = declared
        .clone()
        .map(|declared| match declared.kind {
            FlinkKind::Timestamp(digits) | FlinkKind::TimestampLtz(digits) | FlinkKind::Time(digits) => {
                digits
            }
            _ => 0,
        })
        .collect();
    let values: Vec<_> =
        declared.zip(TIMES).map(|(declared, (_, _, column))| value(declared, column)).collect();
    let asked: Vec<String> = TIMES.iter().map(|(name, ..)| format!("`{name}`")).collect();
    let stamps: Vec<usize> = (0..TIMES.len())
        .filter(|at| TIMES.get(*at).is_some_and(|time| time.2.starts_with("TIMESTAMP")))
        .collect();
    let counted: Vec<String> =
        stamps.iter().filter_map(|at| Some(format!("UNIX_TIMESTAMP({})", asked.get(*at)?))).collect();
    judge_sharing(
        trial,
        &vec(values.prop_map(Row::from), 1..=4),
        async || opened(&open, "times", &columns, &schema).await,
        &async |trip: &mut T, times: Vec<Row>| -> Judged {
            let rows = numbered(&times);
            let compared = there_and_back(trip, &schema, &rows).await?;
            let text = |row: &Row| {
                row.values().iter().zip(&digits).map(|(value, digits)| printed(value, *digits)).collect()
            };
            seen(trip, &asked, &times.iter().map(text).collect::<Vec<_>>()).await?;
            let seconds = |row: &Row| {
                stamps.iter().map(|at| since_1970(row.get(*at)?, *digits.get(*at)?)).collect::<Vec<_>>()
            };
            let moments = seen(trip, &counted, &times.iter().map(seconds).collect::<Vec<_>>()).await?;
            Ok(vec![("times", compared), ("moments", moments)])
        },
        RoundTrip::close,
    )
}
