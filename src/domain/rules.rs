//! The table of field rules of every kind: the single source for the planner, validation, `help KIND`, and the docs.

use super::address::Kind;
use super::field::{FieldRule, FieldValue, Fields};
use super::kind::{flink_connector, store};

/// The rules of a kind, in the order in which a plan shows the fields.
pub fn rules(kind: Kind) -> &'static [FieldRule] {
    match kind {
        Kind::FlinkConnector => flink_connector::FIELDS,
        Kind::Store => &store::FIELDS,
    }
}

/// The rules that concern an object with these fields: of the blocks of a store only the one that it has.
pub fn rules_of(kind: Kind, fields: &Fields) -> impl Iterator<Item = &'static FieldRule> {
    let block = match fields.get(store::name::TYPE) {
        Some(FieldValue::Text(block)) => Some(block.clone()),
        _ => None,
    };
    rules(kind).iter().filter(move |rule| match rule.name.split_once('.') {
        Some((prefix, _)) => block.as_deref() == Some(prefix),
        None => true,
    })
}

/// The rule of one field.
pub fn rule(kind: Kind, name: &str) -> Option<&'static FieldRule> {
    rules(kind).iter().find(|rule| rule.name == name)
}
