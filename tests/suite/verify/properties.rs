//! The properties of the database side, on a real server: what `verify` runs, run here. Each is seen refuted once, by a
//! broken part in the place of a right one.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use reconcile::domain::suite::mysql::{self, Authority, Mysql, Retry, Tls};
use reconcile::verify::mysql::batch::{Batch, Marks, Target, Written};
use reconcile::verify::mysql::client::Client;
use reconcile::verify::mysql::error::{MysqlError, Operation};
use reconcile::verify::mysql::facts::ServerFacts;
use reconcile::verify::mysql::pool::{Connector, Pool, PoolEvent, PoolObserver};
use reconcile::verify::mysql::server::{Options, PrivateServer};
use reconcile::verify::mysql::session::Session;
use reconcile::verify::property::{
    BatchWriter, Dialer, Outage, OutageKind, PoolSubject, PooledWriter, Trial, connection_establishment,
    invalid_configuration, pool_resources, pool_status, transaction_boundaries, unavailability,
};

use super::planted::{self, holds, refuted};
use crate::support::mysql::{Database, account, certificates, session};

/// So many cases, from the seed of the run.
pub(super) fn trial(cases: u32) -> Trial {
    let seed = reconcile::platform::env::var("PROPTEST_RNG_SEED").and_then(|seed| seed.parse().ok());
    Trial { cases, seed: seed.unwrap_or(20_261_121) }
}

/// Runs asynchronous preparations of a test that blocks.
pub(super) fn now<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn database() -> Mysql {
    now(async { Database::new().await.mysql })
}

fn client(mysql: &Mysql) -> Client {
    Client::new(mysql.clone()).unwrap()
}

/// The ways to reach the server of the tests, all of them right.
fn valid() -> Vec<Mysql> {
    let base = database();
    let ours = || Authority::File(now(certificates()).server.authority.clone());
    let tls =
        [Tls::Disabled, Tls::Preferred, Tls::Required, Tls::VerifyCa(ours()), Tls::VerifyIdentity(ours())];
    let by_address = tls.into_iter().map(|tls| Mysql { tls, ..base.clone() });
    let by_name = [Tls::Required, Tls::VerifyCa(ours())].map(|tls| Mysql {
        tls,
        host: "localhost".to_owned(),
        ..base.clone()
    });
    let accounts =
        [("odd", "it's a \"pass\\word\" `$` ü😀"), ("größe und 'quote'", "x"), ("long", &"p".repeat(200))];
    let accounts = accounts.map(|(user, password)| now(admit(&base, user, password)));
    by_address.chain(by_name).chain(accounts).collect()
}

/// Makes an account that may use the database.
async fn admit(base: &Mysql, user: &str, password: &str) -> Mysql {
    let quote = |text: &str| format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"));
    let (user_in_sql, password_in_sql) = (quote(user), quote(password));
    let mut admin = session(base).await;
    admin.run(&format!("CREATE USER {user_in_sql}@'%' IDENTIFIED BY {password_in_sql}")).await.unwrap();
    admin.run(&format!("GRANT ALL ON {}.* TO {user_in_sql}@'%'", base.database)).await.unwrap();
    account(base, user, password)
}

struct WithoutTls;

impl Dialer for WithoutTls {
    async fn dial(&self, mysql: &Mysql) -> Result<ServerFacts, MysqlError> {
        ().dial(&Mysql { tls: Tls::Disabled, ..mysql.clone() }).await
    }
}

/// Feature: flink-mysql-connector-test, Property 1: For any valid MySQL configuration, the Flink system should successfully
/// establish a JDBC connection without throwing connection exceptions
#[test]
fn a_valid_configuration_connects() {
    let valid = valid();
    holds(&connection_establishment(&(), &valid, trial(256)), 256);
    refuted(&planted::UNENCRYPTED, 1, &connection_establishment(&WithoutTls, &valid, trial(256)));
}

/// Loses what an error says about the declaration.
struct Vague;

