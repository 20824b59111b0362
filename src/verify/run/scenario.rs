//! One scenario: its table, its rows on their way, and whether all of them arrived.

use std::collections::BTreeSet;
use std::io::BufRead as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::arrived::Arrived;
use super::fault::Faults;
use super::outcome::{FaultOutcome, Ran, ScenarioEnd};
use super::refusal::Refusal;
use super::reporter::{Reporter, Told};
use super::rows::SourceRows;
use super::spoil::Spoils;
use crate::domain::suite::Suite;
use crate::domain::suite::pipeline::WriteMode;
use crate::domain::suite::scenario::{Expect, Scenario};
use crate::platform::fs;
use crate::platform::time::sleep;
use crate::verify::check::{Comparison, Keep, Limits, compare, violations};
use crate::verify::mysql::batch::{Marks, Mode};
use crate::verify::mysql::client::Client;
use crate::verify::mysql::pool::Pool;
use crate::verify::mysql::schema::Run;
use crate::verify::pipeline::{Ended, Flow, FlowOutcome, MysqlSink, Refusals, Rules, run as flow};
use crate::verify::record::{PoolRecords, Records};
use crate::verify::table::{TargetTable, clean_up, prepare};
use crate::verify::transform::Transforms;

/// Where a scenario runs.
pub(super) struct Place<'a> {
    pub(super) suite: &'a Suite,
    pub(super) client: &'a Client,
    pub(super) run: &'a Run,
    pub(super) records: &'a Arc<dyn Records>,
    pub(super) reporter: &'a dyn Reporter,
    pub(super) stop: &'a CancellationToken,
}

/// How often is told how many rows have left the source.
const TOLD_EVERY: Duration = Duration::from_millis(200);
/// Refused rows that are told in words.
const SHOWN: usize = 5;
/// A line of a refused row is shorter.
const LONGEST_LINE: usize = 1 << 20;

/// Runs it, and takes away what it made.
pub(super) async fn run(scenario: &Scenario, place: &Place<'_>) -> ScenarioEnd {
    let rows = SourceRows::new(&scenario.source);
    let spoils = match Spoils::of(&scenario.faults, &scenario.source, rows.schema()) {
        Ok(spoils) => spoils,
        Err(undone) => return ScenarioEnd::NotRun(Refusal::Faults(undone)),
    };
    let spoilt: Vec<FaultOutcome> = spoils.outcomes().collect();
    let ended = carry_out(scenario, &rows.spoilt(spoils), spoilt, place).await;
    // Also after a failure: the next scenario may have a table of the same name.
    let cleaned = clean_up(place.client, place.run).await;
    match (ended, cleaned) {
        (Ok(Some(ran)), Ok(_)) => ScenarioEnd::Ran(Box::new(ran)),
        (Ok(None), _) => ScenarioEnd::Stopped,
        (Err(why), _) => ScenarioEnd::Failed(why),
        (Ok(Some(_)), Err(error)) => ScenarioEnd::Failed(format!("its table is left: {error}")),
    }
}

/// `None` when it was stopped.
async fn carry_out(
    scenario: &Scenario,
    rows: &SourceRows,
    mut faults: Vec<FaultOutcome>,
    place: &Place<'_>,
) -> Result<Option<Ran>, String> {
    let words = |error: &dyn std::fmt::Display| error.to_string();
    let transforms = Transforms::new(&scenario.transform, rows.schema()).map_err(|error| words(&error))?;
    let rules = Rules::new(&scenario.rules, transforms.schema()).map_err(|error| words(&error))?;
    let mut session = place.client.connect().await.map_err(|error| words(&error))?;
    let engine = &place.suite.engine;
    let table = prepare(&mut session, place.run, &scenario.table, transforms.schema(), engine).await;
    let table = table.map_err(|error| words(&error))?;
    let (mode, marks) = match scenario.write.mode {
        WriteMode::Upsert => (Mode::Upsert, None),
        WriteMode::Insert => {
            let marks = Marks::create(&mut session, place.run).await.map_err(|error| words(&error))?;
            (Mode::Insert, Some(Arc::new(marks)))
        }
    };
    session.close().await.map_err(|error| words(&error))?;
    let observer = Arc::new(PoolRecords::new(Arc::clone(place.records)));
    // Only the rows go the way on which things go wrong: tables and comparisons go their own.
    let on_the_way = Faults::prepare(&scenario.faults, rows, &place.suite.mysql).await?;
    let client = match &on_the_way {
        Some(faults) => place.client.through(faults.address()),
        None => place.client.clone(),
    };
    let pool = Pool::new(client, place.suite.mysql.pool.clone(), observer);
    let target = table.target(mode).map_err(|error| words(&error))?;
    let target = match &scenario.write.statement {
        Some(statement) => target.with_statement(statement.clone()),
        None => target,
    };
    let sink = MysqlSink { pool: pool.clone(), retry: place.suite.mysql.retry.clone(), target, marks };
    let folder = fs::temporary_folder(&std::env::temp_dir()).map_err(|error| words(&error))?;
    let dead_letters = folder.path().join("refused.ndjson");
    let way = Flow {
        transforms,
        rules,
        columns: table.columns().iter().map(|column| column.mapped().clone()).collect(),
        write: scenario.write.clone(),
        table: table.name().as_str().to_owned(),
        dead_letters: Some(dead_letters.clone()),
    };
    let went = {
        let read = Arc::new(AtomicU64::new(0));
        let (counted, disturbed) = (Arc::clone(&read), on_the_way.clone());
        let source = rows.open().map_err(|error| words(&error))?;
        let source = source.inspect(move |_| {
            let before = counted.fetch_add(1, Ordering::Relaxed);
            if let Some(faults) = &disturbed {
                faults.read(before + 1);
            }
        });
        let going = flow(&way, source, &sink, &**place.records, place.stop);
        tokio::select! {
            went = going => went,
            never = told(place.reporter, &read) => match never {},
            never = begun_by_time(on_the_way.as_deref(), &read) => match never {},
        }
    };
    faults.extend(on_the_way.iter().flat_map(|faults| faults.end()));
    pool.shut_down().await;
    if matches!(went.ended, Ended::Cancelled) {
        return Ok(None);
    }
    let refused = refused_rows(&went.refused, &dead_letters)?;
    let arrived = Arrived { rows, transforms: &way.transforms, refused: &refused };
    let keep = if mode == Mode::Upsert { Keep::LastOfKey } else { Keep::Every };
    let mut session = place.client.connect().await.map_err(|error| words(&error))?;
    let comparison = compare(&mut session, &table, &arrived, keep, Limits::default()).await;
    let comparison = comparison.map_err(|error| words(&error))?;
    let broken = violations(&mut session, &table).await.map_err(|error| words(&error))?;
    let broken = broken.iter().map(ToString::to_string);
    session.close().await.map_err(|error| words(&error))?;
    let misses = early(&went).into_iter().chain(broken).chain(misses(&scenario.expect, &went, &comparison));
    let misses = misses.chain(faults.iter().filter_map(FaultOutcome::miss)).collect();
    Ok(Some(Ran { faults, ..ran(went, comparison, &table, misses) }))
}

