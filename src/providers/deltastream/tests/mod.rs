//! Tests of the client as a whole.

mod answers;
mod golden;
mod life;
mod provider;
pub(super) mod reader;
mod script;
pub(super) mod stores;
