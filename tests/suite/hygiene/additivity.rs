//! The schema of manifests only ever grows (NFR-004): a manifest that was valid stays valid, and means the same.
//!
//! The golden file holds the schema as it was published. Its comparison refuses whatever it does not understand.

use serde_json::{Map, Value, json};

use super::schema::printed;
use super::{read, root};

const GOLDEN: &str = "tests/golden/schema-v1.json";

/// Keywords that say nothing about what is valid. A secret mark is looked at all the same.
const REMARKS: &[&str] = &[
    "title",
    "description",
    "examples",
    "$id",
    "$schema",
    "$defs",
    "x-reconcile-beta",
    "x-reconcile-readable",
];

/// Everything that is narrower in a schema than it was, each with its place.
fn breaks(was: &Value, is: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let (was, is) = (inlined(was, was), inlined(is, is));
    compare("", &[], &was, &is, &mut found);
    found.sort();
    found.dedup();
    found
}

/// The schema with every reference replaced by what it refers to.
fn inlined(schema: &Value, document: &Value) -> Value {
    match schema {
        Value::Object(entries) => {
            let mut all: Map<String, Value> = Map::new();
            if let Some(Value::String(reference)) = entries.get("$ref") {
                let target = document.pointer(reference.trim_start_matches('#'));
                if let Some(Value::Object(target)) = target.map(|target| inlined(target, document)) {
                    all.extend(target);
                }
            }
            let own = entries.iter().filter(|(key, _)| *key != "$ref" && *key != "$defs");
            all.extend(own.map(|(key, value)| (key.clone(), inlined(value, document))));
            Value::Object(all)
        }
        Value::Array(items) => items.iter().map(|item| inlined(item, document)).collect(),
        other => other.clone(),
    }
}

/// Finds what was valid by `was` and is not by `is`. What was valid at this place also fulfilled `known`: a condition on a
/// property that was not allowed there concerns nothing.
fn compare(place: &str, known: &[&Value], was: &Value, is: &Value, found: &mut Vec<String>) {
    let known: Vec<&Value> = known.iter().copied().chain([was]).collect();
    let empty = Map::new();
    let (was, is) = match (was, is) {
        (Value::Bool(false), _) | (_, Value::Bool(true)) => return,
        (_, Value::Bool(false)) => return found.push(format!("{place}: is no longer allowed")),
        (Value::Object(was), Value::Object(is)) => (was, is),
        (_, Value::Object(is)) => (&empty, is),
        _ => return found.push(format!("{place}: is no schema")),
    };
    for key in was.keys().chain(is.keys().filter(|key| !was.contains_key(*key))) {
        keyword(place, &known, key, (was, is), found);
    }
}

