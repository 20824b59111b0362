//! The executor: carries an approved plan out, once.
//!
//! # Expected flow
//! A step starts when everything before it has succeeded. Requests are bounded; waits are not, they share their looks.
//!
//! # Guarantees
//! No request leaves before its intent is durable. An ambiguous answer is settled by looking, never sent again blindly.
//! A failure stops only what depends on it. Whatever happens, the report says for each row what is live now.
//!
//! # Assumptions
//! The plan was made from a world that was observed under the same lock.
//!
//! # Caveats
//! The API has no compare-and-set: what somebody else changes between the look and the request is noticed afterwards.

mod delete;
mod ledger;
mod register;
mod report;
mod run;
mod send;
mod wait;
mod walk;
mod way_back;

use std::collections::BTreeSet;
use std::time::Duration;

use crate::domain::natural_key::NaturalKey;
use crate::engine::retry::RetryPolicy;

pub use report::{Cause, Failure, Report, RowOutcome, RowResult};
pub use run::{execute, record};

/// How a run behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How many requests may be under way at once.
    pub parallelism: usize,
    /// The pause between two looks at the same scope.
    pub poll_interval: Duration,
    /// How long a wait may take when the resource does not say.
    pub timeout: Duration,
    /// What may be repeated.
    pub retry: RetryPolicy,
    /// Every key that a manifest declares: what a JAR brings beside them is a stray.
    pub declared: BTreeSet<NaturalKey>,
}

/// What the user wants of a run that is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    /// Go on.
    No,
    /// Start nothing new; what is in flight is finished and saved.
    Finish,
    /// Stop at once: the journal knows what was under way.
    Now,
}
