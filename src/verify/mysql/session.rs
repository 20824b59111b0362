//! One connection that is ready for statements.
//!
//! Promises: time zone UTC, strict SQL mode, the declared character set; every answer within `queryTimeout`; a session in
//! which something was left half done (a time-out, a cancelled caller, an open transaction) says so and is not used again.
//! Values are the driver's raw ones: nothing is converted here, so nothing is rounded.

use std::time::Duration;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Row, Value};
use tokio::time::timeout;

use super::error::{MysqlError, Operation};
use super::facts::{self, ServerFacts};
use crate::domain::suite::mysql::Mysql;

/// Anything that does not fit is refused, as it would be by a careful server: no silent rounding of dates, no value made up
/// for a zero in a column that counts up.
const SQL_MODE: &str = "STRICT_ALL_TABLES,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,\
                        ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO";

/// What a statement did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// As the server counts: an upsert counts 1 for a new row, 2 for a changed one, 0 for one that was the same.
    pub affected: u64,
    /// Warnings of the statement.
    pub warnings: u16,
}

/// What is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Ready,
    InTransaction,
    /// A statement is under way or was given up, or the connection is gone.
    Broken,
}

/// A session. Dropping it closes the connection without a word.
pub struct Session {
    conn: Conn,
    facts: ServerFacts,
    query_timeout: Duration,
    state: State,
}

