//! A credentials URI: an address, usually a companion on the same machine, that hands out temporary keys.

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;

use super::environment::Environment;
use super::error::CredentialError;
use super::key::Credentials;
use crate::platform::http::{Deadlines, HttpClient, HttpRequest, Method, Origin, Proxy};

/// The vendor's own limits.
const DEADLINES: Deadlines = Deadlines {
    connect: Duration::from_secs(5),
    read: Duration::from_secs(10),
    total: Duration::from_secs(15),
};

const BODY_LIMIT: usize = 64 * 1024;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    code: String,
    access_key_id: String,
    access_key_secret: String,
    security_token: String,
    expiration: String,
}

/// Fetches a key. No proxy sees it.
pub(super) async fn fetch(environment: &dyn Environment) -> Result<Credentials, CredentialError> {
    let uri = environment.var("ALIBABA_CLOUD_CREDENTIALS_URI").ok_or(CredentialError::UriUnset)?;
    let fail = |failure: String| CredentialError::Uri { failure };
    let after_scheme = uri.find("://").map_or(0, |at| at.saturating_add(3));
    let path = uri.get(after_scheme..).and_then(|rest| rest.find(['/', '?'])).map(|at| at + after_scheme);
    let (origin, target) = uri.split_at(path.unwrap_or(uri.len()));
    let target = if target.starts_with('/') { target.to_owned() } else { format!("/{target}") };
    // Like the vendor's package: without a scheme the address is plain HTTP.
    let origin = if origin.contains("://") { origin.to_owned() } else { format!("http://{origin}") };
    let origin = Origin::parse(&origin).map_err(|error| fail(error.to_string()))?;

    let client = HttpClient::new(origin, &Proxy::None, DEADLINES, BODY_LIMIT)
        .map_err(|error| fail(error.to_string()))?;
    let request = HttpRequest {
        operation: "FetchCredentials",
        method: Method::Get,
        target,
        headers: vec![("accept".to_owned(), "application/json".to_owned())],
        body: None,
    };
    let answer = client.send(&request).await.map_err(|error| fail(error.to_string()))?;
    if answer.status != 200 {
        return Err(fail(format!("HTTP {}", answer.status)));
    }
    let unfit =
        "its answer is not JSON with Code, AccessKeyId, AccessKeySecret, SecurityToken and Expiration";
    let Ok(parsed) = serde_json::from_slice::<Answer>(&answer.body) else {
        return Err(fail(unfit.to_owned()));
    };
    if parsed.code != "Success" {
        return Err(fail("its answer has another Code than Success".to_owned()));
    }
    let Ok(expires) = parsed.expiration.parse::<Timestamp>() else {
        return Err(fail("its Expiration is not a time like 2030-01-02T03:04:05Z".to_owned()));
    };
    Credentials::new(
        parsed.access_key_id,
        parsed.access_key_secret,
        Some(parsed.security_token),
        Some(expires),
    )
}
