//! The stores on disk: a file to which each change is appended durably before its answer is sent, so that a change costs
//! the same in a world of any size. Opening the file writes it anew, without what is gone.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::stores::{Store, Stores};
use crate::emulator::error::EmulatorError;
use crate::emulator::folder::LockedFolder;
use crate::platform::fs;

const FILE: &str = "stores.jsonl";
const VERSION: u32 = 1;
const LIMIT: u64 = 1 << 30;

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    version: u32,
}

/// Every other line: a store as it is from then on.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change<N, S> {
    name: N,
    /// None: it is gone.
    store: Option<S>,
}

/// The change could not be recorded, and was not made.
#[derive(Debug, thiserror::Error)]
#[error("the change could not be recorded, and was not made: {0}")]
pub(super) struct NotRecorded(#[from] std::io::Error);

/// The stores, with the file that they live in if they are to outlive the process.
pub(in crate::emulator) struct Ledger {
    stores: Stores,
    file: Option<Tail>,
}

/// The end of the file.
struct Tail {
    file: File,
    /// How much of the file is whole. What lies behind it is the rest of a change that was not made.
    whole: u64,
}

impl Ledger {
    /// Stores that end with the process.
    pub(in crate::emulator) fn in_memory() -> Self {
        Self { stores: Stores::default(), file: None }
    }

    /// Reads the stores of a folder. No file is no store. A last line without its end was never answered, and is left
    /// out; any other damage is an error.
    ///
    /// # Errors
    /// [`EmulatorError::WorldDamaged`], [`EmulatorError::WorldVersion`], or the file system.
    pub(in crate::emulator) fn open(folder: &LockedFolder) -> Result<Self, EmulatorError> {
        let path = folder.join(FILE);
        let stores = match fs::read(&path, LIMIT) {
            Ok(bytes) => decode(&path, &bytes)?,
            Err(error) if error.is_not_found() => Stores::default(),
            Err(error) => return Err(error.into()),
        };
        let damaged = |source| EmulatorError::WorldDamaged { path: path.clone(), source };
        let mut bytes = line(&Head { version: VERSION }).map_err(damaged)?;
        for (name, store) in stores.iter() {
            bytes.extend(line(&Change { name, store: Some(store) }).map_err(damaged)?);
        }
        fs::replace(&path, &bytes)?;
        let file = Some(Tail { file: fs::open_append(&path)?, whole: bytes.len() as u64 });
        Ok(Self { stores, file })
    }

    /// The stores as they are.
    pub(super) fn stores(&self) -> &Stores {
        &self.stores
    }

    /// Makes a change when it is on disk.
    ///
    /// # Errors
    /// [`NotRecorded`]
    pub(super) fn set(&mut self, name: &str, store: Option<Store>) -> Result<(), NotRecorded> {
        if let Some(tail) = &mut self.file {
            tail.append(&line(&Change { name, store: store.as_ref() }).map_err(std::io::Error::from)?)?;
        }
        self.stores.set(name.to_owned(), store);
        Ok(())
    }
}

impl Tail {
    fn append(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.file.set_len(self.whole)?;
        self.file.write_all(bytes)?;
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

fn decode(path: &Path, bytes: &[u8]) -> Result<Stores, EmulatorError> {
    let damaged = |source| EmulatorError::WorldDamaged { path: path.to_owned(), source };
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n');
    let head: Head = serde_json::from_slice(lines.next().unwrap_or_default()).map_err(damaged)?;
    if head.version != VERSION {
        let (path, found) = (path.to_owned(), head.version);
        return Err(EmulatorError::WorldVersion { path, found, known: VERSION });
    }
    let mut stores = Stores::default();
    for line in lines.filter(|line| line.ends_with(b"\n")) {
        let Change { name, store }: Change<String, Store> = serde_json::from_slice(line).map_err(damaged)?;
        stores.set(name, store);
    }
    Ok(stores)
}

#[cfg(test)]
mod tests;
