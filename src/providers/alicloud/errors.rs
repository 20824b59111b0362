//! What a failed call means for what may be done next (ververica-api.md section 4, reliability.md section 6).
//!
//! The rule behind every line: a write is called definite only when the service itself said, in its own format, that it
//! did not take it, or when nothing left this machine. All else is ambiguous.

use std::time::Duration;

use jiff::Timestamp;
use serde::de::DeserializeOwned;

use super::messages::{Envelope, said};
use super::redact::Redactor;
use super::request::Call;
use super::settings::SettingsError;
use crate::platform::http::{HttpError, HttpResponse};
use crate::ports::provider::{ErrorClass, ProviderError};

/// Judges what came back for one call.
pub(super) struct Judge {
    operation: &'static str,
    writes: bool,
    redactor: Redactor,
    /// Where the key came from, for people.
    key_source: &'static str,
    /// The moment that the request claims.
    sent: Timestamp,
}

impl Judge {
    pub(super) fn new(
        call: &Call<'_>,
        redactor: Redactor,
        key_source: &'static str,
        sent: Timestamp,
    ) -> Self {
        let redactor = match call {
            Call::Register { jar_url, .. } => redactor.and_url(jar_url),
            Call::List | Call::Delete { .. } => redactor,
        };
        Self { operation: call.operation(), writes: call.writes(), redactor, key_source, sent }
    }

    /// No usable answer.
    pub(super) fn transport(&self, error: &HttpError) -> ProviderError {
        let class = match error {
            HttpError::Unsendable { .. } => ErrorClass::Invalid,
            HttpError::Setup { .. } | HttpError::Unreachable { .. } => ErrorClass::Unavailable,
            HttpError::TimedOut { .. } | HttpError::Cut { .. } => self.lost(),
            HttpError::NotHttp { .. } | HttpError::TooLarge { .. } | HttpError::Redirect { .. } => {
                self.unintelligible()
            }
        };
        self.error(class, None, &error.to_string(), None)
    }

    /// The envelope of a success, or what the answer means instead.
    pub(super) fn envelope<T: DeserializeOwned>(
        &self,
        answer: &HttpResponse,
    ) -> Result<Envelope<T>, ProviderError> {
        if answer.status >= 400 {
            return Err(self.refused(answer));
        }
        let envelope: Envelope<T> = answer.json().map_err(|error| self.senseless(answer, &error))?;
        if envelope.success {
            return Ok(envelope);
        }
        let Envelope { success: _, request_id, error_code, error_message, data: _ } = envelope;
        Err(self.business(said(error_code), said(error_message), request_id))
    }

