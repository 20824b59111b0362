//! What became of a run.

use std::time::Duration;

use super::ledger::NotDurable;
use super::wait::WaitError;
use crate::domain::address::Address;
use crate::domain::natural_key::NaturalKey;
use crate::domain::plan::Row;
use crate::domain::snapshot::Snapshot;
use crate::ports::provider::{ErrorClass, ProviderError};
use crate::ports::state_store::StateError;

/// The single cause of a failure, as exit codes tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// Newer manifests ended the wait for it: what was sent is recorded, and looked up by the next run.
    Superseded,
    /// The service refused the request.
    Refused,
    /// Live contradicts what was just applied.
    Contradicted,
    /// A wait ended without what it waited for.
    TimedOut,
    /// What was waited for was there and went away.
    Vanished,
    /// The service could not be reached, or its answer made no sense.
    Unavailable,
    /// The service wants fewer requests.
    Throttled,
    /// The service does not accept the credentials.
    Auth,
    /// The state could not be written.
    State,
}

impl From<&ProviderError> for Cause {
    fn from(error: &ProviderError) -> Self {
        match error.class {
            ErrorClass::Throttled { .. } => Cause::Throttled,
            ErrorClass::Auth => Cause::Auth,
            ErrorClass::Conflict | ErrorClass::Invalid => Cause::Refused,
            ErrorClass::Unavailable | ErrorClass::Ambiguous | ErrorClass::Protocol => Cause::Unavailable,
        }
    }
}

/// Why a row failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The cause.
    pub cause: Cause,
    /// What happened and what is live now, redacted.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl From<&ProviderError> for Failure {
    fn from(error: &ProviderError) -> Self {
        Self { cause: error.into(), message: error.to_string(), hint: error.hint.clone() }
    }
}

/// Everything that could not be made durable fails like this; the cause is in the report.
impl From<NotDurable> for Failure {
    fn from(NotDurable: NotDurable) -> Self {
        Self {
            cause: Cause::State,
            message: "the state could not be written".to_owned(),
            hint: Some(
                "free space or fix the state folder, then apply again: the outcome is looked up".to_owned(),
            ),
        }
    }
}

/// What became of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowResult {
    /// Everything that served it succeeded.
    Done,
    /// Something that served it failed.
    Failed(Failure),
    /// Something was not started.
    Skipped(String),
}

/// What became of a row of the plan that was not simply kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowOutcome {
    /// The row.
    pub row: Row,
    /// What became of it.
    pub result: RowResult,
}

/// What became of a run.
#[derive(Debug)]
pub struct Report {
    /// The rows that had something to do, in the order of the plan.
    pub rows: Vec<RowOutcome>,
    /// Strays that this run brought.
    pub strays: Vec<NaturalKey>,
    /// Deleting a stray failed.
    pub failures: Vec<Failure>,
    /// The state afterwards.
    pub snapshot: Snapshot,
    /// Why the state could not be written, if it could not.
    pub state_failure: Option<StateError>,
    /// Whether the user asked it to stop before everything was done.
    pub stopped: bool,
    /// Requests sent that change something.
    pub writes: usize,
    /// Whether a listing proved at least one change: an object that came or went.
    pub proven: bool,
}

impl Report {
    /// Whether everything succeeded.
    pub fn is_complete(&self) -> bool {
        self.state_failure.is_none()
            && self.failures.is_empty()
            && self.rows.iter().all(|outcome| outcome.result == RowResult::Done)
    }

    /// Whether something was changed: a row succeeded, or one half of a row that did not.
    pub fn has_progress(&self) -> bool {
        self.proven || self.rows.iter().any(|outcome| outcome.result == RowResult::Done)
    }

    /// All failures, with their objects where there is one.
    pub fn all_failures(&self) -> impl Iterator<Item = (Option<&Address>, &Failure)> {
        let of_rows = self.rows.iter().filter_map(|outcome| match &outcome.result {
            RowResult::Failed(failure) => Some((Some(&outcome.row.address), failure)),
            RowResult::Done | RowResult::Skipped(_) => None,
        });
        of_rows.chain(self.failures.iter().map(|failure| (None, failure)))
    }
}

/// What a wait that ended badly means for its row: what it waited for, for how long, and what it saw last.
pub(super) fn wait_failure(error: &WaitError, awaited: &str, last_state: &str) -> Failure {
    match error {
        WaitError::Timeout { elapsed, last_error } => {
            let last = last_error
                .as_ref()
                .map(|error| format!("; the last listing failed: {error}"))
                .unwrap_or_default();
            let seconds = match elapsed.as_secs() {
                0..10 => format!("{:.1}", elapsed.as_secs_f64()),
                seconds => seconds.to_string(),
            };
            Failure {
                cause: Cause::TimedOut,
                message: format!(
                    "timed out after {seconds} s waiting for {awaited}; last state: {last_state}{last}"
                ),
                hint: Some(
                    "apply again: the outcome is looked up first; --timeout allows a longer wait".to_owned(),
                ),
            }
        }
        WaitError::Left { elapsed } => superseded(*elapsed, awaited, last_state),
        WaitError::Read(error) => Failure::from(error),
    }
}

/// What a wait that newer manifests ended means for its row.
pub(super) fn superseded(elapsed: Duration, awaited: &str, last_state: &str) -> Failure {
    Failure {
        cause: Cause::Superseded,
        message: format!(
            "{awaited} is no longer waited for after {} s: newer manifests are there; last state: {last_state}",
            elapsed.as_secs()
        ),
        hint: None,
    }
}
