//! Properties 16, 18 and 20: what a flow tells is what happened.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;

use super::bench::{Bench, Done, FlowRunner, Setup, nothing, number, row, text};
use super::trial::{Judged, Trial, judge_sharing, require};
use crate::domain::suite::pipeline::WriteMode;
use crate::domain::suite::report::Logging;
use crate::domain::suite::verdict::Verdict;
use crate::platform::time;
use crate::verify::mysql::client::Client;
use crate::verify::row::Row;

#[derive(Debug, Clone)]
struct Case {
    mode: WriteMode,
    batch_size: u32,
    parallelism: u16,
    /// Whether the server takes each row.
    rows: Vec<bool>,
}

fn cases(refused: u32) -> impl Strategy<Value = Case> {
    let mode = prop_oneof![Just(WriteMode::Insert), Just(WriteMode::Upsert)];
    let fits = prop_oneof![8 => Just(true), refused => Just(false)];
    (mode, 1..=16_u32, 1..=3_u16, vec(fits, 1..=40)).prop_map(|(mode, batch_size, parallelism, rows)| Case {
        mode,
        batch_size,
        parallelism,
        rows,
    })
}

async fn run(
    bench: &mut Bench,
    runner: &impl FlowRunner,
    case: &Case,
    logging: Logging,
) -> Result<Done, String> {
    let setup = Setup { logging, ..Setup::new(case.mode, case.batch_size, case.parallelism) };
    let made = |(id, fits): (i64, &bool)| -> Row { row(id, fits.then_some("ok"), id) };
    bench.flow(runner, &setup, (0..).zip(&case.rows).map(made).map(Ok).collect(), &nothing).await
}

