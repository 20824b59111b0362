//! `state …`

use clap::Subcommand;

use super::{LockWait, Manifests, Pace, Recording, examples};

/// `state …`
#[derive(Debug, Subcommand)]
pub(crate) enum StateCommand {
    /// List the recorded objects
    #[command(after_help = examples::STATE_LIST)]
    List,
    /// Show what is recorded of an object
    #[command(after_help = examples::STATE_SHOW)]
    Show {
        /// KIND/NAME
        #[arg(value_name = "KIND/NAME")]
        address: String,
    },
    /// Give a recorded object another address; sends nothing
    #[command(after_help = examples::STATE_MV)]
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
    #[command(after_help = examples::STATE_RM)]
    Rm {
        /// KIND/NAME
        #[arg(required = true, value_name = "KIND/NAME")]
        addresses: Vec<String>,
        #[command(flatten)]
        lock: LockWait,
    },
    /// Make a lost state anew from manifests and live, by natural key; sends nothing
    #[command(after_help = examples::STATE_REBUILD)]
    Rebuild {
        #[command(flatten)]
        manifests: Manifests,
        #[command(flatten)]
        lock: LockWait,
        #[command(flatten)]
        pace: Pace,
    },
    /// List the backups: what was recorded at which serial
    #[command(after_help = examples::STATE_HISTORY)]
    History,
    /// Make a backup the state again; sends nothing
    #[command(after_help = examples::STATE_RESTORE)]
    Restore {
        /// The serial, as `state history` shows it
        serial: u64,
        #[command(flatten)]
        recording: Recording,
    },
    /// Check the state's files for damage and contradictions; takes no lock
    #[command(after_help = examples::STATE_CHECK)]
    Check,
}
