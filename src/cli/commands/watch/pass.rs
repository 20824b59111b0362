//! One pass: the plan of what is there now, told or carried out.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::sync::watch as channel;

use super::voice::{BLOCKED, KEPT, is_left_alone};
use super::{Watching, seen};
use crate::cli::commands::apply::tell;
use crate::cli::error::CliError;
use crate::cli::events::Passed;
use crate::cli::notification::Seen;
use crate::cli::session::Planned;
use crate::domain::address::Address;
use crate::domain::desired::{DesiredSet, Touched, Unresolved};
use crate::domain::journal::Recovered;
use crate::domain::plan::{Change, DeleteReason, ForgetReason, Plan, Row};
use crate::domain::snapshot::Serial;
use crate::engine::executor::{self, Report, RowResult, Stop};
use crate::engine::planner::{Options, narrow};
use crate::engine::watch::Outcome;
use crate::ports::clock::Clock;
use crate::ports::provider::Provider;
use crate::ports::state_store::StateStore;

/// What a pass stands on.
pub(super) struct Ground<'a> {
    pub(super) number: u64,
    pub(super) started: Duration,
    /// Whether nothing stirred when it was looked at: else nothing is deleted.
    pub(super) quiet: bool,
    /// What is declared, as loaded.
    pub(super) declared: &'a DesiredSet,
    /// What failed and waits for its next try.
    pub(super) left_alone: BTreeSet<Address>,
    /// What is declared in another way since everything was looked at.
    pub(super) touched: Touched,
}

/// What a pass is about.
struct Subject {
    /// With what is behind secrets.
    desired: DesiredSet,
    planned: Planned,
    /// What has no manifest and stays.
    kept: Vec<Row>,
    /// The objects that it is about, unless it is about everything.
    within: Option<BTreeSet<Address>>,
}

/// How a pass ended that could be made.
pub(super) struct Ended {
    pub(super) outcome: Outcome,
    /// The state could not be written: nothing that follows could be trusted.
    pub(super) broken: bool,
    /// What it has shown; `None` when it was given up on the way.
    pub(super) seen: Option<Seen>,
}

impl Ended {
    fn idle(seen: Option<Seen>) -> Self {
        Self { outcome: Outcome::Ended([].into()), broken: false, seen }
    }
}

