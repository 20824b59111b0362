//! The machine: files, time, entropy, environment. The only place that touches them.

pub mod checksum;
#[cfg(test)]
pub(crate) mod corpus;
pub mod entropy;
pub mod env;
pub mod fs;
pub mod http;
pub mod log;
pub mod process;
pub mod systemd;
pub mod time;
pub mod virtual_time;
pub mod watcher;
