//! What manifests may hold, told from the tables of the domain: as a tree, as a JSON Schema, and in words.
//!
//! Promises: the schema and the words come from one tree, so that they cannot disagree. Values in, values out; knows
//! nothing of files, states and services.

mod conditions;
mod envelope;
mod examples;
pub(crate) mod explain;
mod forms;
pub(crate) mod outline;
pub(crate) mod schema;
mod spec;
mod suite;
mod words;
