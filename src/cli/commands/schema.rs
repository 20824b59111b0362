//! `schema`: the JSON Schema of manifests. Needs no project.

use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::reference::schema;
use crate::cli::terminal::Terminal;
use crate::domain::address::Kind;

pub(super) fn schema(kind: Option<&str>, terminal: Terminal) -> Result<Exit, CliError> {
    let kind: Option<Kind> = kind
        .map(str::parse)
        .transpose()
        .map_err(|error: crate::domain::address::AddressError| CliError::Usage(error.to_string()))?;
    let schema = kind.map_or_else(schema::of_all, schema::of);
    terminal.data(&format!("{schema:#}\n"));
    Ok(Exit::Success)
}
