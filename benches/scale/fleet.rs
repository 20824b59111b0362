//! The manifests that are loaded: one file for each connector, spread over the namespaces, as a team writes them.

use std::path::Path;

pub(crate) const NAMESPACES: usize = 20;
pub(crate) const WORKSPACE: &str = "workspace-a";

/// One connector of the fleet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Connector(pub(crate) usize);

impl Connector {
    pub(crate) fn name(self) -> String {
        format!("connector-{:06}", self.0)
    }

    pub(crate) fn namespace(self) -> String {
        format!("namespace-{:02}", self.0 % NAMESPACES)
    }

    pub(crate) fn connector_type(self) -> String {
        format!("type-{:06}", self.0)
    }

    pub(crate) fn jar_url(self) -> String {
        format!("oss://artifacts/connectors/{}-1.4.2.jar", self.name())
    }

    pub(crate) fn manifest(self) -> String {
        let Self(number) = self;
        let (name, namespace) = (self.name(), self.namespace());
        let (connector_type, jar_url) = (self.connector_type(), self.jar_url());
        let team = number % NAMESPACES;
        format!(
            "apiVersion: reconcile/v1
kind: FlinkConnector
metadata:
  name: {name}
  labels:
    team: team-{team}
    stage: prod
spec:
  workspaceId: {WORKSPACE}
  namespaceName: {namespace}
  connectorName: {name}
  connectorType: {connector_type}
  jarUrl: {jar_url}
  description: Reads and writes topic {number} of team {team}
  source: true
  sink: true
  supportedFormats: [json, avro, debezium-json]
lifecycle:
  protect: false
  onRemove: delete
"
        )
    }
}

/// Writes so many manifests into a folder.
pub(crate) fn write(folder: &Path, size: usize) {
    std::fs::create_dir_all(folder).unwrap();
    for connector in (0..size).map(Connector) {
        std::fs::write(folder.join(format!("{}.yaml", connector.name())), connector.manifest()).unwrap();
    }
}
