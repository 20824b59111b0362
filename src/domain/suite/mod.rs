//! What a `SinkVerification` declares (design.md 3.3): plain values, checked, with every default filled in.
//!
//! Promises: a suite that exists can be run; nobody behind the reader asks again whether a field is there, in range or
//! together with another one. No I/O and no YAML.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::address::{Address, AddressError, ObjectName};
use super::desired::Origin;

pub mod expression;
pub mod fault;
pub mod fields;
pub mod flink;
pub mod form;
pub mod identifier;
pub mod mysql;
pub mod pipeline;
mod property;
pub mod quantity;
pub mod report;
pub mod scenario;
pub mod source;
pub mod table;
pub mod types;
pub mod verdict;

use flink::{Engine, FlinkSettings};
use mysql::{Mysql, MysqlSettings};
use report::{Logging, Thresholds};
use scenario::Scenario;

/// The kind as it stands in a manifest.
pub const KIND: &str = "SinkVerification";

/// `metadata.name` of a suite. It has no address among the objects: nothing live stands behind it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SuiteName(ObjectName);

impl SuiteName {
    /// Checks the text by the rule of object names.
    ///
    /// # Errors
    /// [`AddressError::Name`]
    pub fn new(text: impl Into<String>) -> Result<Self, AddressError> {
        ObjectName::new(text).map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl From<ObjectName> for SuiteName {
    fn from(name: ObjectName) -> Self {
        Self(name)
    }
}

/// `SinkVerification/name`
impl fmt::Display for SuiteName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{KIND}/{}", self.0)
    }
}

/// One declared suite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suite {
    /// Its name for people.
    pub name: SuiteName,
    /// `metadata.labels`
    pub labels: BTreeMap<String, String>,
    /// `metadata.annotations`
    pub annotations: BTreeMap<String, String>,
    /// Objects that must be there before it can be run.
    pub depends_on: BTreeSet<Address>,
    /// Where it is declared.
    pub origin: Origin,
    /// Who runs it.
    pub engine: Engine,
    /// The database.
    pub mysql: Mysql,
    /// What a run tells.
    pub logging: Logging,
    /// How good a run must be.
    pub thresholds: Thresholds,
    /// At least one; no name twice.
    pub scenarios: Vec<Scenario>,
}

/// All declared suites, by name.
pub type Suites = BTreeMap<SuiteName, Suite>;

/// What a profile says about every suite (`profiles.NAME.verification`; Property 22).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SuiteOverrides {
    /// About the database.
    pub mysql: MysqlSettings,
    /// About the cluster; a suite that does not run on one has nothing of it.
    pub flink: FlinkSettings,
}

impl Suite {
    /// As it runs in a profile: what the profile says wins over the suite's own blocks.
    #[must_use]
    pub fn overridden(self, by: &SuiteOverrides) -> Self {
        let engine = match self.engine {
            Engine::Native => Engine::Native,
            Engine::Flink { sink, flink } => Engine::Flink { sink, flink: flink.with(by.flink.clone()) },
        };
        Self { engine, mysql: self.mysql.with(by.mysql.clone()), ..self }
    }
}
