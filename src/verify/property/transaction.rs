//! Property 15: a batch is written whole or not at all, whatever is refused and whoever is cut off.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mysql_async::Value;
use proptest::collection::vec;
use proptest::prelude::*;

use super::trial::{Judged, Trial, judge, require};
use crate::domain::suite::mysql::Retry;
use crate::domain::suite::verdict::Verdict;
use crate::platform::time::sleep;
use crate::verify::mysql::batch::{Batch, Marks, Mode, Row, Target, Written, write_batch};
use crate::verify::mysql::client::Client;
use crate::verify::mysql::error::MysqlError;
use crate::verify::mysql::identifier::Name;
use crate::verify::mysql::pool::{Connector, Pool, PoolEvent, PoolObserver};
use crate::verify::mysql::retry::{FailedAttempt, RetryObserver};
use crate::verify::mysql::schema::{OwnedTable, Run};
use crate::verify::mysql::session::Session;

/// Somebody who writes batches.
pub trait BatchWriter {
    /// Writes one to a target; `marks` are the run's own.
    ///
    /// # Errors
    /// In words: it was given up.
    fn write(
        &self,
        target: &Target,
        marks: &Marks,
        batch: &Batch,
    ) -> impl Future<Output = Result<Written, String>>;

    /// The server's numbers of its connections so far.
    fn connections(&self) -> Vec<u32>;
}

/// The real one: a pool and its retries.
pub struct PooledWriter {
    pool: Pool<Listed>,
    retry: Retry,
}

/// Real sessions, whose numbers are kept.
struct Listed {
    client: Client,
    ids: Arc<Mutex<Vec<u32>>>,
}

impl Connector for Listed {
    type Connection = Session;

    async fn connect(&self) -> Result<Session, MysqlError> {
        let session = self.client.connect().await?;
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).push(session.id());
        Ok(session)
    }

    async fn validate(&self, session: &mut Session) -> Result<(), MysqlError> {
        Connector::validate(&self.client, session).await
    }

    async fn close(&self, session: Session) {
        Connector::close(&self.client, session).await;
    }

    fn is_reusable(&self, session: &Session) -> bool {
        self.client.is_reusable(session)
    }
}

struct Deaf;

impl PoolObserver for Deaf {
    fn changed(&self, _event: PoolEvent) {}
}

impl RetryObserver for Deaf {
    fn attempt_failed(&self, _attempt: &FailedAttempt) {}
}

impl PooledWriter {
    /// A writer with a pool of its own. Call it inside a runtime.
    pub fn new(client: &Client, retry: Retry) -> Self {
        let listed = Listed { client: client.clone(), ids: Arc::default() };
        Self { pool: Pool::new(listed, client.declared().pool.clone(), Arc::new(Deaf)), retry }
    }
}

impl BatchWriter for PooledWriter {
    async fn write(&self, target: &Target, marks: &Marks, batch: &Batch) -> Result<Written, String> {
        let marks = (target.mode() == Mode::Insert).then_some(marks);
        let written = write_batch(&self.pool, &self.retry, &Deaf, target, marks, batch).await;
        written.map_err(|gave_up| gave_up.to_string())
    }

