//! A value from its text: what a file of the user holds, checked against the field's type (Property 14).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use compact_str::CompactString;

use super::{Decimal, Value, civil, read_json};
use crate::domain::suite::types::FlinkKind;

/// Why a text is no value of a type. The value itself is not repeated: whoever reports it knows how much to show.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Not the form of the type.
    #[error("it is no {wanted}")]
    Malformed {
        /// What it should be, with an example where the form is not obvious.
        wanted: &'static str,
    },
    /// A number beyond the limits of the type.
    #[error("it is outside of {min} to {max}")]
    OutOfRange {
        /// The smallest.
        min: i64,
        /// The largest.
        max: i64,
    },
    /// More characters or bytes than the type has.
    #[error("it has {found} {unit}, and the type has {limit}")]
    TooLong {
        /// How many there are.
        found: usize,
        /// How many there may be.
        limit: u32,
        /// `characters` or `bytes`
        unit: &'static str,
    },
    /// More digits before the point than the type has.
    #[error("it has {found} digits before the point, and the type has {limit}")]
    TooManyDigits {
        /// How many there are.
        found: usize,
        /// How many there may be.
        limit: u8,
    },
    /// Digits that the type would drop.
    #[error("it has more digits behind the point than the type, which has {limit}")]
    TooPrecise {
        /// How many there may be.
        limit: u8,
    },
    /// NULL where the type has none.
    #[error("it is NULL, and the type says NOT NULL")]
    Null,
    /// A member that must be there.
    #[error("it is missing, and the type says NOT NULL")]
    Missing,
    /// A member that the type does not have.
    #[error("it is not declared: add it to the type, or take it out of the data")]
    Undeclared,
    /// The same member or column twice.
    #[error("it is there twice")]
    Twice,
    /// A value inside the value.
    #[error("at {place}: {problem}")]
    Inside {
        /// Where: a field's name, an index, `key N` or `value N`.
        place: String,
        /// What is wrong there.
        problem: Box<Unreadable>,
    },
}

impl Unreadable {
    pub(super) fn inside(self, place: impl Into<String>) -> Self {
        Self::Inside { place: place.into(), problem: Box::new(self) }
    }
}

fn malformed(wanted: &'static str) -> Unreadable {
    Unreadable::Malformed { wanted }
}

/// The value of a type that a text stands for: numbers with a point, `true` and `false` in any case, `1` and `0`, dates and
/// times as ISO 8601 has them (`TIMESTAMP_LTZ` with `Z` or an offset), bytes in base64 as Flink's formats do, nested types
/// as JSON.
///
/// # Errors
/// [`Unreadable`]; nothing is ever rounded, trimmed or cut.
pub fn read_text(kind: &FlinkKind, text: &str) -> Result<Value, Unreadable> {
    Ok(match kind {
        FlinkKind::Char(_) | FlinkKind::VarChar(_) => Value::Text(characters(kind, text)?),
        FlinkKind::Boolean => Value::Boolean(truth(text)?),
        FlinkKind::Binary(_) | FlinkKind::VarBinary(_) => {
            let bytes = BASE64.decode(text).ok().ok_or(malformed("base64"))?;
            Value::Bytes(octets(kind, bytes)?)
        }
        FlinkKind::Decimal { precision, scale } => decimal(*precision, *scale, text)?,
        FlinkKind::TinyInt => integer(text, i8::MIN.into(), i8::MAX.into())?,
        FlinkKind::SmallInt => integer(text, i16::MIN.into(), i16::MAX.into())?,
        FlinkKind::Int => integer(text, i32::MIN.into(), i32::MAX.into())?,
        FlinkKind::BigInt => integer(text, i64::MIN, i64::MAX)?,
        FlinkKind::Float => Value::Float(float(text, f32::INFINITY)?),
        FlinkKind::Double => Value::Double(float(text, f64::INFINITY)?),
        FlinkKind::Date => Value::Date(civil::read_date(text).ok_or(malformed("date like 2024-02-29"))?),
        FlinkKind::Time(digits) => {
            let since = civil::read_time(text).filter(|since| civil::time_of_day(*since).is_some());
            let since = since.ok_or(malformed("time of day like 23:59:59.5"))?;
            precise(since.subsec_nanos().unsigned_abs(), *digits)?;
            Value::Time(since)
        }
        FlinkKind::Timestamp(digits) => {
            let civil = civil::read_datetime(text);
            let civil = civil.ok_or(malformed("civil time like 2024-02-29 12:30:00.5, without a zone"))?;
            precise(civil.subsec_nanosecond().unsigned_abs(), *digits)?;
            Value::Timestamp(civil)
        }
        FlinkKind::TimestampLtz(digits) => {
            let civil = civil::read_moment(text);
            let civil = civil.ok_or(malformed("moment like 2024-02-29T12:30:00.5Z, with an offset or Z"))?;
            precise(civil.subsec_nanosecond().unsigned_abs(), *digits)?;
            Value::Moment(civil)
        }
        FlinkKind::Array(_) | FlinkKind::Map(..) | FlinkKind::Row(_) => {
            return read_json(&kind.clone().not_null(), text);
        }
    })
}

