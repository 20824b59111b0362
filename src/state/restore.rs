//! Making a backup the state again, also over a damaged one.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use super::backup::{self, Backup};
use super::disk::{Disk, cannot_read, cannot_write, replace};
use super::journal_file::{self, Journal};
use super::locked::Run;
use super::reading::{corrupt, journal_path, snapshot_path};
use super::{lock, snapshot_file};
use crate::domain::journal::{JournalRecord, RunId, fold};
use crate::domain::snapshot::{MadeBy, Serial, Snapshot};
use crate::ports::state_store::StateError;

/// Puts the backup's content in place under a serial above all that the folder has seen. The journal then builds on
/// an older snapshot: its changes no longer count, its open writes still do. What stood there before becomes a backup, with
/// the changes of its journal; a snapshot that cannot be read is kept beside the new one, and so is a journal that cannot be
/// read or belongs to another state.
///
/// The caller holds the lock.
///
/// # Errors
/// [`StateError`]; what is on the disk is then the old state, or the restored one.
pub(crate) fn restore(disk: &dyn Disk, folder: &Path, backup: &Backup, run: &Run) -> Result<(), StateError> {
    let snapshot = snapshot_path(folder);
    let journal = journal_path(folder);
    let bytes = disk.read(&backup.path).map_err(cannot_read(&backup.path))?.unwrap_or_default();
    let restored = snapshot_file::decode(&bytes)
        .map_err(|damage| corrupt(disk, folder, backup.path.clone(), damage.to_string()))?;
    let old = disk.read(&snapshot).map_err(cannot_read(&snapshot))?;
    let records = disk.read(&journal).map_err(cannot_read(&journal))?.unwrap_or_default();
    let records = journal_file::decode(&records).map(|Journal { records, .. }| records).ok();
    let present = old.as_deref().and_then(|old| present(old, records.as_deref()));
    if let Some(present) = present.as_ref().filter(|present| present.lineage != restored.lineage) {
        return Err(StateError::LineageMismatch {
            path: backup.path.clone(),
            found: restored.lineage.to_string(),
            expected: present.lineage.to_string(),
        });
    }
    let serial = [
        Some(backup.serial),
        present.as_ref().map(|present| present.serial),
        backup::list(disk, folder)?.first().map(|newest| newest.serial),
        lock::seen_serial(disk, folder)?,
        records.as_deref().and_then(base_of),
    ]
    .into_iter()
    .flatten()
    .fold(restored.serial, Serial::max);
    let made_by = MadeBy {
        run: run.id.clone(),
        command: run.command.clone(),
        plans: BTreeSet::new(),
        ended: BTreeSet::new(),
    };
    let restored = Snapshot { serial: serial.next(), made_by: Some(made_by), ..restored };
    let fits = records.is_some_and(|records| fold(restored.clone(), &records).is_ok());
    let stage = "keep the old file; nothing is restored yet";
    if let Some(present) = present {
        let bytes = snapshot_file::encode(&present).map_err(io::Error::from);
        let bytes = bytes.map_err(cannot_write(&snapshot, stage))?;
        backup::keep(disk, folder, None, &bytes, present.serial)?;
    } else if let Some(old) = old {
        let kept = beside(&snapshot, &run.id);
        let file = disk.create(&kept, &old).map_err(cannot_write(&kept, stage))?;
        disk.sync(&file, &kept).map_err(cannot_write(&kept, stage))?;
    }
    let bytes = snapshot_file::encode(&restored)
        .map_err(io::Error::from)
        .map_err(cannot_write(&snapshot, "write; nothing is restored yet"))?;
    replace(disk, &snapshot, &bytes)?;
    if !fits {
        disk.rename(&journal, &beside(&journal, &run.id))
            .and_then(|()| disk.sync_folder(folder))
            .map_err(cannot_write(&journal, "move the damaged journal away; the snapshot is restored"))?;
    }
    Ok(())
}

/// What is recorded before the restoring, as one snapshot: with what the journal adds it is a generation of its own.
fn present(snapshot: &[u8], records: Option<&[JournalRecord]>) -> Option<Snapshot> {
    let snapshot = snapshot_file::decode(snapshot).ok()?;
    match records.and_then(|records| fold(snapshot.clone(), records).ok()) {
        Some(recovered) if recovered.unfolded => {
            Some(Snapshot { serial: snapshot.serial.next(), ..recovered.snapshot })
        }
        _ => Some(snapshot),
    }
}

fn base_of(records: &[JournalRecord]) -> Option<Serial> {
    match records.first()? {
        JournalRecord::RunStarted { base_serial, .. } => Some(*base_serial),
        _ => None,
    }
}

/// `snapshot.json` → `snapshot.json.before-<run>`.
fn beside(path: &Path, run: &RunId) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".before-{run}"));
    path.with_file_name(name)
}
