//! `state check`: everything that is wrong with the state's files, each with its remedy. Takes no lock, opens no socket.

use serde_json::json;

use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::render::json;
use crate::cli::render::style::Style;
use crate::cli::render::summary::count;
use crate::cli::session::Session;

pub(super) fn state_check(session: &Session) -> Result<Exit, CliError> {
    let findings = session.wired.state.check()?;
    if session.common.json {
        let findings = findings
            .iter()
            .map(|finding| json!({"finding": finding.to_string(), "remedy": finding.remedy()}));
        let document = json!({"findings": findings.collect::<Vec<_>>()});
        session.terminal.data(&json::document("state check", document));
    } else {
        let style = Style::new(session.terminal.stdout_colour);
        for finding in &findings {
            session.terminal.data(&format!("{finding}\n  {}: {}\n", style.help("help"), finding.remedy()));
        }
        let folder = session.wired.state.path().display();
        session.terminal.data(&match findings.len() {
            0 => format!("The state in {folder} is sound.\n"),
            n => format!("{} in {folder}.\n", count(n, "finding")),
        });
    }
    Ok(if findings.is_empty() { Exit::Success } else { Exit::Error })
}
