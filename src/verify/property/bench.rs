//! A table that many cases of flows share, and what a flow did to it.

use std::collections::{BTreeMap, BTreeSet};
use std::num::{NonZeroU16, NonZeroU32};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use mysql_async::Value as Raw;
use tokio_util::sync::CancellationToken;

use super::round_trip::{fields, words};
use crate::domain::suite::mysql::Retry;
use crate::domain::suite::pipeline::{Rule, Write, WriteMode};
use crate::domain::suite::report::Logging;
use crate::domain::suite::types::{ColumnType, Schema};
use crate::platform::time::SystemClock;
use crate::verify::mysql::batch::{Batch, Marks, Mode, Target, Written};
use crate::verify::mysql::client::Client;
use crate::verify::mysql::identifier::Name;
use crate::verify::mysql::pool::{Pool, PoolError};
use crate::verify::mysql::retry::{GaveUp, RetryObserver};
use crate::verify::mysql::schema::{OwnedTable, Run};
use crate::verify::mysql::session::Session;
use crate::verify::pipeline::{self, Flow, FlowOutcome, MysqlSink, Rules, Sink};
use crate::verify::record::{PoolRecords, RecordLog, Records};
use crate::verify::row::{Row, Value};
use crate::verify::source::SourceError;
use crate::verify::transform::Transforms;
use crate::verify::types::map_schema;

/// Somebody who runs flows. `()` is the real one; each part may be another's.
pub trait FlowRunner {
    /// Runs a flow to its end.
    fn run<S: Sink>(
        &self,
        flow: &Flow,
        rows: Vec<Result<Row, SourceError>>,
        sink: &S,
        records: &dyn Records,
    ) -> impl Future<Output = FlowOutcome> {
        async { pipeline::run(flow, rows.into_iter(), sink, records, &CancellationToken::new()).await }
    }

    /// Writes what is told, as declared.
    fn log(&self, logging: Logging, to: Lines) -> Box<dyn Records> {
        Box::new(RecordLog::new(logging, to))
    }
}

impl FlowRunner for () {}

/// What was written to a log.
#[derive(Debug, Clone, Default)]
pub struct Lines(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Lines {
    /// All of it.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }

    /// The records, read back from their lines.
    fn read(&self) -> Result<Vec<serde_json::Value>, String> {
        self.text()
            .lines()
            .map(|line| serde_json::from_str(line).map_err(|error| format!("{line}: {error}")))
            .collect()
    }
}

/// The table and what is needed around it.
pub(super) struct Bench {
    session: Session,
    pool: Pool<Client>,
    table: OwnedTable,
    marks: Arc<Marks>,
    lines: Lines,
}

/// Columns that are narrower than the fields, so that the server has something to refuse.
const COLUMNS: &str = "id BIGINT PRIMARY KEY, v VARCHAR(5) NOT NULL, n TINYINT NOT NULL";

/// The content of the table: `n` by `id`.
pub(super) type Content = BTreeMap<i64, i64>;

/// How a flow is set up.
#[derive(Debug, Clone)]
pub(super) struct Setup {
    pub(super) mode: WriteMode,
    pub(super) batch_size: u32,
    pub(super) parallelism: u16,
    pub(super) retry: Retry,
    pub(super) logging: Logging,
    pub(super) rules: Vec<Rule>,
    /// Types of columns in place of those that are mapped.
    pub(super) columns: Vec<(String, ColumnType)>,
    /// Batches whose statement is none.
    pub(super) broken: BTreeSet<u64>,
}

impl Setup {
    pub(super) fn new(mode: WriteMode, batch_size: u32, parallelism: u16) -> Self {
        Self {
            mode,
            batch_size,
            parallelism,
            retry: brief(),
            logging: Logging::default(),
            rules: Vec::new(),
            columns: Vec::new(),
            broken: BTreeSet::new(),
        }
    }
}

/// Writers beside each other may meet in a deadlock, and one of them is asked to try again.
fn brief() -> Retry {
    Retry::new(20, &[Duration::from_millis(1)]).unwrap_or_default()
}

/// What a flow did.
pub(super) struct Done {
    pub(super) outcome: FlowOutcome,
    /// What it told, in order.
    pub(super) records: Vec<serde_json::Value>,
    pub(super) content: Content,
    /// What reached the sink, by batch.
    pub(super) seen: BTreeMap<u64, Seen>,
    /// The whole flow, by another clock.
    pub(super) took: Duration,
}

/// A batch, as it was seen between flow and database.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) keys: Vec<String>,
    pub(super) written: usize,
    pub(super) refused: usize,
    pub(super) attempt: u64,
    pub(super) took: Duration,
}

