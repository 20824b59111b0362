//! The types of expressions: those of Flink, and what a literal alone does not tell.

use std::fmt;

use crate::domain::suite::types::{ColumnType, FlinkKind};
use crate::verify::row::Decimal;

/// The type of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// NULL, of whatever type.
    Null,
    /// `[]`, of whatever elements.
    EmptyList,
    /// A type that values of fields have.
    Of(FlinkKind),
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("NULL"),
            Self::EmptyList => f.write_str("an empty list"),
            Self::Of(kind) => kind.fmt(f),
        }
    }
}

/// What takes part in arithmetic and comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Domain {
    Null,
    Integer,
    Decimal { precision: u8, scale: u8 },
    Double,
    Boolean,
    Text,
    Bytes,
    Date,
    Time,
    Timestamp,
    Moment,
    Nested,
}

/// A BIGINT as a DECIMAL.
pub(super) const WHOLE: (u8, u8) = (19, 0);

impl Kind {
    pub(super) fn domain(&self) -> Domain {
        let Self::Of(kind) = self else {
            return if *self == Self::Null { Domain::Null } else { Domain::Nested };
        };
        match kind {
            FlinkKind::TinyInt | FlinkKind::SmallInt | FlinkKind::Int | FlinkKind::BigInt => Domain::Integer,
            FlinkKind::Decimal { precision, scale } => {
                Domain::Decimal { precision: *precision, scale: *scale }
            }
            FlinkKind::Float | FlinkKind::Double => Domain::Double,
            FlinkKind::Boolean => Domain::Boolean,
            FlinkKind::Char(_) | FlinkKind::VarChar(_) => Domain::Text,
            FlinkKind::Binary(_) | FlinkKind::VarBinary(_) => Domain::Bytes,
            FlinkKind::Date => Domain::Date,
            FlinkKind::Time(_) => Domain::Time,
            FlinkKind::Timestamp(_) => Domain::Timestamp,
            FlinkKind::TimestampLtz(_) => Domain::Moment,
            FlinkKind::Array(_) | FlinkKind::Map(..) | FlinkKind::Row(_) => Domain::Nested,
        }
    }

    pub(super) fn is_text(&self) -> bool {
        matches!(self.domain(), Domain::Text | Domain::Null)
    }

    pub(super) fn is_boolean(&self) -> bool {
        matches!(self.domain(), Domain::Boolean | Domain::Null)
    }

    pub(super) fn is_integer(&self) -> bool {
        matches!(self.domain(), Domain::Integer | Domain::Null)
    }

    /// The type that holds the values of both, if there is one.
    pub(super) fn unite(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (one, two) if one == two => return Some(one.clone()),
            (Self::Null, kind) | (kind, Self::Null) => return Some(kind.clone()),
            (Self::EmptyList, list @ Self::Of(FlinkKind::Array(_)))
            | (list @ Self::Of(FlinkKind::Array(_)), Self::EmptyList) => return Some(list.clone()),
            _ => {}
        }
        Some(Self::Of(match (self.domain(), other.domain()) {
            (Domain::Integer, Domain::Integer) => FlinkKind::BigInt,
            (Domain::Double, Domain::Double) => FlinkKind::Double,
            (Domain::Text, Domain::Text) => FlinkKind::STRING,
            (Domain::Bytes, Domain::Bytes) => FlinkKind::BYTES,
            (Domain::Time, Domain::Time) => FlinkKind::Time(9),
            (Domain::Timestamp, Domain::Timestamp) => FlinkKind::Timestamp(9),
            (Domain::Moment, Domain::Moment) => FlinkKind::TimestampLtz(9),
            (one, two) => {
                let ((p1, s1), (p2, s2)) = (digits(one)?, digits(two)?);
                let scale = s1.max(s2);
                decimal(u16::from((p1 - s1).max(p2 - s2)) + u16::from(scale), u16::from(scale))
            }
        }))
    }
}

/// Digits in all and behind the point.
pub(super) fn digits(domain: Domain) -> Option<(u8, u8)> {
    match domain {
        Domain::Integer => Some(WHOLE),
        Domain::Decimal { precision, scale } => Some((precision, scale)),
        _ => None,
    }
}

/// A DECIMAL with so many digits, and with no more than a column has: what does not fit is refused row by row.
pub(super) fn decimal(precision: u16, scale: u16) -> FlinkKind {
    let short = |number: u16, most: u8| u8::try_from(number).unwrap_or(most).min(most);
    let scale = short(scale, ColumnType::FRACTION_DIGITS);
    FlinkKind::Decimal { precision: short(precision, ColumnType::DIGITS).max(scale).max(1), scale }
}

/// The type of a decimal number as it is written.
pub(super) fn decimal_of(number: &Decimal) -> FlinkKind {
    let behind = number.as_str().split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let wide = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
    decimal(wide(number.integer_digits() + behind), wide(behind))
}
