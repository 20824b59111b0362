//! `reconcile`: streaming infrastructure as code, in one binary.
//!
//! # The arrows
//! ```text
//! main ─▶ cli ─▶ engine ─▶ ports ─▶ domain
//!         cli ─▶ manifest, state, providers, emulator     built in cli/wire.rs and nowhere else
//!         manifest, state, providers ─▶ ports, domain, platform
//! cli ─▶ saved ─▶ engine, domain, platform                plans and live snapshots as files: what the planner is given
//!         emulator ─▶ platform                            it speaks the protocol and shares none of our code
//! cli ─▶ dashboard ─▶ domain, platform                   what a watch shows over HTTP
//! cli ─▶ verify ─▶ ports, domain, platform                does every row arrive? generator, sink, checks, properties
//!         platform ─▶ ports                               files, time, entropy, environment, signals
//! ```
//! `tests/suite/hygiene` reads every `use` line and fails on an arrow that is not in this picture.

pub mod cli;
pub mod dashboard;
pub mod domain;
pub mod emulator;
pub mod engine;
pub mod manifest;
pub mod platform;
pub mod ports;
pub mod providers;
pub mod saved;
pub mod state;
pub mod verify;

// What the tests of the library share with the suites beside it.
#[cfg(test)]
#[path = "../tests/suite/support/chance.rs"]
mod chance;
#[cfg(test)]
#[path = "../tests/suite/support/reliability.rs"]
mod reliability;
