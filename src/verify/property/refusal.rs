//! Properties 11, 12 and 17: what the database refuses costs that row and no other, and is told in full.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::strategy::Union;

use super::bench::{Bench, Content, Done, FlowRunner, Setup, nothing, number, row, text};
use super::trial::{Judged, Trial, judge_sharing, require};
use crate::domain::suite::pipeline::WriteMode;
use crate::domain::suite::verdict::Verdict;
use crate::platform::time;
use crate::verify::mysql::client::Client;
use crate::verify::pipeline::Ended;
use crate::verify::row::Row;

/// What becomes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Fits,
    /// Its key is that of a row some places before it.
    Again(usize),
    /// Its text is longer than the column.
    TooLong,
    /// Its number is larger than the column's.
    TooLarge,
    /// Its text is NULL.
    Null,
}

impl Fate {
    /// What the server answers, when the statement is in order.
    fn answer(self) -> (u64, &'static str) {
        match self {
            Self::Fits => (0, ""),
            Self::Again(_) => (1062, "23000"),
            Self::TooLong => (1406, "22001"),
            Self::TooLarge => (1264, "22003"),
            Self::Null => (1048, "23000"),
        }
    }
}

#[derive(Debug, Clone)]
struct Stream {
    mode: WriteMode,
    batch_size: u32,
    parallelism: u16,
    rows: Vec<Fate>,
    broken: BTreeSet<u64>,
}

fn streams(fates: &[Fate], modes: &[WriteMode], broken: usize) -> impl Strategy<Value = Stream> + use<> {
    let again = (1..20_usize).prop_map(Fate::Again).boxed();
    let of = |fate: &Fate| if let Fate::Again(_) = fate { again.clone() } else { Just(*fate).boxed() };
    let fate = Union::new_weighted(
        std::iter::once((6, Just(Fate::Fits).boxed()))
            .chain(fates.iter().map(|fate| (1, of(fate))))
            .collect(),
    );
    let mode = proptest::sample::select(modes.to_vec());
    (mode, 1..=16_u32, 1..=3_u16, vec(fate, 1..=40), btree_set(1..6_u64, 0..=broken)).prop_map(
        |(mode, batch_size, parallelism, rows, broken)| Stream {
            mode,
            batch_size,
            parallelism,
            rows,
            broken,
        },
    )
}

fn key_of(rows: &[Fate], at: usize) -> i64 {
    let back = if let Some(Fate::Again(back)) = rows.get(at) { *back } else { 0 };
    i64::try_from(at.saturating_sub(back)).unwrap_or(i64::MAX)
}

fn rows(stream: &Stream) -> Vec<Row> {
    let made = |(at, fate): (usize, &Fate)| {
        let n = if *fate == Fate::TooLarge { 1_000 } else { i64::try_from(at).unwrap_or_default() };
        let v = match fate {
            Fate::Null => None,
            Fate::TooLong => Some("longer"),
            _ => Some("ok"),
        };
        row(key_of(&stream.rows, at), v, n)
    };
    stream.rows.iter().enumerate().map(made).collect()
}

