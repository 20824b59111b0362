//! Flows into a real table: how they end, what they leave behind, and what they tell.

use std::num::{NonZeroU16, NonZeroU32};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use jsonschema::Validator;
use reconcile::domain::suite::expression::Cel;
use reconcile::domain::suite::identifier::Identifier;
use reconcile::domain::suite::mysql::{Mysql, Retry};
use reconcile::domain::suite::pipeline::{OnRefused, Rule, Severity, Transform, Write};
use reconcile::domain::suite::report::{Level, LogFormat, Logging};
use reconcile::domain::suite::types::{RowField, Schema};
use reconcile::verify::mysql::batch::{Batch, Mode, Receipt, Target, Written};
use reconcile::verify::mysql::client::Client;
use reconcile::verify::mysql::identifier::Name;
use reconcile::verify::mysql::pool::{Pool, PoolError};
use reconcile::verify::mysql::retry::{GaveUp, RetryObserver};
use reconcile::verify::mysql::session::Session;
use reconcile::verify::pipeline::{
    CHUNK_ROWS, Ended, Flow, FlowError, FlowOutcome, MysqlSink, Rules, Sink, WAITING_ROWS, run,
};
use reconcile::verify::property::Lines;
use reconcile::verify::record::{PoolRecords, Record, RecordLog, Records};
use reconcile::verify::row::{Row, Value};
use reconcile::verify::transform::Transforms;
use reconcile::verify::types::map_schema;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::support::mysql::Database;

const COLUMNS: &str = "id BIGINT PRIMARY KEY, amount DECIMAL(20,4), total DECIMAL(22,4)";

fn schema() -> Schema {
    let field = |name: &str, kind: &str| RowField { name: name.to_owned(), value: kind.parse().unwrap() };
    Schema::new(vec![field("id", "BIGINT NOT NULL"), field("amount", "DECIMAL(20,4)")], &["id".to_owned()])
        .unwrap()
}

fn set(field: &str, cel: &str) -> Transform {
    Transform::Set { field: Identifier::near(field), cel: Cel::new(cel).unwrap() }
}

fn flow(transforms: &[Transform], rules: &[Rule], write: Write) -> Flow {
    let transforms = Transforms::new(transforms, &schema()).unwrap();
    Flow {
        rules: Rules::new(rules, transforms.schema()).unwrap(),
        columns: map_schema(transforms.schema(), &[]).unwrap(),
        transforms,
        write,
        table: "t".to_owned(),
        dead_letters: None,
    }
}

fn write(batch_size: u32, parallelism: u16) -> Write {
    Write {
        batch_size: NonZeroU32::new(batch_size).unwrap(),
        parallelism: NonZeroU16::new(parallelism).unwrap(),
        ..Write::default()
    }
}

fn row(id: i64, amount: &str) -> Row {
    let amount = reconcile::verify::row::read_text(
        &"DECIMAL(20,4)".parse().map(|kind: reconcile::domain::suite::types::FlinkType| kind.kind).unwrap(),
        amount,
    );
    Row::from(vec![Value::Integer(id), amount.unwrap()])
}

struct Silent;

impl Records for Silent {
    fn tell(&self, _record: &Record) {}
}

fn sink(mysql: &Mysql, columns: &[&str], records: Arc<dyn Records>) -> MysqlSink<Client> {
    let names = columns.iter().map(|name| Name::new(name).unwrap()).collect();
    MysqlSink {
        pool: Pool::new(
            Client::new(mysql.clone()).unwrap(),
            mysql.pool.clone(),
            Arc::new(PoolRecords::new(records)),
        ),
        retry: Retry::times(0),
        target: Target::new(Name::new("t").unwrap(), names, Mode::Upsert).unwrap(),
        marks: None,
    }
}

async fn table(session: &mut Session) {
    session.run(&format!("CREATE TABLE t ({COLUMNS})")).await.unwrap();
}

async fn rows_of(session: &mut Session) -> Vec<Vec<String>> {
    session.show("SELECT * FROM t ORDER BY id").await.unwrap()
}

