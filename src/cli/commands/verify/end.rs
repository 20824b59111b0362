//! How a verification ends, as an exit code (features 3.3).

use crate::cli::exit::Exit;
use crate::verify::mysql::class::Setting;
use crate::verify::mysql::error::MysqlError;
use crate::verify::run::{NotBegun, ScenarioEnd, SuiteOutcome};

/// What was found to be wrong comes first, then what could not be looked at: only a run in which everything that was meant
/// was done, and nothing contradicts it, is a success.
pub(super) fn exit(suites: &[SuiteOutcome]) -> Exit {
    if suites.iter().any(SuiteOutcome::has_failed) {
        return Exit::Unproven;
    }
    if let Some(why) = suites.iter().find_map(|suite| suite.not_begun.as_ref()) {
        return of_suite(why);
    }
    let scenarios = || suites.iter().flat_map(|suite| &suite.scenarios);
    if suites.iter().any(|suite| suite.left_behind.is_some()) {
        return Exit::Error;
    }
    if scenarios().any(|scenario| matches!(scenario.end, ScenarioEnd::NotRun(_))) {
        return Exit::Refused;
    }
    Exit::Success
}

fn of_suite(why: &NotBegun) -> Exit {
    match why {
        NotBegun::Refused(_) => Exit::Refused,
        NotBegun::Machine(_) => Exit::Error,
        NotBegun::Database(error) => of_database(error),
    }
}

fn of_database(error: &MysqlError) -> Exit {
    match error.setting() {
        Some(Setting::Host | Setting::Port) => Exit::Unavailable,
        Some(Setting::Username | Setting::Password | Setting::Credentials) => Exit::Auth,
        Some(Setting::Database | Setting::Charset | Setting::Tls | Setting::Pool) => Exit::Manifest,
        None if error.is_retryable() => Exit::Unavailable,
        None => Exit::Error,
    }
}
