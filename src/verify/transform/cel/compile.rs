//! From the parsed form of an expression to one whose types are known.

use cel::common::ast::{CallExpr, EntryExpr, Expr, IdedExpr, ListExpr, LiteralValue, MapExpr, operators};
use compact_str::CompactString;

use super::call;
use super::error::ExpressionError;
use super::kind::{Kind, decimal_of};
use super::loops;
use super::node::{Comparison, Node, Operator, Widening};
use super::operators as ours;
use crate::domain::suite::expression::Cel;
use crate::domain::suite::types::{FlinkKind, RowField};
use crate::verify::row::{Decimal, Value};

/// An expression over the fields of a row, ready to be evaluated.
#[derive(Debug, Clone)]
pub struct Expression {
    typed: Typed,
}

/// A part of it with its type.
#[derive(Debug, Clone)]
pub(super) struct Typed {
    pub(super) node: Node,
    pub(super) kind: Kind,
    /// A number with a point that stands there: a DOUBLE, or a DECIMAL where one is needed.
    pub(super) literal: Option<Decimal>,
}

/// What names stand for.
pub(super) struct Names<'a> {
    fields: &'a [RowField],
    local: Option<(&'a str, &'a Kind)>,
    outer: Option<&'a Names<'a>>,
    depth: usize,
}

impl Expression {
    /// Steps that an evaluation may take; an operation is one, 64 copied bytes are one.
    pub const MOST_STEPS: u64 = 1_000_000;
    /// Operations one in another: each is a call of a call.
    pub const DEEPEST: usize = 100;

    /// Finds out the type of an expression over these fields.
    ///
    /// # Errors
    /// [`ExpressionError`]
    pub fn new(cel: &Cel, fields: &[RowField]) -> Result<Self, ExpressionError> {
        let names = Names { fields, local: None, outer: None, depth: 0 };
        compile(cel.program().expression(), &names).map(|typed| Self { typed })
    }

    /// The type of its values; `None` when they are always NULL, or an empty list.
    pub fn kind(&self) -> Option<&FlinkKind> {
        match &self.typed.kind {
            Kind::Of(kind) => Some(kind),
            Kind::Null | Kind::EmptyList => None,
        }
    }

    /// The same expression for a field of this type: a number with a point that stands there alone is a DECIMAL then.
    #[must_use]
    pub fn for_field(self, declared: &FlinkKind) -> Self {
        match (&self.typed.literal, declared) {
            (Some(number), FlinkKind::Decimal { .. }) => Self { typed: Typed::decimal(number.clone()) },
            _ => self,
        }
    }

    pub(super) fn node(&self) -> &Node {
        &self.typed.node
    }
}

impl Typed {
    pub(super) fn new(node: Node, kind: Kind) -> Self {
        Self { node, kind, literal: None }
    }

    /// A number with a point, as it is written.
    pub(super) fn number(number: Decimal) -> Self {
        let double = number.as_str().parse().unwrap_or(f64::NAN);
        let typed = Self::new(Node::Literal(Value::Double(double)), Kind::Of(FlinkKind::Double));
        Self { literal: Some(number), ..typed }
    }

    fn decimal(number: Decimal) -> Self {
        let kind = decimal_of(&number);
        Self::new(Node::Literal(Value::Decimal(number)), Kind::Of(kind))
    }

    /// As it is beside another operand: a literal number is exact beside what is exact.
    pub(super) fn beside(&self, other: &Self) -> Self {
        let is_exact = other.literal.is_none() && super::kind::digits(other.kind.domain()).is_some();
        match &self.literal {
            Some(number) if is_exact => Self::decimal(number.clone()),
            _ => self.clone(),
        }
    }

    pub(super) fn widen(self, widening: Widening) -> Self {
        let kind = match (&self.kind, widening) {
            (_, Widening::Double) => Kind::Of(FlinkKind::Double),
            (_, Widening::Decimal) => {
                let (precision, scale) = super::kind::WHOLE;
                Kind::Of(FlinkKind::Decimal { precision, scale })
            }
        };
        Self::new(Node::Widen(widening, Box::new(self.node)), kind)
    }

    /// A FLOAT takes part in arithmetic as the DOUBLE that it equals.
    pub(super) fn widen_floats(self) -> Self {
        if self.kind == Kind::Of(FlinkKind::Float) { self.widen(Widening::Double) } else { self }
    }
}

impl<'a> Names<'a> {
    /// With one more variable.
    pub(super) fn with(&'a self, name: &'a str, kind: &'a Kind) -> Names<'a> {
        Names { fields: self.fields, local: Some((name, kind)), outer: Some(self), depth: self.depth }
    }

    fn deeper(&self) -> Result<Names<'_>, ExpressionError> {
        if self.depth >= Expression::DEEPEST {
            return Err(ExpressionError::TooDeep);
        }
        Ok(Names { fields: self.fields, local: self.local, outer: self.outer, depth: self.depth + 1 })
    }

