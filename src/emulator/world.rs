//! The rules of the service: which connectors there are, and what may be added or removed. Pure: time is an argument.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::connector::Definition;

/// A workspace and one of its namespaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scope<'s> {
    pub(super) workspace: &'s str,
    pub(super) namespace: &'s str,
}

/// How far what a list shows lags behind what was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Lag {
    /// A registered connector is not listed for this long.
    pub(super) creating_for: Duration,
    /// A deleted connector is still listed for this long.
    pub(super) deleting_for: Duration,
}

/// Why a change is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    /// Names are unique in a namespace.
    #[error("the connector {name:?} already exists in namespace {namespace:?}")]
    NameTaken {
        /// The name.
        name: String,
        /// Its namespace.
        namespace: String,
    },
    /// Types are unique in a workspace.
    #[error(
        "the connector type {connector_type:?} already exists in this workspace: connector {name:?} in \
         namespace {namespace:?} has it"
    )]
    TypeTaken {
        /// The type.
        connector_type: String,
        /// Who has it.
        name: String,
        /// Where that is.
        namespace: String,
    },
    /// There is no such connector.
    #[error("the connector {name:?} does not exist in namespace {namespace:?}")]
    Unknown {
        /// The name.
        name: String,
        /// The namespace.
        namespace: String,
    },
    /// The connector is on its way out.
    #[error("the connector {name:?} in namespace {namespace:?} is being deleted")]
    Deleting {
        /// The name.
        name: String,
        /// Its namespace.
        namespace: String,
    },
}

/// One registered connector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Entry {
    pub(super) definition: Definition,
    /// Lists show it from then on.
    #[serde(with = "moment")]
    listed_from: Timestamp,
    /// It was deleted, and is gone from then on.
    #[serde(with = "moment::optional")]
    gone_at: Option<Timestamp>,
}

/// A connector by its place: namespace and name.
type Place = (String, String);

/// One workspace.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Workspace {
    namespaces: BTreeMap<String, BTreeMap<String, Entry>>,
    /// Who has each type, or had it until it was deleted.
    types: BTreeMap<String, Place>,
    /// What was deleted and is still listed for a while, by the moment at which it is gone.
    leaving: BTreeSet<(Timestamp, Place)>,
}

/// Everything that is registered: workspace, namespace, connector name. Any workspace and namespace exists on first use.
/// What a request costs does not depend on how much is registered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct World {
    workspaces: BTreeMap<String, Workspace>,
}

impl World {
    /// What a list of the namespace shows now, by name.
    pub(super) fn list(&self, scope: Scope<'_>, now: Timestamp) -> impl Iterator<Item = &Definition> {
        let workspace = self.workspaces.get(scope.workspace);
        let namespace = workspace.and_then(|workspace| workspace.namespaces.get(scope.namespace));
        namespace
            .into_iter()
            .flat_map(BTreeMap::values)
            .filter(move |entry| entry.exists(now) && entry.listed_from <= now)
            .map(|entry| &entry.definition)
    }

    /// Everything that is kept, what is gone and not yet forgotten included.
    pub(super) fn entries(&self) -> impl Iterator<Item = (Scope<'_>, &str, &Entry)> {
        self.workspaces.iter().flat_map(|(workspace, Workspace { namespaces, .. })| {
            namespaces.iter().flat_map(move |(namespace, entries)| {
                let scope = Scope { workspace, namespace };
                entries.iter().map(move |(name, entry)| (scope, name.as_str(), entry))
            })
        })
    }

    /// What registering all of these connectors would add.
    ///
    /// # Errors
    /// [`Refusal::NameTaken`], [`Refusal::TypeTaken`], [`Refusal::Deleting`]
    pub(super) fn registration(
        &self,
        scope: Scope<'_>,
        definitions: &[Definition],
        lag: Lag,
        now: Timestamp,
    ) -> Result<BTreeMap<String, Entry>, Refusal> {
        let mut added = BTreeMap::new();
        let mut types: BTreeMap<&str, &str> = BTreeMap::new();
        for definition in definitions {
            let Definition { name, connector_type, .. } = definition;
            let (name_taken, type_taken) = refusals(scope, definition);
            match self.entry(scope, name).filter(|entry| entry.exists(now)) {
                Some(Entry { gone_at: Some(_), .. }) => {
                    let (name, namespace) = (name.clone(), scope.namespace.to_owned());
                    return Err(Refusal::Deleting { name, namespace });
                }
                Some(_) => return Err(name_taken()),
                None if added.contains_key(name) => return Err(name_taken()),
                None => {}
            }
            if let Some((namespace, holder)) = self.holder(scope.workspace, connector_type, now) {
                return Err(type_taken(holder, namespace));
            }
            if let Some(earlier) = types.insert(connector_type, name) {
                return Err(type_taken(earlier, scope.namespace));
            }
            let listed_from = later(now, lag.creating_for);
            let entry = Entry { definition: definition.clone(), listed_from, gone_at: None };
            added.insert(name.clone(), entry);
        }
        Ok(added)
    }

