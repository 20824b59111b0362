//! Cells as the driver's values and back: the only place where the two meet.
//!
//! Promises: nothing is converted but the form. What the driver returns and no cell can say (a zero date) comes back as its
//! text, which no type but a text decodes.

use std::borrow::Cow;

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime};
use mysql_async::Value;

use crate::verify::types::Cell;

/// The value that a statement is given.
pub fn to_value(cell: &Cell<'_>) -> Value {
    match cell {
        Cell::Null => Value::NULL,
        Cell::Integer(number) => Value::Int(*number),
        Cell::Unsigned(number) => Value::UInt(*number),
        Cell::Float(number) => Value::Float(*number),
        Cell::Double(number) => Value::Double(*number),
        Cell::Date(date) => {
            let (year, month, day) = parts(*date);
            Value::Date(year, month, day, 0, 0, 0, 0)
        }
        Cell::DateTime(civil) => {
            let (year, month, day) = parts(civil.date());
            let (hour, minute, second) = (civil.hour(), civil.minute(), civil.second());
            let microseconds = civil.subsec_nanosecond().unsigned_abs() / 1_000;
            let part = i8::unsigned_abs;
            Value::Date(year, month, day, part(hour), part(minute), part(second), microseconds)
        }
        Cell::Time(since) => {
            let seconds = since.as_secs().unsigned_abs();
            let part = |number: u64| u8::try_from(number).unwrap_or(u8::MAX);
            Value::Time(
                since.is_negative(),
                u32::try_from(seconds / 86_400).unwrap_or(u32::MAX),
                part(seconds / 3_600 % 24),
                part(seconds / 60 % 60),
                part(seconds % 60),
                since.subsec_nanos().unsigned_abs() / 1_000,
            )
        }
        Cell::Text(text) => Value::Bytes(text.as_bytes().to_vec()),
        Cell::Bytes(bytes) => Value::Bytes(bytes.to_vec()),
    }
}

fn parts(date: Date) -> (u16, u8, u8) {
    (date.year().unsigned_abs(), date.month().unsigned_abs(), date.day().unsigned_abs())
}

/// What the driver returned, in either protocol.
pub fn from_value(value: &Value) -> Cell<'_> {
    match value {
        Value::NULL => Cell::Null,
        Value::Bytes(bytes) => Cell::Bytes(Cow::Borrowed(bytes)),
        Value::Int(number) => Cell::Integer(*number),
        Value::UInt(number) => Cell::Unsigned(*number),
        Value::Float(number) => Cell::Float(*number),
        Value::Double(number) => Cell::Double(*number),
        Value::Date(year, month, day, hour, minute, second, microseconds) => {
            let civil = civil(*year, [*month, *day, *hour, *minute, *second], *microseconds);
            civil.map_or_else(|| Cell::Text(Cow::Owned(value.as_sql(true))), Cell::DateTime)
        }
        Value::Time(negative, days, hours, minutes, seconds, microseconds) => {
            let hours = i64::from(*days) * 24 + i64::from(*hours);
            let whole = hours * 3_600 + i64::from(*minutes) * 60 + i64::from(*seconds);
            let nanoseconds = i32::try_from(u64::from(*microseconds) * 1_000).unwrap_or_default();
            let since = SignedDuration::new(whole, nanoseconds);
            Cell::Time(if *negative { -since } else { since })
        }
    }
}

fn civil(year: u16, rest: [u8; 5], microseconds: u32) -> Option<DateTime> {
    let [month, day, hour, minute, second] = rest.map(|part| i8::try_from(part).ok());
    let nanoseconds = i32::try_from(u64::from(microseconds) * 1_000).ok()?;
    DateTime::new(i16::try_from(year).ok()?, month?, day?, hour?, minute?, second?, nanoseconds).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::verify::generate::strategy;
    use crate::verify::row;
    use crate::verify::types::MappedColumn;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn what_is_encoded_comes_back_through_the_drivers_values((schema, row) in strategy::schema_and_row(6)) {
            for (field, value) in schema.fields().iter().zip(row.values()) {
                let column = MappedColumn::new(field, false, None).unwrap();
                let sent = to_value(&column.encode(value).unwrap());
                prop_assert_eq!(&column.codec().decode(&from_value(&sent)).unwrap(), value);
            }
        }
    }

    #[test]
    fn a_date_that_no_calendar_has_is_no_value_of_a_type() {
        let zero = Value::Date(0, 0, 0, 0, 0, 0, 0);
        assert!(matches!(from_value(&zero), Cell::Text(_)), "{:?}", from_value(&zero));
        let column = "DATE".parse().unwrap();
        let codec = crate::verify::types::Codec::new(&"DATE".parse().unwrap(), &column).unwrap();
        assert!(codec.decode(&from_value(&zero)).is_err());
        assert_eq!(codec.decode(&Cell::Null).unwrap(), row::Value::Null);
    }
}
