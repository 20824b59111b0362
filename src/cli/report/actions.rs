//! GitHub Actions as a place: whether this is a step of it, and the files that the runner reads when the step has ended.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::facts::Facts;
use super::github::{annotation, output};
use crate::cli::exit::Exit;
use crate::cli::terminal::Terminal;
use crate::platform::fs::{self, FsError};
use crate::platform::{entropy, env};

/// The runner takes this much of a step as its summary.
const SUMMARY_BYTES: u64 = 1 << 20;

/// A step.
#[derive(Debug)]
pub(super) struct Step {
    /// `$GITHUB_STEP_SUMMARY`, unless a report takes its place.
    summary: Option<PathBuf>,
    /// `$GITHUB_OUTPUT`
    output: Option<PathBuf>,
}

impl Step {
    /// The step that this process is in, if it is in one.
    pub(super) fn detect(has_report: bool) -> Option<Self> {
        let file = |name: &str| env::var(name).map(PathBuf::from);
        (env::var("GITHUB_ACTIONS").as_deref() == Some("true")).then(|| Self {
            summary: file("GITHUB_STEP_SUMMARY").filter(|_| !has_report),
            output: file("GITHUB_OUTPUT"),
        })
    }

    /// Tells the runner. What it cannot be told is told the person, and changes nothing.
    pub(super) fn tell(&self, facts: &Facts, exit: Exit, summary: &str, terminal: Terminal) {
        // On stderr, which the runner reads as well: stdout may be a document.
        for line in annotation::lines(facts) {
            terminal.insist(&line);
        }
        let warn =
            |name: &str, why: &str| terminal.insist(&format!("warning: {name} was not written: {why}"));
        if let Some(file) = &self.summary {
            match append(file, summary, Some(SUMMARY_BYTES)) {
                Ok(true) => {}
                Ok(false) => warn("the job summary", "this step has said as much as GitHub takes"),
                Err(error) => warn("the job summary", &crate::cli::error::with_cause(&error)),
            }
        }
        if let Some(file) = &self.output {
            match entropy::hex_128() {
                Ok(random) => {
                    let lines = output::lines(facts, exit, summary, &format!("reconcile_{random}"));
                    if let Err(error) = append(file, &lines, None) {
                        warn("the outputs of the step", &crate::cli::error::with_cause(&error));
                    }
                }
                Err(error) => warn("the outputs of the step", &error.to_string()),
            }
        }
    }
}

/// Appends a text, unless the file would become longer than this; says whether it did.
fn append(path: &Path, text: &str, limit: Option<u64>) -> Result<bool, FsError> {
    let io = |source| FsError::Io { action: "write", path: path.to_owned(), source };
    let mut file = fs::open_append(path)?;
    let length = file.metadata().map_err(io)?.len();
    if limit.is_some_and(|limit| length.saturating_add(text.len() as u64) > limit) {
        return Ok(false);
    }
    file.write_all(text.as_bytes()).map_err(io)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_stays_and_no_more_is_written_than_the_runner_takes() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("summary");
        fs::replace(&file, b"before\n").unwrap();
        assert!(append(&file, "one\n", Some(11)).unwrap());
        assert!(!append(&file, "two\n", Some(11)).unwrap());
        assert_eq!(fs::read(&file, 100).unwrap(), b"before\none\n");
    }
}
