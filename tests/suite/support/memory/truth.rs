//! What the service really holds, what its listings show of it, and what is still on its way.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use reconcile::domain::address::Kind;
use reconcile::domain::field::FieldValue;
use reconcile::domain::kind::flink_connector::{FlinkConnectorSpec, name};
use reconcile::domain::kind::store::StoreSpec;
use reconcile::domain::live::{Live, Observer};
use reconcile::domain::natural_key::{NaturalKey, Scope, WorkspaceId};
use reconcile::ports::provider::{Accepted, ErrorClass};

use super::fault::Fault;
use super::stores::{Fate, Stores};
use crate::support::builders::shown;
use crate::support::tape::{Entry, Tape, Write};

/// What a caller asked for.
#[derive(Debug, Clone)]
pub(super) enum Request {
    Register { scope: Scope, jar_url: String, members: Vec<FlinkConnectorSpec> },
    Create { spec: StoreSpec, fate: Fate, caller: Observer },
    Update { spec: StoreSpec, fields: BTreeSet<String>, fate: Fate, caller: Observer },
    Delete { key: NaturalKey, owner: Option<String>, caller: Observer },
}

impl Request {
    pub(super) fn write(&self) -> Write {
        match self {
            Request::Register { scope, jar_url, members } => Write::Register {
                scope: scope.clone(),
                jar_url: jar_url.clone(),
                keys: members.iter().map(FlinkConnectorSpec::key).collect(),
            },
            Request::Create { spec, .. } => Write::Create(spec.key()),
            Request::Update { spec, fields, .. } => Write::Update { key: spec.key(), fields: fields.clone() },
            Request::Delete { key, .. } => Write::Delete(key.clone()),
        }
    }
}

impl Request {
    /// What it is about; of a registration, the first that it brings.
    pub(super) fn key(&self) -> Option<NaturalKey> {
        match self {
            Request::Register { members, .. } => members.first().map(FlinkConnectorSpec::key),
            Request::Create { spec, .. } | Request::Update { spec, .. } => Some(spec.key()),
            Request::Delete { key, .. } => Some(key.clone()),
        }
    }

    pub(super) fn kind(&self) -> Kind {
        match self {
            Request::Register { .. } => Kind::FlinkConnector,
            Request::Create { .. } | Request::Update { .. } => Kind::Store,
            Request::Delete { key, .. } => key.kind(),
        }
    }

    /// What is decided here shows in the store, not in the answer: nothing else goes wrong.
    pub(super) fn ends(&mut self, end: Fate) -> Option<Fault> {
        if let Request::Create { fate, .. } | Request::Update { fate, .. } = self {
            *fate = end;
        }
        None
    }
}

/// How the service decided.
pub(super) type Decision = Result<Accepted, (ErrorClass, String)>;

#[derive(Debug)]
struct Object {
    live: Live,
    shown_from: Duration,
}

#[derive(Debug)]
struct Pending {
    ticket: u64,
    due: Duration,
    request: Request,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Truth {
    objects: BTreeMap<NaturalKey, Object>,
    /// Deleted, and shown for a while.
    ghosts: Vec<(Live, Duration)>,
    pending: Vec<Pending>,
    decided: BTreeMap<u64, Decision>,
    tickets: u64,
    /// What a JAR holds; one that is not listed holds what its manifests declare.
    pub(super) jars: BTreeMap<String, Vec<FlinkConnectorSpec>>,
    /// How long a listing lags behind.
    pub(super) lag_of_create: Duration,
    pub(super) lag_of_delete: Duration,
    /// The same for the creation of single objects.
    pub(super) lags: BTreeMap<NaturalKey, Duration>,
    pub(super) stores: Stores,
}

impl Truth {
    /// Takes a request that will be decided at the given moment, whatever becomes of its sender.
    pub(super) fn take(&mut self, due: Duration, request: Request) -> u64 {
        self.tickets += 1;
        self.pending.push(Pending { ticket: self.tickets, due, request });
        self.tickets
    }

    /// What was on its way and not there yet is gone.
    pub(super) fn lose_pending(&mut self) {
        self.pending.clear();
    }

    pub(super) fn decision(&mut self, ticket: u64) -> Option<Decision> {
        self.decided.remove(&ticket)
    }

