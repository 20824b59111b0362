//! `validate`: manifests only. No socket, no state, no credentials.

use crate::cli::args::Manifests;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::options::paths;
use crate::cli::render::json;
use crate::cli::render::summary::count;
use crate::cli::session::Session;

pub(super) fn validate(session: &Session, manifests: &Manifests) -> Result<Exit, CliError> {
    let loaded = session.manifests(paths(manifests))?;
    let (objects, suites, files) = (loaded.desired.declared().len(), loaded.suites.len(), loaded.files);
    session.terminal.data(&if session.common.json {
        let told = serde_json::json!({"valid": true, "objects": objects, "suites": suites, "files": files});
        json::document("validate", told)
    } else {
        let objects = match (objects, suites) {
            (objects, 0) => count(objects, "object"),
            (0, suites) => count(suites, "suite"),
            (objects, suites) => format!("{} and {}", count(objects, "object"), count(suites, "suite")),
        };
        format!("Valid: {objects} in {}.\n", count(files, "file"))
    });
    Ok(Exit::Success)
}