impl<P: Provider> Watching<'_, P> {
    /// Plans, and tells.
    pub(super) async fn report(
        &mut self,
        ground: Ground<'_>,
        desired: Unresolved,
        stop: &mut channel::Receiver<Stop>,
    ) -> Result<Ended, CliError> {
        let session = self.session;
        let (options, sending) = (self.options(&ground), self.wish.sending);
        let plan = async {
            let recovered = session.recorded()?;
            let desired = session.resolve(desired, None)?;
            let planned = session.plan(self.provider, &desired, recovered, &options, sending).await?;
            let (planned, kept) = self.keep(&ground, planned, &desired, &options)?;
            Ok::<_, CliError>(Subject { desired, planned, kept, within: None })
        };
        let subject = tokio::select! {
            biased;
            _ = stop.changed() => return Ok(Ended::idle(None)),
            planned = plan => planned?,
        };
        let (is_new, passed) = self.planned(&ground, &subject)?;
        let (planned, passed) = (subject.planned, Passed { applied: None, ..passed });
        self.tell(&ground, &passed, is_new, planned.plan.serial, |_| true);
        session.events.know(Some(planned.plan.is_empty()), planned.plan.serial);
        Ok(Ended::idle(Some(seen::in_report(&planned.plan))))
    }

    /// Plans under the lock, and carries it out.
    pub(super) async fn apply(
        &mut self,
        ground: Ground<'_>,
        desired: Unresolved,
        stop: &mut channel::Receiver<Stop>,
    ) -> Result<Ended, CliError> {
        let session = self.session;
        let (options, sending, carrying) = (self.options(&ground), self.wish.sending, self.wish.carrying);
        let plan = async {
            let remembered = self.remembered.take();
            let mut state = session.lock_again("watch", carrying.lock_timeout, remembered).await?;
            if let Some(within) = Self::within(&ground, state.recovered(), &options) {
                let desired = session.resolve(desired.only(&within), Some(&mut state))?;
                let recovered = state.recovered().clone();
                let planned =
                    session.plan_narrow(self.provider, &desired, recovered, &options, sending).await?;
                if let Some(planned) = planned {
                    return Ok((state, Subject { desired, planned, kept: Vec::new(), within: Some(within) }));
                }
            }
            self.widen(&ground);
            let desired = session.resolve(desired, Some(&mut state))?;
            let recovered = state.recovered().clone();
            let planned = session.plan(self.provider, &desired, recovered, &options, sending).await?;
            let (planned, kept) = self.keep(&ground, planned, &desired, &options)?;
            Ok::<_, CliError>((state, Subject { desired, planned, kept, within: None }))
        };
        // Nothing was sent yet that would have to be finished.
        let (mut state, subject) = tokio::select! {
            biased;
            _ = stop.changed() => return Ok(Ended::idle(None)),
            planned = plan => planned?,
        };
        let (is_new, passed) = self.planned(&ground, &subject)?;
        let Subject { planned, within, .. } = subject;
        let seen = seen::before_apply(&planned.plan, &ground.left_alone, within);
        if planned.plan.steps.is_empty() && planned.settled.decides_nothing() {
            // A run that was cut off at its very end left everything done, but in the journal only.
            let recovered = &planned.evidence.recovered;
            if recovered.unfolded {
                state.fold(&recovered.snapshot)?;
            }
            session.events.know(Some(passed.blocked == 0), planned.plan.serial);
            self.remembered = state.leave();
            self.tell(&ground, &passed, is_new, planned.plan.serial, is_left_alone);
            return Ok(Ended::idle(Some(seen)));
        }
        let report = self.carry_out(ground.declared, planned, &mut state, stop).await?;
        tell::failures(session, &report);
        tell::rescue(session, &report, &state);
        self.remembered = state.leave();
        session.events.know(None, report.snapshot.serial);
        let passed = Passed { applied: Some(applied(&report)), failed: failed(&report), ..passed };
        self.tell(&ground, &passed, is_new, report.snapshot.serial, is_left_alone);
        let broken = report.state_failure.is_some();
        Ok(Ended { outcome: Outcome::of(&report), broken, seen: seen::after_apply(seen, &report) })
    }

    /// The objects that a pass which files alone have caused may confine itself to.
    fn within(ground: &Ground<'_>, recovered: &Recovered, options: &Options) -> Option<BTreeSet<Address>> {
        match &ground.touched {
            Touched::Only(touched) => narrow::around(touched, ground.declared, recovered, options),
            Touched::Anything => None,
        }
    }

    /// The pass is about everything.
    pub(super) fn widen(&mut self, ground: &Ground<'_>) {
        if ground.touched != Touched::Anything {
            self.machine.widened(self.session.clock.now());
        }
    }

    /// Shows what is planned, unless it is refused. Returns whether that is news, and what it comes to.
    fn planned(&mut self, ground: &Ground<'_>, subject: &Subject) -> Result<(bool, Passed), CliError> {
        let Subject { desired, planned, kept, within } = subject;
        self.page.planned(planned, kept, (&ground.left_alone, within.as_ref()), desired);
        refused(&planned.plan)?;
        self.machine.found(undone(&planned.plan, desired), within.as_ref());
        let is_new = self.voice.planned(self.session, &planned.plan, kept, within.as_ref());
        let passed = counted(&planned.plan, kept, ground);
        let elsewhere = |word| within.as_ref().map_or(0, |within| self.voice.elsewhere(within, word));
        let (blocked, kept) = (passed.blocked + elsewhere(BLOCKED), passed.kept + elsewhere(KEPT));
        Ok((is_new, Passed { blocked, kept, ..passed }))
    }

    /// What the pass came to; if the picture is a new one, also the rows behind it that nobody hears of otherwise.
    fn tell(
        &mut self,
        ground: &Ground<'_>,
        passed: &Passed,
        is_new: bool,
        serial: Serial,
        which: impl Fn(&str) -> bool,
    ) {
        let took = self.session.clock.now().saturating_sub(ground.started);
        self.page.ended(ground.number, passed, took, Some(serial));
        self.voice.passed(self.session, ground.number, passed, took, is_new);
        self.herald.at(&passed.line(ground.number, took));
        if is_new {
            self.voice.rows(self.session, which);
        }
    }

    fn options(&self, ground: &Ground<'_>) -> Options {
        Options { hold: ground.left_alone.clone(), ..self.wish.options.clone() }
    }

    /// The plan, without what would leave because its manifest is gone unless that is wished, and those rows.
    fn keep(
        &mut self,
        ground: &Ground<'_>,
        planned: Planned,
        desired: &DesiredSet,
        options: &Options,
    ) -> Result<(Planned, Vec<Row>), CliError> {
        if self.wish.prune && ground.quiet && !self.is_disturbed() {
            return Ok((planned, Vec::new()));
        }
        let leaves = |row: &&Row| {
            matches!(
                row.change,
                Change::Delete(DeleteReason::ManifestGone) | Change::Forget(ForgetReason::Retained)
            )
        };
        let kept: Vec<Row> = planned.plan.rows.iter().filter(leaves).cloned().collect();
        if kept.is_empty() {
            return Ok((planned, kept));
        }
        let mut options = options.clone();
        options.hold.extend(kept.iter().map(|row| row.address.clone()));
        Ok((Planned::on(planned.evidence, desired, &options)?, kept))
    }

    /// Whether something has stirred since the look: what seemed to be missing may only have been on its way.
    fn is_disturbed(&mut self) -> bool {
        let has_stirred = self.eyes.has_stirred();
        if has_stirred {
            self.machine.stir(self.session.clock.now());
            self.machine.hurry();
        }
        has_stirred
    }
}

