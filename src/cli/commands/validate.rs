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
    let (objects, files) = (loaded.desired.declared().len(), loaded.files);
    session.terminal.data(&if session.common.json {
        json::document("validate", serde_json::json!({"valid": true, "objects": objects, "files": files}))
    } else {
        format!("Valid: {} in {}.\n", count(objects, "object"), count(files, "file"))
    });
    Ok(Exit::Success)
}
