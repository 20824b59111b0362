//! One test binary for everything that sees the product from outside.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod cli;
mod hygiene;
mod matrix;
mod model;
mod process;
mod support;
mod verify;
