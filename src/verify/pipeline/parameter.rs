//! A cell as the driver sends it.

use mysql_async::Value;

use crate::verify::types::Cell;

/// The same value in the driver's form.
pub(super) fn parameter(cell: &Cell<'_>) -> Value {
    match cell {
        Cell::Null => Value::NULL,
        Cell::Integer(number) => Value::Int(*number),
        Cell::Unsigned(number) => Value::UInt(*number),
        Cell::Float(number) => Value::Float(*number),
        Cell::Double(number) => Value::Double(*number),
        Cell::Date(date) => {
            let (year, month, day) = calendar(*date);
            Value::Date(year, month, day, 0, 0, 0, 0)
        }
        Cell::DateTime(civil) => {
            let (year, month, day) = calendar(civil.date());
            let clock = |part: i8| part.unsigned_abs();
            let microseconds = civil.subsec_nanosecond().unsigned_abs() / 1_000;
            let (hour, minute, second) = (clock(civil.hour()), clock(civil.minute()), clock(civil.second()));
            Value::Date(year, month, day, hour, minute, second, microseconds)
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
                since.subsec_micros().unsigned_abs(),
            )
        }
        Cell::Text(text) => Value::Bytes(text.as_bytes().to_vec()),
        Cell::Bytes(bytes) => Value::Bytes(bytes.to_vec()),
    }
}

fn calendar(date: jiff::civil::Date) -> (u16, u8, u8) {
    (date.year().unsigned_abs(), date.month().unsigned_abs(), date.day().unsigned_abs())
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use jiff::civil::{date, datetime};

    use super::*;

    #[test]
    fn times_keep_their_microseconds_and_their_sign() {
        let time = SignedDuration::new(-(30 * 3_600 + 61), -5_000);
        assert_eq!(parameter(&Cell::Time(time)), Value::Time(true, 1, 6, 1, 1, 5));
        let moment = datetime(2024, 2, 29, 23, 59, 59, 999_999_000);
        assert_eq!(parameter(&Cell::DateTime(moment)), Value::Date(2024, 2, 29, 23, 59, 59, 999_999));
        assert_eq!(parameter(&Cell::Date(date(1, 1, 1))), Value::Date(1, 1, 1, 0, 0, 0, 0));
    }
}
