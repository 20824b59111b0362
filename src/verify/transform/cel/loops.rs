//! The macros over lists and maps: `exists`, `all`, `exists_one`, `map`, `filter`.
//!
//! The parser has expanded them into loops with an accumulator. There are no others, so each is known by its shape, and
//! the accumulator is ours.

use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, LiteralValue, operators};

use super::compile::{Names, Typed, compile};
use super::error::ExpressionError;
use super::kind::Kind;
use super::node::{Collect, Node, Quantifier, Quantify};
use crate::domain::suite::types::FlinkKind;

pub(super) fn comprehension(of: &ComprehensionExpr, names: &Names<'_>) -> Result<Typed, ExpressionError> {
    let range = compile(&of.iter_range, names)?;
    let element = match &range.kind {
        Kind::Of(FlinkKind::Array(element)) => Kind::Of(element.kind.clone()),
        Kind::Of(FlinkKind::Map(key, _)) => Kind::Of(key.kind.clone()),
        Kind::EmptyList | Kind::Null => Kind::Null,
        other @ Kind::Of(_) => {
            let (part, wanted) = ("what a macro goes over", "a list or a map");
            return Err(ExpressionError::Wanted { part, found: other.to_string(), wanted });
        }
    };
    let inner = names.with(&of.iter_var, &element);
    let unknown = ExpressionError::Unsupported { what: "a loop of this form" };
    let Expr::Call(step) = &of.loop_step.expr else { return Err(unknown) };
    let quantify = |how_many, predicate: &IdedExpr| {
        let predicate = truth(predicate, &inner)?;
        let node = Node::Quantify(Box::new(Quantify { how_many, range: range.node.clone(), predicate }));
        Ok(Typed::new(node, Kind::Of(FlinkKind::Boolean)))
    };
    match (step.func_name.as_str(), step.args.as_slice()) {
        (operators::LOGICAL_OR, [_, predicate]) => quantify(Quantifier::Any, predicate),
        (operators::LOGICAL_AND, [_, predicate]) => quantify(Quantifier::All, predicate),
        (operators::CONDITIONAL, [predicate, _, _]) if counts(&of.accu_init) => {
            quantify(Quantifier::One, predicate)
        }
        (operators::CONDITIONAL, [guard, appending, _]) => {
            let guard = truth(guard, &inner)?;
            collect(range, Some(guard), item(appending).ok_or(unknown)?, &inner)
        }
        (operators::ADD, _) => collect(range, None, item_of(step).ok_or(unknown)?, &inner),
        _ => Err(unknown),
    }
}

fn truth(predicate: &IdedExpr, names: &Names<'_>) -> Result<Node, ExpressionError> {
    let predicate = compile(predicate, names)?;
    if predicate.kind.is_boolean() {
        return Ok(predicate.node);
    }
    let found = predicate.kind.to_string();
    Err(ExpressionError::Wanted { part: "the condition of a macro", found, wanted: "true or false" })
}

fn counts(start: &IdedExpr) -> bool {
    matches!(start.expr, Expr::Literal(LiteralValue::Int(_)))
}

/// `accumulator + [item]`
fn item(appending: &IdedExpr) -> Option<&IdedExpr> {
    match &appending.expr {
        Expr::Call(call) => item_of(call),
        _ => None,
    }
}

fn item_of(call: &CallExpr) -> Option<&IdedExpr> {
    match call.args.as_slice() {
        [_, IdedExpr { expr: Expr::List(list), .. }] => list.elements.first(),
        _ => None,
    }
}

fn collect(
    range: Typed,
    guard: Option<Node>,
    item: &IdedExpr,
    names: &Names<'_>,
) -> Result<Typed, ExpressionError> {
    let item = compile(item, names)?;
    let kind = match item.kind {
        Kind::Of(kind) => Kind::Of(FlinkKind::Array(Box::new(kind.nullable()))),
        Kind::Null | Kind::EmptyList => Kind::EmptyList,
    };
    Ok(Typed::new(Node::Collect(Box::new(Collect { range: range.node, guard, item: item.node })), kind))
}
