//! Sending one request that brings something into being until the service has taken it or refused it. What proves neither is settled by looking.

use super::ledger::NotDurable;
use super::report::{Cause, Failure, wait_failure};
use super::run::Context;
use crate::domain::journal::{Answer, Intent, WriteId};
use crate::domain::live::{Census, Live};
use crate::domain::natural_key::Scope;
use crate::domain::recorded::{Condition, Recorded};
use crate::domain::snapshot::StateChange;
use crate::ports::clock::Clock;
use crate::ports::event_sink::EventSink;
use crate::ports::provider::{Accepted, CreateOrder, ErrorClass, Provider, ProviderError};
use crate::ports::state_store::StateStore;

/// How often a request whose answer was lost, and which two looks do not show, is sent at most.
const SENDS: usize = 3;

/// What is brought into being, and what is recorded when it is seen.
pub(super) struct Registration<'a> {
    pub(super) scope: &'a Scope,
    pub(super) order: CreateOrder,
    pub(super) intent: Intent,
    pub(super) when_present: Vec<Recorded>,
    /// What is recorded when something arrived and an earlier run may have sent it: what both agree on.
    pub(super) when_doubtful: Vec<Recorded>,
}

impl<P: Provider, C: Clock, E: EventSink, S: StateStore> Context<'_, P, C, E, S> {
    pub(super) async fn intent(&self, registration: &Registration<'_>) -> Result<WriteId, Failure> {
        Ok(self.ledger.intent(registration.intent.clone()).await?)
    }

    /// Sends until the service has taken it or refused it, looking after every answer that proves neither. It is
    /// doubtful from the start when an earlier run may have sent it.
    pub(super) async fn send(
        &self,
        registration: &Registration<'_>,
        write: WriteId,
        mut doubtful: bool,
    ) -> Result<Vec<Live>, SendError> {
        let mut send = 0;
        loop {
            send += 1;
            match self.send_once(registration).await {
                Ok(accepted) => {
                    let answer = Answer::Accepted { request_id: accepted.request_id };
                    self.ledger.sent(write, answer)?;
                    return Ok(accepted.created);
                }
                Err(error) if error.class == ErrorClass::Ambiguous => {
                    doubtful = true;
                    tracing::warn!(operation = error.operation, "ambiguous, looking: {error}");
                    let answer = Answer::Ambiguous { message: error.to_string() };
                    self.ledger.sent(write, answer)?;
                    if self.has_arrived(registration, write).await? {
                        return self.arrived(registration, write).await;
                    }
                    if send == SENDS {
                        self.unconfirmed(&registration.when_doubtful, write, &error.to_string()).await?;
                        return Err(SendError::Failed(Failure::from(&error)));
                    }
                }
                // An earlier send of ours may have arrived late: then this one was refused because of it.
                Err(error) if doubtful && self.has_arrived(registration, write).await? => {
                    tracing::info!("{error}, but it is there: an earlier request had arrived");
                    return self.arrived(registration, write).await;
                }
                // Listings lag: it may be there all the same, unless the service does not want this very request.
                Err(error) if doubtful && error.class != ErrorClass::Invalid => {
                    self.unconfirmed(&registration.when_doubtful, write, &error.to_string()).await?;
                    return Err(SendError::Failed(logged(Failure::from(&error))));
                }
                Err(error) => {
                    if let Some(failure) = self.left_behind(registration, write, &error).await? {
                        return Err(SendError::Failed(failure));
                    }
                    let answer = Answer::Refused { message: error.to_string() };
                    self.ledger.sent(write, answer)?;
                    return Err(SendError::Refused(Box::new(error)));
                }
            }
        }
    }

    async fn send_once(&self, registration: &Registration<'_>) -> Result<Accepted, ProviderError> {
        let _sending = self.lookout.sending(registration.scope);
        let order = &registration.order;
        self.settings
            .retry
            .run(self.clock, self.events, || async move {
                let _permit = self.permits.acquire().await;
                self.writes.set(self.writes.get() + 1);
                self.provider.create(order).await
            })
            .await
    }

    /// Whether a send that may have been processed shows. What cannot be looked up is recorded as unconfirmed.
    async fn has_arrived(&self, registration: &Registration<'_>, write: WriteId) -> Result<bool, Failure> {
        match self.present_in_two_looks(registration.scope, &registration.when_present).await {
            Ok(seen) => Ok(seen),
            Err(failure) => {
                self.unconfirmed(&registration.when_doubtful, write, &failure.message).await?;
                Err(logged(failure))
            }
        }
    }

    /// Whether what an earlier run may have sent has arrived, and is what is to be registered now. What arrived and is
    /// something else is recorded as what it is: the next plan knows what to do with it.
    pub(super) async fn arrived_late(
        &self,
        registration: &Registration<'_>,
        unseen: Vec<Recorded>,
    ) -> Result<bool, Failure> {
        if !self.present_in_two_looks(registration.scope, &unseen).await? {
            return Ok(false);
        }
        let same = |unseen: &Recorded, wanted: &Recorded| {
            (&unseen.key, &unseen.fields) == (&wanted.key, &wanted.fields)
        };
        let sent = |wanted: &Recorded| unseen.iter().any(|unseen| same(unseen, wanted));
        if registration.when_present.iter().all(sent) {
            return Ok(true);
        }
        self.ledger.confirmed(None, puts(unseen.clone())).await?;
        Err(arrived_as_declared_then(&unseen))
    }

    /// Something has arrived that this run or an earlier one sent. If it cannot be told which, what both agree on is
    /// recorded: the next plan knows what to do with the rest.
    async fn arrived(&self, registration: &Registration<'_>, write: WriteId) -> Result<Vec<Live>, SendError> {
        let Registration { when_present, when_doubtful, .. } = registration;
        if when_present == when_doubtful {
            return Ok(Vec::new());
        }
        let changes = puts(when_doubtful.clone());
        self.ledger.confirmed(Some(write), changes).await?;
        Err(SendError::Failed(arrived_as_declared_then(when_doubtful)))
    }

    /// Whether one of two looks, one poll apart, shows all of these with their types.
    async fn present_in_two_looks(&self, scope: &Scope, wanted: &[Recorded]) -> Result<bool, Failure> {
        let all = |census: &Census| wanted.iter().all(|recorded| recorded.is_shown_by(census));
        let limit = self.settings.pace(scope).limit;
        let seen =
            self.lookout.in_two_looks(scope, self.clock, limit, |census| all(census).then_some(())).await;
        match seen {
            Ok(seen) => Ok(seen.is_some()),
            Err(error) => Err(wait_failure(&error, "a complete listing", "unknown")),
        }
    }

    /// Records what was sent and not seen, so that it is not forgotten.
    pub(super) async fn unconfirmed(
        &self,
        sent: &[Recorded],
        write: WriteId,
        message: &str,
    ) -> Result<(), Failure> {
        let condition = Condition::Unconfirmed { message: message.to_owned() };
        let unconfirmed = sent.iter().map(|r| Recorded { condition: condition.clone(), ..r.clone() });
        Ok(self.ledger.confirmed(Some(write), puts(unconfirmed)).await?)
    }
}

pub(super) fn puts(records: impl IntoIterator<Item = Recorded>) -> Vec<StateChange> {
    records.into_iter().map(|recorded| StateChange::Put(Box::new(recorded))).collect()
}

fn arrived_as_declared_then(records: &[Recorded]) -> Failure {
    let names: Vec<String> = records.iter().map(|recorded| recorded.address.to_string()).collect();
    logged(Failure {
        cause: Cause::Contradicted,
        message: format!("{} arrived from a run that was cut off, as it was declared then", names.join(", ")),
        hint: Some("apply again: the difference is planned now".to_owned()),
    })
}

/// Each failure is an ERROR record (FR-009).
pub(super) fn logged(failure: Failure) -> Failure {
    tracing::error!("{}", failure.message);
    failure
}

/// Why a registration was not taken.
pub(super) enum SendError {
    /// Definite: nothing was registered.
    Refused(Box<ProviderError>),
    /// It is not known, or could not be recorded.
    Failed(Failure),
}

impl From<Failure> for SendError {
    fn from(failure: Failure) -> Self {
        SendError::Failed(failure)
    }
}

impl From<NotDurable> for SendError {
    fn from(not_durable: NotDurable) -> Self {
        SendError::Failed(not_durable.into())
    }
}
