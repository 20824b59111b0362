//! A store: created or changed by one request, then waited for until the service says that it is ready (FR-003, D-001,
//! D-012). What never becomes ready stays recorded, with the service's own words.

use std::collections::BTreeSet;
use std::time::Duration;

use super::ledger::NotDurable;
use super::readiness::{Ending, Watched};
use super::register::contradiction;
use super::report::{Cause, Failure};
use super::run::Context;
use super::send::{Registration, SendError, logged, puts};
use crate::domain::desired::{Desired, Spec};
use crate::domain::journal::{Answer, Intent, Sighting, WriteId};
use crate::domain::kind::store::StoreSpec;
use crate::domain::live::{Census, Live, Observer};
use crate::domain::recorded::{Condition, Recorded};
use crate::domain::snapshot::StateChange;
use crate::ports::clock::Clock;
use crate::ports::event_sink::{Event, EventSink, Visible};
use crate::ports::provider::{Accepted, CreateOrder, ErrorClass, Provider, ProviderError, UpdateOrder};
use crate::ports::state_store::StateStore;

/// How often an update whose answer was lost is sent at most.
const SENDS: usize = 3;

/// One store on its way to be ready.
struct Coming<'a> {
    desired: &'a Desired,
    store: &'a StoreSpec,
    /// The write that brought it on its way, if this run sent one.
    write: Option<WriteId>,
    /// What is recorded when it is ready.
    when_ready: &'a Recorded,
    started: Duration,
}

