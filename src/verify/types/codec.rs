//! The way of one field's values into one column and back.

use std::borrow::Cow;

use super::json_text;
use super::{Cell, Fidelity, Reason, Undecodable, Unstorable, decode, encode, fidelity};
use crate::domain::suite::types::{ColumnType, FlinkKind, FlinkType};
use crate::verify::row::Value;

/// A field's type with the column that holds it.
///
/// What is encoded is decoded as an equal value ([`Codec::comparable`] of it, to be exact), whatever protocol is spoken, or
/// it is refused (Property 6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Codec {
    declared: FlinkType,
    column: ColumnType,
    fidelity: Fidelity,
}

impl Codec {
    /// The way from this type to this column.
    ///
    /// # Errors
    /// [`Reason`]: there is none.
    pub fn new(declared: &FlinkType, column: &ColumnType) -> Result<Self, Reason> {
        let fidelity = fidelity(&declared.kind, column)?;
        Ok(Self { declared: declared.clone(), column: column.clone(), fidelity })
    }

    /// The field's type.
    pub fn declared(&self) -> &FlinkType {
        &self.declared
    }

    /// The column's type.
    pub fn column(&self) -> &ColumnType {
        &self.column
    }

    /// Whether the column holds every value.
    pub fn fidelity(&self) -> Fidelity {
        self.fidelity
    }

    /// The value as a statement takes it.
    ///
    /// # Errors
    /// [`Unstorable`]: the column would change it.
    pub fn encode<'a>(&self, value: &'a Value) -> Result<Cell<'a>, Unstorable> {
        encode::encode(&self.declared, &self.column, value)
    }

    /// The value that a server returned.
    ///
    /// # Errors
    /// [`Undecodable`]: it is none of the type.
    pub fn decode(&self, cell: &Cell<'_>) -> Result<Value, Undecodable> {
        decode::decode(&self.declared, &self.column, cell)
    }

    /// What a value is compared as: itself, but a text in a JSON column by its structure, because servers keep that and
    /// not the text.
    pub fn comparable<'a>(&self, value: &'a Value) -> Cow<'a, Value> {
        match (value, &self.declared.kind, &self.column) {
            (Value::Text(text), FlinkKind::Char(_) | FlinkKind::VarChar(_), ColumnType::Json) => {
                match json_text::canonical(text) {
                    Some(structure) => Cow::Owned(Value::text(structure)),
                    None => Cow::Borrowed(value),
                }
            }
            _ => Cow::Borrowed(value),
        }
    }

    /// What a query selects to read the column, given its quoted name: servers print a FLOAT with six digits, as a DOUBLE
    /// with all of them.
    pub fn projection(&self, column: &str) -> String {
        match self.column {
            ColumnType::Float => format!("{column} + 0E0"),
            _ => column.to_owned(),
        }
    }
}
