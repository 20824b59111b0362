//! `fmt`: manifests in one style. Needs no profile, no state and no service.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::cli::args::Fmt;
use crate::cli::error::{CliError, with_cause};
use crate::cli::exit::Exit;
use crate::cli::render::style::Style;
use crate::cli::render::summary::count;
use crate::cli::render::{json as documents, text_diff};
use crate::cli::terminal::Terminal;
use crate::manifest::{Rewrite, format, project};

pub(super) async fn fmt(args: &Fmt, as_json: bool, terminal: Terminal) -> Result<Exit, CliError> {
    let paths: Vec<PathBuf> = args.paths.iter().chain(&args.filename).cloned().collect();
    let is_stdin = |path: &PathBuf| path.as_path() == Path::new("-");
    if paths.iter().any(is_stdin) {
        if paths.len() > 1 || as_json {
            return Err(CliError::Usage("`-` stands alone, without other paths and `-o json`".to_owned()));
        }
        return stream(args, terminal).await;
    }
    let rewrites = format::files(&meant(paths)?).map_err(CliError::Manifest)?;
    let changes: Vec<&Rewrite> = rewrites.iter().filter(|rewrite| rewrite.is_change()).collect();
    let writes = !args.check && !args.diff;
    if writes {
        for change in &changes {
            change.write().map_err(|error| CliError::System(with_cause(&error)))?;
        }
    }
    if as_json {
        let names: Vec<String> = changes.iter().map(|change| change.path.display().to_string()).collect();
        let fields = json!({"files": rewrites.len(), "notFormatted": names, "written": writes});
        terminal.data(&documents::document("fmt", fields));
    } else {
        terminal.data(&changes.iter().map(|change| shown(change, args.diff, terminal)).collect::<String>());
    }
    let done = if writes { "formatted" } else { "not formatted" };
    terminal.say(&format!("{} of {} {done}.", changes.len(), count(rewrites.len(), "file")));
    Ok(exit(args, changes.is_empty()))
}

/// What is formatted when no path is named: the folder of the project.
fn meant(paths: Vec<PathBuf>) -> Result<Vec<PathBuf>, CliError> {
    if !paths.is_empty() {
        return Ok(paths);
    }
    let start = std::env::current_dir()
        .map_err(|error| CliError::System(format!("the working folder cannot be found: {error}")))?;
    Ok(vec![project::load(&start).map_err(CliError::Manifest)?.folder])
}

/// From stdin to stdout.
async fn stream(args: &Fmt, terminal: Terminal) -> Result<Exit, CliError> {
    // Read elsewhere, so that Ctrl-C is noticed here.
    let rewrite = tokio::task::spawn_blocking(|| format::stream("stdin", std::io::stdin().lock()))
        .await
        .map_err(|error| CliError::System(format!("stdin cannot be read: {error}")))?
        .map_err(CliError::Manifest)?;
    if args.diff || args.check {
        if rewrite.is_change() {
            terminal.data(&shown(&rewrite, args.diff, terminal));
        }
    } else {
        terminal.data(rewrite.after());
    }
    Ok(exit(args, !rewrite.is_change()))
}

fn shown(change: &Rewrite, as_diff: bool, terminal: Terminal) -> String {
    if as_diff { diff(change, terminal) } else { format!("{}\n", change.path.display()) }
}

/// The diff of a file, without the secrets in it.
pub(super) fn diff(change: &Rewrite, terminal: Terminal) -> String {
    let (before, after) = change.shown();
    let name = change.path.strip_prefix(".").unwrap_or(&change.path).display().to_string();
    text_diff::unified(&name, &before, &after, Style::new(terminal.stdout_colour))
}

fn exit(args: &Fmt, is_formatted: bool) -> Exit {
    if args.check && !is_formatted { Exit::Error } else { Exit::Success }
}
