//! Functions.

use std::borrow::Cow;

use compact_str::CompactString;

use super::compile::Typed;
use super::error::{ExpressionError, Failure};
use super::exact;
use super::kind::{Domain, Kind};
use super::node::{Function, Node};
use crate::domain::suite::types::{ColumnType, FlinkKind};
use crate::verify::row::{Decimal, Unreadable, Value, read_text};

/// All of them, for a message.
pub(super) const KNOWN: &str = "size(x), text.contains(t), text.startsWith(t), text.endsWith(t), int(x), double(x), string(x), \
                                bytes(t), bool(t), date(t), time(t), timestamp(t), timestamp_ltz(t), decimal(x, precision, \
                                scale), round(x, digits), divide(a, b, digits) and abs(x) are known";

/// The function of this name for arguments of these types. `is_member` when it is written behind its first argument.
pub(super) fn typed(name: &str, arguments: Vec<Typed>, is_member: bool) -> Result<Typed, ExpressionError> {
    let Some(found) = find(name, &arguments, is_member) else {
        let kinds = arguments.iter().map(|of| of.kind.to_string()).collect::<Vec<_>>().join(", ");
        return Err(ExpressionError::UnknownFunction { name: name.to_owned(), arguments: kinds });
    };
    let (function, kind) = found?;
    let used = match function {
        Function::ToDecimal(_) | Function::Round(_) => 1,
        Function::Divide(_) => 2,
        _ => arguments.len(),
    };
    let exact = matches!(function, Function::ToDecimal(_) | Function::Round(_) | Function::Divide(_));
    let nodes = arguments.into_iter().take(used).map(|of| match of.literal {
        Some(number) if exact => Node::Literal(Value::Decimal(number)),
        _ => of.widen_floats().node,
    });
    Ok(Typed::new(Node::Call(function, nodes.collect()), Kind::Of(kind)))
}

type Found = Option<Result<(Function, FlinkKind), ExpressionError>>;

fn find(name: &str, arguments: &[Typed], is_member: bool) -> Found {
    let texts = arguments.iter().all(|of| of.kind.is_text());
    let domains: Vec<Domain> = arguments.iter().map(|of| of.kind.domain()).collect();
    let read = |kind: FlinkKind| Some(Ok((Function::Read(kind.clone().nullable()), kind)));
    let is_number = |domain: &Domain| {
        matches!(domain, Domain::Integer | Domain::Double | Domain::Decimal { .. } | Domain::Null)
    };
    let found = match (name, domains.as_slice()) {
        ("size", [Domain::Text | Domain::Bytes | Domain::Null]) => (Function::Size, FlinkKind::BigInt),
        ("size", [Domain::Nested])
            if !matches!(arguments, [Typed { kind: Kind::Of(FlinkKind::Row(_)), .. }]) =>
        {
            (Function::Size, FlinkKind::BigInt)
        }
        ("contains", [_, _]) if texts && is_member => (Function::Contains, FlinkKind::Boolean),
        ("startsWith", [_, _]) if texts && is_member => (Function::StartsWith, FlinkKind::Boolean),
        ("endsWith", [_, _]) if texts && is_member => (Function::EndsWith, FlinkKind::Boolean),
        _ if is_member => return None,
        ("int", [Domain::Text | Domain::Boolean]) => (Function::ToInteger, FlinkKind::BigInt),
        ("int", [domain]) if is_number(domain) => (Function::ToInteger, FlinkKind::BigInt),
        ("double", [Domain::Text]) => return read(FlinkKind::Double),
        ("double", [domain]) if is_number(domain) => (Function::ToDouble, FlinkKind::Double),
        ("string", [domain]) if *domain != Domain::Nested && *domain != Domain::Bytes => {
            (Function::ToText, FlinkKind::STRING)
        }
        ("bytes", [Domain::Text]) => (Function::ToBytes, FlinkKind::BYTES),
        ("bool", [Domain::Text]) => return read(FlinkKind::Boolean),
        ("date", [Domain::Text]) => return read(FlinkKind::Date),
        ("time", [Domain::Text]) => return read(FlinkKind::Time(9)),
        ("timestamp", [Domain::Text]) => return read(FlinkKind::Timestamp(9)),
        ("timestamp_ltz", [Domain::Text]) => return read(FlinkKind::TimestampLtz(9)),
        ("abs", [Domain::Integer]) => (Function::Abs, FlinkKind::BigInt),
        ("abs", [Domain::Double]) => (Function::Abs, FlinkKind::Double),
        ("abs", [Domain::Decimal { precision, scale }]) => {
            (Function::Abs, FlinkKind::Decimal { precision: *precision, scale: *scale })
        }
        ("decimal", [of, _, _]) if is_number(of) || *of == Domain::Text => {
            return Some(to_decimal(arguments));
        }
        ("round", [Domain::Decimal { precision, scale }, _]) => {
            return Some(round(*precision - *scale, arguments));
        }
        ("divide", [of, by, _]) if is_exact(*of, arguments.first()) && is_exact(*by, arguments.get(1)) => {
            return Some(divide(arguments));
        }
        _ => return None,
    };
    Some(Ok(found))
}

