//! The three calls and how each becomes a signed HTTP request. Pure: date and nonce are arguments.

use jiff::Timestamp;

use super::credentials::Credentials;
use super::encode::{percent, wire_query};
use super::settings::SignatureVersion;
use super::signable::Signable;
use super::{sign_v1, sign_v3};
use crate::domain::natural_key::{ConnectorName, NamespaceName, WorkspaceId};
use crate::platform::http::{HttpRequest, Method};

/// The version of the service's interface; an identifier, not a date.
const API_VERSION: &str = "2022-07-18";

/// What is asked of the service (ververica-api.md section 2).
#[derive(Debug, Clone, Copy)]
pub(super) enum Call<'a> {
    /// All connectors of the namespace.
    List,
    /// Register a JAR, with the declared definition as a body or without one.
    Register {
        /// Raw.
        jar_url: &'a str,
        /// JSON.
        definition: Option<&'a [u8]>,
    },
    /// Delete a connector.
    Delete {
        /// Raw.
        name: &'a ConnectorName,
    },
}

impl Call<'_> {
    /// The operation in the vendor's words.
    pub(super) fn operation(&self) -> &'static str {
        match self {
            Call::List => "ListCustomConnectors",
            Call::Register { .. } => "RegisterCustomConnector",
            Call::Delete { .. } => "DeleteCustomConnector",
        }
    }

    /// Whether it changes something.
    pub(super) fn writes(&self) -> bool {
        !matches!(self, Call::List)
    }

    fn method(&self) -> Method {
        match self {
            Call::List => Method::Get,
            Call::Register { .. } => Method::Post,
            Call::Delete { .. } => Method::Delete,
        }
    }

    fn path(&self, namespace: &NamespaceName) -> String {
        let connectors = format!("/api/v2/namespaces/{}/connectors", percent(namespace.as_str()));
        match self {
            Call::List => connectors,
            // The vendor's client escapes the colon of the verb, and the escaped form is what gets signed.
            Call::Register { .. } => format!("{connectors}%3Aregister"),
            Call::Delete { name } => format!("{connectors}/{}", percent(name.as_str())),
        }
    }

    fn query(&self) -> Vec<(String, String)> {
        match self {
            Call::Register { jar_url, .. } => vec![("jarUrl".to_owned(), (*jar_url).to_owned())],
            Call::List | Call::Delete { .. } => Vec::new(),
        }
    }

    fn body(&self) -> Option<&[u8]> {
        match self {
            Call::Register { definition, .. } => *definition,
            Call::List | Call::Delete { .. } => None,
        }
    }
}

/// Where a call goes and how it is signed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Addressing<'a> {
    /// `HOST[:PORT]`, as in `Host`.
    pub(super) authority: &'a str,
    /// The workspace; a header.
    pub(super) workspace: &'a WorkspaceId,
    /// The namespace; a path segment.
    pub(super) namespace: &'a NamespaceName,
    /// Which signature.
    pub(super) signature: SignatureVersion,
}

/// The signed request. `nonce`: 32 hexadecimal digits, new for every request.
pub(super) fn build(
    call: &Call<'_>,
    to: &Addressing<'_>,
    key: &Credentials,
    now: Timestamp,
    nonce: &str,
) -> HttpRequest {
    let path = call.path(to.namespace);
    let query = call.query();
    let body = call.body();

    let mut headers: Vec<(String, String)> = Vec::new();
    let mut add = |name: &str, value: &str| headers.push((name.to_owned(), value.to_owned()));
    add("host", to.authority);
    add("x-acs-version", API_VERSION);
    add("x-acs-action", call.operation());
    add("x-acs-signature-nonce", nonce);
    if body.is_some() {
        add("content-type", "application/json; charset=utf-8");
    }
    if let Some(token) = key.security_token() {
        add("x-acs-accesskey-id", key.access_key_id());
        add("x-acs-security-token", token);
    }
    match to.signature {
        SignatureVersion::Acs3 => {
            add("x-acs-date", &now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
            add("x-acs-content-sha256", &sign_v3::content_hash(body.unwrap_or_default()));
            // Not demanded by the service, but a request for one workspace must not be replayable for another.
            add("workspace", to.workspace.as_str());
        }
        SignatureVersion::Roa => {
            add("date", &now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string());
            add("x-acs-signature-method", "HMAC-SHA1");
            add("x-acs-signature-version", "1.0");
            add("accept", "application/json");
        }
    }
    let signable = Signable {
        method: call.method().as_str(),
        path: &path,
        query: &query,
        headers: &headers,
        body: body.unwrap_or_default(),
        key,
    };
    let authorization = match to.signature {
        SignatureVersion::Acs3 => sign_v3::sign(&signable).authorization,
        SignatureVersion::Roa => sign_v1::sign(&signable).authorization,
    };
    // Proxies rewrite these, so no signature covers them (except `accept`, which the classic one does).
    let mut add = |name: &str, value: &str| headers.push((name.to_owned(), value.to_owned()));
    match to.signature {
        SignatureVersion::Acs3 => add("accept", "application/json"),
        SignatureVersion::Roa => add("workspace", to.workspace.as_str()),
    }
    add("user-agent", concat!("reconcile/", env!("CARGO_PKG_VERSION")));
    add("authorization", &authorization);

    let query = wire_query(&query);
    let target = if query.is_empty() { path } else { format!("{path}?{query}") };
    HttpRequest {
        operation: call.operation(),
        method: call.method(),
        target,
        headers,
        body: body.map(<[u8]>::to_vec),
    }
}
