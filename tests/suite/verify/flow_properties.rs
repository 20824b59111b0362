//! The properties of the way of rows, on a real server. Each is seen refuted, by broken parts around right ones.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use reconcile::domain::suite::mysql::{Mysql, Tls};
use reconcile::domain::suite::pipeline::Transform;
use reconcile::domain::suite::report::Logging;
use reconcile::domain::suite::types::Schema;
use reconcile::domain::suite::verdict::Verdict;
use reconcile::verify::mysql::batch::{Batch, Receipt, Written};
use reconcile::verify::mysql::client::Client;
use reconcile::verify::mysql::pool::PoolError;
use reconcile::verify::mysql::retry::{FailedAttempt, GaveUp, RetryObserver};
use reconcile::verify::pipeline::{Flow, FlowOutcome, Sink};
use reconcile::verify::property::{
    FlowRunner, Lines, Transformed, Transformer, Trial, constraint_violation, custom_transformation,
    debug_traces, json_flattening, metrics_collection, network_recovery, operation_logging,
    statement_recovery, structured_errors, validation_errors,
};
use reconcile::verify::proxy::FaultProxy;
use reconcile::verify::record::{ErrorRecord, Record, RecordLog, Records, Step};
use reconcile::verify::row::{Decimal, Row, Value};
use reconcile::verify::source::SourceError;
use reconcile::verify::transform::WrongRow;
use tokio::sync::Notify;

use super::planted::{self, Planted, holds, refuted};
use super::properties::{now, trial};
use crate::support::mysql::Database;

/// Without encryption, which costs a program that is not optimized more than everything else.
fn client() -> Client {
    let mysql = now(async { Database::new().await.mysql });
    Client::new(Mysql { tls: Tls::Disabled, ..mysql }).unwrap()
}

/// Tells something else than it was told, or nothing.
struct Retold(fn(Record, usize) -> Option<Record>);

struct RetoldLog {
    log: Box<dyn Records>,
    how: fn(Record, usize) -> Option<Record>,
    number: AtomicUsize,
}

impl Records for RetoldLog {
    fn tell(&self, record: &Record) {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        if let Some(record) = (self.how)(record.clone(), number) {
            self.log.tell(&record);
        }
    }

    fn traces(&self) -> bool {
        self.log.traces()
    }
}

impl FlowRunner for Retold {
    fn log(&self, logging: Logging, to: Lines) -> Box<dyn Records> {
        Box::new(RetoldLog { log: ().log(logging, to), how: self.0, number: AtomicUsize::new(0) })
    }
}

/// Leaves out every third record of a kind.
fn thinned(record: Record, is_thinned: fn(&Record) -> bool) -> Option<Record> {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let is_kept = !is_thinned(&record) || !NUMBER.fetch_add(1, Ordering::Relaxed).is_multiple_of(3);
    is_kept.then_some(record)
}

/// Changes what an error says.
fn error(record: Record, how: fn(&mut ErrorRecord)) -> Record {
    match record {
        Record::Error(mut error) => {
            how(&mut error);
            Record::Error(error)
        }
        other => other,
    }
}

/// Ends the flow at the first batch with a refused row.
struct Stopping;

struct StoppingSink<'a, S>(&'a S);

impl<S: Sink> Sink for StoppingSink<'_, S> {
    async fn write(&self, batch: &Batch, observer: &dyn RetryObserver) -> Result<Written, GaveUp<PoolError>> {
        let written = self.0.write(batch, observer).await?;
        if written.refused.is_empty() {
            return Ok(written);
        }
        Err(GaveUp { history: Vec::new(), last: PoolError::ShutDown })
    }
}

impl FlowRunner for Stopping {
    async fn run<S: Sink>(
        &self,
        flow: &Flow,
        rows: Vec<Result<Row, SourceError>>,
        sink: &S,
        records: &dyn Records,
    ) -> FlowOutcome {
        ().run(flow, rows, &StoppingSink(sink), records).await
    }
}

const NUMBERLESS: Retold = Retold(|record, _| Some(error(record, |error| error.code = None)));
const UNLOGGED: Retold = Retold(|record, _| thinned(record, |record| matches!(record, Record::Error(_))));
const SPEECHLESS: Retold =
    Retold(|record, _| Some(error(record, |error| "it failed".clone_into(&mut error.message))));
const FIELDLESS: Retold = Retold(|record, _| Some(error(record, |error| error.field = None)));

/// The property is refuted by this defect, which this runner has.
fn refutes<R: FlowRunner>(
    planted: &Planted,
    number: u8,
    property: fn(&R, &Client, Trial) -> Verdict,
    runner: &R,
    client: &Client,
) {
    refuted(planted, number, &property(runner, client, trial(256)));
}

