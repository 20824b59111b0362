//! The outline as a JSON Schema, for editors and other checks (FR-007 of stores, features 3.9).
//!
//! Promises: it refuses nothing that the loader accepts. What only the loader can see (duplicates across documents, files
//! that are not there, the order of `kind` and `spec`) it leaves to the loader.

use serde_json::{Map, Value as Json, json};

use super::conditions;
use super::examples;
use super::forms::{form, or_reference, shared, with};
use super::outline::{Node, Shape, Value, pointers};
use super::{suite, words};
use crate::domain::manifest_kind::ManifestKind;
use crate::domain::suite::form::Form;

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The schema of every kind: what `kind` says decides what the rest must be.
pub(crate) fn of_all() -> Json {
    let manifests: Vec<Node> = ManifestKind::ALL.iter().map(|kind| Node::manifest(*kind)).collect();
    let kinds: Vec<&str> = manifests.iter().map(|manifest| manifest.name).collect();
    let mut definitions = shared();
    let mut branches = Vec::new();
    for manifest in &manifests {
        let mut fields = Map::new();
        for part in ["spec", "lifecycle"] {
            let own = if let Some(node) = manifest.child(part) {
                let name = format!("{}.{part}", manifest.name);
                let reference = json!({"$ref": format!("#/$defs/{name}")});
                definitions.insert(name, schema(node, part));
                reference
            } else {
                json!(false)
            };
            fields.insert(part.to_owned(), own);
        }
        let mut then = json!({"properties": fields});
        if let Some(conditions) = ignored(manifest) {
            then = with(then, conditions);
        }
        let when = json!({"properties": {"kind": {"const": manifest.name}}, "required": ["kind"]});
        branches.push(json!({"if": when, "then": then}));
    }
    // What all kinds have in common is told once.
    let mut document = manifests.first().map(|manifest| schema(manifest, "")).unwrap_or_default();
    if let Some(properties) = document.get_mut("properties").and_then(Json::as_object_mut) {
        properties.insert("kind".to_owned(), json!({"enum": kinds, "description": "What is declared."}));
        properties.insert("spec".to_owned(), json!({"type": "object", "description": "What is to be true."}));
        let lifecycle = json!({"type": "object", "description": "How it may be changed."});
        properties.insert("lifecycle".to_owned(), lifecycle);
    }
    let head = json!({
        "$schema": DIALECT, "$id": "urn:reconcile:v1", "title": "reconcile/v1",
        "description": format!("A manifest of reconcile: {}.", kinds.join(" or ")),
        "allOf": branches, "$defs": definitions,
    });
    with(document, head)
}

/// The schema of one kind.
pub(crate) fn of(kind: ManifestKind) -> Json {
    let head = json!({
        "$schema": DIALECT, "$id": format!("urn:reconcile:v1:{kind}"), "title": format!("reconcile/v1 {kind}"),
        "$defs": shared(),
    });
    let manifest = Node::manifest(kind);
    let document = with(schema(&manifest, ""), head);
    match ignored(&manifest) {
        Some(conditions) => with(document, conditions),
        None => document,
    }
}

/// Fields of another block than the declared one cannot be ignored: they are none of this store.
fn ignored(manifest: &Node) -> Option<Json> {
    let blocks: Vec<&Node> =
        manifest.child("spec")?.children().iter().filter(|node| node.is_block()).collect();
    let Some(Shape::Value(Value::Pointers(kind))) =
        manifest.child("lifecycle")?.child("ignoreFields").map(|n| &n.shape)
    else {
        return None;
    };
    let condition = |block: &&Node| {
        let own = |pointer: &String| {
            let of = |node: &Node| pointer.starts_with(&format!("/spec/{}/", node.name));
            of(block) || !blocks.iter().any(|other| of(other))
        };
        let allowed: Vec<String> = pointers(*kind).into_iter().filter(own).collect();
        let items = json!({"properties": {"ignoreFields": {"items": {"enum": allowed}}}});
        json!({
            "if": {"properties": {"spec": {"required": [block.name]}}, "required": ["spec"]},
            "then": {"properties": {"lifecycle": items}},
        })
    };
    (!blocks.is_empty()).then(|| json!({"allOf": blocks.iter().map(condition).collect::<Vec<_>>()}))
}

/// The schema of a field at this path below its kind.
fn schema(node: &Node, path: &str) -> Json {
    let described = if node.help.is_empty() { json!({}) } else { json!({"description": description(node)}) };
    match &node.shape {
        Shape::Value(value) => {
            let takes_values = node.managed.is_some() || matches!(value, Value::Suite(_));
            let form = if takes_values { or_reference(*value) } else { form(*value) };
            with(with(form, described), annotations(node, path, *value))
        }
        Shape::Mapping(fields) => {
            with(with(mapping(fields, path), described), exactly_one_block(fields).unwrap_or_default())
        }
        Shape::Part(ways, fields) => {
            with(with(mapping(fields, path), described), suite::one_of(ways).unwrap_or_default())
        }
        Shape::Parts { least, ways, fields } => {
            let part = with(mapping(fields, path), suite::one_of(ways).unwrap_or_default());
            let list = with(json!({"type": "array", "items": part}), described);
            if *least == 0 { list } else { with(list, json!({"minItems": least})) }
        }
        Shape::Block(subtype, fields) => {
            let beta = if subtype.is_beta() { json!({"x-reconcile-beta": true}) } else { json!({}) };
            let block = with(with(mapping(fields, path), described), beta);
            let conditions = conditions::of(*subtype);
            if conditions.is_empty() { block } else { with(block, json!({"allOf": conditions})) }
        }
    }
}

