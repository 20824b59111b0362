//! One run: what its steps share, and the loop that starts them.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::sync::{Semaphore, watch};

use super::ledger::Ledger;
use super::report::{Failure, Report, RowResult};
use super::store::not_created;
use super::wait::Lookout;
use super::walk::{Mode, Turn, Walk};
use super::{Settings, Stop};
use crate::domain::address::Address;
use crate::domain::journal::Recovered;
use crate::domain::natural_key::{NaturalKey, Scope};
use crate::domain::plan::{Action, ApprovedPlan, Plan, Step};
use crate::domain::snapshot::{Serial, StateChange};
use crate::engine::planner::settle::Settled;
use crate::ports::clock::Clock;
use crate::ports::event_sink::{Event, EventSink, Visible};
use crate::ports::provider::{DeleteOrder, Provider};
use crate::ports::state_store::{StateError, StateStore};

/// What every step of one run shares. All of them run on one thread.
pub(super) struct Context<'a, P, C, E, S> {
    pub(super) provider: &'a P,
    pub(super) clock: &'a C,
    pub(super) events: &'a E,
    pub(super) settings: &'a Settings,
    pub(super) ledger: Ledger<'a, S>,
    pub(super) lookout: Lookout,
    pub(super) permits: Semaphore,
    pub(super) writes: Cell<usize>,
    /// Whether a listing proved a change.
    pub(super) proven: Cell<bool>,
    pub(super) strays: RefCell<Vec<NaturalKey>>,
    /// What an earlier run may be deleting still.
    pub(super) deleting: BTreeSet<NaturalKey>,
}

/// Carries the plan out against a locked state.
pub async fn execute<P: Provider, C: Clock, E: EventSink, S: StateStore>(
    plan: ApprovedPlan,
    settled: Settled,
    store: &mut S,
    (provider, clock, events): (&P, &C, &E),
    settings: &Settings,
    mut wishes: watch::Receiver<Stop>,
) -> Report {
    let plan = plan.plan();
    let context = Context {
        provider,
        clock,
        events,
        settings,
        ledger: Ledger::open(store, settled.snapshot, settled.next_write),
        lookout: Lookout::new(scopes(plan), |scope| settings.pace(scope).interval, settings.retry),
        permits: Semaphore::new(settings.parallelism.max(1)),
        writes: Cell::new(0),
        proven: Cell::new(false),
        strays: RefCell::new(Vec::new()),
        deleting: settled.deleting.keys().cloned().collect(),
    };
    for settlement in settled.settlements {
        // Durable with the first intent. What cannot be noted is kept by the ledger, and stops everything behind it.
        if context.ledger.note(settlement.write, settlement.changes).is_err() {
            break;
        }
    }
    let mut walk = Walk::new(plan);
    let stopped = drive(plan, &context, &mut walk, &mut wishes).await;
    let (writes, proven, strays) = (context.writes.get(), context.proven.get(), context.strays.take());
    // This run has ended: what an earlier one sent is no longer waited for.
    for write in settled.deleting.into_values().flatten() {
        // What cannot be noted is kept by the ledger.
        if context.ledger.note(Some(write), Vec::new()).is_err() {
            break;
        }
    }
    let (snapshot, state_failure) = context.ledger.close();
    Report {
        rows: walk.outcomes(),
        strays,
        failures: walk.other_failures(),
        snapshot,
        state_failure,
        stopped,
        writes,
        proven,
    }
}

fn scopes(plan: &Plan) -> BTreeSet<Scope> {
    let scopes = plan.steps.iter().filter_map(|step| match &step.action {
        Action::Delete { key, .. } => Some(key.scope()),
        Action::Register { scope, .. } => Some(scope.clone()),
        Action::Create { desired, .. } | Action::Update { desired, .. } => Some(desired.spec.key().scope()),
        Action::Record { .. } => None,
    });
    scopes.collect()
}

