//! `emulator`: the vendors' APIs on loopback, until Ctrl-C.

use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

use crate::cli::args::Emulator as Args;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::options::duration;
use crate::cli::render::json;
use crate::cli::terminal::Terminal;
use crate::emulator::{Config, Emulator, LoginCheck, Mode, Simulation, StoreSimulation};

pub(super) async fn emulator(args: Args, as_json: bool, terminal: Terminal) -> Result<Exit, CliError> {
    let broken = |error: crate::emulator::EmulatorError| CliError::Emulator(error.to_string());
    let unwatched = |error: std::io::Error| CliError::System(format!("signals cannot be watched: {error}"));
    let handle = Emulator::start(config(args)?).map_err(broken)?;
    let mut interrupts = signal(SignalKind::interrupt()).map_err(unwatched)?;
    let mut terminations = signal(SignalKind::terminate()).map_err(unwatched)?;
    let ready = handle.ready_line();
    terminal.data(&match serde_json::from_str(&ready) {
        Ok(fields) if as_json => json::line("emulator", fields),
        _ => format!("{ready}\n"),
    });
    let asked = async {
        tokio::select! {
            _ = interrupts.recv() => {}
            _ = terminations.recv() => {}
        }
    };
    handle.run_until(asked).await.map_err(broken)?;
    Ok(Exit::Success)
}

fn config(args: Args) -> Result<Config, CliError> {
    let pause = |flag: &str, text: Option<&String>| match text {
        Some(text) => duration(flag, text),
        None => Ok(Duration::ZERO),
    };
    let simulation = Simulation {
        latency: pause("--latency", args.latency.as_ref())?,
        creating_for: pause("--creating-for", args.creating_for.as_ref())?,
        deleting_for: pause("--deleting-for", args.deleting_for.as_ref())?,
        throttle_after: args.throttle_after,
        faults: args
            .fail
            .iter()
            .map(|text| text.parse().map_err(|error| CliError::Usage(format!("--fail {text}: {error}"))))
            .collect::<Result<_, _>>()?,
        stores: StoreSimulation {
            provisioning_for: pause("--provisioning-for", args.provisioning_for.as_ref())?,
            dropping_for: pause("--dropping-for", args.dropping_for.as_ref())?,
            login_check: if args.login_check == "create" { LoginCheck::Create } else { LoginCheck::Later },
            pending: args.pending,
            partition_rows: args.partition_rows,
            denied_roles: args.deny_role,
        },
    };
    let mode = match (args.strict, args.jars) {
        (true, Some(jars)) => Mode::Strict { jars },
        (true, None) => return Err(CliError::Usage("--strict needs --jars DIR".to_owned())),
        (false, jars) => Mode::Open { jars },
    };
    let listen = args.listen.parse().map_err(|error| {
        CliError::Usage(format!("--listen {}: {error}; write for example 127.0.0.1:8080", args.listen))
    })?;
    Ok(Config { listen, data: args.data, request_log: args.request_log, mode, simulation })
}
