//! The journal: what a run was about to do, did and saw. Pure; files belong to `state`.
//!
//! A write runs through four phases: *intent* (durable before the request leaves), *sent* (what the service
//! answered), *observed* (what a listing showed) and *confirmed* (durable, with the change of the recorded side).
//! A run that ends anywhere in between leaves an open intent, and the next one settles it by looking.

mod cut_off;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

pub use cut_off::{Begun, CutOff, cut_off};

use super::natural_key::{NaturalKey, Scope};
use super::recorded::Recorded;
use super::snapshot::{Lineage, Serial, Snapshot, StateChange};

/// Identifies a run; random, hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(pub String);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Identifies a saved plan; random, hexadecimal. A state carries out each at most once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlanId(pub String);

impl fmt::Display for PlanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Numbers the writes of one journal, across all runs that it holds: a run that takes over the open writes of an
/// earlier one can settle each by its number. Never used twice in a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WriteId(pub u32);

impl WriteId {
    /// The next number.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for WriteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// What a request is about to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Intent {
    /// Delete one object.
    #[serde(rename_all = "camelCase")]
    Delete {
        /// What is deleted.
        key: NaturalKey,
        /// What is recorded once its absence is proven.
        when_absent: Vec<StateChange>,
    },
    /// Register a JAR.
    #[serde(rename_all = "camelCase")]
    Register {
        /// Where.
        scope: Scope,
        /// The JAR.
        jar_url: String,
        /// What is recorded for each object once its presence is proven.
        when_present: Vec<Recorded>,
    },
    /// Create one object.
    #[serde(rename_all = "camelCase")]
    Create {
        /// What is recorded once its presence is proven.
        when_present: Box<Recorded>,
    },
    /// Change one object in place.
    #[serde(rename_all = "camelCase")]
    Update {
        /// What is changed.
        key: NaturalKey,
        /// The fields that are sent: until the outcome is known, nobody can say what live has there.
        fields: BTreeSet<String>,
    },
}

impl Intent {
    /// The objects that it is about.
    pub fn keys(&self) -> Vec<&NaturalKey> {
        match self {
            Intent::Delete { key, .. } | Intent::Update { key, .. } => vec![key],
            Intent::Register { when_present, .. } => {
                when_present.iter().map(|recorded| &recorded.key).collect()
            }
            Intent::Create { when_present } => vec![&when_present.key],
        }
    }

    /// The scope in which its outcome shows.
    pub fn scope(&self) -> Scope {
        match self {
            Intent::Delete { key, .. } | Intent::Update { key, .. } => key.scope(),
            Intent::Register { scope, .. } => scope.clone(),
            Intent::Create { when_present } => when_present.key.scope(),
        }
    }
}

/// What the service answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Answer {
    /// The service took it.
    #[serde(rename_all = "camelCase")]
    Accepted {
        /// The service's id of the request.
        request_id: String,
    },
    /// The service refused it: nothing was changed.
    Refused {
        /// The service's words, redacted.
        message: String,
    },
    /// It may or may not have been processed.
    Ambiguous {
        /// What went wrong.
        message: String,
    },
}

/// What a listing showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Sighting {
    /// Every object of the write is present.
    Present,
    /// The object is absent.
    Absent,
    /// Neither was seen before the wait ended.
    Undecided,
}

/// One record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "phase", deny_unknown_fields)]
pub enum JournalRecord {
    /// The first record of a run.
    #[serde(rename_all = "camelCase")]
    RunStarted {
        /// The run.
        run: RunId,
        /// The state that it changes.
        lineage: Lineage,
        /// The snapshot on which it builds.
        base_serial: Serial,
        /// Which command, for people.
        command: String,
        /// When, RFC 3339.
        started_at: String,
        /// The program's version.
        tool_version: String,
        /// The saved plan that it carries out, if it does: it is used up from here on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        plan: Option<PlanId>,
    },
    /// Behind the first record of a run: the plan that was approved for it, so that `apply --resume` can finish it. Text of
    /// somebody else; a secret is in it as its source and its fingerprint (ADR 0030).
    Approved {
        /// The plan.
        plan: String,
    },
    /// Behind the first record of a run: it finishes the plan of an earlier one that was cut off.
    Resumes {
        /// The run that the plan was approved for.
        run: RunId,
    },
    /// About to send.
    Intent {
        /// Which write.
        write: WriteId,
        /// What it is about to do.
        intent: Intent,
    },
    /// Sent, and this came back.
    Sent {
        /// Which write.
        write: WriteId,
        /// What came back.
        answer: Answer,
    },
    /// Seen in a listing.
    Observed {
        /// Which write.
        write: WriteId,
        /// What was seen.
        sighting: Sighting,
    },
    /// The write is settled, and this is what it changed. A change without a write costs no request.
    Confirmed {
        /// Which write, if there was one.
        write: Option<WriteId>,
        /// What changed.
        changes: Vec<StateChange>,
    },
}

/// What a state folder holds: the snapshot with the journal folded in, and the writes whose outcome is unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    /// The recorded side, as far as it is known.
    pub snapshot: Snapshot,
    /// Writes that were intended and never settled, in their order. They are settled by looking, and closed by a
    /// `Confirmed` with their number, with or without changes.
    pub open: BTreeMap<WriteId, Intent>,
    /// The number of the next write.
    pub next_write: WriteId,
    /// Whether the journal holds changes that the snapshot file does not.
    pub unfolded: bool,
    /// Saved plans that runs of the journal carried out; the next fold puts them into the snapshot.
    pub plans: BTreeSet<PlanId>,
}

