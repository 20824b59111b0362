//! The service as a provider: latency, faults, and an entry on the tape for every request.

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use reconcile::domain::address::Kind;
use reconcile::domain::field::{FieldValue, Fields};
use reconcile::domain::kind::flink_connector::FlinkConnectorSpec;
use reconcile::domain::kind::store::{self, StoreSpec};
use reconcile::domain::live::{Census, Live, Observer};
use reconcile::domain::natural_key::{NaturalKey, Scope};
use reconcile::platform::time::SystemClock;
use reconcile::ports::clock::Clock;
use reconcile::ports::provider::{
    Abilities, Accepted, CreateOrder, DeleteOrder, ErrorClass, Provider, ProviderError, UpdateOrder,
};

use super::fault::{Fault, Operation, Processed, Script, error};
use super::stores::Fate;
use super::truth::{Request, Truth, full};
use crate::support::tape::{Entry, Tape};

/// Half of what a request takes: on its way there, on its way back.
const HALF: Duration = Duration::from_millis(20);

/// See the module.
#[derive(Debug)]
pub(crate) struct MemoryService {
    clock: SystemClock,
    tape: Tape,
    truth: Mutex<Truth>,
    script: Mutex<Script>,
    writes_under_way: AtomicUsize,
    most_writes: AtomicUsize,
}

impl MemoryService {
    pub(crate) fn new(clock: SystemClock, tape: Tape) -> Self {
        Self {
            clock,
            tape,
            truth: Mutex::default(),
            script: Mutex::default(),
            writes_under_way: AtomicUsize::new(0),
            most_writes: AtomicUsize::new(0),
        }
    }

    fn truth(&self) -> MutexGuard<'_, Truth> {
        let mut truth = self.truth.lock().unwrap();
        truth.settle(self.clock.now(), &self.tape);
        truth
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }

    /// The n-th request of this kind from now, counted from 1, goes wrong.
    pub(crate) fn fault(&self, operation: Operation, nth: usize, fault: Fault) {
        self.script().plan(operation, nth, fault);
    }

    /// The next write that is about this object goes wrong; of a registration, about the first that it brings.
    pub(crate) fn aim(&self, key: NaturalKey, fault: Fault) {
        self.script().aim(key, fault);
    }

    /// So many of a thousand writes go wrong, each in one of these ways.
    pub(crate) fn shake(&self, seed: u64, per_mille: u64, faults: &[Fault]) {
        self.script().shake(seed, per_mille, faults);
    }

    /// Nothing goes wrong any more.
    pub(crate) fn calm(&self) {
        self.script().calm();
    }

    /// What a JAR holds, whatever its manifests declare.
    pub(crate) fn holds(&self, jar_url: String, definitions: &[FlinkConnectorSpec]) {
        self.truth().jars.insert(jar_url, definitions.to_vec());
    }

    /// How long listings lag behind creations and deletions.
    pub(crate) fn lag(&self, create: Duration, delete: Duration) {
        let mut truth = self.truth();
        (truth.lag_of_create, truth.lag_of_delete) = (create, delete);
    }

    /// How long a listing lags behind the creation of one connector.
    pub(crate) fn lag_of(&self, key: NaturalKey, lag: Duration) {
        self.truth().lags.insert(key, lag);
    }

    /// How long stores take to be ready after they were created or updated.
    pub(crate) fn provisions_for(&self, time: Duration) {
        self.truth().stores.provisioning = time;
    }

    /// How long listings lag behind updates.
    pub(crate) fn lag_of_updates(&self, lag: Duration) {
        self.truth().stores.lag_of_update = lag;
    }

    /// From now on no update moves `updatedAt`.
    pub(crate) fn freezes_time_stamps(&self) {
        self.truth().stores.frozen = true;
    }

    /// What is asked of this store from now on ends in error; without words, it ends well.
    pub(crate) fn errs(&self, key: NaturalKey, words: Option<&'static str>) {
        let mut truth = self.truth();
        match words {
            Some(words) => truth.stores.errors.insert(key, words),
            None => truth.stores.errors.remove(&key),
        };
    }

    /// From now on this is who asks.
    pub(crate) fn asked_by(&self, caller: Observer) {
        self.truth().stores.caller = caller;
    }

    /// This role sees no store.
    pub(crate) fn blinds(&self, role: &str) {
        self.truth().stores.blind.insert(role.to_owned());
    }

    /// What a store was sent, of secrets the fingerprints; beside that who owns it.
    pub(crate) fn held(&self, key: &NaturalKey) -> Option<Fields> {
        self.truth().stores.held(key)
    }

    /// Somebody else creates a store.
    pub(crate) fn put_store(&self, spec: &StoreSpec) {
        let mut truth = self.truth();
        let caller = truth.stores.caller.clone();
        truth.stores.create((spec, Fate::Usual), &caller, self.clock.now(), Duration::ZERO).unwrap();
    }

    /// Somebody else updates a store.
    pub(crate) fn update_store(&self, spec: &StoreSpec) {
        let mut truth = self.truth();
        let caller = truth.stores.caller.clone();
        let all = spec.fields().into_keys().collect();
        truth.stores.update((spec, &all, Fate::Usual), &caller, self.clock.now()).unwrap();
    }

    /// Somebody else registers a connector.
    pub(crate) fn put(&self, spec: &FlinkConnectorSpec) {
        self.truth().put(full(spec));
    }

    /// Somebody else deletes an object.
    pub(crate) fn remove(&self, key: &NaturalKey) {
        let now = self.clock.now();
        let mut truth = self.truth();
        let done = match key.kind() {
            Kind::FlinkConnector => truth.delete(key, now),
            Kind::Store => {
                let held = truth.stores.held(key).unwrap();
                let Some(FieldValue::Text(owner)) = held.get(store::name::OWNER) else { unreachable!() };
                let (caller, when) = (truth.stores.caller.clone(), (now, truth.lag_of_delete));
                truth.stores.drop(key, Some(owner), &caller, when)
            }
        };
        done.unwrap();
    }

    /// Requests on their way are lost.
    pub(crate) fn lose_pending(&self) {
        self.truth().lose_pending();
    }

    /// What is really there, whatever listings show.
    pub(crate) fn everything(&self) -> BTreeMap<NaturalKey, Live> {
        self.truth().everything()
    }

    /// The largest number of writes that were under way at once.
    pub(crate) fn most_writes_at_once(&self) -> usize {
        self.most_writes.load(Ordering::Relaxed)
    }

    fn caller(&self) -> Observer {
        self.truth().stores.caller.clone()
    }

    async fn pause(&self, length: Duration) {
        self.clock.sleep_until(self.clock.now() + length).await;
    }

    /// A dead process hears nothing.
    async fn alive(&self) {
        if self.tape.is_cut() {
            pending::<()>().await;
        }
    }

    async fn write(&self, operation: Operation, mut request: Request) -> Result<Accepted, ProviderError> {
        let _under_way = UnderWay::new(self);
        if !self.tape.push(Entry::Asked(request.write())) {
            pending::<()>().await;
        }
        let name = operation.name(request.kind());
        let fault = match self.script().next_write(operation, request.key().as_ref()) {
            Some(Fault::Keep(words)) => request.ends(Fate::Kept(words)),
            Some(Fault::Err(words)) => request.ends(Fate::Errored(words)),
            other => other,
        };
        let arrival = self.clock.now() + HALF;
        let ticket = match fault.as_ref().map(Fault::processed) {
            None | Some(Some(Processed::Yes)) => Some(self.truth().take(arrival, request)),
            Some(Some(Processed::Late(delay))) => Some(self.truth().take(arrival + delay, request)),
            Some(Some(Processed::No) | None) => None,
        };
        self.pause(HALF).await;
        let decision = ticket.and_then(|ticket| self.truth().decision(ticket));
        self.alive().await;
        self.pause(HALF).await;
        self.alive().await;
        if let Some(error) = fault.as_ref().and_then(|fault| fault.error(name)) {
            return Err(error);
        }
        match decision.filter(|_| fault.is_none()) {
            Some(Ok(accepted)) => Ok(accepted),
            Some(Err((class, message))) => Err(error(name, class, message)),
            None => pending().await,
        }
    }
}

