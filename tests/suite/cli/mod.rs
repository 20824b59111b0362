//! The product through its binary: what a person types, what comes back, and which requests it costs.
//!
//! Each test has an emulator on a port of its own, a home and a folder of its own; nothing is shared but the binary.

mod accept;
mod budgets;
mod completion;
mod credentials;
mod definitions;
mod delete;
mod duplicates;
mod exit_codes;
mod explain;
mod flags;
mod fmt;
mod import;
mod init;
mod jars;
mod lifecycle;
mod locking;
mod logs;
mod output;
mod quickstart;
mod register;
mod replace;
mod requests;
mod service;
mod stores;
mod update;
mod usage;
