//! The outline of a manifest: every field of a kind as a tree (design.md 3).

use super::{envelope, spec, suite};
use crate::domain::address::Kind;
use crate::domain::field::{FieldRule, OnChange};
use crate::domain::kind::store::{Group, Need, Subtype, UriShape};
use crate::domain::manifest_kind::ManifestKind;
use crate::domain::rules::rules;
use crate::domain::suite::form::{Form, Way};

/// One field and what is below it.
#[derive(Debug)]
pub(crate) struct Node {
    /// Its key in the mapping that holds it; the kind, for the root.
    pub(crate) name: &'static str,
    /// What it is, in one sentence or two.
    pub(crate) help: &'static str,
    /// When it must be there.
    pub(crate) need: Need,
    /// What it holds.
    pub(crate) shape: Shape,
    /// What leaving it out means, if that is known; as YAML spells it.
    pub(crate) default: Option<&'static str>,
    /// What is known about it as a field that is compared; `None` for what is ours alone.
    pub(crate) managed: Option<Managed>,
}

/// What a field holds.
#[derive(Debug)]
pub(crate) enum Shape {
    /// These fields.
    Mapping(Vec<Node>),
    /// The parameters of a store's subtype; exactly one such block is declared.
    Block(Subtype, Vec<Node>),
    /// The fields of a part of a suite, said in exactly one of these ways, if there are any.
    Part(&'static [Way], Vec<Node>),
    /// A list of such parts, at least so many.
    Parts {
        /// How many.
        least: usize,
        /// The ways of each.
        ways: &'static [Way],
        /// The fields of each.
        fields: Vec<Node>,
    },
    /// One value.
    Value(Value),
}

/// The forms of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value {
    /// Always this text.
    Constant(&'static str),
    /// `metadata.name`.
    Name,
    /// A mapping of texts.
    Texts,
    /// Any text, also of several lines.
    FreeText,
    /// One line of text that is not blank.
    Line,
    /// A line that travels as a header: visible ASCII.
    Header,
    /// A line that travels as a segment of a URL path.
    Segment,
    /// Yes or no.
    Flag,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A list of lines, in which order means nothing.
    Lines,
    /// An address.
    Uri(UriShape),
    /// A list of addresses, or the same as one text with commas.
    Uris(UriShape),
    /// A duration with units.
    Duration,
    /// JSON pointers to the fields of the kind that change in place.
    Pointers(Kind),
    /// Addresses of other objects.
    Addresses,
    /// A text that is never shown.
    Secret,
    /// A file: its path, or where its content comes from.
    File {
        /// Whether its content is never shown.
        secret: bool,
    },
    /// Not written: the name of the block that is there.
    Chosen,
    /// A value of a suite.
    Suite(Form),
}

/// A field that is compared, as the tables of the domain describe it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Managed {
    /// The kind of its object.
    pub(crate) kind: Kind,
    /// Its rule.
    pub(crate) rule: FieldRule,
    /// How a statement names it and what it is sent with, if it is a parameter of a store.
    pub(crate) parameter: Option<(&'static str, Group)>,
}

impl Node {
    /// The whole manifest of a kind.
    pub(crate) fn manifest(kind: ManifestKind) -> Self {
        let (help, spec) = match kind {
            ManifestKind::Object(Kind::FlinkConnector) => (
                "A custom connector in Alibaba Cloud Realtime Compute for Apache Flink.",
                spec::fields(Kind::FlinkConnector),
            ),
            ManifestKind::Object(Kind::Store) => {
                ("An external store in DeltaStream.", spec::fields(Kind::Store))
            }
            ManifestKind::SinkVerification => {
                ("A suite that proves that rows reach a MySQL table as they should.", suite::fields())
            }
        };
        let fields = envelope::around(kind, spec);
        Self::ours(kind.as_str(), help, Need::Required, Shape::Mapping(fields))
    }

    /// A field that is ours alone: it is not compared with anything.
    pub(super) fn ours(name: &'static str, help: &'static str, need: Need, shape: Shape) -> Self {
        Self { name, help, need, shape, default: None, managed: None }
    }

    /// The fields below it.
    pub(crate) fn children(&self) -> &[Node] {
        match &self.shape {
            Shape::Mapping(fields)
            | Shape::Block(_, fields)
            | Shape::Part(_, fields)
            | Shape::Parts { fields, .. } => fields,
            Shape::Value(_) => &[],
        }
    }

    /// The field of this name below it.
    pub(crate) fn child(&self, name: &str) -> Option<&Node> {
        self.children().iter().find(|node| node.name == name)
    }

    /// The field of this name below it, without the rest.
    pub(crate) fn take(self, name: &str) -> Option<Node> {
        match self.shape {
            Shape::Mapping(fields)
            | Shape::Block(_, fields)
            | Shape::Part(_, fields)
            | Shape::Parts { fields, .. } => fields.into_iter().find(|node| node.name == name),
            Shape::Value(_) => None,
        }
    }

    /// Whether it, or something below it, must always be there.
    pub(crate) fn is_required(&self) -> bool {
        match &self.shape {
            Shape::Value(_) | Shape::Part(..) | Shape::Parts { .. } => self.need == Need::Required,
            // A spec is always there, even one that asks for nothing.
            Shape::Mapping(fields) => self.need == Need::Required || fields.iter().any(Node::is_required),
            Shape::Block(..) => false,
        }
    }

    /// Whether it is one of several blocks.
    pub(crate) fn is_block(&self) -> bool {
        matches!(self.shape, Shape::Block(..))
    }

    /// Whether its value is never shown and never kept.
    pub(crate) fn is_secret(&self) -> bool {
        self.managed.is_some_and(|managed| managed.rule.secret)
            || matches!(self.shape, Shape::Value(Value::Suite(Form::Secret)))
    }
}

/// The pointers that `lifecycle.ignoreFields` takes.
pub(crate) fn pointers(kind: Kind) -> Vec<String> {
    let in_place = rules(kind).iter().filter(|rule| rule.on_change == OnChange::InPlace);
    in_place.map(|rule| format!("/spec/{}", rule.name.replace('.', "/"))).collect()
}
