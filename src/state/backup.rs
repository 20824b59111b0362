//! `backups/snapshot-<serial>.json`: the snapshots before the last changes.
//!
//! A backup counts as made only after its name was made durable and its bytes were read back (rule 3).

use std::path::{Path, PathBuf};

use super::disk::{Disk, cannot_read, cannot_write};
use super::snapshot_file;
use crate::domain::snapshot::Serial;
use crate::ports::state_store::StateError;

/// How many are kept.
const KEEP: usize = 10;

/// One backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// The serial of the snapshot in it.
    pub serial: Serial,
    /// The file.
    pub path: PathBuf,
}

pub(crate) fn folder_of(state: &Path) -> PathBuf {
    state.join("backups")
}

/// The backups of a state folder, newest first.
///
/// # Errors
/// [`StateError::Read`]
pub(crate) fn list(disk: &dyn Disk, state: &Path) -> Result<Vec<Backup>, StateError> {
    let folder = folder_of(state);
    let paths = disk.list(&folder).map_err(cannot_read(&folder))?;
    let mut backups: Vec<Backup> = paths
        .into_iter()
        .filter_map(|path| Some(Backup { serial: serial_in(path.file_name()?.to_str()?)?, path }))
        .collect();
    backups.sort_by_key(|backup| std::cmp::Reverse(backup.serial));
    Ok(backups)
}

fn serial_in(name: &str) -> Option<Serial> {
    name.strip_prefix("snapshot-")?.strip_suffix(".json")?.parse().ok().map(Serial)
}

/// Those that are not kept, of a list that is ordered newest first.
fn surplus(backups: &[Backup]) -> &[Backup] {
    backups.get(KEEP..).unwrap_or_default()
}

/// Backs up the snapshot file, then removes those that are not kept any more.
///
/// # Errors
/// [`StateError`]; the snapshot is untouched.
pub(crate) fn make(disk: &dyn Disk, state: &Path, snapshot: &Path, serial: Serial) -> Result<(), StateError> {
    let original = disk
        .read(snapshot)
        .and_then(|bytes| bytes.ok_or_else(|| std::io::ErrorKind::NotFound.into()))
        .map_err(cannot_read(snapshot))?;
    keep(disk, state, Some(snapshot), &original, serial)
}

/// Backs up these bytes of a snapshot; of a file that holds them the backup becomes a second name.
///
/// # Errors
/// [`StateError`]; the snapshot is untouched.
pub(crate) fn keep(
    disk: &dyn Disk,
    state: &Path,
    file: Option<&Path>,
    bytes: &[u8],
    serial: Serial,
) -> Result<(), StateError> {
    let folder = folder_of(state);
    let path = folder.join(format!("snapshot-{serial}.json"));
    let write = |stage| cannot_write(&path, stage);
    disk.create_folder(&folder).map_err(write("create the backup folder; the old state is whole"))?;
    // Left by a run that was cut off after this step.
    disk.remove(&path).map_err(write("replace the backup; the old state is whole"))?;
    if file.is_none_or(|file| disk.link(file, &path).is_err()) {
        // Not every file system has hard links.
        let file = disk.create(&path, bytes).map_err(write("copy to the backup; the old state is whole"))?;
        disk.sync(&file, &path).map_err(write("sync the backup; the old state is whole"))?;
    }
    disk.sync_folder(&folder).map_err(write("sync the backup folder; the old state is whole"))?;
    let copy = disk.read(&path).map_err(cannot_read(&path))?.unwrap_or_default();
    let is_whole = copy == bytes && snapshot_file::decode(&copy).is_ok_and(|found| found.serial == serial);
    if !is_whole {
        return Err(StateError::Corrupt {
            path,
            detail: "the backup does not read back as it was written; the old state is untouched".to_owned(),
            backups: Vec::new(),
        });
    }
    for old in surplus(&list(disk, state)?) {
        disk.remove(&old.path)
            .map_err(cannot_write(&old.path, "remove an old backup; the old state is whole"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ten_newest_are_kept_by_number_and_not_by_name() {
        let backups: Vec<Backup> = (1..=12)
            .rev()
            .map(|n| Backup { serial: Serial(n), path: PathBuf::from(n.to_string()) })
            .collect();
        let removed: Vec<u64> = surplus(&backups).iter().map(|backup| backup.serial.0).collect();
        assert_eq!(removed, [2, 1]);
        assert!(surplus(&backups[..10]).is_empty());
    }

    #[test]
    fn other_files_in_the_folder_are_not_backups() {
        assert_eq!(serial_in("snapshot-12.json"), Some(Serial(12)));
        for name in ["snapshot-.json", "snapshot-x.json", "snapshot-1.json.new", "notes.txt"] {
            assert_eq!(serial_in(name), None, "{name}");
        }
    }
}
