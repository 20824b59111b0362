//! The columns of a whole schema.

use super::{Cell, Codec, Reason, Unstorable, column_for};
use crate::domain::suite::types::{ColumnType, FlinkType, RowField, Schema};
use crate::verify::row::Value;

/// A field with the column that holds it; the column has the field's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappedColumn {
    name: String,
    codec: Codec,
}

/// A field whose type no column, or not the declared one, holds (Property 6).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("field `{field}` has type {declared}: {reason}")]
pub struct Refusal {
    /// The field's name.
    pub field: String,
    /// Its type.
    pub declared: FlinkType,
    /// Why, and what to declare instead.
    pub reason: Reason,
}

/// A value that the column would change, so that the row is refused (Property 14).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("field `{field}` of type {declared} does not fit into column {column}: {reason}")]
pub struct RefusedValue {
    /// The field's name.
    pub field: String,
    /// Its type.
    pub declared: FlinkType,
    /// The column's type.
    pub column: ColumnType,
    /// Why, and what to do.
    pub reason: Unstorable,
}

impl MappedColumn {
    /// The column that we choose for a field (`columns` omitted), or the declared one.
    ///
    /// # Errors
    /// [`Refusal`]
    pub fn new(field: &RowField, in_key: bool, declared: Option<&ColumnType>) -> Result<Self, Refusal> {
        let chosen = declared.cloned().map_or_else(|| column_for(&field.value.kind, in_key), Ok);
        let codec = chosen.and_then(|column| Codec::new(&field.value, &column));
        match codec {
            Ok(codec) => Ok(Self { name: field.name.clone(), codec }),
            Err(reason) => Err(Refusal { field: field.name.clone(), declared: field.value.clone(), reason }),
        }
    }

    /// The name of the field and of the column.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How values travel.
    pub fn codec(&self) -> &Codec {
        &self.codec
    }

    /// The value as a statement takes it.
    ///
    /// # Errors
    /// [`RefusedValue`]
    pub fn encode<'a>(&self, value: &'a Value) -> Result<Cell<'a>, RefusedValue> {
        self.codec.encode(value).map_err(|reason| RefusedValue {
            field: self.name.clone(),
            declared: self.codec.declared().clone(),
            column: self.codec.column().clone(),
            reason,
        })
    }
}

/// The columns for all fields of a schema, in their order (Property 7); those that are declared by name are taken as
/// they are.
///
/// # Errors
/// Every field that cannot be mapped, in the order of the fields.
pub fn map_schema(
    schema: &Schema,
    declared: &[(String, ColumnType)],
) -> Result<Vec<MappedColumn>, Vec<Refusal>> {
    let (mut columns, mut refusals) = (Vec::new(), Vec::new());
    for (place, field) in schema.fields().iter().enumerate() {
        let column = declared.iter().find(|(name, _)| *name == field.name).map(|(_, column)| column);
        match MappedColumn::new(field, schema.key().contains(&place), column) {
            Ok(column) => columns.push(column),
            Err(refusal) => refusals.push(refusal),
        }
    }
    if refusals.is_empty() { Ok(columns) } else { Err(refusals) }
}
