//! The disk, as the state folder uses it: one method, one thing that can fail. Tests put a disk in its place that
//! records every call and fails when told to. Must not know any file format.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::platform::fs;
use crate::ports::state_store::StateError;

/// No file of a state is read beyond this, in bytes: 100,000 objects take about 150 MB.
const LIMIT: u64 = 2 << 30;

/// What can be done to files. Nothing is durable before it is synced.
pub(crate) trait Disk: Send + Sync {
    /// The bytes; `None` when there is no such file.
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>>;
    /// The files of a folder, sorted; none when there is no such folder.
    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>>;
    /// Creates a folder and its parents, durably; mode 0700. An existing one is left as it is.
    fn create_folder(&self, path: &Path) -> io::Result<()>;
    /// Creates a file that must not exist and writes it.
    fn create(&self, path: &Path, bytes: &[u8]) -> io::Result<File>;
    /// Opens a file for appending; creates it when it is missing.
    fn open_append(&self, path: &Path) -> io::Result<File>;
    /// Appends with one system call; a short write is an error.
    fn append(&self, file: &mut File, path: &Path, bytes: &[u8]) -> io::Result<()>;
    /// Writes from the beginning of the file and cuts off what stood behind.
    fn overwrite(&self, file: &File, path: &Path, bytes: &[u8]) -> io::Result<()>;
    /// Cuts the file to this many bytes.
    fn truncate(&self, file: &File, path: &Path, length: u64) -> io::Result<()>;
    /// Makes the file's bytes durable.
    fn sync(&self, file: &File, path: &Path) -> io::Result<()>;
    /// Makes the folder's names durable.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;
    /// Renames a file over another.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Gives a file a second name, which must not exist.
    fn link(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file; a missing one is no error.
    fn remove(&self, path: &Path) -> io::Result<()>;
}

/// The real one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Machine;

impl Disk for Machine {
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        match fs::read(path, LIMIT) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        match fs::list(folder) {
            Ok(paths) => Ok(paths),
            Err(error) if error.is_not_found() => Ok(Vec::new()),
            Err(error) => Err(error.into()),
        }
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        if path.is_dir() {
            return Ok(());
        }
        let parent = fs::parent(path);
        if parent != path {
            self.create_folder(parent)?;
        }
        fs::create_folder(path)?;
        Ok(fs::sync_folder(parent)?)
    }

    fn create(&self, path: &Path, bytes: &[u8]) -> io::Result<File> {
        let mut file = fs::create_new(path)?;
        file.write_all(bytes)?;
        Ok(file)
    }

    fn open_append(&self, path: &Path) -> io::Result<File> {
        Ok(fs::open_append(path)?)
    }

    fn append(&self, file: &mut File, _path: &Path, bytes: &[u8]) -> io::Result<()> {
        loop {
            return match file.write(bytes) {
                Ok(written) if written == bytes.len() => Ok(()),
                Ok(_) => Err(io::ErrorKind::WriteZero.into()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => Err(error),
            };
        }
    }

    fn overwrite(&self, file: &File, _path: &Path, bytes: &[u8]) -> io::Result<()> {
        file.write_all_at(bytes, 0)?;
        file.set_len(bytes.len() as u64)
    }

    fn truncate(&self, file: &File, _path: &Path, length: u64) -> io::Result<()> {
        file.set_len(length)
    }

    fn sync(&self, file: &File, _path: &Path) -> io::Result<()> {
        file.sync_data()
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        Ok(fs::sync_folder(folder)?)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        Ok(fs::rename(from, to)?)
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        Ok(fs::link(from, to)?)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        Ok(fs::remove(path)?)
    }
}

/// Writes a whole file durably under a name that may exist: new file, sync, rename, sync of the folder (rule 3).
/// A reader sees the old bytes or the new ones. Only one writer at a time: the new file's name is fixed, so that a
/// crash leaves at most one, which the next writer removes.
///
/// # Errors
/// [`StateError::Write`], whose stage says which bytes the name stands for now.
pub(crate) fn replace(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> Result<File, StateError> {
    let folder = fs::parent(path);
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = folder.join(name);
    disk.remove(&new).map_err(cannot_write(&new, "remove what a crash left; the old file is whole"))?;
    let file = disk.create(&new, bytes).map_err(cannot_write(&new, "write; the old file is whole"))?;
    disk.sync(&file, &new).map_err(cannot_write(&new, "sync; the old file is whole"))?;
    disk.rename(&new, path).map_err(cannot_write(path, "rename; the old file is whole"))?;
    disk.sync_folder(folder).map_err(cannot_write(
        path,
        "sync the folder; the new file is whole, but may not survive a power cut",
    ))?;
    Ok(file)
}

pub(crate) fn cannot_read(path: &Path) -> impl FnOnce(io::Error) -> StateError {
    let path = path.to_owned();
    move |source| StateError::Read { path, source }
}

pub(crate) fn cannot_write(path: &Path, stage: &'static str) -> impl FnOnce(io::Error) -> StateError {
    let path = path.to_owned();
    move |source| StateError::Write { path, stage, source }
}
