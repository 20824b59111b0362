//! `verify`

use clap::Args;

use super::Manifests;
use crate::cli::events::Destination;

/// `verify`
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// Where the suites are.
    #[command(flatten)]
    pub(crate) manifests: Manifests,
    /// Only this suite (repeatable)
    #[arg(long, env = "RECONCILE_SUITE", value_name = "NAME", value_delimiter = ',')]
    pub(crate) suite: Vec<String>,
    /// Only scenarios of this name (repeatable)
    #[arg(long, env = "RECONCILE_SCENARIO", value_name = "NAME", value_delimiter = ',')]
    pub(crate) scenario: Vec<String>,
    /// Only scenarios of this category: connection, dataTypes, performance, resilience, integration or regression (repeatable)
    #[arg(long, env = "RECONCILE_CATEGORY", value_name = "WORD", value_delimiter = ',')]
    pub(crate) category: Vec<String>,
    /// Only these properties, and the scenarios that have one of them: 5, or 6-10 (repeatable)
    #[arg(long, env = "RECONCILE_PROPERTY", value_name = "N", value_delimiter = ',')]
    pub(crate) property: Vec<String>,
    /// How many cases each property is tried with; those that stop the server have an eighth of it
    #[arg(
        long,
        env = "RECONCILE_CASES",
        value_name = "N",
        default_value_t = Verify::CASES,
        value_parser = clap::value_parser!(u32).range(1..=1_000_000)
    )]
    pub(crate) cases: u32,
    /// Where the cases come from: the same number gives the same cases; default: another one each time
    #[arg(long, env = "RECONCILE_SEED", value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// In each scenario, also do this to the way to the database: at=40%,do=stall,for=2s (repeatable)
    #[arg(long, value_name = "FAULT")]
    pub(crate) fault: Vec<String>,
    /// Try only the case that refuted a property again, as the report names it
    #[arg(
        long,
        value_name = "SUITE:PROPERTY:SEED:CASE",
        conflicts_with_all = ["suite", "scenario", "category", "property", "seed", "cases", "fault"]
    )]
    pub(crate) replay: Option<String>,
    /// Also write what the flows tell (batches, errors, changes of the pool), as `logging` of each suite says
    #[arg(long, env = "RECONCILE_RECORDS", value_name = "FILE|fd:N")]
    pub(crate) records: Option<Destination>,
    /// Use a database of this run's own: the installed MariaDB or MySQL, on a free local port, gone afterwards
    #[arg(long, env = "RECONCILE_START_MYSQL")]
    pub(crate) start_mysql: bool,
}

impl Verify {
    /// How many cases each property is tried with when nothing is said.
    pub(crate) const CASES: u32 = 32;
}
