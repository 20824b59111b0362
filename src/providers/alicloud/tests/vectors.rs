//! Every golden request of the vendor's own clients (`tests/vectors/alibaba-signing.json`).

use serde_json::Value;

use crate::domain::natural_key::{ConnectorName, NamespaceName, WorkspaceId};
use crate::providers::alicloud::credentials::Credentials;
use crate::providers::alicloud::encode::{canonical_query, wire_query};
use crate::providers::alicloud::request::{Addressing, Call, build};
use crate::providers::alicloud::settings::SignatureVersion;
use crate::providers::alicloud::signable::Signable;
use crate::providers::alicloud::{sign_v1, sign_v3};

fn file() -> Value {
    serde_json::from_str(include_str!("../../../../tests/vectors/alibaba-signing.json")).unwrap()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}

fn pairs(value: &Value) -> Vec<(String, String)> {
    let pair = |pair: &Value| (pair[0].as_str().unwrap().to_owned(), pair[1].as_str().unwrap().to_owned());
    value.as_array().unwrap().iter().map(pair).collect()
}

/// A vector with the parts that a signer takes.
struct Vector {
    all: Value,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    key: Credentials,
}

impl Vector {
    fn new(all: Value) -> Self {
        let token = all["security_token"].as_str().map(str::to_owned);
        let key = Credentials::new(text(&all, "access_key_id"), text(&all, "access_key_secret"), token, None);
        Self { query: pairs(&all["query"]), headers: pairs(&all["headers"]), key: key.unwrap(), all }
    }

    fn id(&self) -> &str {
        text(&self.all, "id")
    }

    fn signable(&self) -> Signable<'_> {
        Signable {
            method: text(&self.all, "method"),
            path: text(&self.all, "path"),
            query: &self.query,
            headers: &self.headers,
            body: self.all["body"].as_str().unwrap_or_default().as_bytes(),
            key: &self.key,
        }
    }

    fn expect(&self, name: &str, ours: &str) {
        assert_eq!(ours, text(&self.all["expected"], name), "{}: {name}", self.id());
    }
}

/// The vectors of one algorithm; what a hazard signs must come out too, although no client sends it.
fn vectors(algorithm: &str) -> Vec<Vector> {
    let file = file();
    let of = |list: &str| {
        let all = file[list].as_array().unwrap().iter();
        all.filter(|vector| vector["algorithm"] == algorithm).cloned().map(Vector::new).collect::<Vec<_>>()
    };
    let (mut vectors, hazards) = (of("vectors"), of("hazards"));
    assert_eq!(
        vectors.len() as u64,
        file["counts"][algorithm].as_u64().unwrap(),
        "the file miscounts itself"
    );
    assert_eq!(hazards.len(), 3);
    vectors.extend(hazards);
    vectors
}

#[test]
fn every_vector_of_the_current_signature_is_reproduced() {
    for vector in vectors("ACS3-HMAC-SHA256") {
        let ours = sign_v3::sign(&vector.signable());
        vector.expect("canonical_query", &canonical_query(&vector.query));
        vector.expect("hashed_payload", &sign_v3::content_hash(vector.signable().body));
        vector.expect("canonical_request", &ours.canonical_request);
        vector.expect("string_to_sign", &ours.string_to_sign);
        vector.expect("signature", &ours.signature);
        vector.expect("authorization", &ours.authorization);
    }
}

/// Where two official packages disagree about an empty query value, ours is the Python package's `name` without `=`. A
/// vector of the other dialect then differs by just that, which is proven by signing its own text.
#[test]
fn every_vector_of_the_classic_signature_is_reproduced() {
    let mut other_dialect = 0;
    for vector in vectors("ROA-HMAC-SHA1") {
        let ours = sign_v1::sign(&vector.signable());
        if vector.all.get("disputed").is_some() && vector.all.get("dialect").is_some() {
            other_dialect += 1;
            assert!(ours.string_to_sign.ends_with("&flag"), "{}", ours.string_to_sign);
            vector.expect("string_to_sign", &format!("{}=", ours.string_to_sign));
            assert_ne!(ours.signature, text(&vector.all["expected"], "signature"));
            continue;
        }
        vector.expect("string_to_sign", &ours.string_to_sign);
        vector.expect("signature", &ours.signature);
        vector.expect("authorization", &ours.authorization);
    }
    assert_eq!(other_dialect, 1);
}

