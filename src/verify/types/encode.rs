//! A value as a statement takes it, or why the column would change it.

use std::borrow::Cow;

use super::{Cell, json_text};
use crate::domain::suite::types::{Charset, ColumnType, FlinkKind, FlinkType};
use crate::verify::row::{Decimal, Value, civil, write_json};

/// Why a column does not take a value as it is. The row is refused, the others go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unstorable {
    /// `NaN`, `Infinity`
    #[error("MySQL has no NaN and no Infinity: make it NULL before it is written")]
    NotFinite,
    /// A number beyond the column's limits.
    #[error("it is out of the column's range")]
    OutOfRange,
    /// A text or bytes longer than the column.
    #[error("it has {found} {unit}, and the column takes {limit}")]
    TooLong {
        /// How many there are.
        found: u64,
        /// How many there may be.
        limit: u64,
        /// `characters` or `bytes`
        unit: &'static str,
    },
    /// Bytes shorter than the column, which would fill them up with zeros.
    #[error("it has {found} bytes, and the column fills it up to {length}: use VARBINARY")]
    TooShort {
        /// How many there are.
        found: u64,
        /// How many the column always has.
        length: u64,
    },
    /// Digits that the column would round away.
    #[error("it has digits that the column does not keep: use a column with more")]
    TooPrecise,
    /// Blanks that the column would cut off.
    #[error("it ends with a blank, which a CHAR column drops: use VARCHAR")]
    TrailingBlank,
    /// A character that the column's character set does not have.
    #[error("the column's character set {charset} has no {character:?}: use utf8mb4")]
    Charset {
        /// The character set.
        charset: String,
        /// The first such character.
        character: char,
    },
    /// A text that is no JSON.
    #[error("the column takes JSON, and it is none, or more than 100 levels deep")]
    NotJson,
    /// NULL into a column that has none.
    #[error("it is NULL, and the field says NOT NULL")]
    Null,
    /// A value of another type than the field's: whoever made the row did not keep to its schema.
    #[error("it is no value of the field's type")]
    Foreign,
}

pub(super) fn encode<'a>(
    declared: &FlinkType,
    column: &ColumnType,
    value: &'a Value,
) -> Result<Cell<'a>, Unstorable> {
    match value {
        Value::Null if declared.nullable => Ok(Cell::Null),
        Value::Null => Err(Unstorable::Null),
        Value::Boolean(truth) => Ok(Cell::Integer(i64::from(*truth))),
        Value::Integer(number) => whole(i128::from(*number), column),
        Value::Decimal(decimal) => number(decimal, column),
        Value::Float(float) if !float.is_finite() => Err(Unstorable::NotFinite),
        Value::Double(float) if !float.is_finite() => Err(Unstorable::NotFinite),
        // Zero has no sign, neither in SQL nor in our order.
        Value::Float(float) => Ok(Cell::Double(f64::from(*float) + 0.0)),
        Value::Double(float) if *column == ColumnType::Float => single(*float),
        Value::Double(float) => Ok(Cell::Double(*float + 0.0)),
        Value::Date(date) => Ok(Cell::Date(*date)),
        Value::Time(since) => {
            let ColumnType::Time(digits) = column else { return Err(Unstorable::Foreign) };
            kept(since.subsec_nanos(), *digits)?;
            Ok(Cell::Time(*since))
        }
        Value::Timestamp(civil) | Value::Moment(civil) => {
            let (ColumnType::DateTime(digits) | ColumnType::Timestamp(digits)) = column else {
                return Err(Unstorable::Foreign);
            };
            kept(civil.subsec_nanosecond(), *digits)?;
            if matches!(column, ColumnType::Timestamp(_)) {
                // From the second after the epoch to the last one of 31 bits.
                let first = jiff::civil::datetime(1970, 1, 1, 0, 0, 1, 0);
                let last = jiff::civil::datetime(2038, 1, 19, 3, 14, 7, 999_999_999);
                if *civil < first || *civil > last {
                    return Err(Unstorable::OutOfRange);
                }
            }
            Ok(Cell::DateTime(*civil))
        }
        Value::Text(written) => text(written, declared, column),
        Value::Bytes(bytes) => octets(bytes, column),
        Value::Array(_) | Value::Map(_) | Value::Row(_) => {
            let mut json = String::new();
            write_json(&mut json, declared, value);
            if let ColumnType::Text { size, charset } = column {
                fits(json.len() as u64, size.bytes(), "bytes")?;
                in_charset(&json, charset.as_ref())?;
            }
            Ok(Cell::Text(Cow::Owned(json)))
        }
    }
}

fn kept(nanoseconds: i32, digits: u8) -> Result<(), Unstorable> {
    match civil::beyond(nanoseconds.unsigned_abs(), digits) {
        0 => Ok(()),
        _ => Err(Unstorable::TooPrecise),
    }
}