impl Done {
    /// The records of a kind.
    pub(super) fn of(&self, kind: &str) -> impl Iterator<Item = &serde_json::Value> {
        self.records.iter().filter(move |record| text(record, "record") == kind)
    }

    /// The records of errors that are no failed attempts.
    pub(super) fn errors(&self) -> impl Iterator<Item = &serde_json::Value> {
        self.of("error").filter(|record| record.get("pauseMs").is_none())
    }
}

/// A text in a record; empty when it is not there.
pub(super) fn text<'a>(record: &'a serde_json::Value, field: &str) -> &'a str {
    record.get(field).and_then(serde_json::Value::as_str).unwrap_or_default()
}

/// A whole number in a record.
pub(super) fn number(record: &serde_json::Value, field: &str) -> Option<u64> {
    record.get(field).and_then(serde_json::Value::as_u64)
}

/// The schema of the rows: `id`, `v`, `n`.
pub(super) fn schema() -> Result<Schema, String> {
    let written = [("id", "BIGINT NOT NULL"), ("v", "STRING"), ("n", "INT NOT NULL")];
    Schema::new(fields(&written)?, &["id".to_owned()]).map_err(words)
}

pub(super) fn row(id: i64, v: Option<&str>, n: i64) -> Row {
    Row::from(vec![Value::Integer(id), v.map_or(Value::Null, Value::text), Value::Integer(n)])
}

impl Bench {
    /// Makes the table by one client; flows reach it by the other.
    pub(super) async fn open(direct: &Client, through: &Client) -> Result<Self, String> {
        let mut session = direct.connect().await.map_err(words)?;
        let run = Run::new().map_err(words)?;
        let name = run.table_name("flow");
        let table = OwnedTable::create(&mut session, &run, name, COLUMNS).await.map_err(words)?;
        let marks = Arc::new(Marks::create(&mut session, &run).await.map_err(words)?);
        let lines = Lines::default();
        // Told to nobody: the pool lives longer than the log of a case.
        let deaf = PoolRecords::new(Arc::new(Nobody));
        let pool = Pool::new(through.clone(), through.declared().pool.clone(), Arc::new(deaf));
        Ok(Self { session, pool, table, marks, lines })
    }

    pub(super) async fn close(mut self) -> Result<(), String> {
        self.pool.shut_down().await;
        if let Some(marks) = Arc::into_inner(self.marks) {
            marks.drop_table(&mut self.session).await.map_err(words)?;
        }
        self.table.drop_table(&mut self.session).await.map_err(words)?;
        self.session.close().await.map_err(words)
    }

