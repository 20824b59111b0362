//! `FlinkConnector`: a custom connector of Realtime Compute for Apache Flink (FR-001, FR-002).

use std::collections::BTreeSet;

use crate::domain::field::{Carried, FieldRule, FieldValue, Fields, OnChange, Readable, ValueType};
use crate::domain::natural_key::{ConnectorName, NamespaceName, NaturalKey, WorkspaceId};

/// Field names, as manifests and state spell them.
pub mod name {
    /// `spec.connectorType`.
    pub const CONNECTOR_TYPE: &str = "connectorType";
    /// `spec.jarUrl`.
    pub const JAR_URL: &str = "jarUrl";
    /// `spec.jarVersion`.
    pub const JAR_VERSION: &str = "jarVersion";
    /// `spec.description`.
    pub const DESCRIPTION: &str = "description";
    /// `spec.source`.
    pub const SOURCE: &str = "source";
    /// `spec.sink`.
    pub const SINK: &str = "sink";
    /// `spec.lookup`.
    pub const LOOKUP: &str = "lookup";
    /// `spec.supportedFormats`.
    pub const SUPPORTED_FORMATS: &str = "supportedFormats";
    /// `spec.dependencies`.
    pub const DEPENDENCIES: &str = "dependencies";
}

/// What a manifest declares. Every part was checked when it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlinkConnectorSpec {
    /// The workspace id.
    pub workspace: WorkspaceId,
    /// The namespace.
    pub namespace: NamespaceName,
    /// The connector's name.
    pub name: ConnectorName,
    /// The type, as in SQL's `'connector' = '…'`; unique per workspace. Not empty.
    pub connector_type: String,
    /// Where the service finds the JAR. Never fetched or checked by us (FR-011). Not empty.
    pub jar_url: String,
    /// Ours, never sent: a new value registers the same URL again.
    pub jar_version: Option<String>,
    /// For people; the API has no such field.
    pub description: Option<String>,
    /// Whether the connector reads.
    pub source: Option<bool>,
    /// Whether the connector writes.
    pub sink: Option<bool>,
    /// Whether the connector serves lookup joins.
    pub lookup: Option<bool>,
    /// Formats it can be used with.
    pub supported_formats: Option<BTreeSet<String>>,
    /// Additional files it needs.
    pub dependencies: Option<BTreeSet<String>>,
}

impl FlinkConnectorSpec {
    /// The identity that the API enforces.
    pub fn key(&self) -> NaturalKey {
        NaturalKey::FlinkConnector {
            workspace: self.workspace.clone(),
            namespace: self.namespace.clone(),
            name: self.name.clone(),
        }
    }

    /// The spec with this key and these fields; `None` when a required field is missing or the
    /// key is another kind's.
    pub fn from_fields(key: &NaturalKey, fields: &Fields) -> Option<Self> {
        let NaturalKey::FlinkConnector { workspace, namespace, name } = key else { return None };
        let text = |field: &str| match fields.get(field) {
            Some(FieldValue::Text(text)) => Some(text.clone()),
            _ => None,
        };
        let flag = |field: &str| match fields.get(field) {
            Some(FieldValue::Flag(flag)) => Some(*flag),
            _ => None,
        };
        let set = |field: &str| match fields.get(field) {
            Some(FieldValue::Set(set)) => Some(set.clone()),
            _ => None,
        };
        Some(Self {
            workspace: workspace.clone(),
            namespace: namespace.clone(),
            name: name.clone(),
            connector_type: text(name::CONNECTOR_TYPE)?,
            jar_url: text(name::JAR_URL)?,
            jar_version: text(name::JAR_VERSION),
            description: text(name::DESCRIPTION),
            source: flag(name::SOURCE),
            sink: flag(name::SINK),
            lookup: flag(name::LOOKUP),
            supported_formats: set(name::SUPPORTED_FORMATS),
            dependencies: set(name::DEPENDENCIES),
        })
    }

