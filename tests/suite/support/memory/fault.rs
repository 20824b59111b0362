//! Which request goes wrong, and how.

use std::collections::BTreeMap;
use std::time::Duration;

use reconcile::domain::address::Kind;
use reconcile::domain::natural_key::NaturalKey;
use reconcile::ports::provider::{ErrorClass, ProviderError};

use crate::support::chance::Chance;

/// What is asked of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Operation {
    List,
    Register,
    Create,
    Update,
    Delete,
}

/// Whether a request whose answer is lost was carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Processed {
    Yes,
    No,
    /// So much later than it was asked.
    Late(Duration),
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The service does not want this request, and says so.
    Refuse(&'static str),
    /// The same, and a store is left behind all the same, in error.
    Keep(&'static str),
    /// The service takes it, and the store ends in error.
    Err(&'static str),
    /// Definite: nothing was sent.
    Unavailable,
    /// The answer is lost.
    Ambiguous(Processed),
    Throttled,
    Auth,
    /// No answer, ever; whether the request is carried out is another matter.
    Silence(Processed),
    /// A listing that lacks an object: another replica answered.
    Hide(NaturalKey),
}

impl Fault {
    /// The error that the caller sees, if the fault shows as one.
    pub(super) fn error(&self, asked: &'static str) -> Option<ProviderError> {
        let (class, message) = match self {
            Fault::Refuse(words) => (ErrorClass::Invalid, *words),
            Fault::Unavailable => (ErrorClass::Unavailable, "connection refused"),
            Fault::Ambiguous(_) => (ErrorClass::Ambiguous, "503 without a body"),
            Fault::Throttled => (ErrorClass::Throttled { after: None }, "too many requests"),
            Fault::Auth => (ErrorClass::Auth, "the access key is not known"),
            Fault::Silence(_) | Fault::Hide(_) | Fault::Keep(_) | Fault::Err(_) => return None,
        };
        Some(error(asked, class, message.to_owned()))
    }

    pub(super) fn processed(&self) -> Option<Processed> {
        match self {
            Fault::Ambiguous(processed) | Fault::Silence(processed) => Some(*processed),
            _ => None,
        }
    }
}

impl Operation {
    /// The operation in the words of the service that has objects of this kind.
    pub(super) fn name(self, kind: Kind) -> &'static str {
        match (self, kind) {
            (Operation::List, Kind::FlinkConnector) => "ListCustomConnectors",
            (Operation::List, Kind::Store) => "SELECT stores",
            (Operation::Register, _) => "RegisterCustomConnector",
            (Operation::Create, _) => "CREATE STORE",
            (Operation::Update, _) => "UPDATE STORE",
            (Operation::Delete, Kind::FlinkConnector) => "DeleteCustomConnector",
            (Operation::Delete, Kind::Store) => "DROP STORE",
        }
    }

    /// Whether a fault of this kind can come to pass here.
    fn knows(self, fault: &Fault) -> bool {
        match fault {
            Fault::Keep(_) => self == Operation::Create,
            Fault::Err(_) => matches!(self, Operation::Create | Operation::Update),
            _ => true,
        }
    }
}

pub(super) fn error(operation: &'static str, class: ErrorClass, message: String) -> ProviderError {
    ProviderError { class, operation, code: None, message, request_id: Some("req-1".into()), hint: None }
}

/// The script of one service: single faults, and faults at a rate.
#[derive(Debug, Default)]
pub(super) struct Script {
    asked: BTreeMap<Operation, usize>,
    planned: BTreeMap<(Operation, usize), Fault>,
    /// What goes wrong with the next write that is about an object.
    aimed: BTreeMap<NaturalKey, Fault>,
    shaken: Option<Shaken>,
}

/// Faults at a rate, drawn from a seed.
#[derive(Debug, Clone)]
struct Shaken {
    chance: Chance,
    per_mille: u64,
    faults: Vec<Fault>,
}

impl Script {
    /// The n-th request of this kind from now, counted from 1, goes wrong.
    pub(super) fn plan(&mut self, operation: Operation, nth: usize, fault: Fault) {
        let asked = self.asked.get(&operation).copied().unwrap_or_default();
        self.planned.insert((operation, asked + nth), fault);
    }

    /// The next write that is about this object goes wrong.
    pub(super) fn aim(&mut self, key: NaturalKey, fault: Fault) {
        self.aimed.insert(key, fault);
    }

    /// What goes wrong with the write that has just come in.
    pub(super) fn next_write(&mut self, operation: Operation, key: Option<&NaturalKey>) -> Option<Fault> {
        let aimed = key.filter(|key| self.aimed.get(*key).is_some_and(|fault| operation.knows(fault)));
        let aimed = aimed.and_then(|key| self.aimed.remove(key));
        aimed.or_else(|| self.next(operation))
    }

    /// So many of a thousand writes go wrong, each in one of these ways.
    pub(super) fn shake(&mut self, seed: u64, per_mille: u64, faults: &[Fault]) {
        self.shaken = Some(Shaken { chance: Chance::new(seed), per_mille, faults: faults.to_vec() });
    }

    /// Nothing goes wrong any more.
    pub(super) fn calm(&mut self) {
        self.planned.clear();
        self.shaken = None;
    }

    /// What goes wrong with the request that has just come in.
    pub(super) fn next(&mut self, operation: Operation) -> Option<Fault> {
        let asked = self.asked.entry(operation).or_default();
        *asked += 1;
        self.planned
            .remove(&(operation, *asked))
            .or_else(|| {
                let shaken = self.shaken.as_mut().filter(|_| operation != Operation::List)?;
                (shaken.chance.draw() % 1000 < shaken.per_mille).then(|| {
                    let which = shaken.chance.below(shaken.faults.len());
                    shaken.faults[which].clone()
                })
            })
            .filter(|fault| operation.knows(fault))
    }
}
