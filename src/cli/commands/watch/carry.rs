//! Carrying out the plan of a pass, while signals and newer manifests may come.

use std::collections::BTreeSet;

use tokio::sync::watch as channel;

use super::Watching;
use crate::cli::commands::apply::settings;
use crate::cli::error::CliError;
use crate::cli::session::Planned;
use crate::domain::address::Address;
use crate::domain::desired::DesiredSet;
use crate::domain::plan::Change;
use crate::engine::executor::{Report, Stop, execute};
use crate::engine::watch::same_declaration;
use crate::ports::clock::Clock;
use crate::ports::provider::Provider;
use crate::ports::state_store::StateStore;

impl<P: Provider> Watching<'_, P> {
    /// Carries the plan out. A signal lets what is in flight finish; newer manifests that declare something else of what has
    /// not ended also end the waits for readiness.
    pub(super) async fn carry_out(
        &mut self,
        declared: &DesiredSet,
        planned: Planned,
        state: &mut impl StateStore,
        stop: &mut channel::Receiver<Stop>,
    ) -> Result<Report, CliError> {
        let session = self.session;
        // A JAR brings objects into the namespace where it is registered, and into no other.
        let reads = &planned.plan.reads;
        let beside = declared.values().filter(|desired| reads.contains(&desired.spec.key().scope()));
        let settings = settings(beside, (self.wish.sending, self.wish.carrying));
        let approved = planned.plan.approve().map_err(|plan| CliError::Refused {
            message: plan.refusals.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
            hint: "reconcile plan shows the whole plan".to_owned(),
        })?;
        let to_change = |change: &Change| !matches!(change, Change::Keep | Change::Blocked(_));
        let rows = approved.plan().rows.iter().filter(|row| to_change(&row.change));
        let rows: BTreeSet<Address> = rows.map(|row| row.address.clone()).collect();
        session.events.carrying_out(rows.len());
        let wish = channel::Sender::new(Stop::No);
        let around = (self.provider, &session.clock, &*session.events);
        let work = execute(approved, planned.settled, state, around, &settings, wish.subscribe());
        let mut work = std::pin::pin!(work);
        let report = loop {
            let look_at = self.machine.beside_pass();
            let quiet = async {
                match look_at {
                    Some(moment) => session.clock.sleep_until(moment).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                report = &mut work => break report,
                Ok(()) = stop.changed() => {
                    session.events.note("stopping: what is in flight is finished and saved; a second signal stops at once");
                    wish.send_if_modified(|wish| std::mem::replace(wish, (*wish).max(Stop::Finish)) < Stop::Finish);
                }
                () = self.eyes.stirred() => self.machine.stir(session.clock.now()),
                () = quiet => {
                    self.stir_while_written();
                    let is_time = self.machine.beside_pass().is_some_and(|moment| moment <= session.clock.now());
                    if is_time && self.is_superseded(declared, &rows) {
                        session.events.say("newer manifests: the pass waits no longer for what it has sent");
                        wish.send_replace(Stop::Supersede);
                    }
                }
            }
        };
        session.events.carried_out();
        Ok(report)
    }

    /// Looks beside the pass: whether something that it has not ended is declared in another way now.
    fn is_superseded(&mut self, declared: &DesiredSet, rows: &BTreeSet<Address>) -> bool {
        let session = self.session;
        let look = self.machine.looks_beside_pass(session.clock.now());
        let seen = self.eyes.look(session, look);
        self.machine.looked(seen.changed, seen.touched);
        // What cannot be loaded is told when the pass is over, and wants nothing else yet.
        let Ok(loaded) = seen.loaded else { return false };
        let newer = loaded.desired.declared();
        let mut open = rows.iter().filter(|address| !session.events.has_ended(address));
        seen.changed && open.any(|address| !same_declaration(declared.get(address), newer.get(address)))
    }
}
