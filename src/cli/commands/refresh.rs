//! `refresh`: accepts what live says into the state. Writes no manifest and sends nothing that changes anything.

use serde_json::{Value, json};

use super::consent::{Question, consent};
use crate::cli::args::{Manifests, Pace, Recording, Selecting};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::options::{Sending, lock_timeout, paths, selection};
use crate::cli::render::summary::count;
use crate::cli::render::{json, table};
use crate::cli::session::Session;
use crate::domain::field::FieldValue;
use crate::domain::snapshot::Serial;
use crate::engine::executor::record;
use crate::engine::planner::Options;
use crate::engine::refresh::{Acceptance, Accepted, acceptances};

pub(super) async fn refresh(
    session: &Session,
    manifests: &Manifests,
    recording: &Recording,
    selecting: &Selecting,
    pace: &Pace,
) -> Result<Exit, CliError> {
    let sending = Sending::try_from(pace)?;
    let lock_timeout = lock_timeout(&recording.lock)?;
    let options = Options { selection: selection(selecting)?, ..Options::default() };
    let loaded = session.manifests(paths(manifests))?;
    let services = session.services()?;
    let mut state = session.lock("refresh", lock_timeout).await?;
    let recovered = state.recovered().clone();
    if !recovered.open.is_empty() {
        return Err(CliError::Refused {
            message: format!(
                "nothing was recorded: a run that was cut off left {} open",
                count(recovered.open.len(), "request")
            ),
            hint: "reconcile apply looks up what became of them".to_owned(),
        });
    }
    let desired = session.resolve(loaded.desired, Some(&mut state))?;
    let planned = session.plan(&services.provider, &desired, recovered, &options, sending).await?;
    let found = acceptances(&planned.plan, &planned.settled.snapshot, &planned.evidence.live);
    let recovered = planned.evidence.recovered;
    if !session.common.json {
        session.terminal.data(&text(&found));
    }
    let mut serial = recovered.snapshot.serial;
    if !found.is_empty() {
        let question = format!("Record this of {}?", count(found.len(), "object"));
        let word = if found.iter().any(|object| object.what == Accepted::Absent) { "forget" } else { "yes" };
        let (yes, text) = (recording.yes, &question);
        consent(session, Question { done: "recorded", text, word, yes, no_input: false }).await?;
        serial = record(&mut state, recovered, found.iter().cloned().map(Acceptance::change).collect())?;
    }
    if session.common.json {
        session.terminal.data(&json::document("refresh", document(&found, serial)));
    } else if !found.is_empty() {
        let objects = count(found.len(), "object");
        session
            .terminal
            .data(&format!("Recorded what live says of {objects} (serial {serial}). Nothing was sent.\n"));
    }
    Ok(Exit::Success)
}

fn text(found: &[Acceptance]) -> String {
    if found.is_empty() {
        return "Nothing to record: live is as it was last applied.\n".to_owned();
    }
    let cell = |value: Option<&FieldValue>| value.map_or_else(|| "-".to_owned(), ToString::to_string);
    let rows = found.iter().flat_map(|object| {
        let address = object.address.to_string();
        match &object.what {
            Accepted::Absent => {
                vec![vec![
                    address,
                    "-".to_owned(),
                    "absent".to_owned(),
                    "recorded".to_owned(),
                    "forgotten".to_owned(),
                ]]
            }
            Accepted::Fields { moved, record: _ } => moved
                .iter()
                .map(|verdict| {
                    vec![
                        address.clone(),
                        verdict.field.clone(),
                        verdict.word.as_str().to_owned(),
                        cell(verdict.recorded.as_ref()),
                        cell(verdict.live.as_ref()),
                    ]
                })
                .collect(),
        }
    });
    let table = table::render(&["OBJECT", "FIELD", "VERDICT", "RECORDED", "-> LIVE"], rows.collect());
    format!("{table}\n")
}

fn document(found: &[Acceptance], serial: Serial) -> Value {
    let objects = found.iter().map(|object| {
        let (accepted, fields) = match &object.what {
            Accepted::Absent => ("forgotten", Vec::new()),
            Accepted::Fields { moved, record: _ } => ("recorded", moved.iter().map(json::verdict).collect()),
        };
        json!({
            "address": object.address.to_string(), "id": object.key.to_string(), "result": accepted, "fields": fields,
        })
    });
    json!({"objects": objects.collect::<Vec<_>>(), "serial": serial})
}
