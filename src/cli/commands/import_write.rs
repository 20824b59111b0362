//! The manifests of imported objects as files: one for each, and none in place of another.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Component, Path, PathBuf};

use crate::cli::error::CliError;
use crate::cli::session::Session;
use crate::domain::address::Address;
use crate::domain::live::Live;
use crate::manifest::write;
use crate::platform::fs;

/// What was written.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// The files, in the order of the objects.
    pub(super) files: Vec<PathBuf>,
    /// How many places have to be filled in.
    pub(super) blanks: usize,
}

/// Writes a file for each object, or none at all when one of the names is taken.
pub(super) fn manifests(
    session: &Session,
    folder: &Path,
    found: &[(Address, Live)],
) -> Result<Written, CliError> {
    let head = schema_line(&session.wired.project.folder, folder);
    let mut pages = Vec::new();
    let mut blanks = 0;
    for (address, live) in found {
        let (text, unknown) = write::manifest(address, live).map_err(|error| CliError::Refused {
            message: format!("nothing was imported: {error}"),
            hint: "import it without --write, or leave it out with --name".to_owned(),
        })?;
        blanks += unknown;
        pages.push((folder.join(format!("{}.yaml", address.name)), format!("{head}{text}")));
    }
    fs::create_folder(folder).map_err(system)?;
    refuse_taken(folder, &pages)?;
    for (path, text) in &pages {
        let mut file = fs::create_new(path).map_err(system)?;
        let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
        written.map_err(|error| CliError::System(format!("cannot write {}: {error}", path.display())))?;
    }
    fs::sync_folder(folder).map_err(system)?;
    Ok(Written { files: pages.into_iter().map(|(path, _)| path).collect(), blanks })
}

/// A name is taken when it differs in its case only: some file systems cannot hold both.
fn refuse_taken(folder: &Path, pages: &[(PathBuf, String)]) -> Result<(), CliError> {
    let name = |path: &PathBuf| path.file_name().map(|name| name.to_string_lossy().to_lowercase());
    let there: BTreeSet<String> = fs::list(folder).map_err(system)?.iter().filter_map(name).collect();
    let taken: Vec<String> = pages
        .iter()
        .filter(|(path, _)| name(path).is_some_and(|name| there.contains(&name)))
        .map(|(path, _)| path.display().to_string())
        .collect();
    if taken.is_empty() {
        return Ok(());
    }
    Err(CliError::Refused {
        message: format!("nothing was imported: these files exist already: {}", taken.join(", ")),
        hint: "no file is overwritten: choose another folder for --write".to_owned(),
    })
}

/// The line that tells an editor where the schema is, if the project has one.
fn schema_line(root: &Path, folder: &Path) -> String {
    const SCHEMA: &str = ".reconcile/schema.json";
    let below =
        std::path::absolute(folder).ok().and_then(|folder| Some(folder.strip_prefix(root).ok()?.to_owned()));
    let Some(below) = below.filter(|_| fs::entry(&root.join(SCHEMA)).is_ok()) else { return String::new() };
    if below.components().any(|part| !matches!(part, Component::Normal(_))) {
        return String::new();
    }
    let up = match below.components().count() {
        0 => "./".to_owned(),
        depth => "../".repeat(depth),
    };
    format!("# yaml-language-server: $schema={up}{SCHEMA}\n")
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that `map_err` wants")]
fn system(error: fs::FsError) -> CliError {
    let source = std::error::Error::source(&error).map(|source| format!(": {source}")).unwrap_or_default();
    CliError::System(format!("{error}{source}; nothing was recorded"))
}
