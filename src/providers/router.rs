//! One provider for all services: who is asked follows from the scope, the order or the key. It sends nothing itself.

use super::alicloud::AlicloudProvider;
use super::deltastream::DeltastreamProvider;
use crate::domain::field::Fields;
use crate::domain::live::Census;
use crate::domain::natural_key::{NaturalKey, Scope};
use crate::ports::provider::{
    Abilities, Accepted, CreateOrder, DeleteOrder, ErrorClass, Provider, ProviderError, UpdateOrder,
};

/// The services of a profile. One that the profile does not talk to is met as an error by who needs it, and by nobody
/// else.
pub struct Router {
    /// Flink connectors.
    pub alicloud: Option<AlicloudProvider>,
    /// Stores.
    pub deltastream: Option<DeltastreamProvider>,
}

impl Router {
    fn alicloud(&self, operation: &'static str) -> Result<&AlicloudProvider, ProviderError> {
        self.alicloud.as_ref().ok_or_else(|| {
            not_set(
                operation,
                "Alibaba Cloud",
                "add `ververica` to the profile of reconcile.yaml, or pass --ververica-endpoint",
            )
        })
    }

    fn deltastream(&self, operation: &'static str) -> Result<&DeltastreamProvider, ProviderError> {
        self.deltastream.as_ref().ok_or_else(|| {
            not_set(
                operation,
                "DeltaStream",
                "add `deltastream` to the profile of reconcile.yaml, or pass --deltastream-url",
            )
        })
    }
}

/// The profile does not talk to this service. Nothing was sent.
fn not_set(operation: &'static str, service: &str, remedy: &str) -> ProviderError {
    ProviderError {
        class: ErrorClass::Invalid,
        operation,
        code: None,
        message: format!("the profile does not talk to {service}"),
        request_id: None,
        hint: Some(remedy.to_owned()),
    }
}

impl Provider for Router {
    fn abilities(&self, scope: &Scope) -> Abilities {
        let sends_definition = match scope {
            Scope::FlinkNamespace { .. } => {
                self.alicloud.as_ref().is_some_and(|alicloud| alicloud.abilities(scope).sends_definition)
            }
            Scope::Stores => false,
        };
        Abilities { sends_definition }
    }

    async fn observe(&self, scope: &Scope) -> Result<Census, ProviderError> {
        match scope {
            Scope::FlinkNamespace { .. } => self.alicloud("observe")?.observe(scope).await,
            Scope::Stores => self.deltastream("observe")?.observe(scope).await,
        }
    }

    async fn create(&self, order: &CreateOrder) -> Result<Accepted, ProviderError> {
        match order {
            CreateOrder::RegisterJar { .. } => self.alicloud("register")?.create(order).await,
            CreateOrder::Store(_) => self.deltastream("create")?.create(order).await,
        }
    }

    async fn update(&self, order: &UpdateOrder) -> Result<Accepted, ProviderError> {
        self.deltastream("update")?.update(order).await
    }

    async fn delete(&self, order: &DeleteOrder) -> Result<Accepted, ProviderError> {
        match &order.key {
            NaturalKey::FlinkConnector { .. } => self.alicloud("delete")?.delete(order).await,
            NaturalKey::Store { .. } => self.deltastream("delete")?.delete(order).await,
        }
    }

    async fn describe(&self, key: &NaturalKey) -> Result<Option<Fields>, ProviderError> {
        match key {
            NaturalKey::FlinkConnector { .. } => self.alicloud("describe")?.describe(key).await,
            NaturalKey::Store { .. } => self.deltastream("describe")?.describe(key).await,
        }
    }
}
