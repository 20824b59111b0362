//! Tests of the client as a whole, against a raw loopback server.

mod answers;
mod credentials;
mod faults;
mod requests;
mod vectors;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::natural_key::{ConnectorName, NamespaceName, NaturalKey, Scope, WorkspaceId};
use crate::platform::http::Deadlines;
use crate::platform::http::loopback::{Loopback, Reply};
use crate::ports::provider::{Accepted, CreateOrder, DeleteOrder, Provider, ProviderError};
use crate::providers::alicloud::AlicloudProvider;
use crate::providers::alicloud::credentials::{CredentialSource, Credentials, Environment};
use crate::providers::alicloud::settings::Settings;

const SECRET: &str = "fake-secret/not+real";
const TOKEN: &str = "fake/token+not==real";

/// Variables that belong to one test.
#[derive(Default)]
struct Variables {
    set: BTreeMap<String, String>,
    home: Option<PathBuf>,
}

impl Variables {
    fn of(pairs: &[(&str, &str)]) -> Self {
        let set = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { set, home: None }
    }
}

impl Environment for Variables {
    fn var(&self, name: &str) -> Option<String> {
        self.set.get(name).cloned()
    }
    fn home(&self) -> Option<PathBuf> {
        self.home.clone()
    }
}

fn scope() -> Scope {
    Scope::FlinkNamespace {
        workspace: WorkspaceId::new("ws-1").unwrap(),
        namespace: NamespaceName::new("ns one").unwrap(),
    }
}

fn key(name: &str) -> NaturalKey {
    NaturalKey::FlinkConnector {
        workspace: WorkspaceId::new("ws-1").unwrap(),
        namespace: NamespaceName::new("ns one").unwrap(),
        name: ConnectorName::new(name).unwrap(),
    }
}

fn removal(name: &str) -> DeleteOrder {
    DeleteOrder { key: key(name), owner: None }
}

fn order() -> CreateOrder {
    CreateOrder::RegisterJar {
        scope: scope(),
        jar_url: "oss://b/a.jar?sig=jarhush-1".to_owned(),
        members: vec![],
    }
}

fn settings(endpoint: &str) -> Settings {
    let key = Credentials::new("fake-id", SECRET, Some(TOKEN.to_owned()), None).unwrap();
    Settings {
        endpoint: Some(endpoint.to_owned()),
        credentials: CredentialSource::Static(key),
        deadlines: Deadlines {
            connect: Duration::from_secs(5),
            read: Duration::from_secs(10),
            total: Duration::from_secs(10),
        },
        ..Settings::default()
    }
}

fn provider(settings: &Settings) -> AlicloudProvider {
    let environment: Arc<dyn Environment> = Arc::new(Variables::default());
    AlicloudProvider::new(settings, &BTreeMap::new(), &environment).unwrap()
}

/// What one reply makes of a read.
async fn observed(reply: Reply) -> Result<crate::domain::live::Census, ProviderError> {
    let server = Loopback::start(vec![reply]);
    provider(&settings(&server.url())).observe(&scope()).await
}

/// What one reply makes of each write.
async fn written(reply: Reply) -> [Result<Accepted, ProviderError>; 2] {
    let server = Loopback::start(vec![reply.clone(), reply]);
    let provider = provider(&settings(&server.url()));
    [provider.create(&order()).await, provider.delete(&removal("a")).await]
}
