//! The exit codes and the one mapping into them (features 3.3, design.md section 10).

use crate::engine::executor::{Cause, Report};
use crate::ports::provider::{ErrorClass, ProviderError};
use crate::ports::state_store::StateError;
use crate::saved::SavedError;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Success; with `--detailed-exitcode`: no changes.
    Success,
    /// An error that has no code of its own.
    Error,
    /// Changes are pending.
    Changes,
    /// Some changes were made, others were not.
    Partial,
    /// A property was refuted, or an expectation missed.
    Unproven,
    /// A wait ended without readiness.
    TimedOut,
    /// A deliberate no.
    Refused,
    /// Manifests equal what was last applied, live differs.
    Drift,
    /// Somebody else holds the state.
    Locked,
    /// The command line is wrong.
    Usage,
    /// A manifest, the project file or a saved file is wrong.
    Manifest,
    /// The endpoint cannot be reached.
    Unavailable,
    /// A bug.
    Internal,
    /// The service wants fewer requests.
    Throttled,
    /// The service does not accept the credentials.
    Auth,
    /// SIGINT.
    Interrupted,
    /// SIGTERM.
    Terminated,
}

/// The table that `reconcile help exit-codes` prints.
pub const TABLE: &[(Exit, &str)] = &[
    (Exit::Success, "success; with --detailed-exitcode: no changes"),
    (Exit::Error, "an error that has no code of its own"),
    (Exit::Changes, "changes are pending (only with --detailed-exitcode)"),
    (
        Exit::Partial,
        "partial apply: some changes were made, others failed or were skipped, or live does not converge",
    ),
    (Exit::Unproven, "verification failed: a property was refuted, or an expectation missed"),
    (Exit::TimedOut, "timed out waiting for readiness"),
    (Exit::Refused, "refused: protected or blocked object, budget exceeded, nothing declared"),
    (
        Exit::Drift,
        "drift only: manifests equal what was last applied, live differs (only with --detailed-exitcode)",
    ),
    (Exit::Locked, "the state is locked by somebody else"),
    (Exit::Usage, "usage error"),
    (Exit::Manifest, "invalid manifest, project file or saved file"),
    (Exit::Unavailable, "the endpoint cannot be reached"),
    (Exit::Internal, "internal error: please report it"),
    (Exit::Throttled, "throttled by the service: try again later"),
    (Exit::Auth, "credentials refused"),
    (Exit::Interrupted, "interrupted (SIGINT), after the state was saved"),
    (Exit::Terminated, "terminated (SIGTERM), after the state was saved"),
];

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Exit::Success => 0,
            Exit::Error => 1,
            Exit::Changes => 2,
            Exit::Partial => 3,
            Exit::Unproven => 4,
            Exit::TimedOut => 5,
            Exit::Refused => 6,
            Exit::Drift => 7,
            Exit::Locked => 8,
            Exit::Usage => 64,
            Exit::Manifest => 65,
            Exit::Unavailable => 69,
            Exit::Internal => 70,
            Exit::Throttled => 75,
            Exit::Auth => 77,
            Exit::Interrupted => 130,
            Exit::Terminated => 143,
        }
    }
}

impl From<Cause> for Exit {
    fn from(cause: Cause) -> Self {
        match cause {
            Cause::Superseded | Cause::Refused | Cause::Contradicted | Cause::Vanished | Cause::State => {
                Exit::Error
            }
            Cause::TimedOut => Exit::TimedOut,
            Cause::Unavailable => Exit::Unavailable,
            Cause::Throttled => Exit::Throttled,
            Cause::Auth => Exit::Auth,
        }
    }
}

impl From<&ProviderError> for Exit {
    fn from(error: &ProviderError) -> Self {
        match error.class {
            ErrorClass::Throttled { .. } => Exit::Throttled,
            ErrorClass::Auth => Exit::Auth,
            ErrorClass::Unavailable => Exit::Unavailable,
            ErrorClass::Conflict | ErrorClass::Invalid | ErrorClass::Ambiguous | ErrorClass::Protocol => {
                Exit::Error
            }
        }
    }
}

impl From<&StateError> for Exit {
    fn from(error: &StateError) -> Self {
        match error {
            StateError::Locked { .. } | StateError::Watched { .. } => Exit::Locked,
            _ => Exit::Error,
        }
    }
}

impl From<&SavedError> for Exit {
    fn from(error: &SavedError) -> Self {
        match error {
            SavedError::File(_) | SavedError::Unwritable { .. } => Exit::Error,
            SavedError::NotThis { .. }
            | SavedError::Damaged { .. }
            | SavedError::Format { .. }
            | SavedError::Undecodable { .. } => Exit::Manifest,
        }
    }
}

/// How a run ends: partial when something was done, else its single cause (design.md section 10).
pub fn of_report(report: &Report) -> Exit {
    if report.is_complete() {
        return Exit::Success;
    }
    if report.has_progress() || report.state_failure.is_some() {
        return Exit::Partial;
    }
    let mut causes: Vec<Cause> = report.all_failures().map(|(_, failure)| failure.cause).collect();
    causes.dedup();
    match causes.as_slice() {
        [single] => Exit::from(*single),
        // Several causes: the one that a person can act on first.
        _ => causes.iter().max().map_or(Exit::Error, |cause| Exit::from(*cause)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_in_the_table_once_and_in_order() {
        let codes: Vec<u8> = TABLE.iter().map(|(exit, _)| exit.code()).collect();
        let mut sorted = codes.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(codes, sorted);
        assert_eq!(codes.len(), 17);
    }
}
