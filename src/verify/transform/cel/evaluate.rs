//! The value of an expression for a row.

use std::borrow::Cow;
use std::cell::Cell;

use super::Expression;
use super::call;
use super::error::Failure;
use super::exact;
use super::node::{Collect, Comparison, Node, Operator, Quantifier, Quantify, Widening};
use crate::verify::row::{Decimal, Map, Value};

/// What an expression sees.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    fields: &'a [Value],
    locals: Option<&'a Local<'a>>,
    left: &'a Cell<u64>,
}

struct Local<'a> {
    value: &'a Value,
    outer: Option<&'a Local<'a>>,
}

type Found<'a> = Result<Cow<'a, Value>, Failure>;

/// Bytes that count as a step when they are copied.
const BYTES_OF_A_STEP: usize = 64;

impl Expression {
    /// The value for these fields.
    ///
    /// # Errors
    /// [`Failure`]
    pub fn evaluate(&self, fields: &[Value]) -> Result<Value, Failure> {
        let left = Cell::new(Self::MOST_STEPS);
        evaluate(self.node(), View { fields, locals: None, left: &left }).map(Cow::into_owned)
    }
}

impl View<'_> {
    fn pay(&self, steps: usize) -> Result<(), Failure> {
        let steps = u64::try_from(steps).unwrap_or(u64::MAX);
        let left = self.left.get().checked_sub(steps);
        self.left.set(left.unwrap_or_default());
        left.map(|_| ()).ok_or(Failure::TooCostly)
    }
}

fn truth<'a>(truth: bool) -> Cow<'a, Value> {
    Cow::Owned(Value::Boolean(truth))
}

fn evaluate<'a>(node: &'a Node, view: View<'a>) -> Found<'a> {
    view.pay(1)?;
    match node {
        Node::Literal(value) => Ok(Cow::Borrowed(value)),
        // A row has as many values as its schema has fields.
        Node::Field(place) => view.fields.get(*place).map(Cow::Borrowed).ok_or(Failure::Null),
        Node::Local(depth) => {
            let mut local = view.locals;
            for _ in 0..*depth {
                local = local.and_then(|local| local.outer);
            }
            local.map(|local| Cow::Borrowed(local.value)).ok_or(Failure::Null)
        }
        Node::Widen(widening, node) => Ok(Cow::Owned(widened(*widening, &*evaluate(node, view)?))),
        Node::Not(node) => match &*evaluate(node, view)? {
            Value::Boolean(is_true) => Ok(truth(!is_true)),
            _ => Ok(Cow::Owned(Value::Null)),
        },
        Node::And(one, two) => both(false, one, two, view),
        Node::Or(one, two) => both(true, one, two, view),
        Node::If(parts) => {
            let [condition, yes, no] = parts.as_ref();
            let is_true = matches!(&*evaluate(condition, view)?, Value::Boolean(true));
            evaluate(if is_true { yes } else { no }, view)
        }
        Node::Equal(one, two) => {
            let (one, two) = (evaluate(one, view)?, evaluate(two, view)?);
            view.pay(weight(&one).min(weight(&two)) / BYTES_OF_A_STEP)?;
            Ok(truth(equal(&one, &two)))
        }
        Node::Compare(comparison, one, two) => {
            let (one, two) = (evaluate(one, view)?, evaluate(two, view)?);
            view.pay(weight(&one).min(weight(&two)) / BYTES_OF_A_STEP)?;
            Ok(Cow::Owned(compare(*comparison, &one, &two)))
        }
        Node::Whole(..) | Node::Floating(..) | Node::Exact(..) => arithmetic(node, view).map(Cow::Owned),
        Node::Negate(node) => Ok(Cow::Owned(match &*evaluate(node, view)? {
            Value::Integer(number) => Value::Integer(number.checked_neg().ok_or(Failure::Overflow)?),
            Value::Double(number) => Value::Double(-number),
            Value::Decimal(number) => Value::Decimal(exact::negated(number)?),
            _ => Value::Null,
        })),
        Node::Join(one, two) => {
            let (one, two) = (evaluate(one, view)?, evaluate(two, view)?);
            view.pay((weight(&one) + weight(&two)) / BYTES_OF_A_STEP)?;
            Ok(Cow::Owned(joined(&one, &two)))
        }
        Node::Member(node, place) => Ok(match evaluate(node, view)? {
            Cow::Borrowed(Value::Row(row)) => row.get(*place).map_or(Cow::Owned(Value::Null), Cow::Borrowed),
            Cow::Owned(Value::Row(row)) => Cow::Owned(row.get(*place).cloned().unwrap_or_default()),
            _ => Cow::Owned(Value::Null),
        }),
        Node::IsThere(node) => Ok(truth(!evaluate(node, view)?.is_null())),
        Node::Place(list, index) => {
            let (list, index) = (evaluate(list, view)?, evaluate(index, view)?);
            match (&*list, &*index) {
                (Value::Array(values), Value::Integer(index)) => {
                    let place = usize::try_from(*index).ok();
                    let length = values.len();
                    let found = place.and_then(|place| values.get(place));
                    found.cloned().map(Cow::Owned).ok_or(Failure::NoSuchPlace { index: *index, length })
                }
                _ => Ok(Cow::Owned(Value::Null)),
            }
        }
        Node::Entry(map, key) => {
            let (map, key) = (evaluate(map, view)?, evaluate(key, view)?);
            match &*map {
                Value::Map(map) => entry(map, &key).cloned().map(Cow::Owned).ok_or(Failure::NoSuchKey),
                _ => Ok(Cow::Owned(Value::Null)),
            }
        }
        Node::In(needle, hay, widening) => {
            let (needle, hay) = (evaluate(needle, view)?, evaluate(hay, view)?);
            match &*hay {
                Value::Map(map) => Ok(truth(entry(map, &needle).is_some())),
                Value::Array(values) => {
                    view.pay(values.len() + weight(&hay) / BYTES_OF_A_STEP)?;
                    Ok(truth(values.iter().any(|value| match widening {
                        Some(widening) => equal(&needle, &widened(*widening, value)),
                        None => equal(&needle, value),
                    })))
                }
                _ => Ok(Cow::Owned(Value::Null)),
            }
        }
        Node::List(nodes) => {
            let values: Result<Vec<Value>, Failure> = nodes.iter().map(|node| taken(node, view)).collect();
            Ok(Cow::Owned(Value::Array(values?.into())))
        }
        Node::Map(entries) => {
            let entries: Result<Map, Failure> =
                entries.iter().map(|(key, value)| Ok((taken(key, view)?, taken(value, view)?))).collect();
            Ok(Cow::Owned(Value::Map(entries?)))
        }
        Node::Quantify(of) => quantify(of, view).map(Cow::Owned),
        Node::Collect(of) => collect(of, view).map(Cow::Owned),
        Node::Call(function, arguments) => {
            let arguments: Result<Vec<Cow<'_, Value>>, Failure> =
                arguments.iter().map(|node| evaluate(node, view)).collect();
            let arguments = arguments?;
            view.pay(arguments.iter().map(|value| weight(value)).sum::<usize>() / BYTES_OF_A_STEP)?;
            call::call(function, &arguments).map(Cow::Owned)
        }
    }
}

