//! The ports: what the engine needs from the outside, as traits.

pub mod clock;
pub mod event_sink;
pub mod provider;
pub mod state_store;
