//! Manifests, as text.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value, json};

/// The manifest of a connector. Fields are written as they are given, in YAML.
#[derive(Debug, Clone)]
pub(crate) struct Connector {
    name: String,
    labels: BTreeMap<String, String>,
    spec: BTreeMap<String, String>,
    lifecycle: BTreeMap<String, String>,
}

/// A connector `w:n:NAME` of the type NAME from the JAR `oss://jars/NAME-1.jar`.
pub(crate) fn connector(name: &str) -> Connector {
    Connector {
        name: name.to_owned(),
        labels: BTreeMap::new(),
        spec: BTreeMap::new(),
        lifecycle: BTreeMap::new(),
    }
    .with("workspaceId", "w")
    .with("namespaceName", "n")
    .with("connectorName", name)
    .with("connectorType", name)
    .with("jarUrl", &format!("oss://jars/{name}-1.jar"))
}

impl Connector {
    /// With a field of the spec.
    pub(crate) fn with(mut self, field: &str, value: &str) -> Self {
        self.spec.insert(field.to_owned(), value.to_owned());
        self
    }

    /// With a label.
    pub(crate) fn label(mut self, label: &str, value: &str) -> Self {
        self.labels.insert(label.to_owned(), value.to_owned());
        self
    }

    /// With an entry of `lifecycle`.
    pub(crate) fn lifecycle(mut self, entry: &str, value: &str) -> Self {
        self.lifecycle.insert(entry.to_owned(), value.to_owned());
        self
    }

    /// With another `metadata.name`; the object stays the same.
    pub(crate) fn named(self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self }
    }
}

impl fmt::Display for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, labels, spec, lifecycle } = self;
        let labels: Vec<String> = labels.iter().map(|(label, value)| format!("{label}: {value}")).collect();
        let labels =
            if labels.is_empty() { String::new() } else { format!(", labels: {{{}}}", labels.join(", ")) };
        writeln!(
            f,
            "apiVersion: reconcile/v1\nkind: FlinkConnector\nmetadata: {{name: {name}{labels}}}\nspec:"
        )?;
        for (field, value) in spec {
            writeln!(f, "  {field}: {value}")?;
        }
        if !lifecycle.is_empty() {
            writeln!(f, "lifecycle:")?;
        }
        for (entry, value) in lifecycle {
            writeln!(f, "  {entry}: {value}")?;
        }
        Ok(())
    }
}

/// The manifest of a store. Its spec is JSON, which is YAML too.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    name: String,
    spec: Value,
    rest: Vec<String>,
}

/// A store with this block.
fn store(name: &str, subtype: &str, block: &Value) -> Store {
    let mut spec = json!({"name": name});
    spec[subtype] = block.clone();
    Store { name: name.to_owned(), spec, rest: Vec::new() }
}

/// A Kafka store with a user and a password.
pub(crate) fn kafka(name: &str) -> Store {
    let sasl = json!({"hashFunction": "SHA512", "username": "svc", "password": "kafka-pass-1"});
    store(name, "kafka", &json!({"uris": ["b1.example.test:9096", "b2.example.test:9096"], "sasl": sasl}))
}

/// A Kafka store without a login.
pub(crate) fn plain_kafka(name: &str) -> Store {
    store(name, "kafka", &json!({"uris": ["b1.example.test:9092"], "sasl": {"hashFunction": "NONE"}}))
}

/// A Postgres store at a host that nobody can reach.
pub(crate) fn postgres(name: &str) -> Store {
    let uris = "postgresql://db.example.test:5432/orders";
    store(name, "postgres", &json!({"uris": uris, "username": "loader", "password": "postgres-pass-1"}))
}

/// A Snowflake store whose key is in `key.pem` beside its manifest.
pub(crate) fn snowflake(name: &str) -> Store {
    let block = json!({
        "uris": "https://acme.snowflakecomputing.com", "accountId": "acme", "cloud": {"region": "AWS us-east-1"},
        "warehouseName": "WH", "roleName": "LOADER", "username": "loader",
        "client": {"keyFile": "key.pem", "keyPassphrase": "snowflake-pass-1"},
    });
    store(name, "snowflake", &block)
}

/// One store of each type that is beta.
pub(crate) fn betas() -> Vec<Store> {
    let role = json!({"iamRoleArn": "arn:aws:iam::1:role/r", "iamExternalId": "ext"});
    vec![
        store("s3", "s3", &json!({"uris": "https://bucket.s3.amazonaws.com/", "aws": role})),
        store(
            "kinesis",
            "kinesis",
            &json!({"uris": "https://kinesis.us-east-1.amazonaws.com", "accessKeyId": "AK", "secretAccessKey": "SK"}),
        ),
        store(
            "clickhouse",
            "clickhouse",
            &json!({"uris": "https://ch.example.test:8443", "username": "u", "password": "p"}),
        ),
        store(
            "iceberg-rest",
            "icebergRest",
            &json!({"uris": "https://catalog.example.test/api", "catalog": {"id": "c"}, "clientId": "i", "clientSecret": "s"}),
        ),
        store(
            "iceberg-glue",
            "icebergGlue",
            &json!({"aws": {"region": "us-east-1", "iamRoleArn": "arn:aws:iam::1:role/r", "iamExternalId": "e"},
                    "warehouse": {"defaultPath": "s3://bucket/path"}}),
        ),
    ]
}

impl Store {
    /// With a field of the spec, by its path: `kafka.sasl.password`.
    pub(crate) fn with(mut self, path: &str, value: impl Into<Value>) -> Self {
        *self.spec.pointer_to(path) = value.into();
        self
    }

    /// Without a field of the spec.
    pub(crate) fn without(mut self, path: &str) -> Self {
        let (above, last) = path.rsplit_once('.').unwrap_or(("", path));
        let block = if above.is_empty() { &mut self.spec } else { self.spec.pointer_to(above) };
        block.as_object_mut().unwrap().remove(last);
        self
    }

    /// With a line of YAML outside the spec.
    pub(crate) fn line(mut self, line: &str) -> Self {
        self.rest.push(line.to_owned());
        self
    }
}

/// A place in a JSON value by a path with dots, made where it is missing.
trait PointerTo {
    fn pointer_to(&mut self, path: &str) -> &mut Value;
}

impl PointerTo for Value {
    fn pointer_to(&mut self, path: &str) -> &mut Value {
        path.split('.').fold(self, |value, name| &mut value[name])
    }
}

impl fmt::Display for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, spec, rest } = self;
        writeln!(f, "apiVersion: reconcile/v1\nkind: Store\nmetadata: {{name: {name}}}\nspec: {spec}")?;
        rest.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}
