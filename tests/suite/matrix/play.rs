//! One cell, played through the real clients, or through a client with a defect, and judged.

use std::collections::BTreeMap;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use reconcile::domain::field::Fields;
use reconcile::domain::live::{Census, Live, Readiness};
use reconcile::domain::natural_key::Scope;
use reconcile::platform::http::{Deadlines, Proxy};
use reconcile::ports::provider::{
    Abilities, Accepted, CreateOrder, DeleteOrder, ErrorClass, Provider, ProviderError, UpdateOrder,
};
use reconcile::providers::alicloud::AlicloudProvider;
use reconcile::providers::alicloud::credentials::{CredentialSource, Credentials, Environment};
use reconcile::providers::deltastream::DeltastreamProvider;
use reconcile::providers::{alicloud, deltastream};
use secrecy::SecretString;

use super::fault::{CANARY, Cell, How, Operation, Required};
use super::server::{Asked, Play, Service, Wire};
use crate::support::builders::{desired, key, scope};
use crate::support::stores::{shown_store, store};

/// Long enough for every answer that comes.
const PATIENT: Duration = Duration::from_secs(30);
/// For those that do not come.
const SHORT: Duration = Duration::from_secs(1);
/// Two polls and more: they are a second apart.
const SOME_POLLS: Duration = Duration::from_secs(6);

struct KeysAt(String);

impl Environment for KeysAt {
    fn var(&self, name: &str) -> Option<String> {
        (name == "ALIBABA_CLOUD_CREDENTIALS_URI").then(|| self.0.clone())
    }
}

fn nothing(_: &str) -> Option<String> {
    None
}

/// The real clients.
pub(super) struct Clients {
    flink: AlicloudProvider,
    stores: DeltastreamProvider,
}

impl Clients {
    fn new(
        operation: Operation,
        flink: &str,
        keys: String,
        deadlines: Deadlines,
        statement: Duration,
    ) -> Self {
        let key = Credentials::new("fake-id", CANARY, None, None).unwrap();
        let settings = alicloud::settings::Settings {
            endpoint: Some(flink.to_owned()),
            send_definition: true,
            proxy: Proxy::None,
            deadlines,
            credentials: match operation {
                Operation::Key => CredentialSource::Uri,
                _ => CredentialSource::Static(key),
            },
            ..alicloud::settings::Settings::default()
        };
        let environment: Arc<dyn Environment> = Arc::new(KeysAt(keys));
        let statements = deltastream::settings::Settings {
            url: Some(format!("{flink}/v2")),
            role: Some("sysadmin".to_owned()),
            proxy: Proxy::None,
            deadlines: deltastream::settings::StatementDeadlines { call: deadlines, statement },
            token: deltastream::settings::TokenSource::Static(SecretString::from(CANARY)),
            organization: None,
        };
        Self {
            flink: AlicloudProvider::new(&settings, &BTreeMap::new(), &environment).unwrap(),
            stores: DeltastreamProvider::new(statements, nothing).unwrap(),
        }
    }
}

/// What a client may do wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Defect {
    /// A create whose answer was lost is sent again.
    RepeatsLostCreate,
    /// 404 and its like are taken for absence.
    TakesNotFoundForAbsence,
    /// What is missing is taken for nothing.
    DefaultsWhatIsMissing,
    /// A redirect is followed.
    FollowsRedirects,
    /// The text of an error is passed on as it came.
    RepeatsSecrets,
}

/// A client, perhaps with a defect.
pub(super) struct Client<P> {
    inner: P,
    defect: Option<Defect>,
    elsewhere: String,
}

impl<P: Provider> Client<P> {
    fn spoil<T>(&self, result: Result<T, ProviderError>) -> Result<T, ProviderError> {
        let mut error = match result {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        if self.defect == Some(Defect::FollowsRedirects) && error.message.contains("redirect") {
            let target = format!("GET / HTTP/1.1\r\nAuthorization: {CANARY}\r\n\r\n");
            let mut stream = TcpStream::connect(&self.elsewhere).unwrap();
            std::io::Write::write_all(&mut stream, target.as_bytes()).unwrap();
            // The answer shows that it was heard.
            std::io::Read::read(&mut stream, &mut [0; 64]).unwrap();
        }
        if self.defect == Some(Defect::RepeatsSecrets) {
            error.message.push_str(CANARY);
        }
        Err(error)
    }
}

impl<P: Provider> Provider for Client<P> {
    fn abilities(&self, scope: &Scope) -> Abilities {
        self.inner.abilities(scope)
    }

