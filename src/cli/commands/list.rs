//! `list`: the live connectors of a namespace or all stores, and which of them are ours.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::json;

use crate::cli::args::Pace;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::options::Sending;
use crate::cli::render::{json, table};
use crate::cli::session::Session;
use crate::domain::address::Kind;
use crate::domain::field::FieldValue;
use crate::domain::live::Live;
use crate::domain::natural_key::{NamespaceName, Scope, WorkspaceId};

/// Which objects are shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish<'a> {
    /// Only names with this text in them.
    pub(super) name: Option<&'a str>,
    /// Only what the state does not record.
    pub(super) unmanaged: bool,
}

pub(super) async fn list(
    session: &Session,
    what: &str,
    wish: Wish<'_>,
    manifests: Vec<PathBuf>,
    pace: &Pace,
) -> Result<Exit, CliError> {
    let scope = scope(what)?;
    if scope != Scope::Stores && !manifests.is_empty() {
        let message = "-f says where the secrets of stores come from; connectors have none".to_owned();
        return Err(CliError::Usage(message));
    }
    let recorded = session.recorded()?.snapshot;
    let services = session.services()?;
    let wanted = BTreeSet::from([scope.clone()]);
    let world = session.observe(&services.provider, &wanted, Sending::try_from(pace)?).await?;
    let all = world.get(&scope).into_iter().flat_map(crate::domain::live::Census::objects);
    let shown: Vec<&Live> = all
        .filter(|live| wish.name.is_none_or(|part| live.key.name().contains(part)))
        .filter(|live| !wish.unmanaged || !recorded.resources.contains_key(&live.key))
        .collect();
    if scope == Scope::Stores {
        return super::list_stores::stores(session, &shown, &recorded, manifests);
    }
    if session.common.json {
        let objects: Vec<_> =
            shown.iter().map(|live| json::live(live, recorded.resources.get(&live.key))).collect();
        session
            .terminal
            .data(&json::document("list", json!({"scope": scope.to_string(), "objects": objects})));
        return Ok(Exit::Success);
    }
    let rows = shown.iter().map(|live| {
        let field = |name: &str| live.fields.get(name).map(plain).unwrap_or_default();
        let managed = match (recorded.resources.get(&live.key), recorded.strays.contains_key(&live.key)) {
            (Some(recorded), _) => recorded.address.to_string(),
            (None, true) => "(stray)".to_owned(),
            (None, false) => "(unmanaged)".to_owned(),
        };
        let roles: Vec<&str> = ["source", "sink", "lookup"]
            .into_iter()
            .filter(|role| live.fields.get(*role) == Some(&FieldValue::Flag(true)))
            .collect();
        vec![
            live.key.name().to_owned(),
            field("connectorType"),
            roles.join(","),
            field("supportedFormats"),
            managed,
        ]
    });
    session
        .terminal
        .data(&table::render(&["NAME", "TYPE", "ROLES", "FORMATS", "MANAGED AS"], rows.collect()));
    let s = if shown.len() == 1 { "" } else { "s" };
    session.terminal.say(&format!("{} connector{s} in {scope}.", shown.len()));
    Ok(Exit::Success)
}

/// `Store`, or `WORKSPACE:NAMESPACE`, split at the first colon.
fn scope(text: &str) -> Result<Scope, CliError> {
    if text == Kind::Store.as_str() {
        return Ok(Scope::Stores);
    }
    let (workspace, namespace) = text.split_once(':').ok_or_else(|| {
        CliError::Usage(format!("`{text}` is neither `Store` nor a namespace: write WORKSPACE:NAMESPACE"))
    })?;
    let usage = |error: crate::domain::natural_key::KeyError| CliError::Usage(error.to_string());
    Ok(Scope::FlinkNamespace {
        workspace: WorkspaceId::new(workspace).map_err(usage)?,
        namespace: NamespaceName::new(namespace).map_err(usage)?,
    })
}

fn plain(value: &FieldValue) -> String {
    match value {
        FieldValue::Flag(flag) => flag.to_string(),
        FieldValue::Text(text) => text.clone(),
        FieldValue::Set(items) => items.iter().cloned().collect::<Vec<_>>().join(","),
        FieldValue::Sealed(_) => value.to_string(),
    }
}
