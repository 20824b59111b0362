//! Operators between values of two types.

use super::compile::Typed;
use super::error::ExpressionError;
use super::kind::{Domain, Kind, decimal, digits};
use super::node::{Comparison, Node, Operator, Widening};
use crate::domain::suite::types::{ColumnType, FlinkKind};

const CONVERT: &str = "convert one with int(), double(), decimal(x, precision, scale) or string()";
const EXACTNESS: &str =
    "a DECIMAL would lose digits as a float: convert one with double() or decimal(x, precision, scale)";

/// Two operands in one domain; a number with a point that stands there as a literal is exact beside exact numbers.
fn paired(sign: &'static str, one: &Typed, two: &Typed) -> Result<(Domain, Typed, Typed), ExpressionError> {
    let (one, two) = (one.beside(two), two.beside(one));
    let (left, right) = (one.kind.domain(), two.kind.domain());
    let refuse = |remedy| Err(ExpressionError::operands(sign, &one.kind, &two.kind, remedy));
    let is_exact = |domain| matches!(domain, Domain::Decimal { .. } | Domain::Integer);
    match (left, right) {
        (Domain::Decimal { .. }, Domain::Decimal { .. }) => Ok((left, one, two)),
        (Domain::Decimal { .. }, Domain::Integer) => Ok((left, one, two.widen(Widening::Decimal))),
        (Domain::Integer, Domain::Decimal { .. }) => Ok((right, one.widen(Widening::Decimal), two)),
        (Domain::Double, Domain::Double) => Ok((Domain::Double, one.widen_floats(), two.widen_floats())),
        (Domain::Null, other) | (other, Domain::Null) => Ok((other, one, two)),
        (left, right) if left == right => Ok((left, one, two)),
        (Domain::Double, other) | (other, Domain::Double) if is_exact(other) => refuse(EXACTNESS),
        _ => refuse(CONVERT),
    }
}

pub(super) fn arithmetic(
    sign: &'static str,
    operator: Operator,
    one: &Typed,
    two: &Typed,
) -> Result<Typed, ExpressionError> {
    if operator == Operator::Add
        && let Some(joined) = join(one, two)
    {
        return Ok(joined);
    }
    let (domain, one, two) = paired(sign, one, two)?;
    let kind = match (digits(one.kind.domain()), digits(two.kind.domain())) {
        // One side is NULL.
        _ if one.kind == Kind::Null || two.kind == Kind::Null => match domain {
            Domain::Integer | Domain::Double | Domain::Decimal { .. } | Domain::Null => {
                return Ok(Typed::new(
                    Node::Literal(crate::verify::row::Value::Null),
                    one.kind.unite(&two.kind).unwrap_or(Kind::Null),
                ));
            }
            _ => return Err(ExpressionError::operands(sign, &one.kind, &two.kind, CONVERT)),
        },
        (Some(left), Some(right)) => result(operator, left, right),
        _ => FlinkKind::Double,
    };
    let (left, right) = (Box::new(one.node), Box::new(two.node));
    match domain {
        Domain::Integer => Ok(Typed::new(Node::Whole(operator, left, right), Kind::Of(FlinkKind::BigInt))),
        Domain::Double => Ok(Typed::new(Node::Floating(operator, left, right), Kind::Of(FlinkKind::Double))),
        Domain::Decimal { .. } => {
            let scale = if let FlinkKind::Decimal { scale, .. } = kind { scale } else { 0 };
            Ok(Typed::new(Node::Exact(operator, scale, left, right), Kind::Of(kind)))
        }
        _ => Err(ExpressionError::operands(sign, &one.kind, &two.kind, CONVERT)),
    }
}

/// How many digits the result has, as in Flink SQL; a quotient has as many as a column may keep, so that what ends is
/// exact.
fn result(operator: Operator, (p1, s1): (u8, u8), (p2, s2): (u8, u8)) -> FlinkKind {
    let wide = u16::from;
    let (i1, i2, scale) = (wide(p1 - s1), wide(p2 - s2), wide(s1.max(s2)));
    match operator {
        Operator::Add | Operator::Subtract => decimal(i1.max(i2) + scale + 1, scale),
        Operator::Multiply => decimal(wide(p1) + wide(p2), wide(s1) + wide(s2)),
        Operator::Remainder => decimal(i1.min(i2) + scale, scale),
        Operator::Divide => decimal(wide(ColumnType::DIGITS), wide(ColumnType::FRACTION_DIGITS)),
    }
}

