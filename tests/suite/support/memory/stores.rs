//! The stores that the service really holds, and what a role sees of them and when.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use reconcile::domain::field::{FieldValue, Fields};
use reconcile::domain::kind::store::{StoreSpec, name};
use reconcile::domain::live::{Live, Observer, Readiness};
use reconcile::domain::natural_key::{NaturalKey, RoleName};
use reconcile::ports::provider::{Accepted, ErrorClass};

use super::truth::Decision;
use crate::support::stores::{group, observer, shown_store};

/// What becomes of a statement that the service takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// As the endings of the service say.
    Usual,
    /// The store ends in error.
    Errored(&'static str),
    /// It is refused, and the store is left behind in error.
    Kept(&'static str),
}

/// One store. Names are unique in an organization.
#[derive(Debug)]
struct Store {
    owner: String,
    created: Duration,
    /// Everything that was sent, of secrets the fingerprints.
    held: Fields,
    /// What is shown from each moment on, in order.
    views: Vec<(Duration, Live)>,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Stores {
    objects: BTreeMap<(String, NaturalKey), Store>,
    /// Dropped, and shown for a while.
    ghosts: Vec<(String, Live, Duration)>,
    /// Who asks.
    pub(super) caller: Observer,
    /// Roles that see no store.
    pub(super) blind: BTreeSet<String>,
    /// How long a store takes to be ready after it was created or updated.
    pub(super) provisioning: Duration,
    /// How long a listing lags behind an update.
    pub(super) lag_of_update: Duration,
    /// Whether the service never moves `updatedAt`.
    pub(super) frozen: bool,
    /// Stores that end in error, and why.
    pub(super) errors: BTreeMap<NaturalKey, &'static str>,
}

impl Default for Stores {
    fn default() -> Self {
        Self {
            objects: BTreeMap::new(),
            ghosts: Vec::new(),
            caller: observer(),
            blind: BTreeSet::new(),
            provisioning: Duration::ZERO,
            lag_of_update: Duration::ZERO,
            frozen: false,
            errors: BTreeMap::new(),
        }
    }
}

fn accepted() -> Accepted {
    Accepted { request_id: "req-1".into(), created: Vec::new(), tables: Vec::new() }
}

fn sent(spec: &StoreSpec, fields: impl Fn(&str) -> bool) -> Fields {
    spec.fields().into_iter().filter(|(field, _)| field != name::DESCRIPTION && fields(field)).collect()
}

impl Stores {
    pub(super) fn create(
        &mut self,
        (spec, fate): (&StoreSpec, Fate),
        caller: &Observer,
        at: Duration,
        lag: Duration,
    ) -> Decision {
        let id = (caller.organization.clone(), spec.key());
        if self.objects.contains_key(&id) {
            let message = format!("store {} exists, perhaps where your role does not see it", spec.name());
            return Err((ErrorClass::Conflict, message));
        }
        let owner = spec.owner().map_or(caller.role.as_str(), RoleName::as_str).to_owned();
        let shown = shown_store(spec, &owner);
        let store = Store { owner, created: at, held: sent(spec, |_| true), views: Vec::new() };
        self.objects.insert(id.clone(), store);
        self.provision(&id, (&shown, fate), at, lag);
        match fate {
            Fate::Kept(words) => Err((ErrorClass::Invalid, words.to_owned())),
            Fate::Usual | Fate::Errored(_) => Ok(accepted()),
        }
    }

    pub(super) fn update(
        &mut self,
        (spec, fields, fate): (&StoreSpec, &BTreeSet<String>, Fate),
        caller: &Observer,
        at: Duration,
    ) -> Decision {
        let id = (caller.organization.clone(), spec.key());
        let Some(store) = self.objects.get_mut(&id) else { return Err(missing(&id.1)) };
        if !group(spec).is_subset(fields) {
            return Err((ErrorClass::Invalid, "authentication and TLS members are required".to_owned()));
        }
        store.held.extend(sent(spec, |field| fields.contains(field)));
        let shown = Live { key: id.1.clone(), ..store.views[0].1.clone() };
        let lag = self.lag_of_update;
        self.provision(&id, (&shown, fate), at, lag);
        Ok(accepted())
    }

    /// Only its owner drops a store.
    pub(super) fn drop(
        &mut self,
        key: &NaturalKey,
        owner: Option<&str>,
        caller: &Observer,
        (at, lag): (Duration, Duration),
    ) -> Decision {
        let id = (caller.organization.clone(), key.clone());
        let Some(store) = self.objects.get(&id) else { return Err(missing(key)) };
        let role = owner.unwrap_or(&caller.role);
        if store.owner != role {
            return Err((ErrorClass::Auth, format!("{role} does not own store {}", key.name())));
        }
        let store = self.objects.remove(&id).unwrap();
        let last = store.views.into_iter().last().unwrap().1;
        self.ghosts.push((id.0, last, at + lag));
        Ok(accepted())
    }

    /// What is shown from now on: provisioning, then ready or in error. The service touches a store when it is done
    /// with it, too.
    fn provision(
        &mut self,
        id: &(String, NaturalKey),
        (shown, fate): (&Live, Fate),
        at: Duration,
        lag: Duration,
    ) {
        let error = self.errors.get(&id.1).copied();
        let end = match (fate, error) {
            (Fate::Errored(words) | Fate::Kept(words), _) | (Fate::Usual, Some(words)) => {
                Readiness::Errored { message: Some(words.to_owned()) }
            }
            (Fate::Usual, None) => Readiness::Ready,
        };
        let (provisioning, frozen) = (self.provisioning, self.frozen);
        let Some(store) = self.objects.get_mut(id) else { return };
        let created = store.created;
        let stamp = |at: Duration| format!("{:09.3}", at.as_secs_f64());
        let view = |readiness, touched| {
            let touched = if frozen { created } else { touched };
            let attributes =
                [("createdAt".to_owned(), stamp(created)), ("updatedAt".to_owned(), stamp(touched))];
            Live { readiness, attributes: attributes.into(), ..shown.clone() }
        };
        // What an earlier statement would have led to is overtaken.
        store.views.retain(|(from, _)| *from <= at + lag);
        if !provisioning.is_zero() {
            let state =
                Readiness::Pending { state: "provisioning".into(), message: Some("starting up".into()) };
            store.views.push((at + lag, view(state, at)));
        }
        store.views.push((at + lag + provisioning, view(end, at + provisioning)));
    }

    /// What a listing shows to who asks now.
    pub(super) fn listing(&self, now: Duration) -> Vec<Live> {
        let Observer { organization, role } = &self.caller;
        if self.blind.contains(role) {
            return Vec::new();
        }
        let ghosts = self.ghosts.iter().filter(|(of, _, until)| of == organization && *until > now);
        let ghosts = ghosts.map(|(_, live, _)| live);
        let there = self.mine().filter_map(|store| {
            store.views.iter().rev().find(|(from, _)| *from <= now).map(|(_, live)| live)
        });
        // What is there is shown in place of its ghost.
        let by_key: BTreeMap<&NaturalKey, &Live> =
            ghosts.chain(there).map(|live| (&live.key, live)).collect();
        by_key.into_values().cloned().collect()
    }

    fn mine(&self) -> impl Iterator<Item = &Store> {
        self.objects
            .iter()
            .filter(|((organization, _), _)| *organization == self.caller.organization)
            .map(|(_, store)| store)
    }

    /// What is really there, as it ends.
    pub(super) fn everything(&self) -> impl Iterator<Item = &Live> {
        self.mine().filter_map(|store| store.views.last()).map(|(_, live)| live)
    }

    /// What a store was sent, of secrets the fingerprints.
    pub(super) fn held(&self, key: &NaturalKey) -> Option<Fields> {
        let store = self.objects.get(&(self.caller.organization.clone(), key.clone()))?;
        let owner = (name::OWNER.to_owned(), FieldValue::Text(store.owner.clone()));
        Some(store.held.clone().into_iter().chain([owner]).collect())
    }
}

fn missing(key: &NaturalKey) -> (ErrorClass, String) {
    (ErrorClass::Invalid, format!("store {} does not exist", key.name()))
}
