//! Progress on stderr: a live region on a terminal, else one line for each change of state and a heartbeat.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::style::Style;
use super::summary::{count, time};
use crate::cli::terminal::Terminal;
use crate::domain::address::Address;
use crate::ports::event_sink::{Event, EventSink, Visible};

/// Objects shown at once in the live region; more are counted. Fits the smallest usual terminal.
const LINES: usize = 16;

/// Shows what a run does.
pub(crate) struct Progress {
    terminal: Terminal,
    style: Style,
    inner: Mutex<Inner>,
}

struct Inner {
    /// Scopes that are being listed.
    reading: usize,
    total: usize,
    done: usize,
    /// Objects under way, with what is known of each.
    under_way: BTreeMap<Address, Visible>,
    /// A person is being asked.
    hushed: bool,
    live: Option<Live>,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Scopes that are being listed.
    pub(crate) reading: usize,
    /// Rows to carry out; 0 before that.
    pub(crate) total: usize,
    /// Rows that ended.
    pub(crate) done: usize,
    /// Objects under way.
    pub(crate) under_way: usize,
}

/// What follows `still at work after 30 s`.
impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { reading, total, done, under_way } = self;
        match (reading, total) {
            (0, 0) => Ok(()),
            (0, _) => write!(f, ": [{done}/{total} done, {under_way} under way]"),
            (scopes, _) => write!(f, ": listing {}", count(*scopes, "scope")),
        }
    }
}

struct Live {
    region: MultiProgress,
    header: ProgressBar,
    lines: BTreeMap<Address, ProgressBar>,
}

impl Live {
    fn start() -> Self {
        let region = MultiProgress::new();
        let header = region.add(ProgressBar::new_spinner());
        header.set_style(
            ProgressStyle::with_template("{spinner} {msg}  {elapsed}")
                .unwrap_or_else(|_| ProgressStyle::default_spinner()),
        );
        header.enable_steady_tick(Duration::from_millis(200));
        Self { region, header, lines: BTreeMap::new() }
    }
}

impl Progress {
    /// For one command. Nothing is shown before there is something to tell.
    pub(crate) fn new(terminal: Terminal) -> Self {
        let inner =
            Inner { reading: 0, total: 0, done: 0, under_way: BTreeMap::new(), hushed: false, live: None };
        Self { terminal, style: Style::new(terminal.stderr_colour), inner: Mutex::new(inner) }
    }

    /// A run over so many rows begins: the live region opens where there is one.
    pub(crate) fn begin(&self, total: usize) {
        let mut inner = self.lock();
        (inner.total, inner.done) = (total, 0);
        inner.live = self.terminal.live.then(Live::start);
    }

    /// The run is over: the live region closes.
    pub(crate) fn finish(&self) {
        let mut inner = self.lock();
        if let Some(live) = inner.live.take() {
            live.header.finish_and_clear();
            for line in live.lines.into_values() {
                line.finish_and_clear();
            }
        }
    }

    /// A person is being asked, or no longer.
    pub(crate) fn hush(&self, hushed: bool) {
        self.lock().hushed = hushed;
    }

    /// How far the run is.
    pub(crate) fn tally(&self) -> Tally {
        self.lock().tally()
    }

    /// One line on the whole run, for logs that nobody watches.
    pub(crate) fn heartbeat(&self, elapsed: Duration) {
        let inner = self.lock();
        if !self.terminal.live && !inner.hushed {
            let text = format!("still at work after {}{}", time(elapsed), inner.tally());
            drop(inner);
            self.terminal.say(&text);
        }
    }

    /// Says something that must be heard, without disturbing the live region.
    pub(crate) fn note(&self, text: &str) {
        match &self.lock().live {
            Some(live) => live.region.suspend(|| self.terminal.insist(text)),
            None => self.terminal.insist(text),
        }
    }

