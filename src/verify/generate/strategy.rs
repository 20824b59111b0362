//! Strategies of proptest for types, schemas, values and rows: over the whole of each type, simple ones first when a
//! counterexample is shrunk.

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};
use proptest::prelude::*;

use crate::domain::suite::types::{FlinkKind, FlinkType, RowField, Schema};
use crate::verify::row::{Decimal, Map, Row, Value};

/// The most items of lists and maps.
const ITEMS: usize = 4;
/// Texts and bytes are no longer, whatever the type allows.
const LONGEST: u32 = 24;

/// Any type that a column holds, nested ones at most three deep; shrinks towards `BOOLEAN`.
pub fn flink_type() -> BoxedStrategy<FlinkType> {
    let nested = scalar().prop_recursive(3, 12, 3, |inner| {
        let typed = (inner.clone(), any::<bool>());
        let typed = typed.prop_map(|(kind, nullable)| FlinkType { kind, nullable });
        prop_oneof![
            typed.clone().prop_map(|element| FlinkKind::Array(Box::new(element))),
            (inner, typed.clone())
                .prop_map(|(key, value)| FlinkKind::Map(Box::new(key.not_null()), Box::new(value))),
            prop::collection::vec(typed, 1..4).prop_map(|types| FlinkKind::Row(named(types))),
        ]
    });
    (nested, any::<bool>()).prop_map(|(kind, nullable)| FlinkType { kind, nullable }).boxed()
}

fn named(types: Vec<FlinkType>) -> Vec<RowField> {
    let fields = types.into_iter().enumerate();
    fields.map(|(index, value)| RowField { name: format!("f{index}"), value }).collect()
}

/// Any type without inner types that a column holds.
fn scalar() -> impl Strategy<Value = FlinkKind> + Clone {
    let decimal = (1..=65_u8).prop_flat_map(|precision| (Just(precision), 0..=precision.min(30)));
    prop_oneof![
        Just(FlinkKind::Boolean),
        Just(FlinkKind::TinyInt),
        Just(FlinkKind::SmallInt),
        Just(FlinkKind::Int),
        Just(FlinkKind::BigInt),
        decimal.prop_map(|(precision, scale)| FlinkKind::Decimal { precision, scale }),
        Just(FlinkKind::Float),
        Just(FlinkKind::Double),
        Just(FlinkKind::Date),
        (0..=6_u8).prop_map(FlinkKind::Time),
        (0..=6_u8).prop_map(FlinkKind::Timestamp),
        (0..=6_u8).prop_map(FlinkKind::TimestampLtz),
        prop_oneof![1..=8_u32, Just(255), Just(300)].prop_map(FlinkKind::Char),
        prop_oneof![1..=8_u32, Just(255), Just(2_000), Just(FlinkKind::LONGEST)].prop_map(FlinkKind::VarChar),
        prop_oneof![1..=8_u32, Just(255), Just(300)].prop_map(FlinkKind::Binary),
        prop_oneof![1..=8_u32, Just(300), Just(FlinkKind::LONGEST)].prop_map(FlinkKind::VarBinary),
    ]
}

/// A schema of one to so many fields whose key is a `BIGINT`; shrinks towards fewer fields.
pub fn schema(most: usize) -> BoxedStrategy<Schema> {
    let fields = prop::collection::vec(flink_type(), 0..most.max(1));
    let schema = fields.prop_filter_map("a schema", |types| {
        let id = RowField { name: "id".to_owned(), value: FlinkKind::BigInt.not_null() };
        Schema::new(std::iter::once(id).chain(named(types)).collect(), &["id".to_owned()]).ok()
    });
    schema.boxed()
}

/// Any row of a schema, its key included.
pub fn row(schema: &Schema) -> BoxedStrategy<Row> {
    let values: Vec<_> = schema.fields().iter().map(|field| value(&field.value)).collect();
    values.prop_map(Row::from).boxed()
}

/// A schema with a row of it.
pub fn schema_and_row(most: usize) -> BoxedStrategy<(Schema, Row)> {
    let both = schema(most).prop_flat_map(|schema| {
        let row = row(&schema);
        (Just(schema), row)
    });
    both.boxed()
}

/// Any value of a type but NaN and the infinities, which no column holds; shrinks towards NULL, zero and the empty text.
pub fn value(declared: &FlinkType) -> BoxedStrategy<Value> {
    let value = some_value(&declared.kind);
    if declared.nullable { prop_oneof![1 => Just(Value::Null), 7 => value].boxed() } else { value }
}

