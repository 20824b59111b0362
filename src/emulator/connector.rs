//! What the service knows about a connector: the vendor's models (ververica-api section 3).

use serde::{Deserialize, Serialize};

/// An option that a connector declares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Property {
    key: String,
    #[serde(default)]
    default_value: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    defines_format: bool,
    #[serde(default)]
    sensitive: bool,
}

/// A table that was made with a connector: what delete returns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "the vendor's names")]
pub(super) struct TableMeta {
    catalog_name: String,
    database_name: String,
    table_name: String,
}

/// One connector as a JAR declares it. `name` and `type` are required, everything else has an empty default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Definition {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) connector_type: String,
    #[serde(default)]
    source: bool,
    #[serde(default)]
    sink: bool,
    #[serde(default)]
    lookup: bool,
    #[serde(default)]
    supported_formats: Vec<String>,
    #[serde(default)]
    dependencies: Vec<String>,
    #[serde(default)]
    properties: Vec<Property>,
    /// Not part of the vendor's model: the tables that exist with this connector.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) tables: Vec<TableMeta>,
}

/// A connector as the service returns it, with the four account fields, which are the same for every caller.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Connector<'d> {
    name: &'d str,
    #[serde(rename = "type")]
    kind: &'d str,
    source: bool,
    sink: bool,
    lookup: bool,
    supported_formats: &'d [String],
    dependencies: &'d [String],
    properties: &'d [Property],
    creator: &'static str,
    creator_name: &'static str,
    modifier: &'static str,
    modifier_name: &'static str,
}

impl<'d> From<&'d Definition> for Connector<'d> {
    fn from(definition: &'d Definition) -> Self {
        const ACCOUNT: &str = "1000000000000001";
        const NICKNAME: &str = "emulator";
        let Definition {
            name,
            connector_type,
            source,
            sink,
            lookup,
            supported_formats,
            dependencies,
            properties,
            tables: _,
        } = definition;
        Self {
            name,
            kind: connector_type,
            source: *source,
            sink: *sink,
            lookup: *lookup,
            supported_formats,
            dependencies,
            properties,
            creator: ACCOUNT,
            creator_name: NICKNAME,
            modifier: ACCOUNT,
            modifier_name: NICKNAME,
        }
    }
}

#[cfg(test)]
impl Definition {
    /// A definition with nothing but a name and a type.
    pub(super) fn named(name: &str, connector_type: &str) -> Self {
        serde_json::from_value(serde_json::json!({"name": name, "type": connector_type})).unwrap()
    }
}