    async fn observe(&self, scope: &Scope) -> Result<Census, ProviderError> {
        match self.spoil(self.inner.observe(scope).await) {
            Err(error)
                if (self.defect == Some(Defect::TakesNotFoundForAbsence)
                    && error.class == ErrorClass::Invalid)
                    || (self.defect == Some(Defect::DefaultsWhatIsMissing)
                        && error.class == ErrorClass::Protocol
                        && (error.message.contains("missing") || error.message.contains("without"))) =>
            {
                Ok(Census::complete(scope.clone(), Vec::new()).unwrap())
            }
            result => result,
        }
    }

    async fn create(&self, order: &CreateOrder) -> Result<Accepted, ProviderError> {
        match self.spoil(self.inner.create(order).await) {
            Err(error)
                if self.defect == Some(Defect::RepeatsLostCreate) && error.class == ErrorClass::Ambiguous =>
            {
                self.inner.create(order).await
            }
            result => result,
        }
    }

    async fn update(&self, order: &UpdateOrder) -> Result<Accepted, ProviderError> {
        self.spoil(self.inner.update(order).await)
    }

    async fn delete(&self, order: &DeleteOrder) -> Result<Accepted, ProviderError> {
        match self.spoil(self.inner.delete(order).await) {
            Err(error)
                if self.defect == Some(Defect::TakesNotFoundForAbsence)
                    && error.class == ErrorClass::Invalid =>
            {
                Ok(Accepted::default())
            }
            result => result,
        }
    }

