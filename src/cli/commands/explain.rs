//! `explain`: a kind, one of its fields, or a diagnostic's code. Needs no project.

use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::reference::explain::find;
use crate::cli::render::json;
use crate::cli::terminal::Terminal;

pub(super) fn explain(topic: &str, as_json: bool, terminal: Terminal) -> Result<Exit, CliError> {
    let topic = find(topic).map_err(|unknown| CliError::Usage(unknown.to_string()))?;
    terminal.data(&if as_json { json::document("explain", topic.json()) } else { topic.text() });
    Ok(Exit::Success)
}
