//! The command line as typed: raw and unchecked. `options` makes the checked form.

mod authoring;
mod command;
mod emulator;
mod examples;
mod given;
mod global;
mod import;
mod selecting;
mod shared;
mod simulate;
mod state;
mod status;
#[cfg(test)]
mod variables;
mod verify;
mod watch;

pub(crate) use authoring::{Accepting, Fmt, Shell};
pub(crate) use command::{Cli, Command};
pub(crate) use emulator::Emulator;
pub(crate) use given::{Given, How, given};
pub(crate) use global::{Global, Output, When};
pub(crate) use import::Import;
pub(crate) use selecting::{Extent, Selecting};
pub(crate) use shared::{Budgets, LockWait, Manifests, Pace, Planning, Recording, Running, Waits};
pub(crate) use simulate::Simulate;
pub(crate) use state::StateCommand;
pub(crate) use status::Status;
pub(crate) use verify::Verify;
pub(crate) use watch::{Mode, Watch};
