//! Consent to a change of the state alone. Who cannot be asked is not taken for somebody who agreed.

use crate::cli::error::CliError;
use crate::cli::session::Session;

/// Asks for the word, unless `--yes` was given.
pub(super) async fn consent(
    session: &Session,
    yes: bool,
    question: &str,
    word: &str,
) -> Result<(), CliError> {
    if yes {
        return Ok(());
    }
    if !session.terminal.interactive || session.common.json {
        return Err(CliError::Refused {
            message: "nothing was recorded: there is nobody to ask here".to_owned(),
            hint: "look at what would be recorded, then pass --yes".to_owned(),
        });
    }
    match session.terminal.ask(&format!("\n{question} Type `{word}` to go on: ")).await {
        Some(answer) if answer == word => Ok(()),
        _ => Err(CliError::Refused {
            message: "nothing was recorded: it was not agreed to".to_owned(),
            hint: format!("type the whole word `{word}`, or pass --yes"),
        }),
    }
}
