//! Collects what the reports are made from, and writes them when the run has ended.

use std::io::Write;
use std::sync::{Mutex, PoisonError};

use super::actions::Step;
use super::facts::Facts;
use super::github::summary;
use super::locate::Repository;
use super::wanted::{Format, Wanted};
use super::{code_quality, gitlab_terraform, junit, sarif};
use crate::cli::args::Output;
use crate::cli::error::{CliError, with_cause};
use crate::cli::exit::Exit;
use crate::cli::terminal::Terminal;
use crate::platform::env;

/// The variable of `--report`.
const VARIABLE: &str = "RECONCILE_REPORT";

/// The reports of a run, or none.
pub(crate) struct Reports {
    /// None when no report is wanted, and when they are written.
    inner: Mutex<Option<Inner>>,
}

struct Inner {
    facts: Facts,
    files: Vec<(Format, Box<dyn Write + Send>)>,
    /// The step of GitHub Actions that this is.
    step: Option<Step>,
}

impl Reports {
    /// None.
    pub(crate) fn none() -> Self {
        Self { inner: Mutex::new(None) }
    }

    /// Opens every file that was asked for: what cannot be written ends the command before anything is done, and a report of
    /// an earlier run is not taken for one of this run. With `detect`, a step of GitHub Actions is told as well.
    ///
    /// # Errors
    /// [`CliError::Usage`]: a file cannot be written or is named twice, or a flag asks for a report that this command does not
    /// have. In the variable, which is there for a whole pipeline, that means no report.
    pub(crate) fn begin(
        wanted: &[Wanted],
        output: Output,
        detect: bool,
        command: &str,
    ) -> Result<Self, CliError> {
        let by_flag = env::var(VARIABLE).is_none();
        let mut files: Vec<(Format, Box<dyn Write + Send>)> = Vec::new();
        let on_stdout = Wanted::on_stdout(output);
        let wanted: Vec<&Wanted> = on_stdout.iter().chain(wanted).collect();
        for (at, Wanted { format, to }) in wanted.iter().enumerate() {
            let name = format.as_str();
            if !format.commands().contains(&command) {
                // Nothing else would be written there.
                let is_output = at == 0 && on_stdout.is_some();
                if by_flag || is_output {
                    let commands = format.commands().join(", ");
                    let option = if is_output { "--output" } else { "--report" };
                    let message =
                        format!("{option} {name} says nothing about `{command}`: it is for {commands}");
                    return Err(CliError::Usage(message));
                }
                continue;
            }
            if wanted.iter().take(at).any(|earlier| earlier.to == *to) {
                return Err(CliError::Usage(format!(
                    "--report {name}: another report goes to the same file"
                )));
            }
            let file = to.open();
            let file =
                file.map_err(|error| CliError::Usage(format!("--report {name}: {}", with_cause(&error))))?;
            files.push((*format, file));
        }
        let has_report = files.iter().any(|(format, _)| *format == Format::GitHub);
        let is_reported = Format::GitHub.commands().contains(&command);
        let step = if detect && is_reported { Step::detect(has_report) } else { None };
        if files.is_empty() && step.is_none() {
            return Ok(Self::none());
        }
        let here = std::env::current_dir()
            .map_err(|error| CliError::System(format!("the working folder cannot be found: {error}")))?;
        let facts = Facts::new(command, Repository::around(here));
        Ok(Self { inner: Mutex::new(Some(Inner { facts, files, step })) })
    }

    /// Notes a fact. Where no report is wanted nobody asks for it.
    pub(crate) fn learn(&self, fact: impl FnOnce(&mut Facts)) {
        if let Some(inner) = &mut *self.inner.lock().unwrap_or_else(PoisonError::into_inner) {
            fact(&mut inner.facts);
        }
    }

    /// Writes every report. One that cannot be written any more is told once and does not change how the run ended.
    pub(crate) fn end(&self, exit: Exit, terminal: Terminal) {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(Inner { facts, files, step }) = inner else { return };
        for (format, mut file) in files {
            let text = render(format, &facts, exit);
            if let Err(error) = file.write_all(text.as_bytes()).and_then(|()| file.flush()) {
                terminal.insist(&format!("warning: the report {} is not whole: {error}", format.as_str()));
            }
        }
        if let Some(step) = step {
            step.tell(&facts, exit, &summary::render(&facts, exit), terminal);
        }
    }
}

/// The report in a format.
pub(super) fn render(format: Format, facts: &Facts, exit: Exit) -> String {
    match format {
        Format::GitHub => summary::render(facts, exit),
        Format::GitlabTerraform => gitlab_terraform::render(facts),
        Format::CodeQuality => code_quality::render(facts),
        Format::Sarif => sarif::render(facts),
        Format::Junit => junit::render(facts),
    }
}
