//! Rules over fields (Property 14).

use std::fmt;

use crate::domain::suite::pipeline::{Rule, Severity};
use crate::domain::suite::types::{FlinkKind, RowField, Schema};
use crate::verify::row::{Row, Value};
use crate::verify::transform::{Expression, ExpressionError, Failure};

/// The rules of a scenario, ready to be asked. A rule says nothing about NULL: whether a field may be NULL is said by its
/// type, as it is with CHECK in SQL.
#[derive(Debug, Default)]
pub struct Rules(Vec<Ready>);

#[derive(Debug)]
struct Ready {
    place: usize,
    field: String,
    text: String,
    check: Expression,
    severity: Severity,
}

/// Why a rule can never be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// It is about a field that rows do not have when they are judged.
    #[error(
        "a rule is about field `{field}`, which rows do not have behind the transforms: name one of {known}"
    )]
    NoSuchField {
        /// The name.
        field: String,
        /// Those that there are.
        known: String,
    },
    /// Its expression has no type.
    #[error("the rule for field `{field}`: {problem}")]
    Expression {
        /// The field.
        field: String,
        /// Why.
        problem: ExpressionError,
    },
    /// Its expression is no question.
    #[error("the rule for field `{field}` gives {found}: it must be true or false")]
    NoQuestion {
        /// The field.
        field: String,
        /// The type that it gives.
        found: String,
    },
}

impl Rules {
    /// Prepares rules for rows of this schema.
    ///
    /// # Errors
    /// [`RuleError`]
    pub fn new(declared: &[Rule], schema: &Schema) -> Result<Self, RuleError> {
        declared.iter().map(|rule| ready(rule, schema)).collect::<Result<_, _>>().map(Self)
    }

    /// The rules that a row does not keep, in their order.
    pub(super) fn broken_by<'a>(&'a self, row: &'a Row) -> impl Iterator<Item = Broken<'a>> {
        self.0.iter().filter_map(|rule| {
            let value = row.get(rule.place)?;
            if value.is_null() {
                return None;
            }
            let failure = match rule.check.evaluate(std::slice::from_ref(value)) {
                Ok(Value::Boolean(true) | Value::Null) => return None,
                Ok(_) => None,
                Err(failure) => Some(failure),
            };
            Some(Broken { field: &rule.field, value, rule: &rule.text, severity: rule.severity, failure })
        })
    }
}

fn ready(rule: &Rule, schema: &Schema) -> Result<Ready, RuleError> {
    let field = rule.field.as_str().to_owned();
    let Some((place, declared)) = schema.field(&field) else {
        let known = schema.fields().iter().map(|field| field.name.as_str()).collect::<Vec<_>>().join(", ");
        return Err(RuleError::NoSuchField { field, known });
    };
    let value = RowField { name: "value".to_owned(), value: declared.clone() };
    let check = match Expression::new(&rule.check, std::slice::from_ref(&value)) {
        Ok(check) => check,
        Err(problem) => return Err(RuleError::Expression { field, problem }),
    };
    if check.kind() != Some(&FlinkKind::Boolean) {
        let found = check.kind().map_or_else(|| "NULL".to_owned(), ToString::to_string);
        return Err(RuleError::NoQuestion { field, found });
    }
    Ok(Ready { place, field, text: rule.check.as_str().to_owned(), check, severity: rule.severity })
}

/// A rule that a row does not keep.
pub(super) struct Broken<'a> {
    pub(super) field: &'a str,
    pub(super) value: &'a Value,
    pub(super) rule: &'a str,
    pub(super) severity: Severity,
    /// It could not be asked.
    failure: Option<Failure>,
}

impl fmt::Display for Broken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = super::refused::shown(self.value);
        write!(f, "field `{}`, value {value:?}: ", self.field)?;
        match &self.failure {
            None => write!(f, "the rule `{}` is not kept", self.rule),
            Some(failure) => write!(f, "the rule `{}` cannot be asked: {failure}", self.rule),
        }
    }
}
