//! The model as a provider: each request takes a moment of virtual time, and some go wrong.

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::fault::{Effect, Fault, Moment, Script};
use super::world::{Fate, Places, Refusal};
use crate::domain::address::{Address, Kind};
use crate::domain::field::Fields;
use crate::domain::live::{Census, Live, World};
use crate::domain::natural_key::{NaturalKey, Scope};
use crate::domain::plan::{Request, Verb};
use crate::platform::virtual_time::VirtualClock;
use crate::ports::clock::Clock;
use crate::ports::provider::{
    Abilities, Accepted, CreateOrder, DeleteOrder, ErrorClass, Provider, ProviderError, UpdateOrder,
};

/// What a request takes: the order of two that leave together is theirs.
const LATENCY: Duration = Duration::from_millis(100);

/// See the module.
#[derive(Debug)]
pub struct ModelService {
    clock: VirtualClock,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    places: Places,
    script: Script,
}

impl ModelService {
    /// The services as they were listed. Objects are known to faults by their addresses.
    pub fn new(world: &World, addresses: BTreeMap<NaturalKey, Address>, clock: VirtualClock) -> Self {
        let script = Script { addresses, ..Script::default() };
        let inner = Mutex::new(Inner { places: Places::of(world), script });
        Self { clock, inner }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// These faults strike.
    pub fn fail(&self, faults: Vec<Fault>) {
        self.inner().script.faults = faults;
    }

    /// The first request of this kind is refused.
    pub fn refuse(&self, request: Request) {
        self.inner().script.refused = Some(request);
    }

    /// The process dies at the first request of this kind.
    pub fn die_at(&self, request: Request, moment: Moment) {
        self.inner().script.dies = Some((request, moment));
    }

    /// What listings show now.
    pub fn world(&self) -> World {
        self.inner().places.world()
    }

    /// What is sent is carried out at once, whoever waits for the answer.
    async fn write(
        &self,
        request: Request,
        operation: &'static str,
        carry_out: impl FnOnce(&mut Places, Fate) -> Result<Accepted, Refusal>,
    ) -> Result<Accepted, ProviderError> {
        let error = |(class, message)| error(operation, class, message);
        let dies = |moment| self.inner().script.dies_at(&request, moment);
        if self.clock.is_halted() || dies(Moment::Before) {
            return self.dead().await;
        }
        let answer = {
            let mut inner = self.inner();
            let effect = inner.script.strike(&request);
            let done = |fate| carry_out(&mut inner.places, fate);
            match effect {
                None => done(Fate::Usual).map_err(error),
                Some(Effect::Errored) => done(Fate::Errored).map_err(error),
                Some(Effect::Never) => done(Fate::Never).map_err(error),
                Some(Effect::Refused(class, code)) => Err(error((class, format!("refused ({code})")))),
                Some(Effect::LostBefore(code)) => {
                    Err(error((ErrorClass::Ambiguous, format!("no usable answer ({code})"))))
                }
                Some(Effect::Lost) => {
                    // Whatever became of it, nobody hears.
                    let _unheard = done(Fate::Usual);
                    Err(error((ErrorClass::Ambiguous, "the answer was lost (drop)".to_owned())))
                }
            }
        };
        if dies(Moment::After) {
            return self.dead().await;
        }
        self.clock.sleep_until(self.clock.now() + LATENCY).await;
        answer
    }

    async fn dead(&self) -> Result<Accepted, ProviderError> {
        self.clock.halt();
        pending().await
    }
}

fn error(operation: &'static str, class: ErrorClass, message: String) -> ProviderError {
    ProviderError { class, operation, code: None, message, request_id: None, hint: None }
}

impl Provider for ModelService {
    fn abilities(&self, _: &Scope) -> Abilities {
        Abilities { sends_definition: true }
    }

    async fn observe(&self, scope: &Scope) -> Result<Census, ProviderError> {
        self.clock.sleep_until(self.clock.now() + LATENCY).await;
        let census = self.inner().places.list(scope);
        census.ok_or_else(|| error("list", ErrorClass::Protocol, format!("nothing is known of {scope}")))
    }

    async fn create(&self, order: &CreateOrder) -> Result<Accepted, ProviderError> {
        let now = self.clock.now();
        match order {
            CreateOrder::RegisterJar { members, .. } => {
                let Some(first) = members.first() else { return Err(ProviderError::unsupported("register")) };
                let request = Request { verb: Verb::Bring, key: first.key() };
                let register = |places: &mut Places, fate| places.register(members, fate);
                self.write(request, "RegisterCustomConnector", register).await
            }
            CreateOrder::Store(spec) => {
                let request = Request { verb: Verb::Bring, key: spec.key() };
                self.write(request, "CREATE STORE", |places, fate| places.create(spec, fate, now)).await
            }
        }
    }

    async fn update(&self, order: &UpdateOrder) -> Result<Accepted, ProviderError> {
        let request = Request { verb: Verb::Update, key: order.store.key() };
        // A time stamp that does not move would be taken for an update that has not arrived.
        let now = self.clock.now() + LATENCY;
        self.write(request, "UPDATE STORE", |places, fate| places.update(&order.store, fate, now)).await
    }

    async fn delete(&self, order: &DeleteOrder) -> Result<Accepted, ProviderError> {
        let operation = match order.key.kind() {
            Kind::FlinkConnector => "DeleteCustomConnector",
            Kind::Store => "DROP STORE",
        };
        let request = Request { verb: Verb::Delete, key: order.key.clone() };
        self.write(request, operation, |places, _| places.delete(&order.key)).await
    }

    async fn describe(&self, _: &Live) -> Result<Option<Fields>, ProviderError> {
        Ok(Some(Fields::new()))
    }
}
