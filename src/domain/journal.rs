//! The journal: what a run was about to do, did and saw. Pure; files belong to `state`.
//!
//! A write runs through four phases: *intent* (durable before the request leaves), *sent* (what the service
//! answered), *observed* (what a listing showed) and *confirmed* (durable, with the change of the recorded side).
//! A run that ends anywhere in between leaves an open intent, and the next one settles it by looking.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::natural_key::{NaturalKey, Scope};
use super::recorded::{Condition, Recorded};
use super::snapshot::{Lineage, Serial, Snapshot, StateChange};

/// Identifies a run; random, hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(pub String);

/// Numbers the writes of one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WriteId(pub u32);

/// What a request is about to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
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
}

/// What the service answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
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
#[serde(rename_all = "camelCase", tag = "phase")]
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
    /// Writes that were intended and never confirmed, in their order.
    pub open: Vec<Intent>,
    /// Whether the journal holds changes that the snapshot file does not.
    pub unfolded: bool,
}

/// Folds a journal into the snapshot on which it was built. Records of an older base are already in the snapshot and
/// change nothing.
pub fn fold(mut snapshot: Snapshot, records: &[JournalRecord]) -> Recovered {
    let mut open: BTreeMap<WriteId, Intent> = BTreeMap::new();
    let mut carried: Vec<Intent> = Vec::new();
    let mut current = false;
    let mut unfolded = false;
    for record in records {
        match record {
            JournalRecord::RunStarted { base_serial, lineage, .. } => {
                current = *base_serial == snapshot.serial && *lineage == snapshot.lineage;
                // A run that was cut off leaves its open writes to the next one in the same journal.
                carried.extend(std::mem::take(&mut open).into_values());
            }
            _ if !current => {}
            JournalRecord::Intent { write, intent } => {
                open.insert(*write, intent.clone());
            }
            JournalRecord::Sent { write, answer: Answer::Refused { .. } } => {
                open.remove(write);
            }
            JournalRecord::Sent { .. } | JournalRecord::Observed { .. } => {}
            JournalRecord::Confirmed { write, changes } => {
                if let Some(write) = write {
                    open.remove(write);
                }
                unfolded = true;
                for change in changes {
                    decide(&mut carried, change);
                    snapshot.apply(change.clone());
                }
            }
        }
    }
    carried.extend(open.into_values());
    Recovered { snapshot, open: carried, unfolded }
}

/// What a later run knows of an object ends what an earlier one left open about it. That it was lost on the way to a
/// registration ends nothing.
fn decide(carried: &mut Vec<Intent>, change: &StateChange) {
    let key = match change {
        StateChange::Put(recorded) if matches!(recorded.condition, Condition::Lost { .. }) => return,
        StateChange::Put(recorded) => &recorded.key,
        StateChange::Remove(key) => key,
        StateChange::AddStray(_) | StateChange::RemoveStray(_) => return,
    };
    carried.retain_mut(|intent| match intent {
        Intent::Delete { key: deleted, .. } => deleted != key,
        Intent::Register { when_present, .. } => {
            when_present.retain(|recorded| recorded.key != *key);
            !when_present.is_empty()
        }
    });
}

#[cfg(test)]
mod tests;
