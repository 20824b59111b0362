//! One registration: intent, request, presence proven by a listing, confirmation; and the way back when the service
//! refuses a new JAR after the old one was deleted.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::delete::wait_failure;
use super::ledger::NotDurable;
use super::report::{Cause, Failure};
use super::run::{Context, not_durable};
use crate::domain::desired::Spec;
use crate::domain::field::Fields;
use crate::domain::journal::{Answer, Intent, Sighting, WriteId};
use crate::domain::kind::flink_connector::{FlinkConnectorSpec, name};
use crate::domain::live::{Census, Live};
use crate::domain::natural_key::{NaturalKey, Scope};
use crate::domain::plan::Member;
use crate::domain::recorded::{Condition, Recorded};
use crate::domain::snapshot::{StateChange, Stray};
use crate::ports::clock::Clock;
use crate::ports::event_sink::{EventSink, Visible};
use crate::ports::provider::{Accepted, CreateOrder, ErrorClass, Provider, ProviderError};
use crate::ports::state_store::StateStore;

/// How often a registration whose answer was lost, and which two looks do not show, is sent at most.
const SENDS: usize = 3;

/// What is registered and what is recorded when it is seen.
struct Registration<'a> {
    scope: &'a Scope,
    jar_url: &'a str,
    specs: Vec<FlinkConnectorSpec>,
    when_present: Vec<Recorded>,
    /// What is recorded when something arrived and an earlier run may have sent it: what both agree on.
    when_doubtful: Vec<Recorded>,
}

