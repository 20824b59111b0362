//! One line while a verification runs: what is being done, and one that stays for each scenario that has ended.

use std::cell::Cell;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::render::summary::time;
use crate::cli::terminal::Terminal;
use crate::domain::suite::SuiteName;
use crate::domain::suite::scenario::Scenario;
use crate::verify::run::{ScenarioOutcome, Told};

/// Shows what happens on a terminal, and says what has happened where there is none.
pub(crate) struct Live {
    line: Option<ProgressBar>,
    doing: Cell<String>,
}

impl Live {
    /// On this terminal.
    pub(crate) fn new(terminal: Terminal) -> Self {
        let line = terminal.live.then(|| {
            let line = ProgressBar::new_spinner();
            line.set_style(
                ProgressStyle::with_template("{spinner} {msg}  {elapsed}")
                    .unwrap_or_else(|_| ProgressStyle::default_spinner()),
            );
            line.enable_steady_tick(Duration::from_millis(200));
            line
        });
        Self { line, doing: Cell::default() }
    }

    /// Shows it; a line that is to stay is given back.
    pub(crate) fn show(&self, suite: &SuiteName, told: &Told<'_>) -> Option<String> {
        match told {
            Told::SuiteBegins(name) => self.doing(format!("{name}: connecting")),
            Told::ScenarioBegins(scenario) => self.doing(begun(suite, scenario)),
            Told::Rows(rows) => self.add(&format!("  {rows} rows read")),
            Told::Tries(property) => {
                self.doing(format!("{suite}: property {property}, {}", property.title()));
            }
            Told::ScenarioEnds(scenario) => return Some(ended(suite, scenario)),
            Told::Judged(..) | Told::SuiteEnds(_) => {}
        }
        None
    }

    /// Runs what writes to the terminal, with the line out of its way.
    pub(crate) fn aside(&self, write: impl FnOnce()) {
        match &self.line {
            Some(line) => line.suspend(write),
            None => write(),
        }
    }

    /// Takes the line away.
    pub(crate) fn finish(&self) {
        self.line.iter().for_each(ProgressBar::finish_and_clear);
    }

    fn doing(&self, what: String) {
        self.line.iter().for_each(|line| line.set_message(what.clone()));
        self.doing.set(what);
    }

    fn add(&self, more: &str) {
        let doing = self.doing.take();
        self.line.iter().for_each(|line| line.set_message(format!("{doing}{more}")));
        self.doing.set(doing);
    }
}

fn begun(suite: &SuiteName, scenario: &Scenario) -> String {
    format!("{}/{}", suite.as_str(), scenario.name)
}

fn ended(suite: &SuiteName, scenario: &ScenarioOutcome) -> String {
    let rows = scenario.end.ran().map(|ran| format!(", {} rows", ran.comparison.found)).unwrap_or_default();
    let word = match scenario.end.as_str() {
        "notRun" => "not run",
        other => other,
    };
    format!("{}/{}: {word}{rows} ({})", suite.as_str(), scenario.name, time(scenario.took))
}