    /// Decides everything that is due, in its order.
    pub(super) fn settle(&mut self, now: Duration, tape: &Tape) {
        self.pending.sort_by_key(|pending| (pending.due, pending.ticket));
        while self.pending.first().is_some_and(|pending| pending.due <= now) {
            let Pending { ticket, due, request } = self.pending.remove(0);
            let write = request.write();
            let decision = match request {
                Request::Register { scope, jar_url, members } => {
                    self.register(&scope, &jar_url, members, due)
                }
                Request::Create { spec, fate, caller } => {
                    let lag = self.lag_of(&spec.key());
                    self.stores.create((&spec, fate), &caller, due, lag)
                }
                Request::Update { spec, fields, fate, caller } => {
                    self.stores.update((&spec, &fields, fate), &caller, due)
                }
                Request::Delete { key, owner, caller } => match key.kind() {
                    Kind::FlinkConnector => self.delete(&key, due),
                    Kind::Store => {
                        let when = (due, self.lag_of_delete);
                        self.stores.drop(&key, owner.as_deref(), &caller, when)
                    }
                },
            };
            if let Ok(accepted) = &decision {
                let write = match write {
                    Write::Register { scope, jar_url, .. } => {
                        let keys = accepted.created.iter().map(|live| live.key.clone()).collect();
                        Write::Register { scope, jar_url, keys }
                    }
                    other @ (Write::Create(_) | Write::Update { .. } | Write::Delete(_)) => other,
                };
                tape.push_outside(Entry::CarriedOut(write));
            }
            self.decided.insert(ticket, decision);
        }
    }

    fn register(
        &mut self,
        scope: &Scope,
        jar_url: &str,
        members: Vec<FlinkConnectorSpec>,
        at: Duration,
    ) -> Decision {
        let brought: Vec<Live> =
            self.jars.get(jar_url).cloned().unwrap_or(members).iter().map(full).collect();
        for live in &brought {
            if live.key.scope() != *scope {
                return Err((ErrorClass::Invalid, format!("{} belongs to another namespace", live.key)));
            }
            if self.objects.contains_key(&live.key) {
                return Err((ErrorClass::Conflict, format!("connector {} exists", live.key.name())));
            }
            if self.objects.values().any(|other| claim(&other.live) == claim(live)) {
                return Err((ErrorClass::Conflict, format!("the type of {} is taken", live.key.name())));
            }
        }
        for live in &brought {
            let lag = self.lag_of(&live.key);
            self.objects.insert(live.key.clone(), Object { live: live.clone(), shown_from: at + lag });
        }
        Ok(Accepted { request_id: "req-1".into(), created: brought, tables: Vec::new() })
    }

    fn lag_of(&self, key: &NaturalKey) -> Duration {
        self.lags.get(key).copied().unwrap_or(self.lag_of_create)
    }

    pub(super) fn delete(&mut self, key: &NaturalKey, at: Duration) -> Decision {
        let Some(object) = self.objects.remove(key) else {
            return Err((ErrorClass::Invalid, format!("connector {} does not exist", key.name())));
        };
        self.ghosts.push((object.live, at + self.lag_of_delete));
        Ok(Accepted { request_id: "req-1".into(), created: Vec::new(), tables: Vec::new() })
    }

    /// Somebody else made it.
    pub(super) fn put(&mut self, live: Live) {
        self.objects.insert(live.key.clone(), Object { live, shown_from: Duration::ZERO });
    }

    /// What a listing shows.
    pub(super) fn listing(&self, scope: &Scope, now: Duration) -> Vec<Live> {
        if *scope == Scope::Stores {
            return self.stores.listing(now);
        }
        let ghosts = self.ghosts.iter().filter(|(_, until)| *until > now).map(|(live, _)| live);
        let there = self.objects.values().filter(|object| object.shown_from <= now).map(|o| &o.live);
        let all = ghosts.chain(there).filter(|live| live.key.scope() == *scope);
        // What is there is shown in place of its ghost.
        let by_key: BTreeMap<&NaturalKey, &Live> = all.map(|live| (&live.key, live)).collect();
        // No listing tells which JAR is behind a connector.
        by_key.into_values().map(|live| Live { attributes: BTreeMap::new(), ..live.clone() }).collect()
    }

    /// What is really there.
    pub(super) fn everything(&self) -> BTreeMap<NaturalKey, Live> {
        let connectors = self.objects.values().map(|object| &object.live);
        connectors.chain(self.stores.everything()).map(|live| (live.key.clone(), live.clone())).collect()
    }
}

/// A definition with everything that the service adds by itself: what nobody declared is its own business.
pub(super) fn full(spec: &FlinkConnectorSpec) -> Live {
    let mut live = shown(spec);
    for flag in [name::SOURCE, name::SINK, name::LOOKUP] {
        live.fields.entry(flag.to_owned()).or_insert(FieldValue::Flag(flag == name::SINK));
    }
    let formats = FieldValue::Set(["json".to_owned()].into());
    live.fields.entry(name::SUPPORTED_FORMATS.to_owned()).or_insert(formats);
    live.attributes.insert(name::JAR_URL.to_owned(), spec.jar_url.clone());
    live
}

/// A type is unique in its workspace.
fn claim(live: &Live) -> (Option<&WorkspaceId>, Option<&FieldValue>) {
    (live.key.workspace(), live.fields.get(name::CONNECTOR_TYPE))
}