impl<P: Provider, C: Clock, E: EventSink, S: StateStore> Context<'_, P, C, E, S> {
    pub(super) async fn register(
        &self,
        scope: &Scope,
        jar_url: &str,
        members: &[Member],
    ) -> Result<(), Failure> {
        let specs = members.iter().map(|member| {
            let Spec::FlinkConnector(spec) = &member.desired.spec;
            spec.clone()
        });
        let when_present = members.iter().map(|member| Recorded::applied(&member.desired)).collect();
        let when_doubtful = members.iter().map(|member| {
            let wanted = Recorded::applied(&member.desired);
            member.unseen.as_ref().map_or_else(|| wanted.clone(), |unseen| wanted.clone().or(unseen))
        });
        let when_doubtful = when_doubtful.collect();
        let registration =
            Registration { scope, jar_url, specs: specs.collect(), when_present, when_doubtful };
        let started = self.clock.now();
        let doubtful = members.iter().any(|member| member.unseen.is_some());
        if doubtful && self.arrived_late(&registration, members).await? {
            let write = self.intent(&registration)?;
            return self.confirm(&registration, write, members, &[], started).await;
        }
        let limit = limit(members).unwrap_or(self.settings.timeout);
        for member in members {
            self.transition(Some(&member.desired.address), Visible::Creating, started, limit);
        }
        let write = self.intent(&registration)?;
        match self.send(&registration, write, doubtful).await {
            Ok(created) => self.confirm(&registration, write, members, &created, started).await,
            Err(SendError::Failed(failure)) => Err(failure),
            Err(SendError::Refused(error)) => Err(self.refused(members, &error).await),
        }
    }

    fn intent(&self, registration: &Registration<'_>) -> Result<WriteId, Failure> {
        let intent = Intent::Register {
            scope: registration.scope.clone(),
            jar_url: registration.jar_url.to_owned(),
            when_present: registration.when_present.clone(),
        };
        self.ledger.intent(intent).map_err(|NotDurable| not_durable())
    }

    /// Sends until the service has taken it or refused it, looking after every answer that proves neither. It is
    /// doubtful from the start when an earlier run may have sent it.
    async fn send(
        &self,
        registration: &Registration<'_>,
        write: WriteId,
        mut doubtful: bool,
    ) -> Result<Vec<Live>, SendError> {
        for send in 1..=SENDS {
            match self.send_once(registration).await {
                Ok(accepted) => {
                    let answer = Answer::Accepted { request_id: accepted.request_id };
                    self.ledger.sent(write, answer).map_err(|NotDurable| not_durable())?;
                    return Ok(accepted.created);
                }
                Err(error) if error.class == ErrorClass::Ambiguous => {
                    doubtful = true;
                    tracing::warn!(operation = error.operation, "ambiguous, looking: {error}");
                    let answer = Answer::Ambiguous { message: error.to_string() };
                    self.ledger.sent(write, answer).map_err(|NotDurable| not_durable())?;
                    if self.has_arrived(registration, write).await? {
                        return self.arrived(registration, write);
                    }
                    if send == SENDS {
                        self.unconfirmed(&registration.when_doubtful, write, &error.to_string())?;
                        return Err(SendError::Failed(Failure::from(&error)));
                    }
                }
                // An earlier send of ours may have arrived late: then this one was refused because of it.
                Err(error) if doubtful && self.has_arrived(registration, write).await? => {
                    tracing::info!("{error}, but it is there: an earlier request had arrived");
                    return self.arrived(registration, write);
                }
                // Listings lag: it may be there all the same, unless the service does not want this very request.
                Err(error) if doubtful && error.class != ErrorClass::Invalid => {
                    self.unconfirmed(&registration.when_doubtful, write, &error.to_string())?;
                    return Err(SendError::Failed(logged(Failure::from(&error))));
                }
                Err(error) => {
                    let answer = Answer::Refused { message: error.to_string() };
                    self.ledger.sent(write, answer).map_err(|NotDurable| not_durable())?;
                    return Err(SendError::Refused(Box::new(error)));
                }
            }
        }
        Err(SendError::Failed(not_durable()))
    }

    async fn send_once(&self, registration: &Registration<'_>) -> Result<Accepted, ProviderError> {
        let order = CreateOrder::RegisterJar {
            scope: registration.scope.clone(),
            jar_url: registration.jar_url.to_owned(),
            members: registration.specs.clone(),
        };
        let _sending = self.lookout.sending(registration.scope);
        let order = &order;
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
                self.unconfirmed(&registration.when_doubtful, write, &failure.message)?;
                Err(logged(failure))
            }
        }
    }

    /// Whether what an earlier run may have sent has arrived, and is what is to be registered now. What arrived and is
    /// something else is recorded as what it is: the next plan knows what to do with it.
    async fn arrived_late(
        &self,
        registration: &Registration<'_>,
        members: &[Member],
    ) -> Result<bool, Failure> {
        let unseen: Vec<Recorded> = members.iter().filter_map(|member| member.unseen.clone()).collect();
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
        self.ledger.confirmed(None, puts(unseen.clone())).map_err(|NotDurable| not_durable())?;
        Err(arrived_as_declared_then(&unseen))
    }

    /// Something has arrived that this run or an earlier one sent. If it cannot be told which, what both agree on is
    /// recorded: the next plan knows what to do with the rest.
    fn arrived(&self, registration: &Registration<'_>, write: WriteId) -> Result<Vec<Live>, SendError> {
        let Registration { when_present, when_doubtful, .. } = registration;
        if when_present == when_doubtful {
            return Ok(Vec::new());
        }
        let changes = puts(when_doubtful.clone());
        self.ledger.confirmed(Some(write), changes).map_err(|NotDurable| not_durable())?;
        Err(SendError::Failed(arrived_as_declared_then(when_doubtful)))
    }

    /// Whether one of two looks, one poll apart, shows all of these with their types.
    async fn present_in_two_looks(&self, scope: &Scope, wanted: &[Recorded]) -> Result<bool, Failure> {
        let mut looks = 0;
        let seen = self
            .lookout
            .until(scope, self.clock, self.settings.timeout, |census| {
                looks += 1;
                let all = wanted.iter().all(|recorded| recorded.is_shown_by(census));
                if all { Some(true) } else { (looks >= 2).then_some(false) }
            })
            .await;
        seen.map_err(|error| wait_failure(&error, "a complete listing", "unknown"))
    }

    /// Waits for presence and records it, with what live contradicts and what nobody declared.
    async fn confirm(
        &self,
        registration: &Registration<'_>,
        write: WriteId,
        members: &[Member],
        created: &[Live],
        started: Duration,
    ) -> Result<(), Failure> {
        let limit = limit(members).unwrap_or(self.settings.timeout);
        let mut available: BTreeMap<NaturalKey, Live> = BTreeMap::new();
        let seen = self
            .lookout
            .until(registration.scope, self.clock, limit, |census| {
                for member in members {
                    let key = member.desired.spec.key();
                    let Some(live) = census.get(&key) else { continue };
                    if available.insert(key, live.clone()).is_none() {
                        self.transition(
                            Some(&member.desired.address),
                            Visible::Available,
                            started,
                            Duration::ZERO,
                        );
                    }
                }
                let complete = available.len() == members.len();
                let misnamed = !complete && brought_others(created, census, members);
                (complete || misnamed).then_some(())
            })
            .await;
        if let Err(error) = seen {
            let missing = missing(members, &available);
            let failure = wait_failure(&error, &missing, Visible::Creating.as_str());
            self.ledger.observed(write, Sighting::Undecided).map_err(|NotDurable| not_durable())?;
            self.unconfirmed(&registration.when_present, write, &failure.message)?;
            return Err(logged(failure));
        }
        self.ledger.observed(write, Sighting::Present).map_err(|NotDurable| not_durable())?;
        let mut changes = self.strays(created, registration.jar_url);
        let mut contradictions = Vec::new();
        for (recorded, member) in registration.when_present.iter().zip(members) {
            let Some(live) = available.get(&recorded.key) else { continue };
            let contradiction = contradiction(member, live);
            let condition = match &contradiction {
                None => Condition::Ready,
                Some((field, _)) => Condition::Contradicted {
                    field: field.clone(),
                    desired: member.desired.spec.fields(),
                    live: live.fields.clone(),
                },
            };
            contradictions.extend(contradiction.map(|(_, text)| format!("{}: {text}", recorded.address)));
            changes.push(StateChange::Put(Box::new(Recorded { condition, ..recorded.clone() })));
        }
        self.ledger.confirmed(Some(write), changes).map_err(|NotDurable| not_durable())?;
        self.proven.set(true);
        if available.len() < members.len() {
            let brought: Vec<&str> = created.iter().map(|live| live.key.name()).collect();
            return Err(logged(Failure {
                cause: Cause::Contradicted,
                message: format!(
                    "{} registered {}, not {}",
                    registration.jar_url,
                    brought.join(", "),
                    missing(members, &available)
                ),
                hint: Some(
                    "the JAR decides the name: correct spec.connectorName, or delete what it brought"
                        .to_owned(),
                ),
            }));
        }
        if contradictions.is_empty() {
            return Ok(());
        }
        Err(logged(Failure {
            cause: Cause::Contradicted,
            message: contradictions.join("; "),
            hint: Some(
                "the service derives these fields from the JAR: correct the manifest or the JAR".to_owned(),
            ),
        }))
    }

    /// Records what was sent and not seen, so that it is not forgotten.
    fn unconfirmed(&self, sent: &[Recorded], write: WriteId, message: &str) -> Result<(), Failure> {
        let condition = Condition::Unconfirmed { message: message.to_owned() };
        let unconfirmed = sent.iter().map(|r| Recorded { condition: condition.clone(), ..r.clone() });
        self.ledger.confirmed(Some(write), puts(unconfirmed)).map_err(|NotDurable| not_durable())
    }

    /// What a JAR brought beside everything that somebody declared.
    fn strays(&self, created: &[Live], jar_url: &str) -> Vec<StateChange> {
        let undeclared = created.iter().filter(|live| !self.settings.declared.contains(&live.key));
        undeclared
            .map(|live| {
                tracing::warn!("{jar_url} also registered {}, which nobody declares", live.key);
                self.strays.borrow_mut().push(live.key.clone());
                StateChange::AddStray(Stray { key: live.key.clone(), jar_url: jar_url.to_owned() })
            })
            .collect()
    }

    /// After a refusal: the old JAR comes back if this run took it away.
    async fn refused(&self, members: &[Member], error: &ProviderError) -> Failure {
        let failure = logged(Failure::from(error));
        if members.iter().all(|member| member.previous.is_none()) {
            return failure;
        }
        // Whoever is throttled or not let in now is not let in a moment later either: no second request.
        let definite = matches!(error.class, ErrorClass::Conflict | ErrorClass::Invalid);
        let back = if definite {
            self.bring_back(members, &failure.message).await
        } else {
            "nothing is live; the next apply registers it".to_owned()
        };
        Failure { message: format!("{}; {back}", failure.message), ..failure }
    }

    /// The registration cannot start, and its own delete half is done.
    pub(super) async fn take_back(&self, members: &[Member], why: &str) -> Failure {
        let back = self.bring_back(members, why).await;
        logged(Failure { cause: Cause::Refused, message: format!("{why}; {back}"), hint: None })
    }

    /// Registers the old JARs again, and says what is live now.
    async fn bring_back(&self, members: &[Member], why: &str) -> String {
        let mut old: BTreeMap<(Scope, String), Vec<(FlinkConnectorSpec, Recorded)>> = BTreeMap::new();
        for member in members {
            let Some(recorded) = &member.previous else { continue };
            if let Some(Spec::FlinkConnector(spec)) = recorded.spec() {
                let recorded = Recorded { condition: Condition::Ready, ..recorded.clone() };
                // A replaced object goes back where it was, not where its successor would be.
                let jar = (recorded.key.scope(), spec.jar_url.clone());
                old.entry(jar).or_default().push((spec, recorded));
            }
        }
        let mut said = Vec::new();
        for ((scope, jar_url), back) in old {
            let registration = Registration {
                scope: &scope,
                jar_url: &jar_url,
                specs: back.iter().map(|(spec, _)| spec.clone()).collect(),
                when_present: back.iter().map(|(_, recorded)| recorded.clone()).collect(),
                when_doubtful: back.iter().map(|(_, recorded)| recorded.clone()).collect(),
            };
            said.push(match self.back_once(&registration).await {
                Ok(()) => format!("the old JAR {jar_url} is live again"),
                // It was recorded as what may still arrive.
                Err(SendError::Failed(failure)) => {
                    format!("the old JAR {jar_url} was registered again and not seen ({})", failure.message)
                }
                Err(SendError::Refused(error)) => {
                    let condition = Condition::Lost { message: why.to_owned() };
                    let lost =
                        back.iter().map(|(_, old)| Recorded { condition: condition.clone(), ..old.clone() });
                    let kept = self.ledger.confirmed(None, puts(lost));
                    let unsaved = if kept.is_err() { ", and that could not be recorded" } else { "" };
                    format!(
                        "the old JAR {jar_url} could not be registered again ({error}): nothing is live{unsaved}"
                    )
                }
            });
        }
        if said.is_empty() { "the old JAR is not known: nothing is live".to_owned() } else { said.join("; ") }
    }

    async fn back_once(&self, registration: &Registration<'_>) -> Result<(), SendError> {
        let write = self.intent(registration)?;
        self.send(registration, write, false).await?;
        let all = |census: &Census| registration.specs.iter().all(|spec| census.get(&spec.key()).is_some());
        let seen = self
            .lookout
            .until(registration.scope, self.clock, self.settings.timeout, |census| all(census).then_some(()))
            .await;
        if let Err(error) = seen {
            let failure = wait_failure(&error, "the old JAR", Visible::Creating.as_str());
            self.unconfirmed(&registration.when_present, write, &failure.message)?;
            return Err(SendError::Failed(failure));
        }
        let changes = puts(registration.when_present.clone());
        self.ledger.confirmed(Some(write), changes).map_err(|NotDurable| not_durable())?;
        self.proven.set(true);
        Ok(())
    }
}

