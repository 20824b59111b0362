//! Steps: what is sent, one request at most each, and what comes before it.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::domain::address::Address;
use crate::domain::desired::Desired;
use crate::domain::live::Live;
use crate::domain::natural_key::{NaturalKey, Scope};
use crate::domain::recorded::Recorded;
use crate::domain::snapshot::StateChange;

/// Numbers the steps of one plan; an index into [`Plan::steps`](super::Plan::steps).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct StepId(pub usize);

/// One object of a registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// What is declared.
    pub desired: Desired,
    /// What was live before, if its JAR is known: the way back (design.md 3.1).
    pub previous: Option<Recorded>,
    /// What an earlier run may have registered under this key before it was cut off: it may still arrive, so this one
    /// is looked for once more before it is sent.
    pub unseen: Option<Recorded>,
}

/// What one step does. A step is at most one request that changes something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Delete one object and prove its absence.
    Delete {
        /// Which row; none for a stray.
        address: Option<Address>,
        /// What is deleted.
        key: NaturalKey,
        /// What is recorded once it is absent.
        when_absent: Vec<StateChange>,
        /// The role that owns it, where objects have one: it may delete it.
        owner: Option<String>,
        /// How long its absence may take to show, if a manifest says so.
        limit: Option<Duration>,
    },
    /// Register one JAR and prove the presence of every member.
    Register {
        /// Where.
        scope: Scope,
        /// The JAR.
        jar_url: String,
        /// What it must bring; at least one.
        members: Vec<Member>,
    },
    /// Create one object and prove that it is ready.
    Create {
        /// What is declared.
        desired: Box<Desired>,
        /// What is recorded when it is ready.
        when_ready: Box<Recorded>,
        /// What an earlier run may have created under this key before it was cut off.
        unseen: Option<Box<Recorded>>,
    },
    /// Change one object in place and prove that it is ready.
    Update {
        /// What is declared.
        desired: Box<Desired>,
        /// The fields that are sent; nothing is sent when there are none, only readiness is waited for.
        sends: BTreeSet<String>,
        /// What is recorded when it is ready.
        when_ready: Box<Recorded>,
        /// The object as it was when the plan was made.
        before: Box<Live>,
    },
    /// Change the recorded side; no request.
    Record {
        /// Which rows.
        addresses: Vec<Address>,
        /// What changes.
        changes: Vec<StateChange>,
    },
}

/// One step and what must have succeeded before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What it does.
    pub action: Action,
    /// The steps before it.
    pub after: BTreeSet<StepId>,
}

impl Step {
    /// The rows that this step serves.
    pub fn addresses(&self) -> Vec<&Address> {
        match &self.action {
            Action::Delete { address, .. } => address.iter().collect(),
            Action::Record { addresses, .. } => addresses.iter().collect(),
            Action::Create { desired, .. } | Action::Update { desired, .. } => vec![&desired.address],
            Action::Register { members, .. } => members.iter().map(|m| &m.desired.address).collect(),
        }
    }

    /// What it does, in three words.
    pub fn title(&self) -> String {
        match &self.action {
            Action::Delete { address: Some(address), .. } => format!("deleting {address}"),
            Action::Delete { address: None, key, .. } => format!("deleting the stray {key}"),
            Action::Register { members, .. } => {
                let names: Vec<String> = members.iter().map(|m| m.desired.address.to_string()).collect();
                format!("registering {}", names.join(", "))
            }
            Action::Create { desired, .. } => format!("creating {}", desired.address),
            Action::Update { desired, sends, .. } if sends.is_empty() => {
                format!("waiting for {}", desired.address)
            }
            Action::Update { desired, .. } => format!("updating {}", desired.address),
            Action::Record { .. } => "recording".to_owned(),
        }
    }

    /// Whether it sends a request that changes something.
    pub fn writes(&self) -> bool {
        match &self.action {
            Action::Delete { .. } | Action::Register { .. } | Action::Create { .. } => true,
            Action::Update { sends, .. } => !sends.is_empty(),
            Action::Record { .. } => false,
        }
    }

    /// The request that it sends first; `None` when it changes nothing outside.
    pub fn request(&self) -> Option<Request> {
        let (verb, key) = match &self.action {
            Action::Delete { key, .. } => (Verb::Delete, key.clone()),
            Action::Register { members, .. } => (Verb::Bring, members.first()?.desired.spec.key()),
            Action::Create { desired, .. } => (Verb::Bring, desired.spec.key()),
            Action::Update { desired, sends, .. } if !sends.is_empty() => (Verb::Update, desired.spec.key()),
            Action::Update { .. } | Action::Record { .. } => return None,
        };
        Some(Request { verb, key })
    }
}

/// What a request does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    /// It deletes.
    Delete,
    /// It registers or creates.
    Bring,
    /// It changes in place.
    Update,
}

/// A request that changes something, as a plan knows it: no plan has two of the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Request {
    /// What it does.
    pub verb: Verb,
    /// To what; of a JAR, to the first connector that it must bring.
    pub key: NaturalKey,
}
