//! A flow, from its first row to its last batch.

use std::path::PathBuf;

use futures_util::future::join_all;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::judge::{Encoded, judge};
use super::ledger::Ledger;
use super::refused::RefusedRow;
use super::writer::write_all;
use super::{Ended, FlowError, FlowOutcome, Rules, Sink, WAITING_ROWS, stream};
use crate::domain::suite::pipeline::Write;
use crate::verify::record::{Records, Stage, Step};
use crate::verify::row::Row;
use crate::verify::source::SourceError;
use crate::verify::transform::{Chunk, Losses, Transforms, WrongRow};
use crate::verify::types::MappedColumn;

/// What happens to rows on their way.
#[derive(Debug)]
pub struct Flow {
    /// The transforms; their schema is that of the rules and columns.
    pub transforms: Transforms,
    /// What fields must keep to.
    pub rules: Rules,
    /// The columns for the fields, in their order.
    pub columns: Vec<MappedColumn>,
    /// How rows are written.
    pub write: Write,
    /// The table's name, for records.
    pub table: String,
    /// A file to which every refused row is appended as a line of JSON; without it the first ones are kept in memory alone.
    pub dead_letters: Option<PathBuf>,
}

/// Runs a flow to its end. When `cancel` is cancelled, batches that are being written are finished and nothing new is
/// begun. What failed is in the outcome.
pub async fn run<S: Sink>(
    flow: &Flow,
    rows: impl Iterator<Item = Result<Row, SourceError>> + Send + 'static,
    sink: &S,
    records: &dyn Records,
    cancel: &CancellationToken,
) -> FlowOutcome {
    let stop = cancel.child_token();
    let ledger = Ledger::new(&flow.table, records, flow.write.on_refused, stop.clone());
    if let Some(path) = &flow.dead_letters
        && let Err(error) = ledger.keep_dead_letters(path)
    {
        ledger.end(Ended::Failed(error));
        return ledger.close();
    }
    let Ok(pieces) = stream::start(rows, stop) else {
        ledger.end(Ended::Failed(FlowError::SourceBroke));
        return ledger.close();
    };
    through(flow, pieces, sink, &ledger).await;
    if cancel.is_cancelled() {
        // A failure that came first stays what it is.
        ledger.end(Ended::Cancelled);
    }
    ledger.close()
}

async fn through<S: Sink>(flow: &Flow, pieces: mpsc::Receiver<stream::Piece>, sink: &S, ledger: &Ledger<'_>) {
    let (read, to_transform) = mpsc::channel(2);
    let (transformed, to_judge) = mpsc::channel(2);
    let writers = usize::from(flow.write.parallelism.get());
    let (senders, receivers): (Vec<_>, Vec<_>) = (0..writers).map(|_| mpsc::channel(WAITING_ROWS)).unzip();
    // Until the flow is stopped; what is dropped then closes the channels on both sides.
    let until_stopped = async |work: std::pin::Pin<&mut (dyn Future<Output = ()> + Send)>| {
        tokio::select! {
            biased;
            () = ledger.stop().cancelled() => {}
            () = work => {}
        }
    };
    let intake = async { until_stopped(std::pin::pin!(stream::take_in(pieces, read, ledger))).await };
    let transforms = async {
        let work = async {
            if let Err(error) = flow.transforms.run(to_transform, transformed, ledger).await {
                ledger.end(Ended::Failed(error.into()));
            }
        };
        until_stopped(std::pin::pin!(work)).await;
    };
    let judging = async { until_stopped(std::pin::pin!(route(flow, to_judge, senders, ledger))).await };
    let writing =
        join_all(receivers.into_iter().map(|rows| write_all(rows, &flow.write, &flow.columns, sink, ledger)));
    tokio::join!(intake, transforms, judging, writing);
}

/// Judges rows and gives each to the writer of its key.
async fn route(
    flow: &Flow,
    mut chunks: mpsc::Receiver<Chunk>,
    writers: Vec<mpsc::Sender<Encoded>>,
    ledger: &Ledger<'_>,
) {
    let schema = flow.transforms.schema();
    while let Some(chunk) = chunks.recv().await {
        ledger.transformed(chunk.len() as u64);
        for row in chunk {
            ledger.step(row.number, Step::Transformed, None, None, None);
            let warned = |refused: RefusedRow| ledger.warned(&refused);
            let encoded = match judge(&row, schema, &flow.rules, &flow.columns, warned) {
                Ok(encoded) => encoded,
                Err(refused) => {
                    ledger.refused(*refused);
                    continue;
                }
            };
            ledger.step(row.number, Step::Judged, Some(&encoded.row.key), None, None);
            let way = encoded.route % writers.len().max(1) as u64;
            let writer = usize::try_from(way).ok().and_then(|way| writers.get(way));
            let Some(writer) = writer else { return };
            if writer.send(encoded).await.is_err() {
                return;
            }
        }
    }
}

impl Losses for Ledger<'_> {
    fn refused(&self, number: u64, wrong: &WrongRow) {
        let row = RefusedRow::new(number, Stage::Transform, wrong.to_string());
        self.refused(RefusedRow { field: Some(wrong.field.clone()), value: wrong.value.clone(), ..row });
    }
}
