//! The desired side: what the manifests declare.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use super::address::{Address, Kind};
use super::field::Fields;
use super::kind::flink_connector::FlinkConnectorSpec;
use super::natural_key::NaturalKey;

/// What is declared, by kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spec {
    /// A custom Flink connector.
    FlinkConnector(FlinkConnectorSpec),
}

impl Spec {
    /// The kind.
    pub fn kind(&self) -> Kind {
        match self {
            Spec::FlinkConnector(_) => Kind::FlinkConnector,
        }
    }

    /// The identity that the API enforces.
    pub fn key(&self) -> NaturalKey {
        match self {
            Spec::FlinkConnector(spec) => spec.key(),
        }
    }

    /// The declared fields that are not part of the key.
    pub fn fields(&self) -> Fields {
        match self {
            Spec::FlinkConnector(spec) => spec.fields(),
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Timeouts {
    /// For creation.
    pub create: Option<Duration>,
    /// For an update.
    pub update: Option<Duration>,
    /// For deletion.
    pub delete: Option<Duration>,
}

/// `lifecycle`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
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
        self.ignore_fields.contains(&format!("/spec/{field}"))
    }
}

/// Where an object is declared. Lines and columns count from 1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
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
