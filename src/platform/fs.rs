//! Files: bounded reads, durable writes, errors that name their path.
#![expect(clippy::disallowed_methods, reason = "this is the one place that opens files")]

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

pub use entries::{Entry, EntryKind, Listed, entries, entry, list};
pub use stamp::Stamp;

mod entries;
mod stamp;

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

impl From<FsError> for std::io::Error {
    /// The operating system's error; the path is dropped, for callers that name it themselves.
    fn from(error: FsError) -> Self {
        match error {
            FsError::Io { source, .. } => source,
            FsError::TooLarge { .. } => Self::new(std::io::ErrorKind::FileTooLarge, error),
        }
    }
}

fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> FsError {
    let path = path.to_owned();
    move |source| FsError::Io { action, path, source }
}

/// Opens a regular file; with its length, as it was before.
pub fn open_regular(path: &Path) -> Result<(File, u64), FsError> {
    let not_regular = || std::io::Error::new(std::io::ErrorKind::InvalidInput, "not a regular file");
    // Looked at before opening: opening a pipe would wait for its other end.
    let meta = std::fs::metadata(path).map_err(io("read", path))?;
    if !meta.is_file() {
        return Err(io("read", path)(not_regular()));
    }
    Ok((File::open(path).map_err(io("read", path))?, meta.len()))
}

/// Reads a regular file of at most `limit` bytes. A device or a pipe is refused, so that no read hangs.
///
/// # Errors
/// [`FsError`]
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, FsError> {
    let (mut file, length) = open_regular(path)?;
    // One byte more than there was: when that much comes and no more, it is the end, and nobody needs to ask again.
    let mut bytes = vec![0; usize::try_from(length.min(limit)).unwrap_or(0).saturating_add(1)];
    let first = file.read(&mut bytes).map_err(io("read", path))?;
    bytes.truncate(first);
    if first as u64 != length {
        let rest = limit.saturating_add(1).saturating_sub(first as u64);
        file.take(rest).read_to_end(&mut bytes).map_err(io("read", path))?;
    }
    if bytes.len() as u64 > limit {
        return Err(FsError::TooLarge { path: path.to_owned(), limit });
    }
    Ok(bytes)
}

/// Reads the first bytes of a regular file, at most `limit` of them.
///
/// # Errors
/// [`FsError::Io`]
pub fn read_start(path: &Path, limit: u64) -> Result<Vec<u8>, FsError> {
    let (file, _) = open_regular(path)?;
    let mut bytes = Vec::new();
    file.take(limit).read_to_end(&mut bytes).map_err(io("read", path))?;
    Ok(bytes)
}

/// Creates a folder and its parents; new ones get mode 0700. An existing one is left as it is.
///
/// # Errors
/// [`FsError`]
pub fn create_folder(path: &Path) -> Result<(), FsError> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(io("create", path))
}

/// Makes a folder with a name of its own below this one, mode 0700. It is removed with everything in it when dropped.
///
/// # Errors
/// [`FsError`]
pub fn temporary_folder(parent: &Path) -> Result<tempfile::TempDir, FsError> {
    tempfile::Builder::new()
        .prefix(".tmp-")
        .permissions(std::fs::Permissions::from_mode(0o700))
        .tempdir_in(parent)
        .map_err(io("create a temporary folder in", parent))
}

/// The permission bits of a file, links not followed; `None` when there is no such file.
///
/// # Errors
/// [`FsError`]
pub fn mode(path: &Path) -> Result<Option<u32>, FsError> {
    match std::fs::symlink_metadata(path) {
        Ok(meta) => Ok(Some(meta.mode() & 0o777)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(io("look at", path)(error)),
    }
}

/// Writes a whole file durably: a new file in the same folder, synced, renamed over the old one, folder synced. A
/// reader sees the old bytes or the new ones. Mode 0600.
///
/// # Errors
/// [`FsError`]; the old file is then still whole.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), FsError> {
    rename_over(path, bytes, None)
}

