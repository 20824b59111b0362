//! What a process still knows of a state that it has let go of, so that it need not read it again.
//!
//! Promises: it is believed only under the lock, and only if nobody else can have written since. The lock file says that this
//! very run was the last one to hold the lock, and names the serial; the snapshot's file is the one that was left, by device,
//! inode, length and both times; and there is no journal. Whatever is missing or differs leads to reading.

use std::path::Path;

use super::holder::Holder;
use super::lock::Lock;
use super::reading::{JournalFound, Reading, journal_path, snapshot_path};
use crate::domain::journal::Recovered;
use crate::domain::snapshot::Snapshot;
use crate::platform::fs::{FileIdentity, Stamp};

/// A state as this process left it.
pub struct Remembered {
    /// What the snapshot file holds.
    pub(super) snapshot: Snapshot,
    /// That file.
    pub(super) stamp: Stamp,
    /// As whom this process held the lock.
    pub(super) holder: Holder,
}

impl std::fmt::Debug for Remembered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Remembered").field("serial", &self.snapshot.serial).finish_non_exhaustive()
    }
}

impl Remembered {
    /// What reading the folder would give, if that is certain without reading it.
    pub(super) fn still(self, lock: &Lock, folder: &Path) -> Option<Reading> {
        let Self { snapshot, stamp, holder } = self;
        let is_ours = lock.was_held_last_by(&holder, snapshot.serial);
        let is_there = Stamp::at(&snapshot_path(folder)).is_ok_and(|there| there == stamp);
        let is_ended = matches!(FileIdentity::at(&journal_path(folder)), Ok(None));
        (is_ours && is_there && is_ended).then(|| Reading {
            snapshot: None,
            recovered: Recovered::new(snapshot),
            journal: JournalFound::Nothing,
            cut_off: Vec::new(),
        })
    }
}