    /// Says something unless asked to be quiet.
    pub(crate) fn say(&self, text: &str) {
        let inner = self.lock();
        self.line(&inner, text);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Prints a line that stays.
    fn line(&self, inner: &Inner, text: &str) {
        match &inner.live {
            Some(live) => live.region.suspend(|| self.terminal.say(text)),
            None => self.terminal.say(text),
        }
    }

    fn transition(&self, inner: &mut Inner, address: &Address, state: Visible, elapsed: Duration) {
        inner.under_way.insert(address.clone(), state);
        match &mut inner.live {
            None => {
                let text = match state {
                    Visible::Creating | Visible::Updating | Visible::Deleting => {
                        format!("{address}: {}", state.as_str())
                    }
                    Visible::Available | Visible::Ready | Visible::Deleted => {
                        format!("{address}: {} after {}", state.as_str(), time(elapsed))
                    }
                };
                self.terminal.say(&text);
            }
            Some(live) => {
                if !live.lines.contains_key(address) && live.lines.len() < LINES {
                    let line = live.region.add(ProgressBar::new_spinner());
                    let style = ProgressStyle::with_template("    {msg}  {elapsed}");
                    line.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
                    line.enable_steady_tick(Duration::from_secs(1));
                    live.lines.insert(address.clone(), line);
                }
                if let Some(line) = live.lines.get(address) {
                    line.set_message(format!("{address}  {}", state.as_str()));
                }
            }
        }
        refresh(inner);
    }

    /// A state in the service's own words; in a log every line counts, so it is told once for each change.
    fn reported(&self, inner: &Inner, address: &Address, state: &str) {
        match &inner.live {
            None => self.terminal.say(&format!("{address}: {state}")),
            Some(live) => {
                if let Some(line) = live.lines.get(address) {
                    line.set_message(format!("{address}  {state}"));
                }
            }
        }
    }

    fn end(&self, inner: &mut Inner, address: &Address, line: Option<String>) {
        inner.done += 1;
        let last = inner.under_way.remove(address);
        if let Some(live) = &mut inner.live
            && let Some(bar) = live.lines.remove(address)
        {
            bar.finish_and_clear();
        }
        match line {
            Some(text) => self.line(inner, &text),
            None if inner.live.is_some() => {
                let state = last.map_or("recorded", Visible::as_str);
                let text = format!("{} {address}  {state}", self.style.add("  ✓"));
                self.line(inner, &text);
            }
            None => {}
        }
        refresh(inner);
    }
}

impl Inner {
    fn tally(&self) -> Tally {
        Tally { reading: self.reading, total: self.total, done: self.done, under_way: self.under_way.len() }
    }
}

fn header(inner: &Inner) -> String {
    let more = inner.live.as_ref().map_or(0, |live| inner.under_way.len().saturating_sub(live.lines.len()));
    let more = if more > 0 { format!(", {more} more") } else { String::new() };
    format!("[{}/{} done, {} under way{more}]", inner.done, inner.total, inner.under_way.len())
}

fn refresh(inner: &Inner) {
    if let Some(live) = &inner.live {
        live.header.set_message(header(inner));
    }
}

impl EventSink for Progress {
    fn emit(&self, event: Event) {
        let mut inner = self.lock();
        match event {
            Event::ReadStarted { .. } => inner.reading += 1,
            Event::ReadCompleted { .. } => inner.reading = inner.reading.saturating_sub(1),
            Event::Retry { operation: _, message, attempt, of, pause } => {
                let text = format!("{message}; attempt {attempt} of {of} in {}", time(pause));
                self.line(&inner, &text);
            }
            Event::Transition { address, state, elapsed } => {
                self.transition(&mut inner, &address, state, elapsed);
            }
            Event::Reported { address, state, .. } => self.reported(&inner, &address, &state),
            Event::Succeeded { address } => self.end(&mut inner, &address, None),
            // Why is told at the end, once, with what to do about it.
            Event::Failed { address, message: _ } => {
                let text = format!("{} {address}", self.style.error("failed"));
                self.end(&mut inner, &address, Some(text));
            }
            Event::Skipped { address, message } => {
                let text = format!("{} {address}: {message}", self.style.change("skipped"));
                self.end(&mut inner, &address, Some(text));
            }
            Event::Notice { address, message } => {
                let text = format!("{} {address}: {message}", self.style.help("note"));
                self.line(&inner, &text);
            }
        }
    }
}
