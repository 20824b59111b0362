//! Random worlds: desired, recorded and live drawn independently from a small universe, so that everything collides.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::prelude::*;
use reconcile::domain::address::{Address, Kind, ObjectName};
use reconcile::domain::desired::{Desired, DesiredSet, Lifecycle, OnRemove, Origin, Spec};
use reconcile::domain::field::Readable;
use reconcile::domain::kind::flink_connector::FlinkConnectorSpec;
use reconcile::domain::live::{Census, Live, Readiness, World};
use reconcile::domain::natural_key::{ConnectorName, NamespaceName, Scope, WorkspaceId};
use reconcile::domain::recorded::{Condition, Knowledge, Recorded};
use reconcile::domain::rules::rules;
use reconcile::domain::selection::{Addresses, Selection};
use reconcile::domain::snapshot::{Lineage, Serial, Snapshot, StateChange, Stray};

use super::store_worlds;
use crate::support::stores::observer;

/// One input of the planner, owned.
#[derive(Debug, Clone)]
pub(crate) struct RandomWorld {
    pub(crate) desired: DesiredSet,
    pub(crate) recorded: Snapshot,
    pub(crate) live: World,
}

const WORKSPACES: [&str; 2] = ["ws-a", "ws-b"];
const NAMESPACES: [&str; 2] = ["ns-1", "ns-2"];

pub(crate) fn scopes() -> Vec<Scope> {
    let pairs = WORKSPACES.iter().flat_map(|w| NAMESPACES.iter().map(move |n| (w, n)));
    let namespaces = pairs.map(|(w, n)| Scope::FlinkNamespace {
        workspace: WorkspaceId::new(*w).unwrap(),
        namespace: NamespaceName::new(*n).unwrap(),
    });
    namespaces.chain([Scope::Stores]).collect()
}

fn address(index: usize) -> Address {
    Address { kind: Kind::FlinkConnector, name: ObjectName::new(format!("c{index}")).unwrap() }
}

fn pick(options: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(options).prop_map(str::to_owned)
}

/// Nothing, or one of these. Plain numbers: `prop::option` and `prop_oneof` start a generator of their own for every draw,
/// which would be most of the time of a world.
fn maybe(options: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
    (0..=options.len()).prop_map(|n| n.checked_sub(1).map(|n| options[n].to_owned()))
}

fn flag() -> impl Strategy<Value = Option<bool>> {
    (0_usize..3).prop_map(|n| [None, Some(false), Some(true)][n])
}

/// No set, or one of some formats.
fn set() -> impl Strategy<Value = Option<BTreeSet<String>>> {
    (0_usize..9).prop_map(|n| {
        let drawn = n.checked_sub(1)?;
        let formats = ["json", "csv", "avro"].into_iter().enumerate();
        let chosen = formats.filter(|(bit, _)| drawn & (1 << bit) != 0);
        Some(chosen.map(|(_, format)| format.to_owned()).collect())
    })
}

pub(super) fn spec() -> impl Strategy<Value = FlinkConnectorSpec> {
    (
        (pick(&WORKSPACES), pick(&NAMESPACES), pick(&["n1", "n2", "n3"]), pick(&["t1", "t2", "t3", "t4"])),
        pick(&["oss://b/1.jar", "oss://b/2.jar", "oss://b/3.jar"]),
        (maybe(&["1", "2"]), maybe(&["one", "two"])),
        (flag(), flag(), flag()),
        (set(), set()),
    )
        .prop_map(|((workspace, namespace, name, connector_type), jar_url, texts, flags, sets)| {
            FlinkConnectorSpec {
                workspace: WorkspaceId::new(workspace).unwrap(),
                namespace: NamespaceName::new(namespace).unwrap(),
                name: ConnectorName::new(name).unwrap(),
                connector_type,
                jar_url,
                jar_version: texts.0,
                description: texts.1,
                source: flags.0,
                sink: flags.1,
                lookup: flags.2,
                supported_formats: sets.0,
                dependencies: sets.1,
            }
        })
}

pub(super) fn lifecycle() -> impl Strategy<Value = Lifecycle> {
    let rarely = || (0..7).prop_map(|n| n == 6);
    (rarely(), rarely(), any::<bool>(), rarely(), rarely()).prop_map(
        |(protect, retain, adopt, allow_gap, ignore)| Lifecycle {
            protect,
            on_remove: if retain { OnRemove::Retain } else { OnRemove::Delete },
            adopt,
            allow_gap,
            ignore_fields: ignore.then(|| "/spec/sink".to_owned()).into_iter().collect(),
            ..Lifecycle::default()
        },
    )
}