/// Writes a whole file that exists as durably as [`replace`] does. It keeps its mode, and a link stays a link: the file
/// behind it is rewritten.
///
/// # Errors
/// [`FsError`]; the old file is then still whole.
pub fn rewrite(path: &Path, bytes: &[u8]) -> Result<(), FsError> {
    let real = std::fs::canonicalize(path).map_err(io("read", path))?;
    let permissions = std::fs::metadata(&real).map_err(io("read", path))?.permissions();
    rename_over(&real, bytes, Some(permissions))
}

fn rename_over(path: &Path, bytes: &[u8], permissions: Option<Permissions>) -> Result<(), FsError> {
    let folder = parent(path);
    let mut temporary = tempfile::Builder::new()
        .prefix(".tmp-")
        .tempfile_in(folder)
        .map_err(io("create a temporary file for", path))?;
    temporary.write_all(bytes).map_err(io("write", path))?;
    if let Some(permissions) = permissions {
        temporary.as_file().set_permissions(permissions).map_err(io("set the mode of", path))?;
    }
    temporary.as_file().sync_all().map_err(io("sync", path))?;
    temporary.persist(path).map_err(|error| io("rename over", path)(error.error))?;
    sync_folder(folder)
}

/// Do not follow a link in the last part of a path. The number is the kernel's and differs by processor.
const O_NOFOLLOW: i32 =
    if cfg!(any(target_arch = "aarch64", target_arch = "arm")) { 0o100_000 } else { 0o400_000 };

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600).custom_flags(O_NOFOLLOW);
    options
}

/// Opens a file for appending, creating it with mode 0600. Links are not followed.
///
/// # Errors
/// [`FsError`]
pub fn open_append(path: &Path) -> Result<File, FsError> {
    private().append(true).create(true).open(path).map_err(io("open", path))
}

/// Opens what a program writes for others: a file, which is emptied or created with mode 0600, a device or a named pipe.
/// A pipe that nobody reads is an error, not a wait. Links are not followed.
///
/// # Errors
/// [`FsError`]
pub fn open_output(path: &Path) -> Result<File, FsError> {
    let mut options = OpenOptions::new();
    options.mode(0o600).custom_flags(O_NOFOLLOW | non_blocking()).write(true).create(true).truncate(true);
    options.open(path).and_then(blocking).map_err(io("open", path))
}

/// Opens an open descriptor of this process anew, for appending. A pipe that nobody reads is an error, not a wait.
///
/// # Errors
/// [`FsError`]; also for sockets, which cannot be opened anew.
pub fn open_descriptor(number: u32) -> Result<File, FsError> {
    let path = PathBuf::from(format!("/proc/self/fd/{number}"));
    let mut options = OpenOptions::new();
    options.append(true).custom_flags(non_blocking());
    options.open(&path).and_then(blocking).map_err(io("open", &path))
}

/// Open without waiting for the other end of a pipe.
fn non_blocking() -> i32 {
    rustix::fs::OFlags::NONBLOCK.bits().cast_signed()
}

/// Writes wait for the reader again.
fn blocking(file: File) -> std::io::Result<File> {
    let flags = rustix::fs::fcntl_getfl(&file)?;
    rustix::fs::fcntl_setfl(&file, flags - rustix::fs::OFlags::NONBLOCK)?;
    Ok(file)
}

/// Opens a file for reading and writing, creating it with mode 0600 and leaving its bytes alone. Links are not
/// followed.
///
/// # Errors
/// [`FsError`]
pub fn open_or_create(path: &Path) -> Result<File, FsError> {
    private().read(true).write(true).create(true).truncate(false).open(path).map_err(io("open", path))
}

/// Creates a file with mode 0600 that must not exist yet, not even as a link.
///
/// # Errors
/// [`FsError`]
pub fn create_new(path: &Path) -> Result<File, FsError> {
    private().write(true).create_new(true).open(path).map_err(io("create", path))
}

/// Writes a file that must not exist yet, not even as a link; for files of the user, so with the mode that his other
/// files get.
///
/// # Errors
/// [`FsError`]
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), FsError> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(io("create", path))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(io("write", path))
}

/// Renames a file over another. Durable only after [`sync_folder`].
///
/// # Errors
/// [`FsError`]
pub fn rename(from: &Path, to: &Path) -> Result<(), FsError> {
    std::fs::rename(from, to).map_err(io("rename", from))
}

