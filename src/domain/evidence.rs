//! Evidence: what a plan is decided on, beside the manifests. All of it was read, none of it was asked for.

use std::collections::BTreeSet;

use super::journal::Recovered;
use super::live::World;
use super::natural_key::Scope;

/// The recorded and the live side at one moment. The same evidence, declarations and options give the same plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// What the state folder held.
    pub recovered: Recovered,
    /// What the services showed.
    pub live: World,
    /// The scopes whose service takes definitions beside the JAR.
    pub sends_definition: BTreeSet<Scope>,
}
