//! One file per command. Each returns how the program ends; errors that end it early come back as values.

mod accept;
mod apply;
mod drift;
mod emulator;
mod explain;
mod fmt;
mod help;
mod import;
mod init;
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
