//! One event, four readers: the person at stderr, the stream, the reports for a pipeline, and the page of a watch.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use super::record::Told;
use super::show::show;
use super::stream::{Known, Stream, StreamEnded};
use super::translate;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::render::progress::Progress;
use crate::cli::report::{Facts, Reports};
use crate::cli::terminal::Terminal;
use crate::dashboard::Board;
use crate::domain::address::Address;
use crate::domain::diagnostic::Diagnostic;
use crate::domain::journal::RunId;
use crate::domain::snapshot::Serial;
use crate::ports::clock::Clock;
use crate::ports::event_sink::{Event, EventSink};

/// Tells a command's events to the person, to the stream and to the reports.
pub(crate) struct Fanout {
    run: RunId,
    progress: Progress,
    stream: Stream,
    reports: Reports,
    /// What a watch shows, if it does.
    board: OnceLock<Arc<Board>>,
    /// The rows that ended: one may have two steps that fail, the second because of the first.
    ended: Mutex<BTreeSet<Address>>,
    /// Nothing is under way: there is nothing to be alive for.
    resting: AtomicBool,
}

impl Fanout {
    /// Begins: the stream's first record says which run of which command it is.
    pub(crate) fn begin(
        terminal: Terminal,
        stream: Stream,
        reports: Reports,
        run: RunId,
        command: &str,
    ) -> Self {
        let progress = Progress::new(terminal);
        let fanout = Self {
            run,
            progress,
            stream,
            reports,
            board: OnceLock::new(),
            ended: Mutex::default(),
            resting: AtomicBool::new(false),
        };
        fanout.tell(translate::version(&fanout.run, command));
        fanout
    }

    /// The id of the run.
    pub(crate) fn run(&self) -> &RunId {
        &self.run
    }

    /// From now on what happens is shown on this board as well; a second one would be ignored.
    pub(crate) fn show_on(&self, board: Arc<Board>) {
        self.board.get_or_init(|| board);
    }

    /// Tells the stream alone.
    pub(crate) fn tell(&self, told: Told) {
        self.warn(self.stream.tell(told));
    }

    /// Tells the reports alone; where none is wanted nobody asks for the fact.
    pub(crate) fn learn(&self, fact: impl FnOnce(&mut Facts)) {
        self.reports.learn(fact);
    }

    /// Something about manifests that does not end the command.
    pub(crate) fn diagnosed(&self, diagnostics: &[Diagnostic]) {
        for diagnostic in diagnostics {
            self.tell(translate::diagnostic(diagnostic));
        }
        self.learn(|facts| facts.diagnosed(diagnostics));
    }

    /// Notes how live stands, where the last record is to say it.
    pub(crate) fn know(&self, converged: Option<bool>, serial: Serial) {
        self.stream.know(Known { converged, serial: Some(serial.0) });
    }

    /// A run over so many rows begins.
    pub(crate) fn carrying_out(&self, rows: usize) {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.progress.begin(rows);
    }

    /// It is over.
    pub(crate) fn carried_out(&self) {
        self.progress.finish();
    }

    /// Whether a row of the run that is under way has ended.
    pub(crate) fn has_ended(&self, address: &Address) -> bool {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).contains(address)
    }

    /// Nothing is under way from now on, or something is again: there are no heartbeats in between.
    pub(crate) fn rest(&self, resting: bool) {
        self.resting.store(resting, Ordering::Relaxed);
    }

    /// A person is being asked, or no longer: nothing is said in between.
    pub(crate) fn asking(&self, asking: bool) {
        self.progress.hush(asking);
    }

    /// Something that must be heard.
    pub(crate) fn note(&self, text: &str) {
        self.progress.note(text);
        self.tell(translate::notice(text));
    }

    /// Something for whoever does not want silence.
    pub(crate) fn say(&self, text: &str) {
        self.progress.say(text);
        self.tell(translate::notice(text));
    }

    /// What ends the command early, to the stream and the reports: its diagnostics, then itself.
    pub(crate) fn failed(&self, error: &CliError) {
        error.diagnostics().iter().for_each(|diagnostic| self.tell(translate::diagnostic(diagnostic)));
        self.tell(translate::error(error));
        self.learn(|facts| facts.failed(error));
    }

    /// Writes the reports: nothing more is learnt.
    pub(crate) fn report(&self, exit: Exit, terminal: Terminal) {
        self.progress.finish();
        self.reports.end(exit, terminal);
    }

    /// Ends the stream. Nothing comes behind its last record.
    pub(crate) fn end(&self, exit: Exit) {
        self.progress.finish();
        self.warn(self.stream.end(exit));
    }

    /// Says every now and then that the run is alive: to a log that nobody watches, and to the stream.
    pub(crate) async fn heartbeats(&self, clock: &impl Clock, every: Duration) -> Infallible {
        let started = clock.now();
        loop {
            clock.sleep_until(clock.now() + every).await;
            if self.resting.load(Ordering::Relaxed) {
                continue;
            }
            let elapsed = clock.now().saturating_sub(started);
            self.progress.heartbeat(elapsed);
            self.tell(translate::heartbeat(elapsed, self.progress.tally()));
        }
    }

    fn warn(&self, written: Result<(), StreamEnded>) {
        if let Err(error) = written {
            self.progress.note(&format!("warning: {error}"));
        }
    }

    /// Whether this is the first time that this row ends.
    fn ends(&self, address: &Address) -> bool {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).insert(address.clone())
    }
}

impl EventSink for Fanout {
    fn emit(&self, event: Event) {
        let told_before = match &event {
            Event::Succeeded { address } | Event::Failed { address, .. } | Event::Skipped { address, .. } => {
                !self.ends(address)
            }
            _ => false,
        };
        if !told_before {
            if let Some(board) = self.board.get() {
                show(board, &event);
            }
            self.tell(translate::event(event.clone()));
            self.progress.emit(event);
        }
    }
}
