//! What came of a suite.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::refusal::Refusal;
use crate::domain::address::ObjectName;
use crate::domain::suite::SuiteName;
use crate::domain::suite::fault::{Disturbance, Fault};
use crate::domain::suite::scenario::{Category, Property};
use crate::domain::suite::verdict::Verdict;
use crate::verify::check::Comparison;
use crate::verify::mysql::class::Setting;
use crate::verify::mysql::error::MysqlError;
use crate::verify::property::Trial;
use crate::verify::proxy::Done;

/// What came of a suite.
#[derive(Debug)]
pub struct SuiteOutcome {
    /// Which one.
    pub suite: SuiteName,
    /// Where its rows were to go: `loader@127.0.0.1:3306/shop`.
    pub database: String,
    /// The version of the server, once it has spoken.
    pub server: Option<String>,
    /// How properties were tried; slow ones with fewer cases.
    pub trial: Trial,
    /// Why it was not begun, if it was not.
    pub not_begun: Option<NotBegun>,
    /// The scenarios that were meant, in their order.
    pub scenarios: Vec<ScenarioOutcome>,
    /// The properties that were judged.
    pub verdicts: BTreeMap<Property, Verdict>,
    /// Whether it has thresholds that somebody relies on: they are declared, or a scenario is about performance.
    pub has_thresholds: bool,
    /// How many properties were meant to be judged.
    pub meant: usize,
    /// Whether somebody stopped it before everything was done.
    pub is_stopped: bool,
    /// What could not be taken away again, in words.
    pub left_behind: Option<String>,
    /// How long it took.
    pub took: Duration,
}

/// Why a suite was not begun.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotBegun {
    /// This version cannot do it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] MysqlError),
    /// The operating system gave no randomness.
    #[error("the system has no randomness: {0}")]
    Machine(String),
}

impl NotBegun {
    /// The stable code, if it has one.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::Refused(refusal) => Some(refusal.code()),
            Self::Database(error) => error.setting().map(Setting::code),
            Self::Machine(_) => None,
        }
    }
}

/// What came of a scenario.
#[derive(Debug)]
pub struct ScenarioOutcome {
    /// Which one.
    pub name: ObjectName,
    /// What it is about.
    pub category: Category,
    /// The properties that it names.
    pub properties: BTreeSet<Property>,
    /// How it ended.
    pub end: ScenarioEnd,
    /// How long it took.
    pub took: Duration,
}

/// How a scenario ended.
#[derive(Debug)]
pub enum ScenarioEnd {
    /// Its rows went their way.
    Ran(Box<Ran>),
    /// It was not begun: this version cannot do it.
    NotRun(Refusal),
    /// It could not be begun, or broke off.
    Failed(String),
    /// It was stopped, or not begun because the run was stopped.
    Stopped,
}

/// What became of the rows of a scenario.
#[derive(Debug, Default)]
pub struct Ran {
    /// Rows that the source gave.
    pub read: u64,
    /// Times that a rule which only warns was not kept.
    pub warned: u64,
    /// Rows that were written.
    pub written: u64,
    /// Rows that were refused.
    pub refused: u64,
    /// How many were refused for which reason.
    pub reasons: BTreeMap<String, u64>,
    /// The first refused rows, in words.
    pub first_refused: Vec<String>,
    /// Transactions.
    pub batches: u64,
    /// Attempts beyond the first of a batch.
    pub retried: u64,
    /// How long the flow took, without the comparison.
    pub flowed: Duration,
    /// Rows per second.
    pub throughput: f64,
    /// The time within which half of the batches, 95 and 99 of 100, and all were written.
    pub latency: [Duration; 4],
    /// Every row against the table.
    pub comparison: Comparison,
    /// What people should know of the table.
    pub notes: Vec<String>,
    /// What came of each fault.
    pub faults: Vec<FaultOutcome>,
    /// In what the scenario is not as it must be; empty: it holds.
    pub misses: Vec<String>,
}

/// What came of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FaultOutcome {
    /// As it was declared.
    pub fault: Fault,
    /// What it did.
    pub end: FaultEnd,
}

/// What a fault did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultEnd {
    /// Its moment never came: all rows were through before.
    NeverCame,
    /// It happened between us and the database.
    OnTheWay {
        /// So long after the first row.
        after: Duration,
        /// So many rows had left the source.
        rows: u64,
        /// What it did to connections and bytes.
        done: Done,
    },
    /// It spoilt so many rows of the source.
    Spoilt {
        /// How many.
        rows: u64,
    },
}

impl FaultOutcome {
    /// Why it proves nothing, if it does not.
    pub(super) fn miss(&self) -> Option<String> {
        let why = match self.end {
            FaultEnd::NeverCame => "never came: all rows were through before",
            FaultEnd::OnTheWay { done, .. } if done.is_idle => match self.fault.what {
                Disturbance::Drop => "met nothing: no connection was open, and none was opened any more",
                Disturbance::Cut { .. } => "met nothing: fewer bytes than that went to the database",
                _ => "met nothing: no byte was on the way while it lasted",
            },
            FaultEnd::OnTheWay { .. } | FaultEnd::Spoilt { .. } => return None,
        };
        Some(format!("the fault {} {why}", self.fault))
    }
}

impl ScenarioEnd {
    /// The word in reports: `holds`, `failed`, `notRun`, `stopped`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Ran(ran) if ran.misses.is_empty() => "holds",
            Self::Ran(_) | Self::Failed(_) => "failed",
            Self::NotRun(_) => "notRun",
            Self::Stopped => "stopped",
        }
    }

    /// What became of its rows.
    pub fn ran(&self) -> Option<&Ran> {
        if let Self::Ran(ran) = self { Some(ran) } else { None }
    }
}

impl SuiteOutcome {
    /// Whether something was found that must not be: a property is refuted, or a scenario failed.
    pub fn has_failed(&self) -> bool {
        self.verdicts.values().any(|verdict| matches!(verdict, Verdict::Refuted(..)))
            || self.scenarios.iter().any(|scenario| scenario.end.as_str() == "failed")
    }

    /// How many properties were meant and not tried, because it was stopped.
    pub fn not_tried(&self) -> usize {
        let meant = if self.not_begun.is_some() { 0 } else { self.meant };
        meant.saturating_sub(self.verdicts.len())
    }

    /// The properties with this word for a verdict.
    pub fn with(&self, word: &str) -> impl Iterator<Item = (Property, &Verdict)> {
        let verdicts = self.verdicts.iter().map(|(property, verdict)| (*property, verdict));
        verdicts.filter(move |(_, verdict)| verdict.as_str() == word)
    }
}
