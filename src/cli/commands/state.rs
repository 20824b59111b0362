//! `state list|show|mv|rm`: looks at the recorded side and corrects it. Sends nothing.

use serde_json::json;

use super::show::condition;
use crate::cli::args::{LockWait, StateCommand};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::options::{address, lock_timeout};
use crate::cli::render::summary::count;
use crate::cli::render::{json, table};
use crate::cli::session::Session;
use crate::domain::address::Address;
use crate::domain::recorded::Recorded;
use crate::domain::snapshot::{Snapshot, StateChange};
use crate::engine::executor::record;

pub(super) async fn state(session: &Session, command: StateCommand) -> Result<Exit, CliError> {
    match command {
        StateCommand::List => list(session),
        StateCommand::Show { address } => show(session, &address),
        StateCommand::Mv { from, to, lock } => mv(session, &from, &to, &lock).await,
        StateCommand::Rm { addresses, lock } => rm(session, &addresses, &lock).await,
        StateCommand::Rebuild { manifests, lock, pace } => {
            super::rebuild::state_rebuild(session, &manifests, &lock, &pace).await
        }
        StateCommand::History => super::restore::state_history(session),
        StateCommand::Restore { serial, recording } => {
            super::restore::state_restore(session, serial, &recording).await
        }
        StateCommand::Check => super::state_check::state_check(session),
    }
}

fn sorted(snapshot: &Snapshot) -> Vec<&Recorded> {
    let mut all: Vec<&Recorded> = snapshot.resources.values().collect();
    all.sort_by(|a, b| (&a.address, &a.key).cmp(&(&b.address, &b.key)));
    all
}

fn list(session: &Session) -> Result<Exit, CliError> {
    let recovered = session.recorded()?;
    let snapshot = &recovered.snapshot;
    session.events.know(None, snapshot.serial);
    if session.common.json {
        let objects = sorted(snapshot).into_iter().map(|recorded| {
            json!({
                "address": recorded.address.to_string(), "id": recorded.key.to_string(),
                "condition": condition(&recorded.condition), "protect": recorded.protect,
            })
        });
        let strays = snapshot.strays.keys().map(ToString::to_string).collect::<Vec<_>>();
        let document = json!({
            "serial": snapshot.serial, "objects": objects.collect::<Vec<_>>(), "strays": strays,
            "openWrites": recovered.open.len(),
        });
        session.terminal.data(&json::document("state list", document));
        return Ok(Exit::Success);
    }
    let rows = sorted(snapshot).into_iter().map(|recorded| {
        vec![recorded.address.to_string(), recorded.key.to_string(), condition(&recorded.condition)]
    });
    session.terminal.data(&table::render(&["ADDRESS", "ID", "CONDITION"], rows.collect()));
    session.terminal.say(&format!("{} recorded (serial {}).", snapshot.resources.len(), snapshot.serial));
    if !recovered.open.is_empty() {
        let n = recovered.open.len();
        session
            .terminal
            .say(&format!("{n} requests of a run that was cut off are open: the next apply looks them up."));
    }
    Ok(Exit::Success)
}

fn at<'a>(snapshot: &'a Snapshot, address: &'a Address) -> Result<Vec<&'a Recorded>, CliError> {
    let found: Vec<&Recorded> = snapshot.at(address).collect();
    if found.is_empty() { Err(CliError::NotFound(format!("{address} is not recorded"))) } else { Ok(found) }
}

fn show(session: &Session, text: &str) -> Result<Exit, CliError> {
    let address = address(text)?;
    let snapshot = session.recorded()?.snapshot;
    let objects = at(&snapshot, &address)?
        .into_iter()
        .map(serde_json::to_value)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| CliError::System(error.to_string()))?;
    if session.common.json {
        // Two share an address while one takes the other's place: they are still one document.
        let document = json!({"recorded": objects.first(), "objects": objects});
        session.terminal.data(&json::document("state show", document));
        return Ok(Exit::Success);
    }
    for shown in objects {
        let text = serde_yaml::to_string(&shown).map_err(|error| CliError::System(error.to_string()))?;
        session.terminal.data(&text);
    }
    Ok(Exit::Success)
}

async fn mv(session: &Session, from: &str, to: &str, lock: &LockWait) -> Result<Exit, CliError> {
    let (from, to) = (address(from)?, address(to)?);
    if from.kind != to.kind {
        return Err(CliError::Refused {
            message: format!("{from} cannot become {to}: an object keeps its kind"),
            hint: format!("choose a name for {}/…, or `state rm` it and import it anew", from.kind),
        });
    }
    let mut state = session.lock("state mv", lock_timeout(lock)?).await?;
    let recovered = state.recovered().clone();
    if recovered.snapshot.at(&to).next().is_some() {
        return Err(CliError::Refused {
            message: format!("{to} is recorded already"),
            hint: "choose another name, or `state rm` it first".to_owned(),
        });
    }
    let moved = at(&recovered.snapshot, &from)?
        .into_iter()
        .map(|recorded| StateChange::Put(Box::new(Recorded { address: to.clone(), ..recorded.clone() })))
        .collect();
    let serial = record(&mut state, recovered, moved)?;
    session.events.know(None, serial);
    session.terminal.data(&if session.common.json {
        let document = json!({"from": from.to_string(), "to": to.to_string(), "serial": serial});
        json::document("state mv", document)
    } else {
        format!("Moved {from} to {to} (serial {serial}). Nothing was sent.\n")
    });
    Ok(Exit::Success)
}

async fn rm(session: &Session, addresses: &[String], lock: &LockWait) -> Result<Exit, CliError> {
    let addresses = addresses.iter().map(|text| address(text)).collect::<Result<Vec<_>, _>>()?;
    let mut state = session.lock("state rm", lock_timeout(lock)?).await?;
    let recovered = state.recovered().clone();
    let mut removed = Vec::new();
    for address in &addresses {
        let found = at(&recovered.snapshot, address)?;
        removed.extend(found.into_iter().map(|recorded| StateChange::Remove(recorded.key.clone())));
    }
    let objects = count(removed.len(), "object");
    let serial = record(&mut state, recovered, removed)?;
    session.events.know(None, serial);
    session.terminal.data(&if session.common.json {
        let forgotten = addresses.iter().map(ToString::to_string).collect::<Vec<_>>();
        json::document("state rm", json!({"forgotten": forgotten, "serial": serial}))
    } else {
        format!("Forgot {objects} (serial {serial}). What exists lives on. Nothing was sent.\n")
    });
    Ok(Exit::Success)
}
