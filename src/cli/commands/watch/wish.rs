//! What a watch is asked to be, checked.

use std::time::Duration;

use crate::cli::args::{self, Mode};
use crate::cli::error::CliError;
use crate::cli::options::{self, Carrying, Sending};
use crate::engine::planner::{Limits, Options};
use crate::engine::watch::Timing;

/// No interval is longer.
const LONGEST_RESYNC: Duration = Duration::from_hours(24);

/// Nobody waits longer for files to come to rest.
const LONGEST_DEBOUNCE: Duration = Duration::from_mins(1);

/// The options of a watch.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    pub(super) mode: Mode,
    pub(super) prune: bool,
    pub(super) timing: Timing,
    pub(super) options: Options,
    pub(super) sending: Sending,
    pub(super) carrying: Carrying,
}

impl Wish {
    /// Checks the command line; the budgets of the project file hold where it has none.
    pub(super) fn checked(args: &args::Watch, project: Limits) -> Result<Self, CliError> {
        let resync = options::duration("--resync", &args.resync)?;
        if resync.is_zero() || resync > LONGEST_RESYNC {
            return Err(CliError::Usage("--resync takes more than nothing and at most 24h".to_owned()));
        }
        let debounce = options::duration("--debounce", &args.debounce)?;
        if debounce > LONGEST_DEBOUNCE {
            return Err(CliError::Usage("--debounce takes at most 1m".to_owned()));
        }
        Ok(Self {
            mode: args.mode,
            prune: args.prune,
            timing: Timing { debounce, resync },
            options: Options {
                selection: options::selection(&args.selecting)?,
                limits: options::limits(&args.budgets, project),
                ..Options::default()
            },
            sending: Sending::try_from(&args.pace)?,
            carrying: Carrying::unattended(&args.waits, &args.lock)?,
        })
    }
}
