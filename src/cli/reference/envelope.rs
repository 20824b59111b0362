//! The outline of what every manifest has around its spec (design.md 3).

use super::outline::{Node, Shape, Value};
use crate::domain::address::Kind;
use crate::domain::desired::OnRemove;
use crate::domain::kind::store::Need;
use crate::domain::manifest_kind::ManifestKind;

/// The fields of a manifest, with these in its spec.
pub(super) fn around(kind: ManifestKind, spec: Vec<Node>) -> Vec<Node> {
    let mut fields = vec![
        required("apiVersion", "The version of this format.", Value::Constant("reconcile/v1")),
        required("kind", "What is declared. It stands above the spec.", Value::Constant(kind.as_str())),
        Node::ours(
            "metadata",
            "What people call it. Nothing of this is sent.",
            Need::Required,
            Shape::Mapping(metadata()),
        ),
        Node::ours("spec", "What is to be true.", Need::Required, Shape::Mapping(spec)),
    ];
    // A suite is run, not changed: nothing live stands behind it.
    if let ManifestKind::Object(kind) = kind {
        let lifecycle = Shape::Mapping(lifecycle(kind));
        fields.push(Node::ours("lifecycle", "How it may be changed.", Need::Optional, lifecycle));
    }
    fields.push(optional(
        "dependsOn",
        "Objects that must be there before this one, and outlive it.",
        Value::Addresses,
    ));
    fields
}

fn metadata() -> Vec<Node> {
    vec![
        required(
            "name",
            "Unique among the objects of a kind; the address of the object is Kind/name.",
            Value::Name,
        ),
        optional("labels", "Texts by key, for selecting and for people.", Value::Texts),
        optional("annotations", "Texts by key, for people and other programs.", Value::Texts),
    ]
}

const ON_REMOVE: &[&str] = &["delete", "retain"];

fn lifecycle(kind: Kind) -> Vec<Node> {
    let flag = |name, help| Node { default: Some("false"), ..optional(name, help, Value::Flag) };
    let mut fields = vec![
        flag(
            "protect",
            "Never deleted, replaced or registered again. It outlives the manifest: only an applied `protect: false` \
             clears it.",
        ),
        Node {
            default: Some(OnRemove::default().as_str()),
            ..optional(
                "onRemove",
                "What happens when the manifest is gone. retain: it is forgotten and lives on.",
                Value::Word(ON_REMOVE),
            )
        },
        flag("adopt", "Take over an object that exists and is not managed; differences become an update."),
    ];
    if kind == Kind::FlinkConnector {
        fields.push(flag(
            "allowGap",
            "A protected connector may be registered again, although its delete half leaves a gap.",
        ));
    }
    fields.push(optional(
        "ignoreFields",
        "Fields that are not compared, as JSON pointers; listed in every plan.",
        Value::Pointers(kind),
    ));
    // D-012: the waits for a store are fixed.
    if kind == Kind::FlinkConnector {
        fields.push(Node::ours(
            "timeouts",
            "Longest waits for this object; --timeout says them for all.",
            Need::Optional,
            Shape::Mapping(timeouts()),
        ));
    }
    fields
}

fn timeouts() -> Vec<Node> {
    vec![
        optional("create", "Until a new connector is listed.", Value::Duration),
        optional("update", "Until a connector that was registered again is listed.", Value::Duration),
        optional("delete", "Until a deleted connector is no longer listed.", Value::Duration),
    ]
}

fn required(name: &'static str, help: &'static str, value: Value) -> Node {
    Node::ours(name, help, Need::Required, Shape::Value(value))
}

fn optional(name: &'static str, help: &'static str, value: Value) -> Node {
    Node::ours(name, help, Need::Optional, Shape::Value(value))
}
