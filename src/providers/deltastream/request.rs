//! How a statement becomes an HTTP request (deltastream-api 1.1, 1.2). Pure: session and boundary are arguments.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

use super::settings::BaseUrl;
use super::sql::{Statement, Verb};
use crate::platform::http::{HttpRequest, Method};

/// Who asks, and in whose name.
#[derive(Clone, Copy)]
pub(super) struct Asker<'a> {
    pub(super) base: &'a BaseUrl,
    pub(super) token: &'a SecretString,
    /// Correlates what this process asks.
    pub(super) session: &'a str,
    pub(super) organization: Option<&'a str>,
    pub(super) role: Option<&'a str>,
}

/// The request that submits a statement. `boundary`: random, in no file.
pub(super) fn submit(asker: &Asker<'_>, statement: &Statement, boundary: &str) -> HttpRequest {
    let json = submission(asker, statement).to_string().into_bytes();
    let (kind, body) = if statement.attachments.is_empty() {
        ("application/json".to_owned(), json)
    } else {
        (format!("multipart/form-data; boundary={boundary}"), multipart(&json, statement, boundary))
    };
    let mut request = request(asker, statement.verb, Method::Post, "/statements");
    request.headers.push(("content-type".to_owned(), kind));
    request.body = Some(body);
    request
}

/// The `StatementRequest`. Absent members are left out: the service takes null for a value.
fn submission(asker: &Asker<'_>, statement: &Statement) -> Value {
    let parameters = [("sessionID", asker.session), ("timezone", "UTC")];
    let parameters: Map<_, _> =
        parameters.into_iter().map(|(name, text)| (name.to_owned(), Value::from(text))).collect();
    [
        ("statement", Some(Value::from(statement.text()))),
        ("organization", asker.organization.map(Value::from)),
        ("role", asker.role.map(Value::from)),
        ("parameters", Some(Value::from(parameters))),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name.to_owned(), value?)))
    .collect::<Map<_, _>>()
    .into()
}

/// The request that asks how a statement stands, and for a partition of its rows. `id` has letters, digits and `-` only.
pub(super) fn partition(asker: &Asker<'_>, verb: Verb, id: &str, partition: usize) -> HttpRequest {
    let session = asker.session;
    let endpoint = format!("/statements/{id}?partitionID={partition}&sessionID={session}&timezone=UTC");
    request(asker, verb, Method::Get, &endpoint)
}

fn request(asker: &Asker<'_>, verb: Verb, method: Method, endpoint: &str) -> HttpRequest {
    let headers = [
        ("authorization", format!("Bearer {}", asker.token.expose_secret())),
        ("accept", "application/json".to_owned()),
        ("user-agent", concat!("reconcile/", env!("CARGO_PKG_VERSION")).to_owned()),
    ];
    HttpRequest {
        operation: verb.as_str(),
        method,
        target: asker.base.target(endpoint),
        headers: headers.map(|(name, value)| (name.to_owned(), value)).into(),
        body: None,
    }
}

fn multipart(json: &[u8], statement: &Statement, boundary: &str) -> Vec<u8> {
    let mut body = Vec::new();
    let mut part = |disposition: &str, kind: &str, content: &[u8]| {
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\nContent-Type: {kind}\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    };
    part(r#"name="request""#, "application/json", json);
    for file in &statement.attachments {
        let disposition = format!(r#"name="attachments"; filename="{}""#, file.name);
        part(&disposition, "application/octet-stream", file.content.expose_secret().as_bytes());
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    body
}
