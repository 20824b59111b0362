//! `state rebuild`: a lost state, made anew from manifests and live. Sends nothing that changes anything.

use serde_json::json;

use crate::cli::args::{LockWait, Manifests, Pace};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::options::{Sending, lock_timeout, paths};
use crate::cli::render::json;
use crate::cli::render::summary::count;
use crate::cli::session::Session;
use crate::domain::journal::Recovered;
use crate::domain::snapshot::{Serial, StateChange};
use crate::engine::executor::record;
use crate::engine::rebuild::{Different, Rebuilt, rebuild};

pub(super) async fn state_rebuild(
    session: &Session,
    manifests: &Manifests,
    lock: &LockWait,
    pace: &Pace,
) -> Result<Exit, CliError> {
    let sending = Sending::try_from(pace)?;
    let lock_timeout = lock_timeout(lock)?;
    let loaded = session.manifests(paths(manifests))?;
    // Before the lock: a folder that is refused stays as it is.
    refuse_recorded(session, &session.recorded()?)?;
    let services = session.services()?;
    let mut state = session.lock("state rebuild", lock_timeout).await?;
    let recovered = state.recovered().clone();
    refuse_recorded(session, &recovered)?;
    let desired = session.resolve(loaded.desired, Some(&mut state))?;
    let evidence = session.evidence(&services.provider, &desired, recovered, sending).await?;
    let rebuilt = rebuild(&desired, &evidence.live);
    let recovered = evidence.recovered;
    let changes = rebuilt.records.iter().cloned().map(|record| StateChange::Put(Box::new(record))).collect();
    let serial = if rebuilt.records.is_empty() {
        recovered.snapshot.serial
    } else {
        record(&mut state, recovered, changes)?
    };
    if session.common.json {
        session.terminal.data(&json::document("state rebuild", document(&rebuilt, serial)));
    } else {
        session.terminal.data(&text(&rebuilt, serial));
    }
    Ok(Exit::Success)
}

/// A state that records something knows more than manifests and live together.
fn refuse_recorded(session: &Session, recovered: &Recovered) -> Result<(), CliError> {
    let Recovered { snapshot, open, .. } = recovered;
    if snapshot.resources.is_empty() && snapshot.strays.is_empty() && open.is_empty() {
        return Ok(());
    }
    let folder = session.wired.state.path().display();
    Err(CliError::Refused {
        message: format!(
            "there is a state in {folder} already: {} recorded at serial {}, {}",
            count(snapshot.resources.len(), "object"),
            snapshot.serial,
            count(open.len(), "open request")
        ),
        hint: "rebuild into another folder with --state DIR, or move this one away first".to_owned(),
    })
}

fn text(rebuilt: &Rebuilt, serial: Serial) -> String {
    let Rebuilt { records, absent, different } = rebuilt;
    let mut text = String::new();
    for Different { address, key, field, desired, live } in different {
        text.push_str(&format!(
            "{address}: left out: {key} lives with {field} {live}, and the manifest declares {desired}: another object\n"
        ));
    }
    let mut out = Vec::new();
    if !absent.is_empty() {
        out.push(format!("{} declared and not live", absent.len()));
    }
    if !different.is_empty() {
        out.push(format!("{} different", different.len()));
    }
    let out = if out.is_empty() { String::new() } else { format!("; left out: {}", out.join(", ")) };
    let objects = count(records.len(), "object");
    text.push_str(&format!(
        "Rebuilt {objects} from manifests and live (serial {serial}){out}. Nothing was sent.\n"
    ));
    text.push_str("What no read shows is assumed from the manifests. Next: `reconcile plan`.\n");
    text
}

fn document(rebuilt: &Rebuilt, serial: Serial) -> serde_json::Value {
    let Rebuilt { records, absent, different } = rebuilt;
    json!({
        "serial": serial,
        "recorded": records.iter().map(|record| record.address.to_string()).collect::<Vec<_>>(),
        "absent": absent.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "different": different.iter().map(|Different { address, key, field, desired, live }| json!({
            "address": address.to_string(), "id": key.to_string(), "field": field,
            "desired": json::value(desired), "live": json::value(live),
        })).collect::<Vec<_>>(),
    })
}
