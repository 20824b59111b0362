//! The lock: one writer per state folder (rules 1 and 2).
//!
//! An exclusive `flock` on the file `lock`, which is never deleted or renamed. The kernel ends it with its owner,
//! however the owner ends. Before a lock counts, a second descriptor of the same file must have been refused: on a
//! file system that grants both, nothing would exclude anybody.
//!
//! Must not know what is in the state.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::disk::{Disk, cannot_read, cannot_write};
use super::holder::{Holder, LockText};
use crate::domain::snapshot::Serial;
use crate::platform::fs::{self, FileIdentity};
use crate::ports::clock::Clock;
use crate::ports::state_store::StateError;

/// The longest pause between two attempts: a longer one would make hand-over slow, a shorter one gains nothing.
const LONGEST_PAUSE: Duration = Duration::from_millis(25);

/// How often a lock file that is being replaced is opened again.
const REPLACED_LIMIT: usize = 16;

/// Asks the kernel for an exclusive lock. Called by path: newer standard libraries have methods of the same names,
/// which would win without a word.
type Ask = fn(&File) -> io::Result<()>;
const FLOCK: Ask = <File as fs2::FileExt>::try_lock_exclusive;

/// Who holds a state's lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LockStatus {
    /// Nobody.
    Free,
    /// Nobody; this process ended without letting go. Nothing needs to be done: the next run takes the lock.
    Stale(Holder),
    /// Somebody; `None` when the lock file does not say who.
    Held(Option<Holder>),
}

/// A locked file. Dropping it lets go at once, also when a child process is just being started and has the
/// descriptor for a moment; closing alone would wait for that one.
#[derive(Debug)]
struct Locked(File);

impl Drop for Locked {
    fn drop(&mut self) {
        if let Err(error) = fs2::FileExt::unlock(&self.0) {
            tracing::debug!(%error, "the lock ends with the closing of its file");
        }
    }
}

/// Which of the two locks of a state folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Whoever writes the state.
    State,
    /// Whoever watches manifests for this state.
    Watch,
}

impl Purpose {
    fn path_in(self, folder: &Path) -> PathBuf {
        folder.join(match self {
            Purpose::State => "lock",
            Purpose::Watch => "watch.lock",
        })
    }
}

/// A lock of a state folder, held. Dropping it lets go.
pub(crate) struct Lock {
    disk: Arc<dyn Disk>,
    file: Locked,
    folder: PathBuf,
    path: PathBuf,
    text: LockText,
}

impl Lock {
    /// Takes the lock of an existing folder. Tries once, then again and again until the timeout; `waiting` is told
    /// once who is in the way. Writes the holder into the file.
    ///
    /// # Errors
    /// [`StateError::Locked`], [`StateError::LockUnsupported`], [`StateError::Write`]
    pub(crate) async fn acquire(
        disk: Arc<dyn Disk>,
        (folder, purpose): (&Path, Purpose),
        holder: Holder,
        timeout: Duration,
        clock: &impl Clock,
        waiting: impl FnOnce(&str) + Send,
    ) -> Result<Self, StateError> {
        let path = purpose.path_in(folder);
        let start = clock.now();
        let mut waiting = Some(waiting);
        let mut pause = Duration::from_millis(1);
        let file = loop {
            if let Some(file) = attempt(folder, &path, FLOCK)? {
                break file;
            }
            let waited = clock.now().saturating_sub(start);
            let in_the_way = describe(read_text(&*disk, &path)?.holder.as_ref());
            if waited >= timeout {
                return Err(StateError::Locked { folder: folder.to_owned(), holder: in_the_way, waited });
            }
            if let Some(waiting) = waiting.take() {
                waiting(&in_the_way);
            }
            clock.sleep_until(start.saturating_add(timeout.min(waited.saturating_add(pause)))).await;
            pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        };
        let LockText { serial, holder: dead, last } = read_text(&*disk, &path)?;
        let text = LockText { serial, holder: Some(holder), last: dead.or(last) };
        let lock = Self { disk, file, folder: folder.to_owned(), path, text };
        lock.write_text()?;
        Ok(lock)
    }

    /// Whether this was the last holder before us, and this the newest serial that anybody has seen here.
    pub(crate) fn was_held_last_by(&self, holder: &Holder, serial: Serial) -> bool {
        self.text.last.as_ref() == Some(holder) && self.text.serial == Some(serial)
    }

