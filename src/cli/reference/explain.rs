//! A kind, a field or a code, explained: as text of 80 columns, and as JSON.

use serde_json::{Value as Json, json};

use super::examples;
use super::outline::{Node, Shape, Value};
use super::words;
use crate::domain::field::OnChange;
use crate::domain::manifest_kind::ManifestKind;
use crate::manifest::examples::{Around, Example};
use crate::manifest::{codes, examples as refused, suggest};
use crate::verify::codes as verification;

const WIDTH: usize = 80;

/// What can be explained.
#[derive(Debug)]
pub(crate) enum Topic {
    /// A kind, or a field of it: the field, and its path from the kind, which it begins with.
    Field(Box<Node>, String),
    /// A diagnostic's code.
    Code(&'static codes::Entry),
    /// The code of what keeps a verification from being run.
    Verification(verification::Entry),
}

/// Why there is nothing to explain.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unknown {
    /// It begins with no kind and is no code.
    #[error(
        "`{topic}` is neither a kind, a field such as FlinkConnector.spec.jarUrl, nor a code such as RC0107: {help}"
    )]
    Topic {
        /// What was asked for.
        topic: String,
        /// Did you mean …?
        help: String,
    },
    /// The kind has no such field.
    #[error("{holder} has no field `{field}`: {help}")]
    Field {
        /// The last part of the path that is there.
        holder: String,
        /// The part that is not.
        field: String,
        /// Did you mean …?
        help: String,
    },
}

/// Finds a topic: `KIND`, `KIND.field.path` (`spec` may be left out) or `CODE`.
///
/// # Errors
/// [`Unknown`]
pub(crate) fn find(topic: &str) -> Result<Topic, Unknown> {
    let code = topic.to_uppercase();
    if let Some(entry) = codes::TABLE.iter().find(|entry| entry.code.to_string() == code) {
        return Ok(Topic::Code(entry));
    }
    if let Some(entry) = verification::all().into_iter().find(|entry| entry.code == code) {
        return Ok(Topic::Verification(entry));
    }
    let (kind, path) = topic.split_once('.').unwrap_or((topic, ""));
    let Ok(kind) = kind.parse::<ManifestKind>() else {
        let help = suggest::help(kind, ManifestKind::ALL.iter().map(|kind| kind.as_str()));
        return Err(Unknown::Topic { topic: topic.to_owned(), help });
    };
    let mut segments: Vec<&str> = path.split('.').filter(|segment| !segment.is_empty()).collect();
    let mut node = Node::manifest(kind);
    let (in_spec, at_root): (Vec<_>, Vec<_>) = (names(node.child("spec")), names(Some(&node)));
    if segments.first().is_some_and(|first| !at_root.contains(first) && in_spec.contains(first)) {
        segments.insert(0, "spec");
    }
    let mut path = kind.to_string();
    for (depth, segment) in segments.into_iter().enumerate() {
        let mut known = names(Some(&node));
        if depth == 0 {
            known.extend(&in_spec);
        }
        node = node.take(segment).ok_or_else(|| Unknown::Field {
            holder: path.clone(),
            field: segment.to_owned(),
            help: if known.is_empty() {
                "it holds a value".to_owned()
            } else {
                suggest::help(segment, known)
            },
        })?;
        path = format!("{path}.{segment}");
    }
    Ok(Topic::Field(Box::new(node), path))
}

fn names(node: Option<&Node>) -> Vec<&'static str> {
    node.into_iter().flat_map(Node::children).map(|node| node.name).collect()
}

impl Topic {
    /// For people.
    pub(crate) fn text(&self) -> String {
        match self {
            Topic::Code(entry) => {
                let text = format!("{}: {}\n\n{}", entry.code, entry.title, paragraph("", entry.explanation));
                refused::of(entry.code)
                    .map_or_else(|| text.clone(), |example| format!("{text}{}", shown(example)))
            }
            Topic::Verification(entry) => {
                format!("{}: {}\n\n{}", entry.code, title(entry), paragraph("", &sentence(entry.remedy)))
            }
            Topic::Field(node, path) => field(node, path),
        }
    }

