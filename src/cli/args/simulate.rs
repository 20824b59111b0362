//! `simulate`

use std::path::PathBuf;

use clap::Args;

use super::{Manifests, Pace, Planning};

/// `simulate`
#[derive(Debug, Args)]
pub(crate) struct Simulate {
    /// The plan: a saved one, or that of manifests.
    #[command(flatten)]
    pub(crate) manifests: Manifests,
    /// How a plan is made of manifests.
    #[command(flatten)]
    pub(crate) planning: Planning,
    /// How requests are sent.
    #[command(flatten)]
    pub(crate) pace: Pace,
    /// Start nothing new after the first row that failed
    #[arg(long, env = "RECONCILE_FAIL_FAST")]
    pub(crate) fail_fast: bool,
    /// Plan from what `snapshot` recorded: no request, no credentials, no state
    #[arg(long, env = "RECONCILE_OFFLINE", value_name = "FILE")]
    pub(crate) offline: Option<PathBuf>,
    /// The first request of step N is refused
    #[arg(long, value_name = "N")]
    pub(crate) fail_at: Option<usize>,
    /// The process dies at step N: N.before its request leaves, or N.after it was carried out (N alone is N.after)
    #[arg(long, value_name = "N[.before|.after]")]
    pub(crate) crash_at: Option<String>,
    /// Requests for an object go wrong: Kind/name:WHATxN, for example FlinkConnector/orders:503x2 (repeatable)
    #[arg(long, value_name = "FAULT")]
    pub(crate) fault: Vec<String>,
}
