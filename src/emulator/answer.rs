//! What goes back to the caller: the success envelope and the two error forms (ververica-api sections 3 and 4).

use axum::http::StatusCode;
use serde::Serialize;
use serde_json::json;

use super::fault::Effect;
use super::jar::JarError;
use super::operation::CallError;
use super::signature::SignatureError;
use super::store::ChangeError;
use super::world::Refusal;

/// Business codes. The first two were seen in the wild; no list is public, so the others are ours.
mod code {
    pub(super) const FILE_NOT_FOUND: &str = "990301";
    pub(super) const ALREADY_EXISTS: &str = "990002";
    pub(super) const FILE_NOT_PARSED: &str = "990302";
    pub(super) const NO_SUCH_CONNECTOR: &str = "990401";
    pub(super) const BEING_DELETED: &str = "990402";
}

/// A refusal, in one of the two forms that a client must tell apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// Form A: the gateway refuses, with an HTTP error status.
    Gateway { status: u16, code: String, message: String },
    /// Form B: the service refuses, with HTTP 200 and `success` false.
    Business { code: String, message: String },
}

impl Failure {
    fn gateway(status: u16, code: impl Into<String>, message: &impl ToString) -> Self {
        Self::Gateway { status, code: code.into(), message: message.to_string() }
    }

    fn business(code: &str, message: &impl ToString) -> Self {
        Self::Business { code: code.to_owned(), message: message.to_string() }
    }

    /// A body that is not read to its end.
    pub(super) fn body_not_read(limit: usize) -> Self {
        let message = format!("the request body is larger than {limit} bytes, or was cut off");
        Self::gateway(413, "RequestEntityTooLarge", &message)
    }

    /// The refusal that a fault asks for; `None` when the request is processed. What is never sent is logged.
    pub(super) fn simulated(effect: &Effect) -> Option<Self> {
        match effect {
            Effect::Throttled => {
                let message = "request was denied due to user flow control";
                Some(Self::gateway(400, "Throttling.User", &message))
            }
            Effect::Status(status) => {
                let code = match status {
                    403 => "Forbidden.RAM",
                    404 => "InvalidApi.NotFound",
                    429 => "Throttling.User",
                    503 => "ServiceUnavailable",
                    500..=599 => "InternalError",
                    _ => "InvalidParameter",
                };
                Some(Self::gateway(*status, code, &"simulated refusal of the gateway"))
            }
            Effect::Business(code) => {
                let message = match code.as_str() {
                    code::FILE_NOT_FOUND => "simulated refusal: the file does not exist",
                    code::ALREADY_EXISTS => "simulated refusal: the connector already exists",
                    _ => "simulated refusal of the service",
                };
                Some(Self::business(code, &message))
            }
            Effect::DropBefore => Some(Self::gateway(500, "InternalError", &"simulated loss of the request")),
            // The last four happen to statements only.
            Effect::Drop | Effect::SqlState(_) | Effect::Dataplane | Effect::Errored | Effect::Echo => None,
        }
    }
}

impl From<SignatureError> for Failure {
    fn from(error: SignatureError) -> Self {
        let (status, code) = error.code();
        Self::gateway(status, code, &error)
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        let (status, code) = error.code();
        Self::gateway(status, code, &error)
    }
}

impl From<JarError> for Failure {
    fn from(error: JarError) -> Self {
        match error {
            JarError::NotFound(_) => Self::business(code::FILE_NOT_FOUND, &error),
            JarError::Malformed { .. } | JarError::Ambiguous { .. } => {
                Self::business(code::FILE_NOT_PARSED, &error)
            }
            JarError::Fs(_) => Self::gateway(500, "InternalError", &error),
        }
    }
}

impl From<ChangeError> for Failure {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Refused(refusal) => {
                let code = match refusal {
                    Refusal::NameTaken { .. } | Refusal::TypeTaken { .. } => code::ALREADY_EXISTS,
                    Refusal::Unknown { .. } => code::NO_SUCH_CONNECTOR,
                    Refusal::Deleting { .. } => code::BEING_DELETED,
                };
                Self::business(code, &refusal)
            }
            ChangeError::NotRecorded(_) => Self::gateway(500, "InternalError", &error),
        }
    }
}

/// A complete answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    /// JSON.
    pub(super) body: Vec<u8>,
    /// What the caller was refused with; `None` on success.
    pub(super) code: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a, T> {
    request_id: &'a str,
    success: bool,
    http_code: u16,
    error_code: &'a str,
    error_message: &'a str,
    data: Option<&'a [T]>,
}

impl Answer {
    /// Success, with these rows.
    pub(super) fn success<T: Serialize>(request_id: &str, data: &[T]) -> Self {
        let (error_code, error_message) = ("", "");
        let data = Some(data);
        let envelope =
            Envelope { request_id, success: true, http_code: 200, error_code, error_message, data };
        Self { status: StatusCode::OK, body: encode(&envelope), code: None }
    }

    /// A refusal, in its form. `host` is the endpoint that refuses.
    pub(super) fn failure(request_id: &str, host: &str, failure: Failure) -> Self {
        match failure {
            Failure::Gateway { status, code, message } => {
                let body = json!({
                    "Code": code,
                    "Message": message,
                    "RequestId": request_id,
                    "HostId": host,
                    "Recommend": format!("https://api.aliyun.com/troubleshoot?q={code}&product=ververica"),
                });
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                Self { status, body: encode(&body), code: Some(code) }
            }
            Failure::Business { code, message } => {
                let (success, data) = (false, None::<&[()]>);
                let (error_code, error_message) = (code.as_str(), message.as_str());
                let envelope =
                    Envelope { request_id, success, http_code: 200, error_code, error_message, data };
                Self { status: StatusCode::OK, body: encode(&envelope), code: Some(code) }
            }
        }
    }
}

/// JSON of a value whose keys are all text, which cannot fail.
fn encode(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}