/// Compares one keyword of two schemas.
fn keyword(
    place: &str,
    known: &[&Value],
    key: &str,
    (was, is): (&Map<String, Value>, &Map<String, Value>),
    found: &mut Vec<String>,
) {
    let (before, now) = (was.get(key), is.get(key));
    let below =
        |keyword: &str| -> Vec<&Value> { known.iter().filter_map(|fact| fact.get(keyword)).collect() };
    let inside = |name: &str| -> Vec<&Value> {
        below("properties").into_iter().filter_map(|properties| properties.get(name)).collect()
    };
    let mut say = |what: String| found.push(format!("{place}: {what}"));
    match (key, before, now) {
        (_, before, now) if before == now || REMARKS.contains(&key) => {}
        // What is compared together with its neighbour.
        ("then" | "else", ..) if was.contains_key("if") || is.contains_key("if") => {}
        ("properties", before, now) => {
            let (old, new) = (names(before), names(now));
            for name in &old {
                let inner = inside(name);
                match now.and_then(|now| now.get(name)) {
                    Some(now) => {
                        compare(&format!("{place}/{name}"), &inner, &before.unwrap()[name], now, found);
                    }
                    // Elsewhere it is only no longer restricted.
                    None if is.get("additionalProperties") == Some(&Value::Bool(false)) => {
                        found.push(format!("{place}/{name}: the property was removed"));
                    }
                    None => {}
                }
            }
            let refused = |name: &str| {
                let refuses = |fact: &&Value| {
                    let properties = fact.get("properties");
                    fact.get("additionalProperties") == Some(&Value::Bool(false))
                        && properties.is_none_or(|properties| properties.get(name).is_none())
                };
                known.iter().any(refuses)
            };
            for name in new.iter().filter(|name| !old.contains(name) && !refused(name)) {
                let inner = inside(name);
                compare(&format!("{place}/{name}"), &inner, &Value::Bool(true), &now.unwrap()[name], found);
            }
        }
        ("required", before, now) => {
            let new = texts(now).into_iter().filter(|name| !texts(before).contains(name));
            new.for_each(|name| say(format!("`{name}` is newly required")));
        }
        ("enum", Some(before), Some(now)) => {
            let gone = list(before).iter().filter(|word| !list(now).contains(word));
            gone.for_each(|word| say(format!("the word {word} was removed")));
        }
        ("type", Some(before), Some(now)) => {
            let gone = texts(Some(before)).into_iter().filter(|name| !texts(Some(now)).contains(name));
            gone.for_each(|name| say(format!("the type {name} is no longer taken")));
        }
        ("additionalProperties", before, now) => {
            let any = Value::Bool(true);
            let inner = below("additionalProperties");
            compare(&format!("{place}/*"), &inner, before.unwrap_or(&any), now.unwrap_or(&any), found);
        }
        ("items", Some(before), Some(now)) => {
            compare(&format!("{place}/[]"), &below("items"), before, now, found);
        }
        ("minItems" | "minLength" | "minProperties" | "minimum", Some(before), Some(now))
            if now.as_u64() <= before.as_u64() => {}
        ("maxItems" | "maxLength" | "maxProperties" | "maximum", Some(before), Some(now))
            if now.as_u64() >= before.as_u64() => {}
        // An alternative may be added; each old one needs one that takes at least as much. That those of a `oneOf` do not
        // overlap is not looked at.
        ("anyOf" | "oneOf", Some(before), Some(now)) => {
            for (at, old) in list(before).iter().enumerate() {
                let mut least: Option<Vec<String>> = None;
                for new in list(now) {
                    let mut inner = Vec::new();
                    compare(&format!("{place}/{key}/{at}"), known, old, new, &mut inner);
                    if least.as_ref().is_none_or(|least| inner.len() < least.len()) {
                        least = Some(inner);
                    }
                }
                found.extend(least.unwrap_or_else(|| vec![format!("{place}: an alternative was removed")]));
            }
        }
        // A condition may be dropped; a new one may only concern what was not valid before.
        ("allOf", before, Some(now)) => {
            let any = Value::Bool(true);
            let old = || before.map(list).unwrap_or_default().iter().chain([&any]);
            for (at, new) in list(now).iter().enumerate() {
                let Some(new) = concerning(known, new) else { continue };
                let narrower = |old: &Value| {
                    let mut inner = Vec::new();
                    compare(&format!("{place}/allOf/{at}"), known, old, &new, &mut inner);
                    inner
                };
                found.extend(old().map(narrower).min_by_key(Vec::len).unwrap_or_default());
            }
        }
        ("if", Some(_), Some(_)) => say("the condition was changed".to_owned()),
        ("x-reconcile-change", Some(_), Some(now)) if now != "forceNew" => {}
        ("x-reconcile-change" | "default", None, _) | ("x-reconcile-secret" | "writeOnly", _, Some(_)) => {}
        ("x-reconcile-secret" | "writeOnly", ..) => say("is no longer marked as a secret".to_owned()),
        // Without the keyword more is valid than with it.
        (_, Some(_), None) if key != "default" && key != "x-reconcile-change" => {}
        _ => say(format!("`{key}` was {}, and is {}", shown(before), shown(now))),
    }
    if key == "if" {
        for branch in ["then", "else"] {
            let any = Value::Bool(true);
            let (before, now) = (was.get(branch).unwrap_or(&any), is.get(branch).unwrap_or(&any));
            compare(&format!("{place}/{branch}"), known, before, now, found);
        }
    }
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "not there".to_owned(), Value::to_string)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn names(properties: Option<&Value>) -> Vec<&str> {
    properties.and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name.as_str()).collect()
}

