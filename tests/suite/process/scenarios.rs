//! Every scenario in which runs are killed: connectors, stores, both in one plan, and the ways to carry a plan out.

use std::collections::BTreeMap;

use super::point::Point;
use super::proxy::Side;
use super::scenario::{Connector, Run, Scenario, Write, deletion, registration};
use super::world::{Store, World};

/// A statement on a store, so many times at most.
fn statement(word: &str, name: &str) -> (Write, usize) {
    ((word.to_owned(), name.to_owned()), 1)
}

fn connector(name: &str, version: u32) -> Connector {
    Connector::new("orders", name, version)
}

fn of<const N: usize>(writes: [(Write, usize); N]) -> BTreeMap<Write, usize> {
    writes.into()
}

/// A connector and two stores that wait for each other.
fn both(version: u32) -> World {
    let reader = Connector { more: "dependsOn: [Store/source]", ..connector("reader", version) };
    let sink = Store { more: "dependsOn: [FlinkConnector/reader]", ..Store::kafka("sink") };
    World { connectors: vec![reader, connector("beside", 1)], stores: vec![Store::postgres("source"), sink] }
}

impl Scenario {
    /// All of them.
    pub(super) fn every() -> Vec<Self> {
        let mut every: Vec<Self> = Self::all().into();
        every.extend(Self::of_connectors());
        every.extend(Self::of_ownership());
        every.extend(Self::of_stores());
        every.extend(Self::of_slow_stores());
        every.extend(Self::of_both());
        every.extend(Self::of_runs());
        every
    }

    fn of_connectors() -> Vec<Self> {
        let elsewhere = Connector { namespace: "payments", ..connector("moving", 1) };
        let successor = Connector { address: "a".to_owned(), ..connector("b", 1) };
        let chained = |name, depends_on, version| Connector { depends_on, ..connector(name, version) };
        let waves = [
            chained("first", None, 2),
            chained("second", Some("first"), 1),
            chained("third", Some("second"), 1),
        ];
        let described = |text| Connector { more: text, ..connector("a", 1) };
        vec![
            Self {
                before: vec![connector("a", 1)].into(),
                after: vec![successor].into(),
                writes: of([registration("b-1.jar"), deletion("a")]),
                ..Self::named("replaced, the new one first")
            },
            Self {
                before: vec![connector("moving", 1)].into(),
                after: vec![elsewhere].into(),
                writes: of([deletion("moving"), registration("moving-1.jar")]),
                ..Self::named("replaced, the old one first")
            },
            Self {
                before: Self::five("orders", 1).into(),
                after: vec![connector("c", 1)].into(),
                writes: of([deletion("a"), deletion("b"), deletion("d"), deletion("e")]),
                ..Self::named("four pruned")
            },
            Self {
                before: vec![chained("first", None, 1), chained("gone", Some("first"), 1)].into(),
                after: waves.to_vec().into(),
                writes: of([
                    deletion("first"),
                    registration("first-2.jar"),
                    deletion("gone"),
                    registration("second-1.jar"),
                    registration("third-1.jar"),
                ]),
                ..Self::named("waves")
            },
            Self {
                before: vec![described(""), connector("old-name", 1)].into(),
                after: vec![
                    described("lifecycle: {protect: true}"),
                    Connector { address: "new-name".to_owned(), ..connector("old-name", 1) },
                ]
                .into(),
                ..Self::named("nothing but the state")
            },
        ]
    }

    /// What somebody else made.
    fn of_ownership() -> Vec<Self> {
        let adopting =
            |version| Connector { more: "lifecycle: {adopt: true}", ..connector("theirs", version) };
        let theirs: World = vec![connector("theirs", 1)].into();
        vec![
            Self {
                foreign: theirs.clone(),
                after: vec![adopting(2), connector("ours", 1)].into(),
                writes: of([deletion("theirs"), registration("theirs-2.jar"), registration("ours-1.jar")]),
                ..Self::named("adopted and changed")
            },
            Self {
                foreign: theirs.and(&vec![Store::kafka("kept")].into()),
                imported: &[["FlinkConnector", "w:orders:theirs", "theirs"], ["Store", "kept", "kept"]],
                after: World { connectors: vec![connector("theirs", 2)], stores: vec![Store::kafka("kept")] },
                writes: of([deletion("theirs"), registration("theirs-2.jar"), statement("UPDATE", "kept")]),
                ..Self::named("imported and changed")
            },
            Self {
                foreign: theirs.clone(),
                before: vec![connector("ours", 1), connector("gone", 1)].into(),
                after: vec![connector("ours", 2), connector("new", 1)].into(),
                blocked: theirs,
                writes: of([
                    deletion("ours"),
                    registration("ours-2.jar"),
                    deletion("gone"),
                    registration("new-1.jar"),
                ]),
                ..Self::named("a row is blocked")
            },
        ]
    }

