//! Options of every command.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::events::Destination;
use crate::cli::report::Wanted;

/// Options of every command.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Go to this folder first
    #[arg(
        short = 'C',
        long,
        global = true,
        env = "RECONCILE_CHDIR",
        value_name = "DIR",
        help_heading = "Global options"
    )]
    pub(crate) chdir: Option<PathBuf>,
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
    /// Value for `${values.NAME}` in manifests; wins over the profile's (repeatable)
    #[arg(long, global = true, value_name = "NAME=VALUE", help_heading = "Global options")]
    pub(crate) set: Vec<String>,
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
    /// Also write what happens as JSON, one object a line, to a file or an open descriptor
    #[arg(
        long,
        global = true,
        env = "RECONCILE_EVENTS",
        value_name = "FILE|fd:N",
        help_heading = "Global options"
    )]
    pub(crate) events: Option<Destination>,
    /// Also write a report for a pipeline: github, gitlab-terraform, codequality, sarif or junit (repeatable)
    #[arg(
        long,
        global = true,
        env = "RECONCILE_REPORT",
        value_name = "FORMAT=FILE",
        value_delimiter = ',',
        help_heading = "Global options"
    )]
    pub(crate) report: Vec<Wanted>,
    /// Tell GitHub Actions nothing: no annotations, no job summary, no outputs
    #[arg(long, global = true, env = "RECONCILE_NO_CI", help_heading = "Global options")]
    pub(crate) no_ci: bool,
    /// For tests: heartbeats come this many times faster than every 30 s
    #[arg(long, global = true, env = "RECONCILE_HEARTBEAT_TIME_DIVISOR", hide = true, default_value_t = 1)]
    pub(crate) heartbeat_time_divisor: u32,
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
    #[arg(short, long, global = true, env = "RECONCILE_QUIET", help_heading = "Global options")]
    pub(crate) quiet: bool,
    /// Log to stderr: -v state changes, -vv every call (RECONCILE_LOG sets it exactly)
    #[arg(short, long, global = true, env = "RECONCILE_VERBOSE", action = clap::ArgAction::Count, help_heading = "Global options")]
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
    /// The `JUnit` report in place of everything else: of validate, drift and verify.
    Junit,
    /// The Markdown report in place of everything else: of validate, plan, apply, destroy, drift and verify.
    Markdown,
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
