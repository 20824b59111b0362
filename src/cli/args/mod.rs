//! The command line as typed: raw and unchecked. `options` makes the checked form.

mod command;
mod emulator;
mod global;
mod import;
mod shared;
mod state;

pub(crate) use command::{Cli, Command};
pub(crate) use emulator::Emulator;
pub(crate) use global::{Global, Output, When};
pub(crate) use import::Import;
pub(crate) use shared::{LockWait, Manifests, Pace, Planning, Recording, Running};
pub(crate) use state::StateCommand;
