//! The column for each Flink type, and the Flink type for each column.

use super::Reason;
use crate::domain::suite::types::{BlobSize, ColumnType, FlinkKind, IntegerSize};

/// `VARCHAR` up to here, `TEXT` beyond: a row of a table has 65,535 bytes in all, which fifteen such columns fill.
const INLINE_CHARACTERS: u16 = 1_024;
/// `VARBINARY` up to here, `BLOB` beyond.
const INLINE_BYTES: u16 = 4_096;
/// An index of InnoDB takes 3,072 bytes: so many characters of `utf8mb4`.
const KEY_CHARACTERS: u16 = 768;
/// An index of InnoDB takes so many bytes.
const KEY_BYTES: u16 = 3_072;
/// MariaDB reads JSON of fewer than 32 levels; MySQL of 100.
const JSON_LEVELS: usize = 30;

/// The column that holds every value of a type without loss (design.md 3.3, "columns omitted: mapped from the schema").
///
/// # Errors
/// [`Reason`]: there is no such column.
pub fn column_for(kind: &FlinkKind, in_key: bool) -> Result<ColumnType, Reason> {
    let signed = |size| Ok(ColumnType::signed(size));
    match kind {
        FlinkKind::Boolean => Ok(ColumnType::Boolean),
        FlinkKind::TinyInt => signed(IntegerSize::Tiny),
        FlinkKind::SmallInt => signed(IntegerSize::Small),
        FlinkKind::Int => signed(IntegerSize::Int),
        FlinkKind::BigInt => signed(IntegerSize::Big),
        FlinkKind::Decimal { precision, .. } if *precision > ColumnType::DIGITS => Err(Reason::Digits),
        FlinkKind::Decimal { scale, .. } if *scale > ColumnType::FRACTION_DIGITS => {
            Err(Reason::FractionDigits)
        }
        FlinkKind::Decimal { precision, scale } => Ok(ColumnType::decimal(*precision, *scale)),
        // A FLOAT column is printed with six digits; a DOUBLE holds every 32-bit value and prints it whole.
        FlinkKind::Float | FlinkKind::Double => Ok(ColumnType::Double),
        FlinkKind::Date => Ok(ColumnType::Date),
        FlinkKind::Time(digits @ 0..=6) => Ok(ColumnType::Time(*digits)),
        FlinkKind::Time(_) => Err(Reason::Nanoseconds { name: "TIME", name_of_column: "TIME" }),
        // A moment is kept as the civil time in UTC: TIMESTAMP columns end in 2038 and move with the session's zone.
        FlinkKind::Timestamp(digits @ 0..=6) | FlinkKind::TimestampLtz(digits @ 0..=6) => {
            Ok(ColumnType::DateTime(*digits))
        }
        FlinkKind::Timestamp(_) => Err(Reason::Nanoseconds { name: "TIMESTAMP", name_of_column: "DATETIME" }),
        FlinkKind::TimestampLtz(_) => {
            Err(Reason::Nanoseconds { name: "TIMESTAMP_LTZ", name_of_column: "DATETIME" })
        }
        FlinkKind::Char(length) => match u8::try_from(*length) {
            Ok(length) => Ok(ColumnType::Char { length, charset: None }),
            Err(_) => characters(*length, in_key),
        },
        FlinkKind::VarChar(length) => characters(*length, in_key),
        FlinkKind::Binary(length) => match u8::try_from(*length) {
            Ok(length) => Ok(ColumnType::Binary(length)),
            Err(_) => octets(*length, in_key),
        },
        FlinkKind::VarBinary(length) => octets(*length, in_key),
        FlinkKind::Array(_) | FlinkKind::Map(..) | FlinkKind::Row(_) => {
            if levels(kind) > JSON_LEVELS {
                return Err(Reason::Deep { limit: JSON_LEVELS });
            }
            Ok(ColumnType::Json)
        }
    }
}

