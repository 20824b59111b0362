//! The way back: when a new JAR is refused after the old one was deleted, the old one is registered again.

use std::collections::BTreeMap;

use super::register::jar_registration;
use super::report::{Cause, Failure, wait_failure};
use super::run::Context;
use super::send::{Registration, SendError, logged, puts};
use crate::domain::desired::Spec;
use crate::domain::kind::flink_connector::FlinkConnectorSpec;
use crate::domain::live::Census;
use crate::domain::natural_key::Scope;
use crate::domain::plan::Member;
use crate::domain::recorded::{Condition, Recorded};
use crate::ports::clock::Clock;
use crate::ports::event_sink::{EventSink, Visible};
use crate::ports::provider::{ErrorClass, Provider, ProviderError};
use crate::ports::state_store::StateStore;

impl<P: Provider, C: Clock, E: EventSink, S: StateStore> Context<'_, P, C, E, S> {
    /// After a refusal: the old JAR comes back if this run took it away.
    pub(super) async fn refused(&self, members: &[Member], error: &ProviderError) -> Failure {
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
            let (specs, records): (Vec<_>, Vec<_>) = back.iter().cloned().unzip();
            let registration = jar_registration(&scope, &jar_url, specs, records.clone(), records);
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
                    let kept = self.ledger.confirmed(None, puts(lost)).await;
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
        let write = self.intent(registration).await?;
        self.send(registration, write, false).await?;
        let all =
            |census: &Census| registration.when_present.iter().all(|old| census.get(&old.key).is_some());
        let seen = self
            .lookout
            .until(registration.scope, self.clock, self.settings.pace(registration.scope).limit, |census| {
                all(census).then_some(())
            })
            .await;
        if let Err(error) = seen {
            let failure = wait_failure(&error, "the old JAR", Visible::Creating.as_str());
            self.unconfirmed(&registration.when_present, write, &failure.message).await?;
            return Err(SendError::Failed(failure));
        }
        let changes = puts(registration.when_present.clone());
        self.ledger.confirmed(Some(write), changes).await?;
        self.proven.set(true);
        Ok(())
    }
}
