//! What tells two contents of a file apart without reading either.

use std::fs::{File, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use super::{FsError, io};

/// How coarse the times of a file may be: two seconds on the coarsest file systems.
const COARSEST: Duration = Duration::from_secs(2);

/// Which file a path leads to, how long it is, and when it was changed last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    /// Nanoseconds since 1970, as those below.
    modified: i128,
    /// Moves with every change of content, owner or mode; unlike the time above, nobody can set it.
    changed: i128,
}

impl Stamp {
    /// The stamp of what a path leads to, links followed. To be taken before the file is read.
    ///
    /// # Errors
    /// [`FsError`]
    pub fn at(path: &Path) -> Result<Self, FsError> {
        Ok(Self::from(&std::fs::metadata(path).map_err(io("read", path))?))
    }

    /// The stamp of an open file.
    ///
    /// # Errors
    /// The operating system refused.
    pub fn of(file: &File) -> std::io::Result<Self> {
        Ok(Self::from(&file.metadata()?))
    }

    fn from(meta: &Metadata) -> Self {
        let nanoseconds = |seconds: i64, rest: i64| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
        Self {
            device: meta.dev(),
            inode: meta.ino(),
            size: meta.size(),
            modified: nanoseconds(meta.mtime(), meta.mtime_nsec()),
            changed: nanoseconds(meta.ctime(), meta.ctime_nsec()),
        }
    }

    /// Whether the file had rested long enough at this moment that any later change shows in its stamp. A change within
    /// the same tick of the file system's clock does not.
    pub fn proves(&self, moment: jiff::Timestamp) -> bool {
        let last = self.modified.max(self.changed);
        u128::try_from(moment.as_nanosecond() - last).is_ok_and(|age| age >= COARSEST.as_nanos())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::fs::replace;
    use crate::platform::time::wall;

    #[test]
    fn a_file_proves_nothing_until_it_has_rested() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        replace(&path, b"one").unwrap();
        let stamp = Stamp::at(&path).unwrap();
        assert!(!stamp.proves(wall()));
        assert!(stamp.proves(wall() + jiff::Span::new().seconds(3)));
        assert!(
            !stamp.proves(wall() - jiff::Span::new().seconds(3)),
            "a time that lies ahead proves nothing"
        );
    }

    #[test]
    fn another_file_and_another_length_have_another_stamp() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        replace(&path, b"one").unwrap();
        let first = Stamp::at(&path).unwrap();
        assert_eq!(first, Stamp::at(&path).unwrap());
        std::fs::File::options().write(true).open(&path).unwrap().set_len(2).unwrap();
        assert_ne!(first, Stamp::at(&path).unwrap());
        replace(&path, b"one").unwrap();
        assert_ne!(first, Stamp::at(&path).unwrap());
        assert!(Stamp::at(&folder.path().join("none")).is_err());
    }
}
