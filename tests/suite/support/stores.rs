//! Builders of stores: `store("orders").password("x")` beside `desired("a")`, with its secrets resolved.

use std::collections::{BTreeMap, BTreeSet};

use reconcile::domain::address::Kind;
use reconcile::domain::desired::{Desired, Origin, Spec};
use reconcile::domain::field::{FieldRule, FieldValue, Fields, Readable};
use reconcile::domain::kind::store::{StoreParts, StoreSpec, Subtype, Value, name};
use reconcile::domain::live::{Live, Observer, Readiness};
use reconcile::domain::natural_key::{RoleName, StoreName};
use reconcile::domain::recorded::{Condition, Knowledge, Recorded};
use reconcile::domain::rules::rules;
use reconcile::domain::secret::{Fingerprint, Sealed, Source};
use reconcile::manifest::fingerprint::{Fingerprinter, digest};
use secrecy::SecretString;

use super::builders::{Declared, declared_at, texts};

/// The role in which tests act when they say nothing else.
pub(crate) const ROLE: &str = "loader";

/// For whom listings are made when a test says nothing else.
pub(crate) fn observer() -> Observer {
    seen_as(ROLE)
}

/// Another role of the same organization.
pub(crate) fn seen_as(role: &str) -> Observer {
    Observer { organization: "acme".into(), role: role.to_owned() }
}

/// Kafka store `name` with PLAIN, `Store/name`.
pub(crate) fn store(name: &str) -> Declared {
    let values = BTreeMap::from([
        ("kafka.uris", Value::Set(texts(&["broker:9092"]))),
        ("kafka.sasl.hashFunction", Value::Text("PLAIN".into())),
        ("kafka.sasl.username", secret("user")),
        ("kafka.sasl.password", secret("password")),
    ]);
    let parts = StoreParts {
        name: StoreName::new(name).unwrap(),
        owner: None,
        description: None,
        subtype: Subtype::Kafka,
        values,
    };
    declared_at(&format!("Store/{name}"), Spec::Store(StoreSpec::new(parts).unwrap()))
}

/// A secret that a manifest declares and somebody has fetched.
pub(crate) fn secret(text: &str) -> Value {
    let content = SecretString::from(text);
    let at = Origin { file: "m.yaml".into(), line: 1, column: 1 };
    let sealed = Sealed::declared(Source::Env("SECRET".into()), at);
    Value::Sealed(sealed.resolved(content, print(text)))
}

/// A public file of which the content counts.
pub(crate) fn file(text: &str) -> Value {
    let content = SecretString::from(text);
    let at = Origin { file: "m.yaml".into(), line: 1, column: 1 };
    let print = digest(&content);
    Value::Sealed(Sealed::declared(Source::File("ca.pem".into()), at).resolved(content, print))
}

/// The fingerprint of a secret.
pub(crate) fn print(text: &str) -> Fingerprint {
    Fingerprinter::new([7; 32]).secret(&SecretString::from(text))
}

/// The parts of a declaration, to make another one of.
pub(crate) fn parts(spec: &StoreSpec) -> StoreParts {
    let description = match spec.fields().remove(name::DESCRIPTION) {
        Some(FieldValue::Text(text)) => Some(text),
        _ => None,
    };
    StoreParts {
        name: spec.name().clone(),
        owner: spec.owner().cloned(),
        description,
        subtype: spec.subtype(),
        values: spec.parameters().map(|(parameter, value)| (parameter.rule.name, value.clone())).collect(),
    }
}

/// What a listing shows of a store that this role made from this declaration.
pub(crate) fn shown_store(spec: &StoreSpec, role: &str) -> Live {
    let owner = spec.owner().map_or(role, RoleName::as_str);
    let fields = Fields::from([
        (name::TYPE.to_owned(), FieldValue::Text(spec.subtype().as_str().into())),
        (name::OWNER.to_owned(), FieldValue::Text(owner.to_owned())),
    ]);
    Live { key: spec.key(), fields, readiness: Readiness::Ready, attributes: BTreeMap::new() }
}

