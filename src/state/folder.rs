//! A state folder: reading it, and taking its lock.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::backup::{self, Backup};
use super::check::{self, Finding};
use super::disk::{Disk, Machine, cannot_write, replace};
use super::history::{self, Generation};
use super::holder::Holder;
use super::lock::{self, Lock, LockStatus, Purpose};
use super::locked::{LockedState, Run};
use super::remembered::Remembered;
use super::{key_file, reading, restore, snapshot_file};
use crate::domain::journal::{CutOff, Recovered, RunId};
use crate::domain::snapshot::{Lineage, Snapshot};
use crate::platform::entropy;
use crate::platform::fs::Stamp;
use crate::ports::clock::Clock;
use crate::ports::state_store::StateError;

/// Who wants the lock, what for, and for how long they are ready to wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockRequest {
    /// The run.
    pub run: RunId,
    /// The command, for people: `apply`, `watch`, `state mv`, …
    pub command: String,
    /// How long to wait for another holder; zero means not at all.
    pub timeout: Duration,
}

/// Says that this process is the one watcher of a state.
pub struct WatchLock(Lock);

impl std::fmt::Debug for WatchLock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WatchLock").finish_non_exhaustive()
    }
}

impl WatchLock {
    /// Looks whether it still excludes others.
    ///
    /// # Errors
    /// [`StateError::LockLost`]: somebody has removed or replaced the state folder or the lock in it.
    pub fn verify_still_held(&self) -> Result<(), StateError> {
        self.0.verify_still_held()
    }
}

/// A folder that holds a state, or may hold one some day.
#[derive(Clone)]
pub struct StateFolder {
    disk: Arc<dyn Disk>,
    path: PathBuf,
}

impl std::fmt::Debug for StateFolder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StateFolder").field("path", &self.path).finish_non_exhaustive()
    }
}

impl StateFolder {
    /// The folder at this path. Touches nothing.
    pub fn open(path: impl Into<PathBuf>) -> Self {
        Self::on(Arc::new(Machine), path)
    }

    /// The same, on another disk.
    pub(crate) fn on(disk: Arc<dyn Disk>, path: impl Into<PathBuf>) -> Self {
        Self { disk, path: path.into() }
    }

    /// The path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is recorded now, as of one moment; `None` when there never was a state. Takes no lock and changes
    /// nothing.
    ///
    /// # Errors
    /// [`StateError::Corrupt`], [`StateError::TooNew`], [`StateError::LineageMismatch`], [`StateError::Read`]
    pub fn read(&self) -> Result<Option<Recovered>, StateError> {
        Ok(reading::read(&*self.disk, &self.path)?.map(|reading| reading.recovered))
    }

    /// What is recorded now, and the runs that were cut off or are under way, oldest first. Takes no lock.
    ///
    /// # Errors
    /// [`StateError`]
    pub fn read_with_cut_off(&self) -> Result<Option<(Recovered, Vec<CutOff>)>, StateError> {
        Ok(reading::read(&*self.disk, &self.path)?.map(|reading| (reading.recovered, reading.cut_off)))
    }

    /// The key with which fingerprints of secrets were made; `None` when none was needed yet. Takes no lock.
    ///
    /// # Errors
    /// [`StateError::Corrupt`], [`StateError::Read`]
    pub fn fingerprint_key(&self) -> Result<Option<[u8; 32]>, StateError> {
        key_file::read(&*self.disk, &self.path)
    }

    /// The file of that key, and its permission bits; `None` when there is none.
    ///
    /// # Errors
    /// [`StateError::Read`]
    pub fn key_mode(&self) -> Result<Option<(PathBuf, u32)>, StateError> {
        Ok(key_file::mode(&self.path)?.map(|mode| (key_file::path_in(&self.path), mode)))
    }

    /// Whether a state can be kept here: the folder is there or can be made, and a lock on this file system excludes.
    /// Neither the state nor its lock is touched.
    ///
    /// # Errors
    /// [`StateError::Write`], [`StateError::LockUnsupported`]
    pub fn probe(&self) -> Result<(), StateError> {
        lock::probe(&self.path)
    }

    /// Takes the lock, then reads. A folder without a state gets an empty one with a new lineage. `waiting` is called
    /// once, with the holder's description, when somebody else holds the lock and the timeout is not zero.
    ///
    /// # Errors
    /// [`StateError`]
    pub async fn lock(
        &self,
        request: LockRequest,
        clock: &impl Clock,
        waiting: impl FnOnce(&str) + Send,
    ) -> Result<LockedState, StateError> {
        let (lock, run) = self.acquire(request, clock, waiting).await?;
        self.enter(lock, run)
    }

    /// The same for a process that held the lock before: it reads only if somebody else may have written since.
    ///
    /// # Errors
    /// [`StateError`]
    pub async fn lock_again(
        &self,
        remembered: Option<Remembered>,
        request: LockRequest,
        clock: &impl Clock,
        waiting: impl FnOnce(&str) + Send,
    ) -> Result<LockedState, StateError> {
        let (lock, run) = self.acquire(request, clock, waiting).await?;
        let stamp = self.stamp();
        match remembered.and_then(|remembered| remembered.still(&lock, &self.path)) {
            Some(reading) => {
                Ok(LockedState::new(self.disk.clone(), self.path.clone(), (lock, run), reading, stamp))
            }
            None => self.enter(lock, run),
        }
    }

