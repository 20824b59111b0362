//! The command line as typed: raw and unchecked. `options` makes the checked form.

mod authoring;
mod command;
mod emulator;
mod global;
mod shared;
mod state;

pub(crate) use authoring::{Accepting, Fmt, Shell};
pub(crate) use command::{Cli, Command};
pub(crate) use emulator::Emulator;
pub(crate) use global::{Global, Output, When};
pub(crate) use shared::{LockWait, Manifests, Pace, Planning, Running};
pub(crate) use state::StateCommand;