    /// For programs: the members of a document.
    pub(crate) fn json(&self) -> Json {
        match self {
            Topic::Code(entry) => json!({
                "code": entry.code.to_string(), "title": entry.title, "explanation": entry.explanation,
                "example": refused::of(entry.code).map(|example| json!({"wrong": example.wrong, "right": example.right})),
            }),
            Topic::Verification(entry) => json!({
                "code": entry.code, "title": title(entry), "explanation": sentence(entry.remedy),
            }),
            Topic::Field(node, path) => facts(node, path),
        }
    }
}

fn title(entry: &verification::Entry) -> String {
    format!("a suite cannot be run as it says in {}", entry.about)
}

/// With a capital letter and a full stop.
fn sentence(text: &str) -> String {
    let (first, rest) = text.split_at(text.chars().next().map_or(0, char::len_utf8));
    format!("{}{rest}.", first.to_uppercase())
}

/// What is refused, and the same mended.
fn shown(Example { code: _, around, wrong, right }: &Example) -> String {
    let place = match around {
        Around::File => "In a manifest",
        Around::Connector => "Below the spec of a connector",
        Around::Store => "In the spec of a store",
        Around::Mysql => "In spec.mysql of a suite",
        Around::Scenario => "In a scenario of a suite",
        Around::Project => "In reconcile.yaml",
        Around::Latin1 => "In a file that was saved as Latin-1",
        Around::Repeated(_) => "In a file, more than a thousand times",
        Around::Path => "As the argument of `reconcile validate`",
    };
    let lines = |text: &str| -> String {
        // Shown as an escape: a terminal would break the line, or nothing would be seen.
        let text = text.replace('\u{2028}', "\\u{2028}");
        format!("  {}\n", text.trim_end().replace('\n', "\n  "))
    };
    let right = if right.is_empty() { "  # nothing: remove it\n".to_owned() } else { lines(right) };
    format!("\n{place}, wrong:\n\n{}\nright:\n\n{right}", lines(wrong))
}

/// The path below the kind.
fn below(path: &str) -> &str {
    path.split_once('.').map_or("", |(_, below)| below)
}

fn field(node: &Node, path: &str) -> String {
    let mut text = format!("{path}\n\n{}", paragraph("", node.help));
    let rows = rows(node, path);
    let width = rows.iter().map(|(label, _)| label.len()).max().unwrap_or(0);
    if !rows.is_empty() && !node.help.is_empty() {
        text.push('\n');
    }
    for (label, value) in rows {
        text.push_str(&hanging(&format!("{label:width$}  "), &" ".repeat(width + 2), &value));
    }
    if !node.children().is_empty() {
        text.push('\n');
        tree(node.children(), "", &mut text);
    }
    text
}

/// The facts about one field, labelled.
fn rows(node: &Node, path: &str) -> Vec<(&'static str, String)> {
    let mut rows = Vec::new();
    match &node.shape {
        Shape::Value(value) => rows.push(("type", words::form(*value))),
        Shape::Block(subtype, _) => {
            rows.push(("type", "block: a store has exactly one".to_owned()));
            if subtype.is_beta() {
                rows.push(("beta", "its parameters were never seen live".to_owned()));
            }
        }
        Shape::Parts { .. } => rows.push(("type", "list of mappings".to_owned())),
        Shape::Part(..) | Shape::Mapping(_) => {}
    }
    if below(path).is_empty() {
        return rows;
    }
    rows.push(("required", format!("{}{}", words::need(node), words::otherwise(node.need))));
    if let Some(default) = node.default {
        rows.push(("default", default.to_owned()));
    }
    if let Some(managed) = &node.managed {
        rows.push(("on change", words::on_change(managed)));
        rows.push(("live shows", words::readable(&managed.rule).to_owned()));
        rows.push((
            "secret",
            if managed.rule.secret { "yes: never shown, never kept" } else { "no" }.to_owned(),
        ));
        if let Some((_, group)) = managed.parameter {
            rows.push(("group", words::group(group).to_owned()));
        }
    }
    if let Some(example) = example(node, path) {
        rows.push(("example", format!("{}: {}", node.name, examples::yaml(&example))));
    }
    rows.push(("source", words::source(node, path)));
    rows
}

