//! The SQL that is sent: one place that quotes, one that composes.

mod quote;
mod statement;
mod store;

#[cfg(test)]
mod tests;

pub use quote::{Uncarried, identifier, literal};
pub(super) use statement::{Statement, Verb};
pub use store::Unwritable;
pub(super) use store::{create, describe, drop_store, list, update};
