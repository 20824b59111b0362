//! The stores on disk: one line for each change.

use serde::{Deserialize, Serialize};

use super::stores::{Store, Stores};
use crate::emulator::change_file::{ChangeFile, NotRecorded};
use crate::emulator::error::EmulatorError;
use crate::emulator::folder::LockedFolder;

const FILE: &str = "stores.jsonl";

/// A store as it is from then on.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change<N, S> {
    name: N,
    /// None: it is gone.
    store: Option<S>,
}

/// The stores, with the file that they live in if they are to outlive the process.
pub(in crate::emulator) struct Ledger {
    stores: Stores,
    file: Option<ChangeFile>,
}

impl Ledger {
    /// Stores that end with the process.
    pub(in crate::emulator) fn in_memory() -> Self {
        Self { stores: Stores::default(), file: None }
    }

    /// Reads the stores of a folder.
    ///
    /// # Errors
    /// As for [`ChangeFile::read`].
    pub(in crate::emulator) fn open(folder: &LockedFolder) -> Result<Self, EmulatorError> {
        let path = folder.join(FILE);
        let mut stores = Stores::default();
        ChangeFile::read(&path, |Change { name, store }: Change<String, Store>| stores.set(name, store))?;
        let all = stores.iter().map(|(name, store)| Change { name, store: Some(store) });
        let file = Some(ChangeFile::write(&path, all)?);
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
        if let Some(file) = &mut self.file {
            file.append(&Change { name, store: store.as_ref() })?;
        }
        self.stores.set(name.to_owned(), store);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
