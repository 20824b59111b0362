//! What is known about a property after it was tried (design.md 7): a verdict with its evidence.

use std::collections::BTreeMap;
use std::time::Duration;

/// What was done to find out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Cases that were tried.
    pub cases: u32,
    /// Where the cases came from: the same seed tries the same cases.
    pub seed: u64,
    /// How long it took.
    pub took: Duration,
    /// What was counted, by name: `connections opened`, `rows written`.
    pub counts: BTreeMap<&'static str, u64>,
}

/// The smallest case that contradicts a property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counterexample {
    /// Which case of the trial led to it, counted from 1: the same seed finds it there again.
    pub number: u32,
    /// The case, in the words of the program.
    pub case: String,
    /// What happened, and what should have happened.
    pub finding: String,
}

/// What is known about a property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// No case contradicted it.
    Holds(Evidence),
    /// A case did.
    Refuted(Evidence, Counterexample),
    /// It says nothing about this engine or this database.
    NotApplicable {
        /// Why.
        reason: String,
    },
}

impl Verdict {
    /// The word in reports: `holds`, `refuted`, `notApplicable`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Holds(_) => "holds",
            Self::Refuted(..) => "refuted",
            Self::NotApplicable { .. } => "notApplicable",
        }
    }

    /// What was done to find out, if anything was.
    pub fn evidence(&self) -> Option<&Evidence> {
        match self {
            Self::Holds(evidence) | Self::Refuted(evidence, _) => Some(evidence),
            Self::NotApplicable { .. } => None,
        }
    }
}
