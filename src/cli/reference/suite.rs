//! The outline of a suite's `spec`, from its table of fields, and what the forms of its values look like.

use serde_json::{Value as Json, json};

use super::forms::{HOST, with};
use super::outline::{Node, Shape, Value};
use crate::domain::kind::store::Need;
use crate::domain::suite::fields::{FIELDS, Field};
use crate::domain::suite::form::{Form, Way};

/// The fields of the spec.
pub(super) fn fields() -> Vec<Node> {
    below("")
}

/// The fields directly in the mapping at a path.
fn below(path: &str) -> Vec<Node> {
    let is_inside = |field: &&Field| match field.path.rsplit_once('.') {
        Some((outer, _)) => outer == path,
        None => path.is_empty(),
    };
    FIELDS.iter().filter(is_inside).map(node).collect()
}

fn node(field: &Field) -> Node {
    let name = field.path.rsplit('.').next().unwrap_or(field.path);
    let inside = || below(field.path);
    let parts = |least, ways| Shape::Parts { least, ways, fields: inside() };
    let shape = match field.form {
        Form::Mapping => Shape::Part(&[], inside()),
        Form::OneOf(ways) => Shape::Part(ways, inside()),
        Form::Items => parts(0, &[]),
        Form::SomeItems => parts(1, &[]),
        Form::ItemsOf(ways) => parts(0, ways),
        value => Shape::Value(Value::Suite(value)),
    };
    let need = if field.required { Need::Required } else { Need::Optional };
    Node { default: field.default, ..Node::ours(name, field.help, need, shape) }
}

/// Exactly one of these ways, and whole; `None` where there are none.
pub(super) fn one_of(ways: &[Way]) -> Option<Json> {
    let way = |way: &Way| {
        let others = ways.iter().flat_map(|other| other.fields).filter(|field| !way.fields.contains(*field));
        let mut properties: serde_json::Map<String, Json> =
            others.map(|field| ((*field).to_owned(), json!(false))).collect();
        let mut required: Vec<&str> = way.fields.to_vec();
        if let Some((field, word)) = way.word {
            properties.insert(field.to_owned(), json!({"const": word}));
            required.push(field);
        }
        json!({"required": required, "properties": properties})
    };
    (!ways.is_empty()).then(|| json!({"oneOf": ways.iter().map(way).collect::<Vec<_>>()}))
}

const IDENTIFIER: &str = "^[A-Za-z_][A-Za-z0-9_]{0,63}$";

/// From 0% to 100%, and to 100,000%: two digits behind the point at most.
const PERCENT: &str = r"^0*([0-9]{1,2}(\.[0-9]{1,2})?|100(\.0{1,2})?)%$";
const MANY_PERCENT: &str = r"^0*([0-9]{1,5}(\.[0-9]{1,2})?|100000(\.0{1,2})?)%$";

