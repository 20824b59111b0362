//! One apply as the command line does it: recover, observe, settle, plan, approve, execute, and look again.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use reconcile::domain::desired::DesiredSet;
use reconcile::domain::journal::{Intent, JournalRecord};
use reconcile::domain::live::World;
use reconcile::domain::natural_key::Scope;
use reconcile::domain::plan::Plan;
use reconcile::domain::recorded::Recorded;
use reconcile::domain::snapshot::StateChange;
use reconcile::engine::executor::{Failure, Patience, Report, Settings, Stop, execute, record};
use reconcile::engine::observe::observe;
use reconcile::engine::planner::settle::{Settled, settle};
use reconcile::engine::planner::{Options, PlanError, PlanInput, plan, scopes};
use reconcile::engine::resume::{Approved, Unfit};
use reconcile::engine::retry::RetryPolicy;
use reconcile::platform::time::SystemClock;
use reconcile::ports::clock::Clock;
use reconcile::ports::provider::ProviderError;
use reconcile::saved::{read_approved, write_approved};
use tokio::sync::watch;

use super::builders::{Declared, address, set};
use super::events::Recorder;
use super::memory::MemoryService;
use super::state::MemoryStore;
use super::tape::{Entry, Tape, Write};

/// A folder of manifests, a state and a service.
pub(crate) struct Site {
    pub(crate) clock: SystemClock,
    pub(crate) tape: Tape,
    pub(crate) service: Arc<MemoryService>,
    pub(crate) store: MemoryStore,
    pub(crate) events: Recorder,
    pub(crate) desired: DesiredSet,
    pub(crate) options: Options,
    pub(crate) settings: Settings,
}

/// Runs a whole property case in virtual time.
pub(crate) fn in_virtual_time<T>(run: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.unwrap().block_on(run)
}

/// What was known when a plan was made, and the plan.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) settled: Settled,
    pub(crate) plan: Plan,
}

/// Why there is no plan.
#[derive(Debug)]
pub(crate) enum NoPlan {
    Unread(ProviderError),
    Contradiction(PlanError),
}

/// Everything about one apply.
#[derive(Debug)]
pub(crate) struct Applied {
    pub(crate) planned: Planned,
    pub(crate) report: Report,
    /// The plan that is left.
    pub(crate) after: Plan,
    /// What reached the disk and the service, the looks of the plan that is left not counted.
    pub(crate) entries: Vec<Entry>,
    /// How long reading, planning and execution took.
    pub(crate) took: Duration,
}

impl Site {
    pub(crate) fn new() -> Self {
        let clock = SystemClock::start();
        let tape = Tape::new(clock);
        Self {
            clock,
            service: Arc::new(MemoryService::new(clock, tape.clone())),
            store: MemoryStore::new(tape.clone()),
            events: Recorder::new(clock, tape.clone()),
            tape,
            desired: DesiredSet::new(),
            options: Options::default(),
            settings: Settings {
                parallelism: 8,
                connectors: Patience { interval: Duration::from_secs(3), limit: Duration::from_mins(10) },
                stores: Patience::STORES,
                retry: RetryPolicy { throttled: false },
                fail_fast: false,
                declared: BTreeSet::new(),
            },
        }
    }

    /// A site with these manifests.
    pub(crate) fn declaring(declared: impl IntoIterator<Item = Declared>) -> Self {
        let mut site = Self::new();
        site.declare(declared);
        site
    }

    /// A site on which these manifests were applied.
    pub(crate) async fn applied(declared: impl IntoIterator<Item = Declared>) -> Self {
        let mut site = Self::declaring(declared);
        let applied = site.apply_once().await;
        assert!(applied.report.is_complete() && applied.after.is_empty(), "{:#?}", applied.report);
        site
    }

    /// These are the manifests now.
    pub(crate) fn declare(&mut self, declared: impl IntoIterator<Item = Declared>) {
        self.replace_manifests(set(declared));
    }

    pub(crate) fn replace_manifests(&mut self, desired: DesiredSet) {
        self.desired = desired;
        self.settings.declared = self.desired.values().map(|desired| desired.spec.key()).collect();
    }

    /// What `import` does once it has looked.
    pub(crate) fn import(&mut self, recorded: Recorded) {
        let recovered = self.store.recover();
        record(&mut self.store, recovered, vec![StateChange::Put(Box::new(recorded))]).unwrap();
    }

    /// Time passes.
    pub(crate) async fn pass(&self, time: Duration) {
        self.clock.sleep_until(self.clock.now() + time).await;
    }

    async fn observe(&self, wanted: &BTreeSet<Scope>) -> Result<World, ProviderError> {
        let (retry, parallelism) = (self.settings.retry, self.settings.parallelism);
        observe(&*self.service, &self.clock, &self.events, retry, wanted, parallelism).await
    }

    /// What `plan` does; it writes nothing.
    pub(crate) async fn try_plan(&self) -> Result<Planned, NoPlan> {
        Ok(self.look().await?.0)
    }