fn mapping(fields: &[Node], path: &str) -> Json {
    let written = || fields.iter().filter(|node| !matches!(node.shape, Shape::Value(Value::Chosen)));
    let below =
        |node: &Node| if path.is_empty() { node.name.to_owned() } else { format!("{path}.{}", node.name) };
    let properties: Map<String, Json> =
        written().map(|node| (node.name.to_owned(), schema(node, &below(node)))).collect();
    let required: Vec<&str> = written().filter(|node| node.is_required()).map(|node| node.name).collect();
    let object = json!({"type": "object", "properties": properties, "additionalProperties": false});
    if required.is_empty() { object } else { with(object, json!({"required": required})) }
}

/// Of the blocks in a mapping exactly one is there.
fn exactly_one_block(fields: &[Node]) -> Option<Json> {
    let blocks: Vec<Json> =
        fields.iter().filter(|node| node.is_block()).map(|node| json!({"required": [node.name]})).collect();
    (!blocks.is_empty()).then(|| json!({"oneOf": blocks}))
}

fn description(node: &Node) -> String {
    let Some(managed) = &node.managed else {
        return match node.shape {
            Shape::Block(subtype, _) if subtype.is_beta() => {
                format!("{} Beta: its parameters were never seen live.", node.help)
            }
            _ => node.help.to_owned(),
        };
    };
    let secret = if managed.rule.secret { " Never shown and never kept." } else { "" };
    let change = words::on_change(managed);
    format!(
        "{}{secret}\nA change acts {change}.\nShown by live: {}.",
        node.help,
        words::readable(&managed.rule)
    )
}

fn annotations(node: &Node, path: &str, value: Value) -> Json {
    let mut notes = Map::new();
    if let Some(default) = node.default {
        notes.insert("default".to_owned(), spelt(default, value));
    }
    if let Some(example) = examples::of(path, node, value).filter(|_| !matches!(value, Value::Constant(_))) {
        notes.insert("examples".to_owned(), json!([example]));
    }
    if let Some(managed) = &node.managed {
        notes.insert("x-reconcile-change".to_owned(), json!(words::change_word(&managed.rule)));
        notes.insert("x-reconcile-readable".to_owned(), json!(words::readable_word(&managed.rule)));
    }
    if node.is_secret() {
        notes.insert("writeOnly".to_owned(), json!(true));
        notes.insert("x-reconcile-secret".to_owned(), json!(true));
    }
    Json::Object(notes)
}

/// A default as JSON.
fn spelt(default: &str, value: Value) -> Json {
    match value {
        Value::Flag | Value::Suite(Form::Flag) => json!(default == "true"),
        Value::Suite(Form::Whole { .. }) => {
            default.parse::<u64>().map_or(json!(default), |number| json!(number))
        }
        Value::Suite(Form::Durations | Form::Paths) => {
            let items = default.trim_matches(['[', ']']).split(", ").filter(|item| !item.is_empty());
            json!(items.collect::<Vec<_>>())
        }
        _ => json!(default),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::address::Kind;

    /// Every value below a node, with its path.
    fn values<'n>(node: &'n Node, path: &str, all: &mut Vec<(String, &'n Node, Value)>) {
        if let Shape::Value(value) = node.shape {
            all.push((path.to_owned(), node, value));
        }
        for child in node.children() {
            values(child, format!("{path}.{}", child.name).trim_start_matches('.'), all);
        }
    }

    #[test]
    fn every_field_has_an_example_that_its_own_schema_takes() {
        for kind in ManifestKind::ALL {
            let manifest = Node::manifest(*kind);
            let mut all = Vec::new();
            values(&manifest, "", &mut all);
            for (path, node, value) in all.into_iter().filter(|(.., value)| *value != Value::Chosen) {
                let example = examples::of(&path, node, value).unwrap_or_else(|| panic!("{kind}.{path}"));
                let own = with(form(value), json!({"$defs": shared()}));
                let valid = jsonschema::is_valid(&own, &example);
                assert!(valid, "{kind}.{path}: {example}");
                assert!(!node.help.is_empty(), "{kind}.{path} is not explained");
            }
        }
    }

    #[test]
    fn the_outline_has_every_field_of_the_tables_and_no_other() {
        for kind in Kind::ALL {
            let manifest = Node::manifest(ManifestKind::Object(*kind));
            let mut all = Vec::new();
            values(manifest.child("spec").unwrap(), "", &mut all);
            let mut outlined: Vec<String> = all.into_iter().map(|(path, ..)| path).collect();
            let mut ruled: Vec<String> =
                crate::domain::rules::rules(*kind).iter().map(|rule| rule.name.to_owned()).collect();
            outlined.sort();
            ruled.sort();
            assert_eq!(outlined, ruled);
        }
    }
}