/// The table afterwards, and what is refused: by row number, the server's number and SQLSTATE.
fn model(stream: &Stream, done: &Done) -> (Content, BTreeMap<u64, (u64, &'static str)>) {
    let (mut content, mut refused) = (Content::new(), BTreeMap::new());
    let mut met: BTreeMap<i64, usize> = BTreeMap::new();
    for (at, fate) in stream.rows.iter().enumerate() {
        let (id, number) = (key_of(&stream.rows, at), at as u64 + 1);
        // Which rows a broken batch held is known by those who saw it: batches of writers beside each other have no order.
        let nth = met.entry(id).or_default();
        let is_broken = sent_in(done, id, *nth).is_some_and(|batch| stream.broken.contains(&batch));
        *nth += 1;
        let is_taken = stream.mode == WriteMode::Insert && content.contains_key(&id);
        if is_broken {
            refused.insert(number, (1064, "42000"));
        } else if !matches!(fate, Fate::Fits | Fate::Again(_)) {
            refused.insert(number, fate.answer());
        } else if is_taken {
            refused.insert(number, Fate::Again(0).answer());
        } else {
            content.insert(id, i64::try_from(at).unwrap_or_default());
        }
    }
    (content, refused)
}

/// The batch in which the n-th row of this key was sent. Rows of one key keep their order.
fn sent_in(done: &Done, id: i64, nth: usize) -> Option<u64> {
    let key = format!("id={id}");
    let batches = done.seen.iter().flat_map(|(batch, seen)| seen.keys.iter().map(move |key| (*batch, key)));
    batches.filter(|(_, found)| **found == key).map(|(batch, _)| batch).nth(nth)
}

async fn run(bench: &mut Bench, runner: &impl FlowRunner, stream: &Stream) -> Result<Done, String> {
    let setup = Setup {
        broken: stream.broken.clone(),
        ..Setup::new(stream.mode, stream.batch_size, stream.parallelism)
    };
    bench.flow(runner, &setup, rows(stream).into_iter().map(Ok).collect(), &nothing).await
}

/// The flow went on to its end, what fits is in the table, and each refused row is told once, with its number.
fn judge_done(stream: &Stream, done: &Done) -> Result<u64, String> {
    let (content, refused) = model(stream, done);
    let outcome = &done.outcome;
    require(matches!(outcome.ended, Ended::Completed) && outcome.left == 0, || {
        format!("the flow did not go on: {:?}, {} rows are left", outcome.ended, outcome.left)
    })?;
    require(done.content == content, || {
        format!("the table holds {:?} instead of {content:?}", done.content)
    })?;
    let mut told = BTreeMap::new();
    for record in done.errors() {
        let (number, code) = (number(record, "row"), number(record, "code").unwrap_or_default());
        let Some(number) = number else { return Err(format!("an error says no row: {record}")) };
        let twice = told.insert(number, (code, text(record, "sqlstate").to_owned()));
        require(twice.is_none(), || format!("row {number} was told twice"))?;
    }
    let wanted: BTreeMap<u64, (u64, String)> =
        refused.iter().map(|(row, (code, state))| (*row, (*code, (*state).to_owned()))).collect();
    require(told == wanted, || format!("these errors were told: {told:?}, instead of {wanted:?}"))?;
    require(outcome.refused.total == refused.len() as u64, || {
        format!("{} rows are counted as refused instead of {}", outcome.refused.total, refused.len())
    })?;
    Ok(refused.len() as u64)
}

/// Property 11: for any rows with keys that are there already, those are told and left out, and all others are written.
pub fn constraint_violation(runner: &impl FlowRunner, client: &Client, trial: Trial) -> Verdict {
    let cases = streams(&[Fate::Again(0)], &[WriteMode::Insert], 0);
    let judged = async |bench: &mut Bench, stream: Stream| -> Judged {
        let done = run(bench, runner, &stream).await?;
        let refused = judge_done(&stream, &done)?;
        Ok(vec![("violations", refused), ("rows written", done.outcome.written)])
    };
    judge_sharing(trial, &cases, async || Bench::open(client, client).await, &judged, Bench::close)
}

/// Property 12: for any batches whose statement cannot be parsed, those are told with the server's words and left out, and
/// all others are written.
pub fn statement_recovery(runner: &impl FlowRunner, client: &Client, trial: Trial) -> Verdict {
    let cases = streams(&[], &[WriteMode::Insert, WriteMode::Upsert], 3);
    let judged = async |bench: &mut Bench, stream: Stream| -> Judged {
        let done = run(bench, runner, &stream).await?;
        let refused = judge_done(&stream, &done)?;
        for record in done.errors() {
            let is_detailed = text(record, "message").contains("SQL syntax")
                && text(record, "class") == "statement refused"
                && number(record, "batch").is_some_and(|batch| stream.broken.contains(&batch));
            require(is_detailed, || format!("the error says too little: {record}"))?;
        }
        Ok(vec![("rows of broken statements", refused), ("rows written", done.outcome.written)])
    };
    judge_sharing(trial, &cases, async || Bench::open(client, client).await, &judged, Bench::close)
}

/// Property 17: every error is a record with code, SQLSTATE, time, level, and with table, batch, row, key and attempt.
pub fn structured_errors(runner: &impl FlowRunner, client: &Client, trial: Trial) -> Verdict {
    let fates = [Fate::Again(0), Fate::TooLong, Fate::TooLarge, Fate::Null];
    let cases = streams(&fates, &[WriteMode::Insert, WriteMode::Upsert], 1);
    let judged = async |bench: &mut Bench, stream: Stream| -> Judged {
        let done = run(bench, runner, &stream).await?;
        let refused = judge_done(&stream, &done)?;
        for record in done.errors() {
            let row = number(record, "row").and_then(|row| usize::try_from(row).ok()).unwrap_or_default();
            let key = format!("id={}", key_of(&stream.rows, row.saturating_sub(1)));
            let batch = number(record, "batch").and_then(|batch| done.seen.get(&batch));
            let field = match number(record, "code") {
                Some(1406 | 1048) => "v",
                Some(1264) => "n",
                _ => "",
            };
            let is_whole = time::age(text(record, "time")).is_some()
                && text(record, "level") == "warn"
                && text(record, "stage") == "database"
                && text(record, "table").starts_with("reconcile_")
                && text(record, "key") == key
                && text(record, "field") == field
                && batch.is_some_and(|seen| seen.keys.contains(&key))
                && batch.map(|seen| seen.attempt) == number(record, "attempt")
                && record.get("final") == Some(&false.into())
                && !text(record, "class").is_empty()
                && text(record, "message")
                    .contains(&format!("error {}", number(record, "code").unwrap_or_default()));
            require(is_whole, || format!("the error is not told in full: {record}"))?;
        }
        Ok(vec![("errors", refused), ("rows written", done.outcome.written)])
    };
    judge_sharing(trial, &cases, async || Bench::open(client, client).await, &judged, Bench::close)
}