    fn find(&self, name: &str) -> Result<Typed, ExpressionError> {
        let (mut names, mut depth) = (Some(self), 0);
        while let Some(Names { local: Some((local, kind)), outer, .. }) = names {
            if *local == name {
                return Ok(Typed::new(Node::Local(depth), (*kind).clone()));
            }
            (names, depth) = (*outer, depth + 1);
        }
        let found = self.fields.iter().enumerate().find(|(_, field)| field.name == name);
        let Some((place, field)) = found else {
            let known = self.fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>().join(", ");
            return Err(ExpressionError::UnknownName { name: name.to_owned(), known });
        };
        Ok(Typed::new(Node::Field(place), Kind::Of(field.value.kind.clone())))
    }
}

pub(super) fn compile(of: &IdedExpr, names: &Names<'_>) -> Result<Typed, ExpressionError> {
    let names = &names.deeper()?;
    match &of.expr {
        Expr::Literal(value) => literal(value),
        Expr::Ident(name) => names.find(name),
        Expr::Call(call) => operation(call, names),
        Expr::Comprehension(of) => loops::comprehension(of, names),
        Expr::List(of) => list(of, names),
        Expr::Map(of) => map(of, names),
        Expr::Select(of) => {
            let found = member(compile(&of.operand, names)?, &of.field, of.test)?;
            Ok(found)
        }
        Expr::Struct(_) => Err(ExpressionError::Unsupported { what: "a message in braces" }),
        Expr::Unspecified => Err(ExpressionError::Unsupported { what: "an empty part" }),
    }
}

fn literal(value: &LiteralValue) -> Result<Typed, ExpressionError> {
    let of = |value, kind| Ok(Typed::new(Node::Literal(value), Kind::Of(kind)));
    match value {
        LiteralValue::Boolean(truth) => of(Value::Boolean(*truth.inner()), FlinkKind::Boolean),
        LiteralValue::Int(number) => of(Value::Integer(*number.inner()), FlinkKind::BigInt),
        // The shortest text of a float is the number that was written, up to 15 digits.
        LiteralValue::Double(number) => match Decimal::parse(&number.inner().to_string()) {
            Some(exact) => Ok(Typed::number(exact)),
            None => of(Value::Double(*number.inner()), FlinkKind::Double),
        },
        LiteralValue::String(text) => of(Value::Text(CompactString::from(text.inner())), FlinkKind::STRING),
        LiteralValue::Bytes(bytes) => of(Value::Bytes(bytes.inner().into()), FlinkKind::BYTES),
        LiteralValue::Null => Ok(Typed::new(Node::Literal(Value::Null), Kind::Null)),
        LiteralValue::UInt(_) => Err(ExpressionError::Unsupported { what: "an unsigned number (`1u`)" }),
    }
}

fn operation(of: &CallExpr, names: &Names<'_>) -> Result<Typed, ExpressionError> {
    let name = of.func_name.as_str();
    if let Some(target) = &of.target {
        let receiver = compile(target, names)?;
        let others = of.args.iter().map(|argument| compile(argument, names));
        let arguments: Result<Vec<_>, _> = std::iter::once(Ok(receiver)).chain(others).collect();
        return call::typed(name, arguments?, true);
    }
    if let (operators::IN, [needle, IdedExpr { expr: Expr::List(list), .. }]) = (name, of.args.as_slice()) {
        return among(needle, list, names);
    }
    let arguments: Result<Vec<_>, _> = of.args.iter().map(|argument| compile(argument, names)).collect();
    let mut arguments = arguments?;
    if let Some((sign, operator)) = arithmetic_of(name)
        && let (Some(two), Some(one)) = (arguments.pop(), arguments.pop())
    {
        return ours::arithmetic(sign, operator, &one, &two);
    }
    if let Some((sign, comparison)) = comparison_of(name)
        && let (Some(two), Some(one)) = (arguments.pop(), arguments.pop())
    {
        return ours::comparison(sign, comparison, &one, &two);
    }
    match (name, <[Typed; 2]>::try_from(arguments)) {
        (operators::EQUALS, Ok([one, two])) => ours::equality("==", &one, &two),
        (operators::NOT_EQUALS, Ok([one, two])) => ours::equality("!=", &one, &two),
        (operators::LOGICAL_AND, Ok([one, two])) => logical(one, two, Node::And),
        (operators::LOGICAL_OR, Ok([one, two])) => logical(one, two, Node::Or),
        (operators::IN, Ok([one, two])) => ours::within(&one, &two),
        (operators::INDEX, Ok([of, index])) => place(of, index),
        (operators::OPT_INDEX | operators::OPT_SELECT, Ok(_)) => {
            Err(ExpressionError::Unsupported { what: "an optional value" })
        }
        (name, Ok(arguments)) => call::typed(name, arguments.into(), false),
        (name, Err(arguments)) => with_other_arity(name, arguments),
    }
}

