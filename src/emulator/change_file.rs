//! A part of the world on disk: a file to which each change is appended durably before its answer is sent, so that a
//! change costs the same in a world of any size. Opening the world writes the file anew, without what is gone.
//!
//! The first line is a version, every other one a change. A last line without its end was never answered, and is left
//! out; any other damage is an error. Must not know what a change means.

use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::error::EmulatorError;
use crate::platform::fs;

const VERSION: u32 = 1;
const LIMIT: u64 = 1 << 30;

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    version: u32,
}

/// The change could not be recorded, and was not made.
#[derive(Debug, thiserror::Error)]
#[error("the change could not be recorded, and was not made: {0}")]
pub(super) struct NotRecorded(#[from] std::io::Error);

/// A file of changes, open at its end.
pub(super) struct ChangeFile {
    pub(super) file: File,
    /// How much of the file is whole. What lies behind it is the rest of a change that was not made.
    whole: u64,
}

impl ChangeFile {
    /// Reads the changes of a file in their order. No file is no change.
    ///
    /// # Errors
    /// [`EmulatorError::WorldDamaged`], [`EmulatorError::WorldVersion`], or the file system.
    pub(super) fn read<C: DeserializeOwned>(
        path: &Path,
        mut each: impl FnMut(C),
    ) -> Result<(), EmulatorError> {
        let bytes = match fs::read(path, LIMIT) {
            Ok(bytes) => bytes,
            Err(error) if error.is_not_found() => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let damaged = |source| EmulatorError::WorldDamaged { path: path.to_owned(), source };
        let mut lines = bytes.split_inclusive(|byte| *byte == b'\n');
        let head: Head = serde_json::from_slice(lines.next().unwrap_or_default()).map_err(damaged)?;
        if head.version != VERSION {
            let (path, found) = (path.to_owned(), head.version);
            return Err(EmulatorError::WorldVersion { path, found, known: VERSION });
        }
        for line in lines.filter(|line| line.ends_with(b"\n")) {
            each(serde_json::from_slice(line).map_err(damaged)?);
        }
        Ok(())
    }

    /// Writes the file anew, with these changes and no others.
    ///
    /// # Errors
    /// The file system; the old file is then still whole.
    pub(super) fn write<C: Serialize>(
        path: &Path,
        changes: impl Iterator<Item = C>,
    ) -> Result<Self, EmulatorError> {
        let damaged = |source| EmulatorError::WorldDamaged { path: path.to_owned(), source };
        let mut bytes = line(&Head { version: VERSION }).map_err(damaged)?;
        for change in changes {
            bytes.extend(line(&change).map_err(damaged)?);
        }
        fs::replace(path, &bytes)?;
        Ok(Self { file: fs::open_append(path)?, whole: bytes.len() as u64 })
    }

    /// Appends one change; it is on the disk when this returns.
    ///
    /// # Errors
    /// [`NotRecorded`]
    pub(super) fn append(&mut self, change: &impl Serialize) -> Result<(), NotRecorded> {
        let bytes = line(change).map_err(std::io::Error::from)?;
        // What is written to a file that was removed is lost.
        if self.file.metadata()?.nlink() == 0 {
            return Err(NotRecorded(std::io::ErrorKind::NotFound.into()));
        }
        self.file.set_len(self.whole)?;
        self.file.write_all(&bytes)?;
        self.file.sync_data()?;
        self.whole += bytes.len() as u64;
        Ok(())
    }
}

fn line(value: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(value)?;
    bytes.push(b'\n');
    Ok(bytes)
}
