//! The SQL dialect, as far as stores need it (deltastream-api sections 7.1 and 7.2): text to tokens to a statement.
//!
//! It promises that a text is either one complete statement or an error that says where, and that no error repeats a
//! literal. It must not know what a store is or who asks.

mod error;
mod grammar;
mod statement;
mod token;

pub(super) use error::SqlError;
pub(super) use grammar::parse;
pub(super) use statement::{Filter, Parameter, Query, Scope, Statement, Value};
pub(super) use token::Literal;

#[cfg(test)]
mod tests;
