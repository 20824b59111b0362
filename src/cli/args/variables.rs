//! Every flag has its variable: `--lock-timeout` is `RECONCILE_LOCK_TIMEOUT` (features 3.10). The exceptions are here.

use clap::{ArgAction, CommandFactory};

use super::Cli;

/// A variable holds one text, so it cannot say something several times.
const REPEATABLE: &str = "is given several times";
/// What is agreed to once must not be agreed to for every run of a shell.
const CONSENT: &str = "agrees to this one run";
/// It says what to look at or to name, as a positional argument does.
const POSITIONAL: &str = "says what this one command is about";

const WITHOUT: &[(&str, &str)] = &[
    ("set", REPEATABLE),
    ("filename", REPEATABLE),
    ("replace", REPEATABLE),
    ("fail", REPEATABLE),
    ("fault", REPEATABLE),
    ("fail-at", POSITIONAL),
    ("crash-at", POSITIONAL),
    ("deny-role", REPEATABLE),
    ("yes", CONSENT),
    ("delete-strays", CONSENT),
    ("write", CONSENT),
    ("prune", CONSENT),
    ("resume", POSITIONAL),
    ("replay", POSITIONAL),
    ("out", POSITIONAL),
    ("workspace", POSITIONAL),
    ("namespace", POSITIONAL),
    ("all", POSITIONAL),
    ("as", POSITIONAL),
    ("name", POSITIONAL),
    ("unmanaged", POSITIONAL),
    ("show-origin", POSITIONAL),
];

/// What is wrong with the flags of a command and of those below it.
fn findings(command: &clap::Command, used: &mut Vec<&'static str>, found: &mut Vec<String>) {
    for argument in command.get_arguments().filter(|argument| !argument.is_positional()) {
        let Some(long) = argument.get_long() else {
            found.push(format!("{}: -{:?} has no long form", command.get_name(), argument.get_short()));
            continue;
        };
        if matches!(argument.get_action(), ArgAction::Help | ArgAction::HelpLong | ArgAction::Version) {
            continue;
        }
        let mechanical = format!("RECONCILE_{}", long.to_uppercase().replace('-', "_"));
        let variable = argument.get_env().map(|name| name.to_string_lossy().into_owned());
        let exception = WITHOUT.iter().find(|(name, _)| *name == long);
        match (variable, exception) {
            (None, Some((name, _))) => used.push(name),
            (Some(variable), None) if variable == mechanical => {}
            (variable, _) => {
                found.push(format!("{} --{long}: {variable:?} in place of {mechanical}", command.get_name()));
            }
        }
    }
    for inner in command.get_subcommands() {
        findings(inner, used, found);
    }
}

#[test]
fn every_flag_has_the_variable_of_its_name_or_a_reason_to_have_none() {
    let mut command = Cli::command();
    command.build();
    let (mut used, mut found) = (Vec::new(), Vec::new());
    findings(&command, &mut used, &mut found);
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
    for (name, reason) in WITHOUT {
        assert!(used.contains(name), "--{name}, which {reason}, is no flag any more");
    }
}
