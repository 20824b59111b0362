//! Reads the spec of a `FlinkConnector` (design.md 3.1).

use super::object::{Field, Object};
use super::report::Report;
use super::yaml::{Mark, Value};
use super::{codes, decode};
use crate::domain::kind::flink_connector::{FlinkConnectorSpec, name};
use crate::domain::natural_key::{ConnectorName, NamespaceName, WorkspaceId};

/// What is to be done about a `jarUrl` that `import --write` had to leave empty.
pub(super) const FILL_IN_JAR_URL: &str = "fill in jarUrl: the API never returns it";

/// A spec and the places that cross-checks point at.
#[derive(Debug)]
pub(super) struct Connector {
    /// The spec.
    pub(super) spec: FlinkConnectorSpec,
    /// Where `connectorName` stands.
    pub(super) at_name: Mark,
    /// Where `connectorType` stands.
    pub(super) at_type: Mark,
}

/// Reads the spec.
pub(super) fn read(field: Field, report: &mut Report<'_>) -> Option<Connector> {
    let mut object = Object::open(field, "FlinkConnector.spec", report)?;
    let mark = |field: &Option<Field>| field.as_ref().map(|field| field.node.mark);

    let workspace = object
        .required("workspaceId", report)
        .and_then(|field| decode::checked(field, codes::BAD_KEY, WorkspaceId::new, report));
    let namespace = object
        .required("namespaceName", report)
        .and_then(|field| decode::checked(field, codes::BAD_KEY, NamespaceName::new, report));
    let named = object.required("connectorName", report);
    let at_name = mark(&named);
    let connector =
        named.and_then(|field| decode::checked(field, codes::BAD_KEY, ConnectorName::new, report));
    let typed = object.required(name::CONNECTOR_TYPE, report);
    let at_type = mark(&typed);
    let connector_type = typed.and_then(|field| decode::line(field, report));
    let jar_url = object.required(name::JAR_URL, report).and_then(|field| jar_url(field, report));
    let jar_version = object.optional(name::JAR_VERSION).and_then(|field| decode::line(field, report));
    let description = object.optional(name::DESCRIPTION).and_then(|field| decode::text(field, report));
    let source = object.optional(name::SOURCE).and_then(|field| decode::flag(&field, report));
    let sink = object.optional(name::SINK).and_then(|field| decode::flag(&field, report));
    let lookup = object.optional(name::LOOKUP).and_then(|field| decode::flag(&field, report));
    let supported_formats =
        object.optional(name::SUPPORTED_FORMATS).and_then(|field| decode::set(field, report, decode::line));
    let dependencies =
        object.optional(name::DEPENDENCIES).and_then(|field| decode::set(field, report, decode::line));
    object.finish(report);

    let spec = FlinkConnectorSpec {
        workspace: workspace?,
        namespace: namespace?,
        name: connector?,
        connector_type: connector_type?,
        jar_url: jar_url?,
        jar_version,
        description,
        source,
        sink,
        lookup,
        supported_formats,
        dependencies,
    };
    Some(Connector { spec, at_name: at_name?, at_type: at_type? })
}

/// Where the JAR is. An empty one is what an import had to leave, and its remedy says so.
fn jar_url(field: Field, report: &mut Report<'_>) -> Option<String> {
    let is_empty = match &field.node.value {
        Value::Null => true,
        Value::Text(text) => text.trim().is_empty(),
        _ => false,
    };
    if !is_empty {
        return decode::line(field, report);
    }
    let message = format!("`{}` is empty", field.path);
    let help = Some(FILL_IN_JAR_URL.to_owned());
    report.error(codes::NO_VALUE, field.node.mark, message, "a text is wanted here", help)
}