    /// The declared fields that are not part of the key.
    pub fn fields(&self) -> Fields {
        let Self {
            workspace: _,
            namespace: _,
            name: _,
            connector_type,
            jar_url,
            jar_version,
            description,
            source,
            sink,
            lookup,
            supported_formats,
            dependencies,
        } = self;
        let text = |value: &Option<String>| value.clone().map(FieldValue::Text);
        let flag = |value: &Option<bool>| value.map(FieldValue::Flag);
        let set = |value: &Option<BTreeSet<String>>| value.clone().map(FieldValue::Set);
        [
            (name::CONNECTOR_TYPE, Some(FieldValue::Text(connector_type.clone()))),
            (name::JAR_URL, Some(FieldValue::Text(jar_url.clone()))),
            (name::JAR_VERSION, text(jar_version)),
            (name::DESCRIPTION, text(description)),
            (name::SOURCE, flag(source)),
            (name::SINK, flag(sink)),
            (name::LOOKUP, flag(lookup)),
            (name::SUPPORTED_FORMATS, set(supported_formats)),
            (name::DEPENDENCIES, set(dependencies)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
    }
}

const fn key(name: &'static str, help: &'static str) -> FieldRule {
    FieldRule {
        name,
        value: ValueType::Text,
        required: true,
        secret: false,
        default: None,
        on_change: OnChange::ForceNew,
        carried: Carried::Remotely,
        readable: Readable::Key,
        help,
    }
}

const fn shown(name: &'static str, value: ValueType, help: &'static str) -> FieldRule {
    FieldRule {
        name,
        value,
        required: false,
        secret: false,
        default: None,
        on_change: OnChange::InPlace,
        carried: Carried::Remotely,
        readable: Readable::Yes,
        help,
    }
}

/// The rules of design.md 3.1, in the order in which a plan shows them.
pub const FIELDS: &[FieldRule] = &[
    key("workspaceId", "Id of the Flink workspace; travels as a header."),
    key("namespaceName", "Namespace in the workspace."),
    key("connectorName", "Name under which the JAR declares the connector."),
    FieldRule {
        name: name::CONNECTOR_TYPE,
        value: ValueType::Text,
        required: true,
        secret: false,
        default: None,
        on_change: OnChange::ForceNew,
        carried: Carried::Remotely,
        readable: Readable::Yes,
        help: "Type used in SQL as 'connector' = '…'; unique per workspace.",
    },
    FieldRule {
        name: name::JAR_URL,
        value: ValueType::Text,
        required: true,
        secret: false,
        default: None,
        on_change: OnChange::InPlace,
        carried: Carried::Remotely,
        readable: Readable::No,
        help: "Where the service fetches the JAR: oss://bucket/path or a URL it can reach. Not checked by us.",
    },
    FieldRule {
        name: name::JAR_VERSION,
        value: ValueType::Text,
        required: false,
        secret: false,
        default: None,
        on_change: OnChange::InPlace,
        carried: Carried::Remotely,
        readable: Readable::No,
        help: "Ours, never sent: a new value registers the same URL again, for builds that overwrite their JAR.",
    },
    FieldRule {
        name: name::DESCRIPTION,
        value: ValueType::Text,
        required: false,
        secret: false,
        default: None,
        on_change: OnChange::InPlace,
        carried: Carried::InStateOnly,
        readable: Readable::No,
        help: "For people. The API has no such field: kept in state, a change costs no request.",
    },
    shown(name::SOURCE, ValueType::Flag, "Whether the connector can be a source."),
    shown(name::SINK, ValueType::Flag, "Whether the connector can be a sink."),
    shown(name::LOOKUP, ValueType::Flag, "Whether the connector can serve lookup joins."),
    shown(name::SUPPORTED_FORMATS, ValueType::Set, "Formats it can be used with; compared as a set."),
    shown(name::DEPENDENCIES, ValueType::Set, "Additional files it needs; compared as a set."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_declared_field_has_a_rule_and_every_rule_a_field() {
        let text = |s: &str| Some(s.to_owned());
        let some_set = Some(BTreeSet::from(["x".to_owned()]));
        let spec = FlinkConnectorSpec {
            workspace: WorkspaceId::new("w").unwrap(),
            namespace: NamespaceName::new("n").unwrap(),
            name: ConnectorName::new("c").unwrap(),
            connector_type: "t".into(),
            jar_url: "oss://b/j.jar".into(),
            jar_version: text("1"),
            description: text("d"),
            source: Some(true),
            sink: Some(true),
            lookup: Some(false),
            supported_formats: some_set.clone(),
            dependencies: some_set,
        };
        let declared: Vec<String> = spec.fields().into_keys().collect();
        let mut ruled: Vec<String> =
            FIELDS.iter().filter(|r| r.readable != Readable::Key).map(|r| r.name.to_owned()).collect();
        ruled.sort();
        assert_eq!(declared, ruled);
        assert_eq!(FlinkConnectorSpec::from_fields(&spec.key(), &spec.fields()), Some(spec));
    }
}
