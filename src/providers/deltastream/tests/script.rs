//! A transport that answers from a list. It opens no socket, so time can be virtual.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use secrecy::SecretString;

use crate::platform::http::{HttpError, HttpRequest, HttpResponse, Origin};
use crate::ports::provider::ProviderError;
use crate::providers::deltastream::errors::Judge;
use crate::providers::deltastream::redact::Redactor;
use crate::providers::deltastream::request::Asker;
use crate::providers::deltastream::settings::BaseUrl;
use crate::providers::deltastream::sql::Statement;
use crate::providers::deltastream::statement::{Outcome, Run, Transport};

pub(super) const ID: &str = "00000000-0000-4000-8000-00000000f001";

/// What comes back for one request.
pub(super) enum Reply {
    Http(u16, String),
    /// With one header.
    Headed(u16, &'static str, &'static str, String),
    Fail(HttpError),
    /// Nothing, for ever.
    Silence,
}

/// The statement goes on.
pub(super) fn running() -> Reply {
    Reply::Http(202, format!(r#"{{"sqlState":"03000","statementID":"{ID}","createdOn":1}}"#))
}

/// A state and a message, nothing else.
pub(super) fn state(state: &str, message: &str) -> Reply {
    Reply::Http(
        200,
        serde_json::json!({"sqlState": state, "message": message, "statementID": ID}).to_string(),
    )
}

/// Rows of one column, in the first partition of these sizes.
pub(super) fn rows(partitions: &[u32], rows: &[&str]) -> Reply {
    let data: Vec<_> = rows.iter().map(|cell| vec![*cell]).collect();
    let partitions: Vec<_> = partitions.iter().map(|count| serde_json::json!({"rowCount": count})).collect();
    let answer = serde_json::json!({
        "sqlState": "00000", "statementID": ID, "createdOn": 1, "data": data,
        "metadata": {"encoding": "json", "partitionInfo": partitions, "columns": [{"name": "n", "type": "VARCHAR"}]},
    });
    Reply::Http(200, answer.to_string())
}

pub(super) fn cut() -> HttpError {
    HttpError::Cut { origin: Origin::parse("h.example").unwrap(), detail: "reset".to_owned() }
}

/// The list, and what was asked when.
pub(super) struct Script {
    replies: Mutex<VecDeque<Reply>>,
    heard: Mutex<Vec<(Duration, HttpRequest)>>,
    begun: tokio::time::Instant,
}

impl Script {
    pub(super) fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self {
            replies: Mutex::new(replies.into_iter().collect()),
            heard: Mutex::new(Vec::new()),
            begun: tokio::time::Instant::now(),
        }
    }

    /// Carries out a statement with so much time, as role `analyst`, while listings are made as `viewer`.
    pub(super) async fn complete(&self, statement: &Statement, limit: u64) -> Result<Outcome, ProviderError> {
        let (base, token) =
            (BaseUrl::parse("https://h.example/v2").unwrap(), SecretString::from("fake-token-0001"));
        let redactor = Redactor::new(Some(&token), statement);
        let judge = Judge::new(statement.verb, redactor, Some("analyst"), Some("viewer"));
        let role = Some("analyst");
        let asker = Asker { base: &base, token: &token, session: "s1", organization: Some("acme"), role };
        let limit = Duration::from_secs(limit);
        Run { transport: self, asker, statement, judge: &judge, limit }.complete("boundary").await
    }

    /// Method and target of each request, with the second at which it was sent.
    pub(super) fn heard(&self) -> Vec<(u64, String)> {
        let heard = self.heard.lock().unwrap();
        let shown = heard
            .iter()
            .map(|(at, request)| (at.as_secs(), format!("{} {}", request.method.as_str(), request.target)));
        shown.collect()
    }

    /// The requests.
    pub(super) fn requests(&self) -> Vec<HttpRequest> {
        self.heard.lock().unwrap().iter().map(|(_, request)| request.clone()).collect()
    }
}

impl Transport for Script {
    async fn send(&self, request: &HttpRequest) -> Result<HttpResponse, HttpError> {
        self.heard.lock().unwrap().push((self.begun.elapsed(), request.clone()));
        let reply = self.replies.lock().unwrap().pop_front().expect("more requests than replies");
        let page = |status, headers: &[(&str, &str)], body: String| HttpResponse {
            status,
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            body: body.into_bytes(),
        };
        match reply {
            Reply::Http(status, body) => Ok(page(status, &[], body)),
            Reply::Headed(status, name, value, body) => Ok(page(status, &[(name, value)], body)),
            Reply::Fail(error) => Err(error),
            Reply::Silence => std::future::pending().await,
        }
    }
}

/// What one answer makes of a listing and of a creation.
pub(super) async fn both(reply: impl Fn() -> Reply) -> [Result<Outcome, ProviderError>; 2] {
    let read = crate::providers::deltastream::sql::list();
    let write = crate::providers::deltastream::sql::create(&super::stores::kafka("hunter2-canary")).unwrap();
    [Script::new([reply()]).complete(&read, 60).await, Script::new([reply()]).complete(&write, 60).await]
}
