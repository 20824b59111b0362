//! `help`: a command's help, the exit codes, an error code, or the fields of a kind.

use clap::CommandFactory;

use crate::cli::args::Cli;
use crate::cli::error::CliError;
use crate::cli::exit::{Exit, TABLE};
use crate::cli::render::table;
use crate::cli::terminal::Terminal;
use crate::domain::address::Kind;
use crate::domain::field::{Carried, OnChange, Readable};
use crate::domain::rules::rules;
use crate::manifest::codes;

pub(super) fn help(topic: &[String], terminal: Terminal) -> Result<Exit, CliError> {
    let text = match topic {
        [only] if only == "exit-codes" => exit_codes(),
        [only] => match (code(only), only.parse().ok()) {
            (Some(text), _) => text,
            (None, Some(kind)) => fields(kind),
            (None, None) => command(topic, terminal)?,
        },
        _ => command(topic, terminal)?,
    };
    terminal.data(&text);
    Ok(Exit::Success)
}

fn exit_codes() -> String {
    let mut text = String::new();
    for (exit, meaning) in TABLE {
        text.push_str(&format!("{:>4}  {meaning}\n", exit.code()));
    }
    text
}

/// What a diagnostic's code means, and what to do.
fn code(topic: &str) -> Option<String> {
    let wanted = topic.to_uppercase();
    let entry = codes::TABLE.iter().find(|entry| entry.code.to_string() == wanted)?;
    Some(format!("{}: {}\n\n{}\n", entry.code, entry.title, entry.explanation))
}

/// The field table of a kind: what is required, what a change does, and whether live shows it.
fn fields(kind: Kind) -> String {
    let rows: Vec<Vec<String>> = rules(kind)
        .iter()
        .map(|rule| {
            let change = match (rule.on_change, rule.carried) {
                (OnChange::ForceNew, _) => "force-new",
                (OnChange::InPlace, Carried::Remotely) => "in place",
                (OnChange::InPlace, Carried::InStateOnly) => "state only",
            };
            let readable = match rule.readable {
                Readable::Yes => "yes",
                Readable::Key => "key",
                Readable::Deep => "by itself",
                Readable::No => "no",
            };
            let required = if rule.required { "yes" } else { "no" };
            [&format!("spec.{}", rule.name), required, change, readable, rule.help]
                .map(str::to_owned)
                .to_vec()
        })
        .collect();
    table::render(&["FIELD", "REQUIRED", "ON CHANGE", "READABLE", "MEANING"], rows)
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
