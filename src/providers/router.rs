//! One provider for all services: who is asked follows from the scope, the order or the key. It sends nothing itself.

use super::alicloud::AlicloudProvider;
use super::deltastream::DeltastreamProvider;
use crate::domain::field::Fields;
use crate::domain::live::{Census, Live};
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

    async fn describe(&self, live: &Live) -> Result<Option<Fields>, ProviderError> {
        match &live.key {
            NaturalKey::FlinkConnector { .. } => self.alicloud("describe")?.describe(live).await,
            NaturalKey::Store { .. } => self.deltastream("describe")?.describe(live).await,
        }
    }
}

#[cfg(test)]
mod tests {

    use crate::domain::live::Readiness;
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::*;
    use crate::domain::natural_key::{ConnectorName, NamespaceName, StoreName, WorkspaceId};
    use crate::platform::http::loopback::{Loopback, Reply};
    use crate::providers::alicloud::credentials::{CredentialSource, Credentials, ProcessEnvironment};
    use crate::providers::{alicloud, deltastream};

    fn namespace() -> (WorkspaceId, NamespaceName) {
        (WorkspaceId::new("ws").unwrap(), NamespaceName::new("ns").unwrap())
    }

    fn connectors() -> Scope {
        let (workspace, namespace) = namespace();
        Scope::FlinkNamespace { workspace, namespace }
    }

    fn delete(key: NaturalKey) -> DeleteOrder {
        DeleteOrder { key, owner: None }
    }

    fn connector() -> NaturalKey {
        let (workspace, namespace) = namespace();
        NaturalKey::FlinkConnector { workspace, namespace, name: ConnectorName::new("c").unwrap() }
    }

    fn store() -> NaturalKey {
        NaturalKey::Store { name: StoreName::new("s").unwrap() }
    }

    fn alicloud(url: String) -> AlicloudProvider {
        let settings = alicloud::settings::Settings {
            endpoint: Some(url),
            credentials: CredentialSource::Static(Credentials::new("id", "secret", None, None).unwrap()),
            ..Default::default()
        };
        AlicloudProvider::new(&settings, &BTreeMap::new(), &(Arc::new(ProcessEnvironment) as _)).unwrap()
    }

    fn deltastream(url: String) -> DeltastreamProvider {
        let token = deltastream::settings::TokenSource::Static("token".into());
        let settings = deltastream::settings::Settings { url: Some(url), token, ..Default::default() };
        DeltastreamProvider::new(settings, |_| None).unwrap()
    }

    fn live(key: NaturalKey) -> Live {
        Live { key, fields: Fields::new(), readiness: Readiness::Ready, attributes: BTreeMap::new() }
    }

    #[tokio::test]
    async fn a_service_that_is_not_set_hinders_nobody_who_does_not_need_it() {
        let listing = Reply::json(200, r#"{"requestId":"R","success":true,"data":[]}"#);
        let server = Loopback::start(vec![listing]);
        let router = Router { alicloud: Some(alicloud(server.url())), deltastream: None };
        assert!(router.observe(&connectors()).await.unwrap().is_empty());
        for error in [
            router.observe(&Scope::Stores).await.unwrap_err(),
            router.delete(&delete(store())).await.unwrap_err(),
            router.describe(&live(store())).await.unwrap_err(),
        ] {
            assert_eq!(error.message, "the profile does not talk to DeltaStream");
            assert!(error.hint.unwrap().contains("--deltastream-url"));
        }
    }

    #[tokio::test]
    async fn stores_and_connectors_go_to_their_own_service() {
        let accepted = Reply::json(200, r#"{"sqlState":"00000","statementID":"i"}"#);
        let server = Loopback::start(vec![accepted]);
        let router = Router { alicloud: None, deltastream: Some(deltastream(server.url())) };
        router.delete(&delete(store())).await.unwrap();
        assert!(server.heard()[0].contains(r#"DROP STORE \"s\";"#));
        for error in [
            router.observe(&connectors()).await.unwrap_err(),
            router.delete(&delete(connector())).await.unwrap_err(),
            router.describe(&live(connector())).await.unwrap_err(),
        ] {
            assert_eq!(error.message, "the profile does not talk to Alibaba Cloud");
        }
        assert!(!router.abilities(&connectors()).sends_definition);
    }
}
