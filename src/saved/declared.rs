//! A declared object as it is written: its fields, and of what is sealed where it comes from and a fingerprint.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::domain::address::Address;
use crate::domain::desired::{Desired, Lifecycle, Origin, Spec};
use crate::domain::field::{FieldValue, Fields};
use crate::domain::kind::flink_connector::FlinkConnectorSpec;
use crate::domain::kind::store::{StoreParts, StoreSpec, Subtype, Value, name};
use crate::domain::natural_key::{NaturalKey, RoleName, StoreName};
use crate::domain::secret::{Sealed, Source};

/// One object.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct WrittenObject {
    address: Address,
    key: NaturalKey,
    fields: Fields,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    sealed: BTreeMap<String, Reference>,
    lifecycle: Lifecycle,
    depends_on: BTreeSet<Address>,
    labels: BTreeMap<String, String>,
    annotations: BTreeMap<String, String>,
    origin: Origin,
}

/// Where a sealed value comes from, and where that is declared.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Reference {
    from: Place,
    at: Origin,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
enum Place {
    /// A literal: its text stays in the manifest.
    Literal,
    Env(String),
    File(PathBuf),
    Command {
        argv: Vec<String>,
        folder: PathBuf,
    },
}

/// The fields of an object are none that it can have.
#[derive(Debug, thiserror::Error)]
#[error("{address} is declared in a way that no manifest could")]
pub(super) struct DeclaredError {
    address: Address,
}

impl WrittenObject {
    pub(super) fn of(desired: &Desired) -> Self {
        let Desired { address, spec, lifecycle, depends_on, labels, annotations, origin } = desired.clone();
        let sealed = match &spec {
            Spec::FlinkConnector(_) => BTreeMap::new(),
            Spec::Store(store) => store
                .sealed()
                .map(|(parameter, sealed)| (parameter.rule.name.to_owned(), Reference::of(sealed)))
                .collect(),
        };
        Self {
            address,
            key: spec.key(),
            fields: spec.fields(),
            sealed,
            lifecycle,
            depends_on,
            labels,
            annotations,
            origin,
        }
    }

    pub(super) fn read(self) -> Result<Desired, DeclaredError> {
        let Self { address, key, fields, sealed, lifecycle, depends_on, labels, annotations, origin } = self;
        let spec = match &key {
            NaturalKey::FlinkConnector { .. } => {
                FlinkConnectorSpec::from_fields(&key, &fields).map(Spec::FlinkConnector)
            }
            NaturalKey::Store { name } => store(name.clone(), &fields, sealed).map(Spec::Store),
        };
        match spec {
            // What was read must be all that was written.
            Some(spec) if spec.fields() == fields && spec.kind() == address.kind => {
                Ok(Desired { address, spec, lifecycle, depends_on, labels, annotations, origin })
            }
            _ => Err(DeclaredError { address }),
        }
    }
}

impl Reference {
    fn of(sealed: &Sealed) -> Self {
        let from = match sealed.source().clone() {
            Source::Literal(_) | Source::LeftBehind => Place::Literal,
            Source::Env(name) => Place::Env(name),
            Source::File(path) => Place::File(path),
            Source::Command { argv, folder } => Place::Command { argv, folder },
        };
        Self { from, at: sealed.at().clone() }
    }

    fn read(self) -> Sealed {
        let source = match self.from {
            Place::Literal => Source::LeftBehind,
            Place::Env(name) => Source::Env(name),
            Place::File(path) => Source::File(path),
            Place::Command { argv, folder } => Source::Command { argv, folder },
        };
        Sealed::declared(source, self.at)
    }
}

/// The store with these fields; `None` when they are not those of a store.
fn store(
    store: StoreName,
    fields: &Fields,
    mut references: BTreeMap<String, Reference>,
) -> Option<StoreSpec> {
    let text = |field: &str| match fields.get(field) {
        Some(FieldValue::Text(text)) => Some(text.clone()),
        _ => None,
    };
    let word = text(name::TYPE)?;
    let subtype = Subtype::ALL.iter().copied().find(|subtype| subtype.as_str() == word)?;
    let mut values = BTreeMap::new();
    for parameter in subtype.parameters() {
        let field = parameter.rule.name;
        let reference = references.remove(field);
        let value = match (fields.get(field).cloned(), reference) {
            (None, None) => continue,
            (Some(FieldValue::Flag(flag)), None) => Value::Flag(flag),
            (Some(FieldValue::Text(text)), None) => Value::Text(text),
            (Some(FieldValue::Set(items)), None) => Value::Set(items),
            (Some(FieldValue::Sealed(print)), Some(reference)) => {
                Value::Sealed(reference.read().remembered(print))
            }
            _ => return None,
        };
        values.insert(field, value);
    }
    let owner = text(name::OWNER).map(RoleName::new).transpose().ok()?;
    let parts = StoreParts { name: store, owner, description: text(name::DESCRIPTION), subtype, values };
    StoreSpec::new(parts).ok().filter(|_| references.is_empty())
}
