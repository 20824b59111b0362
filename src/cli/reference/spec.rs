//! The outline of `spec`, from the tables of rules and parameters.

use std::collections::BTreeSet;

use super::outline::{Managed, Node, Shape, Value};
use crate::domain::address::Kind;
use crate::domain::field::{FieldRule, Readable, ValueType};
use crate::domain::kind::store::{Need, Parameter, Subtype};
use crate::domain::rules::rules;

/// The fields of a kind's spec.
pub(super) fn fields(kind: Kind) -> Vec<Node> {
    let own = rules(kind).iter().filter(|rule| !rule.name.contains('.')).map(|rule| own(kind, rule));
    match kind {
        Kind::FlinkConnector => own.collect(),
        Kind::Store => own.chain(Subtype::ALL.iter().copied().map(block)).collect(),
    }
}

fn own(kind: Kind, rule: &FieldRule) -> Node {
    let value = match (rule.value, rule.name) {
        (ValueType::Text, "description") => Value::FreeText,
        (ValueType::Text, "workspaceId") => Value::Header,
        (ValueType::Text, _) if kind == Kind::FlinkConnector && rule.readable == Readable::Key => {
            Value::Segment
        }
        (plain, _) => form(plain, rule.secret),
    };
    let need = if rule.required { Need::Required } else { Need::Optional };
    field(rule.name, need, value, Managed { kind, rule: *rule, parameter: None })
}

fn form(value: ValueType, secret: bool) -> Value {
    match value {
        ValueType::Text => Value::Line,
        ValueType::Flag => Value::Flag,
        ValueType::Set => Value::Lines,
        ValueType::Word(words) => Value::Word(words),
        ValueType::Block(_) => Value::Chosen,
        ValueType::Sealed { file: false } => Value::Secret,
        ValueType::Sealed { file: true } => Value::File { secret },
    }
}

fn field(name: &'static str, need: Need, value: Value, managed: Managed) -> Node {
    let FieldRule { help, default, .. } = managed.rule;
    Node { name, help, need, shape: Shape::Value(value), default, managed: Some(managed) }
}

/// The block of a subtype: its parameters by the dots of their names.
fn block(subtype: Subtype) -> Node {
    let inside = |parameter: &'static Parameter| Some((parameter.rule.name.split_once('.')?.1, parameter));
    let parameters: Vec<_> = subtype.parameters().iter().filter_map(inside).collect();
    Node::ours(subtype.as_str(), about(subtype), Need::Optional, Shape::Block(subtype, tree(&parameters)))
}

/// The parameters below one mapping as a tree, in the order in which they first occur.
fn tree(parameters: &[(&'static str, &'static Parameter)]) -> Vec<Node> {
    let mut seen = BTreeSet::new();
    let first = parameters.iter().filter(|(path, _)| seen.insert(head(path)));
    let node = |(path, parameter): &(&'static str, &'static Parameter)| {
        let name = head(path);
        let inside = |(path, parameter): &(&'static str, _)| {
            Some((path.strip_prefix(name)?.strip_prefix('.')?, *parameter))
        };
        match parameters.iter().filter_map(inside).collect::<Vec<_>>().as_slice() {
            [] => leaf(name, parameter),
            below => Node::ours(name, "", Need::Optional, Shape::Mapping(tree(below))),
        }
    };
    first.map(node).collect()
}

fn head(path: &'static str) -> &'static str {
    path.split_once('.').map_or(path, |(head, _)| head)
}

fn leaf(name: &'static str, parameter: &Parameter) -> Node {
    let Parameter { sql, need, group, uri, rule } = *parameter;
    let value = match (uri, rule.value) {
        (Some(shape), ValueType::Set) => Value::Uris(shape),
        (Some(shape), _) => Value::Uri(shape),
        (None, plain) => form(plain, rule.secret),
    };
    field(name, need, value, Managed { kind: Kind::Store, rule, parameter: Some((sql, group)) })
}

fn about(subtype: Subtype) -> &'static str {
    match subtype {
        Subtype::Kafka => "Apache Kafka and what speaks its protocol.",
        Subtype::Postgres => "PostgreSQL.",
        Subtype::Snowflake => "Snowflake.",
        Subtype::S3 => "Amazon S3.",
        Subtype::Kinesis => "Amazon Kinesis.",
        Subtype::Clickhouse => "ClickHouse.",
        Subtype::IcebergRest => "Iceberg through a REST catalog.",
        Subtype::IcebergGlue => "Iceberg through AWS Glue.",
    }
}
