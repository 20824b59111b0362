//! What the killed runs do: the world before and after, and the writes that this takes. Written by hand, so that the
//! product's planner is not judged by itself.

use std::collections::{BTreeMap, BTreeSet};

use super::point::Point;
use super::world::World;

/// The namespaces that occur, all in workspace `w`.
pub(super) const NAMESPACES: [&str; 2] = ["orders", "payments"];

/// A declared connector.
#[derive(Debug, Clone)]
pub(super) struct Connector {
    pub(super) address: String,
    pub(super) namespace: &'static str,
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) jar: String,
    pub(super) formats: Vec<String>,
    pub(super) depends_on: Option<&'static str>,
    /// Another line of the manifest, outside of its spec.
    pub(super) more: &'static str,
}

/// What a list shows of a connector.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Seen {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) formats: BTreeSet<String>,
}

/// A request that changes something: the method, and the JAR's file or the connector's name; of a statement its first word,
/// and the store's name.
pub(super) type Write = (String, String);

/// The run that is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Run {
    Apply,
    /// `apply FILE`, of a plan that was saved before.
    Saved,
    /// `apply --resume`, of an apply that was killed here.
    Resumed(Point),
    /// `destroy --all`
    Destroy,
}

impl Connector {
    /// A connector of which everything that can change in place carries the version.
    pub(super) fn new(namespace: &'static str, name: &str, version: u32) -> Self {
        Self {
            address: name.to_owned(),
            namespace,
            name: name.to_owned(),
            kind: format!("{name}-type"),
            jar: format!("{name}-{version}.jar"),
            formats: vec!["json".to_owned(), format!("v{version}")],
            depends_on: None,
            more: "",
        }
    }

    /// What a list must show of it.
    pub(super) fn seen(&self) -> Seen {
        Seen {
            id: format!("w:{}:{}", self.namespace, self.name),
            kind: self.kind.clone(),
            formats: self.formats.iter().cloned().collect(),
        }
    }
}

/// From what is applied to what is declared.
pub(super) struct Scenario {
    pub(super) name: &'static str,
    /// What somebody else made, with another state.
    pub(super) foreign: World,
    /// What of it was imported: kind, id, name.
    pub(super) imported: &'static [[&'static str; 3]],
    pub(super) before: World,
    /// How the apply of what was before ended.
    pub(super) before_ends: i32,
    pub(super) after: World,
    /// The rows that are blocked in the end: live, declared, and not ours.
    pub(super) blocked: World,
    pub(super) run: Run,
    /// How often each write may be carried out.
    pub(super) writes: BTreeMap<Write, usize>,
    /// How the service misbehaves: flags of the emulator. Empty: not at all.
    pub(super) lag: &'static [&'static str],
    /// The service refuses something once, so that a run may fail, and the next one repeats it.
    pub(super) is_refused: bool,
    /// Files are on the disk, not in memory.
    pub(super) on_disk: bool,
}

impl Scenario {
    /// One in which nothing happens yet.
    pub(super) fn named(name: &'static str) -> Self {
        Self {
            name,
            foreign: World::default(),
            imported: &[],
            before: World::default(),
            before_ends: 0,
            after: World::default(),
            blocked: World::default(),
            run: Run::Apply,
            writes: BTreeMap::new(),
            lag: &[],
            is_refused: false,
            on_disk: false,
        }
    }

    /// The exit code of an apply that has nothing left to do, and of a plan.
    pub(super) fn ends(&self) -> i32 {
        if self.blocked.is_empty() { 0 } else { 6 }
    }

    /// Five connectors in a namespace.
    pub(super) fn five(namespace: &'static str, version: u32) -> Vec<Connector> {
        ["a", "b", "c", "d", "e"].map(|name| Connector::new(namespace, name, version)).into()
    }

    /// Two connectors, the second after the first.
    pub(super) fn chain() -> Vec<Connector> {
        let second = Connector { depends_on: Some("first"), ..Connector::new("orders", "second", 1) };
        vec![Connector::new("orders", "first", 1), second]
    }

    /// Five in two namespaces.
    fn spread(version: u32) -> Vec<Connector> {
        let mut five = Self::five("orders", version);
        for connector in &mut five[3..] {
            connector.namespace = "payments";
        }
        five
    }

    /// Nothing is there, five are created.
    fn creates() -> Self {
        let writes = ["a", "b", "c", "d", "e"].map(|name| registration(&format!("{name}-1.jar")));
        Self {
            after: Self::spread(1).into(),
            writes: writes.into(),
            on_disk: true,
            ..Self::named("five creates")
        }
    }

    /// Five are there, each is registered again with another JAR.
    fn updates() -> Self {
        let names = ["a", "b", "c", "d", "e"];
        let writes = names.iter().flat_map(|name| [deletion(name), registration(&format!("{name}-2.jar"))]);
        Self {
            before: Self::spread(1).into(),
            after: Self::spread(2).into(),
            writes: writes.collect(),
            ..Self::named("five updates")
        }
    }

    /// One of each: create, update, replace under the same key, delete, rename.
    pub(super) fn mixed() -> Self {
        let new = |name: &str, version| Connector::new("orders", name, version);
        let before = ["updated", "replaced", "deleted", "kept-id"].map(|name| new(name, 1));
        let replaced = Connector { kind: "other-type".to_owned(), ..new("replaced", 1) };
        let renamed = Connector { address: "renamed".to_owned(), ..new("kept-id", 1) };
        Self {
            before: before.to_vec().into(),
            after: vec![new("updated", 2), replaced, renamed, Connector::new("payments", "created", 1)]
                .into(),
            writes: [
                deletion("updated"),
                registration("updated-2.jar"),
                deletion("replaced"),
                registration("replaced-1.jar"),
                deletion("deleted"),
                registration("created-1.jar"),
            ]
            .into(),
            ..Self::named("mixed")
        }
    }

    /// The updates, on a service whose lists lag behind.
    fn lagging() -> Self {
        let lag = &["--creating-for", "120ms", "--deleting-for", "120ms"];
        Self { name: "lagging lists", lag, ..Self::updates() }
    }

    /// The plain ones, of connectors alone; `every` has these and more.
    pub(super) fn all() -> [Self; 4] {
        [Self::creates(), Self::updates(), Self::mixed(), Self::lagging()]
    }
}

/// A JAR is registered once.
pub(super) fn registration(jar: &str) -> (Write, usize) {
    (("POST".to_owned(), jar.to_owned()), 1)
}

/// A connector is deleted once.
pub(super) fn deletion(name: &str) -> (Write, usize) {
    (("DELETE".to_owned(), name.to_owned()), 1)
}