fn is_exact(domain: Domain, of: Option<&Typed>) -> bool {
    matches!(domain, Domain::Integer | Domain::Decimal { .. }) || of.is_some_and(|of| of.literal.is_some())
}

/// A number of digits that stands there.
fn digits(name: &'static str, of: Option<&Typed>, least: u8, most: u8) -> Result<u8, ExpressionError> {
    let number = match of.map(|of| &of.node) {
        Some(Node::Literal(Value::Integer(number))) => u8::try_from(*number).ok(),
        _ => None,
    };
    number.filter(|number| (least..=most).contains(number)).ok_or(ExpressionError::Digits {
        name,
        least,
        most,
    })
}

fn to_decimal(arguments: &[Typed]) -> Result<(Function, FlinkKind), ExpressionError> {
    let precision = digits("decimal", arguments.get(1), 1, ColumnType::DIGITS)?;
    let scale = digits("decimal", arguments.get(2), 0, ColumnType::FRACTION_DIGITS.min(precision))?;
    let kind = FlinkKind::Decimal { precision, scale };
    Ok((Function::ToDecimal(kind.clone().nullable()), kind))
}

fn round(before: u8, arguments: &[Typed]) -> Result<(Function, FlinkKind), ExpressionError> {
    let scale = digits("round", arguments.get(1), 0, ColumnType::FRACTION_DIGITS)?;
    // Rounding up may need a digit more: 9.5 becomes 10.
    let kind = super::kind::decimal(u16::from(before) + u16::from(scale) + 1, scale.into());
    Ok((Function::Round(scale), kind))
}

fn divide(arguments: &[Typed]) -> Result<(Function, FlinkKind), ExpressionError> {
    let scale = digits("divide", arguments.get(2), 0, ColumnType::FRACTION_DIGITS)?;
    let kind = super::kind::decimal(ColumnType::DIGITS.into(), scale.into());
    Ok((Function::Divide(scale), kind))
}

