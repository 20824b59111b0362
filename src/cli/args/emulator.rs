//! `emulator`

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;

/// `emulator`
#[derive(Debug, Args)]
pub(crate) struct Emulator {
    /// Loopback address and port; port 0 takes a free one
    #[arg(long, env = "RECONCILE_LISTEN", default_value = "127.0.0.1:0", value_name = "HOST:PORT")]
    pub(crate) listen: String,
    /// Folder of the world; without it the world ends with the emulator
    #[arg(long, env = "RECONCILE_DATA", value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Append one JSON object for each request to this file
    #[arg(long, env = "RECONCILE_REQUEST_LOG", value_name = "FILE")]
    pub(crate) request_log: Option<PathBuf>,
    /// Behave as documented: register takes a jarUrl and nothing else
    #[arg(long, env = "RECONCILE_STRICT", requires = "jars")]
    pub(crate) strict: bool,
    /// What JARs hold: one JSON file for each jarUrl
    #[arg(long, env = "RECONCILE_JARS", value_name = "DIR")]
    pub(crate) jars: Option<PathBuf>,
    /// Hold every answer back for this long
    #[arg(long, env = "RECONCILE_LATENCY", value_name = "DURATION")]
    pub(crate) latency: Option<String>,
    /// A registered connector is not listed for this long
    #[arg(long, env = "RECONCILE_CREATING_FOR", value_name = "DURATION")]
    pub(crate) creating_for: Option<String>,
    /// A deleted connector is still listed for this long
    #[arg(long, env = "RECONCILE_DELETING_FOR", value_name = "DURATION")]
    pub(crate) deleting_for: Option<String>,
    /// Throttle every request after this many
    #[arg(long, env = "RECONCILE_THROTTLE_AFTER", value_name = "N")]
    pub(crate) throttle_after: Option<u64>,
    /// Fail requests: OP:CODExN or OP:CODE@P%, for example register:503x2, create-store:57015, '*:503@1%' (repeatable)
    #[arg(long, value_name = "FAULT")]
    pub(crate) fail: Vec<String>,
    /// A created or updated store is provisioning for this long
    #[arg(long, env = "RECONCILE_PROVISIONING_FOR", value_name = "DURATION")]
    pub(crate) provisioning_for: Option<String>,
    /// A dropped store is still listed for this long
    #[arg(long, env = "RECONCILE_DROPPING_FOR", value_name = "DURATION")]
    pub(crate) dropping_for: Option<String>,
    /// When wrong credentials of a store show: the statement fails, or the store ends errored
    #[arg(long, env = "RECONCILE_LOGIN_CHECK", default_value = "later", value_name = "WHEN", value_parser = ["create", "later"])]
    pub(crate) login_check: String,
    /// Answer each statement with 202 first, and N polls after it
    #[arg(long, env = "RECONCILE_PENDING", value_name = "N")]
    pub(crate) pending: Option<u32>,
    /// Rows in one partition of a result
    #[arg(long, env = "RECONCILE_PARTITION_ROWS", default_value = "1000", value_name = "N")]
    pub(crate) partition_rows: NonZeroUsize,
    /// Role that may do nothing (repeatable)
    #[arg(long, default_value = "nobody", value_name = "NAME")]
    pub(crate) deny_role: Vec<String>,
}
