//! `unlock`: who holds the state's lock. The lock is the kernel's and dies with its owner, so there is never one to
//! break: what a dead run leaves behind is its name.

use serde_json::json;

use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::render::json;
use crate::cli::session::Session;
use crate::state::LockStatus;

pub(super) fn unlock(session: &Session) -> Result<Exit, CliError> {
    let folder = session.wired.state.path().display().to_string();
    let cleared = match session.wired.state.inspect_lock()? {
        LockStatus::Free => None,
        LockStatus::Stale(_) => session.wired.state.clear_stale_lock()?,
        LockStatus::Held(holder) => {
            let holder =
                holder.map_or_else(|| "a process that did not leave its name".to_owned(), |h| h.to_string());
            return Err(CliError::Refused {
                message: format!(
                    "the state in {folder} is locked by {holder}, and the lock is held by the kernel for it"
                ),
                hint: "wait for it, or end that process: the lock ends with it".to_owned(),
            });
        }
    };
    session.terminal.data(&match (session.common.json, cleared) {
        (true, cleared) => {
            let document = json!({"folder": folder, "locked": false, "cleared": cleared});
            json::document("unlock", document)
        }
        (false, None) => format!("The state in {folder} is not locked.\n"),
        (false, Some(holder)) => format!(
            "The state in {folder} is not locked: {holder} is gone, and the lock went with it. Its name was cleared.\n"
        ),
    });
    Ok(Exit::Success)
}
