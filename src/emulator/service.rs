//! One request in, one answer out: the order of the checks and the operations. No socket and no clock: time is an
//! argument.

use jiff::Timestamp;

use super::answer::{Answer, Failure};
use super::connector::Connector;
use super::credentials::KEYS;
use super::jar::Mode;
use super::operation::{Call, Operation, Route};
use super::request::Request;
use super::signature::Verifier;
use super::simulation::{Effect, Faults, Simulation};
use super::store::Store;
use super::world::{Lag, Scope};

/// The service behind one address.
pub(super) struct Service {
    /// The endpoint, as error bodies name it.
    host: String,
    /// 32 hexadecimal digits, new for each start: the first part of every request id.
    instance: String,
    /// How many requests arrived.
    arrived: u64,
    /// How many of them were authenticated.
    authenticated: u64,
    verifier: Verifier,
    store: Store,
    mode: Mode,
    lag: Lag,
    throttle_after: Option<u64>,
    faults: Faults,
}

/// What became of a request.
pub(super) struct Served {
    pub(super) request_id: String,
    pub(super) operation: Option<Operation>,
    pub(super) workspace: Option<String>,
    pub(super) namespace: Option<String>,
    pub(super) answer: Answer,
    /// The caller does not get the answer: the connection is closed instead.
    pub(super) withheld: bool,
}

impl Service {
    /// A service that has not seen a request.
    pub(super) fn new(
        host: String,
        instance: String,
        store: Store,
        mode: Mode,
        simulation: Simulation,
    ) -> Self {
        let Simulation { latency: _, creating_for, deleting_for, throttle_after, faults } = simulation;
        Self {
            host,
            instance,
            arrived: 0,
            authenticated: 0,
            verifier: Verifier::new(&KEYS),
            store,
            mode,
            lag: Lag { creating_for, deleting_for },
            throttle_after,
            faults: Faults::new(faults),
        }
    }

    /// Serves one request, or says in form A why it could not even be read.
    pub(super) fn serve(&mut self, request: Result<Request, Failure>, now: Timestamp) -> Served {
        self.arrived += 1;
        let mut served = Served {
            request_id: request_id(&self.instance, self.arrived),
            operation: None,
            workspace: None,
            namespace: None,
            answer: Answer::success::<()>("", &[]),
            withheld: false,
        };
        let verdict = request.and_then(|request| self.process(&request, &mut served, now));
        served.answer =
            verdict.unwrap_or_else(|failure| Answer::failure(&served.request_id, &self.host, failure));
        served
    }

    fn process(&mut self, request: &Request, served: &mut Served, now: Timestamp) -> Result<Answer, Failure> {
        let route = Route::of(request)?;
        served.operation = Some(route.operation);
        served.namespace = Some(route.namespace.clone());
        served.workspace = request.header("workspace").map(str::to_owned);
        self.verifier.verify(request, now)?;
        self.authenticated += 1;
        if self.throttle_after.is_some_and(|limit| self.authenticated > limit) {
            return Err(Failure::throttled());
        }
        let effect = self.faults.strike(route.operation, self.authenticated);
        served.withheld = matches!(effect, Some(Effect::Drop | Effect::DropBefore));
        if let Some(failure) = effect.as_ref().and_then(Failure::simulated) {
            return Err(failure);
        }
        let (workspace, call) = route.call(request)?;
        let scope = Scope { workspace, namespace: &route.namespace };
        self.perform(scope, &call, request, &served.request_id, now)
    }

    fn perform(
        &mut self,
        scope: Scope<'_>,
        call: &Call,
        request: &Request,
        request_id: &str,
        now: Timestamp,
    ) -> Result<Answer, Failure> {
        match call {
            Call::List => {
                let rows: Vec<Connector<'_>> = self.store.list(scope, now).map(Connector::from).collect();
                Ok(Answer::success(request_id, &rows))
            }
            Call::Register { jar_url } => {
                let definitions = self.mode.connectors(jar_url, &request.body)?;
                self.store.register(scope, &definitions, self.lag, now)?;
                let rows: Vec<Connector<'_>> = definitions.iter().map(Connector::from).collect();
                Ok(Answer::success(request_id, &rows))
            }
            Call::Delete { name } => {
                let tables = self.store.delete(scope, name, self.lag, now)?;
                Ok(Answer::success(request_id, &tables))
            }
        }
    }
}

/// A UUID in upper case: 20 digits of this start, then the number of the request.
fn request_id(instance: &str, number: u64) -> String {
    let number = format!("{:012X}", number & 0xffff_ffff_ffff);
    let part = |from: usize, to: usize| instance.get(from..to).unwrap_or_default().to_ascii_uppercase();
    format!("{}-{}-{}-{}-{number}", part(0, 8), part(8, 12), part(12, 16), part(16, 20))
}