    /// The connector that would be removed, and what would be left of it for a while.
    ///
    /// # Errors
    /// [`Refusal::Unknown`], [`Refusal::Deleting`]
    pub(super) fn deletion(
        &self,
        scope: Scope<'_>,
        name: &str,
        lag: Lag,
        now: Timestamp,
    ) -> Result<(Entry, Option<Entry>), Refusal> {
        let named = || (name.to_owned(), scope.namespace.to_owned());
        let Some(entry) = self.entry(scope, name).filter(|entry| entry.exists(now)) else {
            let (name, namespace) = named();
            return Err(Refusal::Unknown { name, namespace });
        };
        if entry.gone_at.is_some() {
            let (name, namespace) = named();
            return Err(Refusal::Deleting { name, namespace });
        }
        let gone_at = Some(later(now, lag.deleting_for));
        let left = (!lag.deleting_for.is_zero()).then(|| Entry { gone_at, ..entry.clone() });
        Ok((entry.clone(), left))
    }

    /// Puts something under a name, or takes away what is there.
    pub(super) fn set(&mut self, scope: Scope<'_>, name: &str, entry: Option<Entry>) {
        let place = (scope.namespace.to_owned(), name.to_owned());
        let workspace = self.workspaces.entry(scope.workspace.to_owned()).or_default();
        let namespace = workspace.namespaces.entry(scope.namespace.to_owned()).or_default();
        if let Some(before) = namespace.remove(name) {
            let held = &before.definition.connector_type;
            if workspace.types.get(held) == Some(&place) {
                workspace.types.remove(held);
            }
            if let Some(gone_at) = before.gone_at {
                workspace.leaving.remove(&(gone_at, place.clone()));
            }
        }
        if let Some(entry) = entry {
            workspace.leaving.extend(entry.gone_at.map(|gone_at| (gone_at, place.clone())));
            workspace.types.insert(entry.definition.connector_type.clone(), place);
            namespace.insert(name.to_owned(), entry);
        }
    }

    /// Forgets what is gone by now.
    pub(super) fn forget_gone(&mut self, now: Timestamp) {
        let mut gone: Vec<(String, Place)> = Vec::new();
        for (name, workspace) in &self.workspaces {
            let until = workspace.leaving.iter().take_while(|(gone_at, _)| *gone_at <= now);
            gone.extend(until.map(|(_, place)| (name.clone(), place.clone())));
        }
        for (workspace, (namespace, name)) in gone {
            self.set(Scope { workspace: &workspace, namespace: &namespace }, &name, None);
        }
    }

    fn entry(&self, scope: Scope<'_>, name: &str) -> Option<&Entry> {
        self.workspaces.get(scope.workspace)?.namespaces.get(scope.namespace)?.get(name)
    }

    /// The namespace and name of the connector that has this type now.
    fn holder(&self, workspace: &str, connector_type: &str, now: Timestamp) -> Option<(&str, &str)> {
        let (namespace, name) = self.workspaces.get(workspace)?.types.get(connector_type)?;
        let entry = self.entry(Scope { workspace, namespace }, name)?;
        let holds = entry.definition.connector_type == connector_type && entry.exists(now);
        holds.then_some((namespace.as_str(), name.as_str()))
    }
}

impl Entry {
    fn exists(&self, now: Timestamp) -> bool {
        self.gone_at.is_none_or(|gone_at| now < gone_at)
    }
}

/// The two refusals of a new connector.
fn refusals<'d>(
    scope: Scope<'d>,
    new: &'d Definition,
) -> (impl Fn() -> Refusal + 'd, impl Fn(&str, &str) -> Refusal + 'd) {
    let name_taken =
        move || Refusal::NameTaken { name: new.name.clone(), namespace: scope.namespace.to_owned() };
    let type_taken = move |name: &str, namespace: &str| Refusal::TypeTaken {
        connector_type: new.connector_type.clone(),
        name: name.to_owned(),
        namespace: namespace.to_owned(),
    };
    (name_taken, type_taken)
}

fn later(now: Timestamp, lag: Duration) -> Timestamp {
    now.checked_add(lag).unwrap_or(Timestamp::MAX)
}

/// Moments as RFC 3339 text.
pub(super) mod moment {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(in crate::emulator) fn serialize<S: Serializer>(
        moment: &Timestamp,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_str(moment)
    }

    pub(in crate::emulator) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Timestamp, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }

    pub(in crate::emulator) mod optional {
        use super::{Deserialize, Deserializer, Error, Serializer, Timestamp};

        #[expect(clippy::ref_option, reason = "the signature that serde calls")]
        pub(in crate::emulator) fn serialize<S: Serializer>(
            moment: &Option<Timestamp>,
            to: S,
        ) -> Result<S::Ok, S::Error> {
            match moment {
                Some(moment) => to.collect_str(moment),
                None => to.serialize_none(),
            }
        }

        pub(in crate::emulator) fn deserialize<'de, D: Deserializer<'de>>(
            from: D,
        ) -> Result<Option<Timestamp>, D::Error> {
            let text = Option::<String>::deserialize(from)?;
            text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
        }
    }
}

#[cfg(test)]
mod tests;
