//! What is told while a suite runs.

use super::outcome::{ScenarioOutcome, SuiteOutcome};
use crate::domain::suite::SuiteName;
use crate::domain::suite::scenario::{Property, Scenario};
use crate::domain::suite::verdict::Verdict;

/// What happens.
#[derive(Debug, Clone, Copy)]
pub enum Told<'a> {
    /// A suite begins.
    SuiteBegins(&'a SuiteName),
    /// One of its scenarios begins.
    ScenarioBegins(&'a Scenario),
    /// So many of its rows have left the source; told now and then.
    Rows(u64),
    /// It is over.
    ScenarioEnds(&'a ScenarioOutcome),
    /// A property is being tried.
    Tries(Property),
    /// It was.
    Judged(Property, &'a Verdict),
    /// The suite is over.
    SuiteEnds(&'a SuiteOutcome),
}

/// Somebody who wants to know.
pub trait Reporter {
    /// Is told.
    fn told(&self, what: Told<'_>);
}
