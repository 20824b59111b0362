//! `state history` and `state restore`: the generations of the state that are kept, and the way back to one. Sends nothing.

use serde_json::json;

use super::consent::{Question, consent};
use crate::cli::args::Recording;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::options::lock_timeout;
use crate::cli::render::summary::count;
use crate::cli::render::{json, table};
use crate::cli::session::Session;
use crate::domain::snapshot::Serial;

pub(super) fn state_history(session: &Session) -> Result<Exit, CliError> {
    let generations = session.wired.state.history()?;
    if session.common.json {
        let generations = generations.iter().map(|generation| {
            json!({
                "serial": generation.serial, "at": generation.at, "bytes": generation.bytes,
                "objects": generation.objects.as_ref().ok(), "damage": generation.objects.as_ref().err(),
                "present": generation.is_present,
                "run": generation.made_by.as_ref().map(|made_by| &made_by.run),
                "command": generation.made_by.as_ref().map(|made_by| &made_by.command),
            })
        });
        let document = json!({"generations": generations.collect::<Vec<_>>()});
        session.terminal.data(&json::document("state history", document));
        return Ok(Exit::Success);
    }
    let rows = generations.iter().map(|generation| {
        vec![
            generation.serial.to_string(),
            generation.at.clone().unwrap_or_else(|| "-".to_owned()),
            generation.made_by.as_ref().map_or_else(|| "-".to_owned(), |made_by| made_by.command.clone()),
            generation.objects.as_ref().map_or_else(|_| "-".to_owned(), ToString::to_string),
            generation.bytes.to_string(),
            match &generation.objects {
                Err(damage) => format!("damaged: {damage}"),
                Ok(_) if generation.is_present => "the present state".to_owned(),
                Ok(_) => String::new(),
            },
        ]
    });
    session
        .terminal
        .data(&table::render(&["SERIAL", "MADE AT", "BY", "OBJECTS", "BYTES", ""], rows.collect()));
    Ok(Exit::Success)
}

pub(super) async fn state_restore(
    session: &Session,
    serial: u64,
    recording: &Recording,
) -> Result<Exit, CliError> {
    let serial = Serial(serial);
    let lock_timeout = lock_timeout(&recording.lock)?;
    let state = &session.wired.state;
    let Some(backup) = state.backups()?.into_iter().find(|backup| backup.serial == serial) else {
        return Err(CliError::NotFound(format!(
            "there is no backup of serial {serial}: `reconcile state history` shows what there is"
        )));
    };
    let generations = state.history()?;
    let told = generations.iter().filter(|one| one.is_present || one.serial == serial).map(|one| {
        let which = if one.is_present { "now   " } else { "backup" };
        let at = one.at.as_deref().unwrap_or("an unknown time");
        let objects =
            one.objects.as_ref().map_or_else(|damage| format!("damaged: {damage}"), |n| count(*n, "object"));
        format!("{which}  serial {}, {objects}, made at {at}\n", one.serial)
    });
    session.terminal.say(told.collect::<String>().trim_end());
    let (yes, text) = (recording.yes, &format!("Make serial {serial} the state again?"));
    consent(session, Question { done: "recorded", text, word: "restore", yes, no_input: false }).await?;
    let restored = session.restore(&backup, lock_timeout).await?;
    let snapshot = &restored.recovered().snapshot;
    let objects = count(snapshot.resources.len(), "object");
    if session.common.json {
        let document = json!({
            "from": serial, "serial": snapshot.serial, "objects": snapshot.resources.len(),
            "openWrites": restored.recovered().open.len(),
        });
        session.terminal.data(&json::document("state restore", document));
    } else {
        session.terminal.data(&format!(
            "Restored serial {serial} as serial {}: {objects} recorded. Nothing was sent. Next: `reconcile plan`.\n",
            snapshot.serial
        ));
    }
    Ok(Exit::Success)
}
