//! Writes the manifest of a live object: what a read shows, in the order of the field table, and a place to fill in for
//! what it does not.
//!
//! Promises that what is written is read back as the same values, and that no secret is written, because none is known:
//! it becomes a `fromEnv` with a variable named after the object and the field. Knows no file.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::connector::FILL_IN_JAR_URL;
use super::endpoint::{self, EndpointFlaw};
use super::values::escaped;
use super::yaml::{self, Node};
use crate::domain::address::Address;
use crate::domain::field::{FieldValue, Readable};
use crate::domain::kind::flink_connector;
use crate::domain::kind::store::{Need, Parameter, Subtype, UriShape, name};
use crate::domain::live::Live;
use crate::domain::natural_key::NaturalKey;

/// Whether our reader takes what the serialiser wrote for what was meant: to it `1_0` is text, to ours a number.
fn is_read_back(written: &str, key: &str, value: &Value) -> bool {
    let documents = yaml::documents(&mut written.as_bytes()).collect::<Result<Vec<_>, _>>();
    let Ok([Node { value: yaml::Value::Map(entries), .. }]) = documents.as_deref() else { return false };
    matches!(entries.as_slice(), [(name, node)] if is_text(name, key) && is_same(node, value))
}

fn is_text(node: &Node, text: &str) -> bool {
    matches!(&node.value, yaml::Value::Text(read) if read == text)
}

fn is_same(node: &Node, value: &Value) -> bool {
    match (&node.value, value) {
        (_, Value::String(text)) => is_text(node, text),
        (yaml::Value::Flag(read), Value::Bool(flag)) => read == flag,
        (yaml::Value::List(read), Value::Array(items)) => {
            read.len() == items.len() && read.iter().zip(items).all(|(node, item)| is_same(node, item))
        }
        _ => false,
    }
}

/// Why there is no manifest for an object.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The service has more types of store than manifests do.
    #[error("{key} is of type {shown}, which no manifest can declare")]
    UnknownType {
        /// The store.
        key: NaturalKey,
        /// The service's word.
        shown: String,
    },
    /// The serialiser refused; with these values it does not.
    #[error("the manifest of {key} cannot be written")]
    Yaml {
        /// The object.
        key: NaturalKey,
        /// Why.
        source: serde_yaml::Error,
    },
}

/// The manifest of a live object under this address, and how many places of it are to be filled in.
///
/// # Errors
/// [`WriteError`]
pub fn manifest(address: &Address, live: &Live) -> Result<(String, usize), WriteError> {
    let mut page = Page::default();
    let written = page.head(address).and_then(|()| match &live.key {
        NaturalKey::FlinkConnector { .. } => page.connector(live).map(|()| true),
        NaturalKey::Store { .. } => page.store(address, live),
    });
    match written {
        Ok(true) => Ok((page.text, page.blanks)),
        Ok(false) => Err(WriteError::UnknownType {
            key: live.key.clone(),
            shown: live.fields.get(name::TYPE).map_or_else(|| "unknown".to_owned(), ToString::to_string),
        }),
        Err(source) => Err(WriteError::Yaml { key: live.key.clone(), source }),
    }
}

/// What is a line end for readers of YAML 1.1 only; ours takes them as escapes, which JSON has as well.
const LINE_ENDS: [char; 3] = ['\u{85}', '\u{2028}', '\u{2029}'];

/// The text while it is written.
#[derive(Debug, Default)]
struct Page {
    text: String,
    blanks: usize,
}

