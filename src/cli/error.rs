//! What ends a command early, as the person reads it.

use super::exit::Exit;
use super::render::diagnostic::{Colour, render};
use super::render::summary::count;
use super::terminal::Terminal;
use crate::domain::diagnostic::{Diagnostic, Severity};
use crate::domain::journal::RunId;
use crate::engine::planner::PlanError;
use crate::ports::provider::ProviderError;
use crate::ports::state_store::StateError;
use crate::saved::SavedError;

/// What ends a command early.
#[derive(Debug)]
pub(crate) enum CliError {
    /// The command line asks for something that cannot be.
    Usage(String),
    /// Manifests or the project file are wrong.
    Manifest(Vec<Diagnostic>),
    /// The settings of the profile are wrong or incomplete.
    Settings(String),
    /// The state.
    State(StateError),
    /// A read from the service.
    Provider(ProviderError),
    /// There is no plan.
    Plan(PlanError),
    /// The emulator.
    Emulator(String),
    /// A deliberate no.
    Refused {
        /// The fact.
        message: String,
        /// What would allow it.
        hint: String,
    },
    /// A saved plan or a live snapshot.
    Saved(SavedError),
    /// A saved plan no longer fits: one line for each thing that moved.
    Stale(Vec<String>),
    /// The plan of this run, which was cut off, no longer fits: one line for each thing that moved.
    Unfinishable(RunId, Vec<String>),
    /// Something that was asked for is not there.
    NotFound(String),
    /// The operating system.
    System(String),
    /// A signal ended it at once, with this exit code.
    Interrupted(Exit),
    /// A bug.
    Internal(String),
}

impl From<StateError> for CliError {
    fn from(error: StateError) -> Self {
        CliError::State(error)
    }
}

impl From<ProviderError> for CliError {
    fn from(error: ProviderError) -> Self {
        CliError::Provider(error)
    }
}

impl From<SavedError> for CliError {
    fn from(error: SavedError) -> Self {
        CliError::Saved(error)
    }
}

impl From<PlanError> for CliError {
    fn from(error: PlanError) -> Self {
        CliError::Plan(error)
    }
}

impl CliError {
    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            CliError::Usage(_)
            | CliError::Plan(PlanError::Unmatched { .. } | PlanError::ReplaceNotSelected(_)) => Exit::Usage,
            CliError::Manifest(_) | CliError::Plan(PlanError::Cycle(_)) => Exit::Manifest,
            CliError::State(error) => error.into(),
            CliError::Provider(error) => error.into(),
            CliError::Saved(error) => error.into(),
            CliError::Refused { .. } | CliError::Stale(_) | CliError::Unfinishable(..) => Exit::Refused,
            CliError::Plan(PlanError::NotObserved(_)) | CliError::Internal(_) => Exit::Internal,
            CliError::Interrupted(exit) => *exit,
            CliError::Settings(_) | CliError::Emulator(_) | CliError::NotFound(_) | CliError::System(_) => {
                Exit::Error
            }
        }
    }

    /// The fact, in one line.
    pub(crate) fn message(&self) -> String {
        match self {
            CliError::Manifest(diagnostics) => errors(diagnostics),
            CliError::Usage(message)
            | CliError::Settings(message)
            | CliError::Emulator(message)
            | CliError::NotFound(message)
            | CliError::System(message)
            | CliError::Internal(message)
            | CliError::Refused { message, hint: _ } => message.clone(),
            CliError::Plan(plan) => plan.to_string(),
            CliError::Provider(provider) => provider.to_string(),
            CliError::Saved(saved) => saved.to_string(),
            CliError::Stale(_) => "nothing was sent: the saved plan no longer fits".to_owned(),
            CliError::Unfinishable(run, _) => {
                format!("nothing was sent: the plan of run {run} no longer fits")
            }
            CliError::State(state) => state.to_string(),
            CliError::Interrupted(Exit::Terminated) => "terminated by a signal".to_owned(),
            CliError::Interrupted(_) => "interrupted by a signal".to_owned(),
        }
    }

    /// What caused it, outermost first.
    pub(crate) fn causes(&self) -> Vec<String> {
        match self {
            CliError::Saved(saved) => sources(saved),
            CliError::Stale(moved) | CliError::Unfinishable(_, moved) => moved.clone(),
            CliError::State(state) => sources(state),
            _ => Vec::new(),
        }
    }

    /// The remedy.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            CliError::Usage(_) => Some("reconcile help COMMAND".to_owned()),
            CliError::Refused { message: _, hint } => Some(hint.clone()),
            CliError::Plan(plan) => plan_hint(plan),
            CliError::Provider(provider) => provider.hint.clone(),
            CliError::Stale(_) => Some("make a new one: reconcile plan --out FILE".to_owned()),
            CliError::Unfinishable(..) => {
                Some("plan anew: `reconcile apply` looks what became of that run first".to_owned())
            }
            CliError::State(state) => state_hint(state).map(str::to_owned),
            CliError::Internal(_) => Some("this is a bug in reconcile: please report it".to_owned()),
            CliError::Interrupted(_) => {
                Some("apply again: what became of open requests is looked up first".to_owned())
            }
            CliError::Manifest(_)
            | CliError::Settings(_)
            | CliError::Saved(_)
            | CliError::Emulator(_)
            | CliError::NotFound(_)
            | CliError::System(_) => None,
        }
    }

    /// The diagnostics behind it.
    pub(crate) fn diagnostics(&self) -> &[Diagnostic] {
        if let CliError::Manifest(diagnostics) = self { diagnostics } else { &[] }
    }

    /// Tells the person: the fact, its sources as a list, the remedy.
    pub(crate) fn tell(&self, terminal: Terminal) {
        match self {
            CliError::Manifest(diagnostics) => tell_diagnostics(diagnostics, terminal),
            // Whoever sent the signal knows.
            CliError::Interrupted(_) => {}
            _ => error(terminal, &self.message(), &self.causes(), self.hint().as_deref()),
        }
    }
}

