//! An example of every field: the whole line or lines as they could stand in a manifest.

use serde_json::{Value as Json, json};

use super::outline::{Node, Value};
use super::suite;
use crate::domain::address::Kind;

/// Fields whose name says more than the form of their value: by the end of the path, the longest first where one ends
/// another.
const LINES: &[(&str, &str)] = &[
    ("metadata.name", "orders-kafka"),
    ("workspaceId", "a14bd5d90a"),
    ("namespaceName", "streaming"),
    ("connectorName", "orders-kafka"),
    ("connectorType", "orders-kafka"),
    ("jarUrl", "oss://artifacts/connectors/orders-kafka-1.4.2.jar"),
    ("jarVersion", "1.4.2"),
    ("spec.name", "orders_kafka"),
    ("owner", "streaming_admin"),
    ("description", "Orders, read by the order pipelines"),
    ("iamRoleArn", "arn:aws:iam::123456789012:role/streaming"),
    ("iamExternalId", "streaming-prod"),
    ("awsRegion", "eu-central-1"),
    ("aws.region", "eu-central-1"),
    ("cloud.region", "AWS us-east-1"),
    ("accountId", "ab12345"),
    ("warehouseName", "LOADING"),
    ("roleName", "STREAMING"),
    ("account.id", "123456789012"),
    ("catalog.id", "analytics"),
    ("clientScope", "PRINCIPAL_ROLE:ALL"),
    ("defaultPath", "s3://warehouse/streaming"),
];

const SETS: &[(&str, &[&str])] =
    &[("supportedFormats", &["json", "avro"]), ("dependencies", &["oss://artifacts/lib/driver-8.3.0.jar"])];

/// An example value of the field at this path below its kind; what holds other fields has none.
pub(super) fn of(path: &str, node: &Node, value: Value) -> Option<Json> {
    Some(match value {
        Value::Constant(text) => json!(text),
        Value::Name | Value::FreeText | Value::Line | Value::Header | Value::Segment => {
            json!(ending(LINES, path)?)
        }
        Value::Texts => json!({"team": "orders"}),
        // The other way round than by default: that is when it is written.
        Value::Flag => json!(node.default != Some("true")),
        Value::Word(words) => json!(words.last()?),
        Value::Lines => json!(ending(SETS, path)?),
        Value::Uri(shape) => json!(shape.example),
        Value::Uris(shape) => json!([shape.example]),
        Value::Duration => json!("10m"),
        Value::Pointers(Kind::FlinkConnector) => json!(["/spec/lookup"]),
        Value::Pointers(Kind::Store) => json!(["/spec/kafka/tls/caCertFile"]),
        Value::Addresses => json!(["Store/orders"]),
        Value::Secret => json!({"fromEnv": variable(path)}),
        Value::File { .. } => json!(format!("secrets/{}.pem", node.name.trim_end_matches("File"))),
        Value::Chosen => return None,
        Value::Suite(form) => suite::example(path, node, form)?,
    })
}

fn ending<T: Copy>(table: &[(&str, T)], path: &str) -> Option<T> {
    table.iter().find(|(end, _)| path == *end || path.ends_with(&format!(".{end}"))).map(|(_, value)| *value)
}

/// `spec.kafka.sasl.password` as `KAFKA_PASSWORD`.
fn variable(path: &str) -> String {
    let block = path.split('.').nth(1).unwrap_or_default();
    let name = path.rsplit('.').next().unwrap_or_default();
    let mut variable = String::new();
    for c in format!("{block}_{name}").chars() {
        if c.is_ascii_uppercase() {
            variable.push('_');
        }
        variable.push(c.to_ascii_uppercase());
    }
    variable
}

/// A value as YAML on one line.
pub(super) fn yaml(value: &Json) -> String {
    match value {
        Json::String(text) if is_plain(text) => text.clone(),
        Json::Array(items) => format!("[{}]", items.iter().map(yaml).collect::<Vec<_>>().join(", ")),
        Json::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("{key}: {}", yaml(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// Whether a reader of YAML takes it for text without quotes, also between brackets.
fn is_plain(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.contains([',', '[', ']', '{', '}'])
        && !matches!(text, "true" | "false" | "null" | "yes" | "no" | "on" | "off")
        && !text.ends_with(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_stands_in_a_manifest_as_it_is() {
        for (value, wanted) in [
            (json!("1.10"), "\"1.10\""),
            (json!("AWS us-east-1"), "AWS us-east-1"),
            (json!("no"), "\"no\""),
            (json!(["a, b"]), "[\"a, b\"]"),
            (json!({"fromEnv": "A"}), "{fromEnv: A}"),
            (json!(true), "true"),
        ] {
            assert_eq!(yaml(&value), wanted);
        }
        assert_eq!(variable("spec.icebergRest.clientSecret"), "ICEBERG_REST_CLIENT_SECRET");
    }
}
