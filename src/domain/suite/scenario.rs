//! One scenario of a suite: a source, a way, a table, and what must be true afterwards (design.md 3.3).

use std::collections::BTreeSet;
use std::fmt;

use super::fault::Fault;
use super::pipeline::{Rule, Transform, Write};
use super::source::Source;
use super::table::Table;
use crate::domain::address::ObjectName;

/// One of `scenarios`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scenario {
    /// Its name, unique in the suite.
    pub name: ObjectName,
    /// For people.
    pub description: Option<String>,
    /// What it is about.
    pub category: Category,
    /// Where rows come from.
    pub source: Source,
    /// Where they end.
    pub table: Table,
    /// What is made of them on the way.
    pub transform: Vec<Transform>,
    /// How they are written.
    pub write: Write,
    /// What goes wrong on purpose.
    pub faults: Vec<Fault>,
    /// What their fields must keep to.
    pub rules: Vec<Rule>,
    /// What must come of it.
    pub expect: Expect,
}

/// `category`: the six of the seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Category {
    /// Connecting, pooling, retrying.
    Connection,
    /// Types and exactness.
    DataTypes,
    /// Throughput, latency and resources.
    Performance,
    /// Errors and recovery.
    Resilience,
    /// The whole way; the default.
    #[default]
    Integration,
    /// What went wrong once.
    Regression,
}

impl Category {
    /// Every category, in the order in which messages list them.
    pub const ALL: &[Self] = &[
        Self::Connection,
        Self::DataTypes,
        Self::Performance,
        Self::Resilience,
        Self::Integration,
        Self::Regression,
    ];

    /// The word in a manifest.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::DataTypes => "dataTypes",
            Self::Performance => "performance",
            Self::Resilience => "resilience",
            Self::Integration => "integration",
            Self::Regression => "regression",
        }
    }
}

/// `expect`
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expect {
    /// Rows in the table afterwards that this run wrote; not looked at when it is not declared.
    pub written: Option<u64>,
    /// Rows that were refused; not looked at when it is not declared.
    pub refused: Option<u64>,
    /// The properties that must hold; empty: those of the category.
    pub properties: BTreeSet<Property>,
}

/// The number of a property of the seed's design, 1 to 35.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Property(u8);

impl Property {
    /// The last one.
    pub const LAST: u8 = 35;

    /// The property of this number, if there is one.
    pub fn new(number: u8) -> Option<Self> {
        (1..=Self::LAST).contains(&number).then_some(Self(number))
    }

    /// Its number.
    pub fn number(self) -> u8 {
        self.0
    }
}

impl Scenario {
    /// The properties that must hold: those that are named, else those of the category.
    pub fn properties(&self) -> BTreeSet<Property> {
        let named = &self.expect.properties;
        if named.is_empty() { self.category.properties() } else { named.clone() }
    }
}

impl fmt::Display for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