#[tokio::test]
async fn the_example_of_the_design_is_exact() {
    let database = Database::new().await;
    let mut session = database.session().await;
    table(&mut session).await;
    let rule = Rule {
        field: Identifier::near("amount"),
        check: Cel::new("value >= 0.0").unwrap(),
        severity: Severity::Error,
    };
    let flow = flow(&[set("total", "amount * 2.0")], &[rule], write(2, 2));
    let rows = [row(1, "1234567890123456.7891"), row(2, "-0.0001"), row(3, "0.0001"), row(4, "0")];
    let sink = sink(&database.mysql, &["id", "amount", "total"], Arc::new(Silent));
    let done = run(&flow, rows.into_iter().map(Ok), &sink, &Silent, &CancellationToken::new()).await;
    assert!(matches!(done.ended, Ended::Completed) && done.left == 0, "{done:?}");
    assert_eq!((done.read, done.transformed, done.written, done.refused.total), (4, 4, 3, 1));
    assert_eq!(
        rows_of(&mut session).await,
        [
            ["1", "1234567890123456.7891", "2469135780246913.5782"],
            ["3", "0.0001", "0.0002"],
            ["4", "0.0000", "0.0000"]
        ]
    );
    assert_eq!(
        done.refused.kept[0].message,
        "field `amount`, value \"-0.0001\": the rule `value >= 0.0` is not kept"
    );
}

#[tokio::test]
async fn a_statement_of_ones_own_is_sent_for_each_row() {
    let database = Database::new().await;
    let mut session = database.session().await;
    table(&mut session).await;
    let mut sink = sink(&database.mysql, &["id", "amount"], Arc::new(Silent));
    let statement = "INSERT INTO t (id, amount, total) VALUES (? + 100, ?, 1)".to_owned();
    sink.target = sink.target.with_statement(statement);
    let rows = [row(1, "1"), row(1, "2"), row(2, "3")];
    let flow = flow(&[], &[], write(10, 1));
    let done = run(&flow, rows.into_iter().map(Ok), &sink, &Silent, &CancellationToken::new()).await;
    assert_eq!((done.written, done.refused.by_reason), (2, [("database: error 1062".to_owned(), 1)].into()));
    assert_eq!(rows_of(&mut session).await.len(), 2);
}

#[tokio::test]
async fn refused_rows_are_all_in_the_file_and_end_the_flow_when_that_is_asked_for() {
    let database = Database::new().await;
    let mut session = database.session().await;
    table(&mut session).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("refused.jsonl");
    let sink = sink(&database.mysql, &["id", "amount"], Arc::new(Silent));
    let rows = || (0..50).map(|id| Ok(Row::from(vec![Value::Integer(id), Value::Null])));
    let rule = |severity| Rule {
        field: Identifier::near("id"),
        check: Cel::new("value % 5 != 0").unwrap(),
        severity,
    };
    let set_aside =
        Flow { dead_letters: Some(path.clone()), ..flow(&[], &[rule(Severity::Error)], write(8, 1)) };
    let done = run(&set_aside, rows(), &sink, &Silent, &CancellationToken::new()).await;
    assert_eq!((done.written, done.refused.total), (40, 10));
    let text = String::from_utf8(reconcile::platform::fs::read(&path, 1 << 20).unwrap()).unwrap();
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 10);
    assert_eq!((lines[1]["row"].as_u64(), lines[1]["key"].as_str()), (Some(6), Some("id=5")));
    assert_eq!((lines[1]["field"].as_str(), lines[1]["value"].as_str()), (Some("id"), Some("5")));
    let fails = Write { on_refused: OnRefused::Fail, ..write(8, 1) };
    let done = run(
        &flow(&[], &[rule(Severity::Error)], fails.clone()),
        rows(),
        &sink,
        &Silent,
        &CancellationToken::new(),
    )
    .await;
    assert!(matches!(done.ended, Ended::Refused), "{done:?}");
    assert_eq!(done.read, done.written + done.refused.total + done.left);
    let done =
        run(&flow(&[], &[rule(Severity::Warning)], fails), rows(), &sink, &Silent, &CancellationToken::new())
            .await;
    assert_eq!((done.written, done.warned, done.refused.total), (50, 10, 0));
    let nowhere =
        Flow { dead_letters: Some(folder.path().join("no/such/file")), ..flow(&[], &[], write(8, 1)) };
    let done = run(&nowhere, rows(), &sink, &Silent, &CancellationToken::new()).await;
    assert!(matches!(done.ended, Ended::Failed(FlowError::DeadLetters(_))), "{done:?}");
}

/// Holds the first batch until it is let go.
#[derive(Default)]
struct Gate {
    begun: Notify,
    open: Notify,
    batches: Mutex<Vec<usize>>,
}

