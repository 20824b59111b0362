//! Files: bounded reads, durable writes, errors that name their path.
#![expect(clippy::disallowed_methods, reason = "this is the one place that opens files")]

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// What went wrong with which file.
#[derive(Debug, thiserror::Error)]
pub enum FsError {
    /// The operating system refused.
    #[error("cannot {action} {path}")]
    Io {
        /// What was tried: `read`, `write`, `sync`, …
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is larger than its reader allows.
    #[error("{path} is larger than {limit} bytes")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit in bytes.
        limit: u64,
    },
}

impl FsError {
    /// Whether the file or folder does not exist.
    pub fn is_not_found(&self) -> bool {
        matches!(self, FsError::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound)
    }
}

fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> FsError {
    let path = path.to_owned();
    move |source| FsError::Io { action, path, source }
}

/// Reads a regular file of at most `limit` bytes. A device or a pipe is refused, so that no read hangs.
///
/// # Errors
/// [`FsError`]
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, FsError> {
    let not_regular = || std::io::Error::new(std::io::ErrorKind::InvalidInput, "not a regular file");
    // Looked at before opening: opening a pipe would wait for its other end.
    let meta = std::fs::metadata(path).map_err(io("read", path))?;
    if !meta.is_file() {
        return Err(io("read", path)(not_regular()));
    }
    let file = File::open(path).map_err(io("read", path))?;
    let mut bytes = Vec::new();
    let taken = file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(io("read", path))?;
    if taken as u64 > limit {
        return Err(FsError::TooLarge { path: path.to_owned(), limit });
    }
    Ok(bytes)
}

/// Creates a folder and its parents; new ones get mode 0700. An existing one is left as it is.
///
/// # Errors
/// [`FsError`]
pub fn create_folder(path: &Path) -> Result<(), FsError> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(io("create", path))
}

/// Writes a whole file durably: a new file in the same folder, synced, renamed over the old one, folder synced. A
/// reader sees the old bytes or the new ones. Mode 0600.
///
/// # Errors
/// [`FsError`]; the old file is then still whole.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), FsError> {
    let folder = parent(path);
    let mut temporary = tempfile::Builder::new()
        .prefix(".tmp-")
        .tempfile_in(folder)
        .map_err(io("create a temporary file for", path))?;
    temporary.write_all(bytes).map_err(io("write", path))?;
    temporary.as_file().sync_all().map_err(io("sync", path))?;
    temporary.persist(path).map_err(|error| io("rename over", path)(error.error))?;
    sync_folder(folder)
}

/// Opens a file for appending, creating it with mode 0600. Links are not followed.
///
/// # Errors
/// [`FsError`]
pub fn open_append(path: &Path) -> Result<File, FsError> {
    const O_NOFOLLOW: i32 = 0o400_000;
    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .custom_flags(O_NOFOLLOW)
        .open(path)
        .map_err(io("open", path))
}

/// Syncs a folder, so that names created in it survive a power cut.
///
/// # Errors
/// [`FsError`]
pub fn sync_folder(path: &Path) -> Result<(), FsError> {
    File::open(path).and_then(|folder| folder.sync_all()).map_err(io("sync", path))
}

/// The entries of a folder, sorted by name.
///
/// # Errors
/// [`FsError`]
pub fn list(path: &Path) -> Result<Vec<PathBuf>, FsError> {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(path)
        .map_err(io("list", path))?
        .map(|entry| entry.map(|entry| entry.path()).map_err(io("list", path)))
        .collect::<Result<_, _>>()?;
    entries.sort();
    Ok(entries)
}

/// The folder that holds a path; `.` for a bare name.
pub fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replaced_file_is_private_and_whole() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(read(&path, 10).unwrap(), b"two");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(list(folder.path()).unwrap(), [path], "a temporary file was left behind");
    }

    #[test]
    fn a_file_above_the_limit_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        replace(&path, b"12345").unwrap();
        assert!(matches!(read(&path, 4), Err(FsError::TooLarge { limit: 4, .. })));
        assert_eq!(read(&path, 5).unwrap().len(), 5);
    }

    #[test]
    fn a_folder_or_a_device_is_not_read() {
        assert!(read(Path::new("/dev/zero"), 10).is_err());
        assert!(read(Path::new("/"), 10).is_err());
    }
}