/// The schema of a value.
pub(super) fn form(form: Form) -> Json {
    let reference = |name: &str| json!({"$ref": format!("#/$defs/{name}")});
    let list = |item: Json| json!({"type": "array", "items": or_reference(&item)});
    match form {
        // Shapes, not values.
        Form::Mapping | Form::OneOf(_) => json!({"type": "object"}),
        Form::Items | Form::SomeItems | Form::ItemsOf(_) => json!({"type": "array"}),
        Form::Text => json!({"type": "string"}),
        Form::Line | Form::Path | Form::FlinkType | Form::ColumnType | Form::Cel => reference("line"),
        Form::Statement => json!({"type": ["string", "null"], "pattern": r"\S"}),
        Form::Flag => json!({"type": "boolean"}),
        Form::Word(words) => json!({"enum": words}),
        Form::Whole { least, most } => json!({"type": "integer", "minimum": least, "maximum": most}),
        Form::Numbers { most } => list(json!({"type": "integer", "minimum": 1, "maximum": most})),
        Form::Duration => reference("duration"),
        Form::Durations => list(reference("duration")),
        Form::Share(most) if most.hundredths() == 10_000 => json!({"type": "string", "pattern": PERCENT}),
        Form::Share(_) => json!({"type": "string", "pattern": MANY_PERCENT}),
        Form::Bytes => json!({"type": "string", "pattern": "^0*[1-9][0-9]*([KMGT]i)?B$"}),
        Form::Moment => {
            json!({"anyOf": [{"type": "string", "pattern": PERCENT}, reference("duration")]})
        }
        Form::Secret => reference("secret"),
        Form::Host => {
            json!({"type": "string", "pattern": format!("^({HOST_NAME}|[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*)$")})
        }
        Form::Database => with(reference("line"), json!({"maxLength": 64, "not": {"pattern": r"[/\\.]| $"}})),
        Form::User => with(reference("line"), json!({"maxLength": 128, "not": {"pattern": " $"}})),
        Form::Url => {
            json!({"type": "string", "pattern": format!(r"^https?://({HOST})(:[0-9]{{1,5}})?([/?#][^\s@]*)?$")})
        }
        Form::Paths | Form::Lines => list(reference("line")),
        Form::Program => json!({
            "type": "array", "minItems": 1, "prefixItems": [reference("line")],
            "items": {"type": "string", "pattern": r"^[^\u0000]*$"},
        }),
        Form::Name => reference("name"),
        Form::Identifier => json!({"type": "string", "pattern": IDENTIFIER}),
        Form::Identifiers => {
            with(list(json!({"type": "string", "pattern": IDENTIFIER})), json!({"minItems": 1}))
        }
    }
}

/// Letters and digits of any script, `-`, `_` and `.`.
const HOST_NAME: &str = r"[^\s\u0000-\u002c\u002f\u003a-\u0040\u005b-\u005e\u0060\u007b-\u009f]+";

/// The schema of a value in which a value of the profile may be put.
pub(super) fn or_reference(own: &Json) -> Json {
    json!({"anyOf": [own, {"$ref": "#/$defs/reference"}]})
}

/// What a value looks like.
pub(super) fn words(form: Form) -> String {
    match form {
        Form::Whole { least, most } if most == u64::MAX => format!("whole number from {least}"),
        Form::Whole { least, most } => format!("whole number from {least} to {most}"),
        Form::Numbers { most } => format!("list of whole numbers from 1 to {most}"),
        Form::Share(most) => format!("share with %, at most {most}, such as 30% or 0.5%"),
        Form::Bytes => "whole number with B, KiB, MiB, GiB or TiB, such as 64KiB".to_owned(),
        Form::Moment => "share of the rows with %, or duration after the first one".to_owned(),
        Form::Word(words) => format!("one of {}", words.join(", ")),
        Form::Duration => "duration with units, such as 250ms or 1m30s".to_owned(),
        Form::Durations => "list of durations with units, such as [1s, 2s, 4s]".to_owned(),
        Form::Secret => "text, or where it comes from: fromEnv, fromFile or fromCommand".to_owned(),
        Form::Path => "path; a relative one begins at the manifest's folder".to_owned(),
        Form::Paths => "list of paths; relative ones begin at the manifest's folder".to_owned(),
        Form::Program => "list: a program and its arguments".to_owned(),
        Form::Identifier => "name for SQL: 1 to 64 letters, digits and _, first no digit".to_owned(),
        Form::Identifiers => "list of names for SQL, at least one".to_owned(),
        Form::FlinkType => "type of Flink SQL, such as BIGINT NOT NULL or DECIMAL(20, 4)".to_owned(),
        Form::ColumnType => "type of MySQL, such as BIGINT UNSIGNED or DATETIME(6)".to_owned(),
        Form::Cel => "expression in CEL".to_owned(),
        Form::Statement => "SQL with one ? for each column, or null".to_owned(),
        Form::Name => "name: 1 to 253 letters, digits, `-`, `_`, `.`; first a letter or digit".to_owned(),
        Form::Url => "address, beginning with http:// or https://".to_owned(),
        Form::Line | Form::User | Form::Database => "text on one line".to_owned(),
        other => short_words(other),
    }
}

