//! The planner: desired, recorded and live in, one plan out. Pure and synchronous: time, chance and input/output have
//! no way in, so the same input gives the same bytes.
//!
//! It is a fixed sequence of phases. Each knows nothing of the next one.

pub mod audit;
mod classify;
mod diff;
mod guard;
mod input;
mod jar;
pub mod narrow;
mod order;
mod pairing;
mod parallel;
mod phases;
mod select;
pub mod settle;

pub use input::{Goal, Limits, Options, PlanError, PlanInput, scopes};
pub use phases::plan;
