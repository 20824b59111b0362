//! `status`

use std::path::PathBuf;

use clap::Args;

use super::Pace;

/// `status`
#[derive(Debug, Args)]
pub(crate) struct Status {
    /// Manifest files and folders to count what is declared; default: none are read
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// The same as PATH
    #[arg(short = 'f', long = "filename", value_name = "PATH")]
    pub(crate) filename: Vec<PathBuf>,
    /// Also ask the services: how many objects are absent, and how many are unmanaged
    #[arg(long, env = "RECONCILE_LIVE")]
    pub(crate) live: bool,
    #[command(flatten)]
    pub(crate) pace: Pace,
}