/// Still on its way.
pub(crate) fn pending(message: &str) -> Readiness {
    Readiness::Pending { state: "provisioning".into(), message: Some(message.to_owned()) }
}

/// In error.
pub(crate) fn errored(message: &str) -> Readiness {
    Readiness::Errored { message: Some(message.to_owned()) }
}

impl Declared {
    /// The declared store.
    pub(crate) fn store_spec(&self) -> StoreSpec {
        match &self.0.spec {
            Spec::Store(spec) => spec.clone(),
            Spec::FlinkConnector(_) => unreachable!("this one declares a connector"),
        }
    }

    pub(super) fn store_parts(mut self, change: impl FnOnce(&mut StoreParts)) -> Self {
        let mut parts = parts(&self.store_spec());
        change(&mut parts);
        self.0 = Desired { spec: Spec::Store(StoreSpec::new(parts).unwrap()), ..self.0 };
        self
    }

    pub(crate) fn password(self, text: &str) -> Self {
        self.store_parts(|parts| {
            parts.values.insert("kafka.sasl.password", secret(text));
        })
    }

    pub(crate) fn uris(self, uris: &[&str]) -> Self {
        self.store_parts(|parts| {
            parts.values.insert("kafka.uris", Value::Set(texts(uris)));
        })
    }

    pub(crate) fn ca(self, pem: &str) -> Self {
        self.store_parts(|parts| {
            parts.values.insert("kafka.tls.caCertFile", file(pem));
        })
    }

    /// Created by this role, and owned by it.
    pub(crate) fn owner(self, role: &str) -> Self {
        self.store_parts(|parts| parts.owner = Some(RoleName::new(role).unwrap()))
    }

    /// Without a login.
    pub(crate) fn without_login(self) -> Self {
        self.store_parts(|parts| {
            parts.values.retain(|field, _| !field.starts_with("kafka.sasl."));
            parts.values.insert("kafka.sasl.hashFunction", Value::Text("NONE".into()));
        })
    }

    /// The same name as a `PostgreSQL` store.
    pub(crate) fn postgres(self) -> Self {
        self.store_parts(|parts| {
            parts.subtype = Subtype::Postgres;
            parts.values = BTreeMap::from([
                ("postgres.uris", Value::Text("postgresql://db:5432/orders".into())),
                ("postgres.username", secret("user")),
                ("postgres.password", secret("password")),
            ]);
        })
    }

    /// The record of an import: what a listing shows is known, everything else is not.
    pub(crate) fn imported(&self) -> Recorded {
        let live = self.live();
        let known = |rule: &FieldRule| match live.fields.get(rule.name) {
            Some(shown) => Knowledge::Applied(shown.clone()),
            None => Knowledge::Unknown,
        };
        let rules = rules(Kind::Store).iter().filter(|rule| rule.readable != Readable::Key);
        Recorded {
            fields: rules.map(|rule| (rule.name.to_owned(), known(rule))).collect(),
            ..self.recorded()
        }
    }

    /// The record of an apply that somebody else made.
    pub(crate) fn recorded_by(&self, observer: Observer) -> Recorded {
        Recorded { observer: Some(observer), ..self.recorded() }
    }

    /// The record of an apply that left it in this state.
    pub(crate) fn degraded(&self, message: &str) -> Recorded {
        Recorded { condition: Condition::Degraded { message: message.to_owned() }, ..self.recorded() }
    }

    /// What a listing shows in this state.
    pub(crate) fn live_as(&self, readiness: Readiness) -> Live {
        Live { readiness, ..self.live() }
    }
}

/// The parameters that the service judges as one.
pub(crate) fn group(spec: &StoreSpec) -> BTreeSet<String> {
    spec.update(&BTreeSet::new()).map(|(parameter, _)| parameter.rule.name.to_owned()).collect()
}