fn float(record: &serde_json::Value, field: &str) -> Option<f64> {
    record.get(field).and_then(serde_json::Value::as_f64)
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

/// Property 16: every batch is told once, with the rows that were sent, written and refused, its bytes, its time, its
/// attempt and its status; together they are what is in the table.
pub fn operation_logging(runner: &impl FlowRunner, client: &Client, trial: Trial) -> Verdict {
    let judged = async |bench: &mut Bench, case: Case| -> Judged {
        let done = run(bench, runner, &case, Logging::default()).await?;
        let mut told = BTreeMap::new();
        for record in done.of("batch") {
            let batch =
                number(record, "batch").ok_or_else(|| format!("a batch without a number: {record}"))?;
            require(told.insert(batch, record).is_none(), || format!("batch {batch} was told twice"))?;
        }
        require(told.keys().eq(done.seen.keys()), || {
            format!("batches {:?} were told, and {:?} were written", told.keys(), done.seen.keys())
        })?;
        let mut written = 0;
        for ((batch, record), seen) in told.iter().zip(done.seen.values()) {
            let counts =
                ["rows", "written", "refused"].map(|field| number(record, field).unwrap_or(u64::MAX));
            let wanted = [seen.keys.len(), seen.written, seen.refused].map(|count| count as u64);
            let status = if seen.refused == 0 { "written" } else { "partly" };
            written += wanted[1];
            require(counts == wanted && text(record, "status") == status, || {
                format!(
                    "batch {batch} has rows, written, refused {wanted:?} and is {status}, and was told as {record}"
                )
            })?;
            let ms = float(record, "ms").unwrap_or_default();
            let is_timed = ms >= milliseconds(seen.took) - 0.002 && ms <= milliseconds(done.took);
            let is_whole = time::age(text(record, "time")).is_some()
                && text(record, "level") == "info"
                && text(record, "table").starts_with("reconcile_")
                && number(record, "bytes").is_some_and(|bytes| bytes >= 16 * wanted[0])
                && number(record, "attempt") == Some(seen.attempt);
            require(is_timed && is_whole, || {
                format!("batch {batch} took {:?}, and was told as {record}", seen.took)
            })?;
        }
        require(written == done.content.len() as u64, || {
            format!("{written} rows were told as written, and {} are there", done.content.len())
        })?;
        Ok(vec![("batches", told.len() as u64), ("rows written", written)])
    };
    judge_sharing(trial, &cases(1), async || Bench::open(client, client).await, &judged, Bench::close)
}

/// Property 18: throughput, latency and error rate are those of an independent count.
pub fn metrics_collection(runner: &impl FlowRunner, client: &Client, trial: Trial) -> Verdict {
    let judged = async |bench: &mut Bench, case: Case| -> Judged {
        let done = run(bench, runner, &case, Logging::default()).await?;
        let mut all = done.of("metrics");
        let (Some(metrics), None) = (all.next(), all.next()) else {
            return Err("the metrics are not told exactly once".to_owned());
        };
        let counts =
            ["read", "written", "refused", "batches"].map(|field| number(metrics, field).unwrap_or(u64::MAX));
        let written = done.content.len();
        let refused = case.rows.iter().filter(|fits| !**fits).count();
        let wanted = [case.rows.len(), written, refused, done.seen.len()].map(|count| count as u64);
        require(counts == wanted, || {
            format!("read, written, refused and batches were {wanted:?}, and were told as {counts:?}")
        })?;
        let (took, longest) = (float(metrics, "ms").unwrap_or_default(), milliseconds(done.took));
        let busiest = done.seen.values().map(|seen| milliseconds(seen.took)).fold(0.0, f64::max);
        require(took >= busiest - 0.002 && took <= longest, || {
            format!("the flow took {busiest} to {longest} ms, and was told as {took} ms")
        })?;
        let near = |field: &str, wanted: f64| {
            let found = float(metrics, field).unwrap_or(f64::NAN);
            let is_near = (found - wanted).abs() <= wanted.abs() / 500.0 + 0.002;
            require(is_near, || format!("{field} is {wanted}, and was told as {found}"))
        };
        near("throughput", as_float(written) * 1_000.0 / took)?;
        near("errorRate", as_float(refused) / as_float(case.rows.len()))?;
        let mut times: Vec<f64> = done.of("batch").filter_map(|record| float(record, "ms")).collect();
        times.sort_by(f64::total_cmp);
        for (field, percent) in
            [("latencyP50Ms", 50), ("latencyP95Ms", 95), ("latencyP99Ms", 99), ("latencyMaxMs", 100)]
        {
            let rank = (percent * times.len()).div_ceil(100).max(1);
            near(field, times.get(rank - 1).copied().unwrap_or_default())?;
        }
        Ok(vec![("batches", wanted[3]), ("rows written", wanted[1]), ("rows refused", wanted[2])])
    };
    judge_sharing(trial, &cases(1), async || Bench::open(client, client).await, &judged, Bench::close)
}

#[expect(clippy::cast_precision_loss, reason = "a case has few rows")]
fn as_float(count: usize) -> f64 {
    count as f64
}

/// Property 20: with traces every row's way is told step by step, in order and to its end; without them nothing of it is.
pub fn debug_traces(runner: &impl FlowRunner, client: &Client, trial: Trial) -> Verdict {
    let cases = (cases(1), prop_oneof![5 => Just(true), 1 => Just(false)]);
    let judged = async |bench: &mut Bench, (case, traces): (Case, bool)| -> Judged {
        let done = run(bench, runner, &case, Logging { traces, ..Logging::default() }).await?;
        let mut ways: BTreeMap<u64, Vec<&serde_json::Value>> = BTreeMap::new();
        for record in done.of("trace") {
            ways.entry(number(record, "row").unwrap_or_default()).or_default().push(record);
        }
        if !traces {
            require(ways.is_empty(), || format!("nobody asked for traces: {ways:?}"))?;
            return Ok(vec![("flows without traces", 1)]);
        }
        require(ways.len() == case.rows.len(), || {
            format!("the ways of {} rows were told, and there are {}", ways.len(), case.rows.len())
        })?;
        for ((row, way), fits) in ways.iter().zip(&case.rows) {
            let last = if *fits { "written" } else { "refused" };
            let steps: Vec<&str> = way.iter().map(|record| text(record, "step")).collect();
            let wanted = ["read", "transformed", "judged", "batched", last];
            require(steps == wanted, || format!("row {row} went {wanted:?}, and was told as {steps:?}"))?;
            let times: Vec<u64> = way.iter().filter_map(|record| number(record, "atUs")).collect();
            require(times.len() == steps.len() && times.is_sorted(), || {
                format!("the times of row {row} are {times:?}")
            })?;
            let key = format!("id={}", row - 1);
            let batch = way.get(3).and_then(|record| number(record, "batch"));
            let seen = batch.and_then(|batch| done.seen.get(&batch));
            let is_whole = seen.is_some_and(|seen| seen.keys.contains(&key))
                && way.iter().skip(2).all(|record| text(record, "key") == key)
                && way.get(4).is_some_and(|record| {
                    number(record, "batch") == batch
                        && number(record, "attempt") == seen.map(|seen| seen.attempt)
                });
            require(is_whole, || format!("row {row} was told as {way:?}"))?;
        }
        Ok(vec![("steps", 5 * case.rows.len() as u64)])
    };
    judge_sharing(trial, &cases, async || Bench::open(client, client).await, &judged, Bench::close)
}
