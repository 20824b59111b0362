//! The generations of a state that are still there: the present one and its backups.

use std::path::Path;

use super::backup;
use super::disk::{Disk, cannot_read};
use super::reading::snapshot_path;
use super::snapshot_file;
use crate::domain::snapshot::{MadeBy, Serial, Snapshot};
use crate::platform::fs;
use crate::ports::state_store::StateError;

/// One generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generation {
    /// Its serial.
    pub serial: Serial,
    /// When it was made, RFC 3339 in UTC; `None` when the file system does not say.
    pub at: Option<String>,
    /// The run and its command, if the file says so.
    pub made_by: Option<MadeBy>,
    /// The size of its file, in bytes.
    pub bytes: usize,
    /// How many objects it records; otherwise what is wrong with it.
    pub objects: Result<usize, String>,
    /// Whether it is the present one.
    pub is_present: bool,
}

/// The present generation and the backups, newest first.
///
/// # Errors
/// [`StateError::Read`]
pub(crate) fn generations(disk: &dyn Disk, folder: &Path) -> Result<Vec<Generation>, StateError> {
    let backups = backup::list(disk, folder)?;
    let present = snapshot_path(folder);
    let newest = backups.first().map_or(Serial(0), |backup| backup.serial);
    let files = std::iter::once((&present, None))
        .chain(backups.iter().map(|backup| (&backup.path, Some(backup.serial))));
    let mut found = Vec::new();
    for (path, serial) in files {
        let Some(bytes) = disk.read(path).map_err(cannot_read(path))? else { continue };
        let decoded = snapshot_file::decode(&bytes).map_err(|damage| damage.to_string());
        // A backup is known by its name; a damaged present one stands behind everything that is kept.
        let own = decoded.as_ref().map_or(newest.next(), |snapshot: &Snapshot| snapshot.serial);
        found.push(Generation {
            serial: serial.unwrap_or(own),
            at: written_at(path),
            bytes: bytes.len(),
            made_by: decoded.as_ref().ok().and_then(|snapshot| snapshot.made_by.clone()),
            objects: decoded.map(|snapshot| snapshot.resources.len()),
            is_present: serial.is_none(),
        });
    }
    Ok(found)
}

fn written_at(path: &Path) -> Option<String> {
    let at = jiff::Timestamp::try_from(fs::modified(path).ok()?).ok()?;
    Some(format!("{at:.0}"))
}