impl Sink for Gate {
    async fn write(
        &self,
        batch: &Batch,
        _observer: &dyn RetryObserver,
    ) -> Result<Written, GaveUp<PoolError>> {
        self.begun.notify_one();
        self.open.notified().await;
        self.open.notify_one();
        self.batches.lock().unwrap().push(batch.rows.len());
        Ok(Written { rows: batch.rows.len(), refused: Vec::new(), attempt: 1, receipt: Receipt::Answered })
    }
}

/// Rows without end, counted as they are made.
fn endless(
    made: &Arc<AtomicU64>,
) -> impl Iterator<Item = Result<Row, reconcile::verify::source::SourceError>> + Send + use<> {
    let made = Arc::clone(made);
    (0..).map(move |id| {
        made.fetch_add(1, Ordering::Relaxed);
        Ok(Row::from(vec![Value::Integer(id), Value::Null]))
    })
}

#[tokio::test]
async fn who_cancels_gets_the_batch_that_is_being_written_and_no_other() {
    let (gate, cancel, made) = (Gate::default(), CancellationToken::new(), Arc::new(AtomicU64::new(0)));
    let flow = flow(&[], &[], write(10, 1));
    let stopping = async {
        gate.begun.notified().await;
        cancel.cancel();
        gate.open.notify_one();
    };
    let (done, ()) = tokio::join!(run(&flow, endless(&made), &gate, &Silent, &cancel), stopping);
    assert!(matches!(done.ended, Ended::Cancelled), "{done:?}");
    assert_eq!((done.written, gate.batches.into_inner().unwrap()), (10, vec![10]));
}

#[tokio::test]
async fn a_sink_that_does_not_write_holds_back_the_source() {
    let (gate, cancel, made) = (Gate::default(), CancellationToken::new(), Arc::new(AtomicU64::new(0)));
    let flow = flow(&[set("amount", "1.0")], &[], write(10, 2));
    let watching = async {
        gate.begun.notified().await;
        // It goes on until every channel is full, and then no more.
        let mut before = u64::MAX;
        while before != made.load(Ordering::Relaxed) {
            before = made.load(Ordering::Relaxed);
            reconcile::platform::time::sleep(Duration::from_millis(50)).await;
        }
        cancel.cancel();
        gate.open.notify_one();
        before
    };
    let (done, most) = tokio::join!(run(&flow, endless(&made), &gate, &Silent, &cancel), watching);
    let bound = 3 * (1 + 2) * CHUNK_ROWS + 2 * (10 + WAITING_ROWS + 1) + 2 * CHUNK_ROWS;
    assert!(most <= bound as u64, "{most} rows were made, and the bound is {bound}");
    assert!(matches!(done.ended, Ended::Cancelled), "{done:?}");
}

#[tokio::test]
async fn an_incomplete_batch_is_written_when_its_time_is_over() {
    let gate = Gate::default();
    gate.open.notify_one();
    let slow = Write { flush_interval: Duration::from_millis(30), ..write(1_000, 1) };
    // The second chunk comes when the first one was written.
    let (say, hear) = std::sync::mpsc::channel();
    let a_chunk = i64::try_from(CHUNK_ROWS).unwrap();
    let rows = (0..=a_chunk).map(move |id| {
        if id == a_chunk {
            hear.recv().unwrap();
        }
        Ok(Row::from(vec![Value::Integer(id), Value::Null]))
    });
    let written = async {
        gate.begun.notified().await;
        say.send(()).unwrap();
    };
    let flow = flow(&[], &[], slow);
    let nobody = CancellationToken::new();
    let (done, ()) = tokio::join!(run(&flow, rows, &gate, &Silent, &nobody), written);
    assert_eq!((done.batches, done.written), (2, CHUNK_ROWS as u64 + 1));
}

/// Keeps the last value of each key, as a table does.
#[derive(Default)]
struct Last(Mutex<std::collections::BTreeMap<String, String>>);

impl Sink for Last {
    async fn write(
        &self,
        batch: &Batch,
        _observer: &dyn RetryObserver,
    ) -> Result<Written, GaveUp<PoolError>> {
        // Later batches would overtake if they could.
        reconcile::platform::time::sleep(Duration::from_millis(5 - batch.number % 5)).await;
        for row in &batch.rows {
            self.0.lock().unwrap().insert(row.key.clone(), format!("{:?}", row.values[1]));
        }
        Ok(Written { rows: batch.rows.len(), refused: Vec::new(), attempt: 1, receipt: Receipt::Answered })
    }
}

