//! What a failed call means for what may be done next (deltastream-api 3.3, reliability.md section 6).
//!
//! | answer | read | write |
//! |---|---|---|
//! | 400, 404 in the service's own format | invalid | invalid |
//! | 401, 403 | auth | auth |
//! | 429 | throttled | throttled |
//! | 408, 500, 502, 503, 504, any other 5xx | unavailable | ambiguous |
//! | no connection | unavailable | unavailable: nothing was sent |
//! | cut off, timed out, statement not complete in time | unavailable | ambiguous |
//! | anything else that is not the service's | protocol | ambiguous |
//!
//! 503 is no exception for a write: nobody says that it is only given before a statement has begun, and looking costs
//! less than a store that is created and not recorded. Once a statement has an id, no failure to follow it is definite.

use std::time::Duration;

use super::messages::{Answer, ErrorResponse};
use super::redact::Redactor;
use super::sql::Verb;
use super::sqlstate::{self, Meaning};
use crate::platform::http::{HttpError, HttpResponse};
use crate::ports::provider::{ErrorClass, ProviderError};

/// A failure, and whether the same question may be asked again within the same statement.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) error: ProviderError,
    /// Asking again how the statement stands may help.
    pub(super) passing: bool,
}

/// Judges what comes back for one statement.
pub(super) struct Judge {
    verb: Verb,
    redactor: Redactor,
    /// The role that the statement is sent with.
    role: Option<String>,
    /// The role that listings are made with.
    observer: Option<String>,
}

impl Judge {
    pub(super) fn new(verb: Verb, redactor: Redactor, role: Option<&str>, observer: Option<&str>) -> Self {
        Self { verb, redactor, role: role.map(str::to_owned), observer: observer.map(str::to_owned) }
    }

    /// No usable answer.
    pub(super) fn transport(&self, error: &HttpError) -> Failed {
        let (class, passing) = match error {
            HttpError::Unsendable { .. } => (ErrorClass::Invalid, false),
            HttpError::Setup { .. } => (ErrorClass::Unavailable, false),
            HttpError::Unreachable { .. } => (ErrorClass::Unavailable, true),
            HttpError::TimedOut { .. } | HttpError::Cut { .. } => (self.lost(), true),
            HttpError::NotHttp { .. } | HttpError::TooLarge { .. } | HttpError::Redirect { .. } => {
                (self.unintelligible(), false)
            }
        };
        Failed { error: self.error(class, None, &error.to_string(), None), passing }
    }

    /// The answer, if there is one; its state is not looked at yet.
    pub(super) fn answer(&self, response: &HttpResponse) -> Result<Answer, Failed> {
        match response.status {
            200 | 202 if !is_object(response) => {
                let text = if response.body.is_empty() {
                    "the answer is empty".to_owned()
                } else {
                    format!("the answer is not a JSON object{}", self.preview(response))
                };
                Err(Failed { error: self.contradictory(&text, None), passing: false })
            }
            200 | 202 => response.json().map_err(|error| {
                let text = format!("the answer has a wrong shape: {error}{}", self.preview(response));
                // JSON that simply stops was cut on the way.
                let class = if error.is_eof() { self.lost() } else { self.unintelligible() };
                Failed { error: self.error(class, None, &text, None), passing: error.is_eof() }
            }),
            status => Err(self.refused(status, response)),
        }
    }

    fn refused(&self, status: u16, response: &HttpResponse) -> Failed {
        let said = is_object(response).then(|| response.json::<ErrorResponse>().ok());
        let said = said.flatten().map(|said| said.message).filter(|message| !message.trim().is_empty());
        let (class, passing) = match status {
            401 | 403 => (ErrorClass::Auth, false),
            429 => (ErrorClass::Throttled { after: retry_after(response) }, true),
            408 | 500..=599 => (self.lost(), true),
            400..=499 if said.is_some() => (ErrorClass::Invalid, false),
            _ => (self.unintelligible(), false),
        };
        let text = match &said {
            Some(message) => format!("HTTP {status}: {message}"),
            None => format!("HTTP {status}{}", self.preview(response)),
        };
        let mut error = self.error(class, None, &text, None);
        error.hint = match status {
            401 | 403 => {
                Some("the service does not take the token: is DELTASTREAM_API_TOKEN the right one, and not expired?"
                    .to_owned())
            }
            404 => Some("is the address complete? it ends in /v2".to_owned()),
            _ => None,
        };
        Failed { error, passing }
    }