    /// As whom the lock is held.
    pub(crate) fn holder(&self) -> Option<&Holder> {
        self.text.holder.as_ref()
    }

    /// Remembers that the folder holds a state, so that a missing snapshot is damage from now on (rule 5).
    ///
    /// # Errors
    /// [`StateError::Write`]
    pub(crate) fn note(&mut self, serial: Serial) -> Result<(), StateError> {
        if self.text.serial == Some(serial) {
            return Ok(());
        }
        self.text.serial = Some(serial);
        self.write_text()
    }

    /// Remembers the generation that was made under this lock, for the moment at which it is let go: should its snapshot be
    /// damaged by then, nothing else would know that its serial is used.
    pub(crate) fn made(&mut self, serial: Serial) {
        self.text.serial = Some(serial);
    }

    /// Looks whether the path still names the file that we locked.
    ///
    /// # Errors
    /// [`StateError::LockLost`] when it does not, or when that cannot be found out.
    pub(crate) fn verify_still_held(&self) -> Result<(), StateError> {
        match (FileIdentity::of(&self.file.0), FileIdentity::at(&self.path)) {
            (Ok(ours), Ok(Some(there))) if ours == there => Ok(()),
            _ => Err(StateError::LockLost { path: self.path.clone() }),
        }
    }

    fn write_text(&self) -> Result<(), StateError> {
        self.text
            .encode()
            .map_err(io::Error::from)
            .and_then(|bytes| self.disk.overwrite(&self.file.0, &self.path, &bytes))
            .map_err(cannot_write(&self.path, "note the holder; the state is untouched"))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.text.last = self.text.holder.take();
        if let Err(error) = self.write_text() {
            // The kernel's lock ends all the same; the next holder overwrites the text.
            tracing::warn!(folder = %self.folder.display(), %error, "the lock file still names this process");
        }
    }
}

/// Who holds the lock of a folder. Takes it for a moment when it is free, so that a run that tries exactly then and
/// does not wait is refused.
///
/// # Errors
/// [`StateError::Read`], [`StateError::LockUnsupported`]
pub(crate) fn inspect(disk: &dyn Disk, folder: &Path) -> Result<LockStatus, StateError> {
    let path = path_of(folder);
    if FileIdentity::at(&path).map_err(io::Error::from).map_err(cannot_read(&path))?.is_none() {
        return Ok(LockStatus::Free);
    }
    let lock = attempt(folder, &path, FLOCK)?;
    let holder = read_text(disk, &path)?.holder;
    Ok(match (lock, holder) {
        (None, holder) => LockStatus::Held(holder),
        (Some(_), Some(holder)) => LockStatus::Stale(holder),
        (Some(_), None) => LockStatus::Free,
    })
}

/// The run that held the lock last, or holds it; `None` when there never was one.
///
/// # Errors
/// [`StateError::Read`]
pub(crate) fn last_run(disk: &dyn Disk, folder: &Path) -> Result<Option<Holder>, StateError> {
    let LockText { serial: _, holder, last } = read_text(disk, &path_of(folder))?;
    Ok(holder.or(last))
}

/// Takes the name of a dead holder out of the lock file and says whose it was.
///
/// # Errors
/// [`StateError::Locked`] when the holder lives: end that process, the lock ends with it.
pub(crate) fn clear_stale(disk: &dyn Disk, folder: &Path) -> Result<Option<Holder>, StateError> {
    let path = path_of(folder);
    if FileIdentity::at(&path).map_err(io::Error::from).map_err(cannot_read(&path))?.is_none() {
        return Ok(None);
    }
    let Some(file) = attempt(folder, &path, FLOCK)? else {
        let holder = describe(read_text(disk, &path)?.holder.as_ref());
        return Err(StateError::Locked { folder: folder.to_owned(), holder, waited: Duration::ZERO });
    };
    let LockText { serial, holder: Some(holder), last: _ } = read_text(disk, &path)? else { return Ok(None) };
    LockText { serial, holder: None, last: Some(holder.clone()) }
        .encode()
        .map_err(io::Error::from)
        .and_then(|bytes| disk.overwrite(&file.0, &path, &bytes))
        .map_err(cannot_write(&path, "clear the holder; the state is untouched"))?;
    Ok(Some(holder))
}

