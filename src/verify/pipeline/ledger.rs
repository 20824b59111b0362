//! What a flow has done so far, told as it happens.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Ended, FlowError, FlowOutcome, Latency, Refusals, RefusedRow};
use crate::domain::suite::pipeline::OnRefused;
use crate::platform::fs;
use crate::platform::time::SystemClock;
use crate::verify::mysql::batch::Written;
use crate::verify::record::{
    BatchRecord, BatchStatus, ErrorRecord, Record, Records, Stage, Step, TraceRecord, milliseconds,
};

/// One for each flow; whoever works in it makes entries.
pub(super) struct Ledger<'a> {
    table: &'a str,
    records: &'a dyn Records,
    on_refused: OnRefused,
    /// Ends the flow: nothing new is begun.
    stop: CancellationToken,
    clock: SystemClock,
    book: Mutex<Book>,
}

struct Book {
    outcome: FlowOutcome,
    last_batch: u64,
    dead_letters: Option<(PathBuf, BufWriter<File>)>,
}

/// A batch on its way.
pub(super) struct Sent<'a> {
    pub(super) number: u64,
    pub(super) rows: &'a [u64],
    pub(super) bytes: u64,
    pub(super) since: Duration,
}

impl<'a> Ledger<'a> {
    pub(super) fn new(
        table: &'a str,
        records: &'a dyn Records,
        on_refused: OnRefused,
        stop: CancellationToken,
    ) -> Self {
        let outcome = FlowOutcome {
            ended: Ended::Completed,
            read: 0,
            transformed: 0,
            warned: 0,
            written: 0,
            refused: Refusals::default(),
            left: 0,
            batches: 0,
            retried: 0,
            bytes: 0,
            took: Duration::ZERO,
            latency: Latency::default(),
        };
        let book = Book { outcome, last_batch: 0, dead_letters: None };
        Self { table, records, on_refused, stop, clock: SystemClock::start(), book: Mutex::new(book) }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }

    /// Where every refused row goes, not only the first ones.
    pub(super) fn keep_dead_letters(&self, path: &Path) -> Result<(), FlowError> {
        let file = fs::open_append(path)?;
        self.book().dead_letters = Some((path.to_owned(), BufWriter::new(file)));
        Ok(())
    }

    /// Ends the flow early. The first reason counts.
    pub(super) fn end(&self, ended: Ended) {
        let mut book = self.book();
        if matches!(book.outcome.ended, Ended::Completed) {
            // A batch that was given up was told with its last attempt.
            let stage = match &ended {
                Ended::Failed(FlowError::Source(_) | FlowError::SourceBroke) => Some(Stage::Source),
                Ended::Failed(FlowError::Program(_)) => Some(Stage::Transform),
                Ended::Failed(FlowError::DeadLetters(_) | FlowError::DeadLettersFull { .. }) => {
                    Some(Stage::DeadLetters)
                }
                _ => None,
            };
            if let (Some(stage), Ended::Failed(error)) = (stage, &ended) {
                let record = ErrorRecord::new(stage, "fault", self.table, error.to_string());
                self.records.tell(&Record::Error(ErrorRecord { is_final: true, ..record }));
            }
            book.outcome.ended = ended;
        }
        drop(book);
        self.stop.cancel();
    }

    pub(super) fn read(&self, rows: u64) {
        self.book().outcome.read += rows;
    }

    pub(super) fn transformed(&self, rows: u64) {
        self.book().outcome.transformed += rows;
    }

    pub(super) fn next_batch(&self) -> u64 {
        let mut book = self.book();
        book.last_batch += 1;
        book.last_batch
    }

    /// A row is left out: counted, kept, told, set aside.
    pub(super) fn refused(&self, row: RefusedRow) {
        self.records.tell(&Record::Error(row.record(self.table)));
        self.step(row.row, Step::Refused, row.key.as_deref(), row.batch, row.attempt);
        let mut book = self.book();
        let full = match &mut book.dead_letters {
            Some((path, file)) => set_aside(file, &row)
                .err()
                .map(|source| FlowError::DeadLettersFull { path: path.display().to_string(), source }),
            None => None,
        };
        book.outcome.refused.count(row);
        drop(book);
        if let Some(full) = full {
            self.end(Ended::Failed(full));
        } else if self.on_refused == OnRefused::Fail {
            self.end(Ended::Refused);
        }
    }

    /// A rule that only warns was not kept.
    pub(super) fn warned(&self, row: &RefusedRow) {
        let record = ErrorRecord { class: "warning".to_owned(), ..row.record(self.table) };
        self.records.tell(&Record::Error(record));
        self.book().outcome.warned += 1;
    }

    /// An attempt to write a batch failed.
    pub(super) fn attempt_failed(&self, record: ErrorRecord) {
        self.records.tell(&Record::Error(ErrorRecord { table: self.table.to_owned(), ..record }));
    }

    /// A batch is written, but for the rows that were refused.
    pub(super) fn written(&self, batch: &Sent<'_>, written: &Written) {
        let refused = written.refused.len() as u64;
        let status = if refused == 0 { BatchStatus::Written } else { BatchStatus::Partly };
        self.batch_is_over(batch, status, written.rows as u64, refused, written.attempt);
        self.book().outcome.bytes += batch.bytes;
    }

    /// A batch was given up.
    pub(super) fn given_up(&self, batch: &Sent<'_>, attempt: u32) {
        self.batch_is_over(batch, BatchStatus::Failed, 0, 0, attempt);
    }

    fn batch_is_over(&self, batch: &Sent<'_>, status: BatchStatus, written: u64, refused: u64, attempt: u32) {
        let took = self.elapsed().saturating_sub(batch.since);
        self.records.tell(&Record::Batch(BatchRecord {
            table: self.table.to_owned(),
            batch: batch.number,
            status,
            rows: batch.rows.len() as u64,
            written,
            refused,
            bytes: batch.bytes,
            ms: milliseconds(took),
            attempt,
        }));
        let outcome = &mut self.book().outcome;
        outcome.batches += 1;
        outcome.written += written;
        outcome.retried += u64::from(attempt.saturating_sub(1));
        outcome.latency.count(took);
    }

    pub(super) fn traces(&self) -> bool {
        self.records.traces()
    }

    /// A row took a step; told when rows are followed.
    pub(super) fn step(
        &self,
        row: u64,
        step: Step,
        key: Option<&str>,
        batch: Option<u64>,
        attempt: Option<u32>,
    ) {
        if self.records.traces() {
            let at_us = u64::try_from(self.elapsed().as_micros()).unwrap_or(u64::MAX);
            let key = key.map(str::to_owned);
            self.records.tell(&Record::Trace(TraceRecord { row, step, at_us, key, batch, attempt }));
        }
    }

    /// Closes the book.
    pub(super) fn close(self) -> FlowOutcome {
        if let Some((path, mut file)) = self.book().dead_letters.take()
            && let Err(source) = file.flush()
        {
            self.end(Ended::Failed(FlowError::DeadLettersFull { path: path.display().to_string(), source }));
        }
        let took = self.elapsed();
        let mut outcome = self.book.into_inner().unwrap_or_else(PoisonError::into_inner).outcome;
        outcome.took = took;
        outcome.left = outcome.read.saturating_sub(outcome.written).saturating_sub(outcome.refused.total);
        self.records.tell(&Record::Metrics(outcome.metrics(self.table)));
        outcome
    }
}

fn set_aside(file: &mut BufWriter<File>, row: &RefusedRow) -> std::io::Result<()> {
    serde_json::to_writer(&mut *file, row)?;
    file.write_all(b"\n")
}
