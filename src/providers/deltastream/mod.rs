//! DeltaStream (statement API v2), seen through the provider port (design.md 3.2).
//!
//! ```text
//! client ─▶ sql                            what is to be said
//!    ├────▶ statement ─▶ request           saying it once, and hearing all of the answer
//!    │          └──────▶ errors ─▶ sqlstate, redact, messages
//!    └────▶ store, description ─▶ instant  what the rows mean
//! ```

pub mod settings;
pub mod sql;

mod client;
mod description;
mod errors;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod instant;
mod messages;
mod redact;
mod request;
mod sqlstate;
mod statement;
mod store;
#[cfg(test)]
mod tests;

pub use client::{DeltastreamProvider, Variables};
