//! What the same work costs without everything that makes it safe: the files read into plain types by all cores, and the
//! requests sent by the same client.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::stream::{self, StreamExt as _};
use reconcile::domain::kind::flink_connector::FlinkConnectorSpec;
use reconcile::domain::natural_key::{ConnectorName, NamespaceName, Scope, WorkspaceId};
use reconcile::platform::http::Proxy;
use reconcile::ports::provider::{CreateOrder, Provider as _};
use reconcile::providers::alicloud::AlicloudProvider;
use reconcile::providers::alicloud::credentials::{CredentialSource, Credentials, ProcessEnvironment};
use reconcile::providers::alicloud::settings::Settings;
use serde::Deserialize;

use crate::fleet::{Connector, WORKSPACE};
use crate::program::Emulator;

/// A manifest as somebody would type it who only wants its values.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "what is read is the measure; nobody looks at it")]
struct Manifest {
    api_version: String,
    kind: String,
    metadata: Metadata,
    spec: Spec,
    lifecycle: Lifecycle,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "what is read is the measure; nobody looks at it")]
struct Metadata {
    name: String,
    labels: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "what is read is the measure; nobody looks at it")]
struct Spec {
    workspace_id: String,
    namespace_name: String,
    connector_name: String,
    connector_type: String,
    jar_url: String,
    description: String,
    source: bool,
    sink: bool,
    supported_formats: BTreeSet<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "what is read is the measure; nobody looks at it")]
struct Lifecycle {
    protect: bool,
    on_remove: String,
}

/// Reads every file of a folder into its type, on all cores. Returns how many there were.
pub(crate) fn read(folder: &Path) -> usize {
    let files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    let next = AtomicUsize::new(0);
    let run = || {
        let mut read: Vec<Manifest> = Vec::new();
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            read.push(serde_saphyr::from_str(&std::fs::read_to_string(file).unwrap()).unwrap());
        }
        read
    };
    let workers = std::thread::available_parallelism().unwrap().get();
    let read: Vec<Vec<Manifest>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(run)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    read.iter().map(Vec::len).sum()
}

/// Registers so many connectors, so many at once, and nothing else.
pub(crate) fn register(emulator: &Emulator, size: usize, parallelism: usize) {
    let (id, secret) = (emulator.key_id.clone(), emulator.key_secret.clone());
    let settings = Settings {
        endpoint: Some(emulator.url.clone()),
        send_definition: true,
        proxy: Proxy::None,
        credentials: CredentialSource::Static(Credentials::new(id, secret, None, None).unwrap()),
        ..Settings::default()
    };
    let provider =
        &AlicloudProvider::new(&settings, &BTreeMap::new(), &(Arc::new(ProcessEnvironment) as Arc<_>))
            .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let sent = stream::iter((0..size).map(Connector)).map(|connector| {
        let order = order(connector);
        async move { provider.create(&order).await.unwrap() }
    });
    let sent = runtime.block_on(sent.buffer_unordered(parallelism).count());
    assert_eq!(sent, size);
}

fn order(connector: Connector) -> CreateOrder {
    let workspace = WorkspaceId::new(WORKSPACE).unwrap();
    let namespace = NamespaceName::new(connector.namespace()).unwrap();
    let scope = Scope::FlinkNamespace { workspace: workspace.clone(), namespace: namespace.clone() };
    let member = FlinkConnectorSpec {
        workspace,
        namespace,
        name: ConnectorName::new(connector.name()).unwrap(),
        connector_type: connector.connector_type(),
        jar_url: connector.jar_url(),
        jar_version: None,
        description: None,
        source: Some(true),
        sink: Some(true),
        lookup: None,
        supported_formats: Some(["json", "avro", "debezium-json"].map(str::to_owned).into()),
        dependencies: None,
    };
    CreateOrder::RegisterJar { scope, jar_url: connector.jar_url(), members: vec![member] }
}