/// Whether a lock can be had where a folder is or would be made: takes one on a file of its own beside the state, in the
/// first folder on the way up that exists. The state and its lock are not touched.
///
/// # Errors
/// [`StateError::Write`], [`StateError::LockUnsupported`]
pub(crate) fn probe(folder: &Path) -> Result<(), StateError> {
    let mut way_up = folder.ancestors().filter(|path| fs::entry(path).is_ok());
    let there = way_up.next().unwrap_or_else(|| Path::new("."));
    let own = fs::temporary_folder(there)
        .map_err(io::Error::from)
        .map_err(cannot_write(folder, "try a lock; the state is untouched"))?;
    match attempt(there, &path_of(own.path()), FLOCK)? {
        Some(_) => Ok(()),
        // Nobody else knows the file.
        None => Err(StateError::LockUnsupported { folder: there.to_owned() }),
    }
}

fn path_of(folder: &Path) -> PathBuf {
    Purpose::State.path_in(folder)
}

fn describe(holder: Option<&Holder>) -> String {
    holder.map_or_else(|| "a process that left no name".to_owned(), Holder::to_string)
}

/// The serial that the lock file of a folder has seen, if any.
///
/// # Errors
/// [`StateError::Read`]
pub(crate) fn seen_serial(disk: &dyn Disk, folder: &Path) -> Result<Option<Serial>, StateError> {
    Ok(read_text(disk, &path_of(folder))?.serial)
}

fn read_text(disk: &dyn Disk, path: &Path) -> Result<LockText, StateError> {
    let bytes = disk.read(path).map_err(cannot_read(path))?.unwrap_or_default();
    Ok(LockText::parse(&bytes))
}

/// One attempt: the locked and proven file, or `None` when somebody else holds the lock.
fn attempt(folder: &Path, path: &Path, ask: Ask) -> Result<Option<Locked>, StateError> {
    let open = || fs::open_or_create(path).map_err(io::Error::from);
    let unsupported = || StateError::LockUnsupported { folder: folder.to_owned() };
    for _ in 0..REPLACED_LIMIT {
        let file = open().map_err(cannot_write(path, "open the lock file; the state is untouched"))?;
        match ask(&file) {
            Ok(()) => {}
            Err(error) if is_contended(&error) => return Ok(None),
            Err(_) => return Err(unsupported()),
        }
        let file = Locked(file);
        let witness = open().map_err(cannot_write(path, "open the lock file; the state is untouched"))?;
        match (FileIdentity::of(&file.0), FileIdentity::of(&witness)) {
            (Ok(ours), Ok(there)) if ours == there => {}
            // Replaced between opening and locking: what we hold is nobody's lock file any more.
            _ => continue,
        }
        return match ask(&witness) {
            Err(error) if is_contended(&error) => Ok(Some(file)),
            Ok(()) | Err(_) => Err(unsupported()),
        };
    }
    Err(StateError::LockLost { path: path.to_owned() })
}

fn is_contended(error: &io::Error) -> bool {
    error.raw_os_error() == fs2::lock_contended_error().raw_os_error()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt_with(ask: Ask) -> Result<Option<Locked>, StateError> {
        let folder = tempfile::tempdir().unwrap();
        attempt(folder.path(), &path_of(folder.path()), ask)
    }

    #[test]
    fn a_file_system_that_grants_a_lock_twice_is_refused() {
        assert!(matches!(attempt_with(|_| Ok(())), Err(StateError::LockUnsupported { .. })));
    }

    #[test]
    fn a_file_system_without_locks_is_refused() {
        const ENOLCK: i32 = 37;
        let refused = attempt_with(|_| Err(io::Error::from_raw_os_error(ENOLCK)));
        assert!(matches!(refused, Err(StateError::LockUnsupported { .. })));
    }

    #[test]
    fn a_probe_leaves_nothing_behind_and_names_a_place_without_room_for_a_folder() {
        let parent = tempfile::tempdir().unwrap();
        probe(&parent.path().join("a/b")).unwrap();
        assert!(fs::list(parent.path()).unwrap().is_empty());
        let file = parent.path().join("file");
        fs::create_new(&file).unwrap();
        assert!(matches!(probe(&file.join("state")), Err(StateError::Write { .. })));
    }

    #[test]
    fn a_link_in_the_place_of_the_lock_file_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let path = path_of(folder.path());
        std::os::unix::fs::symlink(folder.path().join("elsewhere"), &path).unwrap();
        assert!(matches!(attempt(folder.path(), &path, FLOCK), Err(StateError::Write { .. })));
        assert!(!folder.path().join("elsewhere").exists());
    }
}
