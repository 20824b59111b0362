//! The provider port: what the engine asks of a service.

use std::collections::BTreeSet;
use std::future::Future;
use std::time::Duration;

use crate::domain::field::Fields;
use crate::domain::kind::flink_connector::FlinkConnectorSpec;
use crate::domain::kind::store::StoreSpec;
use crate::domain::live::{Census, Live};
use crate::domain::natural_key::{NaturalKey, Scope};

/// What is to be created, in one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CreateOrder {
    /// Register one JAR (FR-001).
    RegisterJar {
        /// Where.
        scope: Scope,
        /// The JAR; the service's only documented input.
        jar_url: String,
        /// The connectors that it must bring. Sent only to services that take definitions (`sendDefinition`).
        members: Vec<FlinkConnectorSpec>,
    },
    /// Create one store, as its owner.
    Store(StoreSpec),
}

/// What is to be changed in place, in one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateOrder {
    /// The store as declared.
    pub store: StoreSpec,
    /// The fields that changed. What belongs together is sent together ([`StoreSpec::update`]).
    pub fields: BTreeSet<String>,
}

/// What is to be deleted, in one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeleteOrder {
    /// The object.
    pub key: NaturalKey,
    /// The role that owns it, where objects have one.
    pub owner: Option<String>,
}

/// The service took a write. It never means that the write is done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Accepted {
    /// The service's id of the request; empty when it gave none.
    pub request_id: String,
    /// What the service says it created. Presence is proven by a listing, not by this.
    pub created: Vec<Live>,
    /// Tables that a delete touched, as `catalog.database.table`.
    pub tables: Vec<String>,
}

/// What an error means for what may be done next. The class decides; the vendor's code is data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorClass {
    /// Too many requests; definite: not processed (FR-010).
    Throttled {
        /// When the service said to come back.
        after: Option<Duration>,
    },
    /// Credentials or permissions; definite.
    Auth,
    /// It exists already; definite.
    Conflict,
    /// The service does not want this request; definite.
    Invalid,
    /// Not reached, or not now. For a write: definite, nothing was sent or the service said that it took nothing.
    Unavailable,
    /// A write that may or may not have been processed. Never retried, always settled by observing.
    Ambiguous,
    /// A read whose answer makes no sense.
    Protocol,
}

/// A failed call. The message is redacted and carries no URL query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{operation}: {}{message}{}", code_prefix(.code.as_ref()), request_suffix(.request_id.as_ref()))]
pub struct ProviderError {
    /// What it means.
    pub class: ErrorClass,
    /// The operation, in the vendor's words (`RegisterCustomConnector`).
    pub operation: &'static str,
    /// The vendor's code.
    pub code: Option<String>,
    /// The vendor's words, or ours when it said nothing.
    pub message: String,
    /// The vendor's id of the request.
    pub request_id: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
}

fn code_prefix(code: Option<&String>) -> String {
    code.map(|code| format!("{code}: ")).unwrap_or_default()
}

fn request_suffix(id: Option<&String>) -> String {
    id.map(|id| format!(" (request {id})")).unwrap_or_default()
}

impl ProviderError {
    /// The provider serves other scopes, or its API cannot do this. Nothing was sent.
    pub fn unsupported(operation: &'static str) -> Self {
        Self {
            class: ErrorClass::Invalid,
            operation,
            code: None,
            message: "this provider does not serve such an object".to_owned(),
            request_id: None,
            hint: None,
        }
    }
}

/// What a provider can do with the objects of a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Abilities {
    /// Whether a registration also carries the declared definition (`sendDefinition`).
    pub sends_definition: bool,
}

/// A service, seen by the engine.
///
/// # Expected flow
/// `observe` before planning; then `create`, `update` and `delete`, each followed by `observe` until presence or absence is
/// proven.
///
/// # Guarantees
/// One call is at most one request that changes something. No call waits for readiness, none repeats a write.
/// `observe` changes nothing and returns a census only for a complete, successful listing. Every call ends within its
/// deadline. No error text holds a secret.
///
/// # Assumptions
/// The natural key is unique in the service: a second object of the same key is refused.
///
/// # Caveats
/// A listing may lag behind a write that was accepted.
pub trait Provider: Send + Sync {
    /// What it can do in this scope.
    fn abilities(&self, scope: &Scope) -> Abilities;

    /// Lists one scope completely.
    fn observe(&self, scope: &Scope) -> impl Future<Output = Result<Census, ProviderError>> + Send;

    /// Creates.
    fn create(&self, order: &CreateOrder) -> impl Future<Output = Result<Accepted, ProviderError>> + Send;

    /// Changes one object in place. Asked only of a kind whose API can.
    fn update(&self, order: &UpdateOrder) -> impl Future<Output = Result<Accepted, ProviderError>> + Send;

    /// Deletes one object.
    fn delete(&self, order: &DeleteOrder) -> impl Future<Output = Result<Accepted, ProviderError>> + Send;

    /// What a read of this one object shows beside what a listing does ([`Readable::Deep`]); nothing for a kind whose
    /// listing shows everything, `None` when the object is not there.
    ///
    /// [`Readable::Deep`]: crate::domain::field::Readable::Deep
    fn describe(&self, live: &Live) -> impl Future<Output = Result<Option<Fields>, ProviderError>> + Send;
}
