//! Crash prefixes: the process is killed behind any record of the journal and any request, in the first run and in the
//! one that recovers from it, which half of the time finishes the plan that was cut off. Afterwards nothing is lost, nothing
//! is doubled, and applying again finishes the work.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use reconcile::domain::desired::{DesiredSet, Lifecycle, Spec};
use reconcile::domain::journal::Intent;
use reconcile::domain::kind::flink_connector::name;
use reconcile::domain::kind::store;
use reconcile::domain::live::Readiness;
use reconcile::domain::natural_key::NaturalKey;
use reconcile::domain::plan::{Action, Plan};
use reconcile::domain::recorded::Recorded;

use super::worlds;
use crate::support::apply::{NoPlan, Site, in_virtual_time};
use crate::support::builders::{desired, shown};
use crate::support::memory::{Fault, Processed};
use crate::support::reliability::Report;
use crate::support::stores::{observer, seen_as};

/// A role that sees no store.
const BLIND: &str = "auditor";

/// The process is killed, and started again some time later.
#[derive(Debug, Clone)]
struct Kill {
    /// Behind which entry of the tape.
    behind: usize,
    /// Requests on their way do not arrive.
    requests_lost: bool,
    /// Of the records that were not synced, so many are left.
    records_kept: usize,
    /// How long until somebody applies again.
    pause: Duration,
    /// Whether this run was made by a role that sees no store.
    blind: bool,
    /// Whether this run was one of `--resume`, if there was something to resume and it still fitted.
    resumes: bool,
}

fn kill() -> impl Strategy<Value = Kill> {
    let pause = prop::sample::select(vec![0_u64, 1, 5, 30, 600]);
    let kept = prop::sample::select(vec![0, 1, 2, 3, usize::MAX, usize::MAX]);
    (0_usize..50, any::<bool>(), kept, pause, (0..8).prop_map(|n| n == 7), any::<bool>()).prop_map(
        |(behind, requests_lost, records_kept, pause, blind, resumes)| Kill {
            behind,
            requests_lost,
            records_kept,
            pause: Duration::from_secs(pause),
            blind,
            resumes,
        },
    )
}

/// Manifests without protection and retention, so that they can be reached from any others.
fn manifests() -> impl Strategy<Value = DesiredSet> {
    worlds::desired().prop_map(|mut desired| {
        for one in desired.values_mut() {
            one.lifecycle = Lifecycle::default();
        }
        desired
    })
}

/// An empty folder is refused, whatever is killed.
fn some_manifests() -> impl Strategy<Value = DesiredSet> {
    manifests().prop_filter("empty", |desired| !desired.is_empty())
}

/// How the service behaves while processes are killed.
#[derive(Debug, Clone)]
struct Weather {
    lag_of_create: Duration,
    lag_of_delete: Duration,
    lag_of_update: Duration,
    provisioning: Duration,
    /// No update moves a time stamp.
    frozen: bool,
    faults_per_mille: u64,
    seed: u64,
}

/// Two looks settle a lost answer only if listings lag by less than a poll: no answers are lost while they lag by more.
fn weather() -> impl Strategy<Value = Weather> {
    let calm = (0_u64..15_000, 0_u64..15_000, Just(0));
    let rough = (0_u64..2_500, 0_u64..2_500, 50_u64..300);
    let stores = (0_u64..4_000, 0_u64..20_000, any::<bool>());
    (prop_oneof![calm, rough], stores, any::<u64>()).prop_map(
        |((create, delete, faults_per_mille), (update, provisioning, frozen), seed)| Weather {
            lag_of_create: Duration::from_millis(create),
            lag_of_delete: Duration::from_millis(delete),
            lag_of_update: Duration::from_millis(update),
            provisioning: Duration::from_millis(provisioning),
            frozen,
            faults_per_mille,
            seed,
        },
    )
}

