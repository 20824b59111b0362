//! `schema`: the JSON Schema of manifests, of the event stream, of the API of a watch, or of what a webhook is sent. Needs no
//! project. It is a document of its own whatever `-o` says: what reads it is an editor.

use crate::cli::error::CliError;
use crate::cli::events;
use crate::cli::exit::Exit;
use crate::cli::notification;
use crate::cli::reference::schema;
use crate::cli::terminal::Terminal;
use crate::dashboard;
use crate::domain::manifest_kind::{ManifestKind, UnknownKind};

pub(super) fn schema(topic: Option<&str>, terminal: Terminal) -> Result<Exit, CliError> {
    let other = match topic {
        Some("events") => Some(events::schema()),
        Some("api") => Some(dashboard::schema()),
        Some("notification") => Some(notification::schema()),
        _ => None,
    };
    if let Some(schema) = other {
        terminal.data(&format!("{schema:#}\n"));
        return Ok(Exit::Success);
    }
    let kind: Option<ManifestKind> =
        topic.map(str::parse).transpose().map_err(|error: UnknownKind| CliError::Usage(error.to_string()))?;
    let schema = kind.map_or_else(schema::of_all, schema::of);
    terminal.data(&format!("{schema:#}\n"));
    Ok(Exit::Success)
}
