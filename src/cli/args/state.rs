//! `state …`

use clap::Subcommand;

use super::LockWait;

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
}
