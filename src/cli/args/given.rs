//! Which options were given, and how: what `config` tells of flags and their variables.

use clap::parser::ValueSource;
use clap::{ArgMatches, Command};

/// How an option got its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// On the command line.
    Flag,
    /// By its variable.
    Variable,
    /// Not at all: what it has is its default.
    Default,
}

/// One option of a command that has a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Given {
    /// Its long form, without dashes.
    pub(crate) name: String,
    /// Its variable.
    pub(crate) variable: String,
    /// Its value, or its default; `None` when it has neither.
    pub(crate) value: Option<String>,
    /// How it got it.
    pub(crate) how: How,
    /// Whether every command has it.
    pub(crate) global: bool,
}

/// The options of the command that was named, those of every command included. Hidden ones are left out.
pub(crate) fn given(command: &Command, matches: &ArgMatches) -> Vec<Given> {
    if let Some((name, inner)) = matches.subcommand()
        && let Some(command) = command.find_subcommand(name)
    {
        return given(command, inner);
    }
    let shown = command.get_arguments().filter(|argument| !argument.is_hide_set());
    shown
        .filter_map(|argument| {
            let id = argument.get_id().as_str();
            let values = matches.try_get_raw(id).ok().flatten().map(|values| {
                values.map(|value| value.to_string_lossy().into_owned()).collect::<Vec<_>>().join(",")
            });
            Some(Given {
                name: argument.get_long()?.to_owned(),
                variable: argument.get_env()?.to_string_lossy().into_owned(),
                value: values,
                how: match matches.value_source(id) {
                    Some(ValueSource::CommandLine) => How::Flag,
                    Some(ValueSource::EnvVariable) => How::Variable,
                    _ => How::Default,
                },
                global: argument.is_global_set(),
            })
        })
        .collect()
}
