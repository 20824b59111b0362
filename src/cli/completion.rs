//! Completion: the shell asks the program, which knows its commands and flags and the addresses that its state records.
//!
//! Every argument whose value is called KIND/NAME, or begins so, is completed with addresses. The one place that knows the library, whose
//! interface for this is not settled. Takes no lock, opens no socket; whatever is wrong, there is just nothing to offer.

use std::ffi::OsString;

use clap::{CommandFactory as _, FromArgMatches as _};
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use clap_complete::env::{CompleteEnv, Shells};

use super::args::{Cli, Global, Shell};
use super::error::CliError;
use super::exit::Exit;
use super::options::Common;
use super::wire::wire;

/// The variable by which a script asks.
const VARIABLE: &str = "RECONCILE_COMPLETE";

/// The script that makes a shell ask.
///
/// # Errors
/// [`CliError::System`] when the library cannot write it.
pub(crate) fn script(shell: Shell) -> Result<String, CliError> {
    let cannot = |why: &str| CliError::System(format!("there is no script for {}: {why}", shell.as_str()));
    let mut script = Vec::new();
    Shells::builtins()
        .completer(shell.as_str())
        .ok_or_else(|| cannot("the shell is not known"))?
        .write_registration(VARIABLE, "reconcile", "reconcile", "reconcile", &mut script)
        .map_err(|error| cannot(&error.to_string()))?;
    String::from_utf8(script).map_err(|error| cannot(&error.to_string()))
}

/// Answers a shell that asks; `None` when none does.
pub(crate) fn answered(args: &[OsString]) -> Option<Exit> {
    // Behind `--` stands the line as far as it is typed.
    let line: Vec<OsString> = args.iter().skip_while(|arg| *arg != "--").skip(1).cloned().collect();
    let folder = std::env::current_dir().ok();
    let answer = CompleteEnv::with_factory(|| with_addresses(Cli::command(), &line))
        .var(VARIABLE)
        .try_complete(args.iter().cloned(), folder.as_deref());
    match answer {
        Ok(false) => None,
        Ok(true) => Some(Exit::Success),
        Err(_) => Some(Exit::Error),
    }
}

fn with_addresses(command: clap::Command, line: &[OsString]) -> clap::Command {
    let is_address = |arg: &clap::Arg| {
        arg.get_value_names().is_some_and(|names| names.iter().any(|name| name.starts_with("KIND/NAME")))
    };
    command.mut_subcommands(|command| with_addresses(command, line)).mut_args(|arg| {
        if !is_address(&arg) {
            return arg;
        }
        let line = line.to_vec();
        arg.add(ArgValueCandidates::new(move || addresses(&line).unwrap_or_default()))
    })
}

/// The recorded addresses of the profile and state that the line names.
fn addresses(line: &[OsString]) -> Option<Vec<CompletionCandidate>> {
    let matches = Cli::command().ignore_errors(true).try_get_matches_from(line).ok()?;
    let common = Common::from(&Global::from_arg_matches(&matches).ok()?);
    let wired = wire(&common, &std::env::current_dir().ok()?).ok()?;
    let recorded = wired.state.read().ok()??;
    let addresses = recorded.snapshot.resources.values().map(|recorded| recorded.address.to_string());
    Some(addresses.map(CompletionCandidate::new).collect())
}
