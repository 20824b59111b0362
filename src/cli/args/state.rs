//! `state …`

use clap::Subcommand;

use super::{LockWait, Manifests, Pace, Recording};

/// `state …`
#[derive(Debug, Subcommand)]
pub(crate) enum StateCommand {
    /// List the recorded objects
    List,
    /// Show what is recorded of an object
    Show {
        /// KIND/NAME
        #[arg(value_name = "KIND/NAME")]
        address: String,
    },
    /// Give a recorded object another address; sends nothing
    Mv {
        /// KIND/NAME now
        #[arg(value_name = "KIND/NAME")]
        from: String,
        /// KIND/NAME from now on
        to: String,
        #[command(flatten)]
        lock: LockWait,
    },
    /// Forget recorded objects; they live on
    Rm {
        /// KIND/NAME
        #[arg(required = true, value_name = "KIND/NAME")]
        addresses: Vec<String>,
        #[command(flatten)]
        lock: LockWait,
    },
    /// Make a lost state anew from manifests and live, by natural key; sends nothing
    Rebuild {
        #[command(flatten)]
        manifests: Manifests,
        #[command(flatten)]
        lock: LockWait,
        #[command(flatten)]
        pace: Pace,
    },
    /// List the backups: what was recorded at which serial
    History,
    /// Make a backup the state again; sends nothing
    Restore {
        /// The serial, as `state history` shows it
        serial: u64,
        #[command(flatten)]
        recording: Recording,
    },
    /// Check the state's files for damage and contradictions; takes no lock
    Check,
}
