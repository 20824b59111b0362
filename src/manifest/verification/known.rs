//! Which fields a row has: what the schema, the transforms and the columns of a scenario say about each other.

use std::collections::BTreeSet;

use crate::domain::suite::identifier::Identifier;
use crate::domain::suite::pipeline::Transform;
use crate::domain::suite::source::Source;
use crate::domain::suite::table::{ConstraintRule, Table};
use crate::manifest::report::Report;
use crate::manifest::yaml::Mark;
use crate::manifest::{codes, suggest};

/// The names of the fields that a row has when it is written, if that can be told: what a generator without a schema, a
/// nested value and a program give shows when they run.
pub(super) fn fields(source: &Source, transforms: &[Transform]) -> Option<BTreeSet<String>> {
    let declared = source.schema()?.fields().iter().map(|field| field.name.clone());
    let mut known: BTreeSet<String> = declared.collect();
    for transform in transforms {
        match transform {
            Transform::Set { field, .. } => {
                known.insert(field.as_str().to_owned());
            }
            Transform::Flatten { .. } | Transform::Program { .. } => return None,
        }
    }
    Some(known)
}

/// Tells a name that is none of the known ones.
pub(super) fn check(
    name: &Identifier,
    known: &BTreeSet<String>,
    of: &str,
    mark: Mark,
    report: &mut Report<'_>,
) -> Option<()> {
    if known.contains(name.as_str()) {
        return Some(());
    }
    let help = suggest::help(name.as_str(), known.iter().map(String::as_str));
    report.error(codes::UNKNOWN_NAME, mark, format!("{of} has no `{name}`"), "not there", Some(help))
}

/// Constraints and indexes speak of columns that are there, and no column is there twice.
pub(super) fn table(
    table: &Table,
    fields: Option<&BTreeSet<String>>,
    mark: Mark,
    report: &mut Report<'_>,
) -> Option<()> {
    let mut columns = BTreeSet::new();
    for column in &table.columns {
        if !columns.insert(column.name.as_str().to_ascii_lowercase()) {
            let message =
                format!("column `{}` is there twice; columns do not tell upper from lower case", column.name);
            return report.error(codes::REPEATED_NAME, mark, message, "in this table", None);
        }
    }
    let declared: BTreeSet<String> =
        table.columns.iter().map(|column| column.name.as_str().to_owned()).collect();
    let Some(known) = (if declared.is_empty() { fields } else { Some(&declared) }) else { return Some(()) };
    let unique = table.constraints.iter().filter_map(|constraint| match &constraint.rule {
        ConstraintRule::Unique(columns) => Some(columns),
        ConstraintRule::Check(_) => None,
    });
    let mut named = unique.chain(table.indexes.iter().map(|index| &index.columns)).flatten();
    named.try_for_each(|name| check(name, known, "the table", mark, report))
}
