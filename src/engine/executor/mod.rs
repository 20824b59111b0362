//! The executor: carries an approved plan out, once.
//!
//! # Expected flow
//! A step starts when everything before it has succeeded. Requests are bounded; waits are not, they share their looks.
//!
//! # Guarantees
//! No request leaves before its intent is durable. An ambiguous answer is settled by looking, never sent again blindly;
//! only an update, which no look can show and which does no harm twice, is sent again.
//! A failure stops only what depends on it. Whatever happens, the report says for each row what is live now.
//!
//! # Assumptions
//! The plan was made from a world that was observed under the same lock.
//!
//! # Caveats
//! The API has no compare-and-set: what somebody else changes between the look and the request is noticed afterwards.

mod delete;
mod ledger;
mod readiness;
mod register;
mod report;
mod run;
mod send;
mod settings;
mod store;
mod wait;
mod walk;
mod way_back;

pub(super) use register::contradiction;
pub use report::{Cause, Failure, Report, RowOutcome, RowResult};
pub use run::{execute, record};
pub use settings::{Patience, Settings, Stop};
