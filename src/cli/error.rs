//! What ends a command early, as the person reads it.

use super::exit::Exit;
use super::render::diagnostic::{Colour, render};
use super::terminal::Terminal;
use crate::domain::diagnostic::{Diagnostic, Severity};
use crate::engine::planner::PlanError;
use crate::ports::provider::ProviderError;
use crate::ports::state_store::StateError;

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
    /// Something that was asked for is not there.
    NotFound(String),
    /// The operating system.
    System(String),
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

impl From<PlanError> for CliError {
    fn from(error: PlanError) -> Self {
        CliError::Plan(error)
    }
}

impl CliError {
    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            CliError::Usage(_) => Exit::Usage,
            CliError::Manifest(_) | CliError::Plan(PlanError::Cycle(_)) => Exit::Manifest,
            CliError::State(error) => error.into(),
            CliError::Provider(error) => error.into(),
            CliError::Refused { .. } => Exit::Refused,
            CliError::Plan(PlanError::NotObserved(_)) => Exit::Internal,
            CliError::Settings(_) | CliError::Emulator(_) | CliError::NotFound(_) | CliError::System(_) => {
                Exit::Error
            }
        }
    }

    /// Tells the person: the fact, its sources as a list, the remedy.
    pub(crate) fn tell(&self, terminal: Terminal) {
        match self {
            CliError::Manifest(diagnostics) => tell_diagnostics(diagnostics, terminal),
            CliError::Usage(message) => error(terminal, message, &[], Some("reconcile help COMMAND")),
            CliError::Settings(message)
            | CliError::Emulator(message)
            | CliError::NotFound(message)
            | CliError::System(message) => error(terminal, message, &[], None),
            CliError::Refused { message, hint } => error(terminal, message, &[], Some(hint)),
            CliError::Plan(plan) => error(terminal, &plan.to_string(), &[], None),
            CliError::Provider(provider) => {
                error(terminal, &provider.to_string(), &[], provider.hint.as_deref());
            }
            CliError::State(state) => error(terminal, &state.to_string(), &sources(state), state_hint(state)),
        }
    }
}

/// Renders every diagnostic and counts them.
pub(crate) fn tell_diagnostics(diagnostics: &[Diagnostic], terminal: Terminal) {
    let colour = if terminal.stderr_colour { Colour::Always } else { Colour::Never };
    for diagnostic in diagnostics {
        terminal.insist(&render(diagnostic, colour));
        terminal.insist("");
    }
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
    if errors > 0 {
        let s = if errors == 1 { "" } else { "s" };
        terminal.insist(&format!("{errors} error{s}. Nothing was sent and nothing was changed."));
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

fn state_hint(error: &StateError) -> Option<&'static str> {
    match error {
        StateError::Locked { .. } => Some("wait with --lock-timeout 5m, or see `reconcile unlock`"),
        StateError::Corrupt { backups, .. } if !backups.is_empty() => Some(
            "`reconcile state history` shows the backups, `reconcile state restore SERIAL` puts one in its place",
        ),
        StateError::LockUnsupported { .. } => Some("keep the state on a local file system: --state DIR"),
        _ => None,
    }
}
