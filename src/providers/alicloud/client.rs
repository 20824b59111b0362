//! The provider: one account per workspace that has one of its own, and one for all others.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::connector;
use super::credentials::{Environment, KeyRing};
use super::errors::{self, Judge};
use super::messages::{Connector, Envelope, List, TableMeta};
use super::redact::Redactor;
use super::request::{self, Addressing, Call};
use super::settings::{Settings, SettingsError, SignatureVersion, WorkspaceSettings};
use crate::domain::field::Fields;
use crate::domain::live::{Census, Live};
use crate::domain::natural_key::{NamespaceName, NaturalKey, Scope, WorkspaceId};
use crate::platform::http::HttpClient;
use crate::platform::{entropy, time};
use crate::ports::provider::{
    Abilities, Accepted, CreateOrder, DeleteOrder, ErrorClass, Provider, ProviderError, UpdateOrder,
};

/// The largest answer: a listing of well over 10,000 connectors with all their options.
const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// One account at one endpoint.
struct Account {
    http: HttpClient,
    keys: KeyRing,
    signature: SignatureVersion,
    send_definition: bool,
}

impl Account {
    fn new(settings: &Settings, environment: &Arc<dyn Environment>) -> Result<Self, SettingsError> {
        let origin = settings.origin()?;
        Ok(Self {
            http: HttpClient::new(origin, &settings.proxy, settings.deadlines, BODY_LIMIT)?,
            keys: KeyRing::new(settings.credentials.clone(), Arc::clone(environment)),
            signature: settings.signature,
            send_definition: settings.send_definition,
        })
    }
}

/// Custom Flink connectors on Alibaba Cloud.
///
/// Concurrency is the caller's to bound. Keys are fetched with the first call and kept.
pub struct AlicloudProvider {
    /// For workspaces without settings of their own. An error is only met by who needs it.
    default: Result<Account, SettingsError>,
    own: BTreeMap<WorkspaceId, Account>,
}

impl AlicloudProvider {
    /// A provider. Sends nothing yet.
    ///
    /// # Errors
    /// [`SettingsError`]; a missing endpoint is none when every workspace in use may have its own.
    pub fn new(
        settings: &Settings,
        workspaces: &BTreeMap<WorkspaceId, WorkspaceSettings>,
        environment: &Arc<dyn Environment>,
    ) -> Result<Self, SettingsError> {
        let default = match Account::new(settings, environment) {
            Err(error) if workspaces.is_empty() || error != SettingsError::NoEndpoint => return Err(error),
            default => default,
        };
        let own = workspaces
            .iter()
            .map(|(id, own)| Ok((id.clone(), Account::new(&settings.with(own), environment)?)))
            .collect::<Result<_, SettingsError>>()?;
        Ok(Self { default, own })
    }

    fn account(&self, workspace: &WorkspaceId) -> Result<&Account, &SettingsError> {
        self.own.get(workspace).map_or(self.default.as_ref(), Ok)
    }

    /// Sends one call and reads its envelope. What comes back says `success`.
    async fn ask<T: DeserializeOwned>(
        &self,
        call: &Call<'_>,
        workspace: &WorkspaceId,
        namespace: &NamespaceName,
    ) -> Result<(Envelope<T>, Judge), ProviderError> {
        let account = self.account(workspace).map_err(|error| errors::unusable(call.operation(), error))?;
        let now = time::wall();
        let unready = |class, message: String| ProviderError {
            class,
            operation: call.operation(),
            code: None,
            message,
            request_id: None,
            hint: None,
        };
        let held = account.keys.key(now).await;
        let held = held.map_err(|error| unready(ErrorClass::Auth, error.to_string()))?;
        let nonce =
            entropy::hex_128().map_err(|error| unready(ErrorClass::Unavailable, error.to_string()))?;
        let to = Addressing {
            authority: account.http.origin().authority(),
            workspace,
            namespace,
            signature: account.signature,
        };
        let request = request::build(call, &to, &held.key, now, &nonce);
        let judge = Judge::new(call, Redactor::new(Some(&held.key)), held.source, now);

        let outcome = account.http.send(&request).await.map_err(|error| judge.transport(&error));
        let outcome = outcome.and_then(|answer| judge.envelope(&answer));
        if outcome.as_ref().is_err_and(|error| error.class == ErrorClass::Auth) {
            account.keys.forget().await;
        }
        Ok((outcome?, judge))
    }

    async fn list(
        &self,
        workspace: &WorkspaceId,
        namespace: &NamespaceName,
    ) -> Result<Census, ProviderError> {
        let (envelope, judge) = self.ask::<List<Connector>>(&Call::List, workspace, namespace).await?;
        census(workspace, namespace, envelope, &judge)
    }