    async fn describe(&self, live: &Live) -> Result<Option<Fields>, ProviderError> {
        self.spoil(self.inner.describe(live).await)
    }
}

/// What came of one call.
#[derive(Debug)]
enum Got {
    Census(Census),
    Accepted,
    Described(Option<Fields>),
    Failed(ProviderError),
}

impl From<Result<Census, ProviderError>> for Got {
    fn from(result: Result<Census, ProviderError>) -> Self {
        result.map_or_else(Got::Failed, Got::Census)
    }
}

impl From<Result<Accepted, ProviderError>> for Got {
    fn from(result: Result<Accepted, ProviderError>) -> Self {
        result.map_or_else(Got::Failed, |_| Got::Accepted)
    }
}

async fn call(client: &impl Provider, operation: Operation) -> Got {
    let removal = |key| DeleteOrder { key, owner: None };
    let orders = store("a").store_spec();
    match operation {
        Operation::List | Operation::Key => client.observe(&scope()).await.into(),
        Operation::ConfirmAbsence => {
            // Where nobody is, it fails too; what is judged is the look behind it.
            drop(client.delete(&removal(key("a"))).await);
            client.observe(&scope()).await.into()
        }
        Operation::Register => {
            let order = CreateOrder::RegisterJar {
                scope: scope(),
                jar_url: "oss://b/a.jar".to_owned(),
                members: vec![desired("a").definition()],
            };
            client.create(&order).await.into()
        }
        Operation::Delete => client.delete(&removal(key("a"))).await.into(),
        Operation::Query | Operation::PollRead => client.observe(&Scope::Stores).await.into(),
        Operation::Describe => {
            client.describe(&shown_store(&orders, "sysadmin")).await.map_or_else(Got::Failed, Got::Described)
        }
        Operation::Create | Operation::PollWrite => client.create(&CreateOrder::Store(orders)).await.into(),
        Operation::Update => {
            let fields = orders.fields().into_keys().filter(|name| name == "kafka.uris").collect();
            client.update(&UpdateOrder { store: orders, fields }).await.into()
        }
        Operation::Drop => client.delete(&removal(orders.key())).await.into(),
    }
}

/// What is wrong with how a cell was met; nothing if it is as required.
pub(super) async fn played(cell: &Cell, elsewhere: &Service, defect: Option<Defect>) -> Result<(), String> {
    let (server, client) = (Service::holding(Some("a")), &cell.operation);
    let own = format!("http://{}", server.authority());
    let (address, wire, is_carried_out) = match &cell.how {
        How::Never(_) => return Ok(()),
        How::Wire(wire) => (own.clone(), Some(wire), false),
        How::CarriedOut(wire) => (own.clone(), Some(wire), true),
        How::Address(address) => ((*address).to_owned(), None, false),
        How::Tls => (format!("https://{}", server.authority()), None, false),
    };
    if cell.operation.is_poll() {
        server.poll();
    }
    if let Some(wire) = wire {
        let (wire, on) = (wire.clone(), cell.operation.asked());
        server.play(Play { on, times: usize::MAX, is_carried_out, wire });
    }
    let late = matches!(wire, Some(Wire::Stall(_) | Wire::Drip(_)));
    let total = if late { SHORT } else { PATIENT };
    let deadlines = Deadlines { connect: Duration::from_secs(5), read: total, total };
    // An endless body takes its time, and ends the statement.
    let is_asked_through = client.is_poll() && !matches!(wire, Some(Wire::Flood(..)));
    let statement = if is_asked_through { SOME_POLLS } else { PATIENT };
    // Keys come from an address of their own; the service itself is well.
    let (service, keys) = match cell.operation {
        Operation::Key => (own, format!("{address}/key")),
        _ => (address, String::new()),
    };
    let elsewhere_at = elsewhere.authority();
    let before = elsewhere.heard().len();
    let clients = Clients::new(*client, &service, keys, deadlines, statement);
    let got = if client.is_flink() {
        call(&Client { inner: clients.flink, defect, elsewhere: elsewhere_at }, *client).await
    } else {
        call(&Client { inner: clients.stores, defect, elsewhere: elsewhere_at }, *client).await
    };
    let heard = server.heard();
    if elsewhere.heard().len() > before {
        return Err("a redirect was followed".to_owned());
    }
    judged(cell, &got)?;
    counted(cell, &heard)
}

fn judged(cell: &Cell, got: &Got) -> Result<(), String> {
    let Got::Failed(error) = got else {
        let is_right = match (cell.required, got) {
            (Required::Taken, Got::Census(census)) => census.len() == 1,
            (Required::NotReady, Got::Census(census)) => {
                census.objects().all(|live| matches!(live.readiness, Readiness::Pending { .. }))
                    && census.len() == 1
            }
            (Required::Taken, Got::Accepted | Got::Described(Some(_)))
            | (Required::ListDecides, Got::Described(None)) => true,
            _ => false,
        };
        return if is_right { Ok(()) } else { Err(format!("is taken for an answer: {got:?}")) };
    };
    let class = match error.class {
        ErrorClass::Unavailable => Required::Again,
        ErrorClass::Ambiguous => Required::Ambiguous,
        ErrorClass::Throttled { .. } => Required::Throttled,
        ErrorClass::Auth => Required::Auth,
        ErrorClass::Conflict => Required::Conflict,
        ErrorClass::Invalid => Required::Refused,
        ErrorClass::Protocol => Required::Protocol,
    };
    let told = format!("{error} {}", error.hint.as_deref().unwrap_or_default());
    if class != cell.required {
        return Err(format!("{class:?}: {told}"));
    }
    if told.contains(CANARY) {
        return Err(format!("a secret is told: {told}"));
    }
    if error.operation.is_empty() || error.message.trim().is_empty() {
        return Err(format!("says nothing: {told}"));
    }
    let page =
        cell.operation != Operation::Key && (cell.fault == "a login page" || cell.fault == "407 of a proxy");
    if page && (!told.contains("Log in at the desk") || told.contains("more")) {
        return Err(format!("does not tell the first line of the page: {told}"));
    }
    if cell.fault == "a clock that is wrong" && !told.contains("clock") {
        return Err(format!("does not tell of the clock: {told}"));
    }
    Ok(())
}

/// One call is one request; only how a statement stands is asked more than once.
fn counted(cell: &Cell, heard: &[Asked]) -> Result<(), String> {
    let of = |asked: Asked| heard.iter().filter(|heard| **heard == asked).count();
    let (asked, sent) = (cell.operation.asked(), of(cell.operation.asked()));
    let is_unsent = matches!(cell.how, How::Address(_) | How::Tls);
    let wanted = usize::from(!is_unsent);
    if asked == Asked::Poll {
        let submitted = of(if cell.operation.writes() { Asked::Create } else { Asked::Query });
        let passes = cell.required == Required::Again && cell.fault != "the vendor's code for not now";
        return match (submitted, sent, passes) {
            (1, 2.., true) | (1, 1.., false) => Ok(()),
            _ => Err(format!("{submitted} statements, {sent} polls")),
        };
    }
    if cell.operation == Operation::Key && of(Asked::List) > 0 {
        return Err("asked without a key".to_owned());
    }
    // On a busy machine the deadline may pass before the server has read.
    let is_late = matches!(cell.how, How::CarriedOut(Wire::Stall(_) | Wire::Drip(_)));
    if sent == wanted || (is_late && sent == 0) { Ok(()) } else { Err(format!("{sent} requests")) }
}