impl Weather {
    fn over(&self, site: &Site) {
        site.service.lag(self.lag_of_create, self.lag_of_delete);
        site.service.lag_of_updates(self.lag_of_update);
        site.service.provisions_for(self.provisioning);
        if self.frozen {
            site.service.freezes_time_stamps();
        }
        let faults = [
            Fault::Ambiguous(Processed::Yes),
            Fault::Ambiguous(Processed::No),
            Fault::Keep("login failed"),
            Fault::Err("no broker answers"),
        ];
        site.service.shake(self.seed, self.faults_per_mille, &faults);
    }
}

/// Counts what a plan creates, and what it may have to bring back.
fn count(planned: &mut BTreeMap<NaturalKey, usize>, plan: &Plan) {
    for step in &plan.steps {
        let keys: Vec<NaturalKey> = match &step.action {
            Action::Register { members, .. } => {
                let back = members.iter().filter_map(|m| m.previous.as_ref()).map(|old| old.key.clone());
                members.iter().map(|m| m.desired.spec.key()).chain(back).collect()
            }
            Action::Create { when_ready, .. } => vec![when_ready.key.clone()],
            Action::Delete { .. } | Action::Update { .. } | Action::Record { .. } => Vec::new(),
        };
        for key in keys {
            *planned.entry(key).or_default() += 1;
        }
    }
}

/// Everything that is live and that neither a record nor an open write names.
fn lost(site: &Site) -> Vec<NaturalKey> {
    let recovered = site.store.recover();
    let open = recovered.open.values().flat_map(|intent| match intent {
        Intent::Delete { .. } => Vec::new(),
        Intent::Register { when_present, .. } => when_present.iter().map(|r| r.key.clone()).collect(),
        Intent::Create { when_present } => vec![when_present.key.clone()],
        Intent::Update { key, .. } => vec![key.clone()],
    });
    let named: Vec<NaturalKey> = open.chain(recovered.snapshot.resources.keys().cloned()).collect();
    site.service.everything().into_keys().filter(|key| !named.contains(key)).collect()
}

/// How live and the record differ from what is declared.
fn differences(site: &Site) -> Vec<String> {
    let live = site.service.everything();
    let recorded = site.store.recover().snapshot.resources;
    let mut found = Vec::new();
    for desired in site.desired.values() {
        let key = desired.spec.key();
        let is_live = live.get(&key).is_some_and(|live| match &desired.spec {
            Spec::FlinkConnector(spec) => {
                let wanted = shown(spec).fields;
                wanted.iter().all(|(field, value)| live.fields.get(field) == Some(value))
                    && live.attributes.get(name::JAR_URL) == Some(&spec.jar_url)
            }
            Spec::Store(spec) => {
                let held = site.service.held(&key).unwrap_or_default();
                let mut wanted = spec.fields();
                wanted.remove(store::name::DESCRIPTION);
                wanted.iter().all(|(field, value)| held.get(field) == Some(value))
                    && live.readiness == Readiness::Ready
            }
        });
        if !is_live {
            found.push(format!("{} is not live as declared", desired.address));
        }
        let observer = matches!(desired.spec, Spec::Store(_)).then(observer);
        if recorded.get(&key) != Some(&Recorded { observer, ..Recorded::applied(desired) }) {
            found.push(format!("{} is recorded as {:?}", desired.address, recorded.get(&key)));
        }
    }
    if live.len() != site.desired.len() || recorded.len() != site.desired.len() {
        found.push(format!(
            "{} live, {} recorded, {} declared",
            live.len(),
            recorded.len(),
            site.desired.len()
        ));
    }
    found
}