/// Hazards aside, the query of every vector goes on the wire as the vendor's client writes it.
#[test]
fn every_query_goes_on_the_wire_as_in_the_vendors_client() {
    for vector in vectors("ACS3-HMAC-SHA256").into_iter().chain(vectors("ROA-HMAC-SHA1")) {
        if vector.id().contains("hazard") {
            continue;
        }
        let query = wire_query(&vector.query);
        let path = text(&vector.all, "path");
        let target = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
        vector.expect("wire_target", &target);
    }
}

#[test]
fn our_own_requests_have_the_target_of_the_vendors_client() {
    let mut compared = 0;
    for vector in vectors("ACS3-HMAC-SHA256").into_iter().chain(vectors("ROA-HMAC-SHA1")) {
        let inputs = &vector.all["inputs"];
        let plain = |name: &str| matches!(name, "namespace" | "workspace" | "jarUrl" | "connectorName");
        let (Some(workspace), Some(namespace)) = (inputs["workspace"].as_str(), inputs["namespace"].as_str())
        else {
            continue;
        };
        let Ok(namespace) = NamespaceName::new(namespace) else { continue };
        if !inputs.as_object().unwrap().keys().all(|name| plain(name)) || vector.id().contains("query-order")
        {
            continue;
        }
        let name = inputs["connectorName"].as_str().map(ConnectorName::new);
        let call = match (text(&vector.all, "operation"), inputs["jarUrl"].as_str(), &name) {
            ("ListCustomConnectors", None, None) => Call::List,
            ("RegisterCustomConnector", Some(jar_url), None) => Call::Register { jar_url, definition: None },
            ("DeleteCustomConnector", None, Some(Ok(name))) => Call::Delete { name },
            _ => continue,
        };
        let workspace = WorkspaceId::new(workspace).unwrap();
        for signature in [SignatureVersion::Acs3, SignatureVersion::Roa] {
            let to = Addressing {
                authority: text(&vector.all, "host"),
                workspace: &workspace,
                namespace: &namespace,
                signature,
            };
            let now = "2026-01-02T03:04:05Z".parse().unwrap();
            let request = build(&call, &to, &vector.key, now, text(&vector.all, "nonce"));
            vector.expect("wire_target", &request.target);
            assert_eq!(request.method.as_str(), text(&vector.all, "method"));
        }
        compared += 1;
    }
    assert!(compared >= 75, "only {compared} vectors were compared");
}

/// The whole request, signature included, for the vector that signs exactly what our client signs.
#[test]
fn our_list_request_is_the_minimal_vector_with_the_workspace_signed() {
    let all = vectors("ACS3-HMAC-SHA256");
    let vector = all.iter().find(|vector| vector.id() == "acs3-minimal-list-ws").unwrap();
    let workspace = WorkspaceId::new(text(&vector.all["inputs"], "workspace")).unwrap();
    let namespace = NamespaceName::new("default-ns").unwrap();
    let to = Addressing {
        authority: text(&vector.all, "host"),
        workspace: &workspace,
        namespace: &namespace,
        signature: SignatureVersion::Acs3,
    };
    let now = text(&vector.all, "date").parse().unwrap();
    let request = build(&Call::List, &to, &vector.key, now, text(&vector.all, "nonce"));
    let authorization = request.headers.iter().find(|(name, _)| name == "authorization").unwrap();
    vector.expect("authorization", &authorization.1);
}

#[test]
fn the_six_hazards_are_refused_before_there_is_a_key() {
    let hazards = file()["hazards"].as_array().unwrap().clone();
    assert_eq!(hazards.len(), 6);
    for hazard in hazards {
        assert!(ConnectorName::new(text(&hazard["inputs"], "connectorName")).is_err(), "{}", hazard["id"]);
    }
}
