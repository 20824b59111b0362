//! The commands.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use super::{
    Accepting, Emulator, Extent, Fmt, Global, Import, Manifests, Pace, Planning, Recording, Running,
    Selecting, Shell, Simulate, StateCommand, Status, Verify, Watch, examples,
};

/// Streaming infrastructure as code: declare Flink connectors and stores in YAML, review an honest plan, apply it, and
/// know that it is true.
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

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check manifests; opens no socket and needs no credentials
    #[command(after_help = examples::VALIDATE)]
    Validate {
        #[command(flatten)]
        manifests: Manifests,
    },
    /// Show what apply would do; changes nothing and takes no lock
    #[command(after_help = examples::PLAN)]
    Plan {
        #[command(flatten)]
        manifests: Manifests,
        #[command(flatten)]
        planning: Planning,
        #[command(flatten)]
        pace: Pace,
        /// Exit 2 when there are changes, 7 when live drifted from unchanged manifests, 6 when rows are blocked
        #[arg(long, env = "RECONCILE_DETAILED_EXITCODE")]
        detailed_exitcode: bool,
        /// Also save the plan for `apply FILE`; makes an empty state if there is none
        #[arg(long, value_name = "FILE", conflicts_with = "offline")]
        out: Option<PathBuf>,
        /// Plan from what `snapshot` recorded: no request, no credentials, no state
        #[arg(long, env = "RECONCILE_OFFLINE", value_name = "FILE")]
        offline: Option<PathBuf>,
    },
    /// Show what becomes of a plan when requests fail or the process dies; sends nothing
    #[command(after_help = examples::SIMULATE)]
    Simulate(Simulate),
    /// Record what a plan reads, for planning elsewhere; changes nothing and takes no lock
    #[command(after_help = examples::SNAPSHOT)]
    Snapshot {
        #[command(flatten)]
        manifests: Manifests,
        /// The file to write
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        #[command(flatten)]
        pace: Pace,
    },
    /// Make live what the manifests or a saved plan say, and wait until it is true
    #[command(after_help = examples::APPLY)]
    Apply {
        #[command(flatten)]
        manifests: Manifests,
        /// Finish the plan of a run that was cut off, by its id or the first 8 digits of it; `status` shows it
        #[arg(long, value_name = "RUN")]
        resume: Option<String>,
        #[command(flatten)]
        planning: Planning,
        #[command(flatten)]
        pace: Pace,
        #[command(flatten)]
        running: Running,
    },
    /// Delete recorded objects: those of the given manifests, or all of them
    #[command(after_help = examples::DESTROY)]
    Destroy {
        #[command(flatten)]
        manifests: Manifests,
        /// Delete everything that the state records
        #[arg(long, conflicts_with_all = ["paths", "filename"])]
        all: bool,
        #[command(flatten)]
        selecting: Selecting,
        #[command(flatten)]
        extent: Extent,
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
    /// Show the state at a glance; asks no service unless --live is given
    #[command(after_help = examples::STATUS)]
    Status(Status),
    /// Show how live stands against what was last applied
    #[command(after_help = examples::DRIFT)]
    Drift {
        #[command(flatten)]
        manifests: Manifests,
        /// Also read each store by itself (one request each): what a listing does not show of it
        #[arg(long, env = "RECONCILE_DEEP")]
        deep: bool,
        /// Exit 7 when live moved
        #[arg(long, env = "RECONCILE_DETAILED_EXITCODE")]
        detailed_exitcode: bool,
        /// Compare with what `snapshot` recorded: no request, no credentials, no state
        #[arg(long, env = "RECONCILE_OFFLINE", value_name = "FILE", conflicts_with = "deep")]
        offline: Option<PathBuf>,
        #[command(flatten)]
        selecting: Selecting,
        #[command(flatten)]
        accepting: Accepting,
        #[command(flatten)]
        pace: Pace,
    },
    /// Prove that rows arrive in a MySQL database, exactly: run the declared suites
    #[command(after_help = examples::VERIFY)]
    Verify(Verify),
    /// Rewrite manifests in one style; comments are kept, the meaning is proven unchanged
    #[command(after_help = examples::FMT)]
    Fmt(Fmt),
    /// Write a starter that applies on the built-in emulator; overwrites nothing
    #[command(after_help = examples::INIT)]
    Init {
        /// The folder; it is created if it is not there
        #[arg(value_name = "DIR", default_value = ".")]
        folder: PathBuf,
    },
    /// List the live connectors of a namespace, or all stores with how they log in
    #[command(after_help = examples::LIST)]
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
    /// Show one object: declared, recorded and live side by side; or a saved plan
    #[command(after_help = examples::SHOW)]
    Show {
        /// KIND/NAME, or the file of a saved plan
        #[arg(value_name = "KIND/NAME|FILE")]
        address: String,
        #[command(flatten)]
        manifests: Manifests,
        #[command(flatten)]
        pace: Pace,
    },
    /// Record what exists, one object or all, without a request that changes anything
    #[command(after_help = examples::IMPORT)]
    Import(Import),
    /// Record what live says, so that it is no longer drift; sends nothing
    #[command(after_help = examples::REFRESH)]
    Refresh {
        #[command(flatten)]
        manifests: Manifests,
        #[command(flatten)]
        recording: Recording,
        #[command(flatten)]
        selecting: Selecting,
        #[command(flatten)]
        pace: Pace,
    },
    /// Look at the state and correct it
    #[command(after_help = examples::STATE)]
    State {
        #[command(subcommand)]
        command: StateCommand,
    },
    /// Show who holds the state's lock, and clear what a dead run left in it
    #[command(after_help = examples::UNLOCK)]
    Unlock,
    /// Serve the vendors' APIs on loopback, for tests and for trying things out
    #[command(after_help = examples::EMULATOR)]
    Emulator(Emulator),
    /// Show the settings in force: what apply would use now
    #[command(after_help = examples::CONFIG)]
    Config {
        /// Also say where each setting comes from
        #[arg(long)]
        show_origin: bool,
    },
    /// Check everything that a run needs: project, state, manifests, credentials
    #[command(after_help = examples::DOCTOR)]
    Doctor {
        #[command(flatten)]
        manifests: Manifests,
        /// Also ask the services: connections, clocks, and one listing for each namespace and for stores
        #[arg(long, env = "RECONCILE_LIVE")]
        live: bool,
    },
    /// Print the JSON Schema of manifests, or of what programs are told
    #[command(after_help = examples::SCHEMA)]
    Schema {
        /// Only this kind, `FlinkConnector`, `Store`, `SinkVerification`, or `events`, `api` or `notification`; default: all kinds in one schema
        #[arg(value_name = "KIND|events|api|notification")]
        topic: Option<String>,
    },
    /// Explain a kind, a field or an error code
    #[command(after_help = examples::EXPLAIN)]
    Explain {
        /// A kind, a field such as FlinkConnector.spec.jarUrl or Store.kafka, or a code such as RC0107
        #[arg(value_name = "TOPIC")]
        topic: String,
    },
    /// Print a completion script for a shell; it also completes recorded addresses
    #[command(after_help = examples::COMPLETION)]
    Completion {
        /// The shell, for example: source <(reconcile completion bash)
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Follow manifests and services; apply or report what differs, without asking
    #[command(after_help = examples::WATCH)]
    Watch(Watch),
    /// Print the version
    #[command(after_help = examples::VERSION)]
    Version,
    /// Help on a command or the exit codes, and everything that `explain` explains
    #[command(after_help = examples::HELP)]
    Help {
        /// A command, `exit-codes`, an error code such as RC0107, or a kind such as FlinkConnector
        topic: Vec<String>,
    },
}
