//! The connectors on disk: one file, replaced durably before an answer is sent.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::connector::{Definition, TableMeta};
use super::error::EmulatorError;
use super::folder::LockedFolder;
use super::world::{Lag, Refusal, Scope, World};
use crate::platform::fs::{self, FsError};

const VERSION: u32 = 1;
const WORLD_LIMIT: u64 = 1 << 30;

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
pub(super) enum ChangeError {
    /// The rules of the service.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The change could not be recorded, and was taken back.
    #[error("the change could not be recorded, and was taken back: {0}")]
    NotRecorded(#[from] FsError),
}

/// A world, with the file that it lives in if it is to outlive the process.
pub(super) struct Store {
    world: World,
    path: Option<PathBuf>,
}

#[derive(Serialize)]
struct Written<'w> {
    version: u32,
    workspaces: &'w World,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    version: u32,
    workspaces: World,
}

impl Store {
    /// A world that ends with the process.
    pub(super) fn in_memory() -> Self {
        Self { world: World::default(), path: None }
    }

    /// Reads the world of a folder. No file is an empty world; a damaged one is not.
    ///
    /// # Errors
    /// [`EmulatorError::WorldDamaged`], [`EmulatorError::WorldVersion`], or the file system.
    pub(super) fn open(folder: &LockedFolder) -> Result<Self, EmulatorError> {
        let path = folder.join("world.json");
        let world = match fs::read(&path, WORLD_LIMIT) {
            Ok(bytes) => decode(&path, &bytes)?,
            Err(error) if error.is_not_found() => World::default(),
            Err(error) => return Err(error.into()),
        };
        Ok(Self { world, path: Some(path) })
    }

    /// What a list of the namespace shows now.
    pub(super) fn list(&self, scope: Scope<'_>, now: Timestamp) -> impl Iterator<Item = &Definition> {
        self.world.list(scope, now)
    }

    /// Adds all of these connectors, or none.
    ///
    /// # Errors
    /// [`ChangeError`]; nothing has changed then.
    pub(super) fn register(
        &mut self,
        scope: Scope<'_>,
        definitions: &[Definition],
        lag: Lag,
        now: Timestamp,
    ) -> Result<(), ChangeError> {
        self.world.register(scope, definitions, lag, now)?;
        self.record().inspect_err(|_| self.world.unregister(scope, definitions))?;
        Ok(())
    }

    /// Removes one connector and returns the tables that were made with it.
    ///
    /// # Errors
    /// [`ChangeError`]; nothing has changed then.
    pub(super) fn delete(
        &mut self,
        scope: Scope<'_>,
        name: &str,
        lag: Lag,
        now: Timestamp,
    ) -> Result<Vec<TableMeta>, ChangeError> {
        let entry = self.world.delete(scope, name, lag, now)?;
        let tables = entry.definition.tables.clone();
        self.record().inspect_err(|_| self.world.restore(scope, entry))?;
        Ok(tables)
    }

    fn record(&self) -> Result<(), FsError> {
        let Some(path) = &self.path else { return Ok(()) };
        let bytes = serde_json::to_vec(&Written { version: VERSION, workspaces: &self.world })
            .map_err(|error| FsError::Io { action: "encode", path: path.clone(), source: error.into() })?;
        fs::replace(path, &bytes)
    }
}

fn decode(path: &Path, bytes: &[u8]) -> Result<World, EmulatorError> {
    let damaged = |source| EmulatorError::WorldDamaged { path: path.to_owned(), source };
    let read: Read = serde_json::from_slice(bytes).map_err(damaged)?;
    if read.version == VERSION {
        Ok(read.workspaces)
    } else {
        Err(EmulatorError::WorldVersion { path: path.to_owned(), found: read.version, known: VERSION })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(folder: &Path) -> Result<Store, EmulatorError> {
        Store::open(&LockedFolder::lock(folder).unwrap())
    }

    const HERE: Scope<'_> = Scope { workspace: "w", namespace: "n" };

    fn names(store: &Store) -> Vec<&str> {
        store.list(HERE, Timestamp::UNIX_EPOCH).map(|definition| definition.name.as_str()).collect()
    }

    fn register(store: &mut Store, name: &str) -> Result<(), ChangeError> {
        store.register(HERE, &[Definition::named(name, name)], Lag::default(), Timestamp::UNIX_EPOCH)
    }

    fn delete(store: &mut Store, name: &str) -> Result<Vec<TableMeta>, ChangeError> {
        store.delete(HERE, name, Lag::default(), Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_world_outlives_its_emulator() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("new/world");
        let mut store = open(&data).unwrap();
        for name in ["a", "b"] {
            register(&mut store, name).unwrap();
        }
        delete(&mut store, "a").unwrap();
        drop(store);
        assert_eq!(names(&open(&data).unwrap()), ["b"]);
    }

    #[test]
    fn a_damaged_world_is_an_error_and_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("world.json");
        for damaged in ["", "{", "{\"version\": 1, \"workspaces\": {\"w\": []}}", "{\"version\": 1}"] {
            fs::replace(&path, damaged.as_bytes()).unwrap();
            let verdict = open(folder.path());
            assert!(matches!(verdict, Err(EmulatorError::WorldDamaged { .. })), "{damaged}");
            assert_eq!(fs::read(&path, 100).unwrap(), damaged.as_bytes());
        }
        fs::replace(&path, b"{\"version\": 2, \"workspaces\": {}}").unwrap();
        let verdict = open(folder.path());
        assert!(matches!(verdict, Err(EmulatorError::WorldVersion { found: 2, known: 1, .. })));
    }

    #[test]
    fn a_change_that_cannot_be_recorded_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("world");
        let mut store = open(&data).unwrap();
        register(&mut store, "a").unwrap();
        folder.close().unwrap();
        assert!(matches!(register(&mut store, "b"), Err(ChangeError::NotRecorded(_))));
        assert!(matches!(delete(&mut store, "a"), Err(ChangeError::NotRecorded(_))));
        assert_eq!(names(&store), ["a"]);
    }
}