fn with_other_arity(name: &str, arguments: Vec<Typed>) -> Result<Typed, ExpressionError> {
    match (name, <[Typed; 1]>::try_from(arguments)) {
        (operators::LOGICAL_NOT, Ok([of])) => {
            let part = "what stands behind `!`";
            Ok(Typed::new(Node::Not(Box::new(truth(part, of)?)), Kind::Of(FlinkKind::Boolean)))
        }
        (operators::NEGATE, Ok([of])) => ours::negation(of),
        (name, Ok(arguments)) => call::typed(name, arguments.into(), false),
        (name, Err(arguments)) => match <[Typed; 3]>::try_from(arguments) {
            Ok([condition, yes, no]) if name == operators::CONDITIONAL => choice(condition, &yes, &no),
            Ok(arguments) => call::typed(name, arguments.into(), false),
            Err(arguments) => call::typed(name, arguments, false),
        },
    }
}

fn arithmetic_of(name: &str) -> Option<(&'static str, Operator)> {
    match name {
        operators::ADD => Some(("+", Operator::Add)),
        operators::SUBSTRACT => Some(("-", Operator::Subtract)),
        operators::MULTIPLY => Some(("*", Operator::Multiply)),
        operators::DIVIDE => Some(("/", Operator::Divide)),
        operators::MODULO => Some(("%", Operator::Remainder)),
        _ => None,
    }
}

fn comparison_of(name: &str) -> Option<(&'static str, Comparison)> {
    match name {
        operators::LESS => Some(("<", Comparison::Less)),
        operators::LESS_EQUALS => Some(("<=", Comparison::AtMost)),
        operators::GREATER => Some((">", Comparison::Greater)),
        operators::GREATER_EQUALS => Some((">=", Comparison::AtLeast)),
        _ => None,
    }
}

fn truth(part: &'static str, of: Typed) -> Result<Node, ExpressionError> {
    if of.kind.is_boolean() {
        return Ok(of.node);
    }
    Err(ExpressionError::Wanted { part, found: of.kind.to_string(), wanted: "true or false" })
}

fn logical(one: Typed, two: Typed, made: fn(Box<Node>, Box<Node>) -> Node) -> Result<Typed, ExpressionError> {
    let part = "an operand of `&&` or `||`";
    let node = made(Box::new(truth(part, one)?), Box::new(truth(part, two)?));
    Ok(Typed::new(node, Kind::Of(FlinkKind::Boolean)))
}

fn choice(condition: Typed, yes: &Typed, no: &Typed) -> Result<Typed, ExpressionError> {
    let condition = truth("what stands before `?`", condition)?;
    let (yes, no) = common(yes, no).map_err(|(yes, no)| {
        ExpressionError::operands("? :", &yes, &no, "convert one, so that both have one type")
    })?;
    let kind = yes.kind.unite(&no.kind).unwrap_or(Kind::Null);
    Ok(Typed::new(Node::If(Box::new([condition, yes.node, no.node])), kind))
}

/// Both in one type, if there is one.
fn common(one: &Typed, two: &Typed) -> Result<(Typed, Typed), (Kind, Kind)> {
    let (one, two) = (one.beside(two), two.beside(one));
    let Some(kind) = one.kind.unite(&two.kind) else { return Err((one.kind, two.kind)) };
    let as_united = |of: Typed| match &kind {
        Kind::Of(FlinkKind::Decimal { .. }) if of.kind.is_integer() && of.kind != Kind::Null => {
            of.widen(Widening::Decimal)
        }
        Kind::Of(FlinkKind::Double) => of.widen_floats(),
        _ => of,
    };
    Ok((as_united(one), as_united(two)))
}

/// `a in [b, c]` is `a == b || a == c`, and each is compared as it would be there.
fn among(needle: &IdedExpr, list: &ListExpr, names: &Names<'_>) -> Result<Typed, ExpressionError> {
    let needle = compile(needle, names)?;
    let mut all = Node::Literal(Value::Boolean(false));
    for element in &list.elements {
        let is_it = ours::equality("in", &needle, &compile(element, names)?)?;
        all = Node::Or(Box::new(all), Box::new(is_it.node));
    }
    Ok(Typed::new(all, Kind::Of(FlinkKind::Boolean)))
}

