//! Reads `table`.

use super::scalar::{identifier, identifiers, maybe, sql_type};
use super::source::one_way;
use crate::domain::suite::identifier::Identifier;
use crate::domain::suite::table::{Column, Constraint, ConstraintRule, Index, Table};
use crate::manifest::decode;
use crate::manifest::object::{Field, Object};
use crate::manifest::report::Report;

/// Reads the block; the table of a scenario of this name when it has none.
pub(super) fn read(field: Option<Field>, usual: &str, report: &mut Report<'_>) -> Option<Table> {
    let usual = Table {
        name: Identifier::near(usual),
        create: true,
        columns: Vec::new(),
        constraints: Vec::new(),
        indexes: Vec::new(),
    };
    let Some(field) = field else { return Some(usual) };
    let mut object = Object::open(field, "table", report)?;
    let name = maybe(object.optional("name"), |field| identifier(field, report));
    let create = maybe(object.optional("create"), |field| decode::flag(&field, report));
    let columns = each(object.optional("columns"), report, column);
    let constraints = each(object.optional("constraints"), report, constraint);
    let indexes = each(object.optional("indexes"), report, index);
    object.finish(report);
    Some(Table {
        name: name?.unwrap_or(usual.name),
        create: create?.unwrap_or(usual.create),
        columns: columns?,
        constraints: constraints?,
        indexes: indexes?,
    })
}

/// The items of a list that may be missing or empty.
pub(super) fn each<T>(
    field: Option<Field>,
    report: &mut Report<'_>,
    mut read: impl FnMut(Field, &mut Report<'_>) -> Option<T>,
) -> Option<Vec<T>> {
    let Some(field) = field else { return Some(Vec::new()) };
    let items: Vec<Option<T>> =
        decode::list(field, report)?.into_iter().map(|item| read(item, report)).collect();
    items.into_iter().collect()
}

fn column(field: Field, report: &mut Report<'_>) -> Option<Column> {
    let mut object = Object::open(field, "a column of `table`", report)?;
    let name = object.required("name", report).and_then(|field| identifier(field, report));
    let kind = object.required("type", report).and_then(|field| sql_type(field, report));
    let nullable = maybe(object.optional("nullable"), |field| decode::flag(&field, report));
    object.finish(report);
    Some(Column { name: name?, kind: kind?, nullable: nullable?.unwrap_or(true) })
}

fn constraint(field: Field, report: &mut Report<'_>) -> Option<Constraint> {
    let mark = field.node.mark;
    let mut object = Object::open(field, "a constraint of `table`", report)?;
    let name = maybe(object.optional("name"), |field| identifier(field, report));
    let unique =
        object.optional("unique").map(|field| identifiers(field, report).map(ConstraintRule::Unique));
    let check = object.optional("check").map(|field| decode::line(field, report).map(ConstraintRule::Check));
    let is_told = object.has_unknown();
    object.finish(report);
    let given: Vec<_> = [unique, check].into_iter().flatten().collect();
    let rule = one_way(given, is_told, mark, "what the constraint asks for", "`unique` and `check`", report);
    Some(Constraint { name: name?, rule: rule?? })
}

fn index(field: Field, report: &mut Report<'_>) -> Option<Index> {
    let mut object = Object::open(field, "an index of `table`", report)?;
    let name = maybe(object.optional("name"), |field| identifier(field, report));
    let columns = object.required("columns", report).and_then(|field| identifiers(field, report));
    object.finish(report);
    Some(Index { name: name?, columns: columns? })
}
