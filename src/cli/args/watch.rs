//! `watch`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Budgets, LockWait, Manifests, Pace, Selecting, Waits};

/// What becomes of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// It is applied; to start the watch is the consent
    Apply,
    /// It is told, and nothing is sent or recorded
    Report,
}

/// How manifests are watched.
#[derive(Debug, Args)]
pub(crate) struct Watch {
    /// Which manifests.
    #[command(flatten)]
    pub(crate) manifests: Manifests,
    /// What becomes of a difference
    #[arg(long, env = "RECONCILE_MODE", value_enum, default_value = "apply")]
    pub(crate) mode: Mode,
    /// Also delete what no manifest declares any more; without it that is told and kept
    #[arg(long)]
    pub(crate) prune: bool,
    /// Longest time between two passes, a tenth more or less
    #[arg(long, env = "RECONCILE_RESYNC", value_name = "DURATION", default_value = "5m")]
    pub(crate) resync: String,
    /// How long no file must change before a pass
    #[arg(long, env = "RECONCILE_DEBOUNCE", value_name = "DURATION", default_value = "300ms")]
    pub(crate) debounce: String,
    /// Show a page, metrics, probes and an API here; any address but loopback needs a token
    #[arg(long, env = "RECONCILE_LISTEN", value_name = "HOST:PORT")]
    pub(crate) listen: Option<String>,
    /// File with the token that readers of the page have to send
    #[arg(long, env = "RECONCILE_TOKEN_FILE", value_name = "FILE", requires = "listen")]
    pub(crate) token_file: Option<PathBuf>,
    /// Which objects.
    #[command(flatten)]
    pub(crate) selecting: Selecting,
    /// Budgets.
    #[command(flatten)]
    pub(crate) budgets: Budgets,
    /// How requests are sent.
    #[command(flatten)]
    pub(crate) pace: Pace,
    /// How readiness is waited for.
    #[command(flatten)]
    pub(crate) waits: Waits,
    /// The lock.
    #[command(flatten)]
    pub(crate) lock: LockWait,
}
