//! Reads the spec of a `Store` (design.md 3.2): its own fields, and one block, decoded from the table of parameters.
//!
//! The table says which fields a block has and of which shape, so that no second list of them can go stale. What goes
//! together is judged by [`StoreSpec::new`]; here its verdicts get their places.

use std::collections::{BTreeMap, BTreeSet};

use super::object::{Field, Object};
use super::report::Report;
use super::yaml::{Mark, Node, Value as Yaml};
use super::{codes, decode, endpoint, sealed, suggest};
use crate::domain::field::ValueType;
use crate::domain::kind::store::{
    Parameter, StoreParts, StoreSpec, Subtype, UriShape, Value, Violation, name, violations,
};
use crate::domain::natural_key::{RoleName, StoreName};

/// A spec and the place that cross-checks point at.
#[derive(Debug)]
pub(super) struct Store {
    /// The spec.
    pub(super) spec: StoreSpec,
    /// Where `name` stands.
    pub(super) at_name: Mark,
}

/// Reads the spec.
pub(super) fn read(field: Field, report: &mut Report<'_>) -> Option<Store> {
    let mut object = Object::open(field, "Store.spec", report)?;
    let named = object.required("name", report);
    let at_name = named.as_ref().map(|field| field.node.mark);
    let named = named.and_then(|field| decode::checked(field, codes::BAD_KEY, StoreName::new, report));
    let owner = object
        .optional(name::OWNER)
        .and_then(|field| decode::checked(field, codes::BAD_KEY, RoleName::new, report));
    let description = object.optional(name::DESCRIPTION).and_then(|field| decode::text(field, report));
    let typed = object.unwanted(name::TYPE);
    let has_type = typed.is_some();
    if let Some(field) = typed {
        let message = "`spec.type` is not written: the block says it".to_owned();
        let blocks = suggest::list(Subtype::ALL.iter().map(|subtype| subtype.as_str()));
        let help = Some(format!("remove it and declare one of {blocks}"));
        report.error::<()>(codes::STORE_BLOCK, field.key, message, "remove it", help);
    }
    let blocks: Vec<(Subtype, Field)> = Subtype::ALL
        .iter()
        .filter_map(|subtype| Some((*subtype, object.optional(subtype.as_str())?)))
        .collect();
    // One mistake, one error: a misspelt block is told as an unknown field.
    let is_told = has_type || object.has_unknown();
    let mark = object.mark();
    object.finish(report);
    let (subtype, field) = one(blocks, is_told, mark, report)?;

    let mut block = Block::default();
    block.read(subtype.as_str(), subtype, field, report);
    block.judge(subtype, report);
    if !block.failed.is_empty() {
        return None;
    }
    let parts = StoreParts { name: named?, owner, description, subtype, values: block.values };
    Some(Store { spec: StoreSpec::new(parts).ok()?, at_name: at_name? })
}

/// The one block.
fn one(
    blocks: Vec<(Subtype, Field)>,
    is_told: bool,
    mark: Mark,
    report: &mut Report<'_>,
) -> Option<(Subtype, Field)> {
    let names = || suggest::list(Subtype::ALL.iter().map(|subtype| subtype.as_str()));
    let mut blocks = blocks.into_iter();
    match (blocks.next(), blocks.next()) {
        (None, _) if is_told => None,
        (None, _) => {
            let help = Some(format!("declare one of {}", names()));
            let message = "the store has no block that says what is behind it".to_owned();
            report.error(codes::STORE_BLOCK, mark, message, "no block", help)
        }
        (Some(only), None) => Some(only),
        (Some((first, _)), Some((second, field))) => {
            let message = format!("the store has two blocks, `{first}` and `{second}`");
            let help = Some("keep one of them; another store is another object".to_owned());
            report.error(codes::STORE_BLOCK, field.key, message, "the second one", help)
        }
    }
}

/// A block while it is read.
#[derive(Debug, Default)]
struct Block {
    values: BTreeMap<&'static str, Value>,
    /// Where the keys stand, of mappings too, by path (`kafka.sasl`).
    places: BTreeMap<&'static str, Mark>,
    /// The paths of what stands there and was reported.
    failed: BTreeSet<&'static str>,
}

impl Block {
    /// Reads the mapping at a path, and those in it.
    fn read(&mut self, path: &'static str, subtype: Subtype, field: Field, report: &mut Report<'_>) {
        self.places.insert(path, field.key);
        let Some(mut object) = Object::open(field, &format!("Store.spec.{path}"), report) else {
            self.failed.insert(path);
            return;
        };
        for (path, key) in inner(path, subtype) {
            let Some(field) = object.optional(key) else { continue };
            let Some(parameter) = subtype.parameters().iter().find(|parameter| parameter.rule.name == path)
            else {
                self.read(path, subtype, field, report);
                continue;
            };
            self.places.insert(path, field.key);
            match value(parameter, field, report) {
                Some(value) => {
                    self.values.insert(path, value);
                }
                None => {
                    self.failed.insert(path);
                }
            }
        }
        object.finish(report);
    }

