//! Reads one document: `apiVersion`, `kind`, `metadata`, `spec`, `lifecycle`, `dependsOn`.

use std::collections::BTreeMap;

use super::object::{Field, Object};
use super::report::Report;
use super::store::{self, Store};
use super::yaml::{Mark, Node};
use super::{codes, connector, decode, lifecycle, suggest};
use crate::domain::address::{Address, AddressError, Kind, ObjectName};
use crate::domain::desired::{Desired, Origin, Spec};

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

/// Reads a document; `None` when something required is missing or wrong.
pub(super) fn read(node: Node, report: &mut Report<'_>) -> Option<Declared> {
    let begin = node.mark;
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
    let declared = root.required("spec", report).and_then(|field| match kind? {
        Kind::FlinkConnector => {
            let connector = connector::read(field, report)?;
            let spec = Spec::FlinkConnector(connector.spec);
            Some((spec, connector.at_name, Some(connector.at_type)))
        }
        Kind::Store => {
            let Store { spec, at_name } = store::read(field, report)?;
            Some((Spec::Store(spec), at_name, None))
        }
    });
    let block = match &declared {
        Some((Spec::Store(store), ..)) => Some(store.subtype().as_str()),
        Some((Spec::FlinkConnector(_), ..)) | None => None,
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
    let (spec, key, connector_type) = declared?;
    let origin = Origin { file: report.source().name().to_owned(), line: begin.line, column: begin.column };
    let address = Address { kind: kind?, name };
    Some(Declared {
        desired: Desired { address, spec, lifecycle, depends_on, labels, annotations, origin },
        marks: Marks { name: mark, key, connector_type, depends_on: targets },
    })
}

fn target(field: Field, report: &mut Report<'_>) -> Option<Address> {
    let mark = field.node.mark;
    let text = decode::line(field, report)?;
    let error: AddressError = match text.parse() {
        Ok(address) => return Some(address),
        Err(error) => error,
    };
    let help = match &error {
        AddressError::Kind(kind) => Some(suggest::help(kind, kinds())),
        AddressError::Shape(_) | AddressError::Name(_) => None,
    };
    let message = report.about(mark, &text, &error);
    report.error(codes::BAD_NAME, mark, message, "not an address", help)
}

fn kinds() -> impl Iterator<Item = &'static str> + Clone {
    Kind::ALL.iter().map(|kind| kind.as_str())
}

fn api_version(field: Field, report: &mut Report<'_>) {
    let mark = field.node.mark;
    if let Some(version) = decode::line(field, report).filter(|version| version != API_VERSION) {
        let message = format!("unknown apiVersion `{}`", report.value(mark, &version, [API_VERSION]));
        let help = format!("write `apiVersion: {API_VERSION}`");
        report.error::<()>(codes::API_VERSION, mark, message, "not read by this program", Some(help));
    }
}

fn kind(field: Field, report: &mut Report<'_>) -> Option<Kind> {
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