#[tokio::test]
async fn rows_with_one_key_keep_their_order_whatever_the_parallelism() {
    let last = Last::default();
    let rows = (0..700_i64).map(|n| Ok(row(n % 7, &n.to_string())));
    let flow = flow(&[], &[], write(3, 5));
    let done = run(&flow, rows, &last, &Silent, &CancellationToken::new()).await;
    assert_eq!(done.written, 700);
    let wanted = (0..7_i64).map(|key| {
        (
            format!("id={key}"),
            format!("{:?}", mysql_async::Value::Bytes(format!("{}.0000", 693 + key).into_bytes())),
        )
    });
    assert_eq!(last.0.into_inner().unwrap(), wanted.collect());
}

static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
    let text = include_str!("records.schema.json");
    jsonschema::validator_for(&serde_json::from_str(text).unwrap()).unwrap()
});

#[tokio::test]
async fn every_record_is_as_the_page_says_and_holds_no_password() {
    let database = Database::new().await;
    let mut session = database.session().await;
    table(&mut session).await;
    let mysql = crate::support::mysql::account(&database.mysql, "teller", "canary-in-the-password");
    session.run("CREATE USER teller@'%' IDENTIFIED BY 'canary-in-the-password'").await.unwrap();
    session.run(&format!("GRANT ALL ON {}.* TO teller@'%'", mysql.database)).await.unwrap();
    let rule = |check: &str, severity| Rule {
        field: Identifier::near("amount"),
        check: Cel::new(check).unwrap(),
        severity,
    };
    let rules = [rule("value < 50", Severity::Error), rule("value < 40", Severity::Warning)];
    let transforms = [set("amount", "id == 7 ? amount / 3 : amount"), set("total", "amount")];
    for format in [LogFormat::Json, LogFormat::Text] {
        session.run("DELETE FROM t").await.unwrap();
        let lines = Lines::default();
        let logging = Logging { level: Level::Trace, format, traces: true };
        let log: Arc<dyn Records> = Arc::new(RecordLog::new(logging, lines.clone()));
        let mut sink = sink(&mysql, &["id", "amount", "total"], Arc::clone(&log));
        let rows = (0..60_i64).map(|id| Ok(row(id, &id.to_string())));
        let done: FlowOutcome = run(
            &flow(&transforms, &rules, write(7, 3)),
            rows,
            &sink,
            log.as_ref(),
            &CancellationToken::new(),
        )
        .await;
        assert_eq!((done.written, done.refused.total, done.warned), (49, 11, 20 - 10), "{done:?}");
        sink.target = Target::new(
            Name::new("gone").unwrap(),
            vec![Name::new("id").unwrap(), Name::new("amount").unwrap()],
            Mode::Upsert,
        )
        .unwrap();
        let rows = (0..3_i64).map(|id| Ok(row(id, "1")));
        run(&flow(&[], &[], write(7, 1)), rows, &sink, log.as_ref(), &CancellationToken::new()).await;
        sink.pool.shut_down().await;
        let rows = (0..3_i64).map(|id| Ok(row(id, "1")));
        let done =
            run(&flow(&[], &[], write(7, 1)), rows, &sink, log.as_ref(), &CancellationToken::new()).await;
        assert!(matches!(done.ended, Ended::Failed(FlowError::Batch { .. })), "{done:?}");
        let text = lines.text();
        assert!(!text.contains("canary") && text.lines().count() > 200, "{text}");
        if format == LogFormat::Text {
            assert!(text.lines().all(|line| line.len() > 30 && line.is_char_boundary(24)), "{text}");
            continue;
        }
        let mut kinds = std::collections::BTreeSet::new();
        for line in text.lines() {
            let record: serde_json::Value = serde_json::from_str(line).unwrap();
            let wrong: Vec<String> = SCHEMA.iter_errors(&record).map(|error| error.to_string()).collect();
            assert!(wrong.is_empty(), "{line}: {wrong:?}");
            kinds.insert(record["record"].as_str().unwrap().to_owned());
        }
        assert_eq!(kinds.into_iter().collect::<Vec<_>>(), ["batch", "error", "metrics", "pool", "trace"]);
    }
}
