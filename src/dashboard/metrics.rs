//! The metrics (`/metrics`). Names and meanings are a promise: `docs/dashboard.md` has their table, made from [`metrics`].

use std::collections::BTreeMap;
use std::time::Duration;

use prometheus::core::Collector;
use prometheus::process_collector::ProcessCollector;
use prometheus::{
    Gauge, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts,
    Registry, TextEncoder,
};

use super::picture::{Drifted, Happened};
use super::view::{Diagnosed, Pass, State};
use crate::domain::address::Kind;
use crate::platform::time::wall;

/// Seconds: from one poll to the longest wait.
const WAITS: [f64; 12] = [0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0];
/// Seconds: of requests and passes.
const WORK: [f64; 12] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0, 600.0];

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Done,
    Failed,
}

/// What is counted.
#[derive(Debug)]
pub(super) struct Metrics {
    registry: Registry,
    resources: IntGaugeVec,
    ready: IntGauge,
    serial: IntGauge,
    passes: IntCounterVec,
    pass_duration: Histogram,
    last_pass: Gauge,
    last_success: Gauge,
    changes: IntCounterVec,
    drift: IntCounterVec,
    readiness: HistogramVec,
    listings: Histogram,
    retries: IntCounterVec,
    files: IntGauge,
    reads: IntCounter,
    diagnostics: IntGaugeVec,
    notifications: IntCounterVec,
}

/// A metric, for its table in the documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// Its name.
    pub name: String,
    /// `counter`, `gauge` or `histogram`.
    pub kind: &'static str,
    /// Its labels.
    pub labels: Vec<String>,
    /// What it is.
    pub help: String,
}

/// Every metric of ours, in the order of their names; those about the process are Prometheus' own.
///
/// # Errors
/// When they cannot be registered, which only a defect of theirs can cause.
pub fn metrics() -> prometheus::Result<Vec<Described>> {
    let mut described = make()?.1;
    described.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(described)
}

/// Makes and registers collectors, and remembers them.
struct Maker {
    registry: Registry,
    made: Vec<Described>,
}

impl Maker {
    fn with<C: Collector + Clone + 'static>(
        &mut self,
        kind: &'static str,
        made: prometheus::Result<C>,
    ) -> prometheus::Result<C> {
        let made = made?;
        self.registry.register(Box::new(made.clone()))?;
        self.made.extend(made.desc().into_iter().map(|desc| Described {
            name: desc.fq_name.clone(),
            kind,
            labels: desc.variable_labels.clone(),
            help: desc.help.clone(),
        }));
        Ok(made)
    }

    fn counter(&mut self, name: &str, help: &str) -> prometheus::Result<IntCounter> {
        self.with("counter", IntCounter::new(name, help))
    }

    fn counters(&mut self, name: &str, help: &str, labels: &[&str]) -> prometheus::Result<IntCounterVec> {
        self.with("counter", IntCounterVec::new(Opts::new(name, help), labels))
    }

    fn gauges(&mut self, name: &str, help: &str, labels: &[&str]) -> prometheus::Result<IntGaugeVec> {
        self.with("gauge", IntGaugeVec::new(Opts::new(name, help), labels))
    }

    fn gauge(&mut self, name: &str, help: &str) -> prometheus::Result<IntGauge> {
        self.with("gauge", IntGauge::new(name, help))
    }

    fn moment(&mut self, name: &str, help: &str) -> prometheus::Result<Gauge> {
        self.with("gauge", Gauge::new(name, help))
    }

    fn work(&mut self, name: &str, help: &str) -> prometheus::Result<Histogram> {
        let options = HistogramOpts::new(name, help).buckets(WORK.to_vec());
        self.with("histogram", Histogram::with_opts(options))
    }

    fn waits(&mut self, name: &str, help: &str, labels: &[&str]) -> prometheus::Result<HistogramVec> {
        let options = HistogramOpts::new(name, help).buckets(WAITS.to_vec());
        self.with("histogram", HistogramVec::new(options, labels))
    }
}

