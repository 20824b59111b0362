//! Consent to what was just shown. Who cannot be asked is not taken for somebody who agreed.

use crate::cli::error::CliError;
use crate::cli::session::Session;

/// What somebody is asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question<'a> {
    /// What does not happen without consent, as a participle: `changed`, `recorded`, `written`.
    pub(super) done: &'a str,
    /// The question.
    pub(super) text: &'a str,
    /// The word that agrees.
    pub(super) word: &'a str,
    /// It was agreed to beforehand: `--yes`.
    pub(super) yes: bool,
    /// Nobody is to be asked: `--no-input`.
    pub(super) no_input: bool,
}

/// Asks for the word, unless `--yes` was given.
///
/// # Errors
/// [`CliError::Refused`]
pub(super) async fn consent(session: &Session, question: Question<'_>) -> Result<(), CliError> {
    let Question { done, text, word, yes, no_input } = question;
    if yes {
        return Ok(());
    }
    if !session.terminal.interactive || session.common.json || no_input {
        return Err(CliError::Refused {
            message: format!("nothing was {done}: there is nobody to ask here"),
            hint: "review what is shown, then pass --yes".to_owned(),
        });
    }
    session.events.asking(true);
    let answer = session.terminal.ask(&format!("\n{text} Type `{word}` to go on: ")).await;
    session.events.asking(false);
    match answer {
        Some(answer) if answer == word => Ok(()),
        _ => Err(CliError::Refused {
            message: format!("nothing was {done}: it was not agreed to"),
            hint: format!("type the whole word `{word}`, or pass --yes"),
        }),
    }
}
