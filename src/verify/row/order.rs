//! The order of values: that of their type, NULL first.
//!
//! FLOAT and DOUBLE have one zero and one NaN, which is greater than everything: SQL knows no sign of a zero, and no
//! column keeps it reliably. Text is ordered by its code points, bytes as numbers.

use std::cmp::Ordering;

use super::Value;

impl Ord for Value {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Null, Self::Null) => Ordering::Equal,
            (Self::Boolean(one), Self::Boolean(two)) => one.cmp(two),
            (Self::Integer(one), Self::Integer(two)) => one.cmp(two),
            (Self::Decimal(one), Self::Decimal(two)) => one.cmp(two),
            (Self::Float(one), Self::Float(two)) => float((*one).into(), (*two).into()),
            (Self::Double(one), Self::Double(two)) => float(*one, *two),
            (Self::Date(one), Self::Date(two)) => one.cmp(two),
            (Self::Time(one), Self::Time(two)) => one.cmp(two),
            (Self::Timestamp(one), Self::Timestamp(two)) | (Self::Moment(one), Self::Moment(two)) => {
                one.cmp(two)
            }
            (Self::Text(one), Self::Text(two)) => one.cmp(two),
            (Self::Bytes(one), Self::Bytes(two)) => one.cmp(two),
            (Self::Array(one), Self::Array(two)) => one.cmp(two),
            (Self::Map(one), Self::Map(two)) => one.cmp(two),
            (Self::Row(one), Self::Row(two)) => one.cmp(two),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

fn float(one: f64, two: f64) -> Ordering {
    // `-0.0 + 0.0` is `0.0`, and every NaN is the same.
    let plain = |number: f64| if number.is_nan() { f64::NAN } else { number + 0.0 };
    plain(one).total_cmp(&plain(two))
}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Value {}

impl Value {
    /// Values of different types never meet in one field; an order between them keeps the order total.
    fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Boolean(_) => 1,
            Self::Integer(_) => 2,
            Self::Decimal(_) => 3,
            Self::Float(_) => 4,
            Self::Double(_) => 5,
            Self::Date(_) => 6,
            Self::Time(_) => 7,
            Self::Timestamp(_) => 8,
            Self::Moment(_) => 9,
            Self::Text(_) => 10,
            Self::Bytes(_) => 11,
            Self::Array(_) => 12,
            Self::Map(_) => 13,
            Self::Row(_) => 14,
        }
    }
}
