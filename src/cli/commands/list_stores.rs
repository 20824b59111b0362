//! `list Store`: every store that the role sees, and, of ours, how it logs in and where its secrets come from: the view of
//! whoever has to answer for the credentials (FR-002, D-004). Never a value.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::cli::error::{CliError, tell_diagnostics};
use crate::cli::exit::Exit;
use crate::cli::render::{json, table};
use crate::cli::session::Session;
use crate::domain::desired::{DesiredSet, Spec};
use crate::domain::field::{FieldValue, Fields};
use crate::domain::kind::store::{StoreSpec, Subtype, name};
use crate::domain::live::Live;
use crate::domain::recorded::Recorded;
use crate::domain::snapshot::Snapshot;

/// One store as it is shown.
struct Row<'a> {
    live: &'a Live,
    managed: Option<Managed<'a>>,
}

/// What is known of a store of ours.
struct Managed<'a> {
    recorded: &'a Recorded,
    authentication: Option<String>,
    tls: Option<&'static str>,
    /// By field, where the value comes from; empty when no manifest declares the store.
    secrets: BTreeMap<&'static str, String>,
}

pub(super) fn stores(
    session: &Session,
    shown: &[&Live],
    recorded: &Snapshot,
    manifests: Vec<PathBuf>,
) -> Result<Exit, CliError> {
    let declared = declared(session, manifests)?;
    let rows: Vec<Row<'_>> = shown
        .iter()
        .map(|live| Row {
            live,
            managed: recorded.resources.get(&live.key).map(|recorded| managed(recorded, declared.as_ref())),
        })
        .collect();
    if session.common.json {
        let objects: Vec<Value> = rows.iter().map(document).collect();
        session.terminal.data(&json::document("list", json!({"scope": "Store", "objects": objects})));
        return Ok(Exit::Success);
    }
    let heading = [
        "NAME",
        "TYPE",
        "STATE",
        "OWNER",
        "CREATED",
        "UPDATED",
        "MANAGED AS",
        "LOGIN",
        "TLS",
        "SECRETS FROM",
    ];
    session.terminal.data(&table::render(&heading, rows.iter().map(line).collect()));
    let s = if rows.len() == 1 { "" } else { "s" };
    session.terminal.say(&format!("{} store{s}.", rows.len()));
    Ok(Exit::Success)
}

/// The manifests, for the places of secrets. Without paths they are an extra: the list is worth having without them.
fn declared(session: &Session, paths: Vec<PathBuf>) -> Result<Option<DesiredSet>, CliError> {
    let named = !paths.is_empty();
    match session.manifests(paths) {
        Ok(loaded) => Ok(Some(loaded.desired.declared().clone())),
        Err(CliError::Manifest(errors)) if !named => {
            tell_diagnostics(&errors, session.terminal);
            session.terminal.say("The manifests cannot be read: where secrets come from is not shown.");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn managed<'a>(recorded: &'a Recorded, declared: Option<&DesiredSet>) -> Managed<'a> {
    let fields = recorded.known_fields();
    let spec = declared
        .and_then(|declared| declared.values().find(|desired| desired.spec.key() == recorded.key))
        .and_then(|desired| match &desired.spec {
            Spec::Store(store) => Some(store),
            Spec::FlinkConnector(_) => None,
        });
    let sealed = spec.into_iter().flat_map(StoreSpec::sealed);
    let secrets = sealed.filter(|(parameter, _)| parameter.rule.secret);
    let subtype = match fields.get(name::TYPE) {
        Some(FieldValue::Text(text)) => Subtype::from_display(text),
        _ => None,
    };
    Managed {
        authentication: subtype.and_then(|subtype| authentication(subtype, &fields)),
        tls: subtype.and_then(|subtype| tls(subtype, &fields)),
        secrets: secrets
            .map(|(parameter, sealed)| (parameter.rule.name, sealed.source().to_string()))
            .collect(),
        recorded,
    }
}

/// How the store logs in: the word of its manifest, or what its credentials are.
fn authentication(subtype: Subtype, fields: &Fields) -> Option<String> {
    let has = |field: &str| fields.contains_key(field);
    match subtype {
        Subtype::Kafka if has("kafka.tls.client.certFile") => Some("client certificate".to_owned()),
        Subtype::Kafka => match fields.get("kafka.sasl.hashFunction") {
            Some(FieldValue::Text(word)) => Some(word.clone()),
            _ => None,
        },
        Subtype::Postgres | Subtype::Clickhouse => Some("password".to_owned()),
        Subtype::Snowflake => Some("key pair".to_owned()),
        Subtype::IcebergRest => Some("OAuth client".to_owned()),
        Subtype::S3 | Subtype::Kinesis | Subtype::IcebergGlue => {
            let role = fields.keys().any(|field| field.ends_with("iamRoleArn"));
            Some(if role { "IAM role" } else { "access key" }.to_owned())
        }
    }
}

/// How the connection is secured, where that can be chosen.
fn tls(subtype: Subtype, fields: &Fields) -> Option<&'static str> {
    let flag = |name: &str| fields.get(&format!("{subtype}.tls.{name}"));
    match subtype {
        Subtype::Kafka | Subtype::Postgres => Some(match (flag("disabled"), flag("verifyServerHostname")) {
            (Some(FieldValue::Flag(true)), _) => "off",
            (_, Some(FieldValue::Flag(false))) => "on, any host name",
            _ => "on",
        }),
        _ => None,
    }
}

fn line(row: &Row<'_>) -> Vec<String> {
    let live = row.live;
    let text = |value: Option<&String>| value.cloned().unwrap_or_else(|| "-".to_owned());
    let field = |name: &str| match live.fields.get(name) {
        Some(FieldValue::Text(text)) => text.clone(),
        _ => "-".to_owned(),
    };
    let managed = row.managed.as_ref();
    let secrets = managed.map(|managed| {
        managed
            .secrets
            .iter()
            .map(|(field, source)| format!("{field}: {source}"))
            .collect::<Vec<_>>()
            .join("; ")
    });
    vec![
        live.key.name().to_owned(),
        field(name::TYPE),
        text(live.attributes.get("state")),
        field(name::OWNER),
        text(live.attributes.get("createdAt")),
        text(live.attributes.get("updatedAt")),
        managed.map_or_else(|| "(unmanaged)".to_owned(), |managed| managed.recorded.address.to_string()),
        text(managed.and_then(|managed| managed.authentication.as_ref())),
        managed.and_then(|managed| managed.tls).unwrap_or("-").to_owned(),
        secrets.filter(|text| !text.is_empty()).unwrap_or_else(|| "-".to_owned()),
    ]
}

/// The five outputs of D-004, the same for every subtype, and what is known of a store of ours.
fn document(row: &Row<'_>) -> Value {
    let live = row.live;
    let attribute = |name: &str| live.attributes.get(name).map(|text| json!(text));
    let mut document = json!({
        "id": live.key.to_string(), "name": live.key.name(),
        "type": live.fields.get(name::TYPE).map(json::value), "state": attribute("state"),
        "message": attribute("message"), "owner": live.fields.get(name::OWNER).map(json::value),
        "createdAt": attribute("createdAt"), "updatedAt": attribute("updatedAt"),
        "address": row.managed.as_ref().map(|managed| managed.recorded.address.to_string()),
    });
    if let (Value::Object(document), Some(managed)) = (&mut document, &row.managed) {
        document.insert("authentication".to_owned(), json!(managed.authentication));
        document.insert("tls".to_owned(), json!(managed.tls));
        document.insert("secrets".to_owned(), json!(managed.secrets));
    }
    document
}
