//! From words to a command: clap's errors in our form, and what was given how.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgMatches, CommandFactory, FromArgMatches};

use super::args::{Cli, Given, When, given};
use super::error::CliError;
use super::exit::Exit;
use super::render::json;
use super::terminal::Terminal;
use crate::platform::env;

/// A command line that was understood.
pub(crate) struct Parsed {
    pub(crate) cli: Cli,
    /// The name of its command, such as `state mv`.
    pub(crate) command: String,
    /// Its options, and how each was given.
    pub(crate) given: Vec<Given>,
}

/// Reads a command line.
///
/// # Errors
/// What clap says of it; also when it asks for help or the version.
pub(crate) fn parse(args: &[OsString]) -> Result<Parsed, clap::Error> {
    let mut all = Cli::command();
    let matches = all.try_get_matches_from_mut(args).map_err(|error| plainly(error, &mut all, args))?;
    let cli = Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut all))?;
    Ok(Parsed { cli, command: name(&matches), given: given(&all, &matches) })
}

/// The error with the usage of its command. clap's own line asks for every option that a variable has set, as if it
/// were required.
fn plainly(mut error: clap::Error, command: &mut clap::Command, args: &[OsString]) -> clap::Error {
    if error.get(ContextKind::Usage).is_none() {
        return error;
    }
    command.build();
    let mut named: &clap::Command = command;
    for arg in args.iter().skip(1) {
        named = named.find_subcommand(arg).unwrap_or(named);
    }
    error.insert(ContextKind::Usage, ContextValue::StyledStr(named.clone().render_usage()));
    error
}

fn name(matches: &ArgMatches) -> String {
    let mut words = Vec::new();
    let mut at = matches.subcommand();
    while let Some((word, below)) = at {
        words.push(word);
        at = below.subcommand();
    }
    words.join(" ")
}

/// clap's own errors: help and version are no errors, everything else is a usage error (never 2, which means changes).
pub(crate) fn refuse(error: &clap::Error, args: &[OsString]) -> Exit {
    if error.print().is_err() {
        tracing::debug!("the stream is closed");
    }
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return Exit::Success;
    }
    let words: Vec<&str> = args.iter().skip(1).filter_map(|word| word.to_str()).collect();
    if wants_json(&words) {
        let text = error.to_string();
        let fact = text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        let terminal = Terminal::detect(When::Never, true);
        terminal.data(&json::error(&understood(&words), &CliError::Usage(fact)));
    }
    Exit::Usage
}

/// Whether a line that clap does not take asks for a document all the same.
fn wants_json(words: &[&str]) -> bool {
    let flagged = words.iter().enumerate().find_map(|(at, word)| match *word {
        "-o" | "--output" => words.get(at + 1).copied(),
        word => word.strip_prefix("--output=").or_else(|| word.strip_prefix("-o")),
    });
    flagged.map(str::to_owned).or_else(|| env::var("RECONCILE_OUTPUT")).is_some_and(|output| output == "json")
}

/// The name of the command in such a line, as far as there is one.
fn understood(words: &[&str]) -> String {
    let all = Cli::command();
    let mut at = &all;
    let mut name = Vec::new();
    for word in words {
        if let Some(below) = at.find_subcommand(word) {
            (at, name) = (below, [name, vec![*word]].concat());
        }
    }
    name.join(" ")
}
