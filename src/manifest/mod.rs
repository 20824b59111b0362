//! Manifests and the project file: found, read, checked, and turned into values.
//!
//! Promises: what is wrong is said for all files at once, with a stable code, the place and the remedy; nothing is
//! guessed, converted or skipped in silence, because whatever is missed here would be deleted later. Hostile files cost
//! bounded time and memory (`limits`). Knows nothing of plans, state and services.

pub mod accept;
pub mod codes;
pub mod examples;
pub mod fingerprint;
pub mod format;
pub mod project;
pub mod secrets;
pub mod suites;
pub mod values;
pub mod write;

mod conceal;
mod connector;
mod decode;
mod document;
pub(crate) mod duration;
mod edit;
mod endpoint;
mod find;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod incremental;
mod lifecycle;
mod limits;
mod load;
mod object;
mod parallel;
mod place;
mod profile;
mod proof;
mod report;
mod rewrite;
mod sealed;
mod source;
mod store;
pub(crate) mod suggest;
mod validate;
mod veil;
mod verification;
mod webhook;
mod yaml;

#[cfg(test)]
mod tests;

pub use find::{is_manifest, names as files};
pub use incremental::{Incremental, Look};
pub use load::{Loaded, load};
pub use rewrite::{Rewrite, RewriteError};
