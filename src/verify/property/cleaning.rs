//! Property 25: a run leaves nothing behind, however it ends, and touches nothing that is not its own.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use tokio::time::timeout;

use super::round_trip::{fields, keyed, table, words};
use super::trial::{Judged, Trial, judge_sharing, require};
use crate::domain::suite::flink::Engine;
use crate::domain::suite::mysql::Retry;
use crate::domain::suite::verdict::Verdict;
use crate::platform::time::sleep;
use crate::verify::mysql::batch::{Batch, Marks, Mode, Row, write_batch};
use crate::verify::mysql::client::Client;
use crate::verify::mysql::pool::{Pool, PoolEvent, PoolObserver};
use crate::verify::mysql::retry::{FailedAttempt, RetryObserver};
use crate::verify::mysql::schema::Run;
use crate::verify::mysql::session::Session;
use crate::verify::table::{TargetTable, clean_up, prepare};

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// By itself.
    Success,
    /// With a row that the table refuses.
    Refusal,
    /// It is told to stop after so long: what it was doing is dropped.
    Cancelled(Duration),
    /// Its connections are killed after so long, again and again.
    Killed(Duration),
}

/// Something that uses the database and leaves it as it was.
pub trait Execution {
    /// Runs until it ends, and cleans up. What it says about itself does not matter.
    fn execute(&self, client: &Client, ending: Ending) -> impl Future<Output = ()>;
}

/// The real one: the table of a scenario, marks, and batches through a pool.
#[derive(Debug)]
pub struct Writing;

struct Deaf;

impl PoolObserver for Deaf {
    fn changed(&self, _event: PoolEvent) {}
}

impl RetryObserver for Deaf {
    fn attempt_failed(&self, _attempt: &FailedAttempt) {}
}

/// Batches of one run.
const BATCHES: u64 = 4;
/// Rows of a batch.
const ROWS: u64 = 20;

impl Execution for Writing {
    async fn execute(&self, client: &Client, ending: Ending) {
        let Ok(run) = Run::new() else { return };
        match ending {
            Ending::Success | Ending::Refusal => drop(Self::write(client, &run, ending).await),
            Ending::Cancelled(after) => drop(timeout(after, Self::write(client, &run, ending)).await),
            Ending::Killed(after) => {
                drop(tokio::join!(Self::write(client, &run, ending), kill(client, after)));
            }
        }
        if let Err(error) = clean_up(client, &run).await {
            tracing::warn!(%error, "tables of the run are left");
        }
    }
}

impl Writing {
    async fn write(client: &Client, run: &Run, ending: Ending) -> Result<(), String> {
        let mut session = client.connect().await.map_err(words)?;
        let (target, marks) = made(&mut session, run).await?;
        let pool = Pool::new(client.clone(), client.declared().pool.clone(), Arc::new(Deaf));
        let retry = Retry::new(2, &[Duration::from_millis(2)]).unwrap_or_default();
        let to = target.target(Mode::Insert).map_err(words)?;
        for number in 0..BATCHES {
            let row = |id: u64| {
                let id = if ending == Ending::Refusal { id / 2 } else { id };
                Row {
                    key: id.to_string(),
                    values: vec![mysql_async::Value::UInt(id), mysql_async::Value::NULL],
                }
            };
            let batch = Batch { number, rows: (number * ROWS..(number + 1) * ROWS).map(row).collect() };
            write_batch(&pool, &retry, &Deaf, &to, Some(&marks), &batch).await.map_err(words)?;
        }
        pool.shut_down().await;
        session.close().await.map_err(words)
    }
}

async fn made(session: &mut Session, run: &Run) -> Result<(TargetTable, Marks), String> {
    let schema = fields(&[("note", "STRING")]).and_then(keyed)?;
    let target =
        prepare(session, run, &table("orders", &[])?, &schema, &Engine::Native).await.map_err(words)?;
    let marks = Marks::create(session, run).await.map_err(words)?;
    Ok((target, marks))
}

/// Kills the connections of this database, but for the one that kills, three times.
async fn kill(client: &Client, after: Duration) -> Result<(), String> {
    let mut killer = client.connect().await.map_err(words)?;
    for _ in 0..3 {
        sleep(after / 3).await;
        for id in connections(&mut killer).await? {
            // It may have ended by itself.
            drop(killer.run(&format!("KILL {id}")).await);
        }
    }
    killer.close().await.map_err(words)
}

