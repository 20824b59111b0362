//! What a server returned as a value of the field's type.

use compact_str::CompactString;

use super::encode::narrowed;
use super::{Cell, json_text};
use crate::domain::suite::types::{ColumnType, FlinkKind, FlinkType};
use crate::verify::row::{Decimal, Unreadable, Value, civil, read_json};

/// Why what a column holds is no value of the field's type: somebody else wrote it, or the server changed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Undecodable {
    /// Not a form of the type.
    #[error("a column {column} returned {shown}, which is no {wanted}")]
    Malformed {
        /// The column's type.
        column: ColumnType,
        /// What the field's type wants.
        wanted: &'static str,
        /// The start of what came.
        shown: String,
    },
    /// JSON of another structure than the type's.
    #[error("the JSON in the column does not fit the type: {0}")]
    Structure(#[source] Unreadable),
}

/// How much of an unexpected value an error shows, in characters.
const SHOWN: usize = 40;

pub(super) fn decode(
    declared: &FlinkType,
    column: &ColumnType,
    cell: &Cell<'_>,
) -> Result<Value, Undecodable> {
    let malformed = |wanted: &'static str| {
        let shown = format!("{cell:?}").chars().take(SHOWN).collect();
        Undecodable::Malformed { column: column.clone(), wanted, shown }
    };
    // NULL where the field has none is a difference to report, not a value that cannot be read.
    if *cell == Cell::Null {
        return Ok(Value::Null);
    }
    let digits = || text(cell).ok_or(malformed("text"));
    match &declared.kind {
        FlinkKind::Boolean => match whole(column, cell) {
            Some(0) => Ok(Value::Boolean(false)),
            Some(1) => Ok(Value::Boolean(true)),
            _ => Err(malformed("truth value")),
        },
        FlinkKind::TinyInt | FlinkKind::SmallInt | FlinkKind::Int | FlinkKind::BigInt => {
            let number = whole(column, cell).and_then(|number| i64::try_from(number).ok());
            number.map(Value::Integer).ok_or(malformed("whole number of 64 bits"))
        }
        FlinkKind::Decimal { scale, .. } => {
            let number = match whole(column, cell) {
                Some(number) => Some(Decimal::scaled(number, 0)),
                None => Decimal::parse(digits()?),
            };
            let number = number.ok_or(malformed("decimal number"))?;
            // More digits than the type has are a difference to report.
            Ok(Value::Decimal(number.rescale(*scale).unwrap_or(number)))
        }
        FlinkKind::Float => {
            let number = float(cell).ok_or(malformed("floating point number"))?;
            narrowed(number).map(Value::Float).ok_or(malformed("32-bit number"))
        }
        FlinkKind::Double => float(cell).map(Value::Double).ok_or(malformed("floating point number")),
        FlinkKind::Date => match cell {
            Cell::Date(date) => Ok(Value::Date(*date)),
            Cell::DateTime(civil) => Ok(Value::Date(civil.date())),
            _ => civil::read_date(digits()?).map(Value::Date).ok_or(malformed("date")),
        },
        FlinkKind::Time(_) => match cell {
            Cell::Time(since) => Ok(Value::Time(*since)),
            _ => civil::read_time(digits()?).map(Value::Time).ok_or(malformed("time")),
        },
        kind @ (FlinkKind::Timestamp(_) | FlinkKind::TimestampLtz(_)) => {
            let civil = match cell {
                Cell::DateTime(civil) => *civil,
                _ => civil::read_datetime(digits()?).ok_or(malformed("civil time"))?,
            };
            let moment = matches!(kind, FlinkKind::TimestampLtz(_));
            Ok(if moment { Value::Moment(civil) } else { Value::Timestamp(civil) })
        }
        FlinkKind::Char(_) | FlinkKind::VarChar(_) if *column == ColumnType::Json => {
            json_text::canonical(digits()?).map(Value::text).ok_or(malformed("JSON"))
        }
        FlinkKind::Char(length) if matches!(column, ColumnType::Char { .. }) => {
            let mut padded = CompactString::from(digits()?);
            let missing = usize::try_from(*length).unwrap_or_default().saturating_sub(padded.chars().count());
            padded.extend(std::iter::repeat_n(' ', missing));
            Ok(Value::Text(padded))
        }
        FlinkKind::Char(_) | FlinkKind::VarChar(_) => digits().map(Value::text),
        FlinkKind::Binary(_) | FlinkKind::VarBinary(_) => match cell {
            Cell::Bytes(bytes) => Ok(Value::Bytes(bytes.as_ref().into())),
            Cell::Text(text) => Ok(Value::Bytes(text.as_bytes().into())),
            _ => Err(malformed("bytes")),
        },
        FlinkKind::Array(_) | FlinkKind::Map(..) | FlinkKind::Row(_) => {
            read_json(declared, digits()?).map_err(Undecodable::Structure)
        }
    }
}

fn text<'a>(cell: &'a Cell<'_>) -> Option<&'a str> {
    match cell {
        Cell::Text(text) => Some(text),
        Cell::Bytes(bytes) => std::str::from_utf8(bytes).ok(),
        _ => None,
    }
}

fn whole(column: &ColumnType, cell: &Cell<'_>) -> Option<i128> {
    match (cell, column) {
        (Cell::Integer(number), _) => Some((*number).into()),
        (Cell::Unsigned(number), _) => Some((*number).into()),
        // Both protocols return the bits themselves, the most significant byte first.
        (Cell::Bytes(bytes), ColumnType::Bit(_)) if bytes.len() <= 8 => {
            Some(bytes.iter().fold(0, |number, byte| number << 8 | i128::from(*byte)))
        }
        (_, ColumnType::Decimal { .. }) => Decimal::parse(text(cell)?)?.to_integer(),
        _ => text(cell)?.parse().ok(),
    }
}

fn float(cell: &Cell<'_>) -> Option<f64> {
    match cell {
        Cell::Float(number) => Some((*number).into()),
        Cell::Double(number) => Some(*number),
        _ => text(cell)?.parse().ok().filter(|number: &f64| number.is_finite()),
    }
}
