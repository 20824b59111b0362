//! One command's session: what it reads, and the plan that follows from it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use super::error::{CliError, tell_diagnostics};
use super::events::Fanout;
use super::interrupt::Interrupt;
use super::options::{Common, Sending};
use super::terminal::Terminal;
use super::wire::{Services, Wired, wire};
use crate::domain::desired::{DesiredSet, Unresolved};
use crate::domain::evidence::Evidence;
use crate::domain::field::Fields;
use crate::domain::journal::{Intent, Recovered};
use crate::domain::live::{Live, World};
use crate::domain::natural_key::Scope;
use crate::domain::plan::Plan;
use crate::domain::snapshot::{Lineage, Snapshot};
use crate::engine::observe::observe;
use crate::engine::planner::settle::{Settled, settle};
use crate::engine::planner::{Options, PlanInput, narrow, plan, scopes};
use crate::engine::retry::RetryPolicy;
use crate::manifest;
use crate::manifest::fingerprint::Fingerprinter;
use crate::manifest::secrets::{self, Wanted};
use crate::platform::entropy;
use crate::platform::time::SystemClock;
use crate::ports::clock::Clock;
use crate::ports::provider::Provider;
use crate::state::{Backup, LockRequest, LockedState, Remembered, WatchLock};

/// What every command has.
pub(crate) struct Session {
    pub(crate) terminal: Terminal,
    pub(crate) common: Common,
    pub(crate) wired: Wired,
    pub(crate) clock: SystemClock,
    pub(crate) interrupt: Rc<Interrupt>,
    pub(crate) events: Rc<Fanout>,
}

/// A plan and what it was made from.
pub(crate) struct Planned {
    pub(crate) plan: Plan,
    pub(crate) settled: Settled,
    pub(crate) evidence: Evidence,
    /// How long it took to observe and to plan; of a plan that was made from a file nobody wants to know.
    pub(crate) took: Option<Duration>,
}

impl Planned {
    /// Settles what an earlier run left open, and plans.
    pub(crate) fn on(evidence: Evidence, desired: &DesiredSet, options: &Options) -> Result<Self, CliError> {
        let settled = settle(&evidence.recovered, &evidence.live);
        let plan = plan(&PlanInput {
            desired,
            recorded: &settled.snapshot,
            unseen: &settled.unseen,
            live: &evidence.live,
            sends_definition: &evidence.sends_definition,
            options,
        })?;
        Ok(Self { plan, settled, evidence, took: None })
    }

    /// Settles, and plans for these objects alone. `None` when only the plan of everything says what is to become of them.
    fn narrow(evidence: Evidence, desired: &DesiredSet, options: &Options) -> Option<Self> {
        let settled = settle(&evidence.recovered, &evidence.live);
        let input = PlanInput {
            desired,
            recorded: &narrow::part(&settled.snapshot, desired),
            unseen: &settled.unseen,
            live: &evidence.live,
            sends_definition: &evidence.sends_definition,
            options,
        };
        // Why there is no plan, the whole one says better.
        let plan = plan(&input).ok().filter(|plan| narrow::holds(plan, &input))?;
        Some(Self { plan, settled, evidence, took: None })
    }
}

/// The scopes of what is declared, recorded or was left open.
pub(crate) fn wanted(declared: &DesiredSet, recovered: &Recovered) -> BTreeSet<Scope> {
    let mut wanted = scopes(declared, &recovered.snapshot);
    wanted.extend(recovered.open.values().map(Intent::scope));
    wanted
}

impl Session {
    /// Finds project, profile and state. Opens no socket.
    pub(crate) fn open(
        common: Common,
        terminal: Terminal,
        interrupt: Rc<Interrupt>,
        events: Rc<Fanout>,
    ) -> Result<Self, CliError> {
        let start = std::env::current_dir()
            .map_err(|error| CliError::System(format!("the working folder cannot be found: {error}")))?;
        let wired = wire(&common, &start)?;
        events.learn(|facts| facts.profile(&wired.profile));
        Ok(Self { terminal, common, wired, clock: SystemClock::start(), interrupt, events })
    }

