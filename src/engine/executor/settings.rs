//! How a run behaves, and how it is asked to stop.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::domain::natural_key::NaturalKey;
use crate::engine::retry::RetryPolicy;

/// How a run behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How many requests may be under way at once.
    pub parallelism: usize,
    /// The pause between two looks at the same scope.
    pub poll_interval: Duration,
    /// How long a wait may take when the resource does not say.
    pub timeout: Duration,
    /// What may be repeated.
    pub retry: RetryPolicy,
    /// Every key that a manifest declares: what a JAR brings beside them is a stray.
    pub declared: BTreeSet<NaturalKey>,
}

/// What the user wants of a run that is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    /// Go on.
    No,
    /// Start nothing new; what is in flight is finished and saved.
    Finish,
}
