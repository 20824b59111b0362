//! Expressions in CEL over the fields of a row, exactly.
//!
//! The `cel` crate parses and expands the macros; what is evaluated is its syntax tree, by us: the crate knows neither
//! DECIMAL nor NULL in arithmetic, and has no bound for what an expression may cost (docs/adr/0033).
//!
//! Promises: every expression has one type, known before the first row; a DECIMAL never becomes a float without
//! `double()`; an evaluation ends after [`Expression::MOST_STEPS`] steps, whatever the row holds.

pub use compile::Expression;
pub use error::{ExpressionError, Failure};

mod call;
mod compile;
mod error;
mod evaluate;
mod exact;
mod kind;
mod loops;
mod node;
mod operators;
#[cfg(test)]
mod tests;