fn some_value(kind: &FlinkKind) -> BoxedStrategy<Value> {
    match kind {
        FlinkKind::Boolean => any::<bool>().prop_map(Value::Boolean).boxed(),
        FlinkKind::TinyInt => any::<i8>().prop_map(|number| Value::Integer(number.into())).boxed(),
        FlinkKind::SmallInt => any::<i16>().prop_map(|number| Value::Integer(number.into())).boxed(),
        FlinkKind::Int => any::<i32>().prop_map(|number| Value::Integer(number.into())).boxed(),
        FlinkKind::BigInt => {
            let extreme = prop_oneof![Just(i64::MIN), Just(i64::MAX)];
            prop_oneof![4 => any::<i64>(), 1 => extreme].prop_map(Value::Integer).boxed()
        }
        FlinkKind::Decimal { precision, scale } => decimal(*precision, *scale),
        FlinkKind::Float => {
            let all = prop::num::f32::NORMAL | prop::num::f32::SUBNORMAL | prop::num::f32::ZERO;
            all.prop_map(Value::Float).boxed()
        }
        FlinkKind::Double => {
            let all = prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO;
            all.prop_map(Value::Double).boxed()
        }
        FlinkKind::Date => date().prop_map(Value::Date).boxed(),
        FlinkKind::Time(digits) => time(*digits)
            .prop_map(|time| Value::Time(crate::verify::row::civil::since_midnight(time)))
            .boxed(),
        FlinkKind::Timestamp(digits) => civil(*digits).prop_map(Value::Timestamp).boxed(),
        FlinkKind::TimestampLtz(digits) => civil(*digits).prop_map(Value::Moment).boxed(),
        FlinkKind::Char(length) => {
            let length = usize::try_from(*length).unwrap_or_default();
            text(length.min(LONGEST as usize))
                .prop_map(move |text| Value::text(format!("{text:<length$}")))
                .boxed()
        }
        FlinkKind::VarChar(length) => text((*length).min(LONGEST) as usize).prop_map(Value::text).boxed(),
        FlinkKind::Binary(length) => {
            let length = usize::try_from(*length).unwrap_or_default();
            prop::collection::vec(any::<u8>(), length).prop_map(|bytes| Value::Bytes(bytes.into())).boxed()
        }
        FlinkKind::VarBinary(length) => {
            let most = (*length).min(LONGEST) as usize;
            prop::collection::vec(any::<u8>(), 0..=most).prop_map(|bytes| Value::Bytes(bytes.into())).boxed()
        }
        FlinkKind::Array(element) => {
            let values = prop::collection::vec(value(element), 0..=ITEMS);
            values.prop_map(|values| Value::Array(values.into())).boxed()
        }
        FlinkKind::Map(key, held) => {
            let entries = prop::collection::vec((some_value(&key.kind), value(held)), 0..=ITEMS);
            entries.prop_map(|entries| Value::Map(entries.into_iter().collect::<Map>())).boxed()
        }
        FlinkKind::Row(fields) => {
            let values: Vec<_> = fields.iter().map(|field| value(&field.value)).collect();
            values.prop_map(|values| Value::Row(values.into())).boxed()
        }
    }
}

fn decimal(precision: u8, scale: u8) -> BoxedStrategy<Value> {
    let digits = prop::collection::vec(0..10_u8, 0..=usize::from(precision));
    let number = (any::<bool>(), digits).prop_map(move |(negative, digits)| {
        let digits: String = digits.into_iter().map(|digit| char::from(b'0' + digit)).collect();
        let padded = format!("{digits:0>width$}", width = usize::from(scale) + 1);
        let (whole, fraction) = padded.split_at(padded.len() - usize::from(scale));
        let sign = if negative { "-" } else { "" };
        let whole = if whole.is_empty() { "0" } else { whole };
        let number = Decimal::parse(&format!("{sign}{whole}.{fraction}")).and_then(|n| n.rescale(scale));
        number.map_or(Value::Null, Value::Decimal)
    });
    number.boxed()
}

/// Letters, but also what breaks readers: quotes, control characters, blanks at the end, all planes of Unicode.
fn text(most: usize) -> impl Strategy<Value = String> {
    let rare = prop::sample::select(vec![
        '\0',
        '\t',
        '\n',
        '\r',
        '\u{1a}',
        ' ',
        '\'',
        '"',
        '\\',
        '%',
        '_',
        '`',
        '\u{7f}',
        '\u{301}',
        '\u{202e}',
        '\u{ffff}',
        '😀',
        '\u{10ffff}',
    ]);
    let character = prop_oneof![4 => prop::char::range('a', 'z'), 2 => any::<char>(), 2 => rare];
    let texts = (prop::collection::vec(character, 0..=most), prop::bool::weighted(0.125));
    texts.prop_map(|(mut characters, blank)| {
        if let Some(last) = characters.last_mut().filter(|_| blank) {
            *last = ' ';
        }
        characters.into_iter().collect()
    })
}

fn date() -> impl Strategy<Value = Date> {
    let first = Date::constant(1, 1, 1);
    let days = prop_oneof![0..3_652_059_i64, Just(0), Just(3_652_058)];
    days.prop_map(move |days| first.saturating_add(SignedDuration::from_hours(24 * days)))
}

fn time(digits: u8) -> impl Strategy<Value = Time> {
    let unit = 10_i32.pow(9 - u32::from(digits.min(9)));
    let fractions = prop_oneof![0..=999_999_999_i32, Just(0), Just(999_999_999)];
    (0..24_i8, 0..60_i8, 0..60_i8, fractions).prop_map(move |(hour, minute, second, fraction)| {
        Time::new(hour, minute, second, fraction / unit * unit).unwrap_or(Time::midnight())
    })
}

fn civil(digits: u8) -> impl Strategy<Value = DateTime> {
    (date(), time(digits)).prop_map(|(date, time)| date.to_datetime(time))
}
