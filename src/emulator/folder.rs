//! The folder of a world, and a lock so that nobody else writes in it.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::error::EmulatorError;
use crate::platform::fs;

/// The folder of a world. Whoever has this value is the only one who writes in it.
#[derive(Debug)]
pub(super) struct LockedFolder {
    path: PathBuf,
    /// Held, never read: closing it releases the lock.
    _lock: File,
}

impl LockedFolder {
    /// Locks a folder, created if missing.
    ///
    /// # Errors
    /// [`EmulatorError::WorldInUse`], or the file system.
    pub(super) fn lock(path: &Path) -> Result<Self, EmulatorError> {
        fs::create_folder(path)?;
        let lock_path = path.join("world.lock");
        let lock = fs::open_append(&lock_path)?;
        if let Err(source) = fs2::FileExt::try_lock_exclusive(&lock) {
            return Err(if source.kind() == fs2::lock_contended_error().kind() {
                EmulatorError::WorldInUse { folder: path.to_owned() }
            } else {
                EmulatorError::Lock { path: lock_path, source }
            });
        }
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// The path of a file in it.
    pub(super) fn join(&self, file: &str) -> PathBuf {
        self.path.join(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_emulators_cannot_share_a_world() {
        let folder = tempfile::tempdir().unwrap();
        let first = LockedFolder::lock(folder.path()).unwrap();
        assert!(matches!(LockedFolder::lock(folder.path()), Err(EmulatorError::WorldInUse { .. })));
        drop(first);
        LockedFolder::lock(folder.path()).unwrap();
    }
}
