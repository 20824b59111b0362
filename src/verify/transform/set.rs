//! `set`: a field becomes what an expression gives (Property 35).

use super::cel::Expression;
use super::error::{TransformError, WrongRow, WrongValue};
use super::flatten::key_names;
use crate::domain::suite::expression::Cel;
use crate::domain::suite::types::{FlinkKind, FlinkType, RowField, Schema};
use crate::verify::row::{Decimal, Row, Unreadable, Value, read_text};

/// One field is set, in its place or behind the others.
#[derive(Debug)]
pub(super) struct Set {
    place: usize,
    field: RowField,
    expression: Expression,
}

const BY_TEXT: &str = "convert it with string(), int(), double() or decimal(x, precision, scale)";
const BY_DIGITS: &str = "convert it with decimal(x, precision, scale), or round() it";
const BY_INT: &str = "convert it with int(), after round() if it is not whole";

impl Set {
    /// The step, and the schema behind it. A field that is there keeps its type; a new one has that of the expression, and
    /// may be NULL.
    pub(super) fn new(field: &str, cel: &Cel, before: &Schema) -> Result<(Self, Schema), TransformError> {
        let name = || field.to_owned();
        let expression = Expression::new(cel, before.fields())
            .map_err(|problem| TransformError::Expression { field: name(), problem })?;
        if let Some((place, declared)) = before.field(field) {
            let expression = expression.for_field(&declared.kind);
            if let Some(found) = expression.kind()
                && let Err(remedy) = fits(found, &declared.kind)
            {
                let (found, declared) = (found.clone(), declared.clone());
                return Err(TransformError::Type { field: name(), found, declared, remedy });
            }
            let field = RowField { name: name(), value: declared.clone() };
            return Ok((Self { place, field, expression }, before.clone()));
        }
        let kind = expression.kind().ok_or_else(|| TransformError::Untyped { field: name() })?;
        let new = RowField { name: name(), value: kind.clone().nullable() };
        let mut fields = before.fields().to_vec();
        fields.push(new.clone());
        let after = Schema::new(fields, &key_names(before)).map_err(|problem| TransformError::Schema {
            transform: format!("transform `set: {field}`"),
            problem,
        })?;
        Ok((Self { place: before.fields().len(), field: new, expression }, after))
    }

    /// The row with the field set.
    pub(super) fn apply(&self, row: Row) -> Result<Row, WrongRow> {
        let wrong = |value, reason| WrongRow { field: self.field.name.clone(), value, reason };
        let value = self
            .expression
            .evaluate(row.values())
            .map_err(|failure| wrong(None, WrongValue::Failed(failure)))?;
        let shown = || match &value {
            Value::Text(text) => Some(text.chars().take(60).collect()),
            other => Some(other.canonical().chars().take(60).collect()),
        };
        let value =
            fit(&self.field.value, &value).map_err(|reason| wrong(shown(), WrongValue::Unfit(reason)))?;
        let mut values = row.into_values();
        match values.get_mut(self.place) {
            Some(place) => *place = value,
            None => values.push(value),
        }
        Ok(Row::from(values))
    }
}