/// Without the driver's part, which knows the password.
impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("id", &self.id())
            .field("facts", &self.facts)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// Sets up a connection that has just logged in.
    pub(super) async fn prepare(conn: Conn, mysql: &Mysql) -> Result<Self, MysqlError> {
        let (limit, settings) = (mysql.query_timeout, Operation::Settings);
        let mut conn = conn;
        let set = format!(
            "SET NAMES '{}', SESSION time_zone = '+00:00', SESSION sql_mode = '{SQL_MODE}', SESSION autocommit = 1",
            mysql.charset.as_str()
        );
        within(limit, settings, conn.query_drop(set)).await?;
        let said = within(limit, settings, conn.query(facts::ASK)).await?;
        let cipher = within(limit, settings, conn.query(facts::ASK_CIPHER)).await?;
        let facts = ServerFacts::read(said, cipher)?;
        facts.has_room_for(&mysql.pool)?;
        Ok(Self { conn, facts, query_timeout: limit, state: State::Ready })
    }

    /// The server's number of the connection, as in `KILL` and in `information_schema.processlist`.
    pub fn id(&self) -> u32 {
        self.conn.id()
    }

    /// What the server said about itself.
    pub fn facts(&self) -> &ServerFacts {
        &self.facts
    }

    /// Whether another caller may go on with it: nothing is half done, no transaction is open.
    pub fn is_reusable(&self) -> bool {
        self.state == State::Ready
    }

    /// Runs a prepared statement; its result, if it has one, is thrown away.
    ///
    /// # Errors
    /// [`MysqlError`]
    pub async fn execute(&mut self, sql: &str, parameters: Vec<Value>) -> Result<Done, MysqlError> {
        let before = self.begin_work(Operation::Statement)?;
        let sent = self.conn.exec_drop(sql, parameters);
        let result = within(self.query_timeout, Operation::Statement, sent).await;
        self.end_work(before, result)?;
        Ok(Done { affected: self.conn.affected_rows(), warnings: self.conn.get_warnings() })
    }

    /// Runs a statement as text, for what cannot be prepared; its result is thrown away.
    ///
    /// # Errors
    /// [`MysqlError`]
    pub async fn run(&mut self, sql: &str) -> Result<Done, MysqlError> {
        self.run_as(Operation::Statement, sql).await
    }

    /// Runs a prepared query and keeps all its rows: for what is known to be small.
    ///
    /// # Errors
    /// [`MysqlError`]
    pub async fn query(&mut self, sql: &str, parameters: Vec<Value>) -> Result<Vec<Vec<Value>>, MysqlError> {
        let before = self.begin_work(Operation::Statement)?;
        let sent = self.conn.exec::<Row, _, _>(sql, parameters);
        let result = within(self.query_timeout, Operation::Statement, sent).await;
        Ok(self.end_work(before, result)?.into_iter().map(Row::unwrap).collect())
    }

    /// Runs a prepared query and hands out its rows one by one, as they come: nothing is kept. The time-out is for each row.
    /// Returns how many there were.
    ///
    /// # Errors
    /// [`MysqlError`]; some rows may have been handed out.
    pub async fn each(
        &mut self,
        sql: &str,
        parameters: Vec<Value>,
        mut row: impl FnMut(Vec<Value>),
    ) -> Result<u64, MysqlError> {
        let before = self.begin_work(Operation::Statement)?;
        let (limit, conn) = (self.query_timeout, &mut self.conn);
        let read = async {
            let mut result = within(limit, Operation::Statement, conn.exec_iter(sql, parameters)).await?;
            let mut rows = 0;
            while let Some(found) = within(limit, Operation::Statement, result.next()).await? {
                rows += 1;
                row(found.unwrap());
            }
            Ok(rows)
        };
        let result = read.await;
        self.end_work(before, result)
    }

    /// Asks in text and keeps all rows, each value as text: for what the server says about itself. Never prepared:
    /// MariaDB 10.11.19 crashed when a prepared statement read `information_schema.processlist` again and again.
    ///
    /// # Errors
    /// [`MysqlError`]
    pub async fn show(&mut self, sql: &str) -> Result<Vec<Vec<String>>, MysqlError> {
        let before = self.begin_work(Operation::Statement)?;
        let sent = self.conn.query::<Row, _>(sql);
        let result = within(self.query_timeout, Operation::Statement, sent).await;
        let rows = self.end_work(before, result)?;
        Ok(rows.into_iter().map(|row| row.unwrap().iter().map(facts::text).collect()).collect())
    }

    /// Begins a transaction.
    ///
    /// # Errors
    /// [`MysqlError`]
    pub async fn begin(&mut self) -> Result<(), MysqlError> {
        self.run_as(Operation::Begin, "START TRANSACTION").await?;
        self.state = State::InTransaction;
        Ok(())
    }

    /// Ends the transaction with effect.
    ///
    /// # Errors
    /// [`MysqlError`]; [`MysqlError::is_ambiguous`] says whether the effect is unknown.
    pub async fn commit(&mut self) -> Result<(), MysqlError> {
        self.run_as(Operation::Commit, "COMMIT").await?;
        self.state = State::Ready;
        Ok(())
    }

    /// Ends the transaction without effect.
    ///
    /// # Errors
    /// [`MysqlError`]; the server rolls back by itself when the connection is gone.
    pub async fn rollback(&mut self) -> Result<(), MysqlError> {
        self.run_as(Operation::Rollback, "ROLLBACK").await?;
        self.state = State::Ready;
        Ok(())
    }

    /// Asks whether the session still works.
    ///
    /// # Errors
    /// [`MysqlError`]
    pub async fn validate(&mut self, query: &str) -> Result<(), MysqlError> {
        self.run_as(Operation::Validation, query).await?;
        Ok(())
    }

    /// Says good-bye and closes the connection.
    ///
    /// # Errors
    /// [`MysqlError`]; the connection is closed all the same.
    pub async fn close(self) -> Result<(), MysqlError> {
        let limit = self.query_timeout;
        within(limit, Operation::Close, self.conn.disconnect()).await
    }

    async fn run_as(&mut self, operation: Operation, sql: &str) -> Result<Done, MysqlError> {
        let before = self.begin_work(operation)?;
        let result = within(self.query_timeout, operation, self.conn.query_drop(sql)).await;
        self.end_work(before, result)?;
        Ok(Done { affected: self.conn.affected_rows(), warnings: self.conn.get_warnings() })
    }

    /// Until the answer is there the session is broken: a caller that is dropped here leaves it so.
    fn begin_work(&mut self, during: Operation) -> Result<State, MysqlError> {
        match std::mem::replace(&mut self.state, State::Broken) {
            State::Broken => Err(MysqlError::Lost {
                during,
                detail: "an earlier statement was not finished, or its connection is gone".to_owned(),
            }),
            ready => Ok(ready),
        }
    }

    fn end_work<T>(&mut self, before: State, result: Result<T, MysqlError>) -> Result<T, MysqlError> {
        let answered = match &result {
            Ok(_) => true,
            Err(MysqlError::Answered { .. } | MysqlError::Misconfigured { .. }) => {
                !self.conn.is_disconnected()
            }
            Err(_) => false,
        };
        let gone = result.as_ref().err().is_some_and(|error| error.class() == super::class::Class::Gone);
        if answered && !gone {
            self.state = before;
        }
        result
    }
}

/// Waits for an answer.
async fn within<T>(
    limit: Duration,
    during: Operation,
    answer: impl Future<Output = Result<T, mysql_async::Error>>,
) -> Result<T, MysqlError> {
    match timeout(limit, answer).await {
        Ok(answer) => answer.map_err(|error| MysqlError::of_driver(during, &error)),
        Err(_elapsed) => Err(MysqlError::TimedOut { during, after: limit }),
    }
}