/// Why a journal does not belong to a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    /// Another state's journal.
    #[error("the journal belongs to lineage {found}, the snapshot to {expected}")]
    Lineage {
        /// The journal's.
        found: Lineage,
        /// The snapshot's.
        expected: Lineage,
    },
    /// The snapshot is older than the one on which the journal builds: somebody put an old file back.
    #[error("the journal builds on serial {base}, the snapshot has serial {serial}")]
    AheadOfSnapshot {
        /// The journal's base.
        base: Serial,
        /// The snapshot's serial.
        serial: Serial,
    },
    /// Two runs of one journal build on different snapshots.
    #[error("the journal builds on serial {first} and on serial {second}")]
    MixedBases {
        /// The first run's base.
        first: Serial,
        /// The later run's base.
        second: Serial,
    },
    /// The journal does not begin with a run.
    #[error("the journal does not begin with a run")]
    NoRun,
    /// Two intents have one number.
    #[error(transparent)]
    WriteReused(#[from] WriteReused),
}

/// Two writes of one journal would have one number, and the second would hide the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write {write} is in the journal already: number on from {next}")]
pub struct WriteReused {
    /// The number that was used twice.
    pub write: WriteId,
    /// The next free one.
    pub next: WriteId,
}

impl Recovered {
    /// A snapshot without a journal.
    pub fn new(snapshot: Snapshot) -> Self {
        Self {
            snapshot,
            open: BTreeMap::new(),
            next_write: WriteId(0),
            unfolded: false,
            plans: BTreeSet::new(),
        }
    }

    /// Whether the record can be the next one of the journal.
    ///
    /// # Errors
    /// [`WriteReused`]
    pub fn accepts(&self, record: &JournalRecord) -> Result<(), WriteReused> {
        match record {
            JournalRecord::Intent { write, .. } if *write < self.next_write => {
                Err(WriteReused { write: *write, next: self.next_write })
            }
            _ => Ok(()),
        }
    }

    /// Takes in the next record of a journal that builds on this snapshot.
    ///
    /// # Errors
    /// [`WriteReused`]; nothing is changed then.
    pub fn follow(&mut self, record: &JournalRecord) -> Result<(), WriteReused> {
        self.settle(record)?;
        match record {
            JournalRecord::Confirmed { changes, .. } => {
                self.unfolded |= !changes.is_empty();
                for change in changes {
                    self.snapshot.apply(change.clone());
                }
            }
            JournalRecord::RunStarted { plan, .. } => self.plans.extend(plan.clone()),
            JournalRecord::Approved { .. }
            | JournalRecord::Resumes { .. }
            | JournalRecord::Intent { .. }
            | JournalRecord::Sent { .. }
            | JournalRecord::Observed { .. } => {}
        }
        Ok(())
    }

    /// Opens and closes writes.
    fn settle(&mut self, record: &JournalRecord) -> Result<(), WriteReused> {
        self.accepts(record)?;
        match record {
            JournalRecord::Intent { write, intent } => {
                self.next_write = write.next();
                self.open.insert(*write, intent.clone());
            }
            JournalRecord::Sent { write, answer: Answer::Refused { .. } }
            | JournalRecord::Confirmed { write: Some(write), .. } => {
                self.open.remove(write);
            }
            JournalRecord::RunStarted { .. }
            | JournalRecord::Approved { .. }
            | JournalRecord::Resumes { .. }
            | JournalRecord::Sent { answer: Answer::Accepted { .. } | Answer::Ambiguous { .. }, .. }
            | JournalRecord::Observed { .. }
            | JournalRecord::Confirmed { write: None, .. } => {}
        }
        Ok(())
    }
}

/// Folds a journal into its snapshot.
///
/// A journal of an older base is what a crash leaves between the replacing of the snapshot and the ending of the
/// journal: its changes are in the snapshot already and are not applied again, but its open writes are still open,
/// for a snapshot does not hold them.
///
/// # Errors
/// [`FoldError`] when the two do not belong together. Nothing is guessed then.
pub fn fold(snapshot: Snapshot, records: &[JournalRecord]) -> Result<Recovered, FoldError> {
    let mut recovered = Recovered::new(snapshot);
    let mut base = None;
    for record in records {
        if let JournalRecord::RunStarted { base_serial, lineage, .. } = record {
            base = Some(checked_base(&recovered.snapshot, base, *base_serial, lineage)?);
        }
        let Some(base) = base else { return Err(FoldError::NoRun) };
        if base == recovered.snapshot.serial {
            recovered.follow(record)?;
        } else {
            recovered.settle(record)?;
        }
    }
    Ok(recovered)
}

fn checked_base(
    snapshot: &Snapshot,
    first: Option<Serial>,
    base: Serial,
    lineage: &Lineage,
) -> Result<Serial, FoldError> {
    if *lineage != snapshot.lineage {
        return Err(FoldError::Lineage { found: lineage.clone(), expected: snapshot.lineage.clone() });
    }
    if base > snapshot.serial {
        return Err(FoldError::AheadOfSnapshot { base, serial: snapshot.serial });
    }
    match first {
        Some(first) if first != base => Err(FoldError::MixedBases { first, second: base }),
        _ => Ok(base),
    }
}