/// An error and what is behind it.
pub(crate) fn with_cause(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}

/// `2 errors. Nothing was sent and nothing was changed.`
fn errors(diagnostics: &[Diagnostic]) -> String {
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
    format!("{}. Nothing was sent and nothing was changed.", count(errors, "error"))
}

/// Renders every diagnostic and counts them.
pub(crate) fn tell_diagnostics(diagnostics: &[Diagnostic], terminal: Terminal) {
    let colour = if terminal.stderr_colour { Colour::Always } else { Colour::Never };
    for diagnostic in diagnostics {
        terminal.insist(&render(diagnostic, colour));
        terminal.insist("");
    }
    if diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        terminal.insist(&errors(diagnostics));
    }
}

fn error(terminal: Terminal, message: &str, sources: &[String], hint: Option<&str>) {
    let style = super::render::style::Style::new(terminal.stderr_colour);
    terminal.insist(&format!("{}: {message}", style.error("error")));
    for source in sources {
        terminal.insist(&format!("  because: {source}"));
    }
    if let Some(hint) = hint {
        terminal.insist(&format!("{}: {hint}", style.help("help")));
    }
}

fn sources(error: &dyn std::error::Error) -> Vec<String> {
    let mut sources = Vec::new();
    let mut source = error.source();
    while let Some(cause) = source {
        sources.push(cause.to_string());
        source = cause.source();
    }
    sources
}

fn plan_hint(error: &PlanError) -> Option<String> {
    match error {
        PlanError::Unmatched { asked, known, .. } => {
            Some(match super::options::meant(asked, known) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "`reconcile plan` without it shows what there is; quote patterns, so that the shell leaves them".to_owned(),
            })
        }
        PlanError::ReplaceNotSelected(_) | PlanError::NotObserved(_) | PlanError::Cycle(_) => None,
    }
}

fn state_hint(error: &StateError) -> Option<&'static str> {
    match error {
        StateError::Locked { .. } => Some("wait with --lock-timeout 5m, or see `reconcile unlock`"),
        StateError::Watched { .. } => {
            Some("one watcher for each state: end that one, or give this one another --state")
        }
        StateError::Corrupt { backups, .. } if !backups.is_empty() => Some(
            "`reconcile state history` shows the backups, `reconcile state restore SERIAL` puts one in its place",
        ),
        StateError::LockUnsupported { .. } => Some("keep the state on a local file system: --state DIR"),
        _ => None,
    }
}
