//! The command: which suites, on which database, and what is told at the end.

use std::path::Path;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::end::exit;
use super::reader::{Reader, as_run};
use super::records::Sink;
use super::reporter::ToPerson;
use super::start::{Started, start};
use super::wish::wish;
use crate::cli::args::Verify;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::options::paths;
use crate::cli::render::json;
use crate::cli::render::style::Style;
use crate::cli::render::verification::{self, Verified};
use crate::cli::session::Session;
use crate::domain::suite::fault::Fault;
use crate::domain::suite::{Suite, Suites};
use crate::engine::executor::Stop;
use crate::ports::clock::Clock as _;
use crate::verify::run::{Around, Chosen, RunOptions, Server, run_suite};

pub(in crate::cli::commands) async fn verify(session: &Session, args: &Verify) -> Result<Exit, CliError> {
    let wish = wish(args)?;
    let records = Sink::open(args.records.as_ref())?;
    let loaded = session.manifests(paths(&args.manifests))?;
    let chosen = wish.chosen(&loaded.suites)?;
    let from = session.clock.now();
    let started = if args.start_mysql { Some(start(session.terminal).await?) } else { None };
    let suites = prepared(session, &chosen, &loaded.suites, &wish.faults, started.as_ref())?;
    let reporter = ToPerson::new(&session.events, session.terminal);
    let stop = CancellationToken::new();
    let around = |logging| Around {
        server: started.as_ref().map_or(Server::Theirs, |started| started.server.clone()),
        reader: Arc::new(Reader),
        records: records.of(logging),
        reporter: &reporter,
        stop: stop.clone(),
    };
    let mut outcomes = Vec::new();
    let work = async {
        for (suite, chosen) in suites.iter().zip(&chosen) {
            let options = RunOptions {
                scenarios: chosen.scenarios.clone(),
                properties: chosen.properties.clone(),
                trial: wish.trial,
                as_often: wish.is_replay(),
            };
            outcomes.push(run_suite(suite, &options, &around(suite.logging)).await);
            if stop.is_cancelled() {
                break;
            }
        }
    };
    tokio::select! {
        () = work => {}
        never = stopping(session, &stop) => match never {},
    }
    reporter.finish();
    session.interrupt.executed();
    let took = session.clock.now().saturating_sub(from);
    let verified = Verified {
        suites: outcomes,
        command: command(session, args, &wish.faults),
        selection: selection(args),
        seed: wish.trial.seed,
        is_replay: wish.is_replay(),
        took,
    };
    let proofs = || verification::proofs(&verified);
    let lines = || verification::summary(&verified, Style::new(false));
    session.events.learn(|facts| facts.verified(proofs(), &loaded.suites, lines()));
    told(session, &verified);
    Ok(exit(&verified.suites))
}

/// Each suite that is meant, as it runs here.
fn prepared(
    session: &Session,
    chosen: &[Chosen],
    suites: &Suites,
    faults: &[Fault],
    started: Option<&Started>,
) -> Result<Vec<Suite>, CliError> {
    let of = |chosen: &Chosen| {
        let suite = suites.get(&chosen.suite).cloned();
        let mut suite = suite.ok_or_else(|| CliError::Internal(format!("{} is gone", chosen.suite)))?;
        suite.scenarios.iter_mut().for_each(|scenario| scenario.faults.extend(faults));
        let overrides = session.wired.suite_overrides();
        match started {
            // The password of the declared database is not needed, and need not be there.
            Some(started) => Ok(started.in_place(suite.overridden(overrides))),
            None => as_run(suite, overrides),
        }
    };
    chosen.iter().map(of).collect()
}

/// Waits for the first signal, and passes it on; the second one ends the program.
async fn stopping(session: &Session, stop: &CancellationToken) -> std::convert::Infallible {
    let mut wish = session.interrupt.executing();
    // The sender lives as long as the session: an error is never the end.
    if wish.wait_for(|wish| *wish == Stop::Finish).await.is_ok() {
        session.events.note(
            "stopping: what is under way is finished, and everything is taken away; once more ends at once",
        );
        stop.cancel();
    }
    std::future::pending().await
}

fn told(session: &Session, verified: &Verified) {
    if session.common.json {
        session.terminal.data(&json::document("verify", verification::json(verified)));
    } else {
        let style = Style::new(session.terminal.stdout_colour);
        session.terminal.data(&verification::text(verified, style));
    }
}

/// What was typed, without what was selected of it.
fn command(session: &Session, args: &Verify, faults: &[Fault]) -> String {
    let mut words = vec!["reconcile verify".to_owned()];
    words.extend(args.manifests.paths.iter().map(|path| quoted(path)));
    words.extend(args.manifests.filename.iter().map(|path| format!("-f {}", quoted(path))));
    words.extend(session.common.profile.as_ref().map(|profile| format!("--profile {profile}")));
    words.extend(faults.iter().map(|fault| format!("--fault {fault}")));
    words.extend(args.start_mysql.then(|| "--start-mysql".to_owned()));
    words.join(" ")
}

/// What was selected, each word with a blank before it.
fn selection(args: &Verify) -> String {
    let of = |option: &str, words: &[String]| {
        words.iter().map(|word| format!(" {option} {word}")).collect::<Vec<_>>().concat()
    };
    let cases = if args.cases == Verify::CASES { String::new() } else { format!(" --cases {}", args.cases) };
    [
        of("--suite", &args.suite),
        of("--scenario", &args.scenario),
        of("--category", &args.category),
        of("--property", &args.property),
        cases,
    ]
    .concat()
}

/// As a shell takes it for one word.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "./_-".contains(c);
    if text.chars().all(is_plain) { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}
