//! Values as JSON, by their type: rows of a file, and what a column for ARRAY, MAP and ROW holds.
//!
//! Numbers keep their digits: DECIMAL is written as text, because servers turn numbers into floats, and both forms are
//! read. A MAP is an object when its keys are text, else a list of pairs. BYTES are base64, as in Flink's formats.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use compact_str::CompactString;
use serde_json::value::RawValue;

use super::read::{Unreadable, read_text};
use super::{Map, Row, Value, civil};
use crate::domain::suite::types::{FlinkKind, FlinkType, RowField};

/// Reads one JSON value of this type.
///
/// # Errors
/// [`Unreadable`]
pub fn read_json(declared: &FlinkType, text: &str) -> Result<Value, Unreadable> {
    let raw: &RawValue = serde_json::from_str(text).ok().ok_or(Unreadable::Malformed { wanted: "JSON" })?;
    read(declared, raw)
}

fn read(declared: &FlinkType, raw: &RawValue) -> Result<Value, Unreadable> {
    let text = raw.get();
    match (&declared.kind, text.as_bytes().first()) {
        (_, Some(b'n')) if declared.nullable => Ok(Value::Null),
        (_, Some(b'n')) => Err(Unreadable::Null),
        (FlinkKind::Array(element), Some(b'[')) => {
            let elements = items(text)?.into_iter().enumerate();
            let read =
                elements.map(|(index, raw)| read(element, raw).map_err(|p| p.inside(index.to_string())));
            Ok(Value::Array(read.collect::<Result<_, _>>()?))
        }
        (FlinkKind::Map(key, value), Some(b'{')) if is_text(key) => map_of_members(key, value, text),
        (FlinkKind::Map(key, value), Some(b'[')) => map_of_pairs(key, value, text),
        (FlinkKind::Row(fields), Some(b'{')) => match read_object(fields, text) {
            Ok(row) => Ok(Value::Row(row)),
            Err(Some(wrong)) => Err(wrong.problem.inside(wrong.name)),
            Err(None) => Err(self::wrong(&declared.kind)),
        },
        // A text may be any JSON: its own form is then the text, as in Flink's format.
        (FlinkKind::VarChar(_), Some(b'{' | b'[')) | (FlinkKind::Boolean, Some(b't' | b'f')) => {
            read_text(&declared.kind, text)
        }
        (kind, Some(b'"')) if !kind.is_nested() => {
            let text: String = serde_json::from_str(text).ok().ok_or(wrong(kind))?;
            read_text(kind, &text)
        }
        (kind, Some(b'-' | b'0'..=b'9')) if is_number(kind) => read_text(kind, text),
        (kind, _) => Err(wrong(kind)),
    }
}

/// Which member of an object is none of its field's type, and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongMember {
    /// The member's name.
    pub name: String,
    /// Its JSON; nothing when it is missing.
    pub json: Option<String>,
    /// What is wrong.
    pub problem: Unreadable,
}

/// Reads the members of a JSON object into a row; they may come in any order.
///
/// # Errors
/// The first member that is wrong; `Err(None)` when the text is no object.
pub fn read_object(fields: &[RowField], text: &str) -> Result<Row, Option<WrongMember>> {
    let mut values: Vec<Option<Value>> = vec![None; fields.len()];
    for (name, raw) in members(text).ok().ok_or(None)? {
        let wrong =
            |problem| Some(WrongMember { name: name.clone(), json: Some(raw.get().to_owned()), problem });
        let place = fields.iter().zip(&mut values).find(|(field, _)| field.name == name);
        let Some((field, value)) = place else { return Err(wrong(Unreadable::Undeclared)) };
        if value.is_some() {
            return Err(wrong(Unreadable::Twice));
        }
        *value = Some(read(&field.value, raw).map_err(wrong)?);
    }
    let values = fields.iter().zip(values).map(|(field, value)| match value {
        Some(value) => Ok(value),
        None if field.value.nullable => Ok(Value::Null),
        None => Err(Some(WrongMember { name: field.name.clone(), json: None, problem: Unreadable::Missing })),
    });
    Ok(Row::from(values.collect::<Result<Vec<_>, _>>()?))
}

fn map_of_members(key: &FlinkType, value: &FlinkType, text: &str) -> Result<Value, Unreadable> {
    let entries = members(text)?.into_iter().map(|(name, raw)| {
        let found = read(value, raw).map_err(|problem| problem.inside(format!("value `{name}`")))?;
        let name = read_text(&key.kind, &name).map_err(|problem| problem.inside(format!("key `{name}`")))?;
        Ok((name, found))
    });
    Ok(Value::Map(entries.collect::<Result<Map, _>>()?))
}

fn map_of_pairs(key: &FlinkType, value: &FlinkType, text: &str) -> Result<Value, Unreadable> {
    let pairs = items(text)?.into_iter().enumerate().map(|(index, pair)| {
        let wanted = Unreadable::Malformed { wanted: "list of a key and a value" };
        let parts = items(pair.get()).unwrap_or_default();
        let [name, raw] = parts.as_slice() else { return Err(wanted.inside(index.to_string())) };
        Ok((
            read(key, name).map_err(|problem| problem.inside(format!("key {index}")))?,
            read(value, raw).map_err(|problem| problem.inside(format!("value {index}")))?,
        ))
    });
    Ok(Value::Map(pairs.collect::<Result<Map, _>>()?))
}