/// Feature: flink-mysql-connector-test, Property 11: For any primary key constraint violation, the system should log the error
/// and continue processing subsequent records without stopping the entire stream
#[test]
fn a_key_that_is_there_already_costs_its_row_and_no_other() {
    let client = client();
    holds(&constraint_violation(&(), &client, trial(256)), 256);
    refutes(&planted::STOPPED, 11, constraint_violation, &Stopping, &client);
    refutes(&planted::NUMBERLESS, 11, constraint_violation, &NUMBERLESS, &client);
    refutes(&planted::UNLOGGED, 11, constraint_violation, &UNLOGGED, &client);
}

/// Feature: flink-mysql-connector-test, Property 12: For any SQL syntax error, the system should log detailed error information
/// and continue processing remaining valid records
#[test]
fn a_statement_that_is_none_costs_its_batch_and_no_other() {
    let client = client();
    holds(&statement_recovery(&(), &client, trial(256)), 256);
    refutes(&planted::STOPPED, 12, statement_recovery, &Stopping, &client);
    refutes(&planted::NUMBERLESS, 12, statement_recovery, &NUMBERLESS, &client);
    refutes(&planted::SPEECHLESS, 12, statement_recovery, &SPEECHLESS, &client);
}

/// Takes a batch for written when its connection was lost.
struct Forgetting;

struct ForgettingSink<'a, S>(&'a S);

struct Told<'a>(&'a dyn RetryObserver, Notify);

impl RetryObserver for Told<'_> {
    fn attempt_failed(&self, attempt: &FailedAttempt) {
        self.0.attempt_failed(attempt);
        self.1.notify_one();
    }
}

impl<S: Sink> Sink for ForgettingSink<'_, S> {
    async fn write(&self, batch: &Batch, observer: &dyn RetryObserver) -> Result<Written, GaveUp<PoolError>> {
        let told = Told(observer, Notify::new());
        tokio::select! {
            written = self.0.write(batch, &told) => written,
            () = told.1.notified() => {
                Ok(Written { rows: batch.rows.len(), refused: Vec::new(), attempt: 2, receipt: Receipt::Answered })
            }
        }
    }
}

impl FlowRunner for Forgetting {
    async fn run<S: Sink>(
        &self,
        flow: &Flow,
        rows: Vec<Result<Row, SourceError>>,
        sink: &S,
        records: &dyn Records,
    ) -> FlowOutcome {
        ().run(flow, rows, &ForgettingSink(sink), records).await
    }
}

/// Feature: flink-mysql-connector-test, Property 13: For any network interruption scenario, the system should detect the
/// failure and implement connection recovery mechanisms to resume operations
#[test]
fn an_interrupted_way_is_taken_again_and_every_row_arrives_once() {
    let stall = Duration::from_millis(250);
    let mysql = now(async { Database::new().await.mysql });
    let path = Arc::new(FaultProxy::start(&mysql.host, mysql.port.get()).unwrap());
    let direct = Client::new(Mysql { tls: Tls::Disabled, ..mysql.clone() }).unwrap();
    let through = Client::new(Mysql {
        tls: Tls::Disabled,
        connect_timeout: Duration::from_millis(150),
        query_timeout: Duration::from_millis(150),
        ..mysql
    });
    let through = through.unwrap().through(path.address());
    holds(&network_recovery(&(), &path, &direct, &through, stall, trial(100)), 100);
    let forgotten = network_recovery(&Forgetting, &path, &direct, &through, stall, trial(100));
    refuted(&planted::FORGETTING, 13, &forgotten);
    let silent = Retold(|record, _| match record {
        Record::Error(error) if error.pause_ms.is_some() => None,
        other => Some(other),
    });
    let silent = network_recovery(&silent, &path, &direct, &through, stall, trial(100));
    refuted(&planted::SILENT_RETRY, 13, &silent);
}

/// Feature: flink-mysql-connector-test, Property 14: For any data validation failure, the system should log specific
/// field-level error information with sufficient detail for debugging
#[test]
fn a_wrong_value_is_told_with_its_field() {
    let client = client();
    holds(&validation_errors(&(), &client, trial(256)), 256);
    refutes(&planted::FIELDLESS, 14, validation_errors, &FIELDLESS, &client);
    refutes(&planted::UNLOGGED, 14, validation_errors, &UNLOGGED, &client);
}

/// Feature: flink-mysql-connector-test, Property 16: For any successful data insertion operation, the system should log record
/// counts, timing information, and operation status
#[test]
fn each_batch_is_told_with_its_counts_time_and_status() {
    let client = client();
    holds(&operation_logging(&(), &client, trial(256)), 256);
    let short = Retold(|record, _| match record {
        Record::Batch(mut batch) => {
            batch.written = batch.written.saturating_sub(1);
            Some(Record::Batch(batch))
        }
        other => Some(other),
    });
    refutes(&planted::SHORT_OF_A_ROW, 16, operation_logging, &short, &client);
    let untold = Retold(|record, _| thinned(record, |record| matches!(record, Record::Batch(_))));
    refutes(&planted::UNTOLD_BATCH, 16, operation_logging, &untold, &client);
    let timeless = Retold(|record, _| match record {
        Record::Batch(mut batch) => {
            batch.ms = 0.0;
            Some(Record::Batch(batch))
        }
        other => Some(other),
    });
    refutes(&planted::TIMELESS, 16, operation_logging, &timeless, &client);
}

