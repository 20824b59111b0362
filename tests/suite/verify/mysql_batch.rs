//! Batches into a real table: what fits is written, what does not is named, and nothing is written twice.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use mysql_async::Value;
use reconcile::domain::suite::mysql::Retry;
use reconcile::platform::time::sleep;
use reconcile::verify::mysql::batch::{Batch, Marks, Mode, Receipt, Row, Target, write_batch, write_once};
use reconcile::verify::mysql::class::Class;
use reconcile::verify::mysql::client::Client;
use reconcile::verify::mysql::error::{MysqlError, Operation};
use reconcile::verify::mysql::identifier::Name;
use reconcile::verify::mysql::pool::{Connector, Pool, PoolEvent, PoolObserver};
use reconcile::verify::mysql::retry::{FailedAttempt, RetryObserver};
use reconcile::verify::mysql::schema::Run;
use reconcile::verify::mysql::session::Session;

use crate::support::mysql::Database;

/// The server renews what it tells about transactions only when nobody has asked for a tenth of a second.
const LOOK: Duration = Duration::from_millis(150);

struct Deaf;

impl PoolObserver for Deaf {
    fn changed(&self, _event: PoolEvent) {}
}

impl RetryObserver for Deaf {
    fn attempt_failed(&self, _attempt: &FailedAttempt) {}
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

async fn table(session: &mut Session) {
    session
        .run("CREATE TABLE t (id BIGINT PRIMARY KEY, v VARCHAR(10) NOT NULL, n TINYINT) ENGINE=InnoDB")
        .await
        .unwrap();
}

fn target(mode: Mode) -> Target {
    Target::new(name("t"), vec![name("id"), name("v"), name("n")], mode).unwrap()
}

fn row(id: i64, v: &str, n: i64) -> Row {
    Row { key: format!("id={id}"), values: vec![Value::Int(id), Value::Bytes(v.into()), Value::Int(n)] }
}

async fn ids(session: &mut Session) -> Vec<i64> {
    let rows = session.query("SELECT id FROM t ORDER BY id", vec![]).await.unwrap();
    rows.into_iter().map(|row| mysql_async::from_value::<i64>(row[0].clone())).collect()
}

#[tokio::test]
async fn refused_rows_are_left_out_with_number_state_words_and_key() {
    let mut session = Database::new().await.session().await;
    table(&mut session).await;
    let mut rows: Vec<Row> = (0..100).map(|id| row(id, "ok", 1)).collect();
    rows[3] = row(0, "ok", 1);
    rows[41] = row(41, "ok", 1000);
    rows[42].values[1] = Value::NULL;
    rows[99] = row(99, "longer than ten", 1);
    rows[60].values.pop();
    let batch = Batch { number: 1, rows };
    let written = write_once(&mut session, &target(Mode::Insert), None, &batch).await.unwrap();
    let said: BTreeMap<usize, (Option<u16>, &str)> = written
        .refused
        .iter()
        .map(|row| (row.position, (row.reason.answer().map(|answer| answer.code), row.key.as_str())))
        .collect();
    let expected = [
        (3, (Some(1062), "id=0")),
        (41, (Some(1264), "id=41")),
        (42, (Some(1048), "id=42")),
        (60, (None, "id=60")),
        (99, (Some(1406), "id=99")),
    ];
    assert_eq!(said, BTreeMap::from(expected));
    assert_eq!((written.rows, ids(&mut session).await.len()), (95, 95));
    assert!(session.is_reusable());
}

#[tokio::test]
async fn a_statement_that_is_refused_leaves_out_every_row_with_its_reason() {
    let mut session = Database::new().await.session().await;
    let batch = Batch { number: 1, rows: (0..10).map(|id| row(id, "ok", 1)).collect() };
    let written = write_once(&mut session, &target(Mode::Insert), None, &batch).await.unwrap();
    assert_eq!((written.rows, written.refused.len()), (0, 10));
    assert!(written.refused.iter().all(|row| row.reason.class() == Class::RefusedStatement));
}

#[tokio::test]
async fn a_row_that_no_packet_carries_is_refused_without_losing_the_connection() {
    let mut session = Database::new().await.session().await;
    session.run("CREATE TABLE t (id BIGINT PRIMARY KEY, v LONGTEXT NOT NULL, n TINYINT)").await.unwrap();
    let limit = session.facts().max_allowed_packet;
    let large = |id, bytes| row(id, &"x".repeat(bytes), 1);
    let rows = vec![
        row(1, "ok", 1),
        large(2, limit + 1),
        large(3, limit - (32 << 10)),
        large(4, limit / 3),
        large(5, limit / 3),
    ];
    let written =
        write_once(&mut session, &target(Mode::Insert), None, &Batch { number: 1, rows }).await.unwrap();
    assert_eq!(written.refused.iter().map(|row| row.position).collect::<Vec<_>>(), [1]);
    assert_eq!(ids(&mut session).await, [1, 3, 4, 5]);
}

/// Loses the answer to COMMIT, after or before the server has it. The server's part is done by a second connection, so
/// that what is lost is exactly the answer.
#[tokio::test]
async fn a_lost_answer_to_commit_writes_a_batch_once() {
    let database = Database::new().await;
    let mut session = database.session().await;
    table(&mut session).await;
    let run = Run::new().unwrap();
    let marks = Marks::create(&mut session, &run).await.unwrap();
    let batch = Batch { number: 7, rows: vec![row(1, "a", 1), row(1, "b", 1), row(2, "c", 1)] };
    let insert = target(Mode::Insert);
    let first = write_once(&mut session, &insert, Some(&marks), &batch).await.unwrap();
    assert_eq!((first.rows, first.receipt), (2, Receipt::Answered));
    // What the attempt after a lost answer does.
    let second = write_once(&mut session, &insert, Some(&marks), &batch).await.unwrap();
    assert_eq!(second.receipt, Receipt::Marked);
    assert_eq!(ids(&mut session).await, [1, 2]);
    assert!(marks.is_marked(&mut session, 7).await.unwrap());
    assert!(!marks.is_marked(&mut session, 8).await.unwrap());
    marks.drop_table(&mut session).await.unwrap();
}

#[tokio::test]
async fn an_attempt_waits_for_an_earlier_one_that_the_server_is_still_at() {
    let database = Database::new().await;
    let mut session = database.session().await;
    table(&mut session).await;
    let marks = Marks::create(&mut session, &Run::new().unwrap()).await.unwrap();
    // The earlier attempt: everything but its COMMIT has arrived.
    let mut earlier = database.session().await;
    earlier.begin().await.unwrap();
    earlier.run(&format!("INSERT INTO {} VALUES (1)", marks.table())).await.unwrap();
    earlier.run("INSERT INTO t VALUES (1, 'a', 1)").await.unwrap();
    let batch = Batch { number: 1, rows: vec![row(1, "a", 1)] };
    let insert = target(Mode::Insert);
    let (written, ()) = tokio::join!(write_once(&mut session, &insert, Some(&marks), &batch), async {
        let mut monitor = database.session().await;
        loop {
            let ask = "SELECT 1 FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'";
            if !monitor.show(ask).await.unwrap().is_empty() {
                break;
            }
            sleep(LOOK).await;
        }
        earlier.commit().await.unwrap();
    });
    assert_eq!(written.unwrap().receipt, Receipt::Marked);
    assert_eq!(ids(&mut session).await, [1]);
}

/// Real sessions whose first COMMIT is not answered: the connection is gone by then.
#[derive(Clone)]
struct CutAtCommit(Client, Arc<std::sync::atomic::AtomicU32>);

impl Connector for CutAtCommit {
    type Connection = Session;