/// The texts of a list, or a single one.
fn texts(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// A condition as far as it concerns what was valid before: words that were not known then are left out of its `if`;
/// nothing, when no word is left.
fn concerning(known: &[&Value], condition: &Value) -> Option<Value> {
    let mut condition = condition.clone();
    if let Some(when) = condition.get_mut("if") {
        known_words(known, when)?;
    }
    Some(condition)
}

fn known_words(known: &[&Value], when: &mut Value) -> Option<()> {
    for words in known.iter().filter_map(|fact| fact.get("enum")).map(list) {
        if let Some(Value::Array(wanted)) = when.get_mut("enum") {
            wanted.retain(|word| words.contains(word));
            if wanted.is_empty() {
                return None;
            }
        }
        if when.get("const").is_some_and(|word| !words.contains(word)) {
            return None;
        }
    }
    for (name, inner) in when.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
        let facts =
            |fact: &&'_ Value| fact.get("properties").and_then(|properties| properties.get(name)).cloned();
        let facts: Vec<Value> = known.iter().filter_map(facts).collect();
        // What was no property before was refused, whatever it held.
        if facts.is_empty() {
            return None;
        }
        known_words(&facts.iter().collect::<Vec<_>>(), inner)?;
    }
    Some(())
}

#[test]
fn the_schema_only_grows() {
    let is = printed(&[]);
    let path = root().join(GOLDEN);
    let update = std::env::var_os("UPDATE_DOCS").is_some();
    if update && !path.exists() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, format!("{is:#}\n")).unwrap();
    }
    let was: Value = serde_json::from_str(&read(GOLDEN)).unwrap();
    let broken = breaks(&was, &is);
    let advice = "NFR-004: manifests that were valid must stay valid and mean the same. Where the comparison is wrong, \
                  change the golden file by hand and say why";
    assert!(broken.is_empty(), "the schema is narrower than {GOLDEN}; {advice}\n{}\n", broken.join("\n"));
    if update {
        std::fs::write(&path, format!("{is:#}\n")).unwrap();
    }
    assert!(
        was == is || update,
        "the schema has grown beyond {GOLDEN}: run `UPDATE_DOCS=1 cargo test hygiene`"
    );
}

/// A small schema with one of everything.
fn small() -> Value {
    json!({
        "properties": {
            "kind": {"enum": ["A", "B"]},
            "mode": {"enum": ["x", "y"]},
            "text": {"type": ["string", "null"], "pattern": "^a", "default": "a", "x-reconcile-change": "inPlace"},
            "pass": {"$ref": "#/$defs/secret", "x-reconcile-secret": true},
            "list": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        },
        "required": ["kind"],
        "additionalProperties": false,
        "oneOf": [{"required": ["text"]}, {"required": ["list"]}],
        "allOf": [{
            "if": {"properties": {"mode": {"enum": ["x"]}}, "required": ["mode"]},
            "then": {"required": ["text"]},
            "else": {"properties": {"text": false}},
        }],
        "$defs": {"secret": {"anyOf": [{"type": "string"}, {"type": "object"}]}},
    })
}

/// The small schema with one place set to a value, or removed.
fn changed(place: &str, value: Option<Value>) -> Value {
    let mut schema = small();
    let (holder, key) = place.rsplit_once('/').unwrap();
    match (schema.pointer_mut(holder).unwrap(), value) {
        (Value::Object(entries), Some(value)) => drop(entries.insert(key.to_owned(), value)),
        (Value::Object(entries), None) => drop(entries.remove(key).unwrap()),
        (Value::Array(items), Some(value)) if key == "-" => items.push(value),
        (Value::Array(items), Some(value)) => items[key.parse::<usize>().unwrap()] = value,
        (Value::Array(items), None) => drop(items.remove(key.parse().unwrap())),
        _ => panic!("{place} is no place"),
    }
    schema
}

