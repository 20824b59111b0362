//! From arguments to a command, and from its outcome to an exit code.

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::Duration;

use crate::cli::args::{Cli, Command, Given, Global, Output};
use crate::cli::completion;
use crate::cli::error::CliError;
use crate::cli::events::{Fanout, Stream};
use crate::cli::exit::Exit;
use crate::cli::interrupt::Interrupt;
use crate::cli::options::Common;
use crate::cli::parse::{self, Parsed};
use crate::cli::render::json;
use crate::cli::report::Reports;
use crate::cli::session::{Session, no_randomness};
use crate::cli::terminal::Terminal;
use crate::domain::journal::RunId;
use crate::platform::time::{SystemClock, timestamp_ms};
use crate::platform::{entropy, log};

/// The pause between two heartbeats of a run (features 3.5).
const HEARTBEAT: Duration = Duration::from_secs(30);

/// Runs one command line. The caller ends the process with the code.
pub fn run(args: impl IntoIterator<Item = OsString>) -> Exit {
    let args: Vec<OsString> = args.into_iter().collect();
    if let Some(exit) = completion::answered(&args) {
        return exit;
    }
    let Parsed { cli, command, given } = match parse::parse(&args) {
        Ok(parsed) => parsed,
        Err(error) => return parse::refuse(&error, &args),
    };
    let Global { color, quiet, verbose, .. } = cli.global;
    let json = cli.global.output == Output::Json;
    let terminal = Terminal::detect(color, quiet);
    let failed = |error: &CliError| {
        error.tell(terminal);
        if json {
            terminal.data(&json::error(&command, error));
        }
        error.exit()
    };
    if let Some(folder) = &cli.global.chdir
        && let Err(error) = std::env::set_current_dir(folder)
    {
        return failed(&CliError::Usage(format!("--chdir {}: {error}", folder.display())));
    }
    let (terminal, events) = match begin(&cli.global, verbose, terminal, &command) {
        Ok(begun) => begun,
        Err(error) => return failed(&error),
    };
    let exit = match guarded(|| carry_out(cli, &given, terminal, &events)) {
        Ok(exit) => exit,
        Err(error) => {
            events.failed(&error);
            failed(&error)
        }
    };
    events.report(exit, terminal);
    events.end(exit);
    exit
}

/// Starts the log, the event stream and the reports. A descriptor's number is the caller's: it is opened before anything of ours could
/// have it.
fn begin(
    global: &Global,
    verbose: u8,
    terminal: Terminal,
    command: &str,
) -> Result<(Terminal, Rc<Fanout>), CliError> {
    let sink = global.events.as_ref().map(|destination| {
        destination.open().map_err(|error| {
            let source = std::error::Error::source(&error).map(|source| format!(": {source}"));
            CliError::Usage(format!("--events: {error}{}", source.unwrap_or_default()))
        })
    });
    let sink = sink.transpose()?;
    let reports = Reports::begin(&global.report, global.output, !global.no_ci, command)?;
    let logging = log::start(verbose).map_err(|error| CliError::Usage(error.to_string()))?;
    // A live region and log records on the same stream would overwrite each other.
    let has_report = matches!(global.output, Output::Junit | Output::Markdown);
    let terminal =
        Terminal { live: terminal.live && !logging, has_data: terminal.has_data && !has_report, ..terminal };
    let run = RunId(entropy::hex_128().map_err(no_randomness)?);
    let stream = Stream::new(sink, timestamp_ms);
    Ok((terminal, Rc::new(Fanout::begin(terminal, stream, reports, run, command))))
}

/// A panic is a bug, and still an end with an exit code, a document and a last record. The panic itself was told on stderr.
fn guarded(work: impl FnOnce() -> Result<Exit, CliError>) -> Result<Exit, CliError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(CliError::Internal("reconcile has ended in the middle of its work".to_owned()))
    })
}

fn carry_out(cli: Cli, given: &[Given], terminal: Terminal, events: &Rc<Fanout>) -> Result<Exit, CliError> {
    // One thread: the steps of a run share their ledger without locks, and system calls come in one order.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CliError::Internal(format!("the runtime cannot start: {error}")))?;
    let every = HEARTBEAT / cli.global.heartbeat_time_divisor.max(1);
    // A server is told to end by a signal: that is success, and it watches for it itself.
    let serves = matches!(cli.command, Command::Emulator(_));
    // So is a watch, and the second signal ends it as it ends any other command.
    let watches = matches!(cli.command, Command::Watch(_));
    let ended = runtime.block_on(async {
        let (interrupt, clock) = (Rc::new(Interrupt::new()), SystemClock::start());
        let work = async {
            let exit = dispatch(cli, given, terminal, Rc::clone(&interrupt), Rc::clone(events)).await?;
            Ok(interrupt.stopped_by().filter(|_| !watches).unwrap_or(exit))
        };
        if serves {
            return work.await;
        }
        tokio::select! {
            biased;
            exit = interrupt.at_once() => Err(CliError::Interrupted(exit)),
            ended = work => ended,
            never = events.heartbeats(&clock, every) => match never {},
        }
    });
    // A prompt may still be waiting for its line.
    runtime.shutdown_background();
    ended
}

