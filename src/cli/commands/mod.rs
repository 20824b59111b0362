//! One file per command. Each returns how the program ends; errors that end it early come back as values.

mod apply;
mod config;
mod drift;
mod emulator;
mod explain;
mod help;
mod import;
mod list;
mod list_stores;
mod plan;
mod run;
mod schema;
mod show;
mod state;
mod unlock;
mod validate;

pub use run::run;
