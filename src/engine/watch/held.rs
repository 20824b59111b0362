//! What failed is held back until its pause is over or its declaration is another one.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::backoff::{Chance, pause};
use crate::domain::address::Address;
use crate::domain::desired::{Desired, DesiredSet};
use crate::engine::executor::{self, Report, RowResult};

/// What a pass came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was carried out, or there was nothing to do: how each row ended that had something to do.
    Ended(BTreeMap<Address, Turnout>),
    /// It could not be carried out at all, and is tried again after a pause.
    Failed,
    /// Somebody else was at it. Nothing is wrong: it is tried again soon, however long that takes.
    Busy,
    /// The plan was refused as a whole: only other manifests or another world change that.
    Refused,
}

/// How a row ended, as far as the next passes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turnout {
    /// Done.
    Done,
    /// Not begun because of something else, or no longer waited for.
    Open,
    /// Its own step failed.
    Failed,
}

impl Outcome {
    /// What a run came to. A wait that newer manifests ended has not failed.
    pub fn of(report: &Report) -> Self {
        let turnout = |result: &RowResult| match result {
            RowResult::Failed(failure) if failure.cause != executor::Cause::Superseded => Turnout::Failed,
            RowResult::Done => Turnout::Done,
            RowResult::Failed(_) | RowResult::Skipped(_) => Turnout::Open,
        };
        Self::Ended(report.rows.iter().map(|row| (row.row.address.clone(), turnout(&row.result))).collect())
    }

    /// Whether all that is left to do has failed, and is tried again by itself.
    pub(super) fn leaves_nothing(&self) -> bool {
        match self {
            Outcome::Ended(turnouts) => turnouts.values().all(|turnout| *turnout != Turnout::Open),
            Outcome::Failed | Outcome::Busy | Outcome::Refused => false,
        }
    }
}

/// Whether two objects are declared to be the same, wherever they stand.
pub fn same_declaration(one: Option<&Desired>, other: Option<&Desired>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => *one == Desired { origin: one.origin.clone(), ..other.clone() },
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// One object that failed.
#[derive(Debug, Clone)]
struct Backoff {
    /// As it was declared when it failed; `None` when it was not.
    declared: Option<Desired>,
    failures: u32,
    until: Duration,
}

/// The objects that failed.
#[derive(Debug, Clone, Default)]
pub(super) struct Held(BTreeMap<Address, Backoff>);

impl Held {
    /// What a pass that begins now leaves alone. What is declared in another way is a new beginning.
    pub(super) fn begin(&mut self, now: Duration, declared: &DesiredSet) -> BTreeSet<Address> {
        let mut all = self.all(declared);
        all.retain(|address| self.0.get(address).is_some_and(|backoff| backoff.until > now));
        all
    }

    /// The same, however long it has waited.
    pub(super) fn all(&mut self, declared: &DesiredSet) -> BTreeSet<Address> {
        self.0.retain(|address, backoff| same_declaration(backoff.declared.as_ref(), declared.get(address)));
        self.0.keys().cloned().collect()
    }

    /// Takes in how the rows of a pass ended that left these alone.
    pub(super) fn end(
        &mut self,
        now: Duration,
        left_alone: &BTreeSet<Address>,
        turnouts: &BTreeMap<Address, Turnout>,
        declared: &DesiredSet,
        chance: &mut Chance,
    ) {
        let failed: BTreeSet<&Address> = turnouts
            .iter()
            .filter(|(_, turnout)| **turnout == Turnout::Failed)
            .map(|(address, _)| address)
            .collect();
        self.0.retain(|address, _| left_alone.contains(address) || failed.contains(address));
        for address in failed {
            let failures = self.0.get(address).map_or(0, |backoff| backoff.failures).saturating_add(1);
            let until = now + chance.around(pause(failures));
            let declared = declared.get(address).cloned();
            self.0.insert(address.clone(), Backoff { declared, failures, until });
        }
    }

    /// When the next of them may be tried again.
    pub(super) fn next(&self) -> Option<Duration> {
        self.0.values().map(|backoff| backoff.until).min()
    }
}
