//! The desired side: what the manifests declare.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::address::{Address, Kind};
use super::field::Fields;
use super::kind::flink_connector::FlinkConnectorSpec;
use super::kind::store::{Parameter, StoreSpec};
use super::natural_key::NaturalKey;
use super::secret::Sealed;

/// What is declared, by kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spec {
    /// A custom Flink connector.
    FlinkConnector(FlinkConnectorSpec),
    /// An external store.
    Store(StoreSpec),
}

impl Spec {
    /// The kind.
    pub fn kind(&self) -> Kind {
        match self {
            Spec::FlinkConnector(_) => Kind::FlinkConnector,
            Spec::Store(_) => Kind::Store,
        }
    }

    /// The identity that the API enforces.
    pub fn key(&self) -> NaturalKey {
        match self {
            Spec::FlinkConnector(spec) => spec.key(),
            Spec::Store(spec) => spec.key(),
        }
    }

    /// The declared fields that are not part of the key.
    pub fn fields(&self) -> Fields {
        match self {
            Spec::FlinkConnector(spec) => spec.fields(),
            Spec::Store(spec) => spec.fields(),
        }
    }
}

/// What happens to the live object when its manifest goes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OnRemove {
    /// It is deleted.
    #[default]
    Delete,
    /// It is forgotten and lives on.
    Retain,
}

impl OnRemove {
    /// The word in a manifest.
    pub fn as_str(self) -> &'static str {
        match self {
            OnRemove::Delete => "delete",
            OnRemove::Retain => "retain",
        }
    }
}

/// Per-resource limits of a wait; a missing one means the default of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Timeouts {
    /// For creation.
    pub create: Option<Duration>,
    /// For an update.
    pub update: Option<Duration>,
    /// For deletion.
    pub delete: Option<Duration>,
}

/// `lifecycle`.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Lifecycle {
    /// Never deleted, replaced or re-registered; outlives the manifest.
    pub protect: bool,
    /// Delete or retain.
    pub on_remove: OnRemove,
    /// Take over an object that exists and is not managed.
    pub adopt: bool,
    /// A protected connector may be re-registered: its delete half leaves a gap.
    pub allow_gap: bool,
    /// Fields that are not compared, by JSON pointer (`/spec/lookup`).
    pub ignore_fields: BTreeSet<String>,
    /// Limits of waits.
    pub timeouts: Timeouts,
}

impl Lifecycle {
    /// Whether changes of `spec.<field>` are not compared.
    pub fn ignores(&self, field: &str) -> bool {
        !self.ignore_fields.is_empty()
            && self.ignore_fields.contains(&format!("/spec/{}", field.replace('.', "/")))
    }
}

/// Where an object is declared. Lines and columns count from 1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Origin {
    /// The file, as the user named it.
    pub file: String,
    /// The line of the document's first key.
    pub line: u32,
    /// The column.
    pub column: u32,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// One declared object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// Its name for people.
    pub address: Address,
    /// What is declared.
    pub spec: Spec,
    /// How it may be changed.
    pub lifecycle: Lifecycle,
    /// Objects that must be there before this one, and outlive it.
    pub depends_on: BTreeSet<Address>,
    /// `metadata.labels`.
    pub labels: BTreeMap<String, String>,
    /// `metadata.annotations`.
    pub annotations: BTreeMap<String, String>,
    /// Where it is declared.
    pub origin: Origin,
}

/// All declared objects, by address. Addresses, natural keys and connector types per workspace are unique: the
/// loader has refused anything else.
pub type DesiredSet = BTreeMap<Address, Desired>;

/// What is declared in another way than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Touched {
    /// These objects, which were declared before and are now, under the same identity and with the same dependencies.
    Only(BTreeSet<Address>),
    /// Whatever it may be.
    Anything,
}

impl Touched {
    /// Nothing is.
    pub const NOTHING: Self = Self::Only(BTreeSet::new());

    /// What is declared in another way than before both.
    pub fn extend(&mut self, later: Self) {
        match (&mut *self, later) {
            (Touched::Only(these), Touched::Only(more)) => these.extend(more),
            _ => *self = Touched::Anything,
        }
    }
}

/// What manifests declare before the values behind it were fetched: it can be looked at, but not planned. Copies share it
/// until one of them changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unresolved(Arc<DesiredSet>);

impl Unresolved {
    /// As loaded.
    pub fn new(declared: DesiredSet) -> Self {
        Self(Arc::new(declared))
    }

    /// Declares an object, in place of what stood under its address.
    pub fn put(&mut self, desired: Desired) {
        Arc::make_mut(&mut self.0).insert(desired.address.clone(), desired);
    }

    /// Only these of what is declared.
    #[must_use]
    pub fn only(&self, addresses: &BTreeSet<Address>) -> Self {
        let found = addresses.iter().filter_map(|address| self.0.get_key_value(address));
        Self::new(found.map(|(address, desired)| (address.clone(), desired.clone())).collect())
    }

    /// What is declared. Of secrets and files only where they come from is known.
    pub fn declared(&self) -> &DesiredSet {
        &self.0
    }

    /// Fetches every sealed value with the given function.
    ///
    /// # Errors
    /// The errors of the function, all of them.
    pub fn resolve<E>(
        self,
        mut fetch: impl FnMut(&Address, &'static Parameter, Sealed) -> Result<Sealed, E>,
    ) -> Result<DesiredSet, Vec<E>> {
        let mut resolved = DesiredSet::new();
        let mut errors = Vec::new();
        for (address, desired) in Arc::unwrap_or_clone(self.0) {
            let Desired { spec, .. } = &desired;
            match spec {
                Spec::FlinkConnector(_) => {
                    resolved.insert(address, desired);
                }
                Spec::Store(store) => {
                    match store.clone().resolve(|parameter, sealed| fetch(&address, parameter, sealed)) {
                        Ok(store) => {
                            resolved.insert(address, Desired { spec: Spec::Store(store), ..desired });
                        }
                        Err(failed) => errors.extend(failed),
                    }
                }
            }
        }
        if errors.is_empty() { Ok(resolved) } else { Err(errors) }
    }
}
