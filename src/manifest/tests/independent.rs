//! A reader of manifests without any of our code: the maintained continuation of `serde_yaml`, and plain structures.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use secrecy::ExposeSecret;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::domain::desired::{Desired, OnRemove, Spec};
use crate::domain::field::FieldValue;
use crate::domain::kind::store::{StoreSpec, Value};
use crate::domain::natural_key::RoleName;
use crate::domain::secret::{Sealed, Source};
use crate::manifest::duration;
use crate::platform::fs;

/// A manifest of one kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Document<S> {
    pub(super) api_version: String,
    pub(super) kind: String,
    pub(super) metadata: Metadata,
    pub(super) spec: S,
    #[serde(default)]
    pub(super) lifecycle: Lifecycle,
    #[serde(default)]
    pub(super) depends_on: BTreeSet<String>,
}

/// A manifest of any kind.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Read {
    Connector(Box<Document<Connector>>),
    Store(Box<Document<Tree>>),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Metadata {
    pub(super) name: String,
    #[serde(default)]
    pub(super) labels: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) annotations: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "the manifest's own names")]
pub(super) struct Connector {
    pub(super) workspace_id: String,
    pub(super) namespace_name: String,
    pub(super) connector_name: String,
    pub(super) connector_type: String,
    pub(super) jar_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) jar_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sink: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lookup: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) supported_formats: Option<BTreeSet<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) dependencies: Option<BTreeSet<String>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Lifecycle {
    pub(super) protect: bool,
    pub(super) on_remove: String,
    pub(super) adopt: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) allow_gap: bool,
    pub(super) ignore_fields: BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) timeouts: BTreeMap<String, String>,
}

impl Default for Lifecycle {
    fn default() -> Self {
        Self {
            protect: false,
            on_remove: "delete".into(),
            adopt: false,
            allow_gap: false,
            ignore_fields: BTreeSet::new(),
            timeouts: BTreeMap::new(),
        }
    }
}

/// The spec of a store: what stands there, whatever it means. A number is nothing that a store has.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum Tree {
    Text(String),
    Flag(bool),
    List(Vec<Tree>),
    Map(BTreeMap<String, Tree>),
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyTree)
    }
}

struct AnyTree;

impl<'de> Visitor<'de> for AnyTree {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, a flag, a list or a mapping")
    }

    fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree::Text(text.to_owned()))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Tree, E> {
        Ok(Tree::Flag(flag))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Tree, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Tree::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Tree, A::Error> {
        let mut entries = BTreeMap::new();
        while let Some((key, value)) = access.next_entry()? {
            entries.insert(key, value);
        }
        Ok(Tree::Map(entries))
    }
}

/// All documents of a text. Empty ones are left out.
pub(super) fn independently(text: &str) -> Result<Vec<Read>, serde_yaml::Error> {
    #[derive(Deserialize)]
    struct Kinded {
        kind: String,
    }
    let kinds = serde_yaml::Deserializer::from_str(text).map(Option::<Kinded>::deserialize);
    let kinds: Vec<Option<Kinded>> = kinds.collect::<Result<_, _>>()?;
    let documents = serde_yaml::Deserializer::from_str(text).zip(kinds).filter_map(|(document, kind)| {
        Some(match kind?.kind.as_str() {
            "Store" => Document::deserialize(document).map(Box::new).map(Read::Store),
            _ => Document::deserialize(document).map(Box::new).map(Read::Connector),
        })
    });
    documents.collect()
}

/// The name of the object.
pub(super) fn name(read: &Read) -> &str {
    match read {
        Read::Connector(document) => &document.metadata.name,
        Read::Store(document) => &document.metadata.name,
    }
}

/// Whether both readers saw the same.
#[track_caller]
pub(super) fn assert_same(desired: &Desired, read: &Read) {
    match (&desired.spec, read) {
        (Spec::FlinkConnector(spec), Read::Connector(document)) => {
            assert_same_around(desired, document);
            let ours = Connector {
                workspace_id: spec.workspace.to_string(),
                namespace_name: spec.namespace.to_string(),
                connector_name: spec.name.to_string(),
                connector_type: spec.connector_type.clone(),
                jar_url: spec.jar_url.clone(),
                jar_version: spec.jar_version.clone(),
                description: spec.description.clone(),
                source: spec.source,
                sink: spec.sink,
                lookup: spec.lookup,
                supported_formats: spec.supported_formats.clone(),
                dependencies: spec.dependencies.clone(),
            };
            assert_eq!(ours, document.spec);
        }
        (Spec::Store(spec), Read::Store(document)) => {
            assert_same_around(desired, document);
            assert_same_store(spec, &document.spec);
        }
        _ => panic!("two kinds: {read:?}"),
    }
}