/// A value of one's own, paid for.
fn taken(node: &Node, view: View<'_>) -> Result<Value, Failure> {
    let value = evaluate(node, view)?;
    view.pay(weight(&value) / BYTES_OF_A_STEP)?;
    Ok(value.into_owned())
}

/// About how many bytes a value has.
fn weight(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::Array(_) | Value::Map(_) | Value::Row(_) => value.bytes(),
        _ => 0,
    }
}

pub(super) fn widened(widening: Widening, value: &Value) -> Value {
    match (widening, value) {
        (Widening::Double, Value::Float(number)) => Value::Double(f64::from(*number)),
        (Widening::Decimal, Value::Integer(number)) => Value::Decimal(Decimal::from(*number)),
        (_, value) => value.clone(),
    }
}

fn entry<'m>(map: &'m Map, key: &Value) -> Option<&'m Value> {
    map.entries().iter().find(|(found, _)| found == key).map(|(_, value)| value)
}

/// As CEL compares: a NaN equals nothing.
fn equal(one: &Value, two: &Value) -> bool {
    match (one, two) {
        (Value::Double(one), Value::Double(two)) => {
            (one - two).abs() == 0.0 || (one.is_infinite() && one.total_cmp(two).is_eq())
        }
        (one, two) => one == two,
    }
}

/// NULL is neither more nor less than anything.
fn compare(comparison: Comparison, one: &Value, two: &Value) -> Value {
    let order = match (one, two) {
        (Value::Null, _) | (_, Value::Null) => return Value::Null,
        (Value::Double(one), Value::Double(two)) => one.partial_cmp(two),
        (one, two) => Some(one.cmp(two)),
    };
    Value::Boolean(order.is_some_and(|order| match comparison {
        Comparison::Less => order.is_lt(),
        Comparison::AtMost => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::AtLeast => order.is_ge(),
    }))
}

/// `&&` (`decides` is false) and `||` (true): what decides wins over an error and over NULL, on whichever side it stands.
fn both<'a>(decides: bool, one: &'a Node, two: &'a Node, view: View<'a>) -> Found<'a> {
    let is_decided =
        |value: &Found<'_>| matches!(value.as_deref(), Ok(Value::Boolean(truth)) if *truth == decides);
    let first = evaluate(one, view);
    if is_decided(&first) {
        return Ok(truth(decides));
    }
    let second = evaluate(two, view);
    if is_decided(&second) {
        return Ok(truth(decides));
    }
    let is_null = first?.is_null() | second?.is_null();
    if is_null { Ok(Cow::Owned(Value::Null)) } else { Ok(truth(!decides)) }
}

