//! Suites as they are run: with what the profile says, and with their passwords.

use super::fingerprint::Fingerprinter;
use super::secrets::{Wanted, fetch};
pub use super::verification::{FaultError, typed_fault};
use crate::domain::diagnostic::Diagnostic;
use crate::domain::suite::mysql::Mysql;
use crate::domain::suite::{Suite, SuiteOverrides};

/// The suite in a profile, and its password fetched (Properties 21 and 22).
///
/// # Errors
/// There is no password where it should come from.
pub fn as_run(
    suite: Suite,
    overrides: &SuiteOverrides,
    prints: &Fingerprinter,
) -> Result<Suite, Box<Diagnostic>> {
    let suite = suite.overridden(overrides);
    let password = suite.mysql.password.clone();
    let fetched = password.map(|sealed| fetch(Wanted::password(&suite.name), sealed, prints)).transpose()?;
    Ok(Suite { mysql: Mysql { password: fetched, ..suite.mysql }, ..suite })
}
