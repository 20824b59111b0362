//! Which objects a command is about, and how much of a plan is shown.

use clap::Args;

/// Which objects.
#[derive(Debug, Args)]
pub(crate) struct Selecting {
    /// Only these objects and what they need, for example 'FlinkConnector/orders-*' (repeatable)
    #[arg(
        long,
        env = "RECONCILE_TARGET",
        value_name = "KIND/NAME",
        value_delimiter = ',',
        conflicts_with = "exclude"
    )]
    pub(crate) target: Vec<String>,
    /// All but these objects and what needs them (repeatable)
    #[arg(long, env = "RECONCILE_EXCLUDE", value_name = "KIND/NAME", value_delimiter = ',')]
    pub(crate) exclude: Vec<String>,
    /// Only objects with these labels and what they need, for example 'team=a,env!=prod,tier,!legacy'
    #[arg(
        short = 'l',
        long,
        env = "RECONCILE_SELECTOR",
        value_name = "LABELS",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) selector: String,
}

/// How much of a plan is shown.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Extent {
    /// One line for each row of the plan
    #[arg(long, env = "RECONCILE_CONCISE", conflicts_with = "full")]
    pub(crate) concise: bool,
    /// Every row of a large plan with all its fields
    #[arg(long, env = "RECONCILE_FULL")]
    pub(crate) full: bool,
}
