//! The connections of a run: never more than declared, each used again and again, each change told (Properties 5, 19).
//!
//! Why not the driver's pool: it has no time limit and no bound for waiting callers, asks no validation query, tells
//! nobody what changes, hands closing to a task while the place is free already (for a moment there is one connection too
//! many), and cannot be driven by connections of a test.

mod connector;
mod error;
mod event;
mod lease;
mod place;

pub use connector::Connector;
pub use error::PoolError;
pub use event::{Change, Closed, Counts, PoolEvent, PoolObserver, Totals};
pub use lease::{Lease, Pool};

#[cfg(test)]
mod tests;
