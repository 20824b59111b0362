//! The fields of a row and which of them identify it.

use super::flink::{FlinkType, RowField};

/// The fields of a row in their order, and the primary key (design.md 3.3, `schema`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    fields: Vec<RowField>,
    key: Vec<usize>,
}

/// Why fields and key are no schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// A row without fields.
    #[error("a schema needs at least one field")]
    Empty,
    /// Two fields with one name; columns do not tell case apart.
    #[error("field `{name}` is there twice; columns do not tell upper from lower case")]
    DuplicateField {
        /// The second of the names.
        name: String,
    },
    /// The key names a field that is not there.
    #[error("the primary key names `{name}`, which is no field")]
    UnknownKey {
        /// The name.
        name: String,
    },
    /// The key names a field twice.
    #[error("the primary key names `{name}` twice")]
    DuplicateKey {
        /// The name.
        name: String,
    },
    /// A key that may be NULL identifies nothing.
    #[error("field `{name}` is in the primary key and may be NULL: write `{kind} NOT NULL`")]
    NullableKey {
        /// The name.
        name: String,
        /// Its type.
        kind: String,
    },
    /// A key that no index can hold.
    #[error("field `{name}` is in the primary key and has type {kind}, which cannot be indexed")]
    NestedKey {
        /// The name.
        name: String,
        /// Its type.
        kind: String,
    },
}

impl Schema {
    /// These fields, identified by the named ones; no name is a schema without a key.
    ///
    /// # Errors
    /// [`SchemaError`]
    pub fn new(fields: Vec<RowField>, primary_key: &[String]) -> Result<Self, SchemaError> {
        if fields.is_empty() {
            return Err(SchemaError::Empty);
        }
        for (index, field) in fields.iter().enumerate() {
            let folded = field.name.to_lowercase();
            if fields.iter().take(index).any(|earlier| earlier.name.to_lowercase() == folded) {
                return Err(SchemaError::DuplicateField { name: field.name.clone() });
            }
        }
        let mut key = Vec::new();
        for name in primary_key {
            let found = fields.iter().enumerate().find(|(_, field)| field.name == *name);
            let Some((index, field)) = found else {
                return Err(SchemaError::UnknownKey { name: name.clone() });
            };
            let (name, kind) = (name.clone(), field.value.kind.to_string());
            if key.contains(&index) {
                return Err(SchemaError::DuplicateKey { name });
            }
            if field.value.kind.is_nested() {
                return Err(SchemaError::NestedKey { name, kind });
            }
            if field.value.nullable {
                return Err(SchemaError::NullableKey { name, kind });
            }
            key.push(index);
        }
        Ok(Self { fields, key })
    }

    /// The fields in their order.
    pub fn fields(&self) -> &[RowField] {
        &self.fields
    }

    /// The places of the key's fields, in the key's order; empty without a key.
    pub fn key(&self) -> &[usize] {
        &self.key
    }

    /// The place and the type of a field.
    pub fn field(&self, name: &str) -> Option<(usize, &FlinkType)> {
        self.fields
            .iter()
            .enumerate()
            .find(|(_, field)| field.name == name)
            .map(|(index, field)| (index, &field.value))
    }
}
