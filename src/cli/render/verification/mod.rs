//! What a verification proved, for people and for programs.

mod json;
mod lines;
mod live;
mod proof;
mod text;

pub(crate) use json::json;
pub(crate) use live::Live;
pub(crate) use proof::{Finding, Proof, proofs};
pub(crate) use text::{summary, text};

use std::time::Duration;

use crate::verify::run::SuiteOutcome;

/// What came of all suites.
#[derive(Debug)]
pub(crate) struct Verified {
    /// One for each.
    pub(crate) suites: Vec<SuiteOutcome>,
    /// The command line without its selection: `reconcile verify suites --start-mysql`.
    pub(crate) command: String,
    /// What was selected, and how hard it was tried: ` --scenario orders --cases 4`, or nothing.
    pub(crate) selection: String,
    /// Where the cases came from.
    pub(crate) seed: u64,
    /// Whether properties alone were tried again.
    pub(crate) is_replay: bool,
    /// How long it took.
    pub(crate) took: Duration,
}

impl Verified {
    /// What to type for the same once more.
    fn again(&self) -> String {
        if self.is_replay {
            return self.command.clone();
        }
        format!("{}{} --seed {}", self.command, self.selection, self.seed)
    }
}
