//! Stores to send.

use std::collections::BTreeMap;

use secrecy::SecretString;

use crate::domain::desired::Origin;
use crate::domain::kind::store::{StoreParts, StoreSpec, Subtype, Value};
use crate::domain::natural_key::{RoleName, StoreName};
use crate::domain::secret::{Fingerprint, Sealed, Source};

pub(in crate::providers::deltastream) fn declared() -> Sealed {
    Sealed::declared(Source::Env("X".into()), Origin { file: "f".into(), line: 1, column: 1 })
}

pub(in crate::providers::deltastream) fn sealed(content: &str) -> Value {
    let content = SecretString::from(content);
    let print = Fingerprint { fingerprint: "hmac-sha256:0".to_owned() };
    Value::Sealed(declared().resolved(content, print))
}

pub(in crate::providers::deltastream) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

pub(in crate::providers::deltastream) fn set(items: &[&str]) -> Value {
    Value::Set(items.iter().map(|item| (*item).to_owned()).collect())
}

pub(in crate::providers::deltastream) fn store<const N: usize>(
    name: &str,
    owner: Option<&str>,
    subtype: Subtype,
    values: [(&'static str, Value); N],
) -> StoreSpec {
    StoreSpec::new(StoreParts {
        name: StoreName::new(name).unwrap(),
        owner: owner.map(|owner| RoleName::new(owner).unwrap()),
        description: Some("never sent".into()),
        subtype,
        values: BTreeMap::from(values),
    })
    .unwrap()
}

/// The store of the recorded exchanges, with another password.
pub(in crate::providers::deltastream) fn kafka(password: &str) -> StoreSpec {
    store(
        "orders_kafka",
        None,
        Subtype::Kafka,
        [
            ("kafka.uris", set(&["b2.example.test:9096", "b1.example.test:9096"])),
            ("kafka.sasl.hashFunction", text("SHA512")),
            ("kafka.sasl.username", sealed("svc")),
            ("kafka.sasl.password", sealed(password)),
        ],
    )
}

pub(in crate::providers::deltastream) const KEY: &str =
    "-----BEGIN PRIVATE KEY-----\nTUlJS0VZ\r\n--x--\n-----END PRIVATE KEY-----\n";

/// A store with a secret file.
pub(in crate::providers::deltastream) fn snowflake(owner: Option<&str>) -> StoreSpec {
    store(
        "flake",
        owner,
        Subtype::Snowflake,
        [
            ("snowflake.uris", text("https://a.snowflakecomputing.com")),
            ("snowflake.accountId", text("a")),
            ("snowflake.cloud.region", text("AWS us-east-1")),
            ("snowflake.warehouseName", text("wh")),
            ("snowflake.roleName", text("r")),
            ("snowflake.username", sealed("loader-of-flakes")),
            ("snowflake.client.keyFile", sealed(KEY)),
        ],
    )
}
