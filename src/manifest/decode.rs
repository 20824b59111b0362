//! Turns nodes into values, and says what is wrong with those that do not fit.
//!
//! A reader that returns `None` has reported why, and leaves out what it has reported; its caller goes on with the next
//! field, so that one look shows all. A load with one error fails as a whole, so nothing incomplete is ever used.
//! Nothing is converted: a number is not a text, `yes` is not a flag, and null is never a value. Only a number or flag that
//! comes from a value of the profile is text where text is wanted: it was checked where it stands.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::time::Duration;

use super::object::{Field, join, key_text};
use super::report::Report;
use super::yaml::{Node, Value};
use super::{codes, duration, suggest};
use crate::domain::diagnostic::Code;

/// A text; it may be empty.
pub(super) fn text(field: Field, report: &mut Report<'_>) -> Option<String> {
    match field.node.value {
        Value::Text(text) => Some(text),
        // Written in one way only, so nothing is lost.
        Value::Flag(flag) if field.node.is_substituted => Some(flag.to_string()),
        Value::Whole(number) if field.node.is_substituted => Some(number.to_string()),
        Value::Flag(_) | Value::Whole(_) | Value::Number => {
            let written = report.written(field.node.mark);
            let what = if matches!(field.node.value, Value::Flag(_)) { "flag" } else { "number" };
            let message = format!("`{}` is the {what} {written}, but text is wanted", field.path);
            let help = format!("quote it: \"{written}\"");
            report.error(codes::UNQUOTED, field.node.mark, message, "not a text", Some(help))
        }
        _ => mismatch(&field, "text", report),
    }
}

/// A text that goes into a request or a path: not blank, no control characters.
pub(super) fn line(field: Field, report: &mut Report<'_>) -> Option<String> {
    let (path, mark) = (field.path.clone(), field.node.mark);
    let text = text(field, report)?;
    if text.trim().is_empty() {
        return report.error(
            codes::NO_VALUE,
            mark,
            format!("`{path}` is empty"),
            "a text is wanted here",
            None,
        );
    }
    if text.chars().any(char::is_control) {
        let shown: String = report.value(mark, &text, []).chars().take(80).collect();
        let message = format!("`{path}` holds a control character: {shown:?}");
        let help = "write the value on one line, without `|` or `>`".to_owned();
        return report.error(codes::CONTROL_CHARACTER, mark, message, "not one line of text", Some(help));
    }
    Some(text)
}

/// A line of text that a checked type accepts; otherwise its own words are reported.
pub(super) fn checked<T, E: Display>(
    field: Field,
    code: Code,
    check: impl FnOnce(String) -> Result<T, E>,
    report: &mut Report<'_>,
) -> Option<T> {
    let mark = field.node.mark;
    let text = line(field, report)?;
    match check(text.clone()) {
        Ok(value) => Some(value),
        Err(error) => report.error(code, mark, report.about(mark, &text, &error), "refused", None),
    }
}

/// `true` or `false`.
pub(super) fn flag(field: &Field, report: &mut Report<'_>) -> Option<bool> {
    let help = match &field.node.value {
        Value::Flag(flag) => return Some(*flag),
        Value::Text(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "false" => format!("remove the quotes: {}", text.to_ascii_lowercase()),
            "yes" | "on" | "y" => "write true".to_owned(),
            "no" | "off" | "n" => "write false".to_owned(),
            _ => "write true or false".to_owned(),
        },
        Value::Whole(_) | Value::Number => "write true or false".to_owned(),
        _ => return mismatch(field, "true or false", report),
    };
    let message = format!("`{}` is neither true nor false", field.path);
    report.error(codes::NOT_A_FLAG, field.node.mark, message, "not a flag", Some(help))
}

/// One of a few words.
pub(super) fn choice<T: Copy>(field: Field, choices: &[(&str, T)], report: &mut Report<'_>) -> Option<T> {
    let (path, mark) = (field.path.clone(), field.node.mark);
    let word = line(field, report)?;
    if let Some((_, value)) = choices.iter().find(|(name, _)| *name == word) {
        return Some(*value);
    }
    let names = choices.iter().map(|(name, _)| *name);
    let shown = report.value(mark, &word, names.clone());
    let message = format!("`{path}` cannot be `{shown}`: allowed are {}", suggest::list(names.clone()));
    let help = suggest::closest(&word, names).map(|meant| format!("did you mean `{meant}`?"));
    report.error(codes::BAD_CHOICE, mark, message, "not one of them", help)
}

/// A whole number of things, 0 included.
pub(super) fn count(field: &Field, report: &mut Report<'_>) -> Option<usize> {
    let whole = match field.node.value {
        Value::Whole(number) => usize::try_from(number).ok(),
        Value::Number | Value::Text(_) => None,
        _ => return mismatch(field, "a whole number", report),
    };
    if whole.is_none() {
        let message = format!("`{}` is not a whole number", field.path);
        return report.error(codes::BAD_LIMIT, field.node.mark, message, "write 0, 1, 2, …", None);
    }
    whole
}

