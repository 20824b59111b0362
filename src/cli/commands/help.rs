//! `help`: a command's help, or the exit codes.

use clap::CommandFactory;

use crate::cli::args::Cli;
use crate::cli::error::CliError;
use crate::cli::exit::{Exit, TABLE};
use crate::cli::terminal::Terminal;

pub(super) fn help(topic: &[String], terminal: Terminal) -> Result<Exit, CliError> {
    if topic == ["exit-codes"] {
        for (exit, text) in TABLE {
            terminal.data(&format!("{:>4}  {text}\n", exit.code()));
        }
        return Ok(Exit::Success);
    }
    let mut command = Cli::command();
    command.build();
    let mut found = &mut command;
    for name in topic {
        found = found
            .find_subcommand_mut(name)
            .ok_or_else(|| CliError::Usage(format!("there is no command `{}`", topic.join(" "))))?;
    }
    let text = found.render_long_help();
    let text = if terminal.stdout_colour { text.ansi().to_string() } else { text.to_string() };
    terminal.data(&text);
    Ok(Exit::Success)
}
