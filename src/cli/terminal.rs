//! The terminal: data goes to stdout, everything else to stderr. A closed pipe is not an error: whoever closed it has
//! read enough.

use std::io::{IsTerminal, Write};

use crate::cli::args::When;
use crate::platform::env;

/// What the two streams can show: independent facts, each with its own cause.
#[expect(clippy::struct_excessive_bools, reason = "six independent facts about two streams")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Terminal {
    /// Colours on stdout.
    pub(crate) stdout_colour: bool,
    /// Colours on stderr.
    pub(crate) stderr_colour: bool,
    /// Columns of stdout, where a person looks at them: elsewhere nothing is shortened.
    pub(crate) columns: Option<usize>,
    /// A live region on stderr.
    pub(crate) live: bool,
    /// A person who can be asked.
    pub(crate) interactive: bool,
    /// Only what is asked for.
    pub(crate) quiet: bool,
    /// Data is written; not when stdout is for a report alone.
    pub(crate) has_data: bool,
}

#[expect(clippy::unused_self, reason = "only who was given the terminal writes to it")]
impl Terminal {
    /// Looks at the streams and the environment (features 3.5).
    pub(crate) fn detect(color: When, quiet: bool) -> Self {
        let stderr = std::io::stderr().is_terminal();
        let automatic = env::var("CI").is_some() || env::var("TERM").as_deref() == Some("dumb");
        Self {
            stdout_colour: colour(color, std::io::stdout().is_terminal()),
            stderr_colour: colour(color, stderr),
            columns: columns().filter(|_| !automatic),
            live: stderr && !automatic && !quiet,
            interactive: stderr && std::io::stdin().is_terminal(),
            quiet,
            has_data: true,
        }
    }

    /// Writes data.
    pub(crate) fn data(self, text: &str) {
        if !self.has_data {
            return;
        }
        let mut stdout = std::io::stdout().lock();
        if stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).is_err() {
            tracing::debug!("stdout is closed");
        }
    }

    /// Says something to the person, unless asked to be quiet.
    pub(crate) fn say(self, text: &str) {
        if !self.quiet {
            self.insist(text);
        }
    }

    /// Says something that must be heard.
    pub(crate) fn insist(self, text: &str) {
        let mut stderr = std::io::stderr().lock();
        if writeln!(stderr, "{text}").is_err() {
            tracing::debug!("stderr is closed");
        }
    }

    /// Asks a question and reads one line.
    pub(crate) async fn ask(self, question: &str) -> Option<String> {
        let mut stderr = std::io::stderr();
        if write!(stderr, "{question}").and_then(|()| stderr.flush()).is_err() {
            return None;
        }
        // Read elsewhere, so that Ctrl-C is noticed here.
        let line = tokio::task::spawn_blocking(|| {
            let mut line = String::new();
            std::io::stdin().read_line(&mut line).ok().map(|_| line)
        });
        line.await.ok().flatten().map(|line| line.trim().to_owned())
    }
}

/// The width of the terminal behind stdout, if it is one.
fn columns() -> Option<usize> {
    terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| usize::from(width.0))
}

/// `--color` > `NO_COLOR` > `CLICOLOR_FORCE` / `FORCE_COLOR` > `CLICOLOR=0` > `TERM=dumb` > a terminal.
fn colour(color: When, terminal: bool) -> bool {
    match color {
        When::Always => true,
        When::Never => false,
        When::Auto if env::var("NO_COLOR").is_some() => false,
        When::Auto if forced("CLICOLOR_FORCE") || forced("FORCE_COLOR") => true,
        When::Auto if env::var("CLICOLOR").as_deref() == Some("0") => false,
        When::Auto if env::var("TERM").as_deref() == Some("dumb") => false,
        When::Auto => terminal,
    }
}

fn forced(name: &str) -> bool {
    env::var(name).is_some_and(|value| value != "0")
}
