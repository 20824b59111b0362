//! `${values.NAME}`: what differs between the profiles of one folder of manifests (design.md 3.5; ADR 0023).
//!
//! Promises: a name that nobody gave is an error at the place where it stands, never an empty text; a value is put in
//! once and not read again, so that it can neither grow without bound nor name another one; no variable of the
//! environment and no command is ever looked at. Must not know what the fields mean.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::object::{Field, join};
use super::report::Report;
use super::yaml::{Mark, Node, Value};
use super::{codes, decode, limits, suggest};

/// What every reference begins with.
pub(super) const OPENING: &str = "${";

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scalar {
    /// `true` or `false`.
    Flag(bool),
    /// A whole number, which is written in one way only.
    Whole(u64),
    /// Anything else.
    Text(String),
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scalar::Flag(flag) => flag.fmt(f),
            Scalar::Whole(number) => number.fmt(f),
            Scalar::Text(text) => f.write_str(text),
        }
    }
}

impl From<&Scalar> for Value {
    fn from(scalar: &Scalar) -> Self {
        match scalar {
            Scalar::Flag(flag) => Value::Flag(*flag),
            Scalar::Whole(number) => Value::Whole(*number),
            Scalar::Text(text) => Value::Text(text.clone()),
        }
    }
}

/// Why `--set` was refused. The value is not repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssignmentError {
    /// There is no `=`.
    #[error("--set takes NAME=VALUE, and there is no `=` in what was given")]
    NoValue,
    /// The name is none.
    #[error("--set {0}=… does not name a value: use letters, digits, `-` and `_`, beginning with a letter")]
    Name(String),
}

/// The values that manifests may name, and where more of them belong.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Values {
    by_name: BTreeMap<String, Scalar>,
    home: String,
}

impl Values {
    /// The declared values; `home` says for people where others can be added.
    pub fn new(by_name: BTreeMap<String, Scalar>, home: String) -> Self {
        Self { by_name, home }
    }

    /// Takes `NAME=VALUE`, which wins over what was declared. `true`, `false` and whole numbers are what they look
    /// like; a field that wants text gets them as they are written.
    ///
    /// # Errors
    /// [`AssignmentError`]
    pub fn set(&mut self, assignment: &str) -> Result<(), AssignmentError> {
        let (name, value) = assignment.split_once('=').ok_or(AssignmentError::NoValue)?;
        if !is_name(name) {
            return Err(AssignmentError::Name(name.to_owned()));
        }
        let scalar = match (value, value.parse::<u64>()) {
            ("true", _) => Scalar::Flag(true),
            ("false", _) => Scalar::Flag(false),
            (_, Ok(number)) if number.to_string() == value => Scalar::Whole(number),
            _ => Scalar::Text(value.to_owned()),
        };
        self.by_name.insert(name.to_owned(), scalar);
        Ok(())
    }

    /// The values, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Scalar)> {
        self.by_name.iter().map(|(name, scalar)| (name.as_str(), scalar))
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

/// The text as it stands in a manifest, so that it is read back as it is: what looks like a reference is none.
pub(super) fn escaped(text: &str) -> String {
    text.replace(OPENING, &format!("${OPENING}"))
}

/// Reads `values` of a profile.
pub(super) fn declared(field: Field, report: &mut Report<'_>) -> BTreeMap<String, Scalar> {
    let mut read = BTreeMap::new();
    for (name, field) in decode::map(field, report).unwrap_or_default() {
        if is_name(&name) {
            read.extend(scalar(field, report).map(|scalar| (name, scalar)));
        } else {
            let message = format!("`{}` is not the name of a value", report.key(field.key, &name));
            let help = "use letters, digits, `-` and `_`, beginning with a letter".to_owned();
            report.error::<()>(codes::BAD_VALUE, field.key, message, "not a name", Some(help));
        }
    }
    read
}

/// Numbers that can be written in several ways are wanted as text: `1.10` would become 1.1 in some place.
fn scalar(field: Field, report: &mut Report<'_>) -> Option<Scalar> {
    let mark = field.node.mark;
    let (problem, help) = match field.node.value {
        Value::Text(text) => return Some(Scalar::Text(text)),
        Value::Flag(flag) => return Some(Scalar::Flag(flag)),
        Value::Whole(number) if report.source().slice(mark) == number.to_string() => {
            return Some(Scalar::Whole(number));
        }
        Value::Whole(_) | Value::Number => {
            let written = report.written(mark);
            (format!("the number {written}, which readers change"), format!("quote it: \"{written}\""))
        }
        Value::Null => ("empty".to_owned(), "give it a value, or remove the line".to_owned()),
        Value::List(_) | Value::Map(_) | Value::Tagged(_) => {
            let help = "a value is a text, a whole number, true or false; give each part a name of its own";
            ("not a single value".to_owned(), help.to_owned())
        }
    };
    report.error(codes::BAD_VALUE, mark, format!("`{}` is {problem}", field.path), "refused", Some(help))
}

/// Whether anything in it may be a reference. Most documents hold none, and need no paths.
fn has_opening(node: &Node) -> bool {
    match &node.value {
        Value::Text(text) => text.contains(OPENING),
        Value::List(items) => items.iter().any(has_opening),
        Value::Map(entries) => entries.iter().any(|(key, value)| has_opening(key) || has_opening(value)),
        Value::Null | Value::Flag(_) | Value::Whole(_) | Value::Number | Value::Tagged(_) => false,
    }
}

/// Puts values into the documents of one load.
#[derive(Debug)]
pub(super) struct Substitution<'v> {
    values: &'v Values,
    /// How many bytes may still be put in.
    left: usize,
}