/// Mostly none: an object of one of two teams, or of nobody.
fn labels() -> impl Strategy<Value = BTreeMap<String, String>> {
    maybe(&["a", "b"]).prop_map(|team| team.map(|team| ("team".to_owned(), team)).into_iter().collect())
}

/// Everything, a few of the objects by name, or those of a team.
pub(super) fn selection() -> impl Strategy<Value = Selection> {
    const PATTERNS: [&str; 8] = [
        "FlinkConnector/c0",
        "FlinkConnector/c1",
        "*/c2",
        "Flink*/c?",
        "Store/*",
        "Store/s0",
        "*/*1",
        "*/c3",
    ];
    let patterns = prop::collection::vec(prop::sample::select(&PATTERNS), 1..3);
    let selectors = prop::sample::select(&["", "", "", "team=a", "team!=b", "!team", "team"]);
    (0..4, patterns, selectors).prop_map(|(way, patterns, labels)| {
        let patterns = patterns.into_iter().map(|text| text.parse().unwrap()).collect();
        let addresses = match way {
            0 | 1 => Addresses::All,
            2 => Addresses::Only(patterns),
            _ => Addresses::AllBut(patterns),
        };
        Selection { addresses, labels: labels.parse().unwrap() }
    })
}

/// Keeps the first of each natural key and of each type in a workspace, as the service and the loader do.
fn distinct<T>(items: Vec<T>, spec: impl Fn(&T) -> &FlinkConnectorSpec) -> Vec<T> {
    let mut keys = BTreeSet::new();
    let mut types = BTreeSet::new();
    items
        .into_iter()
        .filter(|item| {
            let spec = spec(item);
            keys.insert(spec.key()) && types.insert((spec.workspace.clone(), spec.connector_type.clone()))
        })
        .collect()
}

/// Which neighbours on a line through all objects depend on each other, and in which direction.
#[derive(Debug)]
struct Line {
    depends: Vec<bool>,
    backwards: bool,
}

fn line() -> impl Strategy<Value = Line> {
    (prop::collection::vec((0..4).prop_map(|n| n == 3), 9), any::<bool>())
        .prop_map(|(depends, backwards)| Line { depends, backwards })
}

impl Line {
    /// Who depends on whom.
    fn draw(self, mut all: Vec<Address>) -> Vec<(Address, Address)> {
        if self.backwards {
            all.reverse();
        }
        let pairs = all.iter().skip(1).cloned().zip(all.iter().cloned());
        pairs.zip(self.depends).filter(|(_, depends)| *depends).map(|(pair, _)| pair).collect()
    }
}

/// Up to five declared connectors and three stores, with colliding names, types and JARs. What depends on what is drawn
/// along one line through all of them.
pub(crate) fn desired() -> impl Strategy<Value = DesiredSet> {
    let stores = prop::collection::vec((store_worlds::declared(0_usize..3), (lifecycle(), labels())), 0..4);
    (connectors(), stores, line()).prop_map(|(mut all, stores, line)| {
        let (stores, lives): (Vec<_>, Vec<_>) = stores.into_iter().unzip();
        for (store, (lifecycle, labels)) in store_worlds::distinct(stores).into_iter().zip(lives) {
            let desired = Desired { lifecycle, labels, ..store.into_desired() };
            all.insert(desired.address.clone(), desired);
        }
        for (behind, before) in line.draw(all.keys().cloned().collect()) {
            all.entry(behind).and_modify(|desired| {
                desired.depends_on.insert(before);
            });
        }
        all
    })
}

fn connectors() -> impl Strategy<Value = DesiredSet> {
    prop::collection::vec((spec(), (lifecycle(), labels())), 0..6).prop_map(|items| {
        distinct(items, |(spec, _)| spec)
            .into_iter()
            .enumerate()
            .map(|(index, (spec, (lifecycle, labels)))| {
                let desired = Desired {
                    address: address(index),
                    spec: Spec::FlinkConnector(spec),
                    lifecycle,
                    depends_on: BTreeSet::new(),
                    labels,
                    annotations: BTreeMap::new(),
                    origin: Origin { file: "m.yaml".into(), line: 1, column: 1 },
                };
                (desired.address.clone(), desired)
            })
            .collect()
    })
}

