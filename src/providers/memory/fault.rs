//! What goes wrong, and with which requests.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::domain::address::{Address, Kind};
use crate::domain::natural_key::NaturalKey;
use crate::domain::plan::{Request, Verb};
use crate::domain::selection::{Pattern, SelectionError};
use crate::ports::provider::ErrorClass;

/// What happens to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// It is refused, with this HTTP status or code of the service: nothing is changed.
    Refused(ErrorClass, String),
    /// It is not processed, and the answer does not say so.
    LostBefore(String),
    /// It is processed, and the answer is lost.
    Lost,
    /// It is processed, and what it brings ends in error.
    Errored,
    /// It is processed, and what it brings is never ready.
    Never,
}

/// One fault, written `Kind/name:WHAT[xN]`: the emulator's notation, with objects in place of operations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    objects: Pattern,
    /// What happens.
    pub effect: Effect,
    /// How often; `None` for ever.
    left: Option<u64>,
}

/// Why a text is not a fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// No colon.
    #[error("`{0}` is not a fault: write Kind/name:WHAT, for example FlinkConnector/orders:503x2")]
    NoColon(String),
    /// No pattern of addresses.
    #[error(transparent)]
    Objects(#[from] SelectionError),
    /// An effect that there is not.
    #[error(
        "`{0}` is not a fault of the model: write an HTTP status of 400 to 599, a six-digit code, drop, drop-before, errored \
         or never"
    )]
    Effect(String),
    /// A count that is none.
    #[error("`{0}` does not say how often: write x and a count above 0")]
    Count(String),
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let (objects, rest) = text.split_once(':').ok_or_else(|| FaultError::NoColon(text.to_owned()))?;
        let (effect, count) = match rest.split_once('x') {
            Some((effect, count)) => (effect, Some(count)),
            None => (rest, None),
        };
        let count = count.map(|count| {
            count.parse().ok().filter(|n: &u64| *n > 0).ok_or_else(|| FaultError::Count(count.to_owned()))
        });
        Ok(Self { objects: objects.parse()?, effect: effect.parse()?, left: count.transpose()? })
    }
}

impl FromStr for Effect {
    type Err = FaultError;

    /// What the clients make of the same words of the emulator.
    fn from_str(text: &str) -> Result<Self, FaultError> {
        let refused = |class| Effect::Refused(class, text.to_owned());
        let is_code = text.bytes().all(|byte| byte.is_ascii_digit());
        match (text, text.parse::<u16>()) {
            ("drop", _) => Ok(Effect::Lost),
            ("drop-before", _) => Ok(Effect::LostBefore(text.to_owned())),
            ("errored", _) => Ok(Effect::Errored),
            ("never", _) => Ok(Effect::Never),
            ("429", _) => Ok(refused(ErrorClass::Throttled { after: None })),
            ("401" | "403", _) => Ok(refused(ErrorClass::Auth)),
            ("409" | "990002", _) => Ok(refused(ErrorClass::Conflict)),
            (_, Ok(408 | 500..=599)) if text.len() == 3 => Ok(Effect::LostBefore(text.to_owned())),
            (_, Ok(400..=499)) if text.len() == 3 => Ok(refused(ErrorClass::Invalid)),
            _ if is_code && text.len() == 6 => Ok(refused(ErrorClass::Invalid)),
            _ => Err(FaultError::Effect(text.to_owned())),
        }
    }
}

impl Effect {
    /// Whether it can happen to this request: only what comes can fail to be ready, and only stores end in error.
    fn suits(&self, request: &Request) -> bool {
        match self {
            Effect::Refused(..) | Effect::LostBefore(_) | Effect::Lost => true,
            Effect::Never => request.verb != Verb::Delete,
            Effect::Errored => request.verb != Verb::Delete && request.key.kind() == Kind::Store,
        }
    }
}

impl Fault {
    /// Whether it is about this object.
    pub fn concerns(&self, address: &Address) -> bool {
        self.objects.matches(address)
    }
}

/// When the process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The intent is durable, and the request has not left.
    Before,
    /// The service has carried it out, and nobody hears the answer.
    After,
}

/// Everything that goes wrong.
#[derive(Debug, Default)]
pub(super) struct Script {
    pub(super) addresses: BTreeMap<NaturalKey, Address>,
    pub(super) faults: Vec<Fault>,
    pub(super) refused: Option<Request>,
    pub(super) dies: Option<(Request, Moment)>,
}

impl Script {
    /// Whether the process dies at this request.
    pub(super) fn dies_at(&mut self, request: &Request, moment: Moment) -> bool {
        self.dies.take_if(|(at, when)| at == request && *when == moment).is_some()
    }

    /// What happens to the request that has just come in.
    pub(super) fn strike(&mut self, request: &Request) -> Option<Effect> {
        if self.refused.take_if(|refused| refused == request).is_some() {
            return Some(Effect::Refused(ErrorClass::Invalid, "simulated".to_owned()));
        }
        let address = self.addresses.get(&request.key)?;
        let strikes = |fault: &&mut Fault| {
            fault.left != Some(0) && fault.concerns(address) && fault.effect.suits(request)
        };
        let fault = self.faults.iter_mut().find(strikes)?;
        fault.left = fault.left.map(|left| left.saturating_sub(1));
        Some(fault.effect.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_the_notation_is_read() {
        for (text, effect, left) in [
            ("Store/a:503x2", Effect::LostBefore("503".to_owned()), Some(2)),
            ("*/a:429", Effect::Refused(ErrorClass::Throttled { after: None }, "429".to_owned()), None),
            ("Store/*:403", Effect::Refused(ErrorClass::Auth, "403".to_owned()), None),
            ("Store/a:990301x1", Effect::Refused(ErrorClass::Invalid, "990301".to_owned()), Some(1)),
            ("Store/a:drop", Effect::Lost, None),
            ("Store/a:drop-beforex3", Effect::LostBefore("drop-before".to_owned()), Some(3)),
            ("Store/a:erroredx1", Effect::Errored, Some(1)),
            ("Store/a:never", Effect::Never, None),
        ] {
            let fault: Fault = text.parse().unwrap();
            assert_eq!((fault.effect, fault.left), (effect, left), "{text}");
        }
    }

    #[test]
    fn a_text_that_is_no_fault_is_refused_with_what_to_write() {
        for (text, part) in [
            ("503", "Kind/name:WHAT"),
            ("orders:503", "Kind/name"),
            ("Store/a:200", "400 to 599"),
            ("Store/a:", "400 to 599"),
            ("Store/a:57015", "400 to 599"),
            ("Store/a:503x0", "count above 0"),
            ("Store/a:503x", "count above 0"),
        ] {
            let error = text.parse::<Fault>().unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