    async fn register(
        &self,
        workspace: &WorkspaceId,
        namespace: &NamespaceName,
        call: &Call<'_>,
    ) -> Result<Accepted, ProviderError> {
        let (envelope, judge) = self.ask::<List<Connector>>(call, workspace, namespace).await?;
        let shown = envelope.data.map(|list| list.0).unwrap_or_default();
        let created = lives(workspace, namespace, shown, &judge, envelope.request_id.as_ref())?;
        Ok(Accepted { request_id: envelope.request_id.unwrap_or_default(), created, tables: Vec::new() })
    }

    async fn remove(
        &self,
        workspace: &WorkspaceId,
        namespace: &NamespaceName,
        call: &Call<'_>,
    ) -> Result<Accepted, ProviderError> {
        let (envelope, _) = self.ask::<List<TableMeta>>(call, workspace, namespace).await?;
        let touched = envelope.data.map(|list| list.0).unwrap_or_default();
        Ok(Accepted {
            request_id: envelope.request_id.unwrap_or_default(),
            created: Vec::new(),
            tables: touched.into_iter().map(connector::table).collect(),
        })
    }
}

/// What a listing proves.
pub(super) fn census(
    workspace: &WorkspaceId,
    namespace: &NamespaceName,
    envelope: Envelope<List<Connector>>,
    judge: &Judge,
) -> Result<Census, ProviderError> {
    let Some(List(shown)) = envelope.data else {
        // An absent list is not an empty one: taking it for one would prove that everything is gone.
        return Err(judge.contradictory("success without data: this is not a listing", envelope.request_id));
    };
    let scope = Scope::FlinkNamespace { workspace: workspace.clone(), namespace: namespace.clone() };
    let listed = lives(workspace, namespace, shown, judge, envelope.request_id.as_ref())?;
    Census::complete(scope, listed)
        .map_err(|error| judge.contradictory(&error.to_string(), envelope.request_id))
}

fn lives(
    workspace: &WorkspaceId,
    namespace: &NamespaceName,
    shown: Vec<Connector>,
    judge: &Judge,
    request_id: Option<&String>,
) -> Result<Vec<Live>, ProviderError> {
    shown
        .into_iter()
        .map(|shown| connector::live(workspace, namespace, shown))
        .collect::<Result<_, _>>()
        .map_err(|error| judge.contradictory(&error.to_string(), request_id.cloned()))
}

/// One record per failed call, with the service's code, message and request id (FR-009).
fn recorded<T>(outcome: Result<T, ProviderError>, scope: &Scope) -> Result<T, ProviderError> {
    if let Err(error) = &outcome {
        tracing::error!(
            operation = error.operation,
            %scope,
            class = ?error.class,
            code = error.code.as_deref().unwrap_or_default(),
            request_id = error.request_id.as_deref().unwrap_or_default(),
            "{}",
            error.message
        );
    }
    outcome
}

impl Provider for AlicloudProvider {
    fn abilities(&self, scope: &Scope) -> Abilities {
        let sends_definition = match scope {
            Scope::FlinkNamespace { workspace, namespace: _ } => {
                self.account(workspace).is_ok_and(|account| account.send_definition)
            }
            Scope::Stores => false,
        };
        Abilities { sends_definition }
    }

    async fn observe(&self, scope: &Scope) -> Result<Census, ProviderError> {
        let Scope::FlinkNamespace { workspace, namespace } = scope else {
            return Err(ProviderError::unsupported("ListCustomConnectors"));
        };
        recorded(self.list(workspace, namespace).await, scope)
    }

    async fn create(&self, order: &CreateOrder) -> Result<Accepted, ProviderError> {
        let CreateOrder::RegisterJar { scope, jar_url, members } = order else {
            return Err(ProviderError::unsupported("RegisterCustomConnector"));
        };
        let Scope::FlinkNamespace { workspace, namespace } = scope else {
            return Err(ProviderError::unsupported("RegisterCustomConnector"));
        };
        let definition = self.abilities(scope).sends_definition.then(|| connector::definition(members));
        let call = Call::Register { jar_url, definition: definition.as_deref() };
        recorded(self.register(workspace, namespace, &call).await, scope)
    }

    /// The API has register, list and delete, and nothing else (design.md 3.1).
    async fn update(&self, _: &UpdateOrder) -> Result<Accepted, ProviderError> {
        Err(ProviderError::unsupported("UpdateCustomConnector"))
    }

    async fn delete(&self, order: &DeleteOrder) -> Result<Accepted, ProviderError> {
        let NaturalKey::FlinkConnector { workspace, namespace, name } = &order.key else {
            return Err(ProviderError::unsupported("DeleteCustomConnector"));
        };
        recorded(self.remove(workspace, namespace, &Call::Delete { name }).await, &order.key.scope())
    }

    async fn describe(&self, _: &Live) -> Result<Option<Fields>, ProviderError> {
        Ok(Some(Fields::new()))
    }
}
