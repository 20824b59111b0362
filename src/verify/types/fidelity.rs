//! Whether a declared column holds every value of a type, or only those that are judged one by one.

use super::{Reason, column_for};
use crate::domain::suite::types::{ColumnType, FlinkKind};

/// What a column does with the values of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fidelity {
    /// It holds every value, but for floats that are no number.
    Exact,
    /// It does not hold every value: each is judged when it is encoded, and refused when the column would change it.
    Checked,
}

/// How faithfully a column holds a type.
///
/// # Errors
/// [`Reason`]: it holds none of the values as they are.
pub fn fidelity(kind: &FlinkKind, column: &ColumnType) -> Result<Fidelity, Reason> {
    let every = match kind {
        FlinkKind::Boolean => {
            matches!(column, ColumnType::Boolean | ColumnType::Integer { .. } | ColumnType::Bit(_))
                .then_some(true)
        }
        FlinkKind::TinyInt => integers(8, 3, column),
        FlinkKind::SmallInt => integers(16, 5, column),
        FlinkKind::Int => integers(32, 10, column),
        FlinkKind::BigInt => integers(64, 19, column),
        FlinkKind::Decimal { precision, scale } => decimals(precision.saturating_sub(*scale), *scale, column),
        FlinkKind::Float => matches!(column, ColumnType::Float | ColumnType::Double).then_some(true),
        FlinkKind::Double => match column {
            ColumnType::Float => Some(false),
            ColumnType::Double => Some(true),
            _ => None,
        },
        FlinkKind::Date => (*column == ColumnType::Date).then_some(true),
        FlinkKind::Time(digits) => match column {
            ColumnType::Time(kept) => Some(digits <= kept),
            _ => None,
        },
        FlinkKind::Timestamp(digits) | FlinkKind::TimestampLtz(digits) => match column {
            ColumnType::DateTime(kept) => Some(digits <= kept),
            // From 1970 to 2038.
            ColumnType::Timestamp(_) => Some(false),
            _ => None,
        },
        FlinkKind::Char(length) => texts(*length, true, column),
        FlinkKind::VarChar(length) => texts(*length, false, column),
        FlinkKind::Binary(length) => octets(*length, true, column),
        FlinkKind::VarBinary(length) => octets(*length, false, column),
        FlinkKind::Array(_) | FlinkKind::Map(..) | FlinkKind::Row(_) => match column {
            ColumnType::Json => return column_for(kind, false).map(|_| Fidelity::Exact),
            ColumnType::Text { .. } => Some(false),
            _ => None,
        },
    };
    match every {
        Some(true) => Ok(Fidelity::Exact),
        Some(false) => Ok(Fidelity::Checked),
        None => {
            let remedy = match column_for(kind, false) {
                Ok(better) => format!("declare the column {better}"),
                Err(reason) => reason.to_string(),
            };
            Err(Reason::Incompatible { column: column.clone(), remedy })
        }
    }
}

/// Signed integers of so many bits, which have so many digits.
fn integers(bits: u32, digits: u8, column: &ColumnType) -> Option<bool> {
    match column {
        ColumnType::Boolean => Some(bits <= 8),
        ColumnType::Integer { size, unsigned } => Some(!unsigned && bits <= size.bits()),
        _ => decimals(digits, 0, column),
    }
}

/// Decimals with so many digits before the point and behind it.
fn decimals(before: u8, behind: u8, column: &ColumnType) -> Option<bool> {
    match column {
        ColumnType::Decimal { precision, scale, unsigned } => {
            Some(!unsigned && behind <= *scale && before <= precision.saturating_sub(*scale))
        }
        ColumnType::Boolean | ColumnType::Integer { .. } | ColumnType::Bit(_) | ColumnType::Year => {
            Some(false)
        }
        _ => None,
    }
}

/// Texts of up to so many characters; those of a CHAR are filled up with blanks, which are put back.
fn texts(length: u32, filled: bool, column: &ColumnType) -> Option<bool> {
    match column {
        ColumnType::Char { length: room, charset } => {
            Some(filled && charset.is_none() && length <= u32::from(*room))
        }
        ColumnType::VarChar { length: room, charset } => {
            Some(charset.is_none() && length <= u32::from(*room))
        }
        ColumnType::Text { size, charset } => {
            Some(charset.is_none() && u64::from(length) * 4 <= size.bytes())
        }
        ColumnType::Json => Some(false),
        _ => None,
    }
}

/// Up to so many bytes, or exactly so many.
fn octets(length: u32, exactly: bool, column: &ColumnType) -> Option<bool> {
    match column {
        ColumnType::Binary(room) => Some(exactly && length == u32::from(*room)),
        ColumnType::VarBinary(room) => Some(length <= u32::from(*room)),
        ColumnType::Blob(size) => Some(u64::from(length) <= size.bytes()),
        _ => None,
    }
}
