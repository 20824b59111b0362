//! The rows of a source in chunks, from a thread of its own.

use std::thread;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::ledger::Ledger;
use super::refused::RefusedRow;
use super::{CHUNK_BYTES, CHUNK_ROWS, Ended, FlowError};
use crate::verify::record::{Stage, Step};
use crate::verify::row::Row;
use crate::verify::source::SourceError;
use crate::verify::transform::{Chunk, Numbered};

/// What the thread sends.
pub(super) enum Piece {
    /// So many rows were read; some of them may be none.
    Rows { read: u64, rows: Chunk, wrong: Vec<(u64, SourceError)> },
    /// All rows were sent: nothing broke off.
    End,
}

/// Starts the thread. It ends when the rows end, when it is stopped, or when nobody receives any more.
pub(super) fn start(
    rows: impl Iterator<Item = Result<Row, SourceError>> + Send + 'static,
    stop: CancellationToken,
) -> std::io::Result<mpsc::Receiver<Piece>> {
    let (sender, receiver) = mpsc::channel(2);
    let work = move || {
        let (mut number, mut ended) = (0, false);
        let mut rows = rows;
        while !ended && !stop.is_cancelled() {
            let (mut chunk, mut wrong, mut bytes, before) = (Vec::new(), Vec::new(), 0, number);
            while chunk.len() + wrong.len() < CHUNK_ROWS && bytes < CHUNK_BYTES && !ended {
                match rows.next() {
                    Some(Ok(row)) => {
                        number += 1;
                        bytes += row.bytes();
                        chunk.push(Numbered { number, row });
                    }
                    Some(Err(error)) => {
                        ended = error.is_last();
                        number += u64::from(!ended);
                        wrong.push((number, error));
                    }
                    None => ended = true,
                }
            }
            if sender.blocking_send(Piece::Rows { read: number - before, rows: chunk, wrong }).is_err() {
                return;
            }
        }
        if ended {
            // Nobody receives any more: then nobody asks either.
            drop(sender.blocking_send(Piece::End));
        }
    };
    thread::Builder::new().name("source".to_owned()).spawn(work)?;
    Ok(receiver)
}

/// Takes the rows in: counts them, refuses those that are wrong, passes the others on.
pub(super) async fn take_in(
    mut pieces: mpsc::Receiver<Piece>,
    out: mpsc::Sender<Chunk>,
    ledger: &Ledger<'_>,
) {
    loop {
        match pieces.recv().await {
            Some(Piece::Rows { read, rows, wrong }) => {
                ledger.read(read);
                if ledger.traces() {
                    for row in &rows {
                        ledger.step(row.number, Step::Read, None, None, None);
                    }
                }
                for (number, error) in wrong {
                    if error.is_last() {
                        return ledger.end(Ended::Failed(FlowError::Source(error)));
                    }
                    ledger.refused(of_source(number, &error));
                }
                if !rows.is_empty() && out.send(rows).await.is_err() {
                    return;
                }
            }
            Some(Piece::End) => return,
            None if ledger.stop().is_cancelled() => return,
            None => return ledger.end(Ended::Failed(FlowError::SourceBroke)),
        }
    }
}

fn of_source(number: u64, error: &SourceError) -> RefusedRow {
    let row = RefusedRow::new(number, Stage::Source, error.to_string());
    match error {
        SourceError::Field(wrong) => {
            RefusedRow { field: Some(wrong.field.clone()), value: Some(wrong.value.clone()), ..row }
        }
        _ => row,
    }
}
