//! One statement from submitting to its last row (deltastream-api section 3).
//!
//! Promises: the text is sent once and never again; asking how it stands is a read, and goes on through failures that
//! pass, up to the deadline. It must not know what a store is.

use std::future::Future;
use std::time::Duration;

use super::errors::{Failed, Judge};
use super::messages::{Answer, Context, Metadata, Row};
use super::request::{self, Asker};
use super::sql::Statement;
use super::sqlstate::{self, Meaning};
use crate::platform::http::{HttpClient, HttpError, HttpRequest, HttpResponse};
use crate::platform::time;
use crate::ports::provider::{ErrorClass, ProviderError};

/// The pauses between two polls, in seconds: what the vendor's drivers do, then less often.
const PAUSES: [u64; 5] = [1, 1, 1, 2, 3];
/// The pause after these.
const LONGEST_PAUSE: u64 = 5;

/// A statement slower than this is worth a warning (design.md 3.1).
const SLOW: Duration = Duration::from_secs(5);

/// What carries one request.
pub(super) trait Transport: Sync {
    /// Sends once; reads the whole answer.
    fn send(&self, request: &HttpRequest) -> impl Future<Output = Result<HttpResponse, HttpError>> + Send;
}

impl Transport for HttpClient {
    async fn send(&self, request: &HttpRequest) -> Result<HttpResponse, HttpError> {
        HttpClient::send(self, request).await
    }
}

/// A statement that succeeded.
pub(super) struct Outcome {
    /// The service's id of it; empty when it gave none.
    pub(super) id: String,
    /// For whom it was carried out.
    pub(super) context: Context,
    /// Its rows; of a write, none are read.
    pub(super) table: Table,
}

/// The rows of a read, complete.
#[derive(Default)]
pub(super) struct Table {
    /// The names of the columns.
    pub(super) columns: Vec<String>,
    /// The rows, each as long as `columns`.
    pub(super) rows: Vec<Row>,
}

/// One statement on its way.
pub(super) struct Run<'a, T> {
    pub(super) transport: &'a T,
    pub(super) asker: Asker<'a>,
    pub(super) statement: &'a Statement,
    pub(super) judge: &'a Judge,
    /// How long the whole may take.
    pub(super) limit: Duration,
}

/// What is known of a statement while it runs, for the moment at which its time is over.
#[derive(Default)]
struct Progress {
    id: Option<String>,
    last: Option<ProviderError>,
}

