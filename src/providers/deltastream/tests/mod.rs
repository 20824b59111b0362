//! Tests of the client as a whole.

mod answers;
mod life;
pub(super) mod reader;
mod script;
pub(super) mod stores;
