//! Mappings with known fields: asked for by name, and what nobody asked for is an error.
//!
//! The names that are asked for are the names that exist, so no second list of them can go stale.

use super::report::Report;
use super::yaml::{Mark, Node, Value};
use super::{codes, decode, suggest};

/// A mapping whose fields are asked for by name. What nobody asked for is an unknown field.
#[derive(Debug)]
pub(super) struct Object {
    /// The path from the document's root, for messages; empty for the root itself.
    path: String,
    /// What it is a part of, for messages: `FlinkConnector.spec`.
    what: String,
    /// The key that holds it; the first key, for the root.
    mark: Mark,
    entries: Vec<(String, Mark, Option<Node>)>,
    asked: Vec<&'static str>,
}

/// A field: its path for messages, its key and its value.
#[derive(Debug)]
pub(super) struct Field {
    /// The path from the document's root.
    pub(super) path: String,
    /// Where its key stands.
    pub(super) key: Mark,
    /// Its value.
    pub(super) node: Node,
}

impl Object {
    /// Opens a document's root.
    pub(super) fn root(node: Node, what: &str, report: &mut Report<'_>) -> Option<Self> {
        let field = Field { path: String::new(), key: node.mark, node };
        Self::open(field, what, report)
    }

    /// Opens a field that holds a mapping.
    pub(super) fn open(field: Field, what: &str, report: &mut Report<'_>) -> Option<Self> {
        let (path, mark) = (field.path.clone(), field.key);
        let named = decode::entries(field, report)?
            .into_iter()
            .filter_map(|(key, value)| Some((key_text(&key, &path, report)?, key.mark, Some(value))))
            .collect();
        Some(Self { what: what.to_owned(), mark, path, entries: named, asked: Vec::new() })
    }

    /// Where the key of the mapping itself stands.
    pub(super) fn mark(&self) -> Mark {
        self.mark
    }

    /// Whether nobody asked for one of the fields.
    pub(super) fn has_unknown(&self) -> bool {
        self.entries.iter().any(|(_, _, left)| left.is_some())
    }

    /// Where the key stands, whether or not its field was taken already.
    pub(super) fn key(&self, name: &str) -> Option<Mark> {
        self.entries.iter().find(|(key, ..)| key == name).map(|(_, mark, _)| *mark)
    }

    /// Takes a field that may be missing.
    pub(super) fn optional(&mut self, name: &'static str) -> Option<Field> {
        self.asked.push(name);
        self.unwanted(name)
    }

    /// Takes a field that must not be there, for an error that says more than that it is unknown.
    pub(super) fn unwanted(&mut self, name: &'static str) -> Option<Field> {
        let (_, key, value) = self.entries.iter_mut().find(|(key, ..)| key == name)?;
        let path = join(&self.path, name);
        value.take().map(|node| Field { path, key: *key, node })
    }

    /// Takes a field that must be there.
    pub(super) fn required(&mut self, name: &'static str, report: &mut Report<'_>) -> Option<Field> {
        let field = self.optional(name);
        if field.is_none() {
            let message = format!("missing field `{}`", join(&self.path, name));
            let label = format!("`{name}` is required here");
            return report.error(
                codes::MISSING_FIELD,
                self.mark,
                message,
                label,
                Some(format!("add `{name}: …`")),
            );
        }
        field
    }

    /// Reports every field that was not taken. Comes last.
    pub(super) fn finish(self, report: &mut Report<'_>) {
        for (name, mark, left) in &self.entries {
            if left.is_some() {
                let label = format!("not a field of {}", self.what);
                let help = suggest::help(name, self.asked.iter().copied());
                let message = format!("unknown field `{}`", report.key(*mark, name));
                report.error::<()>(codes::UNKNOWN_FIELD, *mark, message, label, Some(help));
            }
        }
    }
}

/// The text of a key.
pub(super) fn key_text(key: &Node, path: &str, report: &mut Report<'_>) -> Option<String> {
    if let Value::Text(text) = &key.value {
        return Some(text.clone());
    }
    let place = if path.is_empty() { "the document".to_owned() } else { format!("`{path}`") };
    let help = "quote the key".to_owned();
    report.error(codes::UNQUOTED, key.mark, format!("a key of {place} is not text"), "not a text", Some(help))
}

/// The path of a field within a path.
pub(super) fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { [path, ".", name].concat() }
}