    /// Loads manifests and tells their warnings.
    pub(crate) fn manifests(&self, paths: Vec<PathBuf>) -> Result<manifest::Loaded, CliError> {
        let paths = self.wired.default_paths(paths);
        self.events.learn(|facts| facts.files(manifest::files(&paths)));
        let loaded = manifest::load(&paths, &self.wired.values).map_err(CliError::Manifest)?;
        self.events.diagnosed(&loaded.warnings);
        if !self.terminal.quiet {
            tell_diagnostics(&loaded.warnings, self.terminal);
        }
        Ok(loaded)
    }

    /// Loads manifests and reads the state beside it: neither needs the other. What is wrong with the manifests is told first.
    pub(crate) fn manifests_and_recorded(
        &self,
        paths: Vec<PathBuf>,
    ) -> Result<(manifest::Loaded, Recovered), CliError> {
        let state = &self.wired.state;
        let (loaded, read) = std::thread::scope(|scope| {
            let reading = scope.spawn(|| state.read());
            let loaded = self.manifests(paths);
            let read = reading.join().unwrap_or_else(|defect| std::panic::resume_unwind(defect));
            (loaded, read)
        });
        Ok((loaded?, read?.unwrap_or_else(no_state)))
    }

    /// Fetches the secrets and files behind what is declared. Fingerprints are made with the state's key. Who holds the
    /// lock makes it when there is none; a reader takes one for this run: nothing is recorded that it could be compared with.
    pub(crate) fn resolve(
        &self,
        declared: Unresolved,
        locked: Option<&mut LockedState>,
    ) -> Result<DesiredSet, CliError> {
        let key = match (secrets::need_key(&declared), locked) {
            (false, _) => None,
            (true, Some(state)) => Some(state.fingerprint_key()?),
            (true, None) => self.wired.state.fingerprint_key()?,
        };
        let key = key.map_or_else(|| entropy::bytes_256().map_err(no_randomness), Ok)?;
        let prints = Fingerprinter::new(key);
        declared
            .resolve(|address, parameter, sealed| {
                secrets::fetch(Wanted::parameter(address, parameter), sealed, &prints)
            })
            .map_err(CliError::Manifest)
    }

    /// Makes an empty state where there is none, and its key where something declared needs it: by both a saved plan knows
    /// the state that it was made for.
    pub(crate) async fn found_state(&self, declared: &Unresolved) -> Result<(), CliError> {
        let needs_key = secrets::need_key(declared);
        let state = &self.wired.state;
        let is_whole = state.read()?.is_some() && (!needs_key || state.fingerprint_key()?.is_some());
        if !is_whole {
            let mut locked = self.lock("plan --out", Duration::ZERO).await?;
            if needs_key {
                locked.fingerprint_key()?;
            }
        }
        Ok(())
    }

    /// Becomes the one watcher of the state.
    pub(crate) async fn watch_lock(&self) -> Result<WatchLock, CliError> {
        Ok(self.wired.state.watch(self.events.run().clone(), &self.clock).await?)
    }

    /// The provider of the profile.
    pub(crate) fn services(&self) -> Result<Services, CliError> {
        let services = self.wired.services()?;
        if services.emulated {
            self.terminal
                .say(&format!("profile {}: the built-in emulator, no account needed", self.wired.profile));
        }
        Ok(services)
    }

    /// What is recorded, without a lock.
    pub(crate) fn recorded(&self) -> Result<Recovered, CliError> {
        Ok(self.wired.state.read()?.unwrap_or_else(no_state))
    }

    /// Takes the state's lock.
    pub(crate) async fn lock(&self, command: &str, timeout: Duration) -> Result<LockedState, CliError> {
        let request = self.lock_request(command, timeout);
        Ok(self.wired.state.lock(request, &self.clock, self.waiting()).await?)
    }

