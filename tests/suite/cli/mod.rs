//! The product through its binary: what a person types, what comes back, and which requests it costs.
//!
//! Each test has an emulator on a port of its own, a home and a folder of its own; nothing is shared but the binary.

mod accept;
mod budgets;
mod codes;
mod completion;
mod configuration;
mod credentials;
mod definitions;
mod delete;
mod doctor;
mod documents;
mod duplicates;
mod events;
mod exit_codes;
mod explain;
mod flags;
mod fmt;
mod guards;
mod import;
mod init;
mod jars;
mod lifecycle;
mod locking;
mod logs;
mod offline;
mod output;
mod pipeline;
mod pipeline_action;
mod plans;
mod quickstart;
mod rebuild;
mod refresh;
mod register;
mod replace;
mod requests;
mod saved_plan;
mod selection;
mod service;
mod state_history;
mod status;
mod stores;
mod takeover;
mod update;
mod usage;
mod values;
