//! Builders: `desired("a").jar("1")` is a declared connector, and knows its recorded and its live self. What only stores
//! have is in `stores`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use reconcile::domain::address::{Address, Kind, ObjectName};
use reconcile::domain::desired::{Desired, DesiredSet, Lifecycle, OnRemove, Origin, Spec, Timeouts};
use reconcile::domain::field::{Fields, Readable};
use reconcile::domain::kind::flink_connector::FlinkConnectorSpec;
use reconcile::domain::live::{Live, Readiness};
use reconcile::domain::natural_key::{
    ConnectorName, NamespaceName, NaturalKey, Scope, StoreName, WorkspaceId,
};
use reconcile::domain::recorded::Recorded;
use reconcile::domain::rules::rules;

use super::stores::{ROLE, observer, shown_store};

/// A declared object that is still being written.
#[derive(Debug, Clone)]
pub(crate) struct Declared(pub(super) Desired);

/// Connector `name` of type `type-name` from a JAR of its own, in workspace `ws`, namespace `ns`.
pub(crate) fn desired(name: &str) -> Declared {
    let spec = FlinkConnectorSpec {
        workspace: WorkspaceId::new("ws").unwrap(),
        namespace: NamespaceName::new("ns").unwrap(),
        name: ConnectorName::new(name).unwrap(),
        connector_type: format!("type-{name}"),
        jar_url: jar(name),
        jar_version: None,
        description: None,
        source: None,
        sink: None,
        lookup: None,
        supported_formats: None,
        dependencies: None,
    };
    declared_at(name, Spec::FlinkConnector(spec))
}

/// This spec under this address, with nothing else said.
pub(super) fn declared_at(name: &str, spec: Spec) -> Declared {
    Declared(Desired {
        address: address(name),
        spec,
        lifecycle: Lifecycle::default(),
        depends_on: BTreeSet::new(),
        labels: BTreeMap::new(),
        annotations: BTreeMap::new(),
        origin: Origin { file: "m.yaml".into(), line: 1, column: 1 },
    })
}

/// An address as it is written; without a kind, of a connector.
pub(crate) fn address(name: &str) -> Address {
    let connector = || Address { kind: Kind::FlinkConnector, name: ObjectName::new(name).unwrap() };
    if name.contains('/') { name.parse().unwrap() } else { connector() }
}

/// The natural key of the connector `name` in `ws`, `ns`.
pub(crate) fn key(name: &str) -> NaturalKey {
    desired(name).key()
}

/// The scope `ws:ns`.
pub(crate) fn scope() -> Scope {
    key("a").scope()
}

/// The URL of a JAR.
pub(crate) fn jar(name: &str) -> String {
    format!("oss://b/{name}.jar")
}

/// A set of texts.
pub(crate) fn texts(items: &[&str]) -> BTreeSet<String> {
    items.iter().map(|item| (*item).to_owned()).collect()
}

/// Declared objects as the loader hands them over.
pub(crate) fn set(declared: impl IntoIterator<Item = Declared>) -> DesiredSet {
    declared.into_iter().map(|Declared(desired)| (desired.address.clone(), desired)).collect()
}

/// What a listing shows of a connector that the service made from exactly this definition.
pub(crate) fn shown(spec: &FlinkConnectorSpec) -> Live {
    let declared = spec.fields();
    let readable = rules(Kind::FlinkConnector).iter().filter(|rule| rule.readable == Readable::Yes);
    let fields: Fields =
        readable.filter_map(|r| Some((r.name.to_owned(), declared.get(r.name)?.clone()))).collect();
    Live { key: spec.key(), fields, readiness: Readiness::Ready, attributes: BTreeMap::new() }
}

impl Declared {
    fn spec(mut self, change: impl FnOnce(&mut FlinkConnectorSpec)) -> Self {
        if let Spec::FlinkConnector(spec) = &mut self.0.spec {
            change(spec);
        }
        self
    }

    fn lifecycle(mut self, change: impl FnOnce(&mut Lifecycle)) -> Self {
        change(&mut self.0.lifecycle);
        self
    }

