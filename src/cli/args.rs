//! The command line as typed: raw and unchecked. `options` makes the checked form.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Streaming infrastructure as code: declare Flink connectors in YAML, review an honest plan, apply it, and know that
/// it is true.
#[derive(Debug, Parser)]
#[command(name = "reconcile", version, disable_help_subcommand = true, max_term_width = 100)]
pub(crate) struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub(crate) global: Global,
    /// The command.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Profile of reconcile.yaml; without a project file there is `local`, the embedded emulator
    #[arg(
        long,
        global = true,
        env = "RECONCILE_PROFILE",
        value_name = "NAME",
        help_heading = "Global options"
    )]
    pub(crate) profile: Option<String>,
    /// State folder; default: state/PROFILE beside reconcile.yaml
    #[arg(long, global = true, env = "RECONCILE_STATE", value_name = "DIR", help_heading = "Global options")]
    pub(crate) state: Option<PathBuf>,
    /// What is written to stdout
    #[arg(
        short,
        long,
        global = true,
        env = "RECONCILE_OUTPUT",
        value_enum,
        default_value = "text",
        help_heading = "Global options"
    )]
    pub(crate) output: Output,
    /// Colours; NO_COLOR and CLICOLOR_FORCE are respected
    #[arg(
        long,
        global = true,
        env = "RECONCILE_COLOR",
        value_enum,
        default_value = "auto",
        help_heading = "Global options"
    )]
    pub(crate) color: When,
    /// Say only what is asked for
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub(crate) quiet: bool,
    /// Log to stderr: -v state changes, -vv every call (RECONCILE_LOG sets it exactly)
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = "Global options")]
    pub(crate) verbose: u8,
    /// Send requests here instead of the profile's endpoint (http only on loopback)
    #[arg(
        long,
        global = true,
        env = "RECONCILE_VERVERICA_ENDPOINT",
        value_name = "URL",
        help_heading = "Global options"
    )]
    pub(crate) ververica_endpoint: Option<String>,
    /// Send statements here instead of the profile's DeltaStream (http only on loopback); ends in /v2
    #[arg(
        long,
        global = true,
        env = "RECONCILE_DELTASTREAM_URL",
        value_name = "URL",
        help_heading = "Global options"
    )]
    pub(crate) deltastream_url: Option<String>,
    /// DeltaStream organization, by name or id
    #[arg(
        long,
        global = true,
        env = "RECONCILE_DELTASTREAM_ORGANIZATION",
        value_name = "NAME",
        help_heading = "Global options"
    )]
    pub(crate) deltastream_organization: Option<String>,
    /// Role in DeltaStream: what it does not see is not known
    #[arg(
        long,
        global = true,
        env = "RECONCILE_DELTASTREAM_ROLE",
        value_name = "ROLE",
        help_heading = "Global options"
    )]
    pub(crate) deltastream_role: Option<String>,
}

/// What is written to stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people.
    Text,
    /// One JSON document.
    Json,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

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
    /// Register this object again although nothing differs (repeatable)
    #[arg(long, value_name = "KIND/NAME")]
    pub(crate) replace: Vec<String>,
    /// Also delete connectors that our JARs registered although nobody declared them
    #[arg(long)]
    pub(crate) delete_strays: bool,
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
    /// Longest wait for one connector, for example 90s or 10m; stores always have 10m
    #[arg(long, env = "RECONCILE_TIMEOUT", value_name = "DURATION", default_value = "10m")]
    pub(crate) timeout: String,
    /// Pause between two looks at a namespace
    #[arg(long, env = "RECONCILE_POLL_INTERVAL", value_name = "DURATION", default_value = "3s")]
    pub(crate) poll_interval: String,
    /// For tests: stores are waited for this many times faster than D-012 says
    #[arg(long, env = "RECONCILE_STORE_TIME_DIVISOR", hide = true, default_value_t = 1)]
    pub(crate) store_time_divisor: u32,
    /// The lock.
    #[command(flatten)]
    pub(crate) lock: LockWait,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check manifests; opens no socket and needs no credentials
    Validate {
        #[command(flatten)]
        manifests: Manifests,
    },
    /// Show what apply would do; changes nothing and takes no lock
    Plan {
        #[command(flatten)]
        manifests: Manifests,
        #[command(flatten)]
        planning: Planning,
        #[command(flatten)]
        pace: Pace,
        /// Exit 2 when there are changes, 7 when live drifted from unchanged manifests, 6 when rows are blocked
        #[arg(long)]
        detailed_exitcode: bool,
    },
    /// Make live what the manifests declare, and wait until it is true
    Apply {
        #[command(flatten)]
        manifests: Manifests,
        #[command(flatten)]
        planning: Planning,
        #[command(flatten)]
        pace: Pace,
        #[command(flatten)]
        running: Running,
    },
    /// Delete recorded objects: those of the given manifests, or all of them
    Destroy {
        #[command(flatten)]
        manifests: Manifests,
        /// Delete everything that the state records
        #[arg(long, conflicts_with_all = ["paths", "filename"])]
        all: bool,
        /// Also delete connectors that our JARs registered although nobody declared them
        #[arg(long)]
        delete_strays: bool,
        /// Refuse more deletes than this
        #[arg(long, env = "RECONCILE_MAX_DELETE", value_name = "N")]
        max_delete: Option<usize>,
        #[command(flatten)]
        pace: Pace,
        #[command(flatten)]
        running: Running,
    },
    /// Show how live stands against what was last applied
    Drift {
        #[command(flatten)]
        manifests: Manifests,
        /// Also read each store by itself (one request each): what a listing does not show of it
        #[arg(long)]
        deep: bool,
        /// Exit 7 when live moved
        #[arg(long)]
        detailed_exitcode: bool,
        #[command(flatten)]
        pace: Pace,
    },
    /// List the live connectors of a namespace, or all stores with how they log in
    List {
        /// `Store`, or the namespace of connectors
        #[arg(value_name = "Store|WORKSPACE:NAMESPACE")]
        what: String,
        /// Manifests that say where the secrets of stores come from; default: the project file's folder
        #[arg(short = 'f', long = "filename", value_name = "PATH")]
        filename: Vec<PathBuf>,
        /// Only names with this text in them
        #[arg(long, value_name = "TEXT")]
        name: Option<String>,
        /// Only what the state does not record
        #[arg(long)]
        unmanaged: bool,
        #[command(flatten)]
        pace: Pace,
    },
    /// Show one object: declared, recorded and live side by side
    Show {
        /// KIND/NAME
        #[arg(value_name = "KIND/NAME")]
        address: String,
        #[command(flatten)]
        manifests: Manifests,
        #[command(flatten)]
        pace: Pace,
    },
    /// Record an object that exists, without a request that changes anything
    Import {
        /// The kind: FlinkConnector or Store
        kind: String,
        /// WORKSPACE:NAMESPACE:NAME of a connector, the name of a store
        id: String,
        /// The name under metadata.name; default: the name of the object
        #[arg(long = "as", value_name = "NAME")]
        name: Option<String>,
        #[command(flatten)]
        lock: LockWait,
        #[command(flatten)]
        pace: Pace,
    },
    /// Look at the state and correct it
    State {
        #[command(subcommand)]
        command: StateCommand,
    },
    /// Show who holds the state's lock, and clear what a dead run left in it
    Unlock,
    /// Serve the vendors' APIs on loopback, for tests and for trying things out
    Emulator(Emulator),
    /// Print the JSON Schema of manifests, for editors and other checks
    Schema {
        /// Only this kind: FlinkConnector or Store; default: all kinds in one schema
        kind: Option<String>,
    },
    /// Explain a kind, a field or an error code
    Explain {
        /// A kind, a field such as FlinkConnector.spec.jarUrl or Store.kafka, or a code such as RC0107
        #[arg(value_name = "TOPIC")]
        topic: String,
    },
    /// Print the version
    Version,
    /// Help on a command or the exit codes, and everything that `explain` explains
    Help {
        /// A command, `exit-codes`, an error code such as RC0107, or a kind such as FlinkConnector
        topic: Vec<String>,
    },
}