fn is_text(declared: &FlinkType) -> bool {
    matches!(declared.kind, FlinkKind::Char(_) | FlinkKind::VarChar(_)) && !declared.nullable
}

fn is_number(kind: &FlinkKind) -> bool {
    matches!(
        kind,
        FlinkKind::TinyInt
            | FlinkKind::SmallInt
            | FlinkKind::Int
            | FlinkKind::BigInt
            | FlinkKind::Decimal { .. }
            | FlinkKind::Float
            | FlinkKind::Double
    )
}

fn wrong(kind: &FlinkKind) -> Unreadable {
    Unreadable::Malformed {
        wanted: match kind {
            FlinkKind::Array(_) => "JSON array",
            FlinkKind::Map(key, _) if is_text(key) => "JSON object",
            FlinkKind::Map(..) => "JSON array of pairs",
            FlinkKind::Row(_) => "JSON object",
            FlinkKind::Boolean => "JSON truth value",
            kind if is_number(kind) => "JSON number, nor one in quotes",
            _ => "JSON text",
        },
    }
}

fn items(text: &str) -> Result<Vec<&RawValue>, Unreadable> {
    serde_json::from_str(text).ok().ok_or(Unreadable::Malformed { wanted: "JSON array" })
}

/// The members of an object in their order, doubles included.
fn members(text: &str) -> Result<Vec<(String, &RawValue)>, Unreadable> {
    struct Members<'a>(Vec<(String, &'a RawValue)>);
    struct Visitor;
    impl<'de> serde::de::Visitor<'de> for Visitor {
        type Value = Members<'de>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
            let mut members = Vec::new();
            while let Some(member) = map.next_entry()? {
                members.push(member);
            }
            Ok(Members(members))
        }
    }
    impl<'de> serde::Deserialize<'de> for Members<'de> {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_map(Visitor)
        }
    }
    let parsed: Result<Members<'_>, _> = serde_json::from_str(text);
    parsed.ok().map(|members| members.0).ok_or(Unreadable::Malformed { wanted: "JSON object" })
}

/// Appends a value of this type as JSON, without a blank.
pub fn write_json(text: &mut String, declared: &FlinkType, value: &Value) {
    let mut quote = |written: &str| push_quoted(text, written);
    match (value, &declared.kind) {
        (Value::Boolean(truth), _) => text.push_str(if *truth { "true" } else { "false" }),
        (Value::Integer(number), _) => text.push_str(&number.to_string()),
        (Value::Float(number), _) if number.is_finite() => text.push_str(&format!("{:?}", number + 0.0)),
        (Value::Double(number), _) if number.is_finite() => text.push_str(&format!("{:?}", number + 0.0)),
        (Value::Text(written), _) => quote(written),
        (Value::Bytes(bytes), _) => quote(&BASE64.encode(bytes)),
        (Value::Array(values), FlinkKind::Array(element)) => {
            list(text, ('[', ']'), values.iter(), |text, value| write_json(text, element, value));
        }
        (Value::Map(map), FlinkKind::Map(key, declared)) if is_text(key) => {
            list(text, ('{', '}'), map.entries().iter(), |text, (name, value)| {
                write_json(text, key, name);
                text.push(':');
                write_json(text, declared, value);
            });
        }
        (Value::Map(map), FlinkKind::Map(key, declared)) => {
            list(text, ('[', ']'), map.entries().iter(), |text, (name, value)| {
                text.push('[');
                write_json(text, key, name);
                text.push(',');
                write_json(text, declared, value);
                text.push(']');
            });
        }
        (Value::Row(row), FlinkKind::Row(fields)) => {
            list(text, ('{', '}'), fields.iter().zip(row.values()), |text, (field, value)| {
                push_quoted(text, &field.name);
                text.push(':');
                write_json(text, &field.value, value);
            });
        }
        (value, _) => match plain(value) {
            Some(written) => quote(&written),
            None => text.push_str("null"),
        },
    }
}

/// The text of a scalar that JSON has no form for; `None` for NULL.
pub(super) fn plain(value: &Value) -> Option<CompactString> {
    let mut text = CompactString::with_capacity(0);
    match value {
        Value::Decimal(decimal) => text.push_str(decimal.as_str()),
        Value::Float(number) => text.push_str(not_finite(f64::from(*number))),
        Value::Double(number) => text.push_str(not_finite(*number)),
        Value::Date(date) => civil::write_date(&mut text, *date),
        Value::Time(since) => civil::write_time(&mut text, *since),
        Value::Timestamp(civil) => civil::write_datetime(&mut text, *civil, 'T'),
        Value::Moment(civil) => {
            civil::write_datetime(&mut text, *civil, 'T');
            text.push('Z');
        }
        _ => return None,
    }
    Some(text)
}

fn not_finite(number: f64) -> &'static str {
    match number {
        number if number.is_nan() => "NaN",
        number if number > 0.0 => "Infinity",
        _ => "-Infinity",
    }
}

fn list<T>(
    text: &mut String,
    (open, close): (char, char),
    items: impl Iterator<Item = T>,
    mut write: impl FnMut(&mut String, T),
) {
    text.push(open);
    for (index, item) in items.enumerate() {
        if index > 0 {
            text.push(',');
        }
        write(text, item);
    }
    text.push(close);
}

pub(super) fn push_quoted(text: &mut String, written: &str) {
    match serde_json::to_string(written) {
        Ok(quoted) => text.push_str(&quoted),
        Err(_) => unreachable!("a text is JSON"),
    }
}