/// Starts what may start until nothing is left. Returns whether the user stopped it.
async fn drive<P: Provider, C: Clock, E: EventSink, S: StateStore>(
    plan: &Plan,
    context: &Context<'_, P, C, E, S>,
    walk: &mut Walk<'_>,
    wishes: &mut watch::Receiver<Stop>,
) -> bool {
    let watch = |scope| context.lookout.watch(scope, context.provider, context.clock);
    let mut looks: FuturesUnordered<_> = context.lookout.scopes().map(watch).collect();
    let mut running = FuturesUnordered::new();
    let mut stopped = false;
    loop {
        let wish = *wishes.borrow_and_update();
        stopped |= wish >= Stop::Finish;
        if wish == Stop::Supersede {
            context.lookout.leave();
        }
        let draining = if stopped || context.ledger.is_broken() {
            Some("the run was stopped before it")
        } else if context.settings.fail_fast && walk.has_failed() {
            Some("another row failed before it (--fail-fast)")
        } else {
            None
        };
        // What waits for a permit has been started: to be able to stop at once, no more is started than may send.
        let most = if context.settings.fail_fast { context.settings.parallelism.max(1) } else { usize::MAX };
        while running.len() < most
            && let Some((id, turn)) = walk.next(draining)
        {
            let Some(step) = plan.steps.get(id.0) else { continue };
            match turn {
                Turn::Start(mode) => running.push(async move { (id, step, context.step(step, mode).await) }),
                Turn::Skip(why) => context.skipped(step, &why),
            }
        }
        if running.is_empty() {
            return stopped;
        }
        tokio::select! {
            biased;
            Ok(()) = wishes.changed() => {}
            Some((id, step, result)) = running.next() => {
                context.tell(step, &result, |address| walk.is_last(id, address));
                walk.end(id, match result {
                    Ok(()) => RowResult::Done,
                    Err(failure) => RowResult::Failed(failure),
                });
            }
            Some(()) = looks.next() => {}
        }
    }
}

impl<P: Provider, C: Clock, E: EventSink, S: StateStore> Context<'_, P, C, E, S> {
    async fn step(&self, step: &Step, mode: Mode) -> Result<(), Failure> {
        match &step.action {
            Action::Record { changes, .. } => Ok(self.ledger.confirmed(None, changes.clone()).await?),
            Action::Delete { address, key, when_absent, owner, limit } => {
                let limit = limit.unwrap_or(self.settings.pace(&key.scope()).limit);
                let order = DeleteOrder { key: key.clone(), owner: owner.clone() };
                self.delete(address.as_ref(), &order, when_absent, limit).await
            }
            Action::Create { desired, when_ready, unseen } => match mode {
                Mode::CarryOut => self.create(desired, when_ready, unseen.as_deref()).await,
                // Its secrets are not kept, so there is no way back to what its delete half took away.
                Mode::TakeBack(why) => Err(not_created(&why)),
            },
            Action::Update { desired, sends, when_ready, before } => {
                self.update(desired, sends, when_ready, before).await
            }
            Action::Register { scope, jar_url, members } => match mode {
                Mode::CarryOut => self.register(scope, jar_url, members).await,
                Mode::TakeBack(why) => Err(self.take_back(members, &why).await),
            },
        }
    }

    /// Each change of state is an INFO record and an event (FR-009).
    pub(super) fn transition(&self, address: Option<&Address>, state: Visible, started: Duration) {
        let Some(address) = address else { return };
        let elapsed = self.clock.now().saturating_sub(started);
        tracing::info!(%address, state = state.as_str(), elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX), "{address} is {}", state.as_str());
        self.events.emit(Event::Transition { address: address.clone(), state, elapsed });
    }

    /// Tells how the rows of an ended step stand. A delete half is not the end of its row.
    fn tell(&self, step: &Step, result: &Result<(), Failure>, is_last: impl Fn(&Address) -> bool) {
        for address in step.addresses() {
            let address = address.clone();
            match result {
                Ok(()) if is_last(&address) => self.events.emit(Event::Succeeded { address }),
                Ok(()) => {}
                Err(failure) => self.events.emit(Event::Failed { address, message: failure.message.clone() }),
            }
        }
    }

    fn skipped(&self, step: &Step, why: &str) {
        for address in step.addresses() {
            self.events.emit(Event::Skipped { address: address.clone(), message: why.to_owned() });
        }
    }
}

/// Records changes that cost no request, as `import` and `state mv` do.
///
/// # Errors
/// [`StateError`]; the state is then as it was.
pub fn record<S: StateStore>(
    store: &mut S,
    recovered: Recovered,
    changes: Vec<StateChange>,
) -> Result<Serial, StateError> {
    let ledger = Ledger::open(store, recovered.snapshot, recovered.next_write);
    let noted = ledger.note(None, changes);
    match (noted, ledger.close()) {
        (_, (_, Some(failure))) => Err(failure),
        (_, (snapshot, None)) => Ok(snapshot.serial),
    }
}