#[track_caller]
fn assert_same_around<S>(desired: &Desired, read: &Document<S>) {
    let Desired { address, spec: _, lifecycle, depends_on, labels, annotations, origin: _ } = desired;
    assert_eq!(read.api_version, "reconcile/v1");
    assert_eq!(address.to_string(), format!("{}/{}", read.kind, read.metadata.name));
    assert_eq!((labels, annotations), (&read.metadata.labels, &read.metadata.annotations));
    assert_eq!(depends_on.iter().map(ToString::to_string).collect::<BTreeSet<_>>(), read.depends_on);
    let on_remove = match read.lifecycle.on_remove.as_str() {
        "retain" => OnRemove::Retain,
        _ => OnRemove::Delete,
    };
    let Lifecycle { protect, on_remove: _, adopt, allow_gap, ignore_fields, timeouts } = &read.lifecycle;
    let time = |name: &str| timeouts.get(name).map(|text| duration::parse(text).unwrap());
    assert_eq!((lifecycle.protect, lifecycle.adopt, lifecycle.allow_gap), (*protect, *adopt, *allow_gap));
    assert_eq!((lifecycle.on_remove, &lifecycle.ignore_fields), (on_remove, ignore_fields));
    let ours = [lifecycle.timeouts.create, lifecycle.timeouts.update, lifecycle.timeouts.delete];
    assert_eq!(ours, [time("create"), time("update"), time("delete")]);
}

#[track_caller]
fn assert_same_store(spec: &StoreSpec, tree: &Tree) {
    let mut theirs = BTreeMap::new();
    let known: BTreeSet<&str> =
        spec.subtype().parameters().iter().map(|parameter| parameter.rule.name).collect();
    flatten(String::new(), tree, &known, &mut theirs);
    let description = match spec.fields().remove("description") {
        Some(FieldValue::Text(text)) => Some(text),
        _ => None,
    };
    let own = [
        ("name", Some(spec.name().as_str())),
        ("owner", spec.owner().map(RoleName::as_str)),
        ("description", description.as_deref()),
    ];
    for (name, ours) in own {
        let theirs = theirs.remove(name);
        assert_eq!(theirs, ours.map(|text| Tree::Text(text.to_owned())).as_ref(), "{name}");
    }
    for (parameter, ours) in spec.parameters() {
        let name = parameter.rule.name;
        let theirs = theirs.remove(name).unwrap_or_else(|| panic!("only we see {name}"));
        assert!(is_same(ours, theirs), "{name}: {ours:?} {theirs:?}");
    }
    assert!(theirs.is_empty(), "we do not see {theirs:?}");
}

/// The values by path (`kafka.sasl.username`).
fn flatten<'t>(path: String, tree: &'t Tree, known: &BTreeSet<&str>, into: &mut BTreeMap<String, &'t Tree>) {
    match tree {
        Tree::Map(entries) if !known.contains(path.as_str()) => {
            for (key, value) in entries {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                flatten(path, value, known, into);
            }
        }
        _ => drop(into.insert(path, tree)),
    }
}

fn is_same(ours: &Value, theirs: &Tree) -> bool {
    let text = |tree: &Tree| match tree {
        Tree::Text(text) => text.clone(),
        other => panic!("no text: {other:?}"),
    };
    match (ours, theirs) {
        (Value::Text(ours), Tree::Text(theirs)) => ours == theirs,
        (Value::Flag(ours), Tree::Flag(theirs)) => ours == theirs,
        (Value::Set(ours), Tree::List(theirs)) => *ours == theirs.iter().map(text).collect(),
        (Value::Set(ours), Tree::Text(theirs)) => {
            *ours == theirs.split(',').map(|item| item.trim().to_owned()).collect()
        }
        (Value::Sealed(ours), theirs) => is_same_source(ours, theirs),
        _ => false,
    }
}

fn is_same_source(ours: &Sealed, theirs: &Tree) -> bool {
    let entry = |name: &str| match theirs {
        Tree::Map(entries) if entries.len() == 1 => entries.get(name).cloned(),
        _ => None,
    };
    let text = |text: &str| Tree::Text(text.to_owned());
    let folder = fs::parent(Path::new(&ours.at().file));
    match ours.source() {
        Source::Literal(secret) => *theirs == text(secret.expose_secret()),
        Source::LeftBehind => false,
        Source::Env(name) => entry("fromEnv") == Some(text(name)),
        Source::File(path) => match entry("fromFile").as_ref().unwrap_or(theirs) {
            Tree::Text(theirs) => *path == folder.join(theirs),
            _ => false,
        },
        Source::Command { argv, folder: here } => {
            let argv = Tree::List(argv.iter().map(|word| text(word)).collect());
            here == folder && entry("fromCommand") == Some(argv)
        }
    }
}