#[test]
fn whatever_makes_a_manifest_invalid_is_noticed_with_its_place() {
    assert_eq!(breaks(&small(), &small()), Vec::<String>::new());
    for (place, value, wanted) in [
        ("/properties/text", None, "/text: the property was removed"),
        ("/properties/text", Some(json!(false)), "/text: is no longer allowed"),
        ("/properties/mode/enum/1", None, "/mode: the word \"y\" was removed"),
        ("/properties/text/type/1", None, "/text: the type null is no longer taken"),
        ("/properties/text/pattern", Some(json!("^b")), "/text: `pattern` was \"^a\", and is \"^b\""),
        ("/properties/text/minLength", Some(json!(1)), "/text: `minLength` was not there, and is 1"),
        ("/properties/text/default", Some(json!("b")), "/text: `default` was \"a\", and is \"b\""),
        ("/properties/text/default", None, "/text: `default` was \"a\", and is not there"),
        ("/properties/text/x-reconcile-change", Some(json!("forceNew")), "/text: `x-reconcile-change` was"),
        ("/properties/text/enum", Some(json!(["a"])), "/text: `enum` was not there"),
        ("/properties/pass/x-reconcile-secret", None, "/pass: is no longer marked as a secret"),
        ("/properties/list/minItems", Some(json!(2)), "/list: `minItems` was 1, and is 2"),
        (
            "/properties/list/items/type",
            Some(json!("number")),
            "/list/[]: the type string is no longer taken",
        ),
        (
            "/properties/list/uniqueItems",
            Some(json!(true)),
            "/list: `uniqueItems` was not there, and is true",
        ),
        ("/required/-", Some(json!("text")), ": `text` is newly required"),
        ("/oneOf/1", None, "/oneOf/1: `text` is newly required"),
        ("/oneOf/1/required/-", Some(json!("mode")), "/oneOf/1: "),
        ("/$defs/secret/anyOf/1", None, "/pass/anyOf/1: the type object is no longer taken"),
        ("/allOf/-", Some(json!({"required": ["mode"]})), "/allOf/1: `mode` is newly required"),
        ("/allOf/0/then/required/-", Some(json!("list")), "/allOf/0/then: `list` is newly required"),
        ("/allOf/0/else/properties/list", Some(json!(false)), "/allOf/0/else/list: is no longer allowed"),
        ("/allOf/0/if/properties/mode/enum/-", Some(json!("y")), "/allOf/0: the condition was changed"),
        ("/not", Some(json!({"required": ["mode"]})), ": `not` was not there"),
        ("/dependentRequired", Some(json!({"mode": ["text"]})), ": `dependentRequired` was not there"),
    ] {
        let found = breaks(&small(), &changed(place, value.clone()));
        assert!(found.iter().any(|line| line.starts_with(wanted)), "{place} = {value:?}: {found:?}");
    }
}

#[test]
fn what_only_adds_is_let_pass() {
    for (place, value) in [
        ("/properties/new", Some(json!({"type": "string", "required": ["inside"]}))),
        ("/properties/mode/enum/-", Some(json!("z"))),
        ("/properties/kind/enum/-", Some(json!("C"))),
        ("/properties/text/pattern", None),
        ("/properties/text/description", Some(json!("said better"))),
        ("/properties/mode/default", Some(json!("x"))),
        ("/properties/pass/x-reconcile-change", Some(json!("forceNew"))),
        ("/properties/mode/x-reconcile-secret", Some(json!(true))),
        ("/properties/list/minItems", Some(json!(0))),
        ("/required/0", None),
        ("/oneOf/-", Some(json!({"required": ["new"]}))),
        ("/$defs/secret/anyOf/-", Some(json!({"type": "array"}))),
        ("/allOf/0", None),
        (
            "/allOf/-",
            Some(json!({"if": {"properties": {"kind": {"const": "C"}}}, "then": {"required": ["new"]}})),
        ),
        (
            "/allOf/-",
            Some(json!({"if": {"properties": {"new": {"const": 1}}}, "then": {"required": ["list"]}})),
        ),
        ("/allOf/0/if/properties/mode/enum/-", Some(json!("z"))),
        ("/allOf/0/else/properties/new", Some(json!(false))),
        ("/additionalProperties", None),
    ] {
        let found = breaks(&small(), &changed(place, value.clone()));
        assert_eq!(found, Vec::<String>::new(), "{place} = {value:?}");
    }
}
