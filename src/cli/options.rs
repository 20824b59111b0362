//! The checked options: the only form that the rest sees.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use super::args::{Budgets, Global, LockWait, Manifests, Pace, Planning, Running, Selecting, Waits};
use super::error::CliError;
use crate::domain::address::Address;
use crate::domain::selection::{Addresses, Pattern, Selection, SelectionError};
use crate::engine::executor;
use crate::engine::planner::{Goal, Limits, Options};
use crate::engine::retry::RetryPolicy;

/// What is said about DeltaStream on the command line.
#[derive(Debug, Clone, Default)]
pub(crate) struct Deltastream {
    /// `--deltastream-url`
    pub(crate) url: Option<String>,
    /// `--deltastream-organization`
    pub(crate) organization: Option<String>,
    /// `--deltastream-role`
    pub(crate) role: Option<String>,
}

/// Options of every command, checked.
#[derive(Debug, Clone)]
pub(crate) struct Common {
    /// `--profile`
    pub(crate) profile: Option<String>,
    /// `--state`
    pub(crate) state: Option<PathBuf>,
    /// `--set`
    pub(crate) set: Vec<String>,
    /// `--ververica-endpoint`
    pub(crate) endpoint: Option<String>,
    /// `--deltastream-url`, `--deltastream-organization`, `--deltastream-role`
    pub(crate) deltastream: Deltastream,
    /// `-o json`
    pub(crate) json: bool,
}

impl From<&Global> for Common {
    fn from(global: &Global) -> Self {
        Self {
            profile: global.profile.clone(),
            state: global.state.clone(),
            set: global.set.clone(),
            endpoint: global.ververica_endpoint.clone(),
            deltastream: Deltastream {
                url: global.deltastream_url.clone(),
                organization: global.deltastream_organization.clone(),
                role: global.deltastream_role.clone(),
            },
            json: global.output == super::args::Output::Json,
        }
    }
}

/// How requests are sent, checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sending {
    /// Requests under way at once; at least 1.
    pub(crate) parallelism: usize,
    /// What may be repeated.
    pub(crate) retry: RetryPolicy,
}

impl TryFrom<&Pace> for Sending {
    type Error = CliError;
    fn try_from(pace: &Pace) -> Result<Self, CliError> {
        if pace.parallelism == 0 || pace.parallelism > 1000 {
            return Err(CliError::Usage("--parallelism takes a number from 1 to 1000".to_owned()));
        }
        Ok(Self { parallelism: pace.parallelism, retry: RetryPolicy { throttled: pace.retry_throttled } })
    }
}

/// How a change is carried out, checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Carrying {
    /// `--yes`
    pub(crate) yes: bool,
    /// `--no-input`
    pub(crate) no_input: bool,
    /// `--fail-fast`
    pub(crate) fail_fast: bool,
    /// `--timeout`
    pub(crate) timeout: Duration,
    /// `--poll-interval`
    pub(crate) poll_interval: Duration,
    /// How stores are waited for: what D-012 fixes, except in tests.
    pub(crate) stores: executor::Patience,
    /// `--lock-timeout`
    pub(crate) lock_timeout: Duration,
}

impl TryFrom<&Running> for Carrying {
    type Error = CliError;
    fn try_from(running: &Running) -> Result<Self, CliError> {
        let Running { yes, no_input, fail_fast, waits, lock } = running;
        let unattended = Self::unattended(waits, lock)?;
        Ok(Self { yes: *yes, no_input: *no_input, fail_fast: *fail_fast, ..unattended })
    }
}

impl Carrying {
    /// Where nobody is asked, and one row that fails does not hold up the others.
    pub(crate) fn unattended(waits: &Waits, lock: &LockWait) -> Result<Self, CliError> {
        let poll_interval = duration("--poll-interval", &waits.poll_interval)?;
        if poll_interval.is_zero() {
            return Err(CliError::Usage("--poll-interval must not be zero".to_owned()));
        }
        Ok(Self {
            yes: true,
            no_input: true,
            fail_fast: false,
            timeout: duration("--timeout", &waits.timeout)?,
            poll_interval,
            stores: executor::Patience {
                interval: executor::Patience::STORES.interval / waits.store_time_divisor.max(1),
                limit: executor::Patience::STORES.limit / waits.store_time_divisor.max(1),
            },
            lock_timeout: lock_timeout(lock)?,
        })
    }
}

/// A duration on the command line; zero is allowed here.
pub(crate) fn duration(flag: &str, text: &str) -> Result<Duration, CliError> {
    if matches!(text, "0" | "0s") {
        return Ok(Duration::ZERO);
    }
    crate::manifest::duration::parse(text).map_err(|error| {
        CliError::Usage(format!("{flag} {text}: {error}; write for example 90s, 5m or 1h30m"))
    })
}

/// `--lock-timeout`
pub(crate) fn lock_timeout(lock: &LockWait) -> Result<Duration, CliError> {
    duration("--lock-timeout", &lock.lock_timeout)
}

/// An address on the command line.
pub(crate) fn address(text: &str) -> Result<Address, CliError> {
    text.parse().map_err(|error: crate::domain::address::AddressError| CliError::Usage(error.to_string()))
}

/// The manifest paths: positional ones and those of `-f`, in this order.
pub(crate) fn paths(manifests: &Manifests) -> Vec<PathBuf> {
    manifests.paths.iter().chain(&manifests.filename).cloned().collect()
}

/// What somebody probably meant who asked for what is not there.
pub(crate) fn meant<'k>(asked: &str, known: &'k BTreeSet<String>) -> Option<&'k str> {
    crate::manifest::suggest::closest(asked, known.iter().map(String::as_str))
}

/// Which objects are meant. `--target` and `--exclude` never stand together: clap sees to that.
pub(crate) fn selection(selecting: &Selecting) -> Result<Selection, CliError> {
    let patterns =
        |texts: &[String]| texts.iter().map(|text| text.parse()).collect::<Result<BTreeSet<Pattern>, _>>();
    let usage = |error: SelectionError| CliError::Usage(error.to_string());
    let addresses = match (selecting.target.as_slice(), selecting.exclude.as_slice()) {
        ([], []) => Addresses::All,
        ([], excluded) => Addresses::AllBut(patterns(excluded).map_err(usage)?),
        (targets, _) => Addresses::Only(patterns(targets).map_err(usage)?),
    };
    Ok(Selection { addresses, labels: selecting.selector.parse().map_err(usage)? })
}

/// What a plan is asked to be, with the budgets of the project file where no flag says otherwise.
pub(crate) fn planning(planning: &Planning, project: Limits) -> Result<Options, CliError> {
    Ok(Options {
        goal: Goal::Converge,
        selection: selection(&planning.selecting)?,
        hold: BTreeSet::new(),
        must_match: true,
        replace: planning.replace.iter().map(|text| address(text)).collect::<Result<BTreeSet<_>, _>>()?,
        delete_strays: planning.delete_strays,
        limits: limits(&planning.budgets, project),
    })
}

/// The budgets of the command line, or else those of the project file.
pub(crate) fn limits(budgets: &Budgets, project: Limits) -> Limits {
    Limits { delete: budgets.max_delete.or(project.delete), replace: budgets.max_replace.or(project.replace) }
}
