//! The service as a provider: latency, faults, and an entry on the tape for every request.

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use reconcile::domain::field::Fields;
use reconcile::domain::kind::flink_connector::FlinkConnectorSpec;
use reconcile::domain::live::{Census, Live};
use reconcile::domain::natural_key::{NaturalKey, Scope};
use reconcile::platform::time::SystemClock;
use reconcile::ports::clock::Clock;
use reconcile::ports::provider::{
    Abilities, Accepted, CreateOrder, DeleteOrder, ErrorClass, Provider, ProviderError, UpdateOrder,
};

use super::fault::{Fault, Operation, Processed, Script, error};
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

    /// Somebody else registers a connector.
    pub(crate) fn put(&self, spec: &FlinkConnectorSpec) {
        self.truth().put(full(spec));
    }

    /// Somebody else deletes a connector.
    pub(crate) fn remove(&self, key: &NaturalKey) {
        self.truth().delete(key, self.clock.now()).unwrap();
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

    async fn pause(&self, length: Duration) {
        self.clock.sleep_until(self.clock.now() + length).await;
    }

    /// A dead process hears nothing.
    async fn alive(&self) {
        if self.tape.is_cut() {
            pending::<()>().await;
        }
    }

    async fn write(&self, operation: Operation, request: Request) -> Result<Accepted, ProviderError> {
        let _under_way = UnderWay::new(self);
        if !self.tape.push(Entry::Asked(request.write())) {
            pending::<()>().await;
        }
        let fault = self.script().next(operation);
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
        if let Some(error) = fault.as_ref().and_then(|fault| fault.error(operation)) {
            return Err(error);
        }
        match decision.filter(|_| fault.is_none()) {
            Some(Ok(accepted)) => Ok(accepted),
            Some(Err((class, message))) => Err(error(operation, class, message)),
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
        self.pause(HALF).await;
        let mut listed = self.truth().listing(scope, self.clock.now());
        self.pause(HALF).await;
        self.alive().await;
        match fault {
            Some(Fault::Silence(_)) => pending().await,
            Some(Fault::Hide(key)) => listed.retain(|live| live.key != key),
            Some(fault) => {
                if let Some(error) = fault.error(Operation::List) {
                    return Err(error);
                }
            }
            None => {}
        }
        Census::complete(scope.clone(), listed)
            .map_err(|twice| error(Operation::List, ErrorClass::Protocol, twice.to_string()))
    }

    async fn create(&self, order: &CreateOrder) -> Result<Accepted, ProviderError> {
        let CreateOrder::RegisterJar { scope, jar_url, members } = order.clone() else {
            return Err(ProviderError::unsupported("register"));
        };
        self.write(Operation::Register, Request::Register { scope, jar_url, members }).await
    }

    async fn update(&self, _: &UpdateOrder) -> Result<Accepted, ProviderError> {
        Err(ProviderError::unsupported("update"))
    }

    async fn describe(&self, _: &NaturalKey) -> Result<Option<Fields>, ProviderError> {
        Ok(None)
    }

    async fn delete(&self, order: &DeleteOrder) -> Result<Accepted, ProviderError> {
        self.write(Operation::Delete, Request::Delete(order.key.clone())).await
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
