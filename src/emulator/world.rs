//! The rules of the service: which connectors there are, and what may be added or removed. Pure: time is an argument.

use std::collections::BTreeMap;
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

type Namespace = BTreeMap<String, Entry>;

/// Everything that is registered: workspace, namespace, connector name. Any workspace and namespace exists on first use.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct World {
    workspaces: BTreeMap<String, BTreeMap<String, Namespace>>,
}

impl World {
    /// What a list of the namespace shows now, by name.
    pub(super) fn list(&self, scope: Scope<'_>, now: Timestamp) -> impl Iterator<Item = &Definition> {
        self.namespace(scope)
            .flat_map(BTreeMap::values)
            .filter(move |entry| entry.exists(now) && entry.listed_from <= now)
            .map(|entry| &entry.definition)
    }

    /// Adds all of these connectors, or none.
    ///
    /// # Errors
    /// [`Refusal::NameTaken`], [`Refusal::TypeTaken`], [`Refusal::Deleting`]; nothing has changed then.
    pub(super) fn register(
        &mut self,
        scope: Scope<'_>,
        definitions: &[Definition],
        lag: Lag,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        for (index, definition) in definitions.iter().enumerate() {
            self.refuse_clash(scope, definition, now)?;
            let earlier = definitions.iter().take(index);
            refuse_same(scope.namespace, definition, earlier.map(|other| (scope.namespace, other)))?;
        }
        let namespaces = self.workspaces.entry(scope.workspace.to_owned()).or_default();
        let namespace = namespaces.entry(scope.namespace.to_owned()).or_default();
        namespace.retain(|_, entry| entry.exists(now));
        for definition in definitions {
            let entry = Entry {
                definition: definition.clone(),
                listed_from: later(now, lag.creating_for),
                gone_at: None,
            };
            namespace.insert(definition.name.clone(), entry);
        }
        Ok(())
    }

    /// Removes one connector, at once or after the lag, and returns it as it was.
    ///
    /// # Errors
    /// [`Refusal::Unknown`], [`Refusal::Deleting`]; nothing has changed then.
    pub(super) fn delete(
        &mut self,
        scope: Scope<'_>,
        name: &str,
        lag: Lag,
        now: Timestamp,
    ) -> Result<Entry, Refusal> {
        let named = || (name.to_owned(), scope.namespace.to_owned());
        let namespaces = self.workspaces.get_mut(scope.workspace);
        let namespace = namespaces.and_then(|namespaces| namespaces.get_mut(scope.namespace));
        let found = namespace.and_then(|namespace| Some((namespace.get(name)?.clone(), namespace)));
        match found {
            Some((entry, namespace)) if entry.exists(now) => {
                if entry.gone_at.is_some() {
                    let (name, namespace) = named();
                    return Err(Refusal::Deleting { name, namespace });
                }
                if lag.deleting_for.is_zero() {
                    namespace.remove(name);
                } else {
                    let gone_at = Some(later(now, lag.deleting_for));
                    namespace.insert(name.to_owned(), Entry { gone_at, ..entry.clone() });
                }
                Ok(entry)
            }
            _ => {
                let (name, namespace) = named();
                Err(Refusal::Unknown { name, namespace })
            }
        }
    }

    /// Takes back a register that could not be recorded.
    pub(super) fn unregister(&mut self, scope: Scope<'_>, definitions: &[Definition]) {
        let namespaces = self.workspaces.get_mut(scope.workspace);
        if let Some(namespace) = namespaces.and_then(|namespaces| namespaces.get_mut(scope.namespace)) {
            for definition in definitions {
                namespace.remove(&definition.name);
            }
        }
    }

    /// Takes back a delete that could not be recorded.
    pub(super) fn restore(&mut self, scope: Scope<'_>, entry: Entry) {
        let namespaces = self.workspaces.entry(scope.workspace.to_owned()).or_default();
        let namespace = namespaces.entry(scope.namespace.to_owned()).or_default();
        namespace.insert(entry.definition.name.clone(), entry);
    }

    fn namespace(&self, scope: Scope<'_>) -> impl Iterator<Item = &Namespace> {
        self.workspaces
            .get(scope.workspace)
            .and_then(|namespaces| namespaces.get(scope.namespace))
            .into_iter()
    }

    fn refuse_clash(&self, scope: Scope<'_>, new: &Definition, now: Timestamp) -> Result<(), Refusal> {
        let present = self.namespace(scope).find_map(|namespace| namespace.get(&new.name));
        if present.is_some_and(|entry| entry.exists(now) && entry.gone_at.is_some()) {
            let (name, namespace) = (new.name.clone(), scope.namespace.to_owned());
            return Err(Refusal::Deleting { name, namespace });
        }
        let namespaces = self.workspaces.get(scope.workspace).into_iter().flatten();
        let others = namespaces.flat_map(|(namespace, entries)| {
            let existing = entries.values().filter(|entry| entry.exists(now));
            existing.map(move |entry| (namespace.as_str(), &entry.definition))
        });
        refuse_same(scope.namespace, new, others)
    }
}

impl Entry {
    fn exists(&self, now: Timestamp) -> bool {
        self.gone_at.is_none_or(|gone_at| now < gone_at)
    }
}

/// Refuses a name that is taken in its namespace and a type that is taken in the workspace.
fn refuse_same<'d>(
    namespace: &str,
    new: &Definition,
    others: impl Iterator<Item = (&'d str, &'d Definition)>,
) -> Result<(), Refusal> {
    for (place, other) in others {
        if place == namespace && other.name == new.name {
            return Err(Refusal::NameTaken { name: new.name.clone(), namespace: namespace.to_owned() });
        }
        if other.connector_type == new.connector_type {
            return Err(Refusal::TypeTaken {
                connector_type: new.connector_type.clone(),
                name: other.name.clone(),
                namespace: place.to_owned(),
            });
        }
    }
    Ok(())
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
