//! The objects of the model, and what a request does to them.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::desired::Spec;
use crate::domain::field::{FieldValue, Fields, Readable};
use crate::domain::kind::flink_connector::{FlinkConnectorSpec, name};
use crate::domain::kind::store::{self, StoreSpec};
use crate::domain::live::{Census, Live, Observer, Readiness, World};
use crate::domain::natural_key::{NaturalKey, Scope};
use crate::domain::rules::rules;
use crate::ports::provider::{Accepted, ErrorClass};

/// What a request brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Usual,
    Errored,
    Never,
}

/// Why a request is refused.
pub(super) type Refusal = (ErrorClass, String);

#[derive(Debug, Clone)]
struct Object {
    live: Live,
    /// Whether listings show it.
    shown: bool,
}

/// One scope and for whom it is listed.
#[derive(Debug, Default)]
struct Place {
    observer: Option<Observer>,
    objects: BTreeMap<NaturalKey, Object>,
}

/// All of them.
#[derive(Debug)]
pub(super) struct Places(BTreeMap<Scope, Place>);

impl Places {
    /// What was listed.
    pub(super) fn of(world: &World) -> Self {
        let place = |census: &Census| Place {
            observer: census.observer().cloned(),
            objects: census
                .objects()
                .map(|live| (live.key.clone(), Object { live: live.clone(), shown: true }))
                .collect(),
        };
        Self(world.iter().map(|(scope, census)| (scope.clone(), place(census))).collect())
    }

    /// What a listing shows; `None` for a scope that nothing is known of.
    pub(super) fn list(&self, scope: &Scope) -> Option<Census> {
        let place = self.0.get(scope)?;
        let shown = place.objects.values().filter(|object| object.shown);
        let census =
            Census::complete(scope.clone(), shown.map(|object| object.live.clone()).collect()).ok()?;
        Some(match &place.observer {
            Some(observer) => census.seen_by(observer.clone()),
            None => census,
        })
    }

    /// What all listings show.
    pub(super) fn world(&self) -> World {
        self.0.keys().filter_map(|scope| Some((scope.clone(), self.list(scope)?))).collect()
    }

    /// A JAR with these connectors in it.
    pub(super) fn register(
        &mut self,
        members: &[FlinkConnectorSpec],
        fate: Fate,
    ) -> Result<Accepted, Refusal> {
        for member in members {
            let key = member.key();
            if self.object(&key).is_some() {
                return Err((ErrorClass::Conflict, format!("connector {} exists", key.name())));
            }
            let taken = FieldValue::Text(member.connector_type.clone());
            let mut others =
                self.0.values().flat_map(|place| place.objects.values()).map(|other| &other.live);
            if others.any(|other| {
                other.key.workspace() == key.workspace()
                    && other.fields.get(name::CONNECTOR_TYPE) == Some(&taken)
            }) {
                return Err((ErrorClass::Conflict, format!("the type {} is taken", member.connector_type)));
            }
        }
        let mut created = Vec::new();
        for member in members {
            let spec = Spec::FlinkConnector(member.clone());
            let live = Live { fields: shown(&spec), ..blank(member.key()) };
            let shown = fate != Fate::Never;
            self.put(Object { live: live.clone(), shown });
            created.push(live);
        }
        Ok(Accepted { request_id: String::new(), created, tables: Vec::new() })
    }

    pub(super) fn create(
        &mut self,
        spec: &StoreSpec,
        fate: Fate,
        now: Duration,
    ) -> Result<Accepted, Refusal> {
        let key = spec.key();
        if self.object(&key).is_some() {
            return Err((ErrorClass::Conflict, format!("store {} exists", key.name())));
        }
        let mut fields = shown(&Spec::Store(spec.clone()));
        let observer = self.0.get(&key.scope()).and_then(|place| place.observer.as_ref());
        if let Some(observer) = observer {
            fields
                .entry(store::name::OWNER.to_owned())
                .or_insert_with(|| FieldValue::Text(observer.role.clone()));
        }
        let live = Live { fields, readiness: readiness(fate), attributes: touched(now, now), ..blank(key) };
        self.put(Object { live, shown: true });
        Ok(Accepted::default())
    }

    pub(super) fn update(
        &mut self,
        spec: &StoreSpec,
        fate: Fate,
        now: Duration,
    ) -> Result<Accepted, Refusal> {
        let key = spec.key();
        let place = self.0.get_mut(&key.scope());
        let Some(object) = place.and_then(|place| place.objects.get_mut(&key)) else {
            return Err(missing(&key));
        };
        object.live.readiness = readiness(fate);
        object.live.attributes.extend([("updatedAt".to_owned(), stamp(now))]);
        Ok(Accepted::default())
    }

    pub(super) fn delete(&mut self, key: &NaturalKey) -> Result<Accepted, Refusal> {
        let place = self.0.get_mut(&key.scope());
        match place.and_then(|place| place.objects.remove(key)) {
            Some(_) => Ok(Accepted::default()),
            None => Err(missing(key)),
        }
    }

    fn object(&self, key: &NaturalKey) -> Option<&Object> {
        self.0.get(&key.scope())?.objects.get(key)
    }

    fn put(&mut self, object: Object) {
        let place = self.0.entry(object.live.key.scope()).or_default();
        place.objects.insert(object.live.key.clone(), object);
    }
}

fn missing(key: &NaturalKey) -> Refusal {
    (ErrorClass::Invalid, format!("{} does not exist", key.name()))
}

fn blank(key: NaturalKey) -> Live {
    Live { key, fields: Fields::new(), readiness: Readiness::Ready, attributes: BTreeMap::new() }
}

/// What a listing shows of what is declared.
fn shown(spec: &Spec) -> Fields {
    let readable = rules(spec.kind()).iter().filter(|rule| rule.readable == Readable::Yes);
    let mut declared = spec.fields();
    readable.filter_map(|rule| Some((rule.name.to_owned(), declared.remove(rule.name)?))).collect()
}

fn readiness(fate: Fate) -> Readiness {
    match fate {
        Fate::Usual => Readiness::Ready,
        Fate::Errored => Readiness::Errored { message: Some("simulated".to_owned()) },
        Fate::Never => Readiness::Pending { state: "provisioning".to_owned(), message: None },
    }
}

fn touched(created: Duration, updated: Duration) -> BTreeMap<String, String> {
    [("createdAt".to_owned(), stamp(created)), ("updatedAt".to_owned(), stamp(updated))].into()
}

fn stamp(at: Duration) -> String {
    format!("simulated {:09.3} s", at.as_secs_f64())
}
