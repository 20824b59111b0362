//! One file per command. Each returns how the program ends; errors that end it early come back as values.

mod accept;
mod apply;
mod config;
mod consent;
mod doctor;
mod drift;
mod emulator;
mod explain;
mod fmt;
mod help;
mod import;
mod import_write;
mod init;
mod list;
mod list_stores;
mod plan;
mod rebuild;
mod refresh;
mod restore;
mod resume;
mod run;
mod saved_plan;
mod schema;
mod show;
mod shown;
mod simulate;
mod snapshot;
mod state;
mod state_check;
mod status;
mod unlock;
mod validate;
mod verify;
mod version;
mod watch;

pub use run::run;
