//! The state port: where the recorded side is kept.

use std::path::PathBuf;
use std::time::Duration;

use crate::domain::journal::{JournalRecord, WriteReused};
use crate::domain::snapshot::{Serial, Snapshot};

/// What went wrong with the state.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// Somebody else holds the lock.
    #[error("the state in {folder} is locked by {holder}{}", after(*.waited))]
    Locked {
        /// The state folder.
        folder: PathBuf,
        /// Who holds it, since when and for what, for people.
        holder: String,
        /// How long we waited.
        waited: Duration,
    },
    /// Somebody else watches manifests for this state.
    #[error("the state in {folder} is watched already, by {holder}")]
    Watched {
        /// The state folder.
        folder: PathBuf,
        /// Who watches, since when, for people.
        holder: String,
    },
    /// Locks do not exclude on this file system.
    #[error("locking is not supported in {folder}: a second lock on the same file was granted")]
    LockUnsupported {
        /// The state folder.
        folder: PathBuf,
    },
    /// The lock file was replaced or removed while we held it.
    #[error("the lock file {path} was replaced or removed while it was held; another run may have started")]
    LockLost {
        /// The lock file.
        path: PathBuf,
    },
    /// A file is damaged; it is never taken for an empty one.
    #[error("{path} is damaged: {detail}")]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// How.
        detail: String,
        /// Backups that can be restored, newest first.
        backups: Vec<PathBuf>,
    },
    /// The file was written by a newer program.
    #[error("{path} has format {found}, this program knows up to {known}: use a newer reconcile")]
    TooNew {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest known format.
        known: u32,
    },
    /// Snapshot and journal belong to different states.
    #[error("{path} belongs to another state: lineage {found}, expected {expected}")]
    LineageMismatch {
        /// The file.
        path: PathBuf,
        /// Its lineage.
        found: String,
        /// The other one.
        expected: String,
    },
    /// Two writes of one journal would have one number.
    #[error(transparent)]
    WriteReused(#[from] WriteReused),
    /// A file could not be read.
    #[error("cannot read {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file could not be written. The first failed write or sync ends the run: what follows could not be trusted.
    #[error("cannot write {path} ({stage})")]
    Write {
        /// The file.
        path: PathBuf,
        /// Which step, and whether the old state is whole.
        stage: &'static str,
        /// Why.
        source: std::io::Error,
    },
}

fn after(waited: Duration) -> String {
    if waited.is_zero() { String::new() } else { format!("; waited {} s", waited.as_secs()) }
}

/// A state that is locked by us and can be written. There is no other way to write one.
pub trait StateStore: Send {
    /// Appends one record to the journal. From here on it survives the end of the process, but not a power cut.
    ///
    /// # Errors
    /// [`StateError::Write`]; after the first one every later call fails too. [`StateError::LockLost`].
    /// [`StateError::WriteReused`], before anything is written.
    fn append(&mut self, record: &JournalRecord) -> Result<(), StateError>;

    /// Makes every record durable that was appended so far: when it returns, none of them can be lost. Costs nothing when
    /// all of them are.
    ///
    /// # Errors
    /// [`StateError::Write`]; after it every later call fails too. [`StateError::LockLost`].
    fn sync(&mut self) -> Result<(), StateError>;

    /// Makes the given snapshot the state, durably and atomically, under the next serial (whatever serial it
    /// carries), and ends the journal except for its open writes. A snapshot that is what the file holds already
    /// keeps its serial and its bytes.
    ///
    /// # Errors
    /// [`StateError`]; what is on the disk then reads as the old state with its journal, or as the new one.
    fn fold(&mut self, snapshot: &Snapshot) -> Result<Serial, StateError>;
}
