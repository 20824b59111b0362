//! Reads what is typed as a manifest says it, and the files of a project as this command reads its own: what Properties 21 and 22 put on trial.

use std::path::Path;

use crate::cli::error::CliError;
use crate::cli::session::no_randomness;
use crate::domain::diagnostic::Diagnostic;
use crate::domain::suite::fault::Fault;
use crate::domain::suite::mysql::Mysql;
use crate::domain::suite::{Suite, SuiteOverrides};
use crate::manifest::fingerprint::Fingerprinter;
use crate::manifest::values::Values;
use crate::manifest::{load, project, suites};
use crate::platform::entropy;
use crate::verify::property::SuiteReader;

/// The program's own reader.
pub(super) struct Reader;

impl SuiteReader for Reader {
    fn read(&self, folder: &Path, profile: &str) -> Result<Mysql, String> {
        let mut project = project::load(folder).map_err(|found| words(&found))?;
        let loaded = load(&[folder.join("suite.yaml")], &Values::default()).map_err(|found| words(&found))?;
        let profile = project.profiles.remove(profile).ok_or("there is no such profile")?;
        let suite = loaded.suites.into_values().next().ok_or("there is no suite")?;
        let run = as_run(suite, &profile.verification).map_err(|error| match error {
            CliError::Manifest(found) => words(&found),
            other => other.message(),
        })?;
        Ok(run.mysql)
    }
}

fn words(found: &[Diagnostic]) -> String {
    found.iter().map(|found| format!("{}: {}", found.code, found.message)).collect::<Vec<_>>().join("; ")
}

/// The suite as it runs in a profile, with its password. Fingerprints are of this run: nothing is compared with them.
pub(super) fn as_run(suite: Suite, overrides: &SuiteOverrides) -> Result<Suite, CliError> {
    let key = entropy::bytes_256().map_err(no_randomness)?;
    suites::as_run(suite, overrides, &Fingerprinter::new(key))
        .map_err(|found| CliError::Manifest(vec![*found]))
}

/// A fault as it is typed.
///
/// # Errors
/// [`CliError::Usage`]
pub(super) fn fault(text: &str) -> Result<Fault, CliError> {
    suites::typed_fault(text).map_err(|error| CliError::Usage(format!("--fault {text}: {error}")))
}
