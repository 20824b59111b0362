//! A transformed row becomes one that can be sent, or is refused with its field.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::refused::{RefusedRow, shown};
use super::rules::{Broken, Rules};
use crate::domain::suite::pipeline::Severity;
use crate::domain::suite::types::Schema;
use crate::verify::mysql::batch;
use crate::verify::mysql::cell::to_value;
use crate::verify::record::Stage;
use crate::verify::row::{Row, Value};
use crate::verify::transform::Numbered;
use crate::verify::types::MappedColumn;

/// A row as it is sent.
pub(super) struct Encoded {
    pub(super) number: u64,
    pub(super) row: batch::Row,
    /// About what it takes in memory.
    pub(super) bytes: usize,
    /// Rows with the same key have the same one.
    pub(super) route: u64,
}

/// Asks the rules, then the columns. Rules that only warn are given to `warned`.
pub(super) fn judge(
    row: &Numbered,
    schema: &Schema,
    rules: &Rules,
    columns: &[MappedColumn],
    mut warned: impl FnMut(RefusedRow),
) -> Result<Encoded, Box<RefusedRow>> {
    let key = key_text(schema, row);
    let keyed = |refused: RefusedRow| RefusedRow { key: Some(key.clone()), ..refused };
    for broken in rules.broken_by(&row.row) {
        let refused = keyed(of_rule(row.number, &broken));
        match broken.severity {
            Severity::Warning => warned(refused),
            Severity::Error => return Err(Box::new(refused)),
        }
    }
    let mut values = Vec::with_capacity(columns.len());
    for (column, value) in columns.iter().zip(row.row.values()) {
        let cell = column.encode(value).map_err(|error| {
            let refused = RefusedRow::new(row.number, Stage::Encode, error.to_string());
            let (field, value) = (Some(column.name().to_owned()), Some(shown(value)));
            Box::new(keyed(RefusedRow { field, value, ..refused }))
        })?;
        values.push(to_value(&cell));
    }
    let route = route(schema, row);
    Ok(Encoded {
        number: row.number,
        bytes: row.row.bytes() + key.len(),
        row: batch::Row { key, values },
        route,
    })
}

fn of_rule(number: u64, broken: &Broken<'_>) -> RefusedRow {
    RefusedRow {
        field: Some(broken.field.to_owned()),
        value: Some(shown(broken.value)),
        rule: Some(broken.rule.to_owned()),
        ..RefusedRow::new(number, Stage::Rule, broken.to_string())
    }
}

fn key_values<'a>(schema: &'a Schema, row: &'a Row) -> impl Iterator<Item = (&'a str, &'a Value)> {
    schema
        .key()
        .iter()
        .filter_map(|place| Some((schema.fields().get(*place)?.name.as_str(), row.get(*place)?)))
}

/// How people find the row: `id=7, region=eu`, or its number in the source when it has no key.
fn key_text(schema: &Schema, row: &Numbered) -> String {
    if schema.key().is_empty() {
        return format!("row {}", row.number);
    }
    let mut text = String::new();
    for (name, value) in key_values(schema, &row.row) {
        let comma = if text.is_empty() { "" } else { ", " };
        text.push_str(&format!("{comma}{name}={}", shown(value)));
    }
    text
}

/// Rows with the same key take the same way, so that the later one stays the later one. A text counts without case and
/// without the blanks at its end: common collations take such keys for one.
fn route(schema: &Schema, row: &Numbered) -> u64 {
    if schema.key().is_empty() {
        return row.number;
    }
    let mut hasher = DefaultHasher::new();
    for (_, value) in key_values(schema, &row.row) {
        match value {
            Value::Text(text) => text.trim_end_matches(' ').to_lowercase().hash(&mut hasher),
            other => other.canonical().hash(&mut hasher),
        }
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_a_collation_takes_for_one_take_one_way() {
        let field = |name: &str, kind: &str| crate::domain::suite::types::RowField {
            name: name.to_owned(),
            value: kind.parse().unwrap(),
        };
        let fields = vec![field("id", "STRING NOT NULL"), field("n", "INT")];
        let schema = Schema::new(fields, &["id".to_owned()]).unwrap();
        let row =
            |id: &str, n| Numbered { number: 1, row: Row::from(vec![Value::text(id), Value::Integer(n)]) };
        assert_eq!(route(&schema, &row("Ab ", 1)), route(&schema, &row("aB", 2)));
        assert_ne!(route(&schema, &row("a", 1)), route(&schema, &row("b", 1)));
        assert_eq!(key_text(&schema, &row("a", 1)), "id=a");
    }
}