/// The other connections of this database that are nobody's who watches.
async fn connections(session: &mut Session) -> Result<Vec<String>, String> {
    let ask = "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID() \
               AND NOT EXISTS (SELECT 1 FROM `watchers` WHERE `watchers`.id = processlist.id)";
    Ok(session.show(ask).await.map_err(words)?.concat())
}

fn endings() -> impl Strategy<Value = Ending> {
    let moments = || (0..30_000_u64).prop_map(Duration::from_micros);
    prop_oneof![
        1 => Just(Ending::Success),
        1 => Just(Ending::Refusal),
        2 => moments().prop_map(Ending::Cancelled),
        2 => moments().prop_map(Ending::Killed),
    ]
}

/// How long the server may take to notice that a connection is closed, in looks and between them.
const LOOKS: u32 = 500;
const LOOK: Duration = Duration::from_millis(10);

/// Property 25: however a run ends, afterwards the database has the same tables with the same rows as before, among them those
/// of others that look like ours, and no connection more. `client` reaches a database that nobody else uses.
pub fn resource_cleanup(execution: &impl Execution, client: &Client, trial: Trial) -> Verdict {
    judge_sharing(
        trial,
        &endings(),
        async || {
            let mut watcher = client.connect().await.map_err(words)?;
            let other = Run::new().map_err(words)?;
            let mark = format!(
                "reconcile run {} of reconcile_00000000_orders since 2020-01-01T00:00:00Z",
                other.id()
            );
            for statement in [
                "CREATE TABLE `watchers` (id BIGINT PRIMARY KEY)".to_owned(),
                format!("INSERT INTO `watchers` VALUES ({})", watcher.id()),
                "CREATE TABLE `kept` (id INT PRIMARY KEY, note TEXT)".to_owned(),
                "INSERT INTO `kept` VALUES (1, 'ours is not yours')".to_owned(),
                format!("CREATE TABLE `reconcile_00000000_orders` (id INT) COMMENT '{mark}'"),
                "CREATE TABLE `reconcile_backup` LIKE `reconcile_00000000_orders`".to_owned(),
            ] {
                watcher.run(&statement).await.map_err(words)?;
            }
            Ok(watcher)
        },
        &async |watcher: &mut Session, ending: Ending| -> Judged {
            let before = tables(watcher).await?;
            execution.execute(client, ending).await;
            let after = tables(watcher).await?;
            require(before == after, || format!("before there were {before:?}, and afterwards {after:?}"))?;
            let mut left = Vec::new();
            for _ in 0..LOOKS {
                left = connections(watcher).await?;
                if left.is_empty() {
                    break;
                }
                sleep(LOOK).await;
            }
            require(left.is_empty(), || format!("{} connections are left", left.len()))?;
            let count = |is_so: bool| u64::from(is_so);
            Ok(vec![
                ("runs that ended by themselves", count(ending == Ending::Success)),
                ("runs with refused rows", count(ending == Ending::Refusal)),
                ("runs that were cancelled", count(matches!(ending, Ending::Cancelled(_)))),
                ("runs whose connections were killed", count(matches!(ending, Ending::Killed(_)))),
            ])
        },
        async |mut watcher| {
            let drop_all = "DROP TABLE `watchers`, `kept`, `reconcile_00000000_orders`, `reconcile_backup`";
            watcher.run(drop_all).await.map_err(words)?;
            watcher.close().await.map_err(words)
        },
    )
}

/// Each table with its definition's time and the checksum of its rows.
async fn tables(session: &mut Session) -> Result<Vec<String>, String> {
    let ask = "SELECT table_name, create_time FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY 1";
    let mut all = Vec::new();
    for row in session.show(ask).await.map_err(words)? {
        let [name, made] = row.as_slice() else { continue };
        let sum = session.show(&format!("CHECKSUM TABLE `{name}` EXTENDED")).await.map_err(words)?.concat();
        all.push(format!("{name} of {made} with {}", sum.last().cloned().unwrap_or_default()));
    }
    Ok(all)
}