impl Page {
    fn line(&mut self, depth: usize, line: &str) {
        self.text.push_str(&"  ".repeat(depth));
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// One key with its value.
    fn entry(&mut self, depth: usize, key: &str, value: &Value) -> serde_yaml::Result<()> {
        let mut written = serde_yaml::to_string(&json!({ key: value }))?;
        if !is_read_back(&written, key, value) {
            let mut flow = value.to_string();
            for c in LINE_ENDS {
                flow = flow.replace(c, &format!("\\u{:04x}", u32::from(c)));
            }
            written = format!("{key}: {flow}");
        }
        written.lines().for_each(|line| self.line(depth, line));
        Ok(())
    }

    /// A key whose value somebody has to find.
    fn blank(&mut self, depth: usize, key: &str, remedy: &str) -> serde_yaml::Result<()> {
        self.blanks += 1;
        self.line(depth, &format!("# {remedy}"));
        self.entry(depth, key, &json!(""))
    }

    fn head(&mut self, address: &Address) -> serde_yaml::Result<()> {
        self.line(0, &format!("apiVersion: {}", super::document::API_VERSION));
        self.line(0, &format!("kind: {}", address.kind));
        self.line(0, "metadata:");
        self.entry(1, "name", &json!(address.name.as_str()))?;
        self.line(0, "spec:");
        Ok(())
    }

    fn connector(&mut self, live: &Live) -> serde_yaml::Result<()> {
        for (part, text) in live.key.parts() {
            self.entry(1, part, &json!(escaped(text)))?;
        }
        for rule in flink_connector::FIELDS.iter().filter(|rule| rule.readable != Readable::Key) {
            match live.fields.get(rule.name) {
                Some(shown) => self.entry(1, rule.name, &plain(shown))?,
                None if rule.name == flink_connector::name::JAR_URL => {
                    self.blank(1, rule.name, FILL_IN_JAR_URL)?;
                }
                None => {}
            }
        }
        Ok(())
    }

    /// Whether its type is one of ours.
    fn store(&mut self, address: &Address, live: &Live) -> serde_yaml::Result<bool> {
        let subtype = match live.fields.get(name::TYPE) {
            Some(FieldValue::Text(shown)) => Subtype::from_display(shown),
            _ => None,
        };
        let Some(subtype) = subtype else { return Ok(false) };
        for (part, text) in live.key.parts() {
            self.entry(1, part, &json!(escaped(text)))?;
        }
        if let Some(owner) = live.fields.get(name::OWNER) {
            self.entry(1, name::OWNER, &plain(owner))?;
        }
        let written = subtype
            .parameters()
            .iter()
            .filter_map(|parameter| Some((parameter.rule.name, content(parameter, live, address)?)));
        self.block(1, &written.collect::<Vec<_>>())?;
        Ok(true)
    }

    /// The entries of a mapping, by the rest of their paths. What belongs to one mapping stands together, wherever the table
    /// has it.
    fn block(&mut self, depth: usize, entries: &[(&str, Content)]) -> serde_yaml::Result<()> {
        let mut written = BTreeSet::new();
        for (path, content) in entries {
            let Some((block, _)) = path.split_once('.') else {
                self.content(depth, path, content)?;
                continue;
            };
            if !written.insert(block) {
                continue;
            }
            self.line(depth, &format!("{block}:"));
            let below = entries.iter().filter_map(|(path, content)| {
                Some((path.strip_prefix(block)?.strip_prefix('.')?, content.clone()))
            });
            self.block(depth + 1, &below.collect::<Vec<_>>())?;
        }
        Ok(())
    }

    fn content(&mut self, depth: usize, key: &str, content: &Content) -> serde_yaml::Result<()> {
        match content {
            Content::Shown(value) => self.entry(depth, key, value),
            Content::Blank(remedy) => self.blank(depth, key, remedy),
            Content::Variable(variable, remedy) => {
                self.line(depth, &format!("# {remedy}"));
                self.line(depth, &format!("{key}: {{fromEnv: {variable}}}"));
                Ok(())
            }
        }
    }
}

/// What is written for a parameter.
#[derive(Debug, Clone)]
enum Content {
    Shown(Value),
    Blank(String),
    Variable(String, String),
}

fn content(parameter: &Parameter, live: &Live, address: &Address) -> Option<Content> {
    let rule = &parameter.rule;
    let leaf = rule.name.rsplit('.').next().unwrap_or(rule.name);
    let shown = live.fields.get(rule.name).filter(|_| !rule.secret);
    if let Some(shown) = shown.filter(|shown| parameter.uri.is_none_or(|shape| holds_no_login(shown, shape)))
    {
        return Some(Content::Shown(plain(shown)));
    }
    let condition = match parameter.need {
        Need::Required if !rule.secret => {
            return Some(Content::Blank(format!("fill in {leaf}: no read shows it")));
        }
        Need::Required => String::new(),
        Need::With { field, words } => format!(" (only with {field} {})", words.join(", ")),
        Need::Way(way) => format!(" ({way}; declare one way to log in)"),
        Need::Optional | Need::Together(_) => return None,
    };
    let remedy = format!("set the variable, or say another source{condition}: no secret is ever read");
    rule.secret.then(|| Content::Variable(variable(address, rule.name), remedy))
}

/// An address may be shown by the service with a login in it; a manifest never holds one.
fn holds_no_login(shown: &FieldValue, shape: UriShape) -> bool {
    let is_login = |text: &str| endpoint::check(text, shape) == Err(EndpointFlaw::Login);
    match shown {
        FieldValue::Text(text) => !is_login(text),
        FieldValue::Set(items) => !items.iter().any(|item| is_login(item)),
        FieldValue::Flag(_) | FieldValue::Sealed(_) => true,
    }
}

/// `Store/orders-events` and `kafka.sasl.password` make `ORDERS_EVENTS_KAFKA_SASL_PASSWORD`.
fn variable(address: &Address, field: &str) -> String {
    let name = format!("{}_{field}", address.name);
    let begins_badly = name.starts_with(|c: char| c.is_ascii_digit());
    let safe = name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' });
    let before = if begins_badly { "STORE_" } else { "" };
    before.chars().chain(safe).collect()
}

/// The value as JSON; what is sealed is not known, and never written.
fn plain(value: &FieldValue) -> Value {
    match value {
        FieldValue::Flag(flag) => json!(flag),
        FieldValue::Text(text) => json!(escaped(text)),
        FieldValue::Set(items) => items.iter().map(|item| escaped(item)).collect(),
        FieldValue::Sealed(_) => json!(""),
    }
}
