//! From arguments to a command, and from its outcome to an exit code.

use std::ffi::OsString;
use std::rc::Rc;

use clap::Parser;
use clap::error::ErrorKind;

use crate::cli::args::{Cli, Command, Global};
use crate::cli::completion;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::interrupt::Interrupt;
use crate::cli::options::Common;
use crate::cli::session::Session;
use crate::cli::terminal::Terminal;
use crate::platform::log;

/// Runs one command line. The caller ends the process with the code.
pub fn run(args: impl IntoIterator<Item = OsString>) -> Exit {
    let args: Vec<OsString> = args.into_iter().collect();
    if let Some(exit) = completion::answered(&args) {
        return exit;
    }
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let Global { color, quiet, verbose, .. } = cli.global;
    let terminal = Terminal::detect(color, quiet);
    let logging = match log::start(verbose) {
        Ok(logging) => logging,
        Err(error) => {
            terminal.insist(&format!("error: {error}"));
            return Exit::Usage;
        }
    };
    // A live region and log records on the same stream would overwrite each other.
    let terminal = Terminal { live: terminal.live && !logging, ..terminal };
    // One thread: the steps of a run share their ledger without locks, and system calls come in one order.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            terminal.insist(&format!("error: the runtime cannot start: {error}"));
            return Exit::Internal;
        }
    };
    // A server is told to end by a signal: that is success, and it watches for it itself.
    let serves = matches!(cli.command, Command::Emulator(_));
    let exit = runtime.block_on(async {
        let interrupt = Rc::new(Interrupt::new());
        let work = async {
            match dispatch(cli, terminal, Rc::clone(&interrupt)).await {
                Ok(exit) => interrupt.stopped_by().unwrap_or(exit),
                Err(error) => {
                    error.tell(terminal);
                    error.exit()
                }
            }
        };
        if serves {
            return work.await;
        }
        tokio::select! {
            biased;
            exit = interrupt.at_once() => exit,
            exit = work => exit,
        }
    });
    // A prompt may still be waiting for its line.
    runtime.shutdown_background();
    exit
}

/// clap's own errors: help and version are no errors, everything else is a usage error (never 2, which means changes).
fn usage(error: &clap::Error) -> Exit {
    if error.print().is_err() {
        tracing::debug!("the stream is closed");
    }
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Exit::Success,
        _ => Exit::Usage,
    }
}

async fn dispatch(cli: Cli, terminal: Terminal, interrupt: Rc<Interrupt>) -> Result<Exit, CliError> {
    let common = Common::from(&cli.global);
    match cli.command {
        Command::Version => {
            terminal.data(&format!("reconcile {}\n", env!("CARGO_PKG_VERSION")));
            Ok(Exit::Success)
        }
        Command::Schema { kind } => super::schema::schema(kind.as_deref(), terminal),
        Command::Explain { topic } => super::explain::explain(&topic, common.json, terminal),
        Command::Help { topic } => super::help::help(&topic, terminal),
        Command::Fmt(args) => super::fmt::fmt(&args, common.json, terminal).await,
        Command::Init { folder } => super::init::init(&folder, terminal),
        Command::Completion { shell } => {
            terminal.data(&completion::script(shell)?);
            Ok(Exit::Success)
        }
        Command::Emulator(args) => super::emulator::emulator(args, terminal).await,
        command => {
            let session = Session::open(common, terminal, interrupt)?;
            with_session(&session, command).await
        }
    }
}

async fn with_session(session: &Session, command: Command) -> Result<Exit, CliError> {
    match command {
        Command::Validate { manifests } => super::validate::validate(session, &manifests),
        Command::Plan { manifests, planning, pace, detailed_exitcode } => {
            super::plan::plan(session, &manifests, &planning, &pace, detailed_exitcode).await
        }
        Command::Apply { manifests, planning, pace, running } => {
            super::apply::apply(session, &manifests, &planning, &pace, &running).await
        }
        Command::Destroy { manifests, all, delete_strays, max_delete, pace, running } => {
            let wish = super::apply::Destruction { all, delete_strays, max_delete };
            super::apply::destroy(session, &manifests, &wish, &pace, &running).await
        }
        Command::Drift { manifests, deep, detailed_exitcode, accepting, pace } => {
            let wish = super::drift::Wish { deep, detailed_exitcode, accepting };
            super::drift::drift(session, &manifests, wish, &pace).await
        }
        Command::List { what, filename, name, unmanaged, pace } => {
            let wish = super::list::Wish { name: name.as_deref(), unmanaged };
            super::list::list(session, &what, wish, filename, &pace).await
        }
        Command::Show { address, manifests, pace } => {
            super::show::show(session, &address, &manifests, &pace).await
        }
        Command::Import { kind, id, name, lock, pace } => {
            super::import::import(session, (&kind, &id), name, &lock, &pace).await
        }
        Command::State { command } => super::state::state(session, command).await,
        Command::Unlock => super::unlock::unlock(session),
        Command::Version
        | Command::Schema { .. }
        | Command::Explain { .. }
        | Command::Help { .. }
        | Command::Fmt(_)
        | Command::Init { .. }
        | Command::Completion { .. }
        | Command::Emulator(_) => Ok(Exit::Success),
    }
}