/// A duration, as `1h30m`.
pub(super) fn duration(field: Field, report: &mut Report<'_>) -> Option<Duration> {
    if let Value::Whole(_) | Value::Number = field.node.value {
        let written = report.written(field.node.mark);
        let message = format!("`{}` is the number {written}, but a duration is wanted", field.path);
        let help = format!("add a unit: {written}s");
        return report.error(codes::BAD_DURATION, field.node.mark, message, "no unit", Some(help));
    }
    checked(field, codes::BAD_DURATION, |text| duration::parse(&text), report)
}

/// The items of a list, each as a field of its own.
pub(super) fn list(field: Field, report: &mut Report<'_>) -> Option<Vec<Field>> {
    let Field { path, key, node: Node { mark, value, is_substituted } } = field;
    match value {
        Value::List(items) => {
            let item = |(index, node)| Field { path: format!("{path}[{index}]"), key, node };
            Some(items.into_iter().enumerate().map(item).collect())
        }
        value => mismatch(&Field { path, key, node: Node { mark, value, is_substituted } }, "a list", report),
    }
}

/// A list whose order and repetition mean nothing. A repeated item is a warning.
pub(super) fn set<T: Ord + Display>(
    field: Field,
    report: &mut Report<'_>,
    mut item: impl FnMut(Field, &mut Report<'_>) -> Option<T>,
) -> Option<BTreeSet<T>> {
    let path = field.path.clone();
    let mut items = BTreeSet::new();
    for entry in list(field, report)? {
        let mark = entry.node.mark;
        match item(entry, report) {
            Some(value) if items.contains(&value) => {
                let value = value.to_string();
                let message = format!("`{}` stands twice in `{path}`", report.value(mark, &value, []));
                report.warning(codes::REPEATED_ITEM, mark, message, "a second time");
            }
            Some(value) => {
                items.insert(value);
            }
            None => {}
        }
    }
    Some(items)
}

/// The entries of a mapping, its keys still unread.
pub(super) fn entries(field: Field, report: &mut Report<'_>) -> Option<Vec<(Node, Node)>> {
    let Field { path, key, node: Node { mark, value, is_substituted } } = field;
    match value {
        Value::Map(entries) => Some(entries),
        value => {
            mismatch(&Field { path, key, node: Node { mark, value, is_substituted } }, "a mapping", report)
        }
    }
}

/// A mapping with free keys, each value as a field of its own.
pub(super) fn map(field: Field, report: &mut Report<'_>) -> Option<Vec<(String, Field)>> {
    let path = field.path.clone();
    let named =
        entries(field, report)?.into_iter().filter_map(|(key, node)| entry(&key, node, &path, report));
    Some(named.collect())
}

/// One entry of a mapping with free keys.
fn entry(key: &Node, node: Node, path: &str, report: &mut Report<'_>) -> Option<(String, Field)> {
    let name = key_text(key, path, report)?;
    let field = Field { path: join(path, report.key(key.mark, &name)), key: key.mark, node };
    Some((name, field))
}

/// A mapping of texts, such as labels.
pub(super) fn texts(field: Field, report: &mut Report<'_>) -> Option<BTreeMap<String, String>> {
    let path = field.path.clone();
    let read = entries(field, report)?.into_iter().filter_map(|(key, node)| match (key.value, node.value) {
        // Nothing to say: so most labels need no path, and no look at what their document may hold.
        (Value::Text(name), Value::Text(text)) => Some((name, text)),
        (key_value, value) => {
            let (key, node) = (Node { value: key_value, ..key }, Node { value, ..node });
            let (name, field) = entry(&key, node, &path, report)?;
            Some((name, text(field, report)?))
        }
    });
    Some(read.collect())
}

/// Reports a value of the wrong type.
pub(super) fn mismatch<T>(field: &Field, wanted: &str, report: &mut Report<'_>) -> Option<T> {
    let mark = field.node.mark;
    let name = if field.path.is_empty() { "the document".to_owned() } else { format!("`{}`", field.path) };
    let found = match &field.node.value {
        Value::Null => {
            let message = format!("{name} has no value, but {wanted} is wanted");
            let help = "give it a value, or remove the line if the field is optional".to_owned();
            return report.error(codes::NO_VALUE, field.key, message, "nothing follows", Some(help));
        }
        Value::Tagged(tag) => {
            let message = format!("{name} has the tag `{}`", report.value(mark, tag, []));
            let help = "remove the tag; quote the value if it is text".to_owned();
            return report.error(codes::REFERENCE, mark, message, "tags are refused", Some(help));
        }
        Value::Flag(_) => "a flag",
        Value::Whole(_) | Value::Number => "a number",
        Value::Text(_) => "text",
        Value::List(_) => "a list",
        Value::Map(_) => "a mapping",
    };
    report.error(codes::WRONG_TYPE, mark, format!("{name} is {found}, but {wanted} is wanted"), found, None)
}
