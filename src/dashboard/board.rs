//! The board: what a watch tells, and what readers see. One lock, held for as long as it takes to copy.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::metrics::Metrics;
use super::picture::{Happened, Picture, Planned, When};
use super::view::{Delta, Detail, Diagnosed, FORMAT, Pass, Passes, Resources, State, Status};
use crate::domain::address::Address;
use crate::platform::time::{SystemClock, timestamp_ms, wall};

/// Passes that are kept.
const PASSES: usize = 100;
/// A watch that was not alive for so long is stuck.
const STUCK_AFTER: Duration = Duration::from_secs(30);

/// How often a watch says that it is alive.
pub const PULSE: Duration = Duration::from_secs(10);

/// What a watch is, as it was asked for.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The id of the run.
    pub run: String,
    /// The profile.
    pub profile: String,
    /// `apply` or `report`.
    pub mode: &'static str,
    /// Whether what has no manifest any more is deleted.
    pub prune: bool,
    /// What is watched.
    pub paths: Vec<String>,
}

/// What a watch shows.
#[derive(Debug)]
pub struct Board {
    facts: Facts,
    clock: SystemClock,
    started_at: String,
    inner: Mutex<Inner>,
    revision: watch::Sender<u64>,
    metrics: Metrics,
}

#[derive(Debug)]
struct Inner {
    picture: Picture,
    passes: VecDeque<Pass>,
    under_way: Option<UnderWay>,
    ready: bool,
    serial: Option<u64>,
    diagnostics: Vec<Diagnosed>,
    alive_at: Duration,
}

#[derive(Debug, Clone)]
struct UnderWay {
    number: u64,
    cause: &'static str,
    started_at: String,
}

/// What a pass came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ended {
    /// How long it took.
    pub took: Duration,
    /// In one line, for people.
    pub summary: String,
    /// Objects that differed.
    pub changed: usize,
    /// How many of them were applied.
    pub applied: usize,
    /// How many of them failed.
    pub failed: usize,
    /// Objects that cannot be changed.
    pub blocked: usize,
    /// Why there was no pass, if there was none.
    pub reason: Option<String>,
}

/// Whether the watch can be relied on, and why not.
pub(super) type Health = Result<(), &'static str>;

impl Inner {
    fn when(&self) -> When {
        When { at: timestamp_ms(), pass: self.under_way.as_ref().map_or(0, |pass| pass.number) }
    }
}

