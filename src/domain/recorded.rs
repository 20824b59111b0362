//! The recorded side: what the state remembers of an object.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::address::{Address, Kind};
use super::desired::{Desired, OnRemove, Spec};
use super::field::{Carried, FieldValue, Fields, Readable};
use super::kind::flink_connector::FlinkConnectorSpec;
use super::kind::{flink_connector, store};
use super::live::{Census, Live, Observer};
use super::natural_key::NaturalKey;
use super::rules::rules;

/// What we know of a recorded field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Knowledge {
    /// We applied this value.
    Applied(FieldValue),
    /// Taken from the manifest after an import; no read can confirm it.
    Assumed(FieldValue),
    /// The object was imported and no read shows this field.
    Unknown,
}

impl Knowledge {
    /// The value, if there is one.
    pub fn value(&self) -> Option<&FieldValue> {
        match self {
            Knowledge::Applied(value) | Knowledge::Assumed(value) => Some(value),
            Knowledge::Unknown => None,
        }
    }
}

/// How the object stood when we last touched it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Condition {
    /// As declared.
    Ready,
    /// The request was accepted, but the object was not seen before the wait ended.
    Unconfirmed {
        /// What the wait said.
        message: String,
    },
    /// It is there and was not ready when we last looked: it is waited for, or repaired.
    Degraded {
        /// What the service said, or the wait.
        message: String,
    },
    /// Live contradicts what was just applied: applying it again would end the same way.
    #[serde(rename_all = "camelCase")]
    Contradicted {
        /// The first field that contradicts.
        field: String,
        /// What the manifest declared.
        desired: Fields,
        /// What live showed.
        live: Fields,
    },
    /// We deleted it on the way to a new registration, which is not proven yet.
    Lost {
        /// What the service said; empty while the way on is still open.
        message: String,
    },
}

impl Condition {
    /// Whether a registration may be on its way that no listing has shown yet.
    pub fn may_arrive(&self) -> bool {
        matches!(self, Condition::Unconfirmed { .. })
    }
}

/// The field that says what kind of thing an object is: another type under the same name is another object.
fn type_field(kind: Kind) -> &'static str {
    match kind {
        Kind::FlinkConnector => flink_connector::name::CONNECTOR_TYPE,
        Kind::Store => store::name::TYPE,
    }
}

/// One recorded object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Recorded {
    /// Its name for people.
    pub address: Address,
    /// Its identity.
    pub key: NaturalKey,
    /// The last applied value of each declared field.
    pub fields: BTreeMap<String, Knowledge>,
    /// Copied from the manifest on apply; only an applied `protect: false` clears it.
    pub protect: bool,
    /// Copied from the manifest on apply.
    pub on_remove: OnRemove,
    /// Copied from the manifest on apply: the order in which objects are deleted follows from it.
    pub depends_on: Vec<Address>,
    /// How it stood.
    pub condition: Condition,
    /// Who saw it last, or was about to create it, where that matters: what another one does not see is not absent
    /// (design.md 3.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observer: Option<Observer>,
    /// Copied from the manifest on apply: an object whose manifest is gone is selected by them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
}

impl Recorded {
    /// The record of an object that was just applied and seen.
    pub fn applied(desired: &Desired) -> Self {
        Self {
            address: desired.address.clone(),
            key: desired.spec.key(),
            fields: desired.spec.fields().into_iter().map(|(n, v)| (n, Knowledge::Applied(v))).collect(),
            protect: desired.lifecycle.protect,
            on_remove: desired.lifecycle.on_remove,
            depends_on: desired.depends_on.iter().cloned().collect(),
            condition: Condition::Ready,
            observer: None,
            labels: desired.labels.clone(),
        }
    }

    /// The known fields, as a manifest would declare them.
    pub fn known_fields(&self) -> Fields {
        self.fields
            .iter()
            .filter_map(|(name, knowledge)| Some((name.clone(), knowledge.value()?.clone())))
            .collect()
    }

    /// The spec that would bring this object back, if all that it needs is known; of a store the secrets never are.
    pub fn spec(&self) -> Option<Spec> {
        match &self.key {
            NaturalKey::FlinkConnector { .. } => {
                FlinkConnectorSpec::from_fields(&self.key, &self.known_fields()).map(Spec::FlinkConnector)
            }
            NaturalKey::Store { .. } => None,
        }
    }

    /// What is known of an object that is either this or the other one: no listing tells which JAR is behind it, so what
    /// they disagree on is not known, and is registered again.
    #[must_use]
    pub fn or(mut self, other: &Recorded) -> Self {
        self.fields.retain(|field, value| other.fields.get(field) == Some(value));
        self
    }

    /// What is known of an object that was lost and is there: it was registered again, and no listing tells from which
    /// JAR.
    #[must_use]
    pub fn found_again(mut self) -> Self {
        if matches!(self.condition, Condition::Lost { .. }) {
            let hidden = rules(self.address.kind)
                .iter()
                .filter(|rule| matches!(rule.readable, Readable::No | Readable::Deep));
            for rule in hidden.filter(|rule| rule.carried == Carried::Remotely) {
                self.fields.remove(rule.name);
            }
        }
        self.condition = Condition::Ready;
        self
    }

    /// What the listing shows of the object, if it says anything of it.
    pub fn shown_by<'c>(&self, census: &'c Census) -> Option<&'c Live> {
        census.get(&self.key).filter(|_| !self.is_out_of_sight(census))
    }

    /// Whether a listing shows the object with the type that was registered, if that is known. Another type under the
    /// same name is not ours.
    pub fn is_shown_by(&self, census: &Census) -> bool {
        let field = type_field(self.key.kind());
        let registered = self.value(field);
        self.shown_by(census).is_some_and(|live| registered.is_none() || live.fields.get(field) == registered)
    }

    /// Whether the listing says nothing of the object: it was made in another organization, where the name belongs to
    /// another object; or for another role than the one that saw it last, and does not show it.
    pub fn is_out_of_sight(&self, census: &Census) -> bool {
        match (&self.observer, census.observer()) {
            (Some(then), Some(now)) => {
                then.organization != now.organization || (then != now && census.get(&self.key).is_none())
            }
            _ => false,
        }
    }

    /// The last applied or assumed value of a field.
    pub fn value(&self, field: &str) -> Option<&FieldValue> {
        self.fields.get(field).and_then(Knowledge::value)
    }
}