    /// Runs rows into the empty table.
    pub(super) async fn flow(
        &mut self,
        runner: &impl FlowRunner,
        setup: &Setup,
        rows: Vec<Result<Row, SourceError>>,
        during: &During,
    ) -> Result<Done, String> {
        for name in [self.table.name(), self.marks.table()] {
            self.session.run(&format!("DELETE FROM {name}")).await.map_err(words)?;
        }
        self.lines = Lines::default();
        let schema = schema()?;
        let flow = Flow {
            transforms: Transforms::new(&[], &schema).map_err(words)?,
            rules: Rules::new(&setup.rules, &schema).map_err(words)?,
            columns: map_schema(&schema, &setup.columns).map_err(|refusals| format!("{refusals:?}"))?,
            write: Write {
                mode: setup.mode,
                batch_size: NonZeroU32::new(setup.batch_size).unwrap_or(NonZeroU32::MIN),
                parallelism: NonZeroU16::new(setup.parallelism).unwrap_or(NonZeroU16::MIN),
                ..Write::default()
            },
            table: self.table.name().as_str().to_owned(),
            dead_letters: None,
        };
        let sink = Watched {
            right: self.sink(setup, None)?,
            broken: self.sink(setup, Some("INSERT INTO nowhere VALUSE (?, ?, ?)"))?,
            batches: &setup.broken,
            during,
            seen: Mutex::default(),
        };
        let records = runner.log(setup.logging, self.lines.clone());
        let clock = SystemClock::start();
        let outcome = runner.run(&flow, rows, &sink, records.as_ref()).await;
        let took = clock.elapsed();
        let seen = sink.seen.into_inner().unwrap_or_else(PoisonError::into_inner);
        let (content, records) = (self.content().await?, self.lines.read()?);
        Ok(Done { outcome, records, content, seen, took })
    }

    fn sink(&self, setup: &Setup, statement: Option<&str>) -> Result<MysqlSink<Client>, String> {
        let mode = match setup.mode {
            WriteMode::Insert => Mode::Insert,
            WriteMode::Upsert => Mode::Upsert,
        };
        let columns: Result<Vec<Name>, String> =
            ["id", "v", "n"].iter().map(|name| Name::new(name).map_err(words)).collect();
        let target = Target::new(self.table.name().clone(), columns?, mode).map_err(words)?;
        let target = match statement {
            Some(statement) => target.with_statement(statement.to_owned()),
            None => target,
        };
        let marks = (mode == Mode::Insert).then(|| Arc::clone(&self.marks));
        Ok(MysqlSink { pool: self.pool.clone(), retry: setup.retry.clone(), target, marks })
    }

    async fn content(&mut self) -> Result<Content, String> {
        let ask = format!("SELECT id, n FROM {}", self.table.name());
        let rows = self.session.query(&ask, Vec::new()).await.map_err(words)?;
        let pair = |row: &Vec<Raw>| match row.as_slice() {
            [Raw::Int(id), Raw::Int(n)] => Some((*id, *n)),
            _ => None,
        };
        Ok(rows.iter().filter_map(pair).collect())
    }
}

/// What happens while a batch is written.
pub(super) type During = dyn Fn(u64) -> BoxFuture<'static, ()> + Sync;

/// Nothing.
pub(super) fn nothing(_batch: u64) -> BoxFuture<'static, ()> {
    Box::pin(std::future::ready(()))
}

struct Nobody;

impl Records for Nobody {
    fn tell(&self, _record: &crate::verify::record::Record) {}
}

/// Counts for itself what goes by.
struct Watched<'a> {
    right: MysqlSink<Client>,
    broken: MysqlSink<Client>,
    batches: &'a BTreeSet<u64>,
    /// Called while a batch is written.
    during: &'a During,
    seen: Mutex<BTreeMap<u64, Seen>>,
}

impl Sink for Watched<'_> {
    async fn write(&self, batch: &Batch, observer: &dyn RetryObserver) -> Result<Written, GaveUp<PoolError>> {
        let clock = SystemClock::start();
        let sink = if self.batches.contains(&batch.number) { &self.broken } else { &self.right };
        let (result, ()) = tokio::join!(sink.write(batch, observer), (self.during)(batch.number));
        let (written, refused, attempt) = match &result {
            Ok(written) => (written.rows, written.refused.len(), written.attempt.into()),
            Err(_) => (0, 0, 0),
        };
        let keys = batch.rows.iter().map(|row| row.key.clone()).collect();
        let seen = Seen { keys, written, refused, attempt, took: clock.elapsed() };
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(batch.number, seen);
        result
    }
}
