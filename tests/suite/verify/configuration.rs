//! The properties of the files: what stands in them is what is used.

use std::num::NonZeroU16;
use std::path::Path;
use std::time::Duration;

use reconcile::domain::diagnostic::Diagnostic;
use reconcile::domain::suite::mysql::{Mysql, Pool, PoolSettings, Tls};
use reconcile::domain::suite::verdict::Verdict;
use reconcile::domain::suite::{Suite, SuiteOverrides};
use reconcile::manifest::fingerprint::Fingerprinter;
use reconcile::manifest::values::Values;
use reconcile::manifest::{load, project, suites};
use reconcile::verify::property::{SuiteReader, environment_configuration, external_configuration};

use super::planted::{self, Planted, holds, refuted};
use super::properties::trial;

/// The suite of a folder, and what a profile says about it.
fn declared(folder: &Path, profile: &str) -> Result<(Suite, SuiteOverrides), Vec<Diagnostic>> {
    let mut project = project::load(folder)?;
    let loaded = load(&[folder.join("suite.yaml")], &Values::default())?;
    let profile = project.profiles.remove(profile).unwrap();
    Ok((loaded.suites.into_values().next().unwrap(), *profile.verification))
}

/// The real one.
struct Real;

impl SuiteReader for Real {
    fn read(&self, folder: &Path, profile: &str) -> Result<Mysql, String> {
        let (suite, overrides) = declared(folder, profile).map_err(|found| format!("{found:#?}"))?;
        let run = suites::as_run(suite, &overrides, &Fingerprinter::new([7; 32]));
        run.map(|suite| suite.mysql).map_err(|found| format!("{found:#?}"))
    }
}

/// What becomes of what was read.
type Defect = fn(Mysql) -> Mysql;

/// The real one, and then something else.
struct After(Defect);

impl SuiteReader for After {
    fn read(&self, folder: &Path, profile: &str) -> Result<Mysql, String> {
        Real.read(folder, profile).map(self.0)
    }
}

/// Takes a profile that says anything for all that is said.
struct Whole;

impl SuiteReader for Whole {
    fn read(&self, folder: &Path, profile: &str) -> Result<Mysql, String> {
        let (suite, overrides) = declared(folder, profile).map_err(|found| format!("{found:#?}"))?;
        let mut emptied = suite.clone();
        if overrides.mysql.pool != PoolSettings::default() {
            emptied.mysql.pool = Pool::default();
        }
        let run = suites::as_run(emptied, &overrides, &Fingerprinter::new([7; 32]));
        run.map(|suite| suite.mysql).map_err(|found| format!("{found:#?}"))
    }
}

/// Reads every profile as if it were the first.
struct Forgetful;

impl SuiteReader for Forgetful {
    fn read(&self, folder: &Path, _profile: &str) -> Result<Mysql, String> {
        Real.read(folder, "plain")
    }
}

fn shows_no_password(verdict: &Verdict) {
    let path = reconcile::platform::env::var("PATH").unwrap();
    assert!(!format!("{verdict:?}").contains(&path), "a password of this machine is told");
}

/// Feature: flink-mysql-connector-test, Property 21: For any valid configuration file, the system should correctly load and
/// apply MySQL connection parameters from external sources
#[test]
fn what_stands_in_a_file_is_what_is_used() {
    holds(&external_configuration(&Real, trial(256)), 256);
    let defects: [(&Planted, Defect); 4] = [
        (&planted::PORTLESS, |mysql| Mysql { port: NonZeroU16::new(Mysql::PORT).unwrap(), ..mysql }),
        (&planted::PASSWORDLESS, |mysql| Mysql { password: None, ..mysql }),
        (&planted::TLSLESS, |mysql| Mysql { tls: Tls::Preferred, ..mysql }),
        (&planted::WHOLE_SECONDS, |mysql| Mysql {
            connect_timeout: Duration::from_secs(mysql.connect_timeout.as_secs()),
            ..mysql
        }),
    ];
    for (planted, defect) in defects {
        let verdict = external_configuration(&After(defect), trial(256));
        refuted(planted, 21, &verdict);
        shows_no_password(&verdict);
    }
}

/// Feature: flink-mysql-connector-test, Property 22: For any environment-specific configuration override, the system should
/// apply the correct configuration for the target environment
#[test]
fn the_profile_of_an_environment_wins_and_changes_nothing_else() {
    holds(&environment_configuration(&Real, trial(256)), 256);
    refuted(&planted::SUITE_ALONE, 22, &environment_configuration(&Forgetful, trial(256)));
    refuted(&planted::WHOLE_POOL, 22, &environment_configuration(&Whole, trial(256)));
}
