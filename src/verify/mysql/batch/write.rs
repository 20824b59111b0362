//! Writes a batch: one attempt is one transaction; attempts go on until the outcome is known.

use std::sync::Mutex;
use std::sync::PoisonError;

use super::super::error::MysqlError;
use super::super::pool::{Connector, Pool, PoolError};
use super::super::retry::{GaveUp, RetryObserver, retry};
use super::super::session::Session;
use super::bisect::{insert, insert_what_fits, is_refusal, left_out};
use super::marks::{Mark, Marks, Receipt};
use super::rows::{Batch, Refused};
use super::statement::{Mode, Target};
use crate::domain::suite::mysql::Retry;

/// A batch that is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Rows that are in the table, or were already when an upsert came.
    pub rows: usize,
    /// Rows that were left out, in their order.
    pub refused: Vec<Refused>,
    /// Which attempt it was, counted from 1.
    pub attempt: u32,
    /// How it is known.
    pub receipt: Receipt,
}

/// Writes a batch with connections of a pool, again and again as declared. `marks` is for targets that insert: without it
/// an attempt whose COMMIT was not answered is the last one.
///
/// # Errors
/// [`GaveUp`]; [`MysqlError::is_ambiguous`] of an attempt says that it may have been written.
pub async fn write_batch<C: Connector<Connection = Session>>(
    pool: &Pool<C>,
    declared: &Retry,
    observer: &dyn RetryObserver,
    target: &Target,
    marks: Option<&Marks>,
    batch: &Batch,
) -> Result<Written, GaveUp<PoolError>> {
    // What an attempt left out whose COMMIT was not answered: if that one was written, these are missing.
    let missing = Mutex::new(Vec::new());
    let missing = &missing;
    retry(declared, observer, |attempt| async move {
        let mut session = pool.acquire().await?;
        let before = missing.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match attempt_once(&mut session, target, marks, batch).await {
            Ok((receipt, refused)) => {
                let refused = if receipt == Receipt::Marked { before } else { refused };
                Ok(Written { rows: batch.rows.len() - refused.len(), refused, attempt, receipt })
            }
            Err(failed) => {
                if failed.error.is_ambiguous() {
                    *missing.lock().unwrap_or_else(PoisonError::into_inner) = failed.refused;
                }
                let error = failed.error;
                let unknown = error.is_ambiguous() && target.mode() == Mode::Insert && marks.is_none();
                Err(PoolError::Connect(if unknown { error.given_up() } else { error }))
            }
        }
    })
    .await
}

/// Writes a batch in one transaction of this session, once.
///
/// # Errors
/// [`MysqlError`]; nothing is written then, unless [`MysqlError::is_ambiguous`].
pub async fn write_once(
    session: &mut Session,
    target: &Target,
    marks: Option<&Marks>,
    batch: &Batch,
) -> Result<Written, MysqlError> {
    let (receipt, refused) =
        attempt_once(session, target, marks, batch).await.map_err(|failed| failed.error)?;
    Ok(Written { rows: batch.rows.len() - refused.len(), refused, attempt: 1, receipt })
}

/// An attempt that failed, with what it would have left out.
struct Failed {
    error: MysqlError,
    refused: Vec<Refused>,
}

impl From<MysqlError> for Failed {
    fn from(error: MysqlError) -> Self {
        Self { error, refused: Vec::new() }
    }
}

async fn attempt_once(
    session: &mut Session,
    target: &Target,
    marks: Option<&Marks>,
    batch: &Batch,
) -> Result<(Receipt, Vec<Refused>), Failed> {
    let limit = session.facts().max_allowed_packet;
    let mut refused = Vec::new();
    let mut sendable = Vec::new();
    for (position, row) in batch.rows.iter().enumerate() {
        match target.unsendable(row, limit) {
            None => sendable.push(position),
            Some(reason) => refused.extend(left_out(batch, position, &reason)),
        }
    }
    session.begin().await?;
    if mark(session, marks, batch).await? == Mark::Found {
        session.rollback().await?;
        return Ok((Receipt::Marked, Vec::new()));
    }
    let parts: Vec<&[usize]> = parts(target, batch, &sendable, limit);
    if let Err(reason) = insert_all(session, target, batch, &parts).await {
        if !is_refusal(&reason) {
            return Err(give_up(session, reason).await);
        }
        // Something does not fit: nothing of it stays, and what fits is found in a transaction of its own.
        session.rollback().await?;
        session.begin().await?;
        mark(session, marks, batch).await?;
        for part in parts {
            match insert_what_fits(session, target, batch, part).await {
                Ok(left) => refused.extend(left),
                Err(error) => return Err(give_up(session, error).await),
            }
        }
    }
    refused.sort_by_key(|row| row.position);
    match session.commit().await {
        Ok(()) => Ok((Receipt::Answered, refused)),
        Err(error) if error.is_ambiguous() => Err(Failed { error, refused }),
        Err(error) => Err(give_up(session, error).await),
    }
}

/// The rows that can be sent, in statements.
fn parts<'a>(target: &Target, batch: &Batch, sendable: &'a [usize], limit: usize) -> Vec<&'a [usize]> {
    let rows: Vec<_> = sendable.iter().filter_map(|at| batch.rows.get(*at)).collect();
    target.cut(&rows, limit).into_iter().filter_map(|cut| sendable.get(cut)).collect()
}

async fn mark(session: &mut Session, marks: Option<&Marks>, batch: &Batch) -> Result<Mark, MysqlError> {
    match marks {
        Some(marks) => marks.set(session, batch.number).await,
        None => Ok(Mark::Set),
    }
}

async fn insert_all(
    session: &mut Session,
    target: &Target,
    batch: &Batch,
    parts: &[&[usize]],
) -> Result<(), MysqlError> {
    for part in parts {
        insert(session, target, batch, part).await?;
    }
    Ok(())
}

/// Ends the transaction without effect, as far as there is a connection to end it on.
async fn give_up(session: &mut Session, error: MysqlError) -> Failed {
    if let Err(also) = session.rollback().await {
        tracing::trace!(error = %also, "the server rolls back by itself");
    }
    error.into()
}