fn whole<'a>(number: i128, column: &ColumnType) -> Result<Cell<'a>, Unstorable> {
    let holds = match column {
        ColumnType::Boolean => (-128..=127).contains(&number),
        ColumnType::Integer { size, unsigned: false } => {
            let half = 1_i128 << (size.bits() - 1);
            (-half..half).contains(&number)
        }
        ColumnType::Integer { size, unsigned: true } => (0..1_i128 << size.bits()).contains(&number),
        ColumnType::Bit(bits) => (0..1_i128 << bits).contains(&number),
        ColumnType::Year => number == 0 || (1901..=2155).contains(&number),
        ColumnType::Decimal { precision, scale, unsigned } => {
            let room = u32::from(precision.saturating_sub(*scale));
            let limit = 10_u128.checked_pow(room).unwrap_or(u128::MAX);
            number.unsigned_abs() < limit && !(*unsigned && number < 0)
        }
        _ => return Err(Unstorable::Foreign),
    };
    if !holds {
        return Err(Unstorable::OutOfRange);
    }
    match i64::try_from(number) {
        Ok(number) => Ok(Cell::Integer(number)),
        Err(_) => u64::try_from(number).ok().map(Cell::Unsigned).ok_or(Unstorable::OutOfRange),
    }
}

fn number<'a>(decimal: &'a Decimal, column: &ColumnType) -> Result<Cell<'a>, Unstorable> {
    let ColumnType::Decimal { precision, scale, unsigned } = column else {
        return whole(decimal.to_integer().ok_or(Unstorable::TooPrecise)?, column);
    };
    if decimal.integer_digits() > usize::from(precision.saturating_sub(*scale))
        || (*unsigned && decimal.is_negative())
    {
        return Err(Unstorable::OutOfRange);
    }
    match decimal.rescale(*scale) {
        Some(_) => Ok(Cell::Text(Cow::Borrowed(decimal.as_str()))),
        None => Err(Unstorable::TooPrecise),
    }
}

/// The same number in 32 bits; `None` when bits are lost.
#[expect(
    clippy::cast_possible_truncation,
    clippy::float_cmp,
    reason = "whether bits are lost is what is asked"
)]
pub(super) fn narrowed(float: f64) -> Option<f32> {
    let narrow = float as f32;
    (f64::from(narrow) == float).then_some(narrow)
}

/// A 64-bit float into a 32-bit column, when none of its bits is lost.
fn single<'a>(float: f64) -> Result<Cell<'a>, Unstorable> {
    match narrowed(float) {
        Some(_) => Ok(Cell::Double(float + 0.0)),
        None => Err(Unstorable::TooPrecise),
    }
}

fn text<'a>(written: &'a str, declared: &FlinkType, column: &ColumnType) -> Result<Cell<'a>, Unstorable> {
    let cell = Ok(Cell::Text(Cow::Borrowed(written)));
    let characters = || written.chars().count() as u64;
    match column {
        ColumnType::Char { length, charset } => {
            let kept = written.trim_end_matches(' ');
            // A CHAR of Flink's gets its blanks back when it is read.
            if kept.len() < written.len() && !matches!(declared.kind, FlinkKind::Char(_)) {
                return Err(Unstorable::TrailingBlank);
            }
            fits(kept.chars().count() as u64, u64::from(*length), "characters")?;
            in_charset(written, charset.as_ref())?;
            Ok(Cell::Text(Cow::Borrowed(kept)))
        }
        ColumnType::VarChar { length, charset } => {
            if written.len() > usize::from(*length) {
                fits(characters(), u64::from(*length), "characters")?;
            }
            in_charset(written, charset.as_ref())?;
            cell
        }
        ColumnType::Text { size, charset } => {
            fits(written.len() as u64, size.bytes(), "bytes")?;
            in_charset(written, charset.as_ref())?;
            cell
        }
        ColumnType::Json => match json_text::canonical(written) {
            Some(_) => cell,
            None => Err(Unstorable::NotJson),
        },
        _ => Err(Unstorable::Foreign),
    }
}

fn in_charset(written: &str, charset: Option<&Charset>) -> Result<(), Unstorable> {
    let Some(charset) = charset else { return Ok(()) };
    let has: fn(char) -> bool = match charset.as_str() {
        "utf8mb4" => return Ok(()),
        "utf8" | "utf8mb3" => |c| c <= '\u{ffff}',
        "latin1" => |c| c.is_ascii() || ('\u{a0}'..='\u{ff}').contains(&c),
        // Of the others nothing is known but that they have these.
        _ => |c| c.is_ascii(),
    };
    match written.chars().find(|c| !has(*c)) {
        Some(character) => Err(Unstorable::Charset { charset: charset.as_str().to_owned(), character }),
        None => Ok(()),
    }
}

fn octets<'a>(bytes: &'a [u8], column: &ColumnType) -> Result<Cell<'a>, Unstorable> {
    let found = bytes.len() as u64;
    match column {
        ColumnType::Binary(length) => {
            fits(found, u64::from(*length), "bytes")?;
            if found < u64::from(*length) {
                return Err(Unstorable::TooShort { found, length: u64::from(*length) });
            }
        }
        ColumnType::VarBinary(length) => fits(found, u64::from(*length), "bytes")?,
        ColumnType::Blob(size) => fits(found, size.bytes(), "bytes")?,
        _ => return Err(Unstorable::Foreign),
    }
    Ok(Cell::Bytes(Cow::Borrowed(bytes)))
}

fn fits(found: u64, limit: u64, unit: &'static str) -> Result<(), Unstorable> {
    if found > limit { Err(Unstorable::TooLong { found, limit, unit }) } else { Ok(()) }
}