    fn connections(&self) -> Vec<u32> {
        self.pool.connector().ids.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What becomes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Fits,
    /// Its text is NULL, in a column that is not.
    Refused,
    /// Its key is that of a row some places before it.
    Again(usize),
}

#[derive(Debug, Clone)]
struct Stream {
    mode: Mode,
    batch_size: usize,
    rows: Vec<Fate>,
    /// When connections are killed, in microseconds, one after the other.
    kills: Vec<u64>,
}

fn streams() -> impl Strategy<Value = Stream> {
    let fate = prop_oneof![8 => Just(Fate::Fits), 1 => Just(Fate::Refused), 1 => (1..20_usize).prop_map(Fate::Again)];
    let mode = prop_oneof![Just(Mode::Insert), Just(Mode::Upsert)];
    (mode, 1..=16_usize, vec(fate, 1..=64), vec(0..4_000_u64, 0..=2))
        .prop_map(|(mode, batch_size, rows, kills)| Stream { mode, batch_size, rows, kills })
}

/// What the table holds: the batch that wrote each key.
type Content = BTreeMap<i64, i64>;

/// The batches of a stream, what each refuses, and the table after each.
fn model(stream: &Stream) -> (Vec<Batch>, Vec<Vec<usize>>, Vec<Content>) {
    let (mut batches, mut refusals, mut states) = (Vec::new(), Vec::new(), vec![Content::new()]);
    let mut content = Content::new();
    for (number, fates) in stream.rows.chunks(stream.batch_size).enumerate() {
        let (mut rows, mut refused) = (Vec::new(), Vec::new());
        let batch = i64::try_from(number).unwrap_or(i64::MAX);
        for (position, fate) in fates.iter().enumerate() {
            let at = number.saturating_mul(stream.batch_size).saturating_add(position);
            let key_at = if let Fate::Again(back) = fate { at.saturating_sub(*back) } else { at };
            let key = i64::try_from(key_at).unwrap_or(i64::MAX);
            let fits = *fate != Fate::Refused && (stream.mode == Mode::Upsert || !content.contains_key(&key));
            if fits {
                content.insert(key, batch);
            } else {
                refused.push(position);
            }
            let text = if *fate == Fate::Refused { Value::NULL } else { Value::Bytes(b"text".to_vec()) };
            rows.push(Row { key: key.to_string(), values: vec![Value::Int(key), Value::Int(batch), text] });
        }
        batches.push(Batch { number: number as u64, rows });
        refusals.push(refused);
        states.push(content.clone());
    }
    (batches, refusals, states)
}

/// Property 15: for any batch size, every moment shows whole batches only, in their order, and the end shows all of them
/// with nothing left out but what was refused. `client` may make tables in its database.
pub fn transaction_boundaries<W: BatchWriter>(
    writer: impl Fn() -> W,
    client: &Client,
    trial: Trial,
) -> Verdict {
    judge(trial, &streams(), async |stream| -> Judged {
        let words = |error: MysqlError| error.to_string();
        let mut session = client.connect().await.map_err(words)?;
        let run = Run::new().map_err(|error| error.to_string())?;
        let columns = "id BIGINT PRIMARY KEY, batch BIGINT NOT NULL, text VARCHAR(8) NOT NULL";
        let table = OwnedTable::create(&mut session, &run, run.table_name("batches"), columns)
            .await
            .map_err(words)?;
        let marks = Marks::create(&mut session, &run).await.map_err(words)?;
        let judged = judge_stream(&writer(), client, &table, &marks, &stream).await;
        marks.drop_table(&mut session).await.map_err(words)?;
        table.drop_table(&mut session).await.map_err(words)?;
        session.close().await.map_err(words)?;
        judged
    })
}

async fn judge_stream(
    writer: &impl BatchWriter,
    client: &Client,
    table: &OwnedTable,
    marks: &Marks,
    stream: &Stream,
) -> Judged {
    let columns = ["id", "batch", "text"].map(|name| Name::new(name).map_err(|error| error.to_string()));
    let columns = columns.into_iter().collect::<Result<Vec<_>, _>>()?;
    let target =
        Target::new(table.name().clone(), columns, stream.mode).map_err(|error| error.to_string())?;
    let (batches, refusals, states) = model(stream);
    let write = async {
        let mut written = Vec::new();
        for batch in &batches {
            written.push(writer.write(&target, marks, batch).await?);
        }
        Ok::<_, String>(written)
    };
    let mut reader = client.connect().await.map_err(|error| error.to_string())?;
    let mut killer = client.connect().await.map_err(|error| error.to_string())?;
    let cut = async {
        for wait in &stream.kills {
            sleep(Duration::from_micros(*wait)).await;
            if let Some(id) = writer.connections().last() {
                // It may have ended by itself.
                drop(killer.run(&format!("KILL {id}")).await);
            }
        }
    };
    let is_written = AtomicBool::new(false);
    let look = async {
        let (mut at, mut looks) = (0, 0);
        while !is_written.load(Ordering::Relaxed) {
            at = state_of(&content(&mut reader, table).await?, &states, at)?;
            looks += 1;
        }
        Ok::<u64, String>(looks)
    };
    let write = async {
        let written = write.await;
        is_written.store(true, Ordering::Relaxed);
        written
    };
    let (written, looks, ()) = tokio::join!(write, look, cut);
    let (written, looks) = (written?, looks?);
    let last = content(&mut reader, table).await?;
    require(Some(&last) == states.last(), || {
        format!("the table holds {last:?} instead of {:?}", states.last())
    })?;
    for ((batch, written), refused) in batches.iter().zip(&written).zip(&refusals) {
        let told: Vec<usize> = written.refused.iter().map(|row| row.position).collect();
        require(told == *refused, || {
            format!("batch {}: {told:?} was refused instead of {refused:?}", batch.number)
        })?;
        require(written.rows + refused.len() == batch.rows.len(), || {
            format!("batch {}: {written:?}", batch.number)
        })?;
    }
    for session in [reader, killer] {
        session.close().await.map_err(|error| error.to_string())?;
    }
    let attempts: u64 = written.iter().map(|written| u64::from(written.attempt)).sum();
    let batches = batches.len() as u64;
    Ok(vec![
        ("batches", batches),
        ("further attempts", attempts.saturating_sub(batches)),
        ("looks at the table", looks),
    ])
}

async fn content(reader: &mut Session, table: &OwnedTable) -> Result<Content, String> {
    let ask = format!("SELECT id, batch FROM {}", table.name());
    let rows = reader.query(&ask, Vec::new()).await.map_err(|error| error.to_string())?;
    Ok(rows
        .iter()
        .filter_map(|row| match row.as_slice() {
            [Value::Int(id), Value::Int(batch)] => Some((*id, *batch)),
            _ => None,
        })
        .collect())
}

/// After how many batches the table looks like this; not before what was seen already.
fn state_of(content: &Content, states: &[Content], from: usize) -> Result<usize, String> {
    let found = states.iter().enumerate().skip(from).find(|(_, state)| *state == content);
    found
        .map(|(at, _)| at)
        .ok_or_else(|| format!("no number of whole batches leaves {content:?} ({from} were there)"))
}