    /// A state that is no success.
    pub(super) fn state(&self, answer: &Answer) -> Option<ProviderError> {
        let state = answer.sql_state.as_str();
        let (meaning, words) = sqlstate::meaning(state);
        let said = answer.message.as_deref().filter(|message| !message.trim().is_empty());
        let text = said.or(words).unwrap_or("refused without a reason");
        let Some(class) = meaning.class(self.verb.writes()) else {
            if meaning == Meaning::Warning {
                tracing::warn!(
                    operation = self.verb.as_str(),
                    state = self.clean(state),
                    "{}",
                    self.clean(text)
                );
            }
            return None;
        };
        let mut error = self.error(class, Some(state), text, answer.statement_id.as_deref());
        error.hint = self.hint(state);
        Some(error)
    }

    fn hint(&self, state: &str) -> Option<String> {
        let role = role_text(self.role.as_deref());
        match state {
            sqlstate::STORE_EXISTS => Some(format!(
                "a store of this name exists that {} does not list: give the profile a role that does, then import or adopt it",
                role_text(self.observer.as_deref())
            )),
            sqlstate::NO_PRIVILEGE => {
                Some(format!("{role} may not do this: grant it the privilege, or use another role"))
            }
            sqlstate::DEPENDENTS => {
                Some("drop the relations and queries that use the store first".to_owned())
            }
            sqlstate::NO_STORE => {
                Some(format!("{role} sees no such store: it was dropped, or belongs to another role"))
            }
            "42601" => Some("this is a defect of reconcile: please report it".to_owned()),
            state if sqlstate::NO_CONTEXT.contains(&state) => {
                Some(format!("check the organization of the profile, and {role}"))
            }
            _ => None,
        }
    }

    /// A well-formed answer that says nothing usable.
    pub(super) fn contradictory(&self, what: &str, statement_id: Option<&str>) -> ProviderError {
        self.error(self.unintelligible(), None, what, statement_id)
    }

    /// The statement is not complete in time.
    pub(super) fn late(
        &self,
        limit: Duration,
        statement_id: Option<&str>,
        last: Option<&ProviderError>,
    ) -> ProviderError {
        let last = last.map(|error| format!("; the last answer: {}", error.message)).unwrap_or_default();
        let text = format!("the statement was not complete within {} s{last}", limit.as_secs_f64());
        self.error(self.lost(), None, &text, statement_id)
    }

    /// An error after the service has given the statement an id: nothing proves any more that a write was not taken.
    pub(super) fn followed(&self, error: ProviderError, statement_id: &str) -> ProviderError {
        let class = if self.verb.writes() { ErrorClass::Ambiguous } else { error.class };
        ProviderError { class, request_id: Some(self.clean(statement_id)), ..error }
    }

    /// Text of the service, fit to be seen.
    pub(super) fn clean(&self, text: &str) -> String {
        self.redactor.clean(text)
    }

    /// The class when the request went out and no answer says what became of it.
    fn lost(&self) -> ErrorClass {
        if self.verb.writes() { ErrorClass::Ambiguous } else { ErrorClass::Unavailable }
    }

    /// The class when there was an answer, but not one that means anything.
    fn unintelligible(&self) -> ErrorClass {
        if self.verb.writes() { ErrorClass::Ambiguous } else { ErrorClass::Protocol }
    }

    /// Type and first line of a body that is not the service's. Cut only after the secrets are out.
    fn preview(&self, response: &HttpResponse) -> String {
        let kind = response.header("content-type").unwrap_or("no content type");
        let text = String::from_utf8_lossy(&response.body);
        let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("empty");
        let line: String = self.clean(line).chars().take(200).collect();
        format!(" ({kind}: {line})")
    }

    fn error(&self, class: ErrorClass, code: Option<&str>, message: &str, id: Option<&str>) -> ProviderError {
        ProviderError {
            class,
            operation: self.verb.as_str(),
            code: code.map(|code| self.clean(code)),
            message: self.clean(message),
            request_id: id.map(|id| self.clean(id)),
            hint: None,
        }
    }
}

fn role_text(role: Option<&str>) -> String {
    role.map_or_else(|| "the default role of the token".to_owned(), |role| format!("role `{role}`"))
}

/// `Retry-After` in seconds; a date is left alone.
/// Whether the body begins as an object does. A decoder alone would also take a list of the values, without their names.
fn is_object(response: &HttpResponse) -> bool {
    response.body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{')
}

fn retry_after(response: &HttpResponse) -> Option<Duration> {
    let seconds: u64 = response.header("retry-after")?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds)).filter(|after| !after.is_zero())
}