impl<T: Transport> Run<'_, T> {
    /// Sends the statement and follows it to its end. `boundary`: random, for the parts of the request.
    pub(super) async fn complete(&self, boundary: &str) -> Result<Outcome, ProviderError> {
        let begun = tokio::time::Instant::now();
        let mut progress = Progress::default();
        let outcome = match tokio::time::timeout(self.limit, self.follow(boundary, &mut progress)).await {
            Ok(outcome) => outcome,
            Err(_elapsed) => Err(self.judge.late(self.limit, progress.id.as_deref(), progress.last.as_ref())),
        };
        self.log(begun.elapsed(), &progress, &outcome);
        outcome
    }

    async fn follow(&self, boundary: &str, progress: &mut Progress) -> Result<Outcome, ProviderError> {
        let request = request::submit(&self.asker, self.statement, boundary);
        let answer = self.exchange(&request).await.map_err(|failed| failed.error)?;
        progress.id.clone_from(&answer.statement_id);
        let answer = if is_running(&answer) {
            let Some(id) = answer.statement_id.as_deref() else {
                return Err(self.judge.contradictory("the statement goes on, but has no id", None));
            };
            self.poll(id, 0, progress).await?
        } else {
            answer
        };
        if let Some(error) = self.judge.state(&answer) {
            return Err(error);
        }
        let id = answer.statement_id.unwrap_or_default();
        let contradictory = |what: &str| self.judge.contradictory(what, Some(&id));
        if answer.metadata.as_ref().is_some_and(|metadata| metadata.dataplane_request.is_some()) {
            return Err(contradictory(
                "the service wants the rows to be fetched from a dataplane, which is not expected here",
            ));
        }
        if self.statement.verb.writes() {
            let context = answer.metadata.and_then(|metadata| metadata.context).unwrap_or_default();
            return Ok(Outcome { id, context, table: Table::default() });
        }
        let Some(metadata) = answer.metadata else {
            return Err(contradictory("the rows come without metadata"));
        };
        let (table, context) = self.rows(&id, metadata, answer.data.unwrap_or_default(), progress).await?;
        Ok(Outcome { id, context, table })
    }

    /// The rows of every partition. As many as were announced, or none: a listing that is not complete proves nothing.
    async fn rows(
        &self,
        id: &str,
        metadata: Metadata,
        first: Vec<Row>,
        progress: &mut Progress,
    ) -> Result<(Table, Context), ProviderError> {
        let contradictory = |what: &str| self.judge.contradictory(what, Some(id));
        let Metadata { encoding, partition_info, columns, dataplane_request: _, context } = metadata;
        if let Some(other) = encoding.filter(|encoding| !matches!(encoding.as_str(), "json" | "")) {
            return Err(contradictory(&format!("the rows are encoded as `{other}`, not as json")));
        }
        let Some(columns) = columns else { return Err(contradictory("the rows come without columns")) };
        let Some(partitions) = partition_info else {
            return Err(contradictory("the answer does not say how many rows there are"));
        };
        let columns: Vec<String> = columns.into_iter().map(|column| column.name).collect();
        let mut rows = Vec::new();
        let mut first = Some(first);
        // Without partitions there is still the answer at hand, which then must have no row.
        let announced =
            if partitions.is_empty() { vec![0] } else { partitions.iter().map(|p| p.row_count).collect() };
        for (number, announced) in announced.into_iter().enumerate() {
            let partition = match first.take() {
                Some(first) => first,
                None if announced == 0 => Vec::new(),
                None => self.partition(id, number, progress).await?,
            };
            if u32::try_from(partition.len()) != Ok(announced) {
                let text =
                    format!("partition {number} has {} rows, {announced} were announced", partition.len());
                return Err(contradictory(&text));
            }
            rows.extend(partition);
        }
        if rows.iter().any(|row| row.len() != columns.len()) {
            return Err(contradictory("a row has another number of cells than there are columns"));
        }
        Ok((Table { columns, rows }, context.unwrap_or_default()))
    }

    async fn partition(
        &self,
        id: &str,
        number: usize,
        progress: &mut Progress,
    ) -> Result<Vec<Row>, ProviderError> {
        let answer = self.poll(id, number, progress).await?;
        match self.judge.state(&answer) {
            Some(error) => Err(error),
            None => Ok(answer.data.unwrap_or_default()),
        }
    }

    /// Asks until the statement has ended. A failure that may pass is asked through, until the time is over.
    async fn poll(
        &self,
        id: &str,
        partition: usize,
        progress: &mut Progress,
    ) -> Result<Answer, ProviderError> {
        // It becomes part of a path.
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if id.is_empty() || id.len() > 64 || !id.chars().all(plain) {
            return Err(self.judge.contradictory("the statement has an impossible id", Some(id)));
        }
        let request = request::partition(&self.asker, self.statement.verb, id, partition);
        let mut pauses = PAUSES.into_iter();
        loop {
            match self.exchange(&request).await {
                Ok(answer)
                    if answer.statement_id.as_deref().is_some_and(|of| !of.eq_ignore_ascii_case(id)) =>
                {
                    return Err(self.judge.contradictory("the answer is about another statement", Some(id)));
                }
                Ok(answer) if is_running(&answer) => progress.last = None,
                Ok(answer) => return Ok(answer),
                Err(Failed { error, passing }) => {
                    let error = self.judge.followed(error, id);
                    // Throttling fails fast where that loses nothing (design.md section 11).
                    let give_up = matches!(error.class, ErrorClass::Throttled { .. });
                    if !passing || give_up {
                        return Err(error);
                    }
                    progress.last = Some(error);
                }
            }
            time::sleep(Duration::from_secs(pauses.next().unwrap_or(LONGEST_PAUSE))).await;
        }
    }

    async fn exchange(&self, request: &HttpRequest) -> Result<Answer, Failed> {
        let response = self.transport.send(request).await.map_err(|error| self.judge.transport(&error))?;
        self.judge.answer(&response)
    }

    /// One record per statement, a warning when it was slow; never its text.
    fn log(&self, took: Duration, progress: &Progress, outcome: &Result<Outcome, ProviderError>) {
        let operation = self.statement.verb.as_str();
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let id = progress.id.as_deref().map(|id| self.judge.clean(id)).unwrap_or_default();
        let status = match outcome {
            Ok(_) => "done",
            Err(error) => error.code.as_deref().unwrap_or("failed"),
        };
        if took > SLOW {
            tracing::warn!(operation, status, ms, statement_id = id, "slow statement");
        } else {
            tracing::debug!(operation, status, ms, statement_id = id, "statement");
        }
    }
}

/// The state decides, whatever the HTTP status was.
fn is_running(answer: &Answer) -> bool {
    sqlstate::meaning(&answer.sql_state).0 == Meaning::Running
}