impl Dialer for Vague {
    async fn dial(&self, mysql: &Mysql) -> Result<ServerFacts, MysqlError> {
        let vague = |error: MysqlError| MysqlError::Protocol {
            during: Operation::Connect,
            detail: error.to_string(),
        };
        ().dial(mysql).await.map_err(vague)
    }
}

/// Feature: flink-mysql-connector-test, Property 3: For any invalid MySQL configuration parameters, the system should return
/// specific, descriptive error messages that identify the configuration problem
#[test]
fn an_invalid_configuration_is_named_with_its_remedy() {
    let valid = database();
    holds(&invalid_configuration(&(), &valid, trial(256)), 256);
    refuted(&planted::VAGUE, 3, &invalid_configuration(&Vague, &valid, trial(256)));
}

/// A server of a test's own, which it may stop.
struct Ours(tokio::sync::Mutex<(PrivateServer, Option<OutageKind>)>);

impl Outage for Ours {
    async fn begin(&self, kind: OutageKind) -> Result<(), String> {
        let mut ours = self.0.lock().await;
        let (server, now) = &mut *ours;
        *now = Some(kind);
        match kind {
            OutageKind::Stopped => server.stop().await.map_err(|error| error.to_string()),
            OutageKind::Killed => server.kill().await.map_err(|error| error.to_string()),
            OutageKind::Silent => server.suspend().await.map_err(|error| error.to_string()),
        }
    }

    async fn end(&self) -> Result<(), String> {
        let mut ours = self.0.lock().await;
        let (server, now) = &mut *ours;
        match now.take() {
            None => Ok(()),
            Some(OutageKind::Silent) => {
                server.resume();
                Ok(())
            }
            Some(_) => server.start_again().await.map_err(|error| error.to_string()),
        }
    }
}

/// Loses the class of what goes wrong.
struct Unclassed(Client);

impl Connector for Unclassed {
    type Connection = Session;

    async fn connect(&self) -> Result<Session, MysqlError> {
        let lose = |error: MysqlError| MysqlError::Protocol {
            during: Operation::Connect,
            detail: error.to_string(),
        };
        self.0.connect().await.map_err(lose)
    }

    async fn validate(&self, session: &mut Session) -> Result<(), MysqlError> {
        Connector::validate(&self.0, session).await
    }

    async fn close(&self, session: Session) {
        Connector::close(&self.0, session).await;
    }

    fn is_reusable(&self, session: &Session) -> bool {
        self.0.is_reusable(session)
    }
}

/// Feature: flink-mysql-connector-test, Property 4: For any database unavailability scenario, the system should implement
/// exponential backoff retry logic and eventually recover when the database becomes available
#[test]
fn an_outage_is_waited_out_with_growing_pauses() {
    const KINDS: [OutageKind; 3] = [OutageKind::Stopped, OutageKind::Killed, OutageKind::Silent];
    let server = now(PrivateServer::start(Options::default())).unwrap_or_else(|error| panic!("{error}"));
    let mysql = Mysql {
        connect_timeout: Duration::from_millis(500),
        query_timeout: Duration::from_millis(500),
        ..server.mysql("information_schema")
    };
    let ours = Ours(tokio::sync::Mutex::new((server, None)));
    // A hundredth of the default.
    let declared = Retry::new(3, &[10, 20, 40].map(Duration::from_millis)).unwrap();
    holds(&unavailability(&ours, || client(&mysql), &declared, &KINDS, trial(100)), 100);
    let unclassed = || Unclassed(client(&mysql));
    refuted(&planted::UNCLASSED, 4, &unavailability(&ours, unclassed, &declared, &KINDS[..1], trial(100)));
    // As declared by default: 1 s, 2 s, 4 s.
    holds(&unavailability(&ours, || client(&mysql), &Retry::default(), &KINDS[1..], trial(3)), 3);
}

/// Does not close what it should.
struct Leaky(Client, Arc<Mutex<Vec<Session>>>);

