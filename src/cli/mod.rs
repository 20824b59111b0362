//! The command line: arguments, wiring, commands, rendering, exit codes. The only place that prints.

mod args;
mod commands;
mod completion;
mod doctor;
mod error;
mod events;
pub mod exit;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod interrupt;
mod notification;
mod offline;
mod options;
mod parse;
mod reference;
pub mod render;
mod report;
mod session;
mod terminal;
mod wire;

pub use commands::run;
