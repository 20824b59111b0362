//! A writer: collects rows into batches and writes one after the other.

use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::judge::Encoded;
use super::ledger::{Ledger, Sent};
use super::refused::RefusedRow;
use super::{BATCH_BYTES, Ended, FlowError, Sink};
use crate::domain::suite::pipeline::Write;
use crate::verify::mysql::batch::{self, Batch, Refused, Written};
use crate::verify::mysql::retry::{FailedAttempt, RetryObserver};
use crate::verify::record::{ErrorRecord, Stage, Step};
use crate::verify::types::MappedColumn;

/// Rows that were collected for a batch.
#[derive(Default)]
struct Collected {
    numbers: Vec<u64>,
    rows: Vec<batch::Row>,
    bytes: usize,
}

impl Collected {
    fn push(&mut self, row: Encoded) {
        self.numbers.push(row.number);
        self.rows.push(row.row);
        self.bytes += row.bytes;
    }
}

/// Writes what comes until nothing more comes. When the flow is stopped, the batch that is being written is written to its
/// end, and no other is begun.
pub(super) async fn write_all(
    mut rows: mpsc::Receiver<Encoded>,
    declared: &Write,
    columns: &[MappedColumn],
    sink: &impl Sink,
    ledger: &Ledger<'_>,
) {
    while let Some(collected) = collect(&mut rows, declared, ledger).await {
        let (number, bytes) = (ledger.next_batch(), collected.bytes as u64);
        let batch = Batch { number, rows: collected.rows };
        let sent = Sent { number, rows: &collected.numbers, bytes, since: ledger.elapsed() };
        trace(&batch, &sent, Step::Batched, None, ledger, |_| true);
        match sink.write(&batch, &Attempts { ledger, batch: number }).await {
            Ok(written) => {
                ledger.written(&sent, &written);
                tell_rows(&batch, &sent, &written, columns, ledger);
            }
            Err(reason) => {
                let attempts = u32::try_from(reason.history.len()).unwrap_or(u32::MAX);
                ledger.given_up(&sent, attempts);
                return ledger.end(Ended::Failed(FlowError::Batch { batch: number, reason }));
            }
        }
    }
}

/// The next batch: full, or as much as came within `flushInterval` of its first row.
async fn collect(
    rows: &mut mpsc::Receiver<Encoded>,
    declared: &Write,
    ledger: &Ledger<'_>,
) -> Option<Collected> {
    let stop = ledger.stop();
    let mut collected = Collected::default();
    let size = usize::try_from(declared.batch_size.get()).unwrap_or(usize::MAX);
    let mut until = None;
    while collected.rows.len() < size && collected.bytes < BATCH_BYTES {
        let next = async {
            match until {
                None => Ok(rows.recv().await),
                Some(until) => timeout_at(until, rows.recv()).await,
            }
        };
        let next = tokio::select! {
            biased;
            () = stop.cancelled() => return None,
            next = next => next,
        };
        // The end of the rows, or of the time.
        let Ok(Some(row)) = next else { break };
        collected.push(row);
        until.get_or_insert_with(|| Instant::now() + declared.flush_interval);
    }
    (!collected.rows.is_empty()).then_some(collected)
}

fn trace(
    batch: &Batch,
    sent: &Sent<'_>,
    step: Step,
    attempt: Option<u32>,
    ledger: &Ledger<'_>,
    of: impl Fn(usize) -> bool,
) {
    if ledger.traces() {
        let rows = sent.rows.iter().zip(&batch.rows).enumerate().filter(|(at, _)| of(*at));
        for (_, (number, row)) in rows {
            ledger.step(*number, step, Some(&row.key), Some(sent.number), attempt);
        }
    }
}

fn tell_rows(
    batch: &Batch,
    sent: &Sent<'_>,
    written: &Written,
    columns: &[MappedColumn],
    ledger: &Ledger<'_>,
) {
    let attempt = Some(written.attempt);
    let is_refused = |at: usize| written.refused.binary_search_by_key(&at, |row| row.position).is_ok();
    trace(batch, sent, Step::Written, attempt, ledger, |at| !is_refused(at));
    for refused in &written.refused {
        let row = of_database(sent, refused, columns);
        ledger.refused(RefusedRow { attempt, ..row });
    }
}

fn of_database(sent: &Sent<'_>, refused: &Refused, columns: &[MappedColumn]) -> RefusedRow {
    let number = sent.rows.get(refused.position).copied().unwrap_or_default();
    let answer = refused.reason.answer();
    RefusedRow {
        class: refused.reason.class().as_str().to_owned(),
        key: Some(refused.key.clone()),
        batch: Some(sent.number),
        field: answer.and_then(|answer| blamed(&answer.message, columns)),
        code: answer.map(|answer| answer.code),
        sqlstate: answer.map(|answer| answer.sqlstate.clone()),
        ..RefusedRow::new(number, Stage::Database, refused.reason.to_string())
    }
}

/// The column that the server names.
fn blamed(message: &str, columns: &[MappedColumn]) -> Option<String> {
    let names = |name: &str| {
        [format!("olumn '{name}'"), format!("`{name}` at row")].iter().any(|text| message.contains(text))
    };
    columns.iter().map(MappedColumn::name).find(|name| names(name)).map(str::to_owned)
}

/// Tells of attempts that failed.
struct Attempts<'a, 'b> {
    ledger: &'a Ledger<'b>,
    batch: u64,
}

impl RetryObserver for Attempts<'_, '_> {
    fn attempt_failed(&self, attempt: &FailedAttempt) {
        let record = ErrorRecord::new(Stage::Database, attempt.class.as_str(), "", attempt.message.clone());
        self.ledger.attempt_failed(ErrorRecord {
            is_final: attempt.pause.is_none(),
            code: attempt.code,
            sqlstate: attempt.sqlstate.clone(),
            batch: Some(self.batch),
            attempt: Some(attempt.number),
            pause_ms: attempt.pause.map(|pause| u64::try_from(pause.as_millis()).unwrap_or(u64::MAX)),
            ..record
        });
    }
}
