//! What the killed runs do: connectors before and after, and the writes that this takes. Written by hand, so that the
//! product's planner is not judged by itself.

use std::collections::{BTreeMap, BTreeSet};

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
}

/// What a list shows of a connector.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Seen {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) formats: BTreeSet<String>,
}

/// A request that changes something: the method, and the JAR's file or the connector's name.
pub(super) type Write = (String, String);

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
    pub(super) before: Vec<Connector>,
    pub(super) after: Vec<Connector>,
    pub(super) writes: BTreeMap<Write, usize>,
    /// How often files must be synced at least, however many steps share a sync: the journal for the intents and for the
    /// confirmations of each round of writes that waits for another one, and the snapshot at its birth and at the end.
    pub(super) syncs: usize,
    /// Lists show a change only this long after it; empty: at once.
    pub(super) lag: &'static [&'static str],
}

impl Scenario {
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
            name: "five creates",
            before: Vec::new(),
            after: Self::spread(1),
            writes: writes.into(),
            syncs: 2 + 2,
            lag: &[],
        }
    }

    /// Five are there, each is registered again with another JAR.
    fn updates() -> Self {
        let names = ["a", "b", "c", "d", "e"];
        let writes = names.iter().flat_map(|name| [deletion(name), registration(&format!("{name}-2.jar"))]);
        Self {
            name: "five updates",
            before: Self::spread(1),
            after: Self::spread(2),
            writes: writes.collect(),
            syncs: 4 + 1,
            lag: &[],
        }
    }

    /// One of each: create, update, replace under the same key, delete, rename.
    pub(super) fn mixed() -> Self {
        let new = |name: &str, version| Connector::new("orders", name, version);
        let before = ["updated", "replaced", "deleted", "kept-id"].map(|name| new(name, 1));
        let replaced = Connector { kind: "other-type".to_owned(), ..new("replaced", 1) };
        let renamed = Connector { address: "renamed".to_owned(), ..new("kept-id", 1) };
        Self {
            name: "mixed",
            before: before.into(),
            after: vec![new("updated", 2), replaced, renamed, Connector::new("payments", "created", 1)],
            writes: [
                deletion("updated"),
                registration("updated-2.jar"),
                deletion("replaced"),
                registration("replaced-1.jar"),
                deletion("deleted"),
                registration("created-1.jar"),
            ]
            .into(),
            syncs: 4 + 1,
            lag: &[],
        }
    }

    /// The updates, on a service whose lists lag behind.
    fn lagging() -> Self {
        let lag = &["--creating-for", "120ms", "--deleting-for", "120ms"];
        Self { name: "lagging lists", lag, ..Self::updates() }
    }

    /// All of them.
    pub(super) fn all() -> [Self; 4] {
        [Self::creates(), Self::updates(), Self::mixed(), Self::lagging()]
    }
}

fn registration(jar: &str) -> (Write, usize) {
    (("POST".to_owned(), jar.to_owned()), 1)
}

fn deletion(name: &str) -> (Write, usize) {
    (("DELETE".to_owned(), name.to_owned()), 1)
}
