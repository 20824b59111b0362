//! `help`: a command's help, the exit codes, or what `explain` explains.

use clap::CommandFactory;
use serde_json::{Value, json};

use crate::cli::args::Cli;
use crate::cli::error::CliError;
use crate::cli::exit::{Exit, TABLE};
use crate::cli::reference::explain::find;
use crate::cli::render::json;
use crate::cli::terminal::Terminal;

pub(super) fn help(topic: &[String], as_json: bool, terminal: Terminal) -> Result<Exit, CliError> {
    let (text, document) = match topic {
        [only] if only == "exit-codes" => (exit_codes(), json!({"exitCodes": table()})),
        // A command and a kind never share a name: commands are in lower case.
        [only] if let Ok(topic) = find(only) => (topic.text(), topic.json()),
        _ => {
            let text =
                command(topic, Terminal { stdout_colour: terminal.stdout_colour && !as_json, ..terminal })?;
            (text.clone(), json!({"text": text}))
        }
    };
    terminal.data(&if as_json { json::document("help", document) } else { text });
    Ok(Exit::Success)
}

fn table() -> Vec<Value> {
    TABLE.iter().map(|(exit, meaning)| json!({"exit": exit.code(), "meaning": meaning})).collect()
}

fn exit_codes() -> String {
    let mut text = String::new();
    for (exit, meaning) in TABLE {
        text.push_str(&format!("{:>4}  {meaning}\n", exit.code()));
    }
    text
}

fn command(topic: &[String], terminal: Terminal) -> Result<String, CliError> {
    let mut command = Cli::command();
    command.build();
    let mut found = &mut command;
    for name in topic {
        found = found.find_subcommand_mut(name).ok_or_else(|| {
            CliError::Usage(format!("there is no command, error code or kind `{}`", topic.join(" ")))
        })?;
    }
    let text = found.render_long_help();
    Ok(if terminal.stdout_colour { text.ansi().to_string() } else { text.to_string() })
}