/// Feature: flink-mysql-connector-test, Property 17: For any error condition, the system should produce structured logs
/// containing error codes, timestamps, and contextual information
#[test]
fn each_error_is_told_with_its_codes_time_and_context() {
    let client = client();
    holds(&structured_errors(&(), &client, trial(256)), 256);
    refutes(&planted::NUMBERLESS, 17, structured_errors, &NUMBERLESS, &client);
    refutes(&planted::SPEECHLESS, 17, structured_errors, &SPEECHLESS, &client);
    refutes(&planted::FIELDLESS, 17, structured_errors, &FIELDLESS, &client);
}

/// Feature: flink-mysql-connector-test, Property 18: For any system operation, the system should accurately track and report
/// throughput, latency, and error rate metrics
#[test]
fn metrics_are_those_of_an_independent_count() {
    let client = client();
    holds(&metrics_collection(&(), &client, trial(256)), 256);
    let half = Retold(|record, _| match record {
        Record::Metrics(mut metrics) => {
            metrics.throughput /= 2.0;
            Some(Record::Metrics(metrics))
        }
        other => Some(other),
    });
    refutes(&planted::HALF_SPEED, 18, metrics_collection, &half, &client);
    let mean = Retold(|record, _| match record {
        Record::Metrics(mut metrics) => {
            metrics.latency_p99_ms = metrics.latency_p50_ms;
            Some(Record::Metrics(metrics))
        }
        other => Some(other),
    });
    refutes(&planted::MEAN, 18, metrics_collection, &mean, &client);
}

/// Follows rows without being asked.
struct Chatty;

impl FlowRunner for Chatty {
    fn log(&self, logging: Logging, to: Lines) -> Box<dyn Records> {
        Box::new(RecordLog::new(Logging { traces: true, ..logging }, to))
    }
}

/// Feature: flink-mysql-connector-test, Property 20: For any operation when debugging is enabled, the system should provide
/// detailed execution traces sufficient for troubleshooting
#[test]
fn a_traced_row_is_followed_from_its_source_to_its_end() {
    let client = client();
    holds(&debug_traces(&(), &client, trial(256)), 256);
    let gaps = Retold(|record, _| match record {
        Record::Trace(trace) if trace.step == Step::Judged => None,
        other => Some(other),
    });
    refutes(&planted::GAPS, 20, debug_traces, &gaps, &client);
    refutes(&planted::CHATTY, 20, debug_traces, &Chatty, &client);
}

/// Changes what comes out of transforms.
struct Changed(fn(&mut Vec<Result<Row, WrongRow>>));

impl Transformer for Changed {
    async fn transform(
        &self,
        declared: &[Transform],
        schema: &Schema,
        rows: Vec<Row>,
    ) -> Result<Transformed, String> {
        let (schema, mut rows) = ().transform(declared, schema, rows).await?;
        (self.0)(&mut rows);
        Ok((schema, rows))
    }
}

/// Changes the values of each row.
fn each(rows: &mut [Result<Row, WrongRow>], how: impl Fn(&mut Vec<Value>)) {
    for row in rows.iter_mut().flatten() {
        let mut values = row.values().to_vec();
        how(&mut values);
        *row = Row::from(values);
    }
}

/// Feature: flink-mysql-connector-test, Property 31: For any complex nested JSON structure, the system should correctly parse
/// and flatten the data for relational storage without data loss
#[test]
fn a_nested_document_is_flattened_and_put_together_again() {
    let client = client();
    holds(&json_flattening(&(), &client, trial(256)), 256);
    let lost = Changed(|rows| {
        each(rows, |values| {
            if let Some(last) = values.last_mut() {
                *last = Value::Null;
            }
        });
    });
    refuted(&planted::LOST_MEMBER, 31, &json_flattening(&lost, &client, trial(256)));
    let nulls = Changed(|rows| {
        each(rows, |values| {
            for value in values {
                if *value == Value::text("") {
                    *value = Value::Null;
                }
            }
        });
    });
    refuted(&planted::FLAT_NULLS, 31, &json_flattening(&nulls, &client, trial(256)));
}

/// Feature: flink-mysql-connector-test, Property 35: For any custom mapping function, the system should correctly apply the
/// transformation and produce the expected output format
#[test]
fn a_transform_gives_what_an_independent_calculation_gives() {
    let client = client();
    holds(&custom_transformation(&(), &client, trial(256)), 256);
    let floating = Changed(|rows| {
        each(rows, |values| {
            if let Some(Value::Decimal(total)) = values.get_mut(2) {
                let float: f64 = total.as_str().parse().unwrap();
                *total = Decimal::parse(&format!("{float:.10}")).unwrap();
            }
        });
    });
    refuted(&planted::FLOATING, 35, &custom_transformation(&floating, &client, trial(256)));
    let reordered = Changed(|rows| rows.reverse());
    refuted(&planted::REORDERED, 35, &custom_transformation(&reordered, &client, trial(256)));
}
