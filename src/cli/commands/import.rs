//! `import`: records an object that exists. It sends nothing that changes anything, and neither does the apply behind
//! it: what no read shows is assumed from the manifest.

use std::collections::{BTreeMap, BTreeSet};

use crate::cli::args::{LockWait, Pace};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::options::{Sending, lock_timeout};
use crate::cli::render::json;
use crate::cli::session::Session;
use crate::domain::address::{Address, AddressError, Kind, ObjectName};
use crate::domain::desired::OnRemove;
use crate::domain::field::Readable;
use crate::domain::live::{Census, Live, Observer};
use crate::domain::natural_key::NaturalKey;
use crate::domain::recorded::{Condition, Knowledge, Recorded};
use crate::domain::rules::rules_of;
use crate::domain::snapshot::StateChange;
use crate::engine::executor::record;

pub(super) async fn import(
    session: &Session,
    (kind, id): (&str, &str),
    name: Option<String>,
    lock: &LockWait,
    pace: &Pace,
) -> Result<Exit, CliError> {
    let usage = |error: AddressError| CliError::Usage(error.to_string());
    let kind: Kind = kind.parse().map_err(usage)?;
    let key = NaturalKey::from_import_id(kind, id).map_err(|error| CliError::Usage(error.to_string()))?;
    let name = name.unwrap_or_else(|| key.name().to_owned());
    let name =
        ObjectName::new(name).map_err(|error| CliError::Usage(format!("{error}; --as NAME gives it one")))?;
    let address = Address { kind, name };
    let sending = Sending::try_from(pace)?;
    let lock_timeout = lock_timeout(lock)?;
    let services = session.services()?;
    let mut state = session.lock("import", lock_timeout).await?;
    let snapshot = &state.recovered().snapshot;
    if let Some(recorded) = snapshot.resources.get(&key) {
        return Err(CliError::Refused {
            message: format!("{key} is recorded already, as {}", recorded.address),
            hint: format!("reconcile state mv {} {address}", recorded.address),
        });
    }
    if let Some(recorded) = snapshot.at(&address).next() {
        return Err(CliError::Refused {
            message: format!("{address} is recorded already, for {}", recorded.key),
            hint: "--as NAME gives the imported object another name".to_owned(),
        });
    }
    let wanted = BTreeSet::from([key.scope()]);
    let world = session.observe(&services.provider, &wanted, sending).await?;
    let Some(live) = world.get(&key.scope()).and_then(|census| census.get(&key)) else {
        return Err(CliError::NotFound(absent(&key, world.get(&key.scope()))));
    };
    let mut live = live.clone();
    let details = session.describe(&services.provider, &live).await?;
    live.fields.extend(details.unwrap_or_default());
    let observer = world.get(&key.scope()).and_then(|census| census.observer().cloned());
    let recorded = imported(address.clone(), &live, observer);
    let recovered = state.recovered().clone();
    let serial = record(&mut state, recovered, vec![StateChange::Put(Box::new(recorded))])?;
    session.events.know(None, serial);
    session.terminal.data(&if session.common.json {
        let document = serde_json::json!({
            "address": address.to_string(), "id": key.to_string(), "serial": serial,
        });
        json::document("import", document)
    } else {
        format!(
            "Imported {key} as {address} (serial {serial}). No read shows {}: the next apply assumes the manifest's.\n",
            match kind {
                Kind::FlinkConnector => "its jarUrl",
                Kind::Store => "its secrets",
            }
        )
    });
    Ok(Exit::Success)
}

fn absent(key: &NaturalKey, census: Option<&Census>) -> String {
    match census.and_then(Census::observer) {
        None => format!("{key} does not exist: its namespace was listed completely"),
        Some(observer) => format!(
            "role {} does not list a store {key}: it does not exist, or another role owns it",
            observer.role
        ),
    }
}

fn imported(address: Address, live: &Live, observer: Option<Observer>) -> Recorded {
    let fields: BTreeMap<String, Knowledge> = rules_of(address.kind, &live.fields)
        .filter_map(|rule| {
            let known = match rule.readable {
                Readable::Key => return None,
                Readable::Yes => Knowledge::Applied(live.fields.get(rule.name)?.clone()),
                Readable::Deep | Readable::No => {
                    live.fields.get(rule.name).cloned().map_or(Knowledge::Unknown, Knowledge::Applied)
                }
            };
            Some((rule.name.to_owned(), known))
        })
        .collect();
    Recorded {
        address,
        key: live.key.clone(),
        fields,
        protect: false,
        on_remove: OnRemove::Delete,
        depends_on: Vec::new(),
        condition: Condition::Ready,
        observer,
        labels: BTreeMap::new(),
    }
}
