//! One delete: intent, request, absence proven by a listing, confirmation.

use std::time::Duration;

use super::report::{Failure, wait_failure};
use super::run::Context;
use crate::domain::address::Address;
use crate::domain::journal::{Answer, Intent, Sighting};
use crate::domain::natural_key::NaturalKey;
use crate::domain::snapshot::StateChange;
use crate::ports::clock::Clock;
use crate::ports::event_sink::{Event, EventSink, Visible};
use crate::ports::provider::{Accepted, DeleteOrder, ErrorClass, Provider, ProviderError};
use crate::ports::state_store::StateStore;

/// How often a delete whose answer was lost is sent at most.
const SENDS: usize = 3;

impl<P: Provider, C: Clock, E: EventSink, S: StateStore> Context<'_, P, C, E, S> {
    pub(super) async fn delete(
        &self,
        address: Option<&Address>,
        order: &DeleteOrder,
        when_absent: &[StateChange],
        limit: Duration,
    ) -> Result<(), Failure> {
        let key = &order.key;
        let intent = Intent::Delete { key: key.clone(), when_absent: when_absent.to_vec() };
        let write = self.ledger.intent(intent).await?;
        let started = self.clock.now();
        self.transition(address, Visible::Deleting, started);
        let mut refusal: Option<ProviderError> = None;
        let never_seen = self.ledger.was_never_seen(key);
        for send in 1..=SENDS {
            let answer = self.send_delete(order).await;
            let noted = match &answer {
                Ok(accepted) => Answer::Accepted { request_id: accepted.request_id.clone() },
                Err(error) if error.class == ErrorClass::Ambiguous => {
                    Answer::Ambiguous { message: error.to_string() }
                }
                Err(error) => Answer::Refused { message: error.to_string() },
            };
            match answer {
                Ok(accepted) => {
                    self.ledger.sent(write, noted)?;
                    if let Some(address) = address.filter(|_| !accepted.tables.is_empty()) {
                        let message = format!(
                            "tables made with it: {}; running jobs keep the old JAR until they are restarted",
                            accepted.tables.join(", ")
                        );
                        self.events.emit(Event::Notice { address: address.clone(), message });
                    }
                    break;
                }
                Err(error) if error.class == ErrorClass::Ambiguous => {
                    self.ledger.sent(write, noted)?;
                    // Still there in two looks apart: it did not arrive, and deleting twice does no harm. What was
                    // never seen proves nothing by its absence.
                    let absent = self.absent_in_two_looks(key).await?;
                    if never_seen && send == SENDS {
                        self.ledger.confirmed(Some(write), Vec::new()).await?;
                        return Err(Failure::from(&error));
                    }
                    if (absent && !never_seen) || send == SENDS {
                        break;
                    }
                }
                Err(error) if matches!(error.class, ErrorClass::Conflict | ErrorClass::Invalid) => {
                    // The listing decides, and may lag: what is gone already was deleted (FR-006). What an earlier run
                    // may be deleting is refused because of that, and is waited for.
                    if self.deleting.contains(key) || self.absent_in_two_looks(key).await? {
                        refusal = Some(error);
                        break;
                    }
                    self.ledger.sent(write, noted)?;
                    return Err(Failure::from(&error));
                }
                Err(error) => {
                    self.ledger.sent(write, noted)?;
                    return Err(Failure::from(&error));
                }
            }
        }
        let absent = self.lookout.until(&key.scope(), self.clock, limit, |census| census.absence(key)).await;
        match absent {
            Ok(_) => {
                self.ledger.observed(write, Sighting::Absent)?;
                self.ledger.confirmed(Some(write), when_absent.to_vec()).await?;
                self.proven.set(true);
                self.transition(address, Visible::Deleted, started);
                Ok(())
            }
            Err(error) => {
                // It stays recorded: the next run looks whether it is gone.
                self.ledger.observed(write, Sighting::Undecided)?;
                self.ledger.confirmed(Some(write), Vec::new()).await?;
                let waited = wait_failure(&error, &format!("{key} to disappear"), "still listed");
                Err(match refusal {
                    Some(refusal) => Failure { message: format!("{refusal}; {}", waited.message), ..waited },
                    None => waited,
                })
            }
        }
    }

    async fn send_delete(&self, order: &DeleteOrder) -> Result<Accepted, ProviderError> {
        let _sending = self.lookout.sending(&order.key.scope());
        self.settings
            .retry
            .run(self.clock, self.events, || async {
                let _permit = self.permits.acquire().await;
                self.writes.set(self.writes.get() + 1);
                self.provider.delete(order).await
            })
            .await
    }

    /// Whether one of two looks, one poll apart, shows that the object is gone.
    async fn absent_in_two_looks(&self, key: &NaturalKey) -> Result<bool, Failure> {
        let (scope, limit) = (key.scope(), self.settings.pace(&key.scope()).limit);
        let absent = self.lookout.in_two_looks(&scope, self.clock, limit, |census| census.absence(key)).await;
        match absent {
            Ok(absent) => Ok(absent.is_some()),
            Err(error) => Err(wait_failure(&error, &format!("{key} to disappear"), "unknown")),
        }
    }
}
