//! The connectors on disk: one line for each change.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::change_file::{ChangeFile, NotRecorded};
use super::connector::{Definition, TableMeta};
use super::error::EmulatorError;
use super::folder::LockedFolder;
use super::world::{Entry, Lag, Refusal, Scope, World};

const FILE: &str = "connectors.jsonl";

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
pub(super) enum ChangeError {
    /// The rules of the service.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The disk.
    #[error(transparent)]
    NotRecorded(#[from] NotRecorded),
}

/// A world, with the file that it lives in if it is to outlive the process.
pub(super) struct Store {
    world: World,
    file: Option<ChangeFile>,
}

/// Connectors of one namespace as they are from then on. What one request changes is one line: all of it, or nothing.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change<T, E> {
    workspace: T,
    namespace: T,
    /// By name; none: it is gone.
    connectors: Vec<(T, Option<E>)>,
}

impl Store {
    /// A world that ends with the process.
    pub(super) fn in_memory() -> Self {
        Self { world: World::default(), file: None }
    }

    /// Reads the world of a folder, without what is gone by now.
    ///
    /// # Errors
    /// As for [`ChangeFile::read`].
    pub(super) fn open(folder: &LockedFolder, now: Timestamp) -> Result<Self, EmulatorError> {
        let path = folder.join(FILE);
        let mut world = World::default();
        ChangeFile::read(&path, |change: Change<String, Entry>| {
            let Change { workspace, namespace, connectors } = change;
            let scope = Scope { workspace: &workspace, namespace: &namespace };
            for (name, entry) in connectors {
                world.set(scope, &name, entry);
            }
        })?;
        world.forget_gone(now);
        let all = world.entries().map(|(scope, name, entry)| Change {
            workspace: scope.workspace,
            namespace: scope.namespace,
            connectors: vec![(name, Some(entry))],
        });
        let file = Some(ChangeFile::write(&path, all)?);
        Ok(Self { world, file })
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
        self.world.forget_gone(now);
        let entries = self.world.registration(scope, definitions, lag, now)?;
        self.make(scope, entries.into_iter().map(|(name, entry)| (name, Some(entry))).collect())
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
        let (entry, left) = self.world.deletion(scope, name, lag, now)?;
        self.make(scope, vec![(name.to_owned(), left)])?;
        Ok(entry.definition.tables)
    }

    /// Makes a change when it is on disk.
    fn make(&mut self, scope: Scope<'_>, changed: Vec<(String, Option<Entry>)>) -> Result<(), ChangeError> {
        if let Some(file) = &mut self.file {
            let connectors = changed.iter().map(|(name, entry)| (name.as_str(), entry.as_ref())).collect();
            let Scope { workspace, namespace } = scope;
            file.append(&Change { workspace, namespace, connectors })?;
        }
        for (name, entry) in changed {
            self.world.set(scope, &name, entry);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::platform::fs;

    fn open(folder: &Path) -> Result<Store, EmulatorError> {
        Store::open(&LockedFolder::lock(folder).unwrap(), Timestamp::UNIX_EPOCH)
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
    fn a_change_costs_one_line_in_a_world_of_any_size() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = open(folder.path()).unwrap();
        let length = || fs::read(&folder.path().join(FILE), 1 << 20).unwrap().len();
        let mut written = |name: &str| {
            let before = length();
            register(&mut store, name).unwrap();
            length() - before
        };
        let first = written("c-1000");
        for number in 1001..1200 {
            assert_eq!(written(&format!("c-{number}")), first);
        }
    }

    #[test]
    fn a_jar_whose_line_was_cut_off_was_not_registered_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = open(folder.path()).unwrap();
        register(&mut store, "a").unwrap();
        let path = folder.path().join(FILE);
        let whole = fs::read(&path, 1 << 20).unwrap().len();
        let jar = [Definition::named("b", "b"), Definition::named("c", "c")];
        store.register(HERE, &jar, Lag::default(), Timestamp::UNIX_EPOCH).unwrap();
        let both = fs::read(&path, 1 << 20).unwrap();
        drop(store);
        for cut in whole..both.len() {
            fs::replace(&path, &both[..cut]).unwrap();
            assert_eq!(names(&open(folder.path()).unwrap()), ["a"], "cut at {cut}");
        }
    }

    #[test]
    fn a_damaged_world_is_an_error_and_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        for damaged in ["", "{\"version\":1}\n{\n", "{\"version\":1}\n{\"workspace\":\"w\"}\n"] {
            fs::replace(&path, damaged.as_bytes()).unwrap();
            let verdict = open(folder.path());
            assert!(matches!(verdict, Err(EmulatorError::WorldDamaged { .. })), "{damaged}");
            assert_eq!(fs::read(&path, 100).unwrap(), damaged.as_bytes());
        }
        fs::replace(&path, b"{\"version\":2}\n").unwrap();
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
