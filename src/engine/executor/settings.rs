//! How a run behaves, and how it is asked to stop.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::domain::natural_key::{NaturalKey, Scope};
use crate::engine::retry::RetryPolicy;

/// How a run behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How many requests may be under way at once.
    pub parallelism: usize,
    /// How connectors are waited for.
    pub connectors: Patience,
    /// How stores are waited for (D-012).
    pub stores: Patience,
    /// What may be repeated.
    pub retry: RetryPolicy,
    /// Whether nothing new is started after the first row that failed.
    pub fail_fast: bool,
    /// Every key that a manifest declares: what a JAR brings beside them is a stray.
    pub declared: BTreeSet<NaturalKey>,
}

/// How something is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// The pause between two looks at the same scope.
    pub interval: Duration,
    /// How long a wait may take when the resource does not say.
    pub limit: Duration,
}

impl Patience {
    /// What D-012 fixes for every operation on every store: 10 minutes, a look every 5 seconds.
    pub const STORES: Patience =
        Patience { interval: Duration::from_secs(5), limit: Duration::from_mins(10) };
}

impl Settings {
    /// How things in this scope are waited for.
    pub fn pace(&self, scope: &Scope) -> Patience {
        match scope {
            Scope::FlinkNamespace { .. } => self.connectors,
            Scope::Stores => self.stores,
        }
    }
}

/// What the user wants of a run that is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    /// Go on.
    No,
    /// Start nothing new; what is in flight is finished and saved.
    Finish,
    /// The same, and what was sent is no longer waited for to become ready: newer manifests want something else.
    Supersede,
}