    pub(crate) fn at(mut self, name: &str) -> Self {
        self.0.address = address(name);
        self
    }

    pub(crate) fn named(self, name: &str) -> Self {
        match self.0.spec {
            Spec::FlinkConnector(_) => self.spec(|spec| spec.name = ConnectorName::new(name).unwrap()),
            Spec::Store(_) => self.store_parts(|parts| parts.name = StoreName::new(name).unwrap()),
        }
    }

    pub(crate) fn workspace(self, name: &str) -> Self {
        self.spec(|spec| spec.workspace = WorkspaceId::new(name).unwrap())
    }

    pub(crate) fn of_type(self, name: &str) -> Self {
        self.spec(|spec| name.clone_into(&mut spec.connector_type))
    }

    pub(crate) fn jar(self, name: &str) -> Self {
        self.spec(|spec| spec.jar_url = jar(name))
    }

    pub(crate) fn version(self, text: &str) -> Self {
        self.spec(|spec| spec.jar_version = Some(text.to_owned()))
    }

    pub(crate) fn description(self, text: &str) -> Self {
        match self.0.spec {
            Spec::FlinkConnector(_) => self.spec(|spec| spec.description = Some(text.to_owned())),
            Spec::Store(_) => self.store_parts(|parts| parts.description = Some(text.to_owned())),
        }
    }

    pub(crate) fn sink(self, sink: bool) -> Self {
        self.spec(|spec| spec.sink = Some(sink))
    }

    pub(crate) fn formats(self, items: &[&str]) -> Self {
        self.spec(|spec| spec.supported_formats = Some(texts(items)))
    }

    pub(crate) fn protect(self) -> Self {
        self.lifecycle(|lifecycle| lifecycle.protect = true)
    }

    pub(crate) fn allow_gap(self) -> Self {
        self.lifecycle(|lifecycle| lifecycle.allow_gap = true)
    }

    pub(crate) fn adopt(self) -> Self {
        self.lifecycle(|lifecycle| lifecycle.adopt = true)
    }

    pub(crate) fn line(mut self, line: u32) -> Self {
        self.0.origin.line = line;
        self
    }

    pub(crate) fn label(mut self, label: &str, value: &str) -> Self {
        self.0.labels.insert(label.to_owned(), value.to_owned());
        self
    }

    pub(crate) fn retain(self) -> Self {
        self.lifecycle(|lifecycle| lifecycle.on_remove = OnRemove::Retain)
    }

    pub(crate) fn ignore(self, field: &str) -> Self {
        self.lifecycle(|lifecycle| lifecycle.ignore_fields = texts(&[&format!("/spec/{field}")]))
    }

    pub(crate) fn limit(self, limit: Duration) -> Self {
        let limits = Timeouts { create: Some(limit), update: Some(limit), delete: Some(limit) };
        self.lifecycle(|lifecycle| lifecycle.timeouts = limits)
    }

    pub(crate) fn after(mut self, names: &[&str]) -> Self {
        self.0.depends_on = names.iter().map(|name| address(name)).collect();
        self
    }

    /// As the loader hands it over.
    pub(crate) fn into_desired(self) -> Desired {
        self.0
    }

    pub(crate) fn address(&self) -> Address {
        self.0.address.clone()
    }

    pub(crate) fn key(&self) -> NaturalKey {
        self.0.spec.key()
    }

    /// The declared connector.
    pub(crate) fn definition(&self) -> FlinkConnectorSpec {
        match &self.0.spec {
            Spec::FlinkConnector(spec) => spec.clone(),
            Spec::Store(_) => unreachable!("this one declares a store"),
        }
    }

    /// The record of an apply that succeeded.
    pub(crate) fn recorded(&self) -> Recorded {
        let observer = matches!(self.0.spec, Spec::Store(_)).then(observer);
        Recorded { observer, ..Recorded::applied(&self.0) }
    }

    /// What a listing shows after an apply that succeeded.
    pub(crate) fn live(&self) -> Live {
        match &self.0.spec {
            Spec::FlinkConnector(spec) => shown(spec),
            Spec::Store(spec) => shown_store(spec, ROLE),
        }
    }
}
