//! One command's session: what it reads, and the plan that follows from it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use super::error::{CliError, tell_diagnostics};
use super::interrupt::Interrupt;
use super::options::{Common, Sending};
use super::render::progress::Progress;
use super::terminal::Terminal;
use super::wire::{Services, Wired, wire};
use crate::domain::desired::{DesiredSet, Unresolved};
use crate::domain::field::Fields;
use crate::domain::journal::{Recovered, RunId};
use crate::domain::live::{Live, World};
use crate::domain::natural_key::Scope;
use crate::domain::plan::Plan;
use crate::domain::snapshot::{Lineage, Snapshot};
use crate::engine::observe::observe;
use crate::engine::planner::settle::{Settled, settle};
use crate::engine::planner::{Options, PlanInput, plan, scopes};
use crate::engine::retry::RetryPolicy;
use crate::manifest::fingerprint::Fingerprinter;
use crate::manifest::{self, secrets};
use crate::platform::entropy;
use crate::platform::time::SystemClock;
use crate::ports::clock::Clock;
use crate::ports::event_sink::EventSink;
use crate::ports::provider::Provider;
use crate::state::{Backup, LockRequest, LockedState};

/// What every command has.
pub(crate) struct Session {
    pub(crate) terminal: Terminal,
    pub(crate) common: Common,
    pub(crate) wired: Wired,
    pub(crate) clock: SystemClock,
    pub(crate) interrupt: std::rc::Rc<Interrupt>,
}

/// A plan and what it was made from.
pub(crate) struct Planned {
    pub(crate) plan: Plan,
    pub(crate) settled: Settled,
    pub(crate) took: Duration,
}

impl Session {
    /// Finds project, profile and state. Opens no socket.
    pub(crate) fn open(
        common: Common,
        terminal: Terminal,
        interrupt: std::rc::Rc<Interrupt>,
    ) -> Result<Self, CliError> {
        let start = std::env::current_dir()
            .map_err(|error| CliError::System(format!("the working folder cannot be found: {error}")))?;
        let wired = wire(&common, &start)?;
        Ok(Self { terminal, common, wired, clock: SystemClock::start(), interrupt })
    }

    /// Loads manifests and tells their warnings.
    pub(crate) fn manifests(&self, paths: Vec<PathBuf>) -> Result<manifest::Loaded, CliError> {
        let loaded = manifest::load(&self.wired.default_paths(paths)).map_err(CliError::Manifest)?;
        if !self.terminal.quiet {
            tell_diagnostics(&loaded.warnings, self.terminal);
        }
        Ok(loaded)
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
            .resolve(|address, parameter, sealed| secrets::fetch(address, parameter, sealed, &prints))
            .map_err(CliError::Manifest)
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
        let read = self.wired.state.read()?;
        Ok(read.unwrap_or_else(|| Recovered::new(Snapshot::new(Lineage(String::new())))))
    }

    /// Takes the state's lock.
    pub(crate) async fn lock(&self, command: &str, timeout: Duration) -> Result<LockedState, CliError> {
        let request = lock_request(command, timeout)?;
        Ok(self.wired.state.lock(request, &self.clock, self.waiting()).await?)
    }

    /// Takes the state's lock and makes a backup the state again.
    pub(crate) async fn restore(&self, backup: &Backup, timeout: Duration) -> Result<LockedState, CliError> {
        let request = lock_request("state restore", timeout)?;
        Ok(self.wired.state.restore(backup, request, &self.clock, self.waiting()).await?)
    }

    /// Tells who is in the way.
    fn waiting(&self) -> impl FnOnce(&str) + Send + use<> {
        let terminal = self.terminal;
        move |holder| terminal.say(&format!("waiting for the state's lock, held by {holder}"))
    }

    /// Observes the scopes of everything declared and recorded, settles what an earlier run left open, and plans.
    pub(crate) async fn plan<P: Provider>(
        &self,
        provider: &P,
        desired: &DesiredSet,
        recovered: &Recovered,
        options: &Options,
        sending: Sending,
    ) -> Result<Planned, CliError> {
        let started = self.clock.now();
        let live = self.live(provider, desired, recovered, sending).await?;
        let planned = self.plan_against(provider, desired, recovered, options, &live)?;
        Ok(Planned { took: self.clock.now().saturating_sub(started), ..planned })
    }

    /// Lists every scope of what is declared, recorded or was left open.
    pub(crate) async fn live<P: Provider>(
        &self,
        provider: &P,
        desired: &DesiredSet,
        recovered: &Recovered,
        sending: Sending,
    ) -> Result<World, CliError> {
        let mut wanted = scopes(desired, &recovered.snapshot);
        wanted.extend(recovered.open.values().map(crate::domain::journal::Intent::scope));
        let progress = Progress::reading(self.terminal);
        self.observe(provider, &progress, &wanted, sending).await
    }

    /// Settles what an earlier run left open, and plans.
    pub(crate) fn plan_against<P: Provider>(
        &self,
        provider: &P,
        desired: &DesiredSet,
        recovered: &Recovered,
        options: &Options,
        live: &World,
    ) -> Result<Planned, CliError> {
        let started = self.clock.now();
        let settled = settle(recovered, live);
        let sends_definition: BTreeSet<Scope> =
            live.keys().filter(|scope| provider.abilities(scope).sends_definition).cloned().collect();
        let plan = plan(&PlanInput {
            desired,
            recorded: &settled.snapshot,
            unseen: &settled.unseen,
            live,
            sends_definition: &sends_definition,
            options,
        })?;
        Ok(Planned { plan, settled, took: self.clock.now().saturating_sub(started) })
    }

    /// What a read of this one object shows beside the listing.
    pub(crate) async fn describe<P: Provider>(
        &self,
        provider: &P,
        events: &impl EventSink,
        live: &Live,
    ) -> Result<Option<Fields>, CliError> {
        let retry = RetryPolicy { throttled: false };
        Ok(retry.run(&self.clock, events, || provider.describe(live)).await?)
    }

    /// One list call for each scope.
    pub(crate) async fn observe<P: Provider>(
        &self,
        provider: &P,
        events: &impl EventSink,
        wanted: &BTreeSet<Scope>,
        sending: Sending,
    ) -> Result<World, CliError> {
        Ok(observe(provider, &self.clock, events, sending.retry, wanted, sending.parallelism).await?)
    }
}

fn lock_request(command: &str, timeout: Duration) -> Result<LockRequest, CliError> {
    let run = entropy::hex_128().map_err(no_randomness)?;
    Ok(LockRequest { run: RunId(run), command: command.to_owned(), timeout })
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that `map_err` wants")]
fn no_randomness(error: std::io::Error) -> CliError {
    CliError::System(format!("the system has no randomness: {error}"))
}
