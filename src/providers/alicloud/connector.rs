//! Between the service's connector and ours.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::messages::{Connector, TableMeta};
use crate::domain::field::{FieldValue, Fields};
use crate::domain::kind::flink_connector::{FlinkConnectorSpec, name};
use crate::domain::live::{Live, Readiness};
use crate::domain::natural_key::{ConnectorName, KeyError, NamespaceName, NaturalKey, WorkspaceId};

/// The live object that a listing shows.
///
/// # Errors
/// [`KeyError`] when the service shows a name that no request could address.
pub(super) fn live(
    workspace: &WorkspaceId,
    namespace: &NamespaceName,
    shown: Connector,
) -> Result<Live, KeyError> {
    let Connector {
        name,
        kind,
        source,
        sink,
        lookup,
        properties,
        supported_formats,
        dependencies,
        creator,
        creator_name,
        modifier,
        modifier_name,
    } = shown;
    let key = NaturalKey::FlinkConnector {
        workspace: workspace.clone(),
        namespace: namespace.clone(),
        name: ConnectorName::new(name)?,
    };
    let flag = |value: Option<bool>| value.map(FieldValue::Flag);
    let set = |items: Option<Vec<String>>| items.map(|items| FieldValue::Set(items.into_iter().collect()));
    let fields: Fields = [
        (name::CONNECTOR_TYPE, Some(FieldValue::Text(kind))),
        (name::SOURCE, flag(source)),
        (name::SINK, flag(sink)),
        (name::LOOKUP, flag(lookup)),
        (name::SUPPORTED_FORMATS, set(supported_formats.map(|list| list.0))),
        (name::DEPENDENCIES, set(dependencies.map(|list| list.0))),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name.to_owned(), value?)))
    .collect();
    let attributes: BTreeMap<String, String> = [
        ("creator", creator),
        ("creatorName", creator_name),
        ("modifier", modifier),
        ("modifierName", modifier_name),
        ("properties", properties.map(|list| list.0.len().to_string())),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name.to_owned(), value?)))
    .collect();
    Ok(Live { key, fields, readiness: Readiness::Ready, attributes })
}

/// `catalog.database.table`, as far as the service names them.
pub(super) fn table(touched: TableMeta) -> String {
    let TableMeta { catalog, database, table } = touched;
    [catalog, database, table].into_iter().flatten().collect::<Vec<_>>().join(".")
}

/// The body of a registration for services that take definitions (`sendDefinition`): the declared fields and no others.
pub(super) fn definition(members: &[FlinkConnectorSpec]) -> Vec<u8> {
    let connectors: Vec<Value> = members.iter().map(declared).collect();
    Value::Object(Map::from_iter([("connectors".to_owned(), Value::from(connectors))]))
        .to_string()
        .into_bytes()
}

fn declared(spec: &FlinkConnectorSpec) -> Value {
    let FlinkConnectorSpec {
        workspace: _,
        namespace: _,
        name,
        connector_type,
        jar_url: _,
        jar_version: _,
        description: _,
        source,
        sink,
        lookup,
        supported_formats,
        dependencies,
    } = spec;
    let flag = |value: Option<bool>| value.map(Value::from);
    let set = |items: &Option<BTreeSet<String>>| {
        items.as_ref().map(|items| items.iter().cloned().collect::<Value>())
    };
    [
        ("name", Some(Value::from(name.as_str()))),
        ("type", Some(Value::from(connector_type.as_str()))),
        ("source", flag(*source)),
        ("sink", flag(*sink)),
        ("lookup", flag(*lookup)),
        ("supportedFormats", set(supported_formats)),
        ("dependencies", set(dependencies)),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name.to_owned(), value?)))
    .collect::<Map<_, _>>()
    .into()
}
