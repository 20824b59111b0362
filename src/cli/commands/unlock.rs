//! `unlock`: who holds the state's lock. The lock is the kernel's and dies with its owner, so there is never one to
//! break: what a dead run leaves behind is its name.

use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::session::Session;
use crate::state::LockStatus;

pub(super) fn unlock(session: &Session) -> Result<Exit, CliError> {
    let folder = session.wired.state.path().display().to_string();
    match session.wired.state.inspect_lock()? {
        LockStatus::Free => session.terminal.data(&format!("The state in {folder} is not locked.\n")),
        LockStatus::Stale(_) => {
            if let Some(holder) = session.wired.state.clear_stale_lock()? {
                session.terminal.data(&format!(
                    "The state in {folder} is not locked: {holder} is gone, and the lock went with it. Its name was cleared.\n"
                ));
            }
        }
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
    }
    Ok(Exit::Success)
}
