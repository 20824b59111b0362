//! A disk that writes down every call that changes something, and fails when told to.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::state::disk::{Disk, Machine};

/// One call that changed something, with paths below the state folder's parent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Call {
    Create(PathBuf, Vec<u8>),
    Append(PathBuf, Vec<u8>),
    Overwrite(PathBuf, Vec<u8>),
    Truncate(PathBuf, u64),
    Sync(PathBuf),
    SyncFolder(PathBuf),
    Rename(PathBuf, PathBuf),
    Link(PathBuf, PathBuf),
    Remove(PathBuf),
    /// The creation of folders, which is durable when it returns.
    Other,
}

/// No error at all: a write that did half of its work says that it succeeded.
pub(crate) const HIDDEN: i32 = 0;

/// How the chosen call fails.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fault {
    /// Which call, counted from 0; reads count.
    pub(crate) at: usize,
    /// `errno`.
    pub(crate) errno: i32,
    /// Whether every later call fails too. With every error it is a kill: nothing more reaches the disk.
    pub(crate) for_ever: bool,
    /// Whether a failing write leaves the first half of its bytes.
    pub(crate) half: bool,
}

#[derive(Default)]
pub(crate) struct ScriptedDisk {
    fault: Option<Fault>,
    state: Mutex<State>,
    interruption: Mutex<Option<Interruption>>,
}

/// What somebody else does before this file is read for the first time.
type Interruption = (PathBuf, Box<dyn FnOnce() + Send>);

#[derive(Default)]
struct State {
    calls: usize,
    log: Vec<Call>,
}

impl ScriptedDisk {
    pub(crate) fn failing(fault: Fault) -> Self {
        Self { fault: Some(fault), ..Self::default() }
    }

    pub(crate) fn interrupted_before_reading(path: PathBuf, by: impl FnOnce() + Send + 'static) -> Self {
        Self { interruption: Mutex::new(Some((path, Box::new(by)))), ..Self::default() }
    }

    /// How many calls there were, reads included.
    pub(crate) fn calls(&self) -> usize {
        self.state.lock().unwrap().calls
    }

    /// The calls that changed something and did not fail.
    pub(crate) fn log(&self) -> Vec<Call> {
        self.state.lock().unwrap().log.clone()
    }

    fn pass(&self) -> Result<(), Failing> {
        let mut state = self.state.lock().unwrap();
        let call = state.calls;
        state.calls += 1;
        match self.fault {
            Some(fault) if call == fault.at || (fault.for_ever && call > fault.at) => Err(Failing {
                error: io::Error::from_raw_os_error(fault.errno),
                half: fault.half && call == fault.at,
            }),
            _ => Ok(()),
        }
    }

    fn note<T>(&self, call: Call, done: io::Result<T>) -> io::Result<T> {
        if done.is_ok() {
            self.state.lock().unwrap().log.push(call);
        }
        done
    }
}

struct Failing {
    error: io::Error,
    half: bool,
}

impl Failing {
    /// What the caller hears of it.
    fn told(self) -> io::Result<()> {
        if self.error.raw_os_error() == Some(HIDDEN) { Ok(()) } else { Err(self.error) }
    }
}

impl From<Failing> for io::Error {
    fn from(failing: Failing) -> Self {
        failing.error
    }
}

fn half(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.len() / 2]
}

impl Disk for ScriptedDisk {
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        self.pass()?;
        if let Some((_, interrupt)) = self.interruption.lock().unwrap().take_if(|(at, _)| at == path) {
            interrupt();
        }
        Machine.read(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        self.pass()?;
        Machine.list(folder)
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.pass()?;
        self.note(Call::Other, Machine.create_folder(path))
    }

    fn create(&self, path: &Path, bytes: &[u8]) -> io::Result<File> {
        if let Err(failing) = self.pass() {
            if failing.half {
                let file = Machine.create(path, half(bytes))?;
                failing.told()?;
                return Ok(file);
            }
            return Err(failing.error);
        }
        self.note(Call::Create(path.to_owned(), bytes.to_owned()), Machine.create(path, bytes))
    }

    fn open_append(&self, path: &Path) -> io::Result<File> {
        self.pass()?;
        Machine.open_append(path)
    }

    fn append(&self, file: &mut File, path: &Path, bytes: &[u8]) -> io::Result<()> {
        if let Err(failing) = self.pass() {
            if failing.half {
                Machine.append(file, path, half(bytes))?;
            }
            return failing.told();
        }
        self.note(Call::Append(path.to_owned(), bytes.to_owned()), Machine.append(file, path, bytes))
    }

    fn overwrite(&self, file: &File, path: &Path, bytes: &[u8]) -> io::Result<()> {
        if let Err(failing) = self.pass() {
            if failing.half {
                Machine.overwrite(file, path, half(bytes))?;
            }
            return Err(failing.error);
        }
        self.note(Call::Overwrite(path.to_owned(), bytes.to_owned()), Machine.overwrite(file, path, bytes))
    }

    fn truncate(&self, file: &File, path: &Path, length: u64) -> io::Result<()> {
        self.pass()?;
        self.note(Call::Truncate(path.to_owned(), length), Machine.truncate(file, path, length))
    }

    fn sync(&self, _file: &File, path: &Path) -> io::Result<()> {
        self.pass()?;
        // Not carried out: nobody cuts the power of a test, and it takes most of the time.
        self.note(Call::Sync(path.to_owned()), Ok(()))
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.pass()?;
        self.note(Call::SyncFolder(folder.to_owned()), Ok(()))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.pass()?;
        self.note(Call::Rename(from.to_owned(), to.to_owned()), Machine.rename(from, to))
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.pass()?;
        self.note(Call::Link(from.to_owned(), to.to_owned()), Machine.link(from, to))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.pass()?;
        self.note(Call::Remove(path.to_owned()), Machine.remove(path))
    }
}
