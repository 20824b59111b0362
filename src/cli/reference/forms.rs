//! The forms of values as JSON Schema.

use serde_json::{Map, Value as Json, json};

use super::outline::{Value, pointers};
use super::suite;
use crate::domain::address::Kind;
use crate::domain::kind::store::UriShape;
use crate::domain::suite::form::Form;

/// Not blank, and without control characters: what a request or a path carries.
const LINE: &str =
    r"^[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$";

/// The name or number of a host: letters and digits of any script, `-`, `.`, `_`; or an IPv6 address.
pub(super) const HOST: &str =
    r"[^\s\u0000-\u002c\u002f\u003a-\u0040\u005b-\u005e\u0060\u007b-\u009f]+|\[[0-9A-Fa-f:.]+\]";

/// 1 to 65535.
const PORT: &str = "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])";

/// An object with the entries of another one, which win.
pub(super) fn with(mut object: Json, further: Json) -> Json {
    if let (Json::Object(all), Json::Object(further)) = (&mut object, further) {
        all.extend(further);
    }
    object
}

/// The forms of values that occur often.
pub(super) fn shared() -> Map<String, Json> {
    let list = |item: &str| json!({"type": "array", "items": {"$ref": format!("#/$defs/{item}")}});
    // The content of a secret or a file by where it comes from: exactly one of these.
    let from = json!({
        "type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": false,
        "properties": {
            "fromEnv": {
                "type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
                "description": "Name of an environment variable.",
            },
            "fromFile": {
                "$ref": "#/$defs/path", "description": "Path of a file; it begins at the manifest's folder.",
            },
            "fromCommand": {
                "type": "array", "minItems": 1, "prefixItems": [{"$ref": "#/$defs/line"}],
                "items": {"type": "string", "pattern": r"^[^\u0000]*$"},
                "description": "A program and its arguments, run without a shell; its standard output.",
            },
        },
    });
    let entries = json!({
        "line": {"type": "string", "pattern": LINE},
        "lines": list("line"),
        "name": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$"},
        "addresses": {
            "type": "array",
            "items": {"type": "string", "pattern": format!("^({})/[A-Za-z0-9][A-Za-z0-9._-]{{0,252}}$", kinds())},
        },
        // A digit that is not 0: a duration is not empty and not zero.
        "duration": {
            "type": "string", "pattern": "^([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$", "allOf": [{"pattern": "[1-9]"}],
        },
        "reference": {"type": "string", "pattern": r"\$\{values\.[A-Za-z][A-Za-z0-9_-]*\}"},
        "secret": {"anyOf": [{"$ref": "#/$defs/line"}, {"$ref": "#/$defs/source"}]},
        // The content of a file is not its path.
        "path": {"$ref": "#/$defs/line", "not": {"pattern": "-----BEGIN|^[^ ]{513,}$"}},
        "source": from,
        "file": {"anyOf": [{"$ref": "#/$defs/path"}, {"$ref": "#/$defs/source"}]},
    });
    match entries {
        Json::Object(entries) => entries,
        _ => Map::new(),
    }
}

fn kinds() -> String {
    Kind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join("|")
}

/// The schema of a value.
pub(super) fn form(value: Value) -> Json {
    let reference = |name: &str| json!({"$ref": format!("#/$defs/{name}")});
    match value {
        Value::Constant(text) => json!({"const": text}),
        Value::Name => reference("name"),
        Value::Texts => json!({"type": "object", "additionalProperties": {"type": "string"}}),
        Value::FreeText => json!({"type": "string"}),
        Value::Line => reference("line"),
        // `.` and `..` address something else once a URL is normalised.
        Value::Header => json!({"type": "string", "pattern": "^[!-~]+$", "not": {"enum": [".", ".."]}}),
        Value::Segment => with(reference("line"), json!({"not": {"enum": [".", ".."]}})),
        Value::Flag => json!({"type": "boolean"}),
        Value::Word(words) => json!({"enum": words}),
        Value::Lines => reference("lines"),
        Value::Uri(shape) => address(shape, false),
        Value::Uris(shape) => json!({
            "anyOf": [{"type": "array", "minItems": 1, "items": address(shape, false)}, address(shape, true)],
        }),
        Value::Duration => reference("duration"),
        Value::Pointers(kind) => json!({"type": "array", "items": {"enum": pointers(kind)}}),
        Value::Addresses => reference("addresses"),
        Value::Secret => reference("secret"),
        Value::File { .. } => reference("file"),
        Value::Chosen => json!(false),
        Value::Suite(form) => suite::form(form),
    }
}

/// The schema of a value in which a value of the profile may be put: what it becomes is judged when it is loaded.
pub(super) fn or_reference(value: Value) -> Json {
    let own = form(value);
    match value {
        // A text takes any.
        Value::Suite(
            Form::Text
            | Form::Line
            | Form::Path
            | Form::FlinkType
            | Form::ColumnType
            | Form::Cel
            | Form::User
            | Form::Secret,
        ) => own,
        Value::Suite(_) => suite::or_reference(&own),
        Value::Flag | Value::Word(_) | Value::Header | Value::Segment | Value::Uri(_) | Value::Uris(_) => {
            json!({"anyOf": [own, {"$ref": "#/$defs/reference"}]})
        }
        _ => own,
    }
}

/// One address, or several in one text. A user name or password in it is left to the loader where it is not before the
/// host.
fn address(shape: UriShape, several: bool) -> Json {
    let port = format!(":0*{PORT}");
    let one = match shape.schemes {
        [] => format!("({HOST}){port}"),
        schemes => format!(r"({})({HOST})({port})?([/?#][^\s@]*)?", schemes.join("|")),
    };
    let pattern = if several { format!(r"^\s*{one}\s*(,\s*{one}\s*)*$") } else { format!("^{one}$") };
    json!({"type": "string", "pattern": pattern})
}