    /// Takes the state's lock again. What is remembered of the state is not read if nobody else can have changed it.
    pub(crate) async fn lock_again(
        &self,
        command: &str,
        timeout: Duration,
        remembered: Option<Remembered>,
    ) -> Result<LockedState, CliError> {
        let request = self.lock_request(command, timeout);
        Ok(self.wired.state.lock_again(remembered, request, &self.clock, self.waiting()).await?)
    }

    /// Takes the state's lock and makes a backup the state again.
    pub(crate) async fn restore(&self, backup: &Backup, timeout: Duration) -> Result<LockedState, CliError> {
        let request = self.lock_request("state restore", timeout);
        Ok(self.wired.state.restore(backup, request, &self.clock, self.waiting()).await?)
    }

    fn lock_request(&self, command: &str, timeout: Duration) -> LockRequest {
        LockRequest { run: self.events.run().clone(), command: command.to_owned(), timeout }
    }

    /// Tells who is in the way.
    fn waiting(&self) -> impl FnOnce(&str) + use<'_> {
        let events = &*self.events;
        move |holder| events.say(&format!("waiting for the state's lock, held by {holder}"))
    }

    /// Observes, settles what an earlier run left open, and plans.
    pub(crate) async fn plan<P: Provider>(
        &self,
        provider: &P,
        desired: &DesiredSet,
        recovered: Recovered,
        options: &Options,
        sending: Sending,
    ) -> Result<Planned, CliError> {
        let started = self.clock.now();
        let evidence = self.evidence(provider, desired, recovered, sending).await?;
        let planned = Planned::on(evidence, desired, options)?;
        Ok(Planned { took: Some(self.clock.now().saturating_sub(started)), ..planned })
    }

    /// The same for some objects alone, which lists only the scopes that they are in. `None` when that says too little.
    pub(crate) async fn plan_narrow<P: Provider>(
        &self,
        provider: &P,
        desired: &DesiredSet,
        recovered: Recovered,
        options: &Options,
        sending: Sending,
    ) -> Result<Option<Planned>, CliError> {
        let wanted = desired.values().map(|desired| desired.spec.key().scope()).collect();
        let evidence = self.evidence_of(provider, &wanted, recovered, sending).await?;
        Ok(Planned::narrow(evidence, desired, options))
    }

    /// Lists every scope of what is declared, recorded or was left open.
    pub(crate) async fn evidence<P: Provider>(
        &self,
        provider: &P,
        declared: &DesiredSet,
        recovered: Recovered,
        sending: Sending,
    ) -> Result<Evidence, CliError> {
        self.evidence_of(provider, &wanted(declared, &recovered), recovered, sending).await
    }

    /// Lists these scopes.
    async fn evidence_of<P: Provider>(
        &self,
        provider: &P,
        wanted: &BTreeSet<Scope>,
        recovered: Recovered,
        sending: Sending,
    ) -> Result<Evidence, CliError> {
        let live = self.observe(provider, wanted, sending).await?;
        let sends_definition =
            live.keys().filter(|scope| provider.abilities(scope).sends_definition).cloned().collect();
        Ok(Evidence { recovered, live, sends_definition })
    }

    /// What a read of this one object shows beside the listing.
    pub(crate) async fn describe<P: Provider>(
        &self,
        provider: &P,
        live: &Live,
    ) -> Result<Option<Fields>, CliError> {
        let retry = RetryPolicy { throttled: false };
        Ok(retry.run(&self.clock, &*self.events, || provider.describe(live)).await?)
    }

    /// One list call for each scope.
    pub(crate) async fn observe<P: Provider>(
        &self,
        provider: &P,
        wanted: &BTreeSet<Scope>,
        sending: Sending,
    ) -> Result<World, CliError> {
        Ok(observe(provider, &self.clock, &*self.events, sending.retry, wanted, sending.parallelism).await?)
    }
}

/// What is recorded where nothing was.
pub(crate) fn no_state() -> Recovered {
    Recovered::new(Snapshot::new(Lineage(String::new())))
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that `map_err` wants")]
pub(crate) fn no_randomness(error: std::io::Error) -> CliError {
    CliError::System(format!("the system has no randomness: {error}"))
}