async fn dispatch(
    cli: Cli,
    given: &[Given],
    terminal: Terminal,
    interrupt: Rc<Interrupt>,
    events: Rc<Fanout>,
) -> Result<Exit, CliError> {
    let common = Common::from(&cli.global);
    match cli.command {
        Command::Version => Ok(super::version::version(common.json, terminal)),
        Command::Schema { topic } => super::schema::schema(topic.as_deref(), terminal),
        Command::Explain { topic } => super::explain::explain(&topic, common.json, terminal),
        Command::Help { topic } => super::help::help(&topic, common.json, terminal),
        Command::Emulator(args) => super::emulator::emulator(args, common.json, terminal).await,
        Command::Doctor { manifests, live } => {
            super::doctor::doctor((common, terminal, interrupt, events), &manifests, live).await
        }
        Command::Config { show_origin } => {
            let session = Session::open(common, terminal, interrupt, events)?;
            super::config::config(&session, given, show_origin).await
        }
        Command::Fmt(args) => super::fmt::fmt(&args, common.json, terminal).await,
        Command::Init { folder } => super::init::init(&folder, common.json, terminal),
        Command::Completion { shell } => {
            terminal.data(&completion::script(shell)?);
            Ok(Exit::Success)
        }
        command => {
            let session = Session::open(common, terminal, interrupt, events)?;
            with_session(&session, command).await
        }
    }
}

async fn with_session(session: &Session, command: Command) -> Result<Exit, CliError> {
    match command {
        Command::Validate { manifests } => super::validate::validate(session, &manifests),
        Command::Plan { manifests, planning, pace, detailed_exitcode, out, offline } => {
            let wish =
                super::plan::Wish { detailed_exitcode, out: out.as_deref(), offline: offline.as_deref() };
            super::plan::plan(session, &manifests, &planning, &pace, wish).await
        }
        Command::Simulate(args) => super::simulate::simulate(session, &args).await,
        Command::Snapshot { manifests, out, pace } => {
            super::snapshot::snapshot(session, &manifests, &out, &pace).await
        }
        Command::Apply { manifests, resume: Some(run), planning, pace, running } => {
            super::resume::resume(session, &run, (&manifests, &planning), &pace, &running).await
        }
        Command::Apply { manifests, resume: None, planning, pace, running } => {
            super::apply::apply(session, &manifests, &planning, &pace, &running).await
        }
        Command::Destroy { manifests, all, selecting, extent, delete_strays, max_delete, pace, running } => {
            let wish = super::apply::Destruction { all, selecting, extent, delete_strays, max_delete };
            super::apply::destroy(session, &manifests, &wish, &pace, &running).await
        }
        Command::Status(args) => super::status::status(session, args).await,
        Command::Drift { manifests, deep, detailed_exitcode, offline, selecting, accepting, pace } => {
            let wish = super::drift::Wish { deep, offline: offline.as_deref(), detailed_exitcode, accepting };
            super::drift::drift(session, &manifests, wish, &selecting, &pace).await
        }
        Command::List { what, filename, name, unmanaged, pace } => {
            let wish = super::list::Wish { name: name.as_deref(), unmanaged };
            super::list::list(session, &what, wish, filename, &pace).await
        }
        Command::Show { address, manifests, pace } => {
            super::show::show(session, &address, &manifests, &pace).await
        }
        Command::Import(args) => super::import::import(session, &args).await,
        Command::Refresh { manifests, recording, selecting, pace } => {
            super::refresh::refresh(session, &manifests, &recording, &selecting, &pace).await
        }
        Command::State { command } => super::state::state(session, command).await,
        Command::Verify(args) => super::verify::verify(session, &args).await,
        Command::Watch(args) => super::watch::watch(session, &args).await,
        Command::Unlock => super::unlock::unlock(session),
        Command::Version
        | Command::Config { .. }
        | Command::Doctor { .. }
        | Command::Schema { .. }
        | Command::Explain { .. }
        | Command::Help { .. }
        | Command::Fmt(_)
        | Command::Init { .. }
        | Command::Completion { .. }
        | Command::Emulator(_) => Ok(Exit::Success),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_internal_error_with_its_own_exit_code() {
        let ended = guarded(|| panic!("planted"));
        assert_eq!(ended.unwrap_err().exit(), Exit::Internal);
    }
}
