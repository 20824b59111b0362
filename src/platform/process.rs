//! Programs of others: run without a shell, with an end to their time and to their output.
//!
//! Promises: standard input is closed, so that a program that asks gets no answer instead of hanging; standard error goes
//! nowhere, because a program that fails to give a secret may tell it there; no error repeats output or arguments.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncReadExt;

/// How long a program may take, and how much it may print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// From the start to the end of the program.
    pub deadline: Duration,
    /// Bytes on standard output.
    pub output: u64,
}

/// Why there is no output.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProcessError {
    /// The operating system did not start it.
    #[error("cannot be started: {0}")]
    Start(String),
    /// It said that it failed.
    #[error("failed ({0}): run it by hand to see why")]
    Status(String),
    /// It printed more than allowed, in bytes.
    #[error("printed more than {0} bytes")]
    TooLong(u64),
    /// It ran longer than allowed, in seconds.
    #[error("did not end within {0} s")]
    TimedOut(u64),
}

/// What a program prints on standard output. `folder` is where it runs; `None` means where we run.
///
/// # Errors
/// [`ProcessError`]; the program does not run any more then.
pub async fn output(
    program: &str,
    arguments: &[String],
    folder: Option<&Path>,
    bounds: Bounds,
) -> Result<Vec<u8>, ProcessError> {
    let start = |error: std::io::Error| ProcessError::Start(error.kind().to_string());
    let mut command = tokio::process::Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    if let Some(folder) = folder {
        command.current_dir(folder);
    }
    let mut child = command.kill_on_drop(true).spawn().map_err(start)?;
    let stdout = child.stdout.take();
    let finish = async {
        let mut output = Vec::new();
        if let Some(stdout) = stdout {
            stdout.take(bounds.output.saturating_add(1)).read_to_end(&mut output).await.map_err(start)?;
        }
        if output.len() as u64 > bounds.output {
            return Err(ProcessError::TooLong(bounds.output));
        }
        let status = child.wait().await.map_err(start)?;
        if status.success() { Ok(output) } else { Err(ProcessError::Status(status.to_string())) }
    };
    let timed_out = |_: tokio::time::error::Elapsed| ProcessError::TimedOut(bounds.deadline.as_secs());
    tokio::time::timeout(bounds.deadline, finish).await.map_err(timed_out)?
}

/// The same for callers that are not asynchronous, from wherever they are called.
///
/// # Errors
/// [`ProcessError`]
pub fn output_blocking(
    program: &str,
    arguments: &[String],
    folder: &Path,
    bounds: Bounds,
) -> Result<Vec<u8>, ProcessError> {
    let start = |error: std::io::Error| ProcessError::Start(error.kind().to_string());
    // A thread of its own, because a runtime cannot be entered from within another one.
    let run = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(start)?;
        runtime.block_on(output(program, arguments, Some(folder), bounds))
    };
    std::thread::scope(|scope| scope.spawn(run).join())
        .unwrap_or_else(|_| Err(ProcessError::Start("the thread that waits for it ended".to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, bounds: Bounds) -> Result<Vec<u8>, ProcessError> {
        output_blocking("sh", &["-c".to_owned(), script.to_owned()], Path::new("/"), bounds)
    }

    const BOUNDS: Bounds = Bounds { deadline: Duration::from_secs(30), output: 100 };

    #[test]
    fn a_program_runs_in_its_folder_with_nothing_to_read() {
        assert_eq!(shell("pwd; cat; echo lost >&2", BOUNDS), Ok(b"/\n".to_vec()));
    }

    #[test]
    fn a_program_that_fails_prints_too_much_or_never_ends_is_told_apart() {
        assert_eq!(shell("exit 3", BOUNDS), Err(ProcessError::Status("exit status: 3".into())));
        assert_eq!(shell("yes", BOUNDS), Err(ProcessError::TooLong(100)));
        let soon = Bounds { deadline: Duration::from_millis(50), ..BOUNDS };
        assert_eq!(shell("exec sleep 1000", soon), Err(ProcessError::TimedOut(0)));
        let missing = output_blocking("/nonexistent/tool", &[], Path::new("/"), BOUNDS);
        assert_eq!(missing, Err(ProcessError::Start("entity not found".into())));
    }
}
