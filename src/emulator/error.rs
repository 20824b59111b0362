//! Why the emulator does not start, or does not go on.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::platform::fs::FsError;

/// Why the emulator does not start, or does not go on.
#[derive(Debug, thiserror::Error)]
pub enum EmulatorError {
    /// The keys are public: nobody else may reach it.
    #[error("the emulator cannot listen on {0}: its keys are public, so choose an address like 127.0.0.1:0")]
    NotLoopback(SocketAddr),
    /// The address is taken or forbidden.
    #[error("the emulator cannot listen on {address}: choose another port, or 0 for a free one")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// Another emulator works on this world.
    #[error("the world in {folder} is in use by another emulator: stop that one or choose another folder")]
    WorldInUse {
        /// The folder.
        folder: PathBuf,
    },
    /// Another emulator works on this world, and it does not answer.
    #[error(
        "the world in {folder} is in use by another emulator that does not answer: stop that process or choose \
         another folder"
    )]
    NoAnswer {
        /// The folder.
        folder: PathBuf,
    },
    /// The world is not what an emulator wrote.
    #[error("the world in {path} is damaged: repair the file, or remove it to start with an empty world")]
    WorldDamaged {
        /// The file.
        path: PathBuf,
        /// What is wrong, and at which line and column.
        source: serde_json::Error,
    },
    /// The world is in a form of another version.
    #[error("the world in {path} has version {found}, this program reads version {known}")]
    WorldVersion {
        /// The file.
        path: PathBuf,
        /// The version in the file.
        found: u32,
        /// The version that this program writes.
        known: u32,
    },
    /// The lock could be neither taken nor found taken.
    #[error("cannot lock {path}")]
    Lock {
        /// The lock file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file.
    #[error(transparent)]
    Fs(#[from] FsError),
    /// The operating system has no randomness, thread or event queue to give.
    #[error("the emulator cannot start: no {what}")]
    Machine {
        /// What is missing.
        what: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// The server thread ended without being asked to.
    #[error("the emulator stopped unexpectedly: its log says why")]
    Stopped,
}