    /// Reports what does not go together, each where it stands or should stand. What was reported already counts as
    /// there: its absence is not the user's mistake.
    fn judge(&self, subtype: Subtype, report: &mut Report<'_>) {
        let mut values = self.values.clone();
        for parameter in subtype.parameters() {
            let is_word = matches!(parameter.rule.value, ValueType::Word(_));
            if self.failed.contains(parameter.rule.name) && !is_word {
                values.insert(parameter.rule.name, Value::Text(String::new()));
            }
        }
        for violation in violations(subtype, &values) {
            let path = violation.field();
            let is_told = path
                .map_or(!self.failed.is_empty(), |path| above(path).any(|path| self.failed.contains(path)));
            let mark = above(path.unwrap_or(subtype.as_str())).find_map(|path| self.places.get(path));
            if let (false, Some(mark)) = (is_told, mark) {
                broken(&violation, *mark, report);
            }
        }
    }
}

/// The paths and keys that stand directly in the mapping at a path, in the order of the table.
fn inner(path: &str, subtype: Subtype) -> Vec<(&'static str, &'static str)> {
    let mut found: Vec<(&'static str, &'static str)> = Vec::new();
    for parameter in subtype.parameters() {
        let name = parameter.rule.name;
        let Some(rest) = name.strip_prefix(path).and_then(|rest| rest.strip_prefix('.')) else { continue };
        let key = rest.split('.').next().unwrap_or(rest);
        let behind = rest.len() - key.len();
        let path = name.get(..name.len() - behind).unwrap_or(name);
        if !found.contains(&(path, key)) {
            found.push((path, key));
        }
    }
    found
}

/// A path and those of the mappings around it, from the inside.
fn above(path: &'static str) -> impl Iterator<Item = &'static str> {
    std::iter::successors(Some(path), |path| path.rsplit_once('.').map(|(outer, _)| outer))
}

fn broken(violation: &Violation, mark: Mark, report: &mut Report<'_>) {
    let leaf = violation.field().and_then(|path| path.rsplit('.').next()).unwrap_or_default();
    let add = || Some(format!("add `{leaf}: …`"));
    let (code, label, help) = match violation {
        Violation::Missing { .. } => (codes::MISSING_FIELD, format!("`{leaf}` is required here"), add()),
        Violation::MissingWith { .. } | Violation::Incomplete { .. } => {
            (codes::NEEDED_WITH, format!("`{leaf}` is needed here"), add())
        }
        Violation::NoWay { .. } => (codes::NEEDED_WITH, "no way to log in".to_owned(), None),
        Violation::Forbidden { .. } | Violation::SecondWay { .. } => {
            (codes::NOT_WITH, "one too many".to_owned(), Some("remove one of the two".to_owned()))
        }
    };
    report.error::<()>(code, mark, violation.to_string(), label, help);
}

/// The value of a parameter, in the shape that the table asks for.
fn value(parameter: &Parameter, field: Field, report: &mut Report<'_>) -> Option<Value> {
    match parameter.rule.value {
        // No parameter is a block: a block holds them.
        ValueType::Text | ValueType::Block(_) => text(field, parameter.uri, report).map(Value::Text),
        ValueType::Flag => decode::flag(&field, report).map(Value::Flag),
        ValueType::Set => set(field, parameter.uri, report).map(Value::Set),
        ValueType::Word(words) => {
            let choices: Vec<(&str, &str)> = words.iter().map(|word| (*word, *word)).collect();
            decode::choice(field, &choices, report).map(|word| Value::Text(word.to_owned()))
        }
        ValueType::Sealed { file: true } => sealed::file(field, report).map(Value::Sealed),
        ValueType::Sealed { file: false } => sealed::secret(field, report).map(Value::Sealed),
    }
}

/// A line of text, which may be an address.
fn text(field: Field, shape: Option<UriShape>, report: &mut Report<'_>) -> Option<String> {
    let (path, mark) = (field.path.clone(), field.node.mark);
    let text = decode::line(field, report)?;
    let Some(shape) = shape else { return Some(text) };
    match endpoint::check(&text, shape) {
        Ok(()) => Some(text),
        Err(flaw) => {
            let help = Some(format!("write for example {}", shape.example));
            report.error(codes::BAD_ENDPOINT, mark, format!("`{path}` {flaw}"), "refused", help)
        }
    }
}

/// A list, or one text with commas between the items; not empty.
fn set(mut field: Field, shape: Option<UriShape>, report: &mut Report<'_>) -> Option<BTreeSet<String>> {
    let (path, mark) = (field.path.clone(), field.node.mark);
    if let Yaml::Text(text) = &field.node.value {
        let item =
            |item: &str| Node { mark, value: Yaml::Text(item.trim().to_owned()), is_substituted: false };
        field.node.value = Yaml::List(text.split(',').map(item).collect());
    }
    let written = match &field.node.value {
        Yaml::List(items) => items.len(),
        _ => 1,
    };
    if written == 0 {
        let message = format!("`{path}` is empty");
        return report.error(codes::NO_VALUE, mark, message, "at least one is wanted", None);
    }
    decode::set(field, report, |item, report| text(item, shape, report))
}
