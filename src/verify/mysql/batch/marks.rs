//! Marks of written batches, and what proves that a batch was written.

use mysql_async::Value;

use super::super::class::Class;
use super::super::error::MysqlError;
use super::super::identifier::Name;
use super::super::schema::{OwnedTable, Run};
use super::super::session::Session;

/// The run's own table of batch numbers.
#[derive(Debug)]
pub struct Marks {
    table: OwnedTable,
}

/// What a mark says before a batch is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// Set: the batch is not written yet.
    Set,
    /// It was there: an earlier attempt was written.
    Found,
}

/// How a batch became known to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receipt {
    /// The server answered COMMIT.
    Answered,
    /// The answer to an earlier COMMIT was lost, and its mark is there.
    Marked,
}

impl Marks {
    /// Makes the table.
    ///
    /// # Errors
    /// [`MysqlError`]
    pub async fn create(session: &mut Session, run: &Run) -> Result<Self, MysqlError> {
        let name = run.table_name("marks");
        let table =
            OwnedTable::create(session, run, name, "batch BIGINT UNSIGNED NOT NULL PRIMARY KEY").await?;
        Ok(Self { table })
    }

    /// Its name.
    pub fn table(&self) -> &Name {
        self.table.name()
    }

    /// Drops the table.
    ///
    /// # Errors
    /// [`MysqlError`]
    pub async fn drop_table(self, session: &mut Session) -> Result<(), MysqlError> {
        self.table.drop_table(session).await
    }

    /// Whether this batch is marked, for somebody who looks afterwards.
    ///
    /// # Errors
    /// [`MysqlError`]
    pub async fn is_marked(&self, session: &mut Session, batch: u64) -> Result<bool, MysqlError> {
        let ask = format!("SELECT 1 FROM {} WHERE batch = ?", self.table());
        Ok(!session.query(&ask, vec![Value::UInt(batch)]).await?.is_empty())
    }

    /// Marks the batch in the transaction that is under way. Waits for an earlier attempt that the server is still at.
    pub(super) async fn set(&self, session: &mut Session, batch: u64) -> Result<Mark, MysqlError> {
        let set = format!("INSERT INTO {} (batch) VALUES (?)", self.table());
        match session.execute(&set, vec![Value::UInt(batch)]).await {
            Ok(_) => Ok(Mark::Set),
            // The table has one column of numbers: only a duplicate can be refused.
            Err(error) if error.class() == Class::RefusedRow => Ok(Mark::Found),
            Err(error) => Err(error),
        }
    }
}