/// Gives a file a second name that must not exist yet. Durable only after [`sync_folder`].
///
/// # Errors
/// [`FsError`]
pub fn link(from: &Path, to: &Path) -> Result<(), FsError> {
    std::fs::hard_link(from, to).map_err(io("link", from))
}

/// Removes a file. One that does not exist is no error. Durable only after [`sync_folder`].
///
/// # Errors
/// [`FsError`]
pub fn remove(path: &Path) -> Result<(), FsError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(io("remove", path)(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Which file it is, whatever it is called: two names with one identity are one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileIdentity {
    device: u64,
    inode: u64,
}

impl FileIdentity {
    /// The identity of an open file.
    ///
    /// # Errors
    /// The operating system refused.
    pub fn of(file: &File) -> std::io::Result<Self> {
        let meta = file.metadata()?;
        Ok(Self { device: meta.dev(), inode: meta.ino() })
    }

    /// The identity of what a path names now, links not followed; `None` when it names nothing.
    ///
    /// # Errors
    /// [`FsError`]
    pub fn at(path: &Path) -> Result<Option<Self>, FsError> {
        match std::fs::symlink_metadata(path) {
            Ok(meta) => Ok(Some(Self { device: meta.dev(), inode: meta.ino() })),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(io("look at", path)(error)),
        }
    }
}

/// Syncs a folder, so that names created in it survive a power cut.
///
/// # Errors
/// [`FsError`]
pub fn sync_folder(path: &Path) -> Result<(), FsError> {
    File::open(path).and_then(|folder| folder.sync_all()).map_err(io("sync", path))
}

/// When a file was last written.
///
/// # Errors
/// [`FsError`]
pub fn modified(path: &Path) -> Result<std::time::SystemTime, FsError> {
    std::fs::metadata(path).and_then(|meta| meta.modified()).map_err(io("read", path))
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
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(read(&path, 10).unwrap(), b"two");
        assert_eq!(mode(&path).unwrap(), Some(0o600));
        assert_eq!(mode(&folder.path().join("g")).unwrap(), None);
        assert_eq!(list(folder.path()).unwrap(), [path], "a temporary file was left behind");
    }

    #[test]
    fn a_rewritten_file_keeps_its_mode_and_the_link_to_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("f"), folder.path().join("l"));
        replace(&file, b"one").unwrap();
        std::fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        rewrite(&link, b"two").unwrap();
        assert_eq!(read(&file, 10).unwrap(), b"two");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert!(rewrite(&folder.path().join("none"), b"").is_err());
    }

    #[test]
    fn a_new_file_takes_no_existing_name_not_even_a_dangling_link() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("f"), folder.path().join("l"));
        create_new(&file).unwrap();
        std::os::unix::fs::symlink(folder.path().join("elsewhere"), &link).unwrap();
        assert!(
            create_new(&file).is_err()
                && create_new(&link).is_err()
                && write_new(&link, b"").is_err()
                && open_append(&link).is_err()
        );
        assert_eq!(list(folder.path()).unwrap(), [file, link]);
    }

    #[test]
    fn two_names_of_one_file_have_one_identity_and_a_replaced_file_has_another() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (folder.path().join("1"), folder.path().join("2"));
        let file = create_new(&one).unwrap();
        link(&one, &two).unwrap();
        let identity = FileIdentity::of(&file).unwrap();
        assert_eq!(FileIdentity::at(&two).unwrap(), Some(identity));
        replace(&one, b"").unwrap();
        assert_ne!(FileIdentity::at(&one).unwrap(), Some(identity));
        remove(&two).unwrap();
        remove(&two).unwrap();
        assert_eq!(FileIdentity::at(&two).unwrap(), None);
    }

    #[test]
    fn a_temporary_folder_is_private_and_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let inner = temporary_folder(folder.path()).unwrap();
        create_new(&inner.path().join("f")).unwrap();
        assert_eq!(mode(inner.path()).unwrap(), Some(0o700));
        drop(inner);
        assert!(list(folder.path()).unwrap().is_empty());
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