/// A plan that is refused as a whole changes nothing.
fn refused(plan: &Plan) -> Result<(), CliError> {
    plan.refusals.first().map_or(Ok(()), |refusal| {
        Err(CliError::Refused {
            message: format!("nothing was changed: {refusal}"),
            hint: "reconcile plan shows the whole plan".to_owned(),
        })
    })
}

/// What is declared and the plan does nothing about, though there may be something to do: it is blocked, or left alone with
/// what is held back.
fn undone(plan: &Plan, desired: &DesiredSet) -> BTreeSet<Address> {
    let is_blocked = |row: &&Row| matches!(row.change, Change::Blocked(_));
    let mut undone: BTreeSet<Address> =
        plan.rows.iter().filter(is_blocked).map(|row| row.address.clone()).collect();
    if plan.not_selected > 0 {
        let there: BTreeSet<&Address> = plan.rows.iter().map(|row| &row.address).collect();
        undone.extend(desired.keys().filter(|address| !there.contains(address)).cloned());
    }
    undone
}

/// What a plan is about, before anything of it was carried out.
fn counted(plan: &Plan, kept: &[Row], ground: &Ground<'_>) -> Passed {
    let blocked = plan.counts().blocked;
    let stands = |row: &&Row| row.change != Change::Keep || row.renamed_from.is_some();
    Passed {
        changed: plan.rows.iter().filter(stands).count() - blocked,
        applied: Some(0),
        failed: 0,
        blocked,
        kept: kept.len(),
        held_back: ground.left_alone.len(),
        reason: None,
    }
}

fn applied(report: &Report) -> usize {
    report.rows.iter().filter(|outcome| outcome.result == RowResult::Done).count()
}

/// What newer manifests ended has not failed.
fn failed(report: &Report) -> usize {
    report.all_failures().filter(|(_, failure)| failure.cause != executor::Cause::Superseded).count()
}