fn characters(length: u32, in_key: bool) -> Result<ColumnType, Reason> {
    let limit = if in_key { KEY_CHARACTERS } else { INLINE_CHARACTERS };
    match u16::try_from(length) {
        Ok(length) if length <= limit => Ok(ColumnType::VarChar { length, charset: None }),
        _ if in_key => Err(Reason::LongKey { name: "VARCHAR", limit, unit: "characters" }),
        // `utf8mb4` has up to four bytes for a character.
        _ => Ok(ColumnType::Text { size: holding(u64::from(length) * 4), charset: None }),
    }
}

fn octets(length: u32, in_key: bool) -> Result<ColumnType, Reason> {
    let limit = if in_key { KEY_BYTES } else { INLINE_BYTES };
    match u16::try_from(length) {
        Ok(length) if length <= limit => Ok(ColumnType::VarBinary(length)),
        _ if in_key => Err(Reason::LongKey { name: "VARBINARY", limit, unit: "bytes" }),
        _ => Ok(ColumnType::Blob(holding(length.into()))),
    }
}

/// The smallest size that takes so many bytes, but never `TINYTEXT` and `TINYBLOB`; the largest when none does.
fn holding(bytes: u64) -> BlobSize {
    let sizes = [BlobSize::Usual, BlobSize::Medium];
    sizes.into_iter().find(|size| size.bytes() >= bytes).unwrap_or(BlobSize::Long)
}

/// How many brackets stand around the innermost value when the type is written as JSON.
fn levels(kind: &FlinkKind) -> usize {
    match kind {
        FlinkKind::Array(element) => 1 + levels(&element.kind),
        // A map may be a list of pairs.
        FlinkKind::Map(key, value) => 2 + levels(&key.kind).max(levels(&value.kind)),
        FlinkKind::Row(fields) => {
            1 + fields.iter().map(|field| levels(&field.value.kind)).max().unwrap_or_default()
        }
        _ => 0,
    }
}

/// The Flink type that has every value of a column (a `TIME` beyond a day excepted, which Flink does not know).
pub fn flink_for(column: &ColumnType) -> FlinkKind {
    match column {
        ColumnType::Boolean | ColumnType::Bit(1) => FlinkKind::Boolean,
        ColumnType::Integer { size, unsigned: false } => match size {
            IntegerSize::Tiny => FlinkKind::TinyInt,
            IntegerSize::Small => FlinkKind::SmallInt,
            IntegerSize::Medium | IntegerSize::Int => FlinkKind::Int,
            IntegerSize::Big => FlinkKind::BigInt,
        },
        ColumnType::Integer { size, unsigned: true } => match size {
            IntegerSize::Tiny => FlinkKind::SmallInt,
            IntegerSize::Small | IntegerSize::Medium => FlinkKind::Int,
            IntegerSize::Int => FlinkKind::BigInt,
            IntegerSize::Big => FlinkKind::Decimal { precision: 20, scale: 0 },
        },
        ColumnType::Bit(64) => FlinkKind::Decimal { precision: 20, scale: 0 },
        ColumnType::Bit(_) => FlinkKind::BigInt,
        ColumnType::Decimal { precision, scale, .. } => {
            FlinkKind::Decimal { precision: *precision, scale: *scale }
        }
        ColumnType::Float => FlinkKind::Float,
        ColumnType::Double => FlinkKind::Double,
        ColumnType::Date => FlinkKind::Date,
        ColumnType::Time(digits) => FlinkKind::Time(*digits),
        ColumnType::DateTime(digits) => FlinkKind::Timestamp(*digits),
        ColumnType::Timestamp(digits) => FlinkKind::TimestampLtz(*digits),
        ColumnType::Year => FlinkKind::SmallInt,
        // A CHAR column drops the blanks at the end, so what it holds is no CHAR of Flink's.
        ColumnType::Char { length, .. } => FlinkKind::VarChar(u32::from(*length).max(1)),
        ColumnType::VarChar { length, .. } => FlinkKind::VarChar(u32::from(*length).max(1)),
        ColumnType::Text { .. } | ColumnType::Json => FlinkKind::STRING,
        ColumnType::Binary(length) => FlinkKind::Binary(u32::from(*length).max(1)),
        ColumnType::VarBinary(length) => FlinkKind::VarBinary(u32::from(*length).max(1)),
        ColumnType::Blob(_) => FlinkKind::BYTES,
    }
}