/// For ever.
async fn begun_by_time(faults: Option<&Faults>, read: &AtomicU64) -> std::convert::Infallible {
    match faults {
        Some(faults) => faults.by_time(|| read.load(Ordering::Relaxed)).await,
        None => std::future::pending().await,
    }
}

/// Tells how far it is, for ever.
async fn told(reporter: &dyn Reporter, read: &AtomicU64) -> std::convert::Infallible {
    loop {
        sleep(TOLD_EVERY).await;
        reporter.told(Told::Rows(read.load(Ordering::Relaxed)));
    }
}

/// The numbers of the rows that were refused: those in memory, or those in the file when there are more.
fn refused_rows(refusals: &Refusals, file: &Path) -> Result<BTreeSet<u64>, String> {
    if refusals.total == refusals.kept.len() as u64 {
        return Ok(refusals.kept.iter().map(|row| row.row).collect());
    }
    let (file, _) = fs::open_regular(file).map_err(|error| error.to_string())?;
    let number = |line: std::io::Result<String>| {
        let line = line.map_err(|error| error.to_string())?;
        let row: serde_json::Value = serde_json::from_str(&line).map_err(|error| error.to_string())?;
        row["row"].as_u64().ok_or_else(|| "a refused row has no number".to_owned())
    };
    std::io::BufReader::with_capacity(LONGEST_LINE, file).lines().map(number).collect()
}

/// Why the flow did not come to its end.
fn early(went: &FlowOutcome) -> Option<String> {
    match &went.ended {
        Ended::Completed | Ended::Cancelled => None,
        Ended::Refused => Some("a row was refused, and `onRefused` is `fail`".to_owned()),
        Ended::Failed(error) => Some(format!("the rows did not all go their way: {error}")),
    }
}

/// In what it is not as it must be.
fn misses(expect: &Expect, went: &FlowOutcome, comparison: &Comparison) -> Vec<String> {
    let mut misses = Vec::new();
    if !comparison.is_exact() {
        let Comparison { missing, extra, doubled, different, .. } = comparison;
        let counts = [(missing, "missing"), (extra, "extra"), (doubled, "doubled"), (different, "different")];
        let counts = counts.iter().filter(|(count, _)| **count > 0);
        let counts: Vec<String> = counts.map(|(count, what)| format!("{count} {what}")).collect();
        misses.push(format!("the table is not what it must be: {}", counts.join(", ")));
    }
    let there = comparison.found.saturating_sub(comparison.extra);
    if let Some(written) = expect.written.filter(|written| *written != there) {
        misses.push(format!("{written} rows are expected in the table, and {there} of this run are there"));
    }
    let refused = went.refused.total;
    if let Some(expected) = expect.refused.filter(|expected| *expected != refused) {
        misses.push(format!("{expected} refused rows are expected, and {refused} were"));
    }
    misses
}

fn ran(went: FlowOutcome, comparison: Comparison, table: &TargetTable, misses: Vec<String>) -> Ran {
    let first = went.refused.kept.iter().take(SHOWN);
    Ran {
        read: went.read,
        warned: went.warned,
        written: went.written,
        refused: went.refused.total,
        first_refused: first
            .map(|row| format!("row {}: {}: {}", row.row, row.reason(), row.message))
            .collect(),
        batches: went.batches,
        retried: went.retried,
        flowed: went.took,
        throughput: went.throughput(),
        latency: [50.0, 95.0, 99.0, 100.0].map(|percent| went.latency.at(percent)),
        notes: table.notes().iter().map(ToString::to_string).collect(),
        reasons: went.refused.by_reason,
        comparison,
        faults: Vec::new(),
        misses,
    }
}