    /// A plan, and the world that it was made from.
    pub(crate) async fn look(&self) -> Result<(Planned, World), NoPlan> {
        let recovered = self.store.recover();
        let mut wanted = scopes(&self.desired, &recovered.snapshot);
        wanted.extend(recovered.open.values().map(Intent::scope));
        let world = self.observe(&wanted).await.map_err(NoPlan::Unread)?;
        let settled = settle(&recovered, &world);
        let sends_definition = wanted;
        let input = PlanInput {
            desired: &self.desired,
            recorded: &settled.snapshot,
            unseen: &settled.unseen,
            live: &world,
            sends_definition: &sends_definition,
            options: &self.options,
        };
        let plan = plan(&input).map_err(NoPlan::Contradiction)?;
        Ok((Planned { settled, plan }, world))
    }

    pub(crate) async fn plan(&self) -> Plan {
        self.try_plan().await.unwrap().plan
    }

    /// What `apply` does.
    pub(crate) async fn apply_once(&mut self) -> Applied {
        let (_, never) = watch::channel(Stop::No);
        self.apply_until(never).await
    }

    /// What `apply` does when somebody may press Ctrl-C.
    pub(crate) async fn apply_until(&mut self, wishes: watch::Receiver<Stop>) -> Applied {
        let (began, started) = (self.tape.len(), self.clock.now());
        let planned = self.try_plan().await.unwrap();
        let report = self.carry_out(&planned, wishes).await;
        let (entries, took) = (self.tape.since(began), self.clock.now().saturating_sub(started));
        let after = self.plan().await;
        assert_eq!(self.tape.without_intent(), [], "a request without a durable intent");
        assert_eq!(self.events.too_early(), [], "reported as done before it was durable");
        Applied { planned, report, after, entries, took }
    }

    /// Executes, which journals what was settled first.
    pub(crate) async fn carry_out(&mut self, planned: &Planned, wishes: watch::Receiver<Stop>) -> Report {
        let outside = (&*self.service, &self.clock, &self.events);
        let approved = planned.plan.clone().approve().unwrap();
        execute(approved, planned.settled.clone(), &mut self.store, outside, &self.settings, wishes).await
    }

    /// What `apply` does until the process is killed behind the n-th entry of the tape. Returns the plan that it was
    /// carrying out, if it had made one, and whether it was killed.
    pub(crate) async fn apply_cut_behind(&mut self, n: usize) -> (Plan, bool) {
        let (planned, world) = self.look().await.unwrap();
        let (recorded, options) = (&planned.settled.snapshot, &self.options);
        let approved = Approved::of(&planned.plan, &self.desired, recorded, &world, options);
        self.store.begin(JournalRecord::Approved { plan: write_approved(&approved, "test").unwrap() });
        self.cut_behind(planned, n).await
    }

    /// What `apply --resume` would do: nothing without a run that was cut off and left a plan.
    pub(crate) async fn rest(&mut self) -> Option<Result<Planned, Unfit>> {
        let run = self.store.cut_off()?;
        let (approved, _) = read_approved(run.plan.as_deref()?).unwrap();
        let recovered = self.store.recover();
        let mut wanted = scopes(&approved.desired, &recovered.snapshot);
        wanted.extend(recovered.open.values().map(Intent::scope));
        wanted.extend(approved.live.keys().cloned());
        let world = self.observe(&wanted).await.unwrap();
        let settled = settle(&recovered, &world);
        let plan = approved.rest(&run.begun, &approved.desired, (&settled, &world, &wanted));
        Some(plan.map(|plan| {
            self.store.begin(JournalRecord::Resumes { run: run.run });
            Planned { settled, plan }
        }))
    }

    /// What `apply --resume` does until the process is killed behind the n-th entry of the tape; nothing when the plan does
    /// not fit.
    pub(crate) async fn resume_cut_behind(&mut self, n: usize) -> Option<Plan> {
        let planned = self.rest().await?.ok()?;
        Some(self.cut_behind(planned, n).await.0)
    }

    async fn cut_behind(&mut self, planned: Planned, n: usize) -> (Plan, bool) {
        let (_, never) = watch::channel(Stop::No);
        let tape = self.tape.clone();
        tape.cut_behind(n);
        let killed = tokio::select! {
            biased;
            () = tape.torn() => true,
            _ = self.carry_out(&planned, never) => false,
        };
        tape.mend();
        (planned.plan, killed)
    }
}

impl Applied {
    /// The failure of one row.
    pub(crate) fn failure(&self, name: &str) -> Option<&Failure> {
        let wanted = address(name);
        self.report.all_failures().find(|(address, _)| *address == Some(&wanted)).map(|(_, failure)| failure)
    }

    /// The writes that were asked for.
    pub(crate) fn asked(&self) -> Vec<Write> {
        let asked = |entry: &Entry| if let Entry::Asked(write) = entry { Some(write.clone()) } else { None };
        self.entries.iter().filter_map(asked).collect()
    }

    /// How many list requests there were.
    pub(crate) fn lists(&self) -> usize {
        self.entries.iter().filter(|entry| matches!(entry, Entry::Listed(_))).count()
    }

    /// What the state says of an object afterwards.
    pub(crate) fn record(&self, name: &str) -> Option<Recorded> {
        self.report.snapshot.at(&address(name)).next().cloned()
    }
}
