//! Which scenarios and properties of the declared suites are meant.

use std::collections::BTreeSet;

use crate::domain::address::ObjectName;
use crate::domain::suite::scenario::{Category, Property, Scenario};
use crate::domain::suite::{Suite, SuiteName, Suites};

/// What is asked for; what is empty leaves nothing out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Suites, by name.
    pub suites: BTreeSet<String>,
    /// Scenarios, by name.
    pub scenarios: BTreeSet<String>,
    /// Categories of scenarios.
    pub categories: BTreeSet<Category>,
    /// Properties: those that are judged, and of scenarios those that have one of them.
    pub properties: BTreeSet<Property>,
}

/// What is meant of one suite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// The suite.
    pub suite: SuiteName,
    /// Its scenarios, in their order; none when only properties are tried again.
    pub scenarios: Vec<ObjectName>,
    /// The properties that are judged.
    pub properties: BTreeSet<Property>,
}

/// Nothing is meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// Nothing is declared.
    #[error("no suite (kind SinkVerification) is declared in these manifests")]
    NoSuite,
    /// Something that was named is not there.
    #[error("no {what} is named `{name}`; there are {}", known.join(", "))]
    Unknown {
        /// `suite` or `scenario`.
        what: &'static str,
        /// As it was named.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// Each is there, and none has all of it.
    #[error("no scenario is of this category and has one of these properties")]
    Nothing,
}

/// Chooses.
///
/// # Errors
/// [`SelectError`]: a run in which nothing is proven must not look like one in which nothing was wrong.
pub fn select(suites: &Suites, by: &Selection) -> Result<Vec<Chosen>, SelectError> {
    if suites.is_empty() {
        return Err(SelectError::NoSuite);
    }
    let names = |found: BTreeSet<&str>| found.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let of_suites = || names(suites.keys().map(SuiteName::as_str).collect());
    named("suite", &by.suites, of_suites)?;
    let in_suites: Vec<&Suite> = suites
        .values()
        .filter(|suite| by.suites.is_empty() || by.suites.contains(suite.name.as_str()))
        .collect();
    let of_scenarios = || {
        let all = in_suites.iter().flat_map(|suite| &suite.scenarios);
        names(all.map(|scenario| scenario.name.as_str()).collect())
    };
    named("scenario", &by.scenarios, of_scenarios)?;
    let chosen: Vec<Chosen> = in_suites.iter().filter_map(|suite| of_suite(suite, by)).collect();
    if chosen.is_empty() { Err(SelectError::Nothing) } else { Ok(chosen) }
}

/// Everything that was named is there.
fn named(
    what: &'static str,
    asked: &BTreeSet<String>,
    known: impl Fn() -> Vec<String>,
) -> Result<(), SelectError> {
    let known = if asked.is_empty() { return Ok(()) } else { known() };
    match asked.iter().find(|name| !known.contains(name)) {
        Some(name) => Err(SelectError::Unknown { what, name: name.clone(), known }),
        None => Ok(()),
    }
}

fn of_suite(suite: &Suite, by: &Selection) -> Option<Chosen> {
    let meant = |scenario: &&Scenario| {
        (by.scenarios.is_empty() || by.scenarios.contains(scenario.name.as_str()))
            && (by.categories.is_empty() || by.categories.contains(&scenario.category))
            && (by.properties.is_empty() || !by.properties.is_disjoint(&scenario.properties()))
    };
    let scenarios: Vec<&Scenario> = suite.scenarios.iter().filter(meant).collect();
    let named = scenarios.iter().flat_map(|scenario| scenario.properties());
    let properties =
        named.filter(|property| by.properties.is_empty() || by.properties.contains(property)).collect();
    let names = scenarios.iter().map(|scenario| scenario.name.clone()).collect();
    (!scenarios.is_empty()).then(|| Chosen { suite: suite.name.clone(), scenarios: names, properties })
}
