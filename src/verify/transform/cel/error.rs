//! Why an expression has no type, and why it has no value.

use super::kind::Kind;
use crate::domain::suite::types::FlinkKind;
use crate::verify::row::Unreadable;

/// Why an expression can never be evaluated; told before the first row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExpressionError {
    /// A name that stands for nothing.
    #[error("`{name}` is no field there: name one of {known}")]
    UnknownName {
        /// The name.
        name: String,
        /// The fields.
        known: String,
    },
    /// A function that there is not, or not with these arguments.
    #[error("there is no {name}({arguments}): {}", super::call::KNOWN)]
    UnknownFunction {
        /// Its name.
        name: String,
        /// The types of the arguments.
        arguments: String,
    },
    /// An operator between values that it does not go between.
    #[error("`{operator}` does not go between {left} and {right}: {remedy}")]
    Operands {
        /// As it is written.
        operator: &'static str,
        /// The type on its left.
        left: String,
        /// The type on its right.
        right: String,
        /// What to write.
        remedy: &'static str,
    },
    /// A value of another type than is needed there.
    #[error("{part} is {found}: it must be {wanted}")]
    Wanted {
        /// Which part of the expression.
        part: &'static str,
        /// Its type.
        found: String,
        /// What it must be.
        wanted: &'static str,
    },
    /// A member that the type does not have.
    #[error("{declared} has no member `{member}`")]
    NoMember {
        /// The type.
        declared: FlinkKind,
        /// The name.
        member: String,
    },
    /// An argument that must stand there as a number.
    #[error("{name}: the number of digits is written as a number, {least} to {most}")]
    Digits {
        /// The function.
        name: &'static str,
        /// At least.
        least: u8,
        /// At most.
        most: u8,
    },
    /// Something that CEL has and we do not.
    #[error("{what} cannot be used here")]
    Unsupported {
        /// What.
        what: &'static str,
    },
    /// More operations one in another than are evaluated.
    #[error(
        "it has more than {} operations one in another: use several transforms",
        super::Expression::DEEPEST
    )]
    TooDeep,
}

impl ExpressionError {
    pub(super) fn operands(operator: &'static str, left: &Kind, right: &Kind, remedy: &'static str) -> Self {
        Self::Operands { operator, left: left.to_string(), right: right.to_string(), remedy }
    }
}

/// Why an expression has no value for a row. Reads on behind "the expression".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// A whole number beyond 64 bits.
    #[error("gives a whole number beyond 64 bits")]
    Overflow,
    /// A decimal number beyond what any type holds.
    #[error("gives a decimal number of more than 400 digits")]
    TooManyDigits,
    /// A division by zero.
    #[error("divides by zero")]
    DivisionByZero,
    /// A quotient that never ends.
    #[error("divides to more than {scale} digits behind the point: use divide(a, b, digits), which rounds")]
    Inexact {
        /// How many the type of the quotient has.
        scale: u8,
    },
    /// A place that the list does not have.
    #[error("asks for place {index} of a list of {length}")]
    NoSuchPlace {
        /// The place, from 0.
        index: i64,
        /// How many there are.
        length: usize,
    },
    /// A key that the map does not have.
    #[error("asks for a key that the map does not have: ask with `in` before")]
    NoSuchKey,
    /// A text or number that is no value of the other type.
    #[error("converts a value that cannot be converted: {0}")]
    Conversion(Unreadable),
    /// A number that is not whole, or beyond 64 bits, to a whole one.
    #[error("converts a number to a whole one that it is not, or that is beyond 64 bits: round it before")]
    NotWhole,
    /// NULL where a value is needed.
    #[error("needs a value where it finds NULL")]
    Null,
    /// It would go on for too long.
    #[error("takes more than {} steps", super::Expression::MOST_STEPS)]
    TooCostly,
}
