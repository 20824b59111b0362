//! Where batches go.

use std::sync::Arc;

use crate::domain::suite::mysql::Retry;
use crate::verify::mysql::batch::{Batch, Marks, Target, Written, write_batch};
use crate::verify::mysql::pool::{Connector, Pool, PoolError};
use crate::verify::mysql::retry::{GaveUp, RetryObserver};
use crate::verify::mysql::session::Session;

/// Writes batches, each whole or not at all but for the rows that are refused.
pub trait Sink: Send + Sync {
    /// Writes one; `observer` is told of attempts that fail.
    ///
    /// # Errors
    /// [`GaveUp`]: it is not written, or not known to be.
    fn write(
        &self,
        batch: &Batch,
        observer: &dyn RetryObserver,
    ) -> impl Future<Output = Result<Written, GaveUp<PoolError>>> + Send;
}

/// The real one: a pool, retries, one transaction for each batch.
pub struct MysqlSink<C: Connector> {
    /// Where connections come from.
    pub pool: Pool<C>,
    /// How often it is tried again.
    pub retry: Retry,
    /// The table and its columns.
    pub target: Target,
    /// The run's marks, for a target that inserts.
    pub marks: Option<Arc<Marks>>,
}

impl<C: Connector<Connection = Session>> Sink for MysqlSink<C> {
    async fn write(&self, batch: &Batch, observer: &dyn RetryObserver) -> Result<Written, GaveUp<PoolError>> {
        write_batch(&self.pool, &self.retry, observer, &self.target, self.marks.as_deref(), batch).await
    }
}