    async fn connect(&self) -> Result<Session, MysqlError> {
        let session = self.0.connect().await?;
        // The first session is killed by another one while it holds its transaction open.
        if self.1.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0 {
            let (client, id) = (self.0.clone(), session.id());
            tokio::spawn(async move {
                let mut killer = client.connect().await.unwrap();
                loop {
                    let ask = format!(
                        "SELECT trx_rows_modified FROM information_schema.innodb_trx WHERE trx_mysql_thread_id = {id}"
                    );
                    if killer.show(&ask).await.unwrap().iter().any(|row| row[0] != "0") {
                        break;
                    }
                    sleep(LOOK).await;
                }
                killer.run(&format!("KILL {id}")).await.unwrap();
            });
        }
        Ok(session)
    }

    async fn validate(&self, session: &mut Session) -> Result<(), MysqlError> {
        Connector::validate(&self.0, session).await
    }

    async fn close(&self, session: Session) {
        Connector::close(&self.0, session).await;
    }

    fn is_reusable(&self, session: &Session) -> bool {
        session.is_reusable()
    }
}

#[tokio::test]
async fn a_killed_connection_is_replaced_and_its_batch_is_written_once() {
    let database = Database::new().await;
    let mut session = database.session().await;
    table(&mut session).await;
    let marks = Marks::create(&mut session, &Run::new().unwrap()).await.unwrap();
    let connector = CutAtCommit(Client::new(database.mysql.clone()).unwrap(), Arc::default());
    let pool = Pool::new(connector, database.mysql.pool.clone(), Arc::new(Deaf));
    // Many statements, so that the transaction is open for some time.
    let rows: Vec<Row> = (0..30_000).map(|id| row(id, "ok", 1)).collect();
    let batch = Batch { number: 1, rows };
    let retry = Retry::new(3, &[Duration::from_millis(10)]).unwrap();
    let written =
        write_batch(&pool, &retry, &Deaf, &target(Mode::Insert), Some(&marks), &batch).await.unwrap();
    assert!(written.attempt > 1, "the connection was not cut");
    assert_eq!((written.rows, ids(&mut session).await.len()), (30_000, 30_000));
    pool.shut_down().await;
}

#[test]
fn an_insert_that_nothing_can_tell_about_is_not_tried_again() {
    let lost = MysqlError::Lost { during: Operation::Commit, detail: "reset".into() };
    assert!(lost.is_ambiguous() && lost.is_retryable());
    let unknown = MysqlError::OutcomeUnknown { detail: lost.to_string() };
    assert!(unknown.is_ambiguous() && !unknown.is_retryable());
}