fn recorded_of(spec: &FlinkConnectorSpec, index: usize, imported: bool, protect: bool) -> Recorded {
    let fields = spec
        .fields()
        .into_iter()
        .map(|(name, value)| {
            let unreadable =
                rules(Kind::FlinkConnector).iter().any(|r| r.name == name && r.readable == Readable::No);
            let known = if imported && unreadable { Knowledge::Unknown } else { Knowledge::Applied(value) };
            (name, known)
        })
        .collect();
    Recorded {
        address: address(index),
        key: spec.key(),
        fields,
        protect,
        on_remove: OnRemove::Delete,
        depends_on: Vec::new(),
        condition: Condition::Ready,
        observer: None,
        labels: BTreeMap::new(),
    }
}

fn recorded() -> impl Strategy<Value = Snapshot> {
    let item = (spec(), 0_usize..6, (0..5).prop_map(|n| n == 4), (0..7).prop_map(|n| n == 6), labels());
    let strays = prop::collection::vec(spec(), 0..2);
    (prop::collection::vec(item, 0..6), strays).prop_map(|(items, strays)| {
        let mut snapshot = Snapshot::new(Lineage("l".into()));
        snapshot.serial = Serial(3);
        for (spec, index, imported, protect, labels) in items {
            let recorded = recorded_of(&spec, index, imported, protect);
            snapshot.apply(StateChange::Put(Box::new(Recorded { labels, ..recorded })));
        }
        for spec in strays {
            if !snapshot.resources.contains_key(&spec.key()) {
                let stray = Stray { key: spec.key(), jar_url: spec.jar_url.clone() };
                snapshot.strays.insert(spec.key(), stray);
            }
        }
        snapshot
    })
}

pub(super) fn live_of(spec: &FlinkConnectorSpec) -> Live {
    let shown = rules(Kind::FlinkConnector).iter().filter(|rule| rule.readable == Readable::Yes);
    let declared = spec.fields();
    let fields = shown.filter_map(|r| Some((r.name.to_owned(), declared.get(r.name)?.clone()))).collect();
    Live { key: spec.key(), fields, readiness: Readiness::Ready, attributes: BTreeMap::new() }
}

fn live() -> impl Strategy<Value = Vec<Live>> {
    prop::collection::vec(spec(), 0..7)
        .prop_map(|specs| distinct(specs, |spec| spec).iter().map(live_of).collect())
}

/// A census for every scope of the universe.
pub(crate) fn world_of(live: &[Live]) -> World {
    scopes()
        .into_iter()
        .map(|scope| {
            let listed = live.iter().filter(|live| live.key.scope() == scope).cloned().collect();
            let census = Census::complete(scope.clone(), listed).unwrap();
            let seen = if scope == Scope::Stores { census.seen_by(observer()) } else { census };
            (scope, seen)
        })
        .collect()
}

/// Half of the worlds are independent; in the other half live begins as what is recorded, which is what users have.
pub(crate) fn random_world() -> impl Strategy<Value = RandomWorld> {
    let stores = (store_worlds::known(), store_worlds::live());
    (desired(), recorded(), live(), stores, (any::<bool>(), line())).prop_map(
        |(desired, mut recorded, mut live, (known, shown), (follow, line))| {
            if follow {
                let specs: Vec<_> = recorded.resources.values().filter_map(Recorded::spec).collect();
                let specs = specs.iter().filter_map(|spec| match spec {
                    Spec::FlinkConnector(spec) => Some(spec.clone()),
                    Spec::Store(_) => None,
                });
                let mut all: Vec<FlinkConnectorSpec> = specs.collect();
                all = distinct(all, |spec| spec);
                live.retain(|_| false);
                live.extend(all.iter().map(live_of));
                live.extend(
                    known.iter().map(|known| store_worlds::live_of(&known.spec, known.readiness.clone())),
                );
            } else {
                live.extend(shown);
            }
            let resources = Arc::make_mut(&mut recorded.resources);
            resources.extend(known.into_iter().map(|known| (known.spec.key(), known.recorded)));
            let addresses = resources.values().map(|recorded| recorded.address.clone());
            for (behind, before) in line.draw(addresses.collect()) {
                for recorded in resources.values_mut().filter(|recorded| recorded.address == behind) {
                    recorded.depends_on.push(before.clone());
                }
            }
            RandomWorld { desired, recorded, live: world_of(&live) }
        },
    )
}

/// So many cases, or so many with `RECONCILE_LONG` set (see `tests/long`).
pub(super) fn cases(short: u32, long: u32) -> ProptestConfig {
    let cases = if reconcile::platform::env::var("RECONCILE_LONG").is_some() { long } else { short };
    ProptestConfig { cases, ..ProptestConfig::default() }
}

/// The seed of the generator, if one is given (see `tests/run`).
pub(super) fn seed() -> Option<u64> {
    reconcile::platform::env::var("PROPTEST_RNG_SEED").and_then(|seed| seed.parse().ok())
}