impl<P: Provider, C: Clock, E: EventSink, S: StateStore> Context<'_, P, C, E, S> {
    pub(super) async fn create(
        &self,
        desired: &Desired,
        wanted: &Recorded,
        unseen: Option<&Recorded>,
    ) -> Result<(), Failure> {
        let store = store_of(desired)?;
        let scope = wanted.key.scope();
        let doubtful = unseen.map_or_else(|| wanted.clone(), |unseen| wanted.clone().or(unseen));
        let registration = Registration {
            scope: &scope,
            order: CreateOrder::Store(store.clone()),
            intent: Intent::Create { when_present: Box::new(wanted.clone()) },
            when_present: vec![wanted.clone()],
            when_doubtful: vec![doubtful],
        };
        let started = self.clock.now();
        let coming = |write| Coming { desired, store, write: Some(write), when_ready: wanted, started };
        if let Some(unseen) = unseen
            && self.arrived_late(&registration, vec![unseen.clone()]).await?
        {
            let write = self.intent(&registration).await?;
            return self.until_ready(&coming(write), Watched::new(None)).await;
        }
        self.transition(Some(&desired.address), Visible::Creating, started);
        let write = self.intent(&registration).await?;
        match self.send(&registration, write, unseen.is_some()).await {
            Ok(_) => self.until_ready(&coming(write), Watched::new(None)).await,
            Err(SendError::Failed(failure)) => Err(failure),
            Err(SendError::Refused(error)) => Err(logged(Failure::from(&*error))),
        }
    }

    /// What a refused request left behind, recorded. Whether bad credentials fail the statement or leave a store in error
    /// is nowhere documented: two looks decide, before anything is noted that would close the write.
    pub(super) async fn left_behind(
        &self,
        registration: &Registration<'_>,
        write: WriteId,
        error: &ProviderError,
    ) -> Result<Option<Failure>, NotDurable> {
        let (CreateOrder::Store(_), ErrorClass::Invalid) = (&registration.order, error.class) else {
            return Ok(None);
        };
        let failure = Failure::from(error);
        let limit = self.settings.pace(registration.scope).limit;
        let shown = |census: &Census| {
            let all = registration.when_present.iter().all(|wanted| wanted.is_shown_by(census));
            all.then(|| census.observer().cloned())
        };
        let looked = self.lookout.in_two_looks(registration.scope, self.clock, limit, shown).await;
        let observer = match looked {
            Ok(Some(observer)) => observer,
            Ok(None) => return Ok(None),
            // The write stays open: the next run looks.
            Err(_) => return Ok(Some(logged(failure))),
        };
        let condition = Condition::Degraded { message: error.to_string() };
        let kept = registration.when_present.iter().map(|wanted| Recorded {
            condition: condition.clone(),
            observer: observer.clone(),
            ..wanted.clone()
        });
        self.ledger.confirmed(Some(write), puts(kept)).await?;
        let message = format!("{}; the service kept it, and it is recorded", failure.message);
        Ok(Some(logged(Failure { message, ..failure })))
    }

    pub(super) async fn update(
        &self,
        desired: &Desired,
        sends: &BTreeSet<String>,
        when_ready: &Recorded,
        before: &Live,
    ) -> Result<(), Failure> {
        let store = store_of(desired)?;
        let started = self.clock.now();
        let coming = Coming { desired, store, write: None, when_ready, started };
        if sends.is_empty() {
            return self.until_ready(&coming, Watched::new(Some(before))).await;
        }
        self.transition(Some(&desired.address), Visible::Updating, started);
        let write =
            self.ledger.intent(Intent::Update { key: when_ready.key.clone(), fields: sends.clone() }).await?;
        let order = UpdateOrder { store: store.clone(), fields: sends.clone() };
        self.send_update(&order, write, when_ready).await?;
        self.until_ready(&Coming { write: Some(write), ..coming }, Watched::changed(before)).await
    }

    /// Sends until the service has taken it or refused it. No look tells whether an update has arrived: what it changes is
    /// not shown, and a time stamp that moved may have been moved by somebody else, or by an earlier update. Sent twice it
    /// does no harm.
    async fn send_update(
        &self,
        order: &UpdateOrder,
        write: WriteId,
        when_ready: &Recorded,
    ) -> Result<(), Failure> {
        for send in 1..=SENDS {
            let error = match self.send_update_once(order).await {
                Ok(accepted) => {
                    let answer = Answer::Accepted { request_id: accepted.request_id };
                    return Ok(self.ledger.sent(write, answer)?);
                }
                Err(error) => error,
            };
            if error.class == ErrorClass::Ambiguous {
                tracing::warn!(operation = error.operation, "ambiguous, sending it again: {error}");
                self.ledger.sent(write, Answer::Ambiguous { message: error.to_string() })?;
                if send < SENDS {
                    let pause = self.settings.pace(&when_ready.key.scope()).interval;
                    self.clock.sleep_until(self.clock.now() + pause).await;
                    continue;
                }
            } else if send == 1 {
                self.ledger.sent(write, Answer::Refused { message: error.to_string() })?;
                return Err(logged(Failure::from(&error)));
            }
            // An earlier one of ours may still arrive: what was sent is not known.
            self.half_known(write, order, when_ready).await?;
            return Err(logged(Failure::from(&error)));
        }
        Ok(())
    }

    /// Records that nobody can say what live has in the fields that were sent.
    async fn half_known(
        &self,
        write: WriteId,
        order: &UpdateOrder,
        when_ready: &Recorded,
    ) -> Result<(), NotDurable> {
        let mut unknown = when_ready.clone();
        unknown.fields.retain(|field, _| !order.fields.contains(field));
        let observer = when_ready.observer.clone();
        self.ledger.confirmed(Some(write), put(&unknown, Condition::Ready, observer)).await
    }

    async fn send_update_once(&self, order: &UpdateOrder) -> Result<Accepted, ProviderError> {
        let _sending = self.lookout.sending(&order.store.key().scope());
        self.settings
            .retry
            .run(self.clock, self.events, || async move {
                let _permit = self.permits.acquire().await;
                self.writes.set(self.writes.get() + 1);
                self.provider.update(order).await
            })
            .await
    }

    /// Waits until the store is ready, in error, gone, or the time is over, and records which.
    async fn until_ready(&self, coming: &Coming<'_>, mut watched: Watched) -> Result<(), Failure> {
        let Coming { desired, store, write, when_ready, started } = coming;
        let (key, address) = (&when_ready.key, &desired.address);
        let scope = key.scope();
        let mut observer: Option<Observer> = None;
        let mut told: Option<String> = None;
        let limit = self.settings.pace(&scope).limit;
        let deadline = self.clock.now().saturating_sub(*started) + limit;
        let ended = self
            .lookout
            .looks_or_left(&scope, self.clock, limit, |apart, census| {
                observer = census.observer().cloned();
                let ending = watched.look(apart, census.get(key));
                tracing::debug!(%address, look = watched.looks(), state = watched.state(), "looked whether it is ready");
                if ending.is_none() && told.as_deref() != Some(watched.state()) {
                    told = Some(watched.state().to_owned());
                    self.events.emit(Event::Reported {
                        address: address.clone(),
                        state: watched.state().to_owned(),
                        message: watched.message().map(str::to_owned),
                        elapsed: self.clock.now().saturating_sub(*started),
                        deadline,
                    });
                }
                ending
            })
            .await;
        let elapsed = self.clock.now().saturating_sub(*started);
        let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        tracing::info!(%address, elapsed_ms, state = watched.state(), looks = watched.looks(), "stopped waiting for {address}");
        let what = format!("{} store {:?}", store.subtype(), store.name().as_str());
        let (condition, sighting, failure) = match ended {
            Ok(Ending::Ready(live)) => {
                let contradiction = contradiction(desired, &live);
                let condition =
                    contradiction.as_ref().map_or(Condition::Ready, |(field, _)| Condition::Contradicted {
                        field: field.clone(),
                        desired: desired.spec.fields(),
                        live: live.fields.clone(),
                    });
                let failure = contradiction.map(|(_, message)| Failure {
                    cause: Cause::Contradicted,
                    message,
                    hint: Some("correct the manifest, or what the service made of it".to_owned()),
                });
                (condition, Sighting::Present, failure)
            }
            Ok(Ending::Errored) => {
                let said = watched.message().unwrap_or("the service gives no reason").to_owned();
                let failure = Failure {
                    cause: Cause::Refused,
                    message: format!("{what} is errored: {said}"),
                    hint: Some(
                        "correct what it says, then apply again: an update makes the service try again"
                            .to_owned(),
                    ),
                };
                (Condition::Degraded { message: said }, Sighting::Present, Some(failure))
            }
            Ok(Ending::Vanished) => {
                let message = format!("{what} vanished while we waited for it: somebody dropped it");
                let hint = Some("apply again: it is created again".to_owned());
                let failure = Failure { cause: Cause::Vanished, message: message.clone(), hint };
                (Condition::Degraded { message }, Sighting::Absent, Some(failure))
            }
            Err(error) => {
                let failure = watched.failure(&error, &what);
                let message = failure.message.clone();
                let condition = if watched.was_seen() {
                    Condition::Degraded { message }
                } else {
                    Condition::Unconfirmed { message }
                };
                (condition, Sighting::Undecided, Some(failure))
            }
        };
        if let Some(write) = write {
            self.ledger.observed(*write, sighting)?;
        }
        let ready = failure.is_none();
        self.ledger.confirmed(*write, put(when_ready, condition, observer)).await?;
        self.proven.set(self.proven.get() || sighting == Sighting::Present);
        if ready {
            self.transition(Some(address), Visible::Ready, *started);
        }
        failure.map_or(Ok(()), |failure| Err(logged(failure)))
    }
}

/// A creation whose own delete half is done, and which cannot start.
pub(super) fn not_created(why: &str) -> Failure {
    let message = format!("{why}; nothing is live, the next apply creates it");
    logged(Failure { cause: Cause::Refused, message, hint: None })
}

/// Only stores are created and updated; the planner makes no such step of anything else.
fn store_of(desired: &Desired) -> Result<&StoreSpec, Failure> {
    match &desired.spec {
        Spec::Store(store) => Ok(store),
        Spec::FlinkConnector(_) => Err(Failure::from(&ProviderError::unsupported("create"))),
    }
}

fn put(recorded: &Recorded, condition: Condition, observer: Option<Observer>) -> Vec<StateChange> {
    vec![StateChange::Put(Box::new(Recorded { condition, observer, ..recorded.clone() }))]
}