fn arithmetic(node: &Node, view: View<'_>) -> Result<Value, Failure> {
    let (operator, scale, one, two) = match node {
        Node::Exact(operator, scale, one, two) => (*operator, *scale, one, two),
        Node::Whole(operator, one, two) | Node::Floating(operator, one, two) => (*operator, 0, one, two),
        _ => return Ok(Value::Null),
    };
    let (one, two) = (evaluate(one, view)?, evaluate(two, view)?);
    Ok(match (&*one, &*two) {
        (Value::Integer(one), Value::Integer(two)) => Value::Integer(whole(operator, *one, *two)?),
        (Value::Double(one), Value::Double(two)) => Value::Double(match operator {
            Operator::Add => one + two,
            Operator::Subtract => one - two,
            Operator::Multiply => one * two,
            Operator::Divide => one / two,
            Operator::Remainder => one % two,
        }),
        (Value::Decimal(one), Value::Decimal(two)) => {
            Value::Decimal(exact::calculate(operator, one, two, scale)?)
        }
        _ => Value::Null,
    })
}

fn whole(operator: Operator, one: i64, two: i64) -> Result<i64, Failure> {
    if matches!(operator, Operator::Divide | Operator::Remainder) && two == 0 {
        return Err(Failure::DivisionByZero);
    }
    let result = match operator {
        Operator::Add => one.checked_add(two),
        Operator::Subtract => one.checked_sub(two),
        Operator::Multiply => one.checked_mul(two),
        Operator::Divide => one.checked_div(two),
        Operator::Remainder => one.checked_rem(two),
    };
    result.ok_or(Failure::Overflow)
}

fn joined(one: &Value, two: &Value) -> Value {
    match (one, two) {
        (Value::Text(one), Value::Text(two)) => {
            let mut text = one.clone();
            text.push_str(two);
            Value::Text(text)
        }
        (Value::Bytes(one), Value::Bytes(two)) => Value::Bytes([one.as_ref(), two.as_ref()].concat().into()),
        (Value::Array(one), Value::Array(two)) => Value::Array(one.iter().chain(two).cloned().collect()),
        _ => Value::Null,
    }
}

/// What a macro goes over: the elements of a list, the keys of a map.
fn elements(range: &Value) -> Result<Vec<&Value>, Failure> {
    match range {
        Value::Array(values) => Ok(values.iter().collect()),
        Value::Map(map) => Ok(map.entries().iter().map(|(key, _)| key).collect()),
        _ => Err(Failure::Null),
    }
}

/// An element that decides wins over those that fail and those for which the answer is NULL, as with `&&` and `||`.
fn quantify(of: &Quantify, view: View<'_>) -> Result<Value, Failure> {
    let range = evaluate(&of.range, view)?;
    if range.is_null() {
        return Ok(Value::Null);
    }
    let (mut failed, mut is_unknown, mut found) = (None, false, 0_usize);
    for element in elements(&range)? {
        let local = Local { value: element, outer: view.locals };
        let answer = evaluate(&of.predicate, View { locals: Some(&local), ..view });
        match (answer.as_deref(), of.how_many) {
            (Ok(Value::Boolean(true)), Quantifier::Any) => return Ok(Value::Boolean(true)),
            (Ok(Value::Boolean(false)), Quantifier::All) => return Ok(Value::Boolean(false)),
            (Ok(Value::Boolean(truth)), _) => found += usize::from(*truth),
            (Ok(_), _) => is_unknown = true,
            (Err(Failure::TooCostly), _) => return Err(Failure::TooCostly),
            (Err(failure), _) => failed = Some(failure.clone()),
        }
    }
    match (failed, of.how_many) {
        (Some(failure), _) => Err(failure),
        (None, Quantifier::One) => Ok(Value::Boolean(found == 1)),
        (None, _) if is_unknown => Ok(Value::Null),
        (None, how_many) => Ok(Value::Boolean(how_many == Quantifier::All)),
    }
}

fn collect(of: &Collect, view: View<'_>) -> Result<Value, Failure> {
    let range = evaluate(&of.range, view)?;
    if range.is_null() {
        return Ok(Value::Null);
    }
    let mut values = Vec::new();
    for element in elements(&range)? {
        let local = Local { value: element, outer: view.locals };
        let inner = View { locals: Some(&local), ..view };
        let is_wanted = match &of.guard {
            Some(guard) => matches!(&*evaluate(guard, inner)?, Value::Boolean(true)),
            None => true,
        };
        if is_wanted {
            values.push(taken(&of.item, inner)?);
        }
    }
    Ok(Value::Array(values.into()))
}
