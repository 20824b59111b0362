//! Why there is no private server.

use std::path::PathBuf;

use crate::platform::fs::FsError;

/// Why there is no private server. A missing program is an error like the others: nothing is left out because of it.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// No server program is installed.
    #[error(
        "neither mariadbd nor mysqld is installed: apt-get install --no-install-recommends mariadb-server-core \
         mariadb-client-core (they start no service), or give the address of a server"
    )]
    Missing,
    /// It is installed without the program that makes its data folder.
    #[error("{} is installed, but not mariadb-install-db: apt-get install mariadb-client-core mariadb-server-core", server.display())]
    NoInstaller {
        /// What was found.
        server: PathBuf,
    },
    /// The operating system did not run it.
    #[error("{} cannot be run: {detail}", program.display())]
    CannotRun {
        /// What was run.
        program: PathBuf,
        /// The system's words.
        detail: String,
    },
    /// It ended, or did not answer, instead of being ready.
    #[error("the private server {what}; its log is kept at {}:\n{last}", log.display())]
    Failed {
        /// What it did.
        what: String,
        /// Where the whole log is.
        log: PathBuf,
        /// The last lines of it.
        last: String,
    },
    /// Its folder could not be made.
    #[error(transparent)]
    Folder(#[from] FsError),
    /// No port or no randomness was to be had.
    #[error("the machine gave no {what}: {detail}")]
    Machine {
        /// What was asked for.
        what: &'static str,
        /// The system's words.
        detail: String,
    },
}
