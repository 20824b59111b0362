//! Why there is no connection.

use std::time::Duration;

use super::super::class::Class;
use super::super::error::MysqlError;
use super::event::Counts;

/// Why a caller gets no connection. Each is told apart, because each has its own remedy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// All connections stayed in use for the whole time.
    #[error(
        "no connection became free within {} ms ({counts}): raise mysql.pool.size or mysql.pool.acquireTimeout, or write \
         with less parallelism", after.as_millis()
    )]
    TimedOut {
        /// `acquireTimeout`
        after: Duration,
        /// How it stood then.
        counts: Counts,
    },
    /// Too many wait already, and `overflow` is `fail`.
    #[error(
        "{most} callers wait for a connection already ({counts}): raise mysql.pool.maxWaiting, or set mysql.pool.overflow to block"
    )]
    QueueFull {
        /// `maxWaiting`
        most: u32,
        /// How it stood then.
        counts: Counts,
    },
    /// The pool is being shut down.
    #[error("the pool is shut down")]
    ShutDown,
    /// There was room, and the connection could not be made.
    #[error(transparent)]
    Connect(#[from] MysqlError),
}

impl PoolError {
    /// What it means for the next step. Who waited in vain has waited already: only a failed connection is worth another
    /// attempt.
    pub fn class(&self) -> Class {
        match self {
            Self::Connect(error) => error.class(),
            Self::TimedOut { .. } | Self::QueueFull { .. } | Self::ShutDown => Class::Fault,
        }
    }
}