impl<'v> Substitution<'v> {
    /// With these values, of which so many bytes may be put in.
    pub(super) fn new(values: &'v Values, left: usize) -> Self {
        Self { values, left }
    }

    /// How many bytes may still be put in.
    pub(super) fn left(&self) -> usize {
        self.left
    }

    /// Puts the values into labels, annotations and spec of a document. Returns the fields that hold one now, such as
    /// `spec.jarUrl`; items of a list have the path of their list.
    pub(super) fn document(&mut self, root: &mut Node, report: &mut Report<'_>) -> BTreeSet<String> {
        let mut fields = BTreeSet::new();
        for (name, node) in children(root).filter(|(_, node)| has_opening(node)) {
            match name {
                "spec" => self.walk(node, name, &mut fields, report),
                "metadata" => {
                    let texts = children(node).filter(|(name, _)| matches!(*name, "labels" | "annotations"));
                    for (name, node) in texts {
                        self.walk(node, &format!("metadata.{name}"), &mut fields, report);
                    }
                }
                _ => {}
            }
        }
        fields
    }

    fn walk(&mut self, node: &mut Node, path: &str, fields: &mut BTreeSet<String>, report: &mut Report<'_>) {
        match &mut node.value {
            Value::Text(text) if text.contains(OPENING) => {
                if let Some((value, is_substituted)) = self.text(text, (node.mark, path), report) {
                    node.value = value;
                    node.is_substituted = is_substituted;
                    if is_substituted {
                        fields.insert(path.to_owned());
                    }
                }
            }
            Value::List(items) => {
                for item in items {
                    self.walk(item, path, fields, report);
                }
            }
            Value::Map(entries) => {
                for (key, node) in entries {
                    let Value::Text(name) = &key.value else { continue };
                    if name.contains(OPENING) {
                        let message = format!("a key of `{path}` holds `{OPENING}`");
                        let help = Some("write the key out; only what follows it can be a value".to_owned());
                        report.error::<()>(codes::BAD_REFERENCE, key.mark, message, "a key", help);
                    }
                    self.walk(node, &join(path, report.key(key.mark, name)), fields, report);
                }
            }
            _ => {}
        }
    }

    /// The text with its values, and whether there are any in it; `None` when something was reported.
    fn text(
        &mut self,
        text: &str,
        (mark, path): (Mark, &str),
        report: &mut Report<'_>,
    ) -> Option<(Value, bool)> {
        let mut out = String::new();
        let mut is_substituted = false;
        let mut rest = text;
        for number in 0.. {
            let Some((before, after)) = rest.split_once(OPENING) else { break };
            if let Some(before) = before.strip_suffix('$') {
                out.push_str(before);
                out.push_str(OPENING);
                rest = after;
                continue;
            }
            let at = report.source().nth(OPENING, number, mark);
            let reference = after.split_once('}').and_then(|(inner, tail)| {
                Some((inner.strip_prefix("values.").filter(|name| is_name(name))?, tail))
            });
            let Some((name, tail)) = reference else { return malformed(at, path, report) };
            let Some(scalar) = self.values.by_name.get(name) else {
                return undefined(name, at, self.values, report);
            };
            is_substituted = true;
            if out.is_empty() && before.is_empty() && tail.is_empty() {
                return Some((scalar.into(), true));
            }
            out.push_str(before);
            let value = scalar.to_string();
            let Some(left) = self.left.checked_sub(value.len()) else {
                let message =
                    format!("more than {} bytes of values in all files together", limits::TOTAL_BYTES);
                return report.error(codes::TOO_LARGE, at, message, "here", None);
            };
            self.left = left;
            out.push_str(&value);
            rest = tail;
        }
        out.push_str(rest);
        Some((Value::Text(out), is_substituted))
    }
}

/// The values of a mapping whose keys are texts, by key.
fn children(node: &mut Node) -> impl Iterator<Item = (&str, &mut Node)> {
    let entries = match &mut node.value {
        Value::Map(entries) => entries.as_mut_slice(),
        _ => &mut [],
    };
    entries.iter_mut().filter_map(|(key, node)| match &key.value {
        Value::Text(name) => Some((name.as_str(), node)),
        _ => None,
    })
}

/// What stands between the braces is not repeated: it may be a part of a password.
fn malformed<T>(at: Mark, path: &str, report: &mut Report<'_>) -> Option<T> {
    let message = format!("`{path}` holds `{OPENING}`, and it is no `${{values.NAME}}`");
    let help = "write `$${` for the text `${`; a secret from the environment is `{fromEnv: NAME}`".to_owned();
    report.error(codes::BAD_REFERENCE, at, message, "no value", Some(help))
}

fn undefined<T>(name: &str, at: Mark, values: &Values, report: &mut Report<'_>) -> Option<T> {
    let known = values.by_name.keys().map(String::as_str);
    let shown = report.value(at, name, known.clone()).to_owned();
    let meant = suggest::closest(name, known)
        .map(|meant| format!("did you mean `{meant}`? Otherwise "))
        .unwrap_or_default();
    let home = &values.home;
    let help = format!("{meant}add it to {home}, or pass --set {shown}=VALUE");
    let message = format!("the value `{shown}` is not defined");
    report.error(codes::UNDEFINED_VALUE, at, message, "nobody gave it", Some(help))
}