/// `+` of texts, bytes and lists.
fn join(one: &Typed, two: &Typed) -> Option<Typed> {
    let is_joined = |domain| match domain {
        Domain::Text | Domain::Bytes => true,
        Domain::Nested => {
            let is_list = |kind: &Kind| matches!(kind, Kind::EmptyList | Kind::Of(FlinkKind::Array(_)));
            is_list(&one.kind) && is_list(&two.kind)
        }
        _ => false,
    };
    let (left, right) = (one.kind.domain(), two.kind.domain());
    if left != right || !is_joined(left) {
        return None;
    }
    let kind = match left {
        Domain::Text => Kind::Of(FlinkKind::STRING),
        Domain::Bytes => Kind::Of(FlinkKind::BYTES),
        _ => one.kind.unite(&two.kind)?,
    };
    Some(Typed::new(Node::Join(Box::new(one.node.clone()), Box::new(two.node.clone())), kind))
}

pub(super) fn equality(sign: &'static str, one: &Typed, two: &Typed) -> Result<Typed, ExpressionError> {
    let (domain, one, two) = paired(sign, one, two)?;
    if domain == Domain::Nested && one.kind.unite(&two.kind).is_none() {
        return Err(ExpressionError::operands(sign, &one.kind, &two.kind, "they have different types"));
    }
    let node = Node::Equal(Box::new(one.node), Box::new(two.node));
    let node = if sign == "!=" { Node::Not(Box::new(node)) } else { node };
    Ok(Typed::new(node, Kind::Of(FlinkKind::Boolean)))
}

pub(super) fn comparison(
    sign: &'static str,
    comparison: Comparison,
    one: &Typed,
    two: &Typed,
) -> Result<Typed, ExpressionError> {
    let (domain, one, two) = paired(sign, one, two)?;
    if domain == Domain::Nested {
        return Err(ExpressionError::operands(
            sign,
            &one.kind,
            &two.kind,
            "lists, maps and rows have no order",
        ));
    }
    let node = Node::Compare(comparison, Box::new(one.node), Box::new(two.node));
    Ok(Typed::new(node, Kind::Of(FlinkKind::Boolean)))
}

/// `a in b`, where `b` is no list that stands there.
pub(super) fn within(one: &Typed, two: &Typed) -> Result<Typed, ExpressionError> {
    let element = match &two.kind {
        Kind::Of(FlinkKind::Array(element)) => Kind::Of(element.kind.clone()),
        Kind::Of(FlinkKind::Map(key, _)) => Kind::Of(key.kind.clone()),
        Kind::EmptyList | Kind::Null => Kind::Null,
        other @ Kind::Of(_) => {
            return Err(ExpressionError::operands("in", &one.kind, other, "it goes with a list or a map"));
        }
    };
    let stand_in = Typed::new(Node::Local(0), element);
    let (_, one, stand_in) = paired("in", one, &stand_in)?;
    let widening = match stand_in.node {
        Node::Widen(widening, _) => Some(widening),
        _ => None,
    };
    let node = Node::In(Box::new(one.node), Box::new(two.node.clone()), widening);
    Ok(Typed::new(node, Kind::Of(FlinkKind::Boolean)))
}

pub(super) fn negation(of: Typed) -> Result<Typed, ExpressionError> {
    if let Some(number) = &of.literal {
        return Ok(Typed::number(super::exact::negated(number).unwrap_or_else(|_| number.clone())));
    }
    let kind = match of.kind.domain() {
        Domain::Integer => Kind::Of(FlinkKind::BigInt),
        Domain::Double => Kind::Of(FlinkKind::Double),
        Domain::Decimal { .. } | Domain::Null => of.kind.clone(),
        _ => {
            let found = of.kind.to_string();
            return Err(ExpressionError::Wanted {
                part: "what stands behind `-`",
                found,
                wanted: "a number",
            });
        }
    };
    Ok(Typed::new(Node::Negate(Box::new(of.widen_floats().node)), kind))
}
