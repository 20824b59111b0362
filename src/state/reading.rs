//! Reading a state folder: snapshot and journal, as of one moment, judged together.
//!
//! Promises that damage is an error which names the file, the place and the backups; that a missing snapshot counts
//! as "no state yet" only where nothing ever was (rule 5); and that a reader without lock never mixes the snapshot
//! of one moment with the journal of another.

use std::io;
use std::path::{Path, PathBuf};

use super::disk::{Disk, cannot_read};
use super::journal_file::{self, Journal};
use super::snapshot_file::{self, SnapshotDamage};
use super::{backup, lock};
use crate::domain::journal::{CutOff, FoldError, JournalRecord, Recovered, cut_off, fold};
use crate::domain::snapshot::Snapshot;
use crate::platform::fs::FileIdentity;
use crate::ports::state_store::StateError;

/// How often a folder that changes under the reader is read again. A fold takes longer than a read, so that the
/// second time is the usual one.
const ATTEMPTS: usize = 16;

pub(crate) fn snapshot_path(folder: &Path) -> PathBuf {
    folder.join("snapshot.json")
}

pub(crate) fn journal_path(folder: &Path) -> PathBuf {
    folder.join("journal.jsonl")
}

/// What is on the disk.
pub(crate) struct Reading {
    /// The snapshot file alone; `None` when the journal holds nothing and the two are the same.
    pub(crate) snapshot: Option<Snapshot>,
    /// With the journal folded in.
    pub(crate) recovered: Recovered,
    /// The journal file.
    pub(crate) journal: JournalFound,
    /// The runs in it that never ended, oldest first.
    pub(crate) cut_off: Vec<CutOff>,
}

/// The journal file, as far as a writer needs to know it.
pub(crate) enum JournalFound {
    /// It holds no record.
    Nothing,
    /// It builds on an older snapshot: a crash prevented its removal.
    Outdated,
    /// It can be continued.
    Current {
        /// The whole lines, in bytes.
        length: u64,
        /// How many they are.
        records: u64,
    },
}

/// Reads the folder; `None` when there never was a state in it.
///
/// # Errors
/// [`StateError`]
pub(crate) fn read(disk: &dyn Disk, folder: &Path) -> Result<Option<Reading>, StateError> {
    let snapshot = snapshot_path(folder);
    let journal = journal_path(folder);
    let identity = || FileIdentity::at(&snapshot).map_err(io::Error::from).map_err(cannot_read(&snapshot));
    for _ in 0..ATTEMPTS {
        let before = identity()?;
        let snapshot_bytes = disk.read(&snapshot).map_err(cannot_read(&snapshot))?;
        let journal_bytes = disk.read(&journal).map_err(cannot_read(&journal))?.unwrap_or_default();
        let was_used = snapshot_bytes.is_none() && was_used(disk, folder, &journal_bytes)?;
        // Every fold makes a new file, so that the same file before and after means that there was no fold between.
        if before != identity()? {
            continue;
        }
        return match snapshot_bytes {
            Some(bytes) => judge(disk, folder, &bytes, &journal_bytes).map(Some),
            None if was_used => Err(missing(disk, folder)),
            None => Ok(None),
        };
    }
    Err(cannot_read(&snapshot)(io::Error::other("it was replaced again and again while it was read")))
}

fn was_used(disk: &dyn Disk, folder: &Path, journal: &[u8]) -> Result<bool, StateError> {
    Ok(!journal.is_empty()
        || lock::seen_serial(disk, folder)?.is_some()
        || !backup::list(disk, folder)?.is_empty())
}

fn missing(disk: &dyn Disk, folder: &Path) -> StateError {
    corrupt(disk, folder, snapshot_path(folder), "it is missing, though this folder held a state".to_owned())
}

/// Judges the bytes of both files together; the folder is only named in errors.
///
/// # Errors
/// [`StateError`]
pub(crate) fn judge(
    disk: &dyn Disk,
    folder: &Path,
    snapshot: &[u8],
    journal: &[u8],
) -> Result<Reading, StateError> {
    let path = snapshot_path(folder);
    let snapshot = snapshot_file::decode(snapshot).map_err(|damage| match damage {
        SnapshotDamage::Newer { found } => {
            StateError::TooNew { path: path.clone(), found, known: snapshot_file::FORMAT }
        }
        damage => corrupt(disk, folder, path, with_source(&damage)),
    })?;
    let path = journal_path(folder);
    let journal = journal_file::decode(journal)
        .map_err(|damage| corrupt(disk, folder, path.clone(), with_source(&damage)))?;
    let found = found(&journal, &snapshot);
    let cut_off = cut_off(&journal.records, snapshot.serial);
    let alone = (!journal.records.is_empty()).then(|| snapshot.clone());
    let recovered = fold(snapshot, &journal.records).map_err(|error| match error {
        FoldError::Lineage { found, expected } => {
            StateError::LineageMismatch { path, found: found.0, expected: expected.0 }
        }
        error => corrupt(disk, folder, path, error.to_string()),
    })?;
    Ok(Reading { snapshot: alone, recovered, journal: found, cut_off })
}

impl Reading {
    /// The snapshot file alone.
    pub(crate) fn snapshot(&self) -> &Snapshot {
        self.snapshot.as_ref().unwrap_or(&self.recovered.snapshot)
    }
}

fn found(journal: &Journal, snapshot: &Snapshot) -> JournalFound {
    match journal.records.first() {
        None => JournalFound::Nothing,
        Some(JournalRecord::RunStarted { base_serial, .. }) if *base_serial != snapshot.serial => {
            JournalFound::Outdated
        }
        Some(_) => JournalFound::Current { length: journal.length, records: journal.records.len() as u64 },
    }
}

/// A damaged file, with the backups that can take its place. When these cannot be listed, none are named: the damage
/// is the news.
pub(crate) fn corrupt(disk: &dyn Disk, folder: &Path, path: PathBuf, detail: String) -> StateError {
    let backups = backup::list(disk, folder).unwrap_or_default();
    StateError::Corrupt { path, detail, backups: backups.into_iter().map(|backup| backup.path).collect() }
}

/// The message and what caused it, in one line: the port carries text.
fn with_source(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
