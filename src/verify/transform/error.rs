//! What can be wrong with a transform, and with a row in it.

use super::cel::{ExpressionError, Failure};
use crate::domain::suite::types::{FlinkKind, FlinkType, SchemaError};
use crate::verify::row::Unreadable;

/// Why a transform can never work; told before the first row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransformError {
    /// The expression of a `set`.
    #[error("transform `set: {field}`: {problem}")]
    Expression {
        /// The field.
        field: String,
        /// Why.
        problem: ExpressionError,
    },
    /// What the expression gives is no value of the field.
    #[error(
        "transform `set: {field}`: the expression gives {found}, and the field has type {declared}: {remedy}"
    )]
    Type {
        /// The field.
        field: String,
        /// What it gives.
        found: FlinkKind,
        /// The field's type.
        declared: FlinkType,
        /// What to write.
        remedy: &'static str,
    },
    /// The expression is NULL, which tells no type.
    #[error("transform `set: {field}`: a new field needs a type, and the expression is always NULL")]
    Untyped {
        /// The field.
        field: String,
    },
    /// A field that rows do not have there.
    #[error("transform `flatten: {field}`: rows have no such field there: name one of {known}")]
    NoSuchField {
        /// The name.
        field: String,
        /// Those that there are.
        known: String,
    },
    /// A field without members that are known beforehand.
    #[error(
        "transform `flatten: {field}`: the field has type {declared}, which has no members of its own: declare ROW<…>, \
         or leave it as it is, a column of JSON"
    )]
    NoMembers {
        /// The field.
        field: String,
        /// Its type.
        declared: FlinkType,
    },
    /// What comes out is no schema: two fields of one name.
    #[error("{transform}: {problem}")]
    Schema {
        /// Which transform.
        transform: String,
        /// Why.
        problem: SchemaError,
    },
}

/// Why a row left the transforms: the field, its value if there was one, and the reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("field `{field}`: {reason}")]
pub struct WrongRow {
    /// The field that was to be set.
    pub field: String,
    /// The start of the value that does not fit.
    pub value: Option<String>,
    /// Why.
    pub reason: WrongValue,
}

/// Why a field cannot be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WrongValue {
    /// The expression has no value for this row.
    #[error("the expression {0}")]
    Failed(Failure),
    /// Its value is none of the field's type.
    #[error("the value of the expression is none of the field's type: {0}")]
    Unfit(Unreadable),
    /// The program's value is none of the field's type.
    #[error("the program's value is none of the field's type: {0}")]
    OfProgram(Unreadable),
}
