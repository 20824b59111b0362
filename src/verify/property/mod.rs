//! One function for each property (design.md 7): what `reconcile verify` runs is what the test of the property runs.
//!
//! Each takes the parts that it is about as ports, so that a test can put a broken part in its place and see the property
//! refuted. They block: call them from a thread of their own.

mod bench;
mod cleaning;
mod configuration;
mod connection;
mod flattening;
mod mapping;
mod network;
mod outage;
mod pool;
mod refusal;
mod round_trip;
mod tables;
mod telling;
mod text;
mod time;
mod transaction;
mod transformation;
mod trial;
mod validation;
mod values;
mod written;

pub use bench::{FlowRunner, Lines};
pub use cleaning::{Ending, Execution, Writing, resource_cleanup};
pub use configuration::{SuiteReader, environment_configuration, external_configuration};
pub use connection::{Dialer, connection_establishment, invalid_configuration};
pub use flattening::json_flattening;
pub use mapping::{row_integrity, type_mapping};
pub use network::{Interruption, NetworkPath, network_recovery};
pub use outage::{Outage, OutageKind, unavailability};
pub use pool::{PoolSubject, pool_resources, pool_status};
pub use refusal::{constraint_violation, statement_recovery, structured_errors};
pub use round_trip::{RoundTrip, ServerTrip};
pub use tables::{SchemaManager, schema_management};
pub use telling::{debug_traces, metrics_collection, operation_logging};
pub use text::{large_text, utf8_preservation};
pub use time::timestamp_conversion;
pub use transaction::{BatchWriter, PooledWriter, transaction_boundaries};
pub use transformation::{Transformed, Transformer, custom_transformation};
pub use trial::Trial;
pub use validation::validation_errors;
pub use values::{null_handling, numeric_precision};
