//! What is declared together: connectors and stores, as manifests and as what service and snapshot must show of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::scenario::Connector;
use super::site::manifest;

/// The variables from which secrets come. One that begins with `wrong` is refused by the service.
pub(super) const SECRETS: [(&str, &str); 4] = [
    ("LOGIN", "svc"),
    ("FIRST_PASSWORD", "kafka-pass-1"),
    ("SECOND_PASSWORD", "kafka-pass-2"),
    ("WRONG_PASSWORD", "wrong-one"),
];

/// A declared store.
#[derive(Debug, Clone)]
pub(super) struct Store {
    pub(super) name: &'static str,
    pub(super) kind: Subtype,
    /// The address of the broker or database.
    pub(super) uri: &'static str,
    /// The variable with its password.
    pub(super) password: &'static str,
    /// Another line of the manifest, outside of its spec.
    pub(super) more: &'static str,
}

/// The types of stores that occur.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subtype {
    Kafka,
    Postgres,
}

impl Store {
    /// A Kafka store.
    pub(super) fn kafka(name: &'static str) -> Self {
        let uri = "b1.example.test:9096";
        Self { name, kind: Subtype::Kafka, uri, password: "FIRST_PASSWORD", more: "" }
    }

    /// A Postgres store at a host that nobody can reach.
    pub(super) fn postgres(name: &'static str) -> Self {
        let uri = "postgresql://db.example.test:5432/orders";
        Self { name, kind: Subtype::Postgres, uri, password: "FIRST_PASSWORD", more: "" }
    }

    fn manifest(&self) -> String {
        let Self { name, kind, uri, password, more } = self;
        let login = format!("username: {{fromEnv: LOGIN}}, password: {{fromEnv: {password}}}");
        let block = match kind {
            Subtype::Kafka => format!("kafka: {{uris: ['{uri}'], sasl: {{hashFunction: SHA512, {login}}}}}"),
            Subtype::Postgres => format!("postgres: {{uris: '{uri}', {login}}}"),
        };
        format!(
            "---\napiVersion: reconcile/v1\nkind: Store\nmetadata: {{name: {name}}}\nspec: {{name: {name}, {block}}}\n{more}\n"
        )
    }
}

/// Connectors and stores.
#[derive(Debug, Clone, Default)]
pub(super) struct World {
    pub(super) connectors: Vec<Connector>,
    pub(super) stores: Vec<Store>,
}

impl From<Vec<Connector>> for World {
    fn from(connectors: Vec<Connector>) -> Self {
        Self { connectors, stores: Vec::new() }
    }
}

impl From<Vec<Store>> for World {
    fn from(stores: Vec<Store>) -> Self {
        Self { connectors: Vec::new(), stores }
    }
}

impl World {
    pub(super) fn is_empty(&self) -> bool {
        self.connectors.is_empty() && self.stores.is_empty()
    }

    /// Both together.
    pub(super) fn and(&self, other: &Self) -> Self {
        Self {
            connectors: [&self.connectors[..], &other.connectors[..]].concat(),
            stores: [&self.stores[..], &other.stores[..]].concat(),
        }
    }

    /// The text of a file that declares all of it.
    pub(super) fn manifest(&self) -> String {
        let mut text = manifest(&self.connectors);
        for store in &self.stores {
            write!(text, "{}", store.manifest()).unwrap();
        }
        text
    }

    /// What the service must have: by id, type and what it is made of.
    pub(super) fn live(&self) -> BTreeMap<String, String> {
        let connectors = self.connectors.iter().map(Connector::seen).map(|seen| {
            let formats: Vec<String> = seen.formats.into_iter().collect();
            (seen.id, format!("{} {}", seen.kind, formats.join(",")))
        });
        let stores = self.stores.iter().map(|store| {
            let kind = match store.kind {
                Subtype::Kafka => "KAFKA",
                Subtype::Postgres => "POSTGRESQL",
            };
            (store.name.to_owned(), format!("{kind} {}", store.uri))
        });
        connectors.chain(stores).collect()
    }

    /// What the snapshot must have: by id, address and the JAR or the server.
    pub(super) fn recorded(&self) -> BTreeMap<String, (String, String)> {
        let connectors = self.connectors.iter().map(|connector| {
            let address = format!("FlinkConnector/{}", connector.address);
            (connector.seen().id, (address, format!("oss://jars/{}", connector.jar)))
        });
        let stores = self
            .stores
            .iter()
            .map(|store| (store.name.to_owned(), (format!("Store/{}", store.name), store.uri.to_owned())));
        connectors.chain(stores).collect()
    }
}