fn puts(records: impl IntoIterator<Item = Recorded>) -> Vec<StateChange> {
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
fn logged(failure: Failure) -> Failure {
    tracing::error!("{}", failure.message);
    failure
}

/// Why a registration was not taken.
enum SendError {
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

/// The longest limit that a member sets: they arrive together.
fn limit(members: &[Member]) -> Option<Duration> {
    let limit = |member: &Member| {
        let timeouts = member.desired.lifecycle.timeouts;
        if member.previous.is_some() { timeouts.update.or(timeouts.create) } else { timeouts.create }
    };
    members.iter().filter_map(limit).max()
}

fn missing(members: &[Member], available: &BTreeMap<NaturalKey, Live>) -> String {
    let missing = members.iter().filter(|member| !available.contains_key(&member.desired.spec.key()));
    missing.map(|member| member.desired.address.to_string()).collect::<Vec<_>>().join(", ")
}

/// Whether the JAR brought other names instead of a declared one: waiting longer would not mend that.
fn brought_others(created: &[Live], census: &Census, members: &[Member]) -> bool {
    let keys: BTreeSet<&NaturalKey> = created.iter().map(|live| &live.key).collect();
    let lacks_one = members.iter().any(|member| !keys.contains(&member.desired.spec.key()));
    !keys.is_empty() && lacks_one && keys.iter().all(|key| census.get(key).is_some())
}

/// The first declared field that live shows with another value, with both.
fn contradiction(member: &Member, live: &Live) -> Option<(String, String)> {
    let declared: Fields = member.desired.spec.fields();
    let ignored = |field: &str| member.desired.lifecycle.ignores(field) && field != name::CONNECTOR_TYPE;
    declared.into_iter().filter(|(field, _)| !ignored(field)).find_map(|(field, wanted)| {
        let shown = live.fields.get(&field)?;
        (*shown != wanted).then(|| {
            let text = format!("spec.{field} is declared as {wanted}, but the service shows {shown}");
            (field, text)
        })
    })
}