fn make() -> prometheus::Result<(Metrics, Vec<Described>)> {
    let mut make = Maker { registry: Registry::new(), made: Vec::new() };
    make.registry.register(Box::new(ProcessCollector::for_self()))?;
    let build = make.gauges("reconcile_build_info", "1, with the version of the program", &["version"])?;
    build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
    let metrics = Metrics {
            resources: make.gauges(
                "reconcile_resources",
                "Objects, by kind and by how they stand (as in /api/v1/resources)",
                &["kind", "state"],
            )?,
            ready: make.gauge("reconcile_ready", "1 when a pass has ended that could be made, else 0")?,
            serial: make.gauge("reconcile_state_serial", "Serial of the state, 0 before the first pass")?,
            passes: make.counters(
                "reconcile_passes_total",
                "Passes that ended, by what led to them (start, files, resync, retry) and how they ended: asDeclared, \
                 changed, failed (something failed), impossible (none could be made)",
                &["cause", "outcome"],
            )?,
            pass_duration: make.work("reconcile_pass_duration_seconds", "How long a pass took")?,
            last_pass: make
                .moment("reconcile_last_pass_timestamp_seconds", "When the last pass ended, Unix time")?,
            last_success: make.moment(
                "reconcile_last_success_timestamp_seconds",
                "When the last pass ended in which nothing failed, Unix time",
            )?,
            changes: make.counters(
                "reconcile_changes_total",
                "Changes carried out, by kind, by action (create, update, replace, delete, adopt, forget, rename) and by \
                 result (done, failed)",
                &["kind", "action", "result"],
            )?,
            drift: make.counters(
                "reconcile_drift_detected_total",
                "How often live was found to have moved since it was applied",
                &["kind"],
            )?,
            readiness: make.waits(
                "reconcile_readiness_duration_seconds",
                "From the beginning of a change until the object can be used",
                &["kind"],
            )?,
            listings: make.work(
                "reconcile_listing_duration_seconds",
                "How long the listing of one scope took, retries included",
            )?,
            retries: make.counters(
                "reconcile_retries_total",
                "Requests that failed and were sent again, by operation",
                &["operation"],
            )?,
            files: make.gauge("reconcile_manifest_files", "Manifest files that are watched")?,
            reads: make.counter("reconcile_manifest_reads_total", "Manifest files that were read")?,
            diagnostics: make.gauges(
                "reconcile_manifest_diagnostics",
                "What is wrong with the manifests as they are now, by severity",
                &["severity"],
            )?,
            notifications: make.counters(
                "reconcile_notifications_total",
                "Messages to the webhook, by result (delivered, failed)",
                &["result"],
            )?,
            registry: make.registry,
        };
    Ok((metrics, make.made))
}

impl Metrics {
    pub(super) fn new() -> prometheus::Result<Self> {
        Ok(make()?.0)
    }

    pub(super) fn looked(&self, files: Option<usize>, read: usize) {
        if let Some(files) = files {
            self.files.set(whole(files));
        }
        self.reads.inc_by(u64::try_from(read).unwrap_or(u64::MAX));
    }

    pub(super) fn found(&self, diagnostics: &[Diagnosed]) {
        for severity in ["error", "warning"] {
            let count = diagnostics.iter().filter(|one| one.severity == severity).count();
            self.diagnostics.with_label_values(&[severity]).set(whole(count));
        }
    }

    pub(super) fn drifted(&self, drifted: &[Drifted]) {
        for Drifted(kind) in drifted {
            self.drift.with_label_values(&[kind.as_str()]).inc();
        }
    }

    /// What happened, if it counts.
    pub(super) fn step(&self, kind: Kind, happened: &Happened) -> Option<Step> {
        match happened {
            Happened::Turned { ready_after: Some(took), .. } => {
                self.readiness.with_label_values(&[kind.as_str()]).observe(took.as_secs_f64());
                None
            }
            Happened::Done => Some(Step::Done),
            Happened::Failed(_) => Some(Step::Failed),
            Happened::Turned { ready_after: None, .. }
            | Happened::Reported { .. }
            | Happened::Skipped(_)
            | Happened::Noted(_) => None,
        }
    }

    /// A step ended of what was planned.
    pub(super) fn ended(&self, kind: Kind, action: Option<&'static str>, step: Option<Step>) {
        let result = match step {
            None => return,
            Some(Step::Done) => "done",
            Some(Step::Failed) => "failed",
        };
        let labels = [kind.as_str(), action.unwrap_or("update"), result];
        self.changes.with_label_values(&labels).inc();
    }

    pub(super) fn retried(&self, operation: &str) {
        self.retries.with_label_values(&[operation]).inc();
    }

    pub(super) fn listed(&self, took: Duration) {
        self.listings.observe(took.as_secs_f64());
    }

    pub(super) fn notified(&self, delivered: bool) {
        self.notifications.with_label_values(&[if delivered { "delivered" } else { "failed" }]).inc();
    }

    pub(super) fn passed(&self, pass: &Pass) {
        let outcome = match pass {
            Pass { reason: Some(_), .. } => "impossible",
            Pass { failed: 1.., .. } => "failed",
            Pass { changed: 1.., .. } => "changed",
            Pass { .. } => "asDeclared",
        };
        self.passes.with_label_values(&[pass.cause, outcome]).inc();
        self.pass_duration.observe(pass.elapsed_seconds);
        let now = wall().as_duration().as_secs_f64();
        self.last_pass.set(now);
        if matches!(outcome, "changed" | "asDeclared") {
            self.last_success.set(now);
        }
    }

    /// Everything, in the text format.
    pub(super) fn exposition(
        &self,
        counts: &BTreeMap<(Kind, State), usize>,
        ready: bool,
        serial: Option<u64>,
    ) -> prometheus::Result<String> {
        for kind in Kind::ALL {
            for state in State::ALL {
                let count = counts.get(&(*kind, state)).copied().unwrap_or_default();
                self.resources.with_label_values(&[kind.as_str(), state.as_str()]).set(whole(count));
            }
        }
        self.ready.set(i64::from(ready));
        self.serial.set(serial.and_then(|serial| i64::try_from(serial).ok()).unwrap_or_default());
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
