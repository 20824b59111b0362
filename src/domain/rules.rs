//! The table of field rules of every kind: the single source for the planner, validation, `help KIND`, and the docs.

use super::address::Kind;
use super::field::FieldRule;
use super::kind::{flink_connector, store};

/// The rules of a kind, in the order in which a plan shows the fields.
pub fn rules(kind: Kind) -> &'static [FieldRule] {
    match kind {
        Kind::FlinkConnector => flink_connector::FIELDS,
        Kind::Store => &store::FIELDS,
    }
}

/// The rule of one field.
pub fn rule(kind: Kind, name: &str) -> Option<&'static FieldRule> {
    rules(kind).iter().find(|rule| rule.name == name)
}
