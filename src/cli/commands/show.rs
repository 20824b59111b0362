//! `show`: the three sides of one object.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::saved_plan;
use crate::cli::args::{Manifests, Pace};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::options::{self, Sending, paths};
use crate::cli::render::{json, table};
use crate::cli::session::Session;
use crate::domain::address::Kind;
use crate::domain::desired::{Desired, Spec};
use crate::domain::field::{FieldValue, Readable};
use crate::domain::kind::store::StoreSpec;
use crate::domain::live::Readiness;
use crate::domain::recorded::{Condition, Knowledge, Recorded};
use crate::domain::rules::rules_of;

pub(super) async fn show(
    session: &Session,
    address: &str,
    manifests: &Manifests,
    pace: &Pace,
) -> Result<Exit, CliError> {
    if let Some(exit) = saved_plan::show(session, address, &paths(manifests))? {
        return Ok(exit);
    }
    let address = options::address(address)?;
    let snapshot = session.recorded()?.snapshot;
    let recorded = snapshot.at(&address).next();
    let paths = paths(manifests);
    // Without manifests at hand the recorded and the live side are still worth showing.
    let loaded = if paths.is_empty() && recorded.is_some() { None } else { Some(session.manifests(paths)?) };
    let desired = loaded.as_ref().and_then(|loaded| loaded.desired.declared().get(&address));
    let key = match (desired, recorded) {
        (Some(desired), _) => desired.spec.key(),
        (None, Some(recorded)) => recorded.key.clone(),
        (None, None) => {
            return Err(CliError::NotFound(format!("{address} is neither declared nor recorded")));
        }
    };
    let services = session.services()?;
    let wanted = BTreeSet::from([key.scope()]);
    let world = session.observe(&services.provider, &wanted, Sending::try_from(pace)?).await?;
    let mut live = world.get(&key.scope()).and_then(|census| census.get(&key)).cloned();
    if let Some(live) = &mut live {
        let details = session.describe(&services.provider, live).await?;
        live.fields.extend(details.unwrap_or_default());
    }
    let live = live.as_ref();
    let known = desired
        .map(|desired| desired.spec.fields())
        .or_else(|| recorded.map(Recorded::known_fields))
        .or_else(|| live.map(|live| live.fields.clone()))
        .unwrap_or_default();
    let declared = desired.map(declared).unwrap_or_default();
    let condition = recorded.map(|recorded| condition(&recorded.condition));
    if session.common.json {
        let sides: serde_json::Map<String, Value> = rules_of(address.kind, &known)
            .filter(|rule| rule.readable != Readable::Key)
            .map(|rule| {
                let side = json!({
                    "desired": declared.get(rule.name).map(Declared::json),
                    "recorded": recorded.and_then(|recorded| recorded.value(rule.name)).map(json::value),
                    "live": live.and_then(|live| live.fields.get(rule.name)).map(json::value),
                    "readable": matches!(rule.readable, Readable::Yes | Readable::Deep),
                });
                (rule.name.to_owned(), side)
            })
            .collect();
        let document = json!({
            "address": address.to_string(), "id": key.to_string(), "present": live.is_some(),
            "condition": condition, "fields": sides,
            "attributes": live.map(|live| json!(live.attributes)),
        });
        session.terminal.data(&json::document("show", document));
        return Ok(Exit::Success);
    }
    let state = match live.map(|live| &live.readiness) {
        None => "absent",
        Some(Readiness::Ready) if address.kind == Kind::FlinkConnector => "Available",
        Some(Readiness::Ready) => "ready",
        Some(Readiness::Pending { state, .. }) => state,
        Some(Readiness::Errored { .. }) => "errored",
    };
    let mut text = format!("{address}  {key}  {state}\n");
    if let Some(condition) = condition.filter(|condition| condition != "ready") {
        text.push_str(&format!("condition: {condition}\n"));
    }
    let cell = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
    let rows = rules_of(address.kind, &known).filter(|rule| rule.readable != Readable::Key).map(|rule| {
        let known = recorded.and_then(|recorded| recorded.fields.get(rule.name)).map(|known| match known {
            Knowledge::Applied(value) => value.to_string(),
            Knowledge::Assumed(value) => format!("? {value}"),
            Knowledge::Unknown => "? unknown".to_owned(),
        });
        let shown = match rule.readable {
            Readable::No => "(not readable)".to_owned(),
            _ => cell(live.and_then(|live| live.fields.get(rule.name)).map(ToString::to_string)),
        };
        vec![rule.name.to_owned(), cell(declared.get(rule.name).map(Declared::text)), cell(known), shown]
    });
    text.push_str(&table::render(&["FIELD", "DESIRED", "RECORDED", "LIVE"], rows.collect()));
    for (name, value) in live.into_iter().flat_map(|live| &live.attributes) {
        text.push_str(&format!("{name}: {value}\n"));
    }
    session.terminal.data(&text);
    Ok(Exit::Success)
}

/// A declared field: its value, or where it comes from; nothing is fetched for showing.
enum Declared {
    Value(FieldValue),
    From(String),
}

impl Declared {
    fn text(&self) -> String {
        match self {
            Declared::Value(value) => value.to_string(),
            Declared::From(source) => format!("({source})"),
        }
    }

    fn json(&self) -> Value {
        match self {
            Declared::Value(value) => json::value(value),
            Declared::From(source) => json!({"from": source}),
        }
    }
}

fn declared(desired: &Desired) -> BTreeMap<String, Declared> {
    let plain = desired.spec.fields().into_iter().map(|(name, value)| (name, Declared::Value(value)));
    let store = match &desired.spec {
        Spec::Store(store) => Some(store),
        Spec::FlinkConnector(_) => None,
    };
    let sealed = store.into_iter().flat_map(StoreSpec::sealed);
    let sources = sealed.map(|(parameter, sealed)| {
        (parameter.rule.name.to_owned(), Declared::From(sealed.source().to_string()))
    });
    plain.chain(sources).collect()
}

/// How a recorded object stood, in words.
pub(super) fn condition(condition: &Condition) -> String {
    match condition {
        Condition::Ready => "ready".to_owned(),
        Condition::Unconfirmed { message } => format!("unconfirmed: {message}"),
        Condition::Degraded { message } => format!("degraded: {message}"),
        Condition::Contradicted { field, .. } => format!("degraded: live contradicts spec.{field}"),
        Condition::Lost { message } if message.is_empty() => {
            "deleted on the way to a new registration".to_owned()
        }
        Condition::Lost { message } => format!("deleted on the way to a new registration: {message}"),
    }
}