/// Calls it. A function of NULL is NULL.
pub(super) fn call(function: &Function, arguments: &[Cow<'_, Value>]) -> Result<Value, Failure> {
    let values: Vec<&Value> = arguments.iter().map(AsRef::as_ref).collect();
    if values.iter().any(|value| value.is_null()) {
        return Ok(Value::Null);
    }
    let count = |number: usize| Ok(Value::Integer(i64::try_from(number).unwrap_or(i64::MAX)));
    match (function, values.as_slice()) {
        (Function::Size, [Value::Text(text)]) => count(text.chars().count()),
        (Function::Size, [Value::Bytes(bytes)]) => count(bytes.len()),
        (Function::Size, [Value::Array(values)]) => count(values.len()),
        (Function::Size, [Value::Map(map)]) => count(map.entries().len()),
        (Function::Contains, [Value::Text(text), Value::Text(part)]) => {
            Ok(Value::Boolean(text.contains(part.as_str())))
        }
        (Function::StartsWith, [Value::Text(text), Value::Text(part)]) => {
            Ok(Value::Boolean(text.starts_with(part.as_str())))
        }
        (Function::EndsWith, [Value::Text(text), Value::Text(part)]) => {
            Ok(Value::Boolean(text.ends_with(part.as_str())))
        }
        (Function::ToInteger, [value]) => to_integer(value),
        (Function::ToDouble, [value]) => to_double(value),
        (Function::ToText, [Value::Text(text)]) => Ok(Value::Text(text.clone())),
        (Function::ToText, [value]) => Ok(Value::text(plain(value))),
        (Function::ToBytes, [Value::Text(text)]) => Ok(Value::Bytes(text.as_bytes().into())),
        (Function::Read(declared), [Value::Text(text)]) => {
            read_text(&declared.kind, text).map_err(Failure::Conversion)
        }
        (Function::ToDecimal(declared), [value]) => {
            read_text(&declared.kind, &plain(value)).map_err(Failure::Conversion)
        }
        (Function::Round(scale), [Value::Decimal(number)]) => {
            exact::rounded(number, *scale).map(Value::Decimal)
        }
        (Function::Divide(scale), [one, two]) => match (number(one), number(two)) {
            (Some(one), Some(two)) => exact::divided(&one, &two, *scale).map(Value::Decimal),
            _ => Ok(Value::Null),
        },
        (Function::Abs, [Value::Integer(number)]) => {
            number.checked_abs().map(Value::Integer).ok_or(Failure::Overflow)
        }
        (Function::Abs, [Value::Double(number)]) => Ok(Value::Double(number.abs())),
        (Function::Abs, [Value::Decimal(number)]) => {
            Ok(Value::Decimal(if number.is_negative() { exact::negated(number)? } else { number.clone() }))
        }
        // The types were looked at when the expression was made.
        _ => Ok(Value::Null),
    }
}

fn number(value: &Value) -> Option<Decimal> {
    match value {
        Value::Decimal(number) => Some(number.clone()),
        Value::Integer(number) => Some(Decimal::from(*number)),
        _ => None,
    }
}

/// The text of a value as a file has it: digits, `2024-02-29 12:00:00`.
fn plain(value: &Value) -> CompactString {
    match value {
        Value::Decimal(number) => number.as_str().into(),
        Value::Text(text) => text.clone(),
        // All digits of a float, and no exponent.
        Value::Double(number) if number.is_finite() => compact_str::format_compact!("{number}"),
        other => other.canonical().into(),
    }
}

fn to_integer(value: &Value) -> Result<Value, Failure> {
    let whole = match value {
        Value::Text(text) => return read_text(&FlinkKind::BigInt, text).map_err(Failure::Conversion),
        Value::Boolean(truth) => return Ok(Value::Integer(i64::from(*truth))),
        Value::Integer(number) => return Ok(Value::Integer(*number)),
        Value::Decimal(number) => number.to_integer(),
        Value::Double(number) => Decimal::parse(&number.to_string()).and_then(|number| number.to_integer()),
        _ => None,
    };
    whole.and_then(|whole| i64::try_from(whole).ok()).map(Value::Integer).ok_or(Failure::NotWhole)
}

fn to_double(value: &Value) -> Result<Value, Failure> {
    let text = match value {
        Value::Double(number) => return Ok(Value::Double(*number)),
        other => plain(other),
    };
    let wrong = Unreadable::Malformed { wanted: "floating point number" };
    text.parse().map(Value::Double).ok().ok_or(Failure::Conversion(wrong))
}
