//! One registration: intent, request, presence proven by a listing, confirmation.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::report::{Cause, Failure, wait_failure};
use super::run::Context;
use super::send::{Registration, SendError, logged};
use crate::domain::desired::{Desired, Spec};
use crate::domain::field::Fields;
use crate::domain::journal::{Intent, Sighting, WriteId};
use crate::domain::kind::flink_connector::{FlinkConnectorSpec, name};
use crate::domain::live::{Census, Live};
use crate::domain::natural_key::{NaturalKey, Scope};
use crate::domain::plan::Member;
use crate::domain::recorded::{Condition, Recorded};
use crate::domain::snapshot::{StateChange, Stray};
use crate::ports::clock::Clock;
use crate::ports::event_sink::{EventSink, Visible};
use crate::ports::provider::{CreateOrder, Provider};
use crate::ports::state_store::StateStore;

impl<P: Provider, C: Clock, E: EventSink, S: StateStore> Context<'_, P, C, E, S> {
    pub(super) async fn register(
        &self,
        scope: &Scope,
        jar_url: &str,
        members: &[Member],
    ) -> Result<(), Failure> {
        let specs = members.iter().filter_map(|member| match &member.desired.spec {
            Spec::FlinkConnector(spec) => Some(spec.clone()),
            Spec::Store(_) => None,
        });
        let when_present: Vec<Recorded> =
            members.iter().map(|member| Recorded::applied(&member.desired)).collect();
        let when_doubtful = members.iter().map(|member| {
            let wanted = Recorded::applied(&member.desired);
            member.unseen.as_ref().map_or_else(|| wanted.clone(), |unseen| wanted.clone().or(unseen))
        });
        let when_doubtful = when_doubtful.collect();
        let registration = jar_registration(scope, jar_url, specs.collect(), when_present, when_doubtful);
        let started = self.clock.now();
        let unseen: Vec<Recorded> = members.iter().filter_map(|member| member.unseen.clone()).collect();
        let doubtful = !unseen.is_empty();
        if doubtful && self.arrived_late(&registration, unseen).await? {
            let write = self.intent(&registration).await?;
            return self.confirm(&registration, write, (jar_url, members), &[], started).await;
        }
        for member in members {
            self.transition(Some(&member.desired.address), Visible::Creating, started);
        }
        let write = self.intent(&registration).await?;
        match self.send(&registration, write, doubtful).await {
            Ok(created) => self.confirm(&registration, write, (jar_url, members), &created, started).await,
            Err(SendError::Failed(failure)) => Err(failure),
            Err(SendError::Refused(error)) => Err(self.refused(members, &error).await),
        }
    }

    /// Waits for presence and records it, with what live contradicts and what nobody declared.
    async fn confirm(
        &self,
        registration: &Registration<'_>,
        write: WriteId,
        (jar_url, members): (&str, &[Member]),
        created: &[Live],
        started: Duration,
    ) -> Result<(), Failure> {
        let limit = limit(members).unwrap_or(self.settings.pace(registration.scope).limit);
        let mut available: BTreeMap<NaturalKey, Live> = BTreeMap::new();
        let seen = self
            .lookout
            .until_or_left(registration.scope, self.clock, limit, |census| {
                for member in members {
                    let key = member.desired.spec.key();
                    let Some(live) = census.get(&key) else { continue };
                    if available.insert(key, live.clone()).is_none() {
                        self.transition(Some(&member.desired.address), Visible::Available, started);
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
            self.ledger.observed(write, Sighting::Undecided)?;
            self.unconfirmed(&registration.when_present, write, &failure.message).await?;
            return Err(logged(failure));
        }
        self.ledger.observed(write, Sighting::Present)?;
        let mut changes = self.strays(created, jar_url);
        let mut contradictions = Vec::new();
        for (recorded, member) in registration.when_present.iter().zip(members) {
            let Some(live) = available.get(&recorded.key) else { continue };
            let contradiction = contradiction(&member.desired, live);
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
        self.ledger.confirmed(Some(write), changes).await?;
        self.proven.set(true);
        if available.len() < members.len() {
            let brought: Vec<&str> = created.iter().map(|live| live.key.name()).collect();
            return Err(logged(Failure {
                cause: Cause::Contradicted,
                message: format!(
                    "{} registered {}, not {}",
                    jar_url,
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
}

/// One registration of one JAR.
pub(super) fn jar_registration<'a>(
    scope: &'a Scope,
    jar_url: &str,
    members: Vec<FlinkConnectorSpec>,
    when_present: Vec<Recorded>,
    when_doubtful: Vec<Recorded>,
) -> Registration<'a> {
    let (jar_url, present) = (jar_url.to_owned(), when_present.clone());
    Registration {
        scope,
        intent: Intent::Register { scope: scope.clone(), jar_url: jar_url.clone(), when_present: present },
        order: CreateOrder::RegisterJar { scope: scope.clone(), jar_url, members },
        when_present,
        when_doubtful,
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
pub(in crate::engine) fn contradiction(desired: &Desired, live: &Live) -> Option<(String, String)> {
    let declared: Fields = desired.spec.fields();
    let ignored = |field: &str| desired.lifecycle.ignores(field) && field != name::CONNECTOR_TYPE;
    declared.into_iter().filter(|(field, _)| !ignored(field)).find_map(|(field, wanted)| {
        let shown = live.fields.get(&field)?;
        (*shown != wanted).then(|| {
            let text = format!("spec.{field} is declared as {wanted}, but the service shows {shown}");
            (field, text)
        })
    })
}
