//! Each scenario and each property as something that is proven or not: what reports for pipelines are made from.

use super::Verified;
use super::lines::{differences, replay};
use crate::domain::suite::SuiteName;
use crate::domain::suite::verdict::Verdict;
use crate::verify::run::{ScenarioEnd, ScenarioOutcome, SuiteOutcome};

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Proof {
    /// `scenario orders`, `property 5: connection pool resources`.
    pub(crate) name: String,
    /// What came of it.
    pub(crate) finding: Finding,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Finding {
    /// Nothing contradicts it.
    Proven,
    /// Something does.
    Refuted {
        /// In one line.
        message: String,
        /// The rest, with how to see it again.
        body: String,
    },
    /// It could not be looked at, and should have been.
    NotRun {
        /// The code, or `stopped`.
        code: String,
        /// Why.
        message: String,
    },
    /// It cannot be judged here.
    NotJudged {
        /// Why.
        why: String,
    },
}

impl Finding {
    /// The words of all of them.
    pub(crate) const WORDS: [&str; 4] = ["proven", "refuted", "not run", "not judged"];

    /// The word for it.
    pub(crate) fn word(&self) -> &'static str {
        let [proven, refuted, not_run, not_judged] = Self::WORDS;
        match self {
            Self::Proven => proven,
            Self::Refuted { .. } => refuted,
            Self::NotRun { .. } => not_run,
            Self::NotJudged { .. } => not_judged,
        }
    }
}

/// All of them, suite by suite.
pub(crate) fn proofs(verified: &Verified) -> Vec<(SuiteName, Vec<Proof>)> {
    verified.suites.iter().map(|suite| (suite.suite.clone(), of_suite(suite, &verified.command))).collect()
}

fn of_suite(suite: &SuiteOutcome, command: &str) -> Vec<Proof> {
    if let Some(why) = &suite.not_begun {
        let code = why.code().unwrap_or("error").to_owned();
        let finding = Finding::NotRun { code, message: why.to_string() };
        return vec![Proof { name: "the database".to_owned(), finding }];
    }
    let scenarios = suite.scenarios.iter().map(|scenario| of_scenario(suite, scenario, command));
    let properties = suite.verdicts.iter().map(|(property, verdict)| {
        let name = format!("property {property}: {}", property.title());
        let finding = match verdict {
            Verdict::Holds(_) => Finding::Proven,
            Verdict::NotApplicable { reason } => Finding::NotJudged { why: reason.clone() },
            Verdict::Refuted(evidence, found) => {
                let again = replay(&suite.suite, *property, evidence, found.number);
                let body = format!("case {}: {}\nagain: {command} {again}", found.number, found.case);
                Finding::Refuted { message: found.finding.clone(), body }
            }
        };
        Proof { name, finding }
    });
    scenarios.chain(properties).collect()
}

fn of_scenario(suite: &SuiteOutcome, scenario: &ScenarioOutcome, command: &str) -> Proof {
    let again = format!("again: {command} --suite {} --scenario {}", suite.suite.as_str(), scenario.name);
    let finding = match &scenario.end {
        ScenarioEnd::Ran(ran) if ran.misses.is_empty() => Finding::Proven,
        ScenarioEnd::Ran(ran) => {
            let lines = differences(&ran.comparison).into_iter().chain([again]).collect::<Vec<_>>();
            Finding::Refuted { message: ran.misses.join("; "), body: lines.join("\n") }
        }
        ScenarioEnd::Failed(why) => Finding::Refuted { message: why.clone(), body: again },
        ScenarioEnd::NotRun(why) => Finding::NotRun { code: why.code().to_owned(), message: why.to_string() },
        ScenarioEnd::Stopped => {
            Finding::NotRun { code: "stopped".to_owned(), message: "the run was stopped".to_owned() }
        }
    };
    Proof { name: format!("scenario {}", scenario.name), finding }
}
