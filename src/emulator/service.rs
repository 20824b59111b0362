//! One request in, one answer out: the order of the checks and the operations. No socket and no clock: time is an
//! argument.

use jiff::Timestamp;

use super::answer::{Answer, Failure};
use super::connector::Connector;
use super::credentials::KEYS;
use super::fault::Effect;
use super::jar::Mode;
use super::operation::{Call, Route};
use super::request::Request;
use super::served::{Served, Subject};
use super::signature::Verifier;
use super::simulation::Faults;
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
    verifier: Verifier,
    store: Store,
    mode: Mode,
    lag: Lag,
}

impl Service {
    /// A service that has not seen a request.
    pub(super) fn new(host: String, instance: String, store: Store, mode: Mode, lag: Lag) -> Self {
        Self { host, instance, arrived: 0, verifier: Verifier::new(&KEYS), store, mode, lag }
    }

    /// Serves one request, or says in form A why it could not even be read.
    pub(super) fn serve(
        &mut self,
        request: Result<Request, Failure>,
        faults: &mut Faults,
        now: Timestamp,
    ) -> Served {
        self.arrived += 1;
        let mut served = Served {
            request_id: request_id(&self.instance, self.arrived),
            operation: None,
            subject: Subject::Namespace { workspace: None, namespace: None },
            answer: Answer::success::<()>("", &[]),
            withheld: false,
        };
        let verdict = request.and_then(|request| self.process(&request, &mut served, faults, now));
        served.answer =
            verdict.unwrap_or_else(|failure| Answer::failure(&served.request_id, &self.host, failure));
        served
    }

    fn process(
        &mut self,
        request: &Request,
        served: &mut Served,
        faults: &mut Faults,
        now: Timestamp,
    ) -> Result<Answer, Failure> {
        let route = Route::of(request)?;
        served.operation = Some(route.operation.name());
        served.subject = Subject::Namespace {
            workspace: request.header("workspace").map(str::to_owned),
            namespace: Some(route.namespace.clone()),
        };
        self.verifier.verify(request, now)?;
        let effect = faults.strike(route.operation.into());
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