    fn of_stores() -> Vec<Self> {
        let three = || {
            vec![
                Store::kafka("k"),
                Store::postgres("p"),
                Store { uri: "b9.example.test:9096", ..Store::kafka("l") },
            ]
        };
        vec![
            Self {
                after: three().into(),
                writes: of([statement("CREATE", "k"), statement("CREATE", "p"), statement("CREATE", "l")]),
                ..Self::named("stores created")
            },
            Self {
                before: vec![Store::kafka("k"), Store::postgres("p")].into(),
                after: vec![
                    Store { uri: "b2.example.test:9096", ..Store::kafka("k") },
                    Store { uri: "postgresql://db2.example.test:5432/orders", ..Store::postgres("p") },
                ]
                .into(),
                writes: of([statement("UPDATE", "k"), statement("UPDATE", "p")]),
                ..Self::named("stores updated")
            },
            Self {
                before: vec![Store::kafka("k"), Store::kafka("l")].into(),
                after: vec![Store { password: "SECOND_PASSWORD", ..Store::kafka("k") }, Store::kafka("l")]
                    .into(),
                writes: of([statement("UPDATE", "k")]),
                ..Self::named("a secret changes")
            },
            Self {
                before: three().into(),
                after: vec![Store::postgres("p")].into(),
                writes: of([statement("DROP", "k"), statement("DROP", "l")]),
                ..Self::named("stores dropped")
            },
            Self {
                before: vec![Store::kafka("k")].into(),
                after: vec![Store::postgres("k")].into(),
                writes: of([statement("DROP", "k"), statement("CREATE", "k")]),
                lag: &["--dropping-for", "120ms"],
                ..Self::named("a store replaced")
            },
        ]
    }

    fn of_slow_stores() -> Vec<Self> {
        let later = Store { more: "dependsOn: [Store/k]", ..Store::postgres("p") };
        vec![
            Self {
                after: vec![Store::kafka("k"), later].into(),
                writes: of([statement("CREATE", "k"), statement("CREATE", "p")]),
                lag: &["--provisioning-for", "120ms"],
                ..Self::named("ready after a while")
            },
            Self {
                before: vec![Store { password: "WRONG_PASSWORD", ..Store::kafka("k") }].into(),
                before_ends: 3,
                after: vec![Store::kafka("k")].into(),
                writes: of([statement("UPDATE", "k")]),
                ..Self::named("errored, then corrected")
            },
            Self {
                after: vec![Store::kafka("k"), Store::postgres("p")].into(),
                writes: of([statement("CREATE", "k"), statement("CREATE", "p")]),
                lag: &["--fail", "create-store:dropx1"],
                ..Self::named("the answer to CREATE is lost")
            },
        ]
    }

    fn of_both() -> Vec<Self> {
        let changed = World {
            connectors: both(2).connectors,
            stores: vec![
                Store::postgres("source"),
                Store {
                    uri: "b2.example.test:9096",
                    more: "dependsOn: [FlinkConnector/reader]",
                    ..Store::kafka("sink")
                },
            ],
        };
        let created = of([
            statement("CREATE", "source"),
            registration("reader-1.jar"),
            registration("beside-1.jar"),
            statement("CREATE", "sink"),
        ]);
        vec![
            Self { after: both(1), writes: created, ..Self::named("both created") },
            Self {
                before: both(1),
                after: changed,
                writes: of([deletion("reader"), registration("reader-2.jar"), statement("UPDATE", "sink")]),
                ..Self::named("both changed")
            },
            Self {
                before: both(1),
                run: Run::Destroy,
                writes: of([
                    statement("DROP", "source"),
                    deletion("reader"),
                    deletion("beside"),
                    statement("DROP", "sink"),
                ]),
                ..Self::named("both destroyed")
            },
        ]
    }

    /// Other ways to carry a plan out, and a service that refuses.
    fn of_runs() -> Vec<Self> {
        let before = || World {
            connectors: vec![connector("a", 1), connector("b", 1)],
            stores: vec![Store::kafka("k")],
        };
        let after = || World {
            connectors: vec![connector("a", 2), connector("c", 1)],
            stores: vec![Store::postgres("p")],
        };
        let changed = || {
            of([
                deletion("a"),
                registration("a-2.jar"),
                deletion("b"),
                registration("c-1.jar"),
                statement("DROP", "k"),
                statement("CREATE", "p"),
            ])
        };
        let twice = |(write, count): (Write, usize)| (write, 2 * count);
        vec![
            Self {
                before: before(),
                after: after(),
                run: Run::Saved,
                writes: changed(),
                ..Self::named("a saved plan")
            },
            Self {
                before: before(),
                after: after(),
                run: Run::Resumed(Point::Request(Side::After, 4)),
                writes: changed(),
                ..Self::named("a resumed run")
            },
            Self {
                before: vec![connector("a", 1), connector("b", 1)].into(),
                after: vec![connector("a", 2), connector("b", 1)].into(),
                writes: of([twice(deletion("a")), registration("a-1.jar"), registration("a-2.jar")]),
                lag: &["--fail", "register:400x1"],
                is_refused: true,
                ..Self::named("a refused JAR")
            },
            Self {
                after: vec![connector("a", 1), connector("b", 1)].into(),
                writes: of([registration("a-1.jar"), registration("b-1.jar")]),
                lag: &["--fail", "register:dropx1"],
                ..Self::named("the answer to register is lost")
            },
        ]
    }
}
