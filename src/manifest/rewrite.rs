//! A manifest file and the text that it is to have.

use std::path::PathBuf;

use super::conceal::concealed;
use super::limits;
use crate::platform::fs::{self, FsError};

/// A file that is to be rewritten.
pub struct Rewrite {
    /// The file.
    pub path: PathBuf,
    /// Its bytes when it was read.
    before: Vec<u8>,
    /// What it is to hold.
    after: String,
}

/// Why a file was not rewritten.
#[derive(Debug, thiserror::Error)]
pub enum RewriteError {
    /// Somebody else wrote it in between.
    #[error("{0} was changed while this command ran, and is left as it is now: run the command again")]
    Changed(PathBuf),
    /// The operating system refused.
    #[error(transparent)]
    Fs(#[from] FsError),
}

/// Both texts hold secrets, so neither is printed.
impl std::fmt::Debug for Rewrite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rewrite").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Rewrite {
    /// A file with these bytes that is to hold this text.
    pub(super) fn new(path: PathBuf, before: Vec<u8>, after: String) -> Self {
        Self { path, before, after }
    }

    /// Whether anything is to be written.
    pub fn is_change(&self) -> bool {
        self.before != self.after.as_bytes()
    }

    /// What it is to hold.
    pub fn after(&self) -> &str {
        &self.after
    }

    /// The text as it was and as it is to be, for people: what is secret in it is not shown.
    pub fn shown(&self) -> (String, String) {
        (concealed(&String::from_utf8_lossy(&self.before)), concealed(&self.after))
    }

    /// Writes the file, whole and durably, if it still holds what it held.
    ///
    /// # Errors
    /// [`RewriteError`]; the file is then as it was.
    pub fn write(&self) -> Result<(), RewriteError> {
        if fs::read(&self.path, limits::FILE_BYTES)? != self.before {
            return Err(RewriteError::Changed(self.path.clone()));
        }
        Ok(fs::rewrite(&self.path, self.after.as_bytes())?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_somebody_else_wrote_in_between_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        fs::replace(&path, b"one").unwrap();
        let rewrite = Rewrite::new(path.clone(), b"one".into(), "two".into());
        fs::replace(&path, b"three").unwrap();
        assert!(matches!(rewrite.write(), Err(RewriteError::Changed(_))));
        assert_eq!(fs::read(&path, 10).unwrap(), b"three");
    }
}
