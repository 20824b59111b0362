//! Groups of options that several commands have.

use std::path::PathBuf;

use clap::Args;

use super::selecting::{Extent, Selecting};

/// Which manifests.
#[derive(Debug, Args)]
pub(crate) struct Manifests {
    /// Manifest files and folders (folders are read recursively); default: the project file's folder
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// The same as PATH
    #[arg(short = 'f', long = "filename", value_name = "PATH")]
    pub(crate) filename: Vec<PathBuf>,
}

/// How a plan is made.
#[derive(Debug, Args)]
pub(crate) struct Planning {
    /// Which objects.
    #[command(flatten)]
    pub(crate) selecting: Selecting,
    /// How much is shown.
    #[command(flatten)]
    pub(crate) extent: Extent,
    /// Register this object again although nothing differs (repeatable)
    #[arg(long, value_name = "KIND/NAME")]
    pub(crate) replace: Vec<String>,
    /// Also delete connectors that our JARs registered although nobody declared them
    #[arg(long)]
    pub(crate) delete_strays: bool,
    /// Budgets.
    #[command(flatten)]
    pub(crate) budgets: Budgets,
}

/// How many of a kind of change there may be at once.
#[derive(Debug, Args)]
pub(crate) struct Budgets {
    /// Refuse more deletes than this
    #[arg(long, env = "RECONCILE_MAX_DELETE", value_name = "N")]
    pub(crate) max_delete: Option<usize>,
    /// Refuse more replacements and re-registrations than this
    #[arg(long, env = "RECONCILE_MAX_REPLACE", value_name = "N")]
    pub(crate) max_replace: Option<usize>,
}

/// How requests are sent.
#[derive(Debug, Args)]
pub(crate) struct Pace {
    /// Requests under way at once
    #[arg(long, env = "RECONCILE_PARALLELISM", value_name = "N", default_value_t = 10)]
    pub(crate) parallelism: usize,
    /// Also retry throttled calls, instead of failing at once with exit code 75
    #[arg(long, env = "RECONCILE_RETRY_THROTTLED")]
    pub(crate) retry_throttled: bool,
}

/// How the state's lock is waited for.
#[derive(Debug, Args)]
pub(crate) struct LockWait {
    /// How long to wait for another run to release the state
    #[arg(long, env = "RECONCILE_LOCK_TIMEOUT", value_name = "DURATION", default_value = "0s")]
    pub(crate) lock_timeout: String,
}

/// How a change is carried out.
#[derive(Debug, Args)]
pub(crate) struct Running {
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
    /// Never ask: without --yes nothing is changed
    #[arg(long, env = "RECONCILE_NO_INPUT")]
    pub(crate) no_input: bool,
    /// Start nothing new after the first row that failed
    #[arg(long, env = "RECONCILE_FAIL_FAST")]
    pub(crate) fail_fast: bool,
    /// Waits.
    #[command(flatten)]
    pub(crate) waits: Waits,
    /// The lock.
    #[command(flatten)]
    pub(crate) lock: LockWait,
}

/// How readiness is waited for.
#[derive(Debug, Args)]
pub(crate) struct Waits {
    /// Longest wait for one connector, for example 90s or 10m; stores always have 10m
    #[arg(long, env = "RECONCILE_TIMEOUT", value_name = "DURATION", default_value = "10m")]
    pub(crate) timeout: String,
    /// Pause between two looks at a namespace
    #[arg(long, env = "RECONCILE_POLL_INTERVAL", value_name = "DURATION", default_value = "3s")]
    pub(crate) poll_interval: String,
    /// For tests: stores are waited for this many times faster than D-012 says
    #[arg(long, env = "RECONCILE_STORE_TIME_DIVISOR", hide = true, default_value_t = 1)]
    pub(crate) store_time_divisor: u32,
}

/// How a change of the state alone is agreed to.
#[derive(Debug, Args)]
pub(crate) struct Recording {
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
    /// The lock.
    #[command(flatten)]
    pub(crate) lock: LockWait,
}