fn list(of: &ListExpr, names: &Names<'_>) -> Result<Typed, ExpressionError> {
    let elements: Result<Vec<_>, _> = of.elements.iter().map(|element| compile(element, names)).collect();
    let (nodes, kind) = united(elements?)?;
    let kind = match kind {
        None => Kind::EmptyList,
        Some(kind) => Kind::Of(FlinkKind::Array(Box::new(kind.nullable()))),
    };
    Ok(Typed::new(Node::List(nodes), kind))
}

fn map(of: &MapExpr, names: &Names<'_>) -> Result<Typed, ExpressionError> {
    let (mut keys, mut values) = (Vec::new(), Vec::new());
    for entry in &of.entries {
        let EntryExpr::MapEntry(entry) = &entry.expr else {
            return Err(ExpressionError::Unsupported { what: "a message in braces" });
        };
        keys.push(compile(&entry.key, names)?);
        values.push(compile(&entry.value, names)?);
    }
    let ((keys, key), (values, value)) = (united(keys)?, united(values)?);
    let (Some(key), Some(value)) = (key, value) else {
        return Err(ExpressionError::Unsupported { what: "a map without a value" });
    };
    let kind = FlinkKind::Map(Box::new(key.not_null()), Box::new(value.nullable()));
    Ok(Typed::new(Node::Map(keys.into_iter().zip(values).collect()), Kind::Of(kind)))
}

/// All in the type that holds the values of each; `None` when there is no value.
fn united(all: Vec<Typed>) -> Result<(Vec<Node>, Option<FlinkKind>), ExpressionError> {
    let mut kind = Kind::Null;
    let is_exact =
        all.iter().any(|of| of.literal.is_none() && matches!(of.kind, Kind::Of(FlinkKind::Decimal { .. })));
    let exact = |of: Typed| match of.literal {
        Some(number) if is_exact => Typed::decimal(number),
        _ => of,
    };
    let all: Vec<Typed> = all.into_iter().map(exact).collect();
    for of in &all {
        kind = kind.unite(&of.kind).ok_or_else(|| {
            ExpressionError::operands(",", &kind, &of.kind, "the values of a list or a map have one type")
        })?;
    }
    let nodes = all.into_iter().map(|of| match &kind {
        Kind::Of(FlinkKind::Decimal { .. }) if of.kind.is_integer() && of.kind != Kind::Null => {
            of.widen(Widening::Decimal).node
        }
        Kind::Of(FlinkKind::Double) => of.widen_floats().node,
        _ => of.node,
    });
    let kind = match &kind {
        Kind::Of(kind) => Some(kind.clone()),
        Kind::Null | Kind::EmptyList => None,
    };
    Ok((nodes.collect(), kind))
}

fn member(of: Typed, name: &str, test: bool) -> Result<Typed, ExpressionError> {
    let found = match &of.kind {
        Kind::Of(FlinkKind::Row(fields)) => {
            let found = fields.iter().enumerate().find(|(_, field)| field.name == name);
            let Some((place, field)) = found else {
                let declared = FlinkKind::Row(fields.clone());
                return Err(ExpressionError::NoMember { declared, member: name.to_owned() });
            };
            Typed::new(Node::Member(Box::new(of.node), place), Kind::Of(field.value.kind.clone()))
        }
        Kind::Of(FlinkKind::Map(..)) => {
            let key = Typed::new(Node::Literal(Value::text(name)), Kind::Of(FlinkKind::STRING));
            return if test { ours::within(&key, &of) } else { place(of, key) };
        }
        other => {
            let part = "what stands before `.`";
            return Err(ExpressionError::Wanted { part, found: other.to_string(), wanted: "a ROW or a MAP" });
        }
    };
    if test {
        return Ok(Typed::new(Node::IsThere(Box::new(found.node)), Kind::Of(FlinkKind::Boolean)));
    }
    Ok(found)
}

/// `list[0]`, `map[key]`
fn place(of: Typed, index: Typed) -> Result<Typed, ExpressionError> {
    let (node, at) = (Box::new(of.node), Box::new(index.node));
    match &of.kind {
        Kind::Of(FlinkKind::Array(element)) if index.kind.is_integer() => {
            Ok(Typed::new(Node::Place(node, at), Kind::Of(element.kind.clone())))
        }
        Kind::Of(FlinkKind::Map(key, value))
            if Kind::Of(key.kind.clone()).domain() == index.kind.domain() && index.literal.is_none() =>
        {
            Ok(Typed::new(Node::Entry(node, at), Kind::Of(value.kind.clone())))
        }
        other => Err(ExpressionError::operands(
            "[ ]",
            other,
            &index.kind,
            "a list takes a whole number, a map its key",
        )),
    }
}