    /// An answer with a status of 400 or above (form A).
    fn refused(&self, answer: &HttpResponse) -> ProviderError {
        let body = answer.json::<serde_json::Value>().ok();
        let field = |names: [&str; 3]| {
            let object = body.as_ref()?.as_object()?;
            let value = names.iter().find_map(|name| object.get(*name))?;
            said(Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
        };
        // The last name of each is the envelope's: seen where a gateway passes a business error on with its status.
        let code = field(["Code", "code", "errorCode"]);
        let message = field(["Message", "message", "errorMessage"]);
        let request_id = field(["RequestId", "requestId", "requestid"]);
        let retry_after =
            answer.header("x-acs-retry-after").and_then(|value| value.trim().parse::<u64>().ok());
        let retry_after = retry_after.filter(|ms| *ms > 0).map(Duration::from_millis);

        let spoke = code.is_some() || message.is_some();
        let text = message.unwrap_or_else(|| format!("HTTP {}{}", answer.status, self.preview(answer)));
        let class = if retry_after.is_some() || answer.status == 429 {
            ErrorClass::Throttled { after: retry_after }
        } else if let Some(class) = code.as_deref().and_then(|code| self.by_code(code)) {
            class
        } else if answer.status >= 500 || answer.status == 408 {
            self.lost()
        } else if !spoke {
            self.unintelligible()
        } else if matches!(answer.status, 401 | 403) {
            ErrorClass::Auth
        } else if answer.status == 409 || says_it_exists(&text) {
            ErrorClass::Conflict
        } else {
            // 404 too: a wrong key and a wrong path are 404, absence is not.
            ErrorClass::Invalid
        };
        let mut error = self.error(class, code, &text, request_id);
        if error.code.as_deref().is_some_and(|code| code.starts_with("InvalidTimeStamp")) {
            let theirs = answer.header("date").unwrap_or("unknown");
            error.hint = Some(format!(
                "this machine's clock said {}, the service's says {theirs}: set the clock",
                self.sent.strftime("%a, %d %b %Y %H:%M:%S GMT")
            ));
        }
        error
    }

    /// HTTP 200 with `success` false (form B).
    fn business(
        &self,
        code: Option<String>,
        message: Option<String>,
        request_id: Option<String>,
    ) -> ProviderError {
        let message = message.unwrap_or_else(|| "refused without a reason".to_owned());
        let class = code.as_deref().and_then(|code| self.by_code(code)).unwrap_or_else(|| {
            if says_it_exists(&message) { ErrorClass::Conflict } else { ErrorClass::Invalid }
        });
        self.error(class, code, &message, request_id)
    }

    /// A successful status with a body that cannot be understood.
    fn senseless(&self, answer: &HttpResponse, error: &serde_json::Error) -> ProviderError {
        if answer.body.is_empty() {
            return self.contradictory("the answer is empty", None);
        }
        if error.is_data() {
            return self.contradictory(&format!("the answer has a wrong shape: {error}"), None);
        }
        // JSON that simply stops was cut on the way: asking again may help, unlike with a page.
        let class = if error.is_eof() { self.lost() } else { self.unintelligible() };
        let text =
            format!("HTTP {} with a body that is not JSON ({error}){}", answer.status, self.preview(answer));
        self.error(class, None, &text, None)
    }

    /// A well-formed answer that says nothing usable.
    pub(super) fn contradictory(&self, what: &str, request_id: Option<String>) -> ProviderError {
        self.error(self.unintelligible(), None, what, request_id)
    }

    /// The vendor's own codes that mean the same everywhere.
    fn by_code(&self, code: &str) -> Option<ErrorClass> {
        let begins = |prefix: &str| code == prefix || code.starts_with(&format!("{prefix}."));
        if code.starts_with("Throttling") || code == "Rejected.Throttling" {
            return Some(ErrorClass::Throttled { after: None });
        }
        if code == "990002" {
            return Some(ErrorClass::Conflict);
        }
        if begins("SignatureNonceUsed") && self.writes {
            // Our nonces are new: somebody delivered this request twice, and the first delivery may have been taken.
            return Some(ErrorClass::Ambiguous);
        }
        if matches!(code, "ServiceUnavailable" | "InternalError") {
            return Some(self.lost());
        }
        let auth = [
            "SignatureDoesNotMatch",
            "IncompleteSignature",
            "InvalidAccessKeyId",
            "InvalidTimeStamp",
            "SignatureNonceUsed",
            "InvalidSignatureMethod",
            "InvalidSecurityToken",
            "Forbidden",
            "NoPermission",
        ];
        auth.iter().any(|prefix| begins(prefix)).then_some(ErrorClass::Auth)
    }

    /// The class when the request went out and no answer says what became of it.
    fn lost(&self) -> ErrorClass {
        if self.writes { ErrorClass::Ambiguous } else { ErrorClass::Unavailable }
    }

    /// The class when there was an answer, but not one of this service.
    fn unintelligible(&self) -> ErrorClass {
        if self.writes { ErrorClass::Ambiguous } else { ErrorClass::Protocol }
    }

    /// Type and first line of a body that is not the service's, for people. Cut only after the secrets are out: half a
    /// secret would not be recognised.
    fn preview(&self, answer: &HttpResponse) -> String {
        let kind = answer.header("content-type").unwrap_or("no content type");
        let text = String::from_utf8_lossy(&answer.body);
        let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("empty");
        let line: String = self.redactor.clean(line).chars().take(200).collect();
        format!(" ({kind}: {line})")
    }

    fn error(
        &self,
        class: ErrorClass,
        code: Option<String>,
        message: &str,
        request_id: Option<String>,
    ) -> ProviderError {
        let hint =
            (class == ErrorClass::Auth).then(|| format!("the access key came from {}", self.key_source));
        let clean = |text: String| self.redactor.clean(&text);
        ProviderError {
            class,
            operation: self.operation,
            code: code.map(clean),
            message: self.redactor.clean(message),
            request_id: request_id.map(clean),
            hint,
        }
    }
}

/// The account of a workspace cannot be used at all; nothing was sent.
pub(super) fn unusable(operation: &'static str, error: &SettingsError) -> ProviderError {
    ProviderError {
        class: ErrorClass::Invalid,
        operation,
        code: None,
        message: error.to_string(),
        request_id: None,
        hint: None,
    }
}

fn says_it_exists(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    message.contains("already exist") || message.contains("已存在")
}
