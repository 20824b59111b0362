//! Property 13: the way to the database is cut in the middle of a flow.

use std::sync::Arc;
use std::time::Duration;

use proptest::collection::btree_map;
use proptest::prelude::*;

use super::bench::{Bench, Content, FlowRunner, Setup, number, row};
use super::trial::{Judged, Trial, judge_sharing, require};
use crate::domain::suite::mysql::Retry;
use crate::domain::suite::pipeline::WriteMode;
use crate::domain::suite::verdict::Verdict;
use crate::platform::time::sleep;
use crate::verify::mysql::client::Client;
use crate::verify::pipeline::Ended;

/// What happens to the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interruption {
    /// Every connection is closed.
    Cut,
    /// Every connection is closed, and new ones are for some time.
    Refused(Duration),
    /// Nothing moves for some time.
    Stalled(Duration),
}

/// The way to a database, under the hands of somebody who interrupts it.
pub trait NetworkPath: Send + Sync + 'static {
    /// Interrupts it; returns at once.
    fn interrupt(&self, how: Interruption);
}

#[derive(Debug, Clone)]
struct Case {
    mode: WriteMode,
    batch_size: u32,
    parallelism: u16,
    rows: usize,
    /// Which batches meet an interruption, after so many microseconds.
    interruptions: std::collections::BTreeMap<u64, (u64, Interruption)>,
}

/// How long an interruption lasts, beside the time-outs of the client that the caller has chosen.
const SHORT: Duration = Duration::from_millis(40);

fn cases(stall: Duration) -> impl Strategy<Value = Case> {
    let how = prop_oneof![
        6 => Just(Interruption::Cut),
        3 => Just(Interruption::Refused(SHORT)),
        1 => Just(Interruption::Stalled(stall)),
    ];
    let mode = prop_oneof![Just(WriteMode::Insert), Just(WriteMode::Upsert)];
    let interruptions = btree_map(1..8_u64, (0..3_000_u64, how), 1..=2);
    (mode, 4..=16_u32, 1..=3_u16, 8..=64_usize, interruptions).prop_map(
        |(mode, batch_size, parallelism, rows, interruptions)| Case {
            mode,
            batch_size,
            parallelism,
            rows,
            interruptions,
        },
    )
}

/// Property 13: for any interruptions, connections are made anew, attempts are told, and every row is written once.
/// `through` goes the way that is interrupted, `direct` does not; a stall lasts for `stall`, which is longer than the
/// query time-out of `through`.
pub fn network_recovery<P: NetworkPath>(
    runner: &impl FlowRunner,
    path: &Arc<P>,
    direct: &Client,
    through: &Client,
    stall: Duration,
    trial: Trial,
) -> Verdict {
    let judged = async |bench: &mut Bench, case: Case| -> Judged {
        let delays = vec![Duration::from_millis(20); 40];
        let retry = Retry::new(40, &delays).ok_or("no such retries")?;
        let setup = Setup { retry, ..Setup::new(case.mode, case.batch_size, case.parallelism) };
        let ids = 0..i64::try_from(case.rows).unwrap_or_default();
        let rows = ids.clone().map(|id| Ok(row(id, Some("ok"), id % 100))).collect();
        let interruptions = case.interruptions.clone();
        let path = Arc::clone(path);
        let done = bench
            .flow(runner, &setup, rows, &move |batch| {
                let (path, interruption) = (Arc::clone(&path), interruptions.get(&batch).copied());
                Box::pin(async move {
                    if let Some((after, how)) = interruption {
                        sleep(Duration::from_micros(after)).await;
                        path.interrupt(how);
                    }
                })
            })
            .await?;
        let outcome = &done.outcome;
        require(matches!(outcome.ended, Ended::Completed), || {
            format!("the flow ended: {:?}", outcome.ended)
        })?;
        let wanted: Content = ids.map(|id| (id, id % 100)).collect();
        require(done.content == wanted, || format!("the table holds {:?}", done.content.keys()))?;
        require(outcome.written == wanted.len() as u64 && outcome.refused.total == 0, || {
            format!("{} rows are counted as written, {} as refused", outcome.written, outcome.refused.total)
        })?;
        let told = done.of("error").filter(|record| number(record, "pauseMs").is_some()).count() as u64;
        require(told == outcome.retried, || {
            format!("{told} failed attempts were told, and {} further ones made", outcome.retried)
        })?;
        Ok(vec![("failed attempts", told), ("rows written", outcome.written)])
    };
    let open = async || Bench::open(direct, through).await;
    judge_sharing(trial, &cases(stall), open, &judged, Bench::close)
}
