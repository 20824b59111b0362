//! One function for each property (design.md 7): what `reconcile verify` runs is what the test of the property runs.
//!
//! Each takes the parts that it is about as ports, so that a test can put a broken part in its place and see the property
//! refuted. They block: call them from a thread of their own.

mod configuration;
mod connection;
mod outage;
mod pool;
mod transaction;
mod trial;
mod written;

pub use configuration::{SuiteReader, environment_configuration, external_configuration};
pub use connection::{Dialer, connection_establishment, invalid_configuration};
pub use outage::{Outage, OutageKind, unavailability};
pub use pool::{PoolSubject, pool_resources, pool_status};
pub use transaction::{BatchWriter, PooledWriter, transaction_boundaries};
pub use trial::Trial;
