//! A value as ordinary data has it: numbers that are not negative, words, days of our time, now and then a NULL.

use compact_str::CompactString;
use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, ToSpan as _};

use super::draw::Draws;
use crate::domain::suite::types::{FlinkKind, FlinkType};
use crate::verify::row::{Decimal, Map, Row, Value};

/// Of so many values of a nullable type one is NULL.
const NULL_ONCE_IN: u64 = 16;
/// The most items of a list and entries of a map.
const ITEMS: u32 = 4;
/// Whole numbers stay below this when the type allows more.
const ORDINARY: u64 = 1_000_000;

/// What text and numbers inside of nested values look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// Words, and numbers of a few digits.
    Ordinary,
    /// Every script, escapes, and numbers with all the digits of the type.
    Rich,
}

/// What JSON and its readers stumble over.
const RICH: &[&str] = &[
    "é",
    "ß",
    "日本",
    "한",
    "😀",
    "👩‍👩‍👧",
    "e\u{301}",
    "שלום",
    "\u{202e}",
    "\"",
    "\\",
    "\\\"",
    "/",
    "\n",
    "\t",
    "\u{1}",
    "{}",
    "[",
    ",",
    ":",
    " ",
    "null",
    "1e400",
    "$.a",
    "a.b",
    "`",
    "'",
    "%",
    "\u{2028}",
    "\u{feff}",
    "\u{10ffff}",
];

/// A value of the type.
pub(super) fn value(declared: &FlinkType, style: Style, draws: &mut Draws) -> Value {
    if declared.nullable && draws.once_in(NULL_ONCE_IN) {
        return Value::Null;
    }
    match &declared.kind {
        FlinkKind::Boolean => Value::Boolean(draws.bits() >> 63 == 1),
        FlinkKind::TinyInt => whole(127, draws),
        FlinkKind::SmallInt => whole(32_767, draws),
        FlinkKind::Int | FlinkKind::BigInt => whole(ORDINARY, draws),
        FlinkKind::Decimal { precision, scale } => Value::Decimal(decimal(*precision, *scale, style, draws)),
        #[expect(clippy::cast_precision_loss, reason = "at most 24 bits")]
        FlinkKind::Float => Value::Float(draws.below(1 << 24) as f32 / 128.0),
        #[expect(clippy::cast_precision_loss, reason = "at most 53 bits")]
        FlinkKind::Double => Value::Double(draws.below(1 << 53) as f64 / (1_u64 << 33) as f64),
        FlinkKind::Date => Value::Date(day(draws)),
        FlinkKind::Time(digits) => Value::Time(time(*digits, draws)),
        FlinkKind::Timestamp(digits) => Value::Timestamp(civil(*digits, draws)),
        FlinkKind::TimestampLtz(digits) => Value::Moment(civil(*digits, draws)),
        FlinkKind::Char(length) => {
            let mut text = words(*length, style, draws);
            let missing = usize::try_from(*length).unwrap_or_default().saturating_sub(text.chars().count());
            text.extend(std::iter::repeat_n(' ', missing));
            Value::Text(text)
        }
        FlinkKind::VarChar(length) => Value::Text(words(*length, style, draws)),
        FlinkKind::Binary(length) => bytes(usize::try_from(*length).unwrap_or_default(), draws),
        FlinkKind::VarBinary(length) => {
            let length = draws.count((*length).min(16));
            bytes(length, draws)
        }
        FlinkKind::Array(element) => {
            let count = draws.count(ITEMS);
            Value::Array((0..count).map(|_| value(element, style, draws)).collect())
        }
        FlinkKind::Map(key, held) => {
            let count = draws.count(ITEMS);
            // A key is never NULL: JSON has no such member.
            let key = key.kind.clone().not_null();
            let entries = (0..count).map(|_| (value(&key, style, draws), value(held, style, draws)));
            Value::Map(entries.collect::<Map>())
        }
        FlinkKind::Row(fields) => {
            let values = fields.iter().map(|field| value(&field.value, style, draws));
            Value::Row(Row::from(values.collect::<Vec<_>>()))
        }
    }
}

fn whole(most: u64, draws: &mut Draws) -> Value {
    Value::Integer(i64::try_from(draws.up_to(most)).unwrap_or_default())
}

/// An amount: up to six digits before the point, and all that there are behind it.
fn decimal(precision: u8, scale: u8, style: Style, draws: &mut Draws) -> Decimal {
    let before = precision.saturating_sub(scale);
    let digits = scale + if style == Style::Rich { before } else { before.min(6) };
    if digits <= 18 {
        let unscaled = draws.below(10_u64.pow(digits.into()));
        return Decimal::scaled(i128::from(unscaled), scale);
    }
    let mut text = String::with_capacity(usize::from(digits) + 20);
    while text.len() < usize::from(digits) {
        text.push_str(&format!("{:018}", draws.below(10_u64.pow(18))));
    }
    text.truncate(digits.into());
    text.insert(usize::from(digits - scale), '.');
    Decimal::parse(&text).and_then(|number| number.rescale(scale)).unwrap_or(Decimal::scaled(0, scale))
}

/// A day from 2000 to 2039.
fn day(draws: &mut Draws) -> Date {
    let days = i32::try_from(draws.below(14_610)).unwrap_or_default();
    Date::constant(2000, 1, 1).saturating_add(days.days())
}

fn time(digits: u8, draws: &mut Draws) -> SignedDuration {
    let unit = 10_u64.pow(u32::from(9 - digits.min(9)));
    let nanoseconds = draws.below(86_400 * 10_u64.pow(u32::from(digits.min(9)))) * unit;
    SignedDuration::from_nanos(i64::try_from(nanoseconds).unwrap_or_default())
}

fn civil(digits: u8, draws: &mut Draws) -> DateTime {
    let (day, time) = (day(draws), time(digits, draws));
    let time = crate::verify::row::civil::time_of_day(time).unwrap_or(jiff::civil::Time::midnight());
    day.to_datetime(time)
}

fn bytes(length: usize, draws: &mut Draws) -> Value {
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        bytes.extend(draws.bits().to_le_bytes());
    }
    bytes.truncate(length);
    Value::Bytes(bytes.into_boxed_slice())
}

/// Up to twelve letters, fewer when the type has no room.
fn words(room: u32, style: Style, draws: &mut Draws) -> CompactString {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyzaeioun";
    let mut bits = draws.bits();
    let length = 1 + bits % 12;
    bits >>= 4;
    let mut text = CompactString::with_capacity(0);
    for _ in 0..length.min(room.into()) {
        let letter = LETTERS.get(usize::try_from(bits & 31).unwrap_or_default()).copied().unwrap_or(b'a');
        text.push(char::from(letter));
        bits >>= 5;
    }
    if style == Style::Rich {
        for _ in 0..draws.count(3) {
            let piece = draws.pick(RICH).copied().unwrap_or_default();
            if text.chars().count() + piece.chars().count() <= usize::try_from(room).unwrap_or(usize::MAX) {
                text.push_str(piece);
            }
        }
    }
    text
}