#[test]
fn a_kill_anywhere_loses_nothing_doubles_nothing_and_is_finished_by_applying_again() {
    let config = worlds::cases(10_000, 100_000);
    let cases = config.cases;
    proptest!(config, |(
        before in manifests(),
        edits in prop::collection::vec((some_manifests(), kill()), 1..4),
        (edited, resumes_at_last) in any::<(bool, bool)>(),
        weather in weather(),
    )| {
        let after = edits[0].0.clone();
        in_virtual_time(async {
            let mut planned = BTreeMap::new();
            let mut site = Site::new();
            site.replace_manifests(before);
            // One JAR for two connectors with a third between them cannot be registered in order.
            if let Err(NoPlan::Contradiction(_)) = site.try_plan().await {
                return Ok(());
            }
            count(&mut planned, &site.apply_once().await.planned.plan);
            prop_assert!(differences(&site).is_empty());
            site.replace_manifests(after);
            if let Err(NoPlan::Contradiction(_)) = site.try_plan().await {
                return Ok(());
            }
            weather.over(&site);
            site.service.blinds(BLIND);
            for (manifests, kill) in edits {
                if edited {
                    site.replace_manifests(manifests);
                }
                if kill.blind {
                    site.service.asked_by(seen_as(BLIND));
                }
                let Ok(plan) = site.try_plan().await else { return Ok(()) };
                // What a role creates, only that role can tell whether it came.
                if plan.plan.steps.iter().any(|step| matches!(step.action, Action::Create { .. })) {
                    site.service.asked_by(observer());
                    // What a role does not see is blocked, and hides that the rest cannot be brought into order.
                    if let Err(NoPlan::Contradiction(_)) = site.try_plan().await {
                        return Ok(());
                    }
                }
                let resumed = if kill.resumes { site.resume_cut_behind(kill.behind).await } else { None };
                let plan = match resumed {
                    Some(plan) => plan,
                    None => site.apply_cut_behind(kill.behind).await.0,
                };
                count(&mut planned, &plan);
                site.service.asked_by(observer());
                if kill.requests_lost {
                    site.service.lose_pending();
                }
                site.store.lose_unsynced(kill.records_kept);
                prop_assert_eq!(lost(&site), [], "{}", site.tape.story());
                site.pass(kill.pause).await;
            }
            site.service.calm();
            if let Err(NoPlan::Contradiction(_)) = site.try_plan().await {
                return Ok(());
            }
            if resumes_at_last && let Some(plan) = site.resume_cut_behind(usize::MAX / 2).await {
                count(&mut planned, &plan);
                site.pass(Duration::from_secs(20)).await;
                prop_assert_eq!(lost(&site), [], "{}", site.tape.story());
            }
            for _ in 0..2 {
                let applied = site.apply_once().await;
                count(&mut planned, &applied.planned.plan);
                // Nobody can see through a listing that lags: the second apply comes when it has caught up.
                site.pass(Duration::from_secs(20)).await;
                prop_assert_eq!(lost(&site), [], "{}", site.tape.story());
            }
            let differences = differences(&site);
            prop_assert!(differences.is_empty(), "{}\n{}", differences.join("\n"), site.tape.story());
            prop_assert!(site.plan().await.is_empty(), "{}", site.tape.story());
            for (key, created) in site.tape.creations() {
                let wanted = planned.get(&key).copied().unwrap_or_default();
                prop_assert!(created <= wanted, "{} was created {} times, planned {}\n{}", key, created, wanted, site.tape.story());
            }
            Ok(())
        })?;
    });
    Report {
        harness: "model::crash",
        what: "random worlds: applies killed behind any record or request, one to three times, then applied at most twice",
        cases: format!("{cases} worlds"),
        seed: worlds::seed(),
        result: "0 lost, 0 doubled, the plan is empty".to_owned(),
        planted: "a sync that makes nothing durable: `a_sync_that_makes_nothing_durable_loses_what_was_created`",
    }
    .hand_in();
}

#[tokio::test(start_paused = true)]
async fn a_sync_that_makes_nothing_durable_loses_what_was_created() {
    let mut losses = 0;
    for behind in 0..30 {
        let mut site = Site::declaring([desired("a"), desired("b")]);
        site.store.lies();
        site.apply_cut_behind(behind).await;
        site.store.lose_unsynced(0);
        losses += usize::from(!lost(&site).is_empty());
    }
    assert!(losses > 0, "nothing is ever lost: the harness does not see it");
}