impl Provider for MemoryService {
    fn abilities(&self, _: &Scope) -> Abilities {
        Abilities { sends_definition: true }
    }

    async fn observe(&self, scope: &Scope) -> Result<Census, ProviderError> {
        if !self.tape.push(Entry::Listed(scope.clone())) {
            pending::<()>().await;
        }
        let fault = self.script().next(Operation::List);
        let (kind, caller) = match scope {
            Scope::FlinkNamespace { .. } => (Kind::FlinkConnector, None),
            Scope::Stores => (Kind::Store, Some(self.caller())),
        };
        let name = Operation::List.name(kind);
        self.pause(HALF).await;
        let mut listed = self.truth().listing(scope, self.clock.now());
        self.pause(HALF).await;
        self.alive().await;
        match fault {
            Some(Fault::Silence(_)) => pending().await,
            Some(Fault::Hide(key)) => listed.retain(|live| live.key != key),
            Some(fault) => {
                if let Some(error) = fault.error(name) {
                    return Err(error);
                }
            }
            None => {}
        }
        let census = Census::complete(scope.clone(), listed)
            .map_err(|twice| error(name, ErrorClass::Protocol, twice.to_string()))?;
        Ok(match caller {
            Some(caller) => census.seen_by(caller),
            None => census,
        })
    }

    async fn create(&self, order: &CreateOrder) -> Result<Accepted, ProviderError> {
        match order.clone() {
            CreateOrder::RegisterJar { scope, jar_url, members } => {
                self.write(Operation::Register, Request::Register { scope, jar_url, members }).await
            }
            CreateOrder::Store(spec) => {
                let request = Request::Create { spec, fate: Fate::Usual, caller: self.caller() };
                self.write(Operation::Create, request).await
            }
        }
    }

    async fn update(&self, order: &UpdateOrder) -> Result<Accepted, ProviderError> {
        let UpdateOrder { store, fields } = order.clone();
        let request = Request::Update { spec: store, fields, fate: Fate::Usual, caller: self.caller() };
        self.write(Operation::Update, request).await
    }

    async fn delete(&self, order: &DeleteOrder) -> Result<Accepted, ProviderError> {
        let DeleteOrder { key, owner } = order.clone();
        self.write(Operation::Delete, Request::Delete { key, owner, caller: self.caller() }).await
    }

    async fn describe(&self, _: &Live) -> Result<Option<Fields>, ProviderError> {
        Ok(None)
    }
}

struct UnderWay<'a>(&'a MemoryService);

impl<'a> UnderWay<'a> {
    fn new(service: &'a MemoryService) -> Self {
        let now = service.writes_under_way.fetch_add(1, Ordering::Relaxed) + 1;
        service.most_writes.fetch_max(now, Ordering::Relaxed);
        Self(service)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.writes_under_way.fetch_sub(1, Ordering::Relaxed);
    }
}
