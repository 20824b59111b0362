//! What is in a folder, and what a path leads to. Nothing is opened here.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::{FsError, io};

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

/// What a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A device, a pipe, a socket.
    Other,
}

/// What a path leads to, and where that really is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it is, links followed.
    pub kind: EntryKind,
    /// The absolute path without links: two paths to one file have the same.
    pub real: PathBuf,
}

/// Looks at what a path leads to; links are followed, nothing is opened.
///
/// # Errors
/// [`FsError`]; a link that leads nowhere or in a circle is one.
pub fn entry(path: &Path) -> Result<Entry, FsError> {
    let real = std::fs::canonicalize(path).map_err(io("read", path))?;
    let meta = std::fs::metadata(&real).map_err(io("read", path))?;
    let kind = match meta {
        meta if meta.is_file() => EntryKind::File,
        meta if meta.is_dir() => EntryKind::Folder,
        _ => EntryKind::Other,
    };
    Ok(Entry { kind, real })
}

/// An entry of a folder, with what it leads to if that can be found out.
pub type Listed = (PathBuf, Result<Entry, FsError>);

/// The entries of a folder, sorted by name, with what each leads to. The folder is given with its real path: what is no
/// link lies in it, so that one look at the folder is enough for all of them.
///
/// # Errors
/// [`FsError`], for the folder, and for each entry.
pub fn entries(path: &Path, real: &Path) -> Result<Vec<Listed>, FsError> {
    let mut entries: Vec<(OsString, Listed)> = Vec::new();
    for found in std::fs::read_dir(path).map_err(io("list", path))? {
        let found = found.map_err(io("list", path))?;
        let (name, path) = (found.file_name(), found.path());
        let kind = found.file_type().map(|kind| match kind {
            kind if kind.is_file() => Some(EntryKind::File),
            kind if kind.is_dir() => Some(EntryKind::Folder),
            _ => None,
        });
        let entry = match kind {
            Ok(Some(kind)) => Ok(Entry { kind, real: real.join(&name) }),
            Ok(None) | Err(_) => entry(&path),
        };
        entries.push((name, (path, entry)));
    }
    // By name: to compare paths, each would be taken apart again and again.
    entries.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    Ok(entries.into_iter().map(|(_, listed)| listed).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::fs::{create_folder, create_new};

    #[test]
    fn the_entries_of_a_folder_are_what_a_look_at_each_of_them_shows() {
        let folder = tempfile::tempdir().unwrap();
        let real = entry(folder.path()).unwrap().real;
        let outside = tempfile::tempdir().unwrap();
        create_new(&folder.path().join("file")).unwrap();
        create_folder(&folder.path().join("folder")).unwrap();
        for (name, target) in
            [("link", real.join("file")), ("nowhere", real.join("none")), ("out", outside.path().to_owned())]
        {
            std::os::unix::fs::symlink(target, folder.path().join(name)).unwrap();
        }
        let all = entries(folder.path(), &real).unwrap();
        assert_eq!(all.len(), 5);
        for (path, found) in all {
            assert_eq!(found.ok(), entry(&path).ok(), "{}", path.display());
        }
    }
}