impl Board {
    /// An empty board.
    ///
    /// # Errors
    /// When the metrics cannot be registered, which only a defect of theirs can cause.
    pub fn new(facts: Facts) -> Result<Self, prometheus::Error> {
        let now = wall();
        // A reader that comes back after a restart has a revision that this watch never had.
        let first = u64::try_from(now.as_millisecond()).unwrap_or_default();
        let inner = Inner {
            picture: Picture::new(first),
            passes: VecDeque::new(),
            under_way: None,
            ready: false,
            serial: None,
            diagnostics: Vec::new(),
            alive_at: Duration::ZERO,
        };
        Ok(Self {
            facts,
            clock: SystemClock::start(),
            started_at: timestamp_ms(),
            inner: Mutex::new(inner),
            revision: watch::Sender::new(first),
            metrics: Metrics::new()?,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes something and tells the readers.
    fn change<T>(&self, change: impl FnOnce(&mut Inner, &Metrics) -> T) -> T {
        let mut inner = self.lock();
        let changed = change(&mut inner, &self.metrics);
        inner.picture.touch();
        self.revision.send_replace(inner.picture.revision());
        changed
    }

    /// The watch is alive: it says so every [`PULSE`].
    pub fn alive(&self) {
        self.lock().alive_at = self.clock.elapsed();
    }

    /// The manifests were looked at: so many files, if they could be loaded, of which so many were read.
    pub fn looked(&self, files: Option<usize>, read: usize) {
        self.metrics.looked(files, read);
    }

    /// What is wrong with the manifests now, or worth knowing.
    pub fn found(&self, diagnostics: Vec<Diagnosed>) {
        self.metrics.found(&diagnostics);
        if self.lock().diagnostics != diagnostics {
            self.change(|inner, _| inner.diagnostics = diagnostics);
        }
    }

    /// A pass begins.
    pub fn began(&self, number: u64, cause: &'static str) {
        let under_way = UnderWay { number, cause, started_at: timestamp_ms() };
        self.change(|inner, _| inner.under_way = Some(under_way));
    }

    /// A plan was made: how every object stands but those that are held back, and where it is about some of them only, those
    /// that are not `within`.
    pub fn planned(
        &self,
        planned: Vec<Planned>,
        held: &BTreeSet<Address>,
        within: Option<&BTreeSet<Address>>,
    ) {
        self.change(|inner, metrics| {
            let when = inner.when();
            metrics.drifted(&inner.picture.planned(&when, planned, held, within));
        });
    }

    /// Something happened to an object.
    pub fn happened(&self, address: &Address, happened: Happened) {
        self.change(|inner, metrics| {
            let when = inner.when();
            let step = metrics.step(address.kind, &happened);
            let action = inner.picture.happened(&when, address, happened);
            metrics.ended(address.kind, action, step);
        });
    }

    /// A request failed in a way that allows another one.
    pub fn retried(&self, operation: &str) {
        self.metrics.retried(operation);
    }

    /// A scope was listed, which took so long.
    pub fn listed(&self, took: Duration) {
        self.metrics.listed(took);
    }

    /// A message was sent to the webhook, or could not be.
    pub fn notified(&self, delivered: bool) {
        self.metrics.notified(delivered);
    }

    /// The pass ended. `serial` is that of the state, where it is known.
    pub fn ended(&self, ended: Ended, serial: Option<u64>) {
        self.change(|inner, metrics| {
            let Some(UnderWay { number, cause, started_at }) = inner.under_way.take() else { return };
            let Ended { took, summary, changed, applied, failed, blocked, reason } = ended;
            let elapsed_seconds = (took.as_secs_f64() * 1000.0).round() / 1000.0;
            let pass = Pass {
                number,
                cause,
                started_at,
                elapsed_seconds,
                summary,
                changed,
                applied,
                failed,
                blocked,
                reason,
            };
            metrics.passed(&pass);
            inner.ready |= pass.reason.is_none();
            inner.serial = serial.or(inner.serial);
            inner.passes.truncate(PASSES - 1);
            inner.passes.push_front(pass);
        });
    }

    /// Whether the watch is alive.
    pub(super) fn health(&self) -> Health {
        let silent = self.clock.elapsed().saturating_sub(self.lock().alive_at);
        if silent > STUCK_AFTER { Err("the watch is stuck") } else { Ok(()) }
    }

    /// Whether a pass has ended that could be made.
    pub(super) fn readiness(&self) -> Health {
        if self.lock().ready { Ok(()) } else { Err("no pass has ended yet that could be made") }
    }

    /// Tells of every new revision.
    pub(super) fn revisions(&self) -> watch::Receiver<u64> {
        self.revision.subscribe()
    }

    /// At a glance.
    pub(super) fn status(&self) -> Status {
        self.status_of(&self.lock())
    }

    fn status_of(&self, inner: &Inner) -> Status {
        let Facts { run, profile, mode, prune, paths } = self.facts.clone();
        let mut counts: BTreeMap<&'static str, usize> =
            State::ALL.iter().map(|state| (state.as_str(), 0)).collect();
        for ((_, state), count) in inner.picture.counts() {
            *counts.entry(state.as_str()).or_default() += count;
        }
        Status {
            format: FORMAT,
            tool: env!("CARGO_PKG_VERSION"),
            run,
            profile,
            mode,
            prune,
            paths,
            started_at: self.started_at.clone(),
            ready: inner.ready,
            under_way: inner.under_way.as_ref().map(|pass| pass.number),
            last_pass: inner.passes.front().cloned(),
            serial: inner.serial,
            counts,
            diagnostics: inner.diagnostics.clone(),
            revision: inner.picture.revision(),
        }
    }

    /// All objects.
    pub(super) fn resources(&self) -> Resources {
        let inner = self.lock();
        Resources { revision: inner.picture.revision(), resources: inner.picture.resources() }
    }

    /// One object.
    pub(super) fn detail(&self, address: &Address) -> Option<Detail> {
        self.lock().picture.detail(address)
    }

    /// The passes that ended.
    pub(super) fn passes(&self) -> Passes {
        Passes { passes: self.lock().passes.iter().cloned().collect() }
    }

    /// What changed since a revision.
    pub(super) fn since(&self, revision: Option<u64>) -> Delta {
        let inner = self.lock();
        let changes = inner.picture.since(revision);
        Delta {
            whole: changes.whole,
            status: self.status_of(&inner),
            resources: changes.resources,
            gone: changes.gone,
            moments: changes.moments,
        }
    }

    /// The metrics, in Prometheus' text format.
    ///
    /// # Errors
    /// When the library refuses, which only a defect can cause.
    pub(super) fn exposition(&self) -> Result<String, prometheus::Error> {
        let (counts, ready, serial) = {
            let inner = self.lock();
            (inner.picture.counts().clone(), inner.ready, inner.serial)
        };
        self.metrics.exposition(&counts, ready, serial)
    }
}