    /// Makes a backup the state again, under a serial that was never used, and takes the lock. Works on a damaged
    /// state too: what is replaced stays beside it, under the name of the run. Writes that are open stay open.
    ///
    /// # Errors
    /// [`StateError`]
    pub async fn restore(
        &self,
        backup: &Backup,
        request: LockRequest,
        clock: &impl Clock,
        waiting: impl FnOnce(&str) + Send,
    ) -> Result<LockedState, StateError> {
        let (lock, run) = self.acquire(request, clock, waiting).await?;
        restore::restore(&*self.disk, &self.path, backup, &run)?;
        self.enter(lock, run)
    }

    /// The backups, newest first.
    ///
    /// # Errors
    /// [`StateError::Read`]
    pub fn backups(&self) -> Result<Vec<Backup>, StateError> {
        backup::list(&*self.disk, &self.path)
    }

    /// The generations that are kept: the present one and its backups, newest first. Takes no lock.
    ///
    /// # Errors
    /// [`StateError::Read`]; a damaged generation is none, it is listed as such.
    pub fn history(&self) -> Result<Vec<Generation>, StateError> {
        history::generations(&*self.disk, &self.path)
    }

    /// Everything that is wrong with the folder. Takes no lock and changes nothing.
    ///
    /// # Errors
    /// [`StateError::Read`]
    pub fn check(&self) -> Result<Vec<Finding>, StateError> {
        check::findings(&*self.disk, &self.path)
    }

    /// Who holds the lock.
    ///
    /// # Errors
    /// [`StateError`]
    pub fn inspect_lock(&self) -> Result<LockStatus, StateError> {
        lock::inspect(&*self.disk, &self.path)
    }

    /// The run that held the lock last, or holds it; `None` when there never was one. Takes no lock.
    ///
    /// # Errors
    /// [`StateError::Read`]
    pub fn last_run(&self) -> Result<Option<Holder>, StateError> {
        lock::last_run(&*self.disk, &self.path)
    }

    /// Takes the name of a dead holder out of the lock file and says whose it was. The lock itself died with its
    /// owner.
    ///
    /// # Errors
    /// [`StateError::Locked`] when the holder lives: end that process, and the lock ends with it.
    pub fn clear_stale_lock(&self) -> Result<Option<Holder>, StateError> {
        lock::clear_stale(&*self.disk, &self.path)
    }

    /// Becomes the one watcher of this state, until the value is dropped. The state itself stays free for others.
    ///
    /// # Errors
    /// [`StateError::Watched`], [`StateError::LockUnsupported`], [`StateError::Write`]
    pub async fn watch(&self, run: RunId, clock: &impl Clock) -> Result<WatchLock, StateError> {
        self.create()?;
        let holder = Holder::this_process(run, clock.timestamp(), "watch".to_owned());
        let place = (self.path.as_path(), Purpose::Watch);
        let lock = Lock::acquire(self.disk.clone(), place, holder, Duration::ZERO, clock, |_: &str| {}).await;
        match lock {
            Ok(lock) => Ok(WatchLock(lock)),
            Err(StateError::Locked { folder, holder, waited: _ }) => {
                Err(StateError::Watched { folder, holder })
            }
            Err(error) => Err(error),
        }
    }

    fn create(&self) -> Result<(), StateError> {
        let stage = "create the state folder; there is no state yet";
        self.disk.create_folder(&self.path).map_err(cannot_write(&self.path, stage))
    }

    async fn acquire(
        &self,
        request: LockRequest,
        clock: &impl Clock,
        waiting: impl FnOnce(&str) + Send,
    ) -> Result<(Lock, Run), StateError> {
        let LockRequest { run: id, command, timeout } = request;
        self.create()?;
        let run = Run { id, command, started_at: clock.timestamp() };
        let holder = Holder::this_process(run.id.clone(), run.started_at.clone(), run.command.clone());
        let place = (self.path.as_path(), Purpose::State);
        let lock = Lock::acquire(self.disk.clone(), place, holder, timeout, clock, waiting).await?;
        Ok((lock, run))
    }

    /// Which file the snapshot is now; to be asked for before it is read.
    fn stamp(&self) -> Option<Stamp> {
        Stamp::at(&reading::snapshot_path(&self.path)).ok()
    }

    fn enter(&self, mut lock: Lock, run: Run) -> Result<LockedState, StateError> {
        let stamp = self.stamp();
        let reading = match reading::read(&*self.disk, &self.path)? {
            Some(reading) => reading,
            None => self.give_birth()?,
        };
        lock.note(reading.snapshot().serial)?;
        Ok(LockedState::new(self.disk.clone(), self.path.clone(), (lock, run), reading, stamp))
    }

    fn give_birth(&self) -> Result<reading::Reading, StateError> {
        let path = reading::snapshot_path(&self.path);
        let stage = "make an empty state; there is no state yet";
        let lineage = entropy::hex_128().map_err(cannot_write(&path, stage))?;
        let snapshot = Snapshot::new(Lineage(lineage));
        let bytes =
            snapshot_file::encode(&snapshot).map_err(Into::into).map_err(cannot_write(&path, stage))?;
        replace(&*self.disk, &path, &bytes)?;
        Ok(reading::Reading {
            recovered: Recovered::new(snapshot),
            snapshot: None,
            journal: reading::JournalFound::Nothing,
            cut_off: Vec::new(),
        })
    }
}
