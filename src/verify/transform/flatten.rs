//! `flatten`: the members of a ROW become fields of their own (Property 31).

use super::error::TransformError;
use crate::domain::suite::types::{FlinkKind, FlinkType, RowField, Schema};
use crate::verify::row::{Row, Value};

/// One field is replaced by its members, in its place and in their order.
#[derive(Debug)]
pub(super) struct Flatten {
    place: usize,
    members: usize,
}

impl Flatten {
    /// The step, and the schema behind it.
    pub(super) fn new(field: &str, before: &Schema) -> Result<(Self, Schema), TransformError> {
        let Some((place, declared)) = before.field(field) else {
            let known =
                before.fields().iter().map(|field| field.name.as_str()).collect::<Vec<_>>().join(", ");
            return Err(TransformError::NoSuchField { field: field.to_owned(), known });
        };
        let FlinkKind::Row(members) = &declared.kind else {
            return Err(TransformError::NoMembers { field: field.to_owned(), declared: declared.clone() });
        };
        let fields = before.fields().iter().enumerate().flat_map(|(at, kept)| {
            if at == place {
                members.iter().map(|member| flat(field, declared, member)).collect()
            } else {
                vec![kept.clone()]
            }
        });
        let key: Vec<String> = key_names(before);
        let after = Schema::new(fields.collect(), &key).map_err(|problem| TransformError::Schema {
            transform: format!("transform `flatten: {field}`"),
            problem,
        })?;
        Ok((Self { place, members: members.len() }, after))
    }

    /// A NULL row becomes NULL members: SQL takes a row of NULLs for NULL.
    pub(super) fn apply(&self, row: Row) -> Row {
        let mut values = Vec::with_capacity(row.values().len() + self.members);
        for (at, value) in row.into_values().into_iter().enumerate() {
            match value {
                Value::Row(members) if at == self.place => values.extend(members.into_values()),
                _ if at == self.place => values.extend(vec![Value::Null; self.members]),
                value => values.push(value),
            }
        }
        Row::from(values)
    }
}

/// The names of the key's fields.
pub(super) fn key_names(schema: &Schema) -> Vec<String> {
    let name = |place: &usize| schema.fields().get(*place).map(|field| field.name.clone());
    schema.key().iter().filter_map(name).collect()
}

fn flat(field: &str, declared: &FlinkType, member: &RowField) -> RowField {
    let nullable = member.value.nullable || declared.nullable;
    RowField {
        name: format!("{field}_{}", member.name),
        value: FlinkType { kind: member.value.kind.clone(), nullable },
    }
}
