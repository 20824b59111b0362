//! Loading and planning against reading and parsing the same files alone, as ratios of one run: `cargo bench`.
//!
//! Ratios hold on any machine, milliseconds do not. What is planned is the usual case: nothing has changed.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark fails by panicking, and prints its table"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use reconcile::domain::desired::{Desired, DesiredSet};
use reconcile::domain::field::Readable;
use reconcile::domain::live::{Census, Live, Readiness, World};
use reconcile::domain::natural_key::Scope;
use reconcile::domain::recorded::Recorded;
use reconcile::domain::rules::rule;
use reconcile::domain::snapshot::{Lineage, Snapshot};
use reconcile::engine::planner::{Options, PlanInput, plan};
use reconcile::manifest::{self, values::Values};
use reconcile::platform::fs;
use reconcile::platform::time::SystemClock;

const NAMESPACES: usize = 20;
/// The best of so many passes: everything slower was disturbed.
const PASSES: usize = 5;
const FILE_LIMIT: u64 = 1 << 20;

fn main() {
    println!(
        "{:>10} {:>14} {:>14} {:>14} {:>14} {:>10}",
        "connectors", "read+parse", "load", "plan", "load+plan", "ratio"
    );
    for count in [1_000, 10_000] {
        let folder = tempfile::tempdir().unwrap();
        let files = write_manifests(folder.path(), count);
        let desired = load(folder.path());
        let (recorded, live) = (recorded(&desired), live(&desired));
        let alone = best(|| parse(&files));
        let loading = best(|| assert_eq!(load(folder.path()).len(), count));
        let planning = best(|| plan_nothing(&desired, &recorded, &live));
        let ratio = (loading + planning).as_secs_f64() / alone.as_secs_f64();
        let ms = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1000.0);
        println!(
            "{count:>10} {:>14} {:>14} {:>14} {:>14} {ratio:>9.2}x",
            ms(alone),
            ms(loading),
            ms(planning),
            ms(loading + planning)
        );
    }
}

fn best(mut pass: impl FnMut()) -> Duration {
    let timed = (0..PASSES).map(|_| {
        let clock = SystemClock::start();
        pass();
        clock.elapsed()
    });
    timed.min().unwrap_or_default()
}

/// One file for each connector, spread over the namespaces, as a team writes them.
fn write_manifests(folder: &Path, count: usize) -> Vec<PathBuf> {
    let files: Vec<PathBuf> =
        (0..count).map(|index| folder.join(format!("connector-{index:05}.yaml"))).collect();
    for (index, file) in files.iter().enumerate() {
        fs::replace(file, manifest_text(index).as_bytes()).unwrap();
    }
    files
}

fn manifest_text(index: usize) -> String {
    let namespace = index % NAMESPACES;
    format!(
        "apiVersion: reconcile/v1
kind: FlinkConnector
metadata:
  name: connector-{index:05}
  labels:
    team: team-{namespace}
    stage: prod
spec:
  workspaceId: workspace-a
  namespaceName: namespace-{namespace:02}
  connectorName: connector-{index:05}
  connectorType: type-{index:05}
  jarUrl: oss://artifacts/connectors/connector-{index:05}-1.4.2.jar
  description: Reads and writes topic {index} of team {namespace}
  source: true
  sink: true
  supportedFormats: [json, avro, debezium-json]
lifecycle:
  protect: false
  onRemove: delete
"
    )
}

/// The baseline: the same files, the same YAML reader, into values without meaning.
fn parse(files: &[PathBuf]) {
    for file in files {
        let text = String::from_utf8(fs::read(file, FILE_LIMIT).unwrap()).unwrap();
        let value: serde_json::Value = serde_saphyr::from_str(&text).unwrap();
        assert!(value.is_object());
    }
}

fn load(folder: &Path) -> DesiredSet {
    manifest::load(&[folder.to_owned()], &Values::default()).unwrap().desired.declared().clone()
}

fn recorded(desired: &DesiredSet) -> Snapshot {
    let mut snapshot = Snapshot::new(Lineage("bench".to_owned()));
    let recorded = desired.values().map(|one| (one.spec.key(), Recorded::applied(one)));
    snapshot.resources = recorded.collect::<BTreeMap<_, _>>().into();
    snapshot
}

fn live(desired: &DesiredSet) -> World {
    let mut scopes: BTreeMap<Scope, Vec<Live>> = BTreeMap::new();
    for one in desired.values() {
        scopes.entry(one.spec.key().scope()).or_default().push(shown(one));
    }
    let census =
        |(scope, objects): (Scope, Vec<Live>)| (scope.clone(), Census::complete(scope, objects).unwrap());
    scopes.into_iter().map(census).collect()
}

/// What a listing shows of a connector as declared.
fn shown(desired: &Desired) -> Live {
    let kind = desired.spec.kind();
    let readable = |name: &str| rule(kind, name).is_some_and(|rule| rule.readable == Readable::Yes);
    let fields = desired.spec.fields().into_iter().filter(|(name, _)| readable(name)).collect();
    Live { key: desired.spec.key(), fields, readiness: Readiness::Ready, attributes: BTreeMap::new() }
}

fn plan_nothing(desired: &DesiredSet, recorded: &Snapshot, live: &World) {
    let (unseen, sends_definition, options) = (BTreeMap::new(), BTreeSet::new(), Options::default());
    let input = PlanInput {
        desired,
        recorded,
        unseen: &unseen,
        live,
        sends_definition: &sends_definition,
        options: &options,
    };
    let plan = plan(&input).unwrap();
    assert!(plan.is_empty());
    assert_eq!(plan.reads.len(), NAMESPACES);
}