impl Connector for Leaky {
    type Connection = Session;

    async fn connect(&self) -> Result<Session, MysqlError> {
        self.0.connect().await
    }

    async fn validate(&self, session: &mut Session) -> Result<(), MysqlError> {
        Connector::validate(&self.0, session).await
    }

    async fn close(&self, session: Session) {
        self.1.lock().unwrap().push(session);
    }

    fn is_reusable(&self, session: &Session) -> bool {
        self.0.is_reusable(session)
    }
}

impl PoolSubject for Leaky {
    type Connector = Leaky;

    fn open(&self, declared: mysql::Pool, observer: Arc<dyn PoolObserver>) -> Pool<Leaky> {
        Pool::new(Leaky(self.0.clone(), Arc::clone(&self.1)), declared, observer)
    }
}

/// Feature: flink-mysql-connector-test, Property 5: For any connection pool configuration, the system should never exceed the
/// maximum pool size and should efficiently reuse connections without resource leaks
#[test]
fn a_pool_stays_within_its_size_and_loses_no_connection() {
    let client = client(&database());
    holds(&pool_resources(&client, &client, trial(256)), 256);
    let leaky = Leaky(client.clone(), Arc::default());
    refuted(&planted::LEAKY, 5, &pool_resources(&leaky, &client, trial(1)));
}

/// Tells every third change to nobody.
struct Forgetful {
    observer: Arc<dyn PoolObserver>,
    number: Mutex<u32>,
}

impl PoolObserver for Forgetful {
    fn changed(&self, event: PoolEvent) {
        let mut number = self.number.lock().unwrap();
        *number += 1;
        if !number.is_multiple_of(3) {
            self.observer.changed(event);
        }
    }
}

struct Untold(Client);

impl PoolSubject for Untold {
    type Connector = Client;

    fn open(&self, declared: mysql::Pool, observer: Arc<dyn PoolObserver>) -> Pool<Client> {
        Pool::new(self.0.clone(), declared, Arc::new(Forgetful { observer, number: Mutex::default() }))
    }
}

/// Feature: flink-mysql-connector-test, Property 19: For any connection pool state change, the system should log current pool
/// statistics including active and idle connection counts
#[test]
fn each_change_of_a_pool_is_told_with_its_counts() {
    let client = client(&database());
    holds(&pool_status(&client, &client, trial(256)), 256);
    refuted(&planted::UNTOLD, 19, &pool_status(&Untold(client.clone()), &client, trial(256)));
}

/// Writes a batch in two transactions.
struct Halving(PooledWriter);

impl BatchWriter for Halving {
    async fn write(&self, target: &Target, marks: &Marks, batch: &Batch) -> Result<Written, String> {
        let (first, second) = batch.rows.split_at(batch.rows.len() / 2);
        let half = |number, rows: &[_]| Batch { number: batch.number * 2 + number, rows: rows.to_vec() };
        let mut written = self.0.write(target, marks, &half(0, first)).await?;
        let rest = self.0.write(target, marks, &half(1, second)).await?;
        written.rows += rest.rows;
        written.refused.extend(rest.refused.into_iter().map(|mut row| {
            row.position += first.len();
            row
        }));
        Ok(written)
    }

    fn connections(&self) -> Vec<u32> {
        self.0.connections()
    }
}

/// Feature: flink-mysql-connector-test, Property 15: For any configured batch size, the system should maintain proper
/// transaction boundaries and provide ACID guarantees for batch operations
#[test]
fn a_batch_is_written_whole_or_not_at_all() {
    let client = client(&database());
    let retry = || Retry::new(5, &[Duration::from_millis(5)]).unwrap();
    let writer = || PooledWriter::new(&client, retry());
    holds(&transaction_boundaries(writer, &client, trial(256)), 256);
    let halving = || Halving(PooledWriter::new(&client, retry()));
    refuted(&planted::HALVING, 15, &transaction_boundaries(halving, &client, trial(256)));
}