/// Whether values of one type may become values of the other, each after a look at it; if not, what to write.
fn fits(found: &FlinkKind, declared: &FlinkKind) -> Result<(), &'static str> {
    use FlinkKind as K;
    let is_whole = |kind: &K| matches!(kind, K::TinyInt | K::SmallInt | K::Int | K::BigInt);
    match (found, declared) {
        (one, two) if is_whole(one) && (is_whole(two) || matches!(two, K::Decimal { .. })) => Ok(()),
        (K::Decimal { .. }, K::Decimal { .. })
        | (K::Float | K::Double, K::Float | K::Double)
        | (K::Boolean, K::Boolean)
        | (K::Char(_) | K::VarChar(_), K::Char(_) | K::VarChar(_))
        | (K::Binary(_) | K::VarBinary(_), K::Binary(_) | K::VarBinary(_))
        | (K::Date, K::Date)
        | (K::Time(_), K::Time(_))
        | (K::Timestamp(_), K::Timestamp(_))
        | (K::TimestampLtz(_), K::TimestampLtz(_)) => Ok(()),
        (K::Array(one), K::Array(two)) => fits(&one.kind, &two.kind),
        (K::Map(key, value), K::Map(declared_key, declared_value)) => {
            fits(&key.kind, &declared_key.kind)?;
            fits(&value.kind, &declared_value.kind)
        }
        (K::Row(one), K::Row(two)) if one.len() == two.len() => {
            one.iter().zip(two).try_for_each(|(one, two)| fits(&one.value.kind, &two.value.kind))
        }
        (_, K::Decimal { .. }) => Err(BY_DIGITS),
        (_, kind) if is_whole(kind) => Err(BY_INT),
        _ => Err(BY_TEXT),
    }
}

/// The value as one of the type, when nothing of it is lost; a FLOAT is the nearest one.
fn fit(declared: &FlinkType, value: &Value) -> Result<Value, Unreadable> {
    match (value, &declared.kind) {
        (Value::Null, _) if declared.nullable => Ok(Value::Null),
        (Value::Null, _) => Err(Unreadable::Null),
        (Value::Integer(number), kind) => read_text(kind, Decimal::from(*number).as_str()),
        (Value::Decimal(number), kind) => read_text(kind, number.as_str()),
        (Value::Text(text), kind) => read_text(kind, text),
        (Value::Double(number), FlinkKind::Float) => narrow(*number),
        (Value::Float(number), FlinkKind::Double) => Ok(Value::Double(f64::from(*number))),
        (Value::Bytes(bytes), FlinkKind::Binary(length)) if (bytes.len() as u64) < u64::from(*length) => {
            Err(Unreadable::Malformed { wanted: "value of so many bytes as the type has" })
        }
        (Value::Bytes(bytes), FlinkKind::Binary(limit) | FlinkKind::VarBinary(limit))
            if bytes.len() as u64 > u64::from(*limit) =>
        {
            Err(Unreadable::TooLong { found: bytes.len(), limit: *limit, unit: "bytes" })
        }
        (Value::Time(since), FlinkKind::Time(digits)) => precise(since.subsec_nanos(), *digits, value),
        (Value::Timestamp(civil), FlinkKind::Timestamp(digits))
        | (Value::Moment(civil), FlinkKind::TimestampLtz(digits)) => {
            precise(civil.subsec_nanosecond(), *digits, value)
        }
        (Value::Array(values), FlinkKind::Array(element)) => {
            let values: Result<Vec<Value>, _> = values.iter().map(|value| fit(element, value)).collect();
            Ok(Value::Array(values?.into()))
        }
        (Value::Map(map), FlinkKind::Map(key, element)) => {
            let entries =
                map.entries().iter().map(|(name, value)| Ok((fit(key, name)?, fit(element, value)?)));
            Ok(Value::Map(entries.collect::<Result<_, Unreadable>>()?))
        }
        (Value::Row(row), FlinkKind::Row(fields)) => {
            let values: Result<Vec<Value>, _> =
                row.values().iter().zip(fields).map(|(value, field)| fit(&field.value, value)).collect();
            Ok(Value::Row(Row::from(values?)))
        }
        (value, _) => Ok(value.clone()),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the nearest FLOAT is what is asked for")]
fn narrow(number: f64) -> Result<Value, Unreadable> {
    let near = number as f32;
    if near.is_infinite() && number.is_finite() {
        return Err(Unreadable::Malformed { wanted: "number of the type: it is too large" });
    }
    Ok(Value::Float(near))
}

fn precise(nanoseconds: i32, digits: u8, value: &Value) -> Result<Value, Unreadable> {
    match crate::verify::row::civil::beyond(nanoseconds.unsigned_abs(), digits) {
        0 => Ok(value.clone()),
        _ => Err(Unreadable::TooPrecise { limit: digits }),
    }
}
