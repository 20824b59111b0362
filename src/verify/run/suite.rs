//! One suite, from the first connection to the last table that is dropped.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::judge::Subject;
use super::outcome::{NotBegun, ScenarioEnd, ScenarioOutcome, SuiteOutcome};
use super::refusal::Refusal;
use super::reporter::{Reporter, Told};
use super::scenario::{self, Place};
use super::server::Server;
use crate::domain::address::ObjectName;
use crate::domain::suite::Suite;
use crate::domain::suite::flink::Engine;
use crate::domain::suite::report::Thresholds;
use crate::domain::suite::scenario::{Category, Property, Scenario};
use crate::domain::suite::verdict::Verdict;
use crate::platform::time::SystemClock;
use crate::verify::mysql::client::Client;
use crate::verify::mysql::facts::ServerFacts;
use crate::verify::mysql::schema::Run;
use crate::verify::property::{Dialer as _, Outage as _, SuiteReader, Trial};
use crate::verify::record::Records;
use crate::verify::table::clean_up;

/// What of a suite is run.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// The scenarios, by name.
    pub scenarios: Vec<ObjectName>,
    /// The properties that are judged.
    pub properties: BTreeSet<Property>,
    /// How they are tried.
    pub trial: Trial,
    /// Slow properties as often as the others: when a case is tried again.
    pub as_often: bool,
}

/// What a run needs beside the suite.
#[derive(Clone)]
pub struct Around<'a> {
    /// Whose the database is.
    pub server: Server,
    /// Who reads the files of a project.
    pub reader: Arc<dyn SuiteReader>,
    /// Who is told of batches, errors, and changes of the pool.
    pub records: Arc<dyn Records>,
    /// Who is told what happens.
    pub reporter: &'a dyn Reporter,
    /// Somebody asks for the end: what is under way is finished, nothing new is begun, and everything is taken away.
    pub stop: CancellationToken,
}

/// Runs a suite, whose password was fetched. What fails is in the outcome.
pub async fn run_suite(suite: &Suite, options: &RunOptions, around: &Around<'_>) -> SuiteOutcome {
    let clock = SystemClock::start();
    let mysql = &suite.mysql;
    let mut outcome = SuiteOutcome {
        suite: suite.name.clone(),
        database: format!("{}@{}:{}/{}", mysql.username, mysql.host, mysql.port, mysql.database),
        server: None,
        trial: options.trial,
        not_begun: None,
        scenarios: Vec::new(),
        verdicts: BTreeMap::new(),
        has_thresholds: has_thresholds(suite, options),
        meant: options.properties.len(),
        is_stopped: false,
        left_behind: None,
        took: clock.elapsed(),
    };
    around.reporter.told(Told::SuiteBegins(&suite.name));
    match begin(suite).await {
        Ok((facts, run)) => {
            outcome.server = Some(facts.version.clone());
            carry_out(suite, options, around, (&facts, &run), &mut outcome).await;
        }
        Err(error) => outcome.not_begun = Some(error),
    }
    outcome.is_stopped = around.stop.is_cancelled();
    outcome.took = clock.elapsed();
    around.reporter.told(Told::SuiteEnds(&outcome));
    outcome
}

fn has_thresholds(suite: &Suite, options: &RunOptions) -> bool {
    let chosen = |scenario: &&Scenario| options.scenarios.contains(&scenario.name);
    let is_about = |scenario: &Scenario| scenario.category == Category::Performance;
    let declared = suite.thresholds != Thresholds::default() && !options.scenarios.is_empty();
    declared || suite.scenarios.iter().filter(chosen).any(is_about)
}

/// One connection: whatever is wrong with the declaration shows here, before anything is made.
async fn begin(suite: &Suite) -> Result<(ServerFacts, Run), NotBegun> {
    if let Engine::Flink { .. } = suite.engine {
        return Err(Refusal::Engine.into());
    }
    let facts = ().dial(&suite.mysql).await?;
    let run = Run::new().map_err(|error| NotBegun::Machine(error.to_string()))?;
    Ok((facts, run))
}

async fn carry_out(
    suite: &Suite,
    options: &RunOptions,
    around: &Around<'_>,
    (facts, run): (&ServerFacts, &Run),
    outcome: &mut SuiteOutcome,
) {
    let client = match Client::new(suite.mysql.clone()) {
        Ok(client) => client,
        Err(error) => {
            outcome.not_begun = Some(error.into());
            return;
        }
    };
    for scenario in suite.scenarios.iter().filter(|scenario| options.scenarios.contains(&scenario.name)) {
        let ended = one(suite, scenario, (&client, run), around).await;
        around.reporter.told(Told::ScenarioEnds(&ended));
        outcome.scenarios.push(ended);
    }
    let subject = Subject {
        packet: facts.max_allowed_packet,
        mysql: suite.mysql.clone(),
        server: around.server.clone(),
        reader: Arc::clone(&around.reader),
    };
    for property in &options.properties {
        if around.stop.is_cancelled() {
            break;
        }
        around.reporter.told(Told::Tries(*property));
        let verdict = judged(&subject, *property, options).await;
        around.reporter.told(Told::Judged(*property, &verdict));
        outcome.verdicts.insert(*property, verdict);
    }
    // Also when a scenario broke off in the middle: on a connection of its own.
    if let Err(error) = clean_up(&client, run).await {
        outcome.left_behind = Some(format!("tables of run {} may be left: {error}", run.id()));
    }
}

async fn one(
    suite: &Suite,
    scenario: &Scenario,
    (client, run): (&Client, &Run),
    around: &Around<'_>,
) -> ScenarioOutcome {
    let clock = SystemClock::start();
    let end = if around.stop.is_cancelled() {
        ScenarioEnd::Stopped
    } else {
        around.reporter.told(Told::ScenarioBegins(scenario));
        let Around { records, reporter, stop, .. } = around;
        let place = Place { suite, client, run, records, reporter: *reporter, stop };
        scenario::run(scenario, &place).await
    };
    ScenarioOutcome {
        name: scenario.name.clone(),
        category: scenario.category,
        properties: scenario.properties(),
        end,
        took: clock.elapsed(),
    }
}

/// On a thread of its own: the functions of properties block.
async fn judged(subject: &Subject, property: Property, options: &RunOptions) -> Verdict {
    let share = if options.as_often { 1 } else { Subject::share(property) };
    let trial = Trial { cases: options.trial.cases.div_ceil(share), ..options.trial };
    let on_thread = subject.clone();
    let judged = tokio::task::spawn_blocking(move || on_thread.judge(property, trial)).await;
    // A refuted case may have ended while the server was away.
    let back = subject.server.end().await;
    match (judged, back) {
        (Ok(verdict), Ok(())) => verdict,
        (Ok(_), Err(why)) => {
            Verdict::NotApplicable { reason: format!("the server did not come back: {why}") }
        }
        (Err(_broken), _) => Verdict::NotApplicable {
            reason: "judging it broke off: this is a defect of the program".to_owned(),
        },
    }
}