/// The same in a word or two.
pub(super) fn short_words(form: Form) -> String {
    let word = match form {
        Form::Word(words) => return words.join(" | "),
        Form::Whole { .. } => "whole number",
        Form::Numbers { .. } => "list of whole numbers",
        Form::Duration => "duration",
        Form::Durations => "list of durations",
        Form::Share(_) => "share",
        Form::Bytes => "amount of bytes",
        Form::Moment => "share or duration",
        Form::Flag => "true or false",
        Form::Secret => "secret",
        Form::Host => "host",
        Form::Url => "address",
        Form::Path => "path",
        Form::Paths => "list of paths",
        Form::Program => "program with arguments",
        Form::Name => "name",
        Form::Identifier => "name for SQL",
        Form::Identifiers => "list of names for SQL",
        Form::Lines => "list of texts",
        Form::FlinkType => "Flink type",
        Form::ColumnType => "MySQL type",
        Form::Cel => "CEL",
        Form::Statement => "SQL",
        Form::Text | Form::Line | Form::Database | Form::User => "text",
        Form::Mapping | Form::OneOf(_) => "mapping",
        Form::Items | Form::SomeItems | Form::ItemsOf(_) => "list",
    };
    word.to_owned()
}

/// Fields whose name says more than the form of their value.
const LINES: &[(&str, &str)] = &[
    ("spec.mysql.host", "db.example.com"),
    ("spec.mysql.database", "shop"),
    ("spec.mysql.username", "loader"),
    ("spec.mysql.tls.caFile", "secrets/ca.pem"),
    ("spec.mysql.pool.validationQuery", "SELECT 1"),
    ("spec.flink.gateway", "http://flink.example.com:8083"),
    ("spec.flink.jobManager", "http://flink.example.com:8081"),
    ("spec.scenarios.name", "orders"),
    ("spec.scenarios.description", "Orders with amounts, upserted by id"),
    ("spec.scenarios.source.csv", "data/orders.csv"),
    ("spec.scenarios.source.ndjson", "data/orders.ndjson"),
    ("spec.scenarios.schema.fields.name", "amount"),
    ("spec.scenarios.schema.fields.type", "DECIMAL(20, 4)"),
    ("spec.scenarios.table.columns.type", "DECIMAL(20,4)"),
    ("spec.scenarios.table.constraints.check", "amount >= 0"),
    ("spec.scenarios.transform.set", "total"),
    ("spec.scenarios.transform.cel", "amount * 2.0"),
    ("spec.scenarios.transform.flatten", "payload"),
    ("spec.scenarios.write.statement", "INSERT INTO orders (id, amount) VALUES (?, ?)"),
    ("spec.scenarios.rules.check", "value >= 0.0"),
];

/// An example value of the field at this path below its kind.
pub(super) fn example(path: &str, node: &Node, form: Form) -> Option<Json> {
    if let Some((_, line)) = LINES.iter().find(|(known, _)| *known == path) {
        return Some(json!(line));
    }
    Some(match form {
        Form::Flag => json!(node.default != Some("true")),
        Form::Word(words) => json!(words.last()?),
        Form::Whole { least, .. } => node.default.map_or(json!(least.max(100)), |number| {
            number.parse::<u64>().map_or(json!(least), |number| json!(number))
        }),
        Form::Numbers { .. } => json!([6, 10, 15]),
        Form::Durations => json!(["1s", "2s", "4s"]),
        Form::Duration => json!("5s"),
        Form::Share(_) => json!(node.default.unwrap_or("100%")),
        Form::Bytes => json!("64KiB"),
        Form::Moment => json!("30%"),
        Form::Secret => json!({"fromEnv": "MYSQL_PASSWORD"}),
        Form::Identifier => json!("amount"),
        Form::Identifiers => json!(["id", "amount"]),
        Form::Lines => json!(["id"]),
        Form::Paths => json!(["jars/format.jar"]),
        Form::Program => json!(["./enrich"]),
        _ => return None,
    })
}
