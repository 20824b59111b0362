//! Reads one document: `apiVersion`, `kind`, `metadata`, `spec`, `lifecycle`, `dependsOn`.

use std::collections::BTreeMap;

use super::connector::{self, Connector};
use super::object::{Field, Object};
use super::report::Report;
use super::store::{self, Store};
use super::yaml::{Mark, Node};
use super::{codes, decode, lifecycle, suggest, veil, verification};
use crate::domain::address::{Address, AddressError, Kind, ObjectName};
use crate::domain::desired::{Desired, Origin, Spec};
use crate::domain::manifest_kind::ManifestKind;
use crate::domain::suite::Suite;

pub(super) const API_VERSION: &str = "reconcile/v1";

/// One declared object and the places that cross-checks point at.
#[derive(Debug, Clone)]
pub(super) struct Declared {
    /// The object.
    pub(super) desired: Desired,
    /// Where things stand.
    pub(super) marks: Marks,
}

/// Where the parts of an object stand that must agree with those of other objects.
#[derive(Debug, Clone)]
pub(super) struct Marks {
    /// `metadata.name`.
    pub(super) name: Mark,
    /// The last part of the natural key.
    pub(super) key: Mark,
    /// `spec.connectorType`, of a connector.
    pub(super) connector_type: Option<Mark>,
    /// Each target of `dependsOn`.
    pub(super) depends_on: BTreeMap<Address, Mark>,
}

struct Metadata {
    name: ObjectName,
    mark: Mark,
    labels: BTreeMap<String, String>,
    annotations: BTreeMap<String, String>,
}

/// One declared suite and the places that cross-checks point at.
#[derive(Debug, Clone)]
pub(super) struct DeclaredSuite {
    /// The suite.
    pub(super) suite: Suite,
    /// `metadata.name`.
    pub(super) name: Mark,
    /// Each target of `dependsOn`.
    pub(super) depends_on: BTreeMap<Address, Mark>,
}

/// What a document declares.
#[derive(Debug, Clone)]
pub(super) enum Document {
    /// An object.
    Object(Box<Declared>),
    /// A suite.
    Suite(Box<DeclaredSuite>),
}

/// What stands in `spec`, by kind.
enum Body {
    Object { spec: Box<Spec>, key: Mark, connector_type: Option<Mark> },
    Suite(Box<verification::Spec>),
}

/// Reads a document; `None` when something required is missing or wrong.
pub(super) fn read(node: Node, report: &mut Report<'_>) -> Option<Document> {
    let begin = node.mark;
    report.begin(veil::is_plain_suite(&node));
    let mut root = Object::root(node, "a manifest", report)?;

    if let Some(field) = root.required("apiVersion", report) {
        api_version(field, report);
    }
    let kind = root.required("kind", report).and_then(|field| kind(field, report));
    if let (Some(spec), Some(kind)) = (root.key("spec"), root.key("kind"))
        && spec < kind
    {
        let help = "move `kind` above `spec`".to_owned();
        let message = "`spec` stands before `kind`".to_owned();
        report.error::<()>(codes::SPEC_BEFORE_KIND, spec, message, "its kind comes later", Some(help));
    }
    let metadata = root.required("metadata", report).and_then(|field| metadata(field, report));
    let body = root.required("spec", report).and_then(|field| body(field, kind?, report));
    let block = match &body {
        Some(Body::Object { spec, .. }) => match &**spec {
            Spec::Store(store) => Some(store.subtype().as_str()),
            Spec::FlinkConnector(_) => None,
        },
        Some(Body::Suite(_)) | None => None,
    };
    let lifecycle = root
        .optional("lifecycle")
        .and_then(|field| lifecycle::read(field, kind, block, report))
        .unwrap_or_default();
    let mut targets = BTreeMap::new();
    let depends_on = root
        .optional("dependsOn")
        .and_then(|field| {
            decode::set(field, report, |item, report| {
                let mark = item.node.mark;
                let target = target(item, report)?;
                targets.entry(target.clone()).or_insert(mark);
                Some(target)
            })
        })
        .unwrap_or_default();
    root.finish(report);

    let Metadata { name, mark, labels, annotations } = metadata?;
    let origin = Origin { file: report.source().name().to_owned(), line: begin.line, column: begin.column };
    Some(match body? {
        Body::Object { spec, key, connector_type } => {
            let address = Address { kind: spec.kind(), name };
            let desired =
                Desired { address, spec: *spec, lifecycle, depends_on, labels, annotations, origin };
            let marks = Marks { name: mark, key, connector_type, depends_on: targets };
            Document::Object(Box::new(Declared { desired, marks }))
        }
        Body::Suite(spec) => {
            let verification::Spec { engine, mysql, logging, thresholds, scenarios } = *spec;
            let name = name.into();
            let suite = Suite {
                name,
                labels,
                annotations,
                depends_on,
                origin,
                engine,
                mysql,
                logging,
                thresholds,
                scenarios,
            };
            Document::Suite(Box::new(DeclaredSuite { suite, name: mark, depends_on: targets }))
        }
    })
}