/// A text of the type: `CHAR(n)` gets its blanks.
fn characters(kind: &FlinkKind, text: &str) -> Result<CompactString, Unreadable> {
    let (FlinkKind::Char(limit) | FlinkKind::VarChar(limit)) = kind else { return Ok(text.into()) };
    // Bytes first: counting characters is only needed when there may be too many.
    let room = usize::try_from(*limit).unwrap_or(usize::MAX);
    let found =
        if text.len() > room || matches!(kind, FlinkKind::Char(_)) { text.chars().count() } else { 0 };
    if found > room {
        return Err(Unreadable::TooLong { found, limit: *limit, unit: "characters" });
    }
    let mut value = CompactString::from(text);
    if matches!(kind, FlinkKind::Char(_)) {
        value.extend(std::iter::repeat_n(' ', room - found));
    }
    Ok(value)
}

/// Bytes of the type: a `BINARY(n)` has exactly `n`.
pub(super) fn octets(kind: &FlinkKind, bytes: Vec<u8>) -> Result<Box<[u8]>, Unreadable> {
    let found = bytes.len();
    match kind {
        FlinkKind::Binary(limit) | FlinkKind::VarBinary(limit) if found as u64 > u64::from(*limit) => {
            Err(Unreadable::TooLong { found, limit: *limit, unit: "bytes" })
        }
        FlinkKind::Binary(length) if (found as u64) < u64::from(*length) => {
            Err(malformed("value of so many bytes as the type has"))
        }
        _ => Ok(bytes.into_boxed_slice()),
    }
}

fn truth(text: &str) -> Result<bool, Unreadable> {
    match text {
        "1" => Ok(true),
        "0" => Ok(false),
        _ if text.eq_ignore_ascii_case("true") => Ok(true),
        _ if text.eq_ignore_ascii_case("false") => Ok(false),
        _ => Err(malformed("truth value: true, false, 1 or 0")),
    }
}

fn integer(text: &str, min: i64, max: i64) -> Result<Value, Unreadable> {
    let number = Decimal::parse(text).ok_or(malformed("whole number"))?;
    let Some(whole) = number.rescale(0) else { return Err(malformed("whole number")) };
    match whole.as_str().parse::<i64>() {
        Ok(number) if (min..=max).contains(&number) => Ok(Value::Integer(number)),
        _ => Err(Unreadable::OutOfRange { min, max }),
    }
}

fn decimal(precision: u8, scale: u8, text: &str) -> Result<Value, Unreadable> {
    let number = Decimal::parse(text).ok_or(malformed("decimal number"))?;
    let (found, limit) = (number.integer_digits(), precision.saturating_sub(scale));
    if found > usize::from(limit) {
        return Err(Unreadable::TooManyDigits { found, limit });
    }
    number.rescale(scale).map(Value::Decimal).ok_or(Unreadable::TooPrecise { limit: scale })
}

/// A float from its digits: the nearest one, as every reader of SQL does; a number too large for the type is refused.
fn float<F: std::str::FromStr + PartialOrd + Copy + std::ops::Neg<Output = F>>(
    text: &str,
    infinity: F,
) -> Result<F, Unreadable> {
    let wanted = malformed("floating point number, NaN, Infinity or -Infinity");
    let parse = |text: &str| text.parse::<F>().ok().ok_or(wanted.clone());
    match text {
        "NaN" => parse("NaN"),
        "Infinity" => Ok(infinity),
        "-Infinity" => Ok(-infinity),
        // Rust also reads `inf` and `nan` in any case.
        _ if !text.bytes().any(|byte| byte.is_ascii_digit()) => Err(wanted),
        _ => match parse(text)? {
            number if number == infinity || number == -infinity => {
                Err(malformed("number of the type: it is too large"))
            }
            number => Ok(number),
        },
    }
}

fn precise(nanoseconds: u32, digits: u8) -> Result<(), Unreadable> {
    if civil::beyond(nanoseconds, digits) == 0 {
        Ok(())
    } else {
        Err(Unreadable::TooPrecise { limit: digits })
    }
}