fn example(node: &Node, path: &str) -> Option<Json> {
    match node.shape {
        Shape::Value(value) => examples::of(below(path), node, value),
        Shape::Mapping(_) | Shape::Block(..) | Shape::Part(..) | Shape::Parts { .. } => None,
    }
}

/// The fields as they stand in a manifest, each with what it is below it. Blocks are closed: they are explained by
/// themselves.
fn tree(fields: &[Node], indent: &str, text: &mut String) {
    for node in fields {
        let about = match &node.shape {
            Shape::Value(Value::Chosen) => words::short_form(Value::Chosen),
            Shape::Value(value) => format!("{}{}", words::short_form(*value), behind(node)),
            Shape::Block(subtype, _) => {
                format!("block, one of several{}", if subtype.is_beta() { ", beta" } else { "" })
            }
            Shape::Parts { .. } => format!("list{}", behind(node)),
            Shape::Mapping(_) | Shape::Part(..) => String::new(),
        };
        text.push_str(
            hanging(&format!("{indent}{}: ", node.name), &format!("{indent}    "), &about).trim_end(),
        );
        text.push('\n');
        text.push_str(&paragraph(&format!("{indent}    "), node.help));
        if let Shape::Mapping(fields) | Shape::Part(_, fields) | Shape::Parts { fields, .. } = &node.shape {
            tree(fields, &format!("{indent}  "), text);
        }
    }
}

/// What stands behind the form of a value: when it must be there, what leaving it out means, and whether a change
/// replaces the object.
fn behind(node: &Node) -> String {
    let need = match words::need(node).as_str() {
        "no" => String::new(),
        "yes" | "yes, at least one" => ", required".to_owned(),
        need => format!(", {need}"),
    };
    let default = node.default.map(|default| format!(", default {default}")).unwrap_or_default();
    let forces = node.managed.is_some_and(|managed| managed.rule.on_change == OnChange::ForceNew);
    format!("{need}{default}{}", if forces { ", force-new" } else { "" })
}

fn facts(node: &Node, path: &str) -> Json {
    let mut facts = json!({"path": path, "meaning": node.help, "required": node.is_required(), "when": words::need(node)});
    let mut add = |name: &str, value: Json| {
        if let Some(facts) = facts.as_object_mut() {
            facts.insert(name.to_owned(), value);
        }
    };
    match &node.shape {
        Shape::Value(value) => {
            add("type", json!(words::short_form(*value)));
            add("form", json!(words::form(*value)));
        }
        Shape::Block(subtype, _) => add("beta", json!(subtype.is_beta())),
        Shape::Parts { .. } => add("type", json!("list")),
        Shape::Mapping(_) | Shape::Part(..) => {}
    }
    if let Some(default) = node.default {
        add("default", json!(default));
    }
    if let Some(managed) = &node.managed {
        add("secret", json!(managed.rule.secret));
        add("onChange", json!(words::change_word(&managed.rule)));
        add("readable", json!(words::readable_word(&managed.rule)));
        if let Some((sql, group)) = managed.parameter {
            add("parameter", json!(sql));
            add("group", json!(words::group(group)));
        }
    }
    if let Some(example) = example(node, path) {
        add("example", example);
    }
    add("source", json!(words::source(node, path)));
    let fields = node.children().iter().map(|child| facts_below(child, path));
    if !node.children().is_empty() {
        add("fields", fields.collect());
    }
    facts
}

fn facts_below(node: &Node, path: &str) -> Json {
    facts(node, &format!("{path}.{}", node.name))
}

/// A text in lines of at most 80 columns, each behind this indent; nothing for an empty text.
fn paragraph(indent: &str, text: &str) -> String {
    if text.is_empty() { String::new() } else { hanging(indent, indent, text) }
}

/// A text in lines of at most 80 columns: the first behind one indent, the others behind another.
fn hanging(first: &str, others: &str, text: &str) -> String {
    let mut lines = first.to_owned();
    let mut column = first.chars().count();
    let mut fresh = true;
    for word in text.split_whitespace() {
        let width = word.chars().count();
        if !fresh && column + 1 + width > WIDTH {
            lines.push('\n');
            lines.push_str(others);
            (column, fresh) = (others.chars().count(), true);
        }
        if !fresh {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(word);
        column += width;
        fresh = false;
    }
    lines.push('\n');
    lines
}