/// `state …`
#[derive(Debug, Subcommand)]
pub(crate) enum StateCommand {
    /// List the recorded objects
    List,
    /// Show what is recorded of an object
    Show {
        /// KIND/NAME
        address: String,
    },
    /// Give a recorded object another address; sends nothing
    Mv {
        /// KIND/NAME now
        from: String,
        /// KIND/NAME from now on
        to: String,
        #[command(flatten)]
        lock: LockWait,
    },
    /// Forget recorded objects; they live on
    Rm {
        /// KIND/NAME
        #[arg(required = true)]
        addresses: Vec<String>,
        #[command(flatten)]
        lock: LockWait,
    },
}

/// `emulator`
#[derive(Debug, Args)]
pub(crate) struct Emulator {
    /// Loopback address and port; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:0", value_name = "HOST:PORT")]
    pub(crate) listen: String,
    /// Folder of the world; without it the world ends with the emulator
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Append one JSON object for each request to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) request_log: Option<PathBuf>,
    /// Behave as documented: register takes a jarUrl and nothing else
    #[arg(long, requires = "jars")]
    pub(crate) strict: bool,
    /// What JARs hold: one JSON file for each jarUrl
    #[arg(long, value_name = "DIR")]
    pub(crate) jars: Option<PathBuf>,
    /// Hold every answer back for this long
    #[arg(long, value_name = "DURATION")]
    pub(crate) latency: Option<String>,
    /// A registered connector is not listed for this long
    #[arg(long, value_name = "DURATION")]
    pub(crate) creating_for: Option<String>,
    /// A deleted connector is still listed for this long
    #[arg(long, value_name = "DURATION")]
    pub(crate) deleting_for: Option<String>,
    /// Throttle every request after this many
    #[arg(long, value_name = "N")]
    pub(crate) throttle_after: Option<u64>,
    /// Fail requests: OP:CODExN or OP:CODE@P%, for example register:503x2, create-store:57015, '*:503@1%' (repeatable)
    #[arg(long, value_name = "FAULT")]
    pub(crate) fail: Vec<String>,
    /// A created or updated store is provisioning for this long
    #[arg(long, value_name = "DURATION")]
    pub(crate) provisioning_for: Option<String>,
    /// A dropped store is still listed for this long
    #[arg(long, value_name = "DURATION")]
    pub(crate) dropping_for: Option<String>,
    /// When wrong credentials of a store show: the statement fails, or the store ends errored
    #[arg(long, default_value = "later", value_name = "WHEN", value_parser = ["create", "later"])]
    pub(crate) login_check: String,
    /// Answer each statement with 202 first, and N polls after it
    #[arg(long, value_name = "N")]
    pub(crate) pending: Option<u32>,
    /// Rows in one partition of a result
    #[arg(long, default_value = "1000", value_name = "N")]
    pub(crate) partition_rows: NonZeroUsize,
    /// Role that may do nothing (repeatable)
    #[arg(long, default_value = "nobody", value_name = "NAME")]
    pub(crate) deny_role: Vec<String>,
}