fn body(field: Field, kind: ManifestKind, report: &mut Report<'_>) -> Option<Body> {
    match kind {
        ManifestKind::Object(Kind::FlinkConnector) => {
            let Connector { spec, at_name, at_type } = connector::read(field, report)?;
            let spec = Box::new(Spec::FlinkConnector(spec));
            Some(Body::Object { spec, key: at_name, connector_type: Some(at_type) })
        }
        ManifestKind::Object(Kind::Store) => {
            let Store { spec, at_name } = store::read(field, report)?;
            Some(Body::Object { spec: Box::new(Spec::Store(spec)), key: at_name, connector_type: None })
        }
        ManifestKind::SinkVerification => {
            verification::read(field, report).map(|spec| Body::Suite(Box::new(spec)))
        }
    }
}

fn target(field: Field, report: &mut Report<'_>) -> Option<Address> {
    let mark = field.node.mark;
    let text = decode::line(field, report)?;
    let error: AddressError = match text.parse() {
        Ok(address) => return Some(address),
        Err(error) => error,
    };
    let help = match &error {
        AddressError::Kind(kind) => Some(suggest::help(kind, Kind::ALL.iter().map(|kind| kind.as_str()))),
        AddressError::Shape(_) | AddressError::Name(_) => None,
    };
    let message = report.about(mark, &text, &error);
    report.error(codes::BAD_NAME, mark, message, "not an address", help)
}

fn kinds() -> impl Iterator<Item = &'static str> + Clone {
    ManifestKind::ALL.iter().map(|kind| kind.as_str())
}

fn api_version(field: Field, report: &mut Report<'_>) {
    let mark = field.node.mark;
    if let Some(version) = decode::line(field, report).filter(|version| version != API_VERSION) {
        let message = format!("unknown apiVersion `{}`", report.value(mark, &version, [API_VERSION]));
        let help = format!("write `apiVersion: {API_VERSION}`");
        report.error::<()>(codes::API_VERSION, mark, message, "not read by this program", Some(help));
    }
}

fn kind(field: Field, report: &mut Report<'_>) -> Option<ManifestKind> {
    let mark = field.node.mark;
    let text = decode::line(field, report)?;
    if let Ok(kind) = text.parse() {
        return Some(kind);
    }
    let help = suggest::help(&text, kinds());
    let message = format!("unknown kind `{}`", report.value(mark, &text, kinds()));
    report.error(codes::UNKNOWN_KIND, mark, message, "not a kind", Some(help))
}

fn metadata(field: Field, report: &mut Report<'_>) -> Option<Metadata> {
    let mut object = Object::open(field, "metadata", report)?;
    let named = object.required("name", report);
    let mark = named.as_ref().map(|field| field.node.mark);
    let name = named.and_then(|field| decode::checked(field, codes::BAD_NAME, ObjectName::new, report));
    let labels = object.optional("labels").and_then(|field| decode::texts(field, report)).unwrap_or_default();
    let annotations =
        object.optional("annotations").and_then(|field| decode::texts(field, report)).unwrap_or_default();
    object.finish(report);
    Some(Metadata { name: name?, mark: mark?, labels, annotations })
}
