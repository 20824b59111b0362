//! The request log: one line of JSON for each request, written before its answer is sent. Of a statement it says what
//! kind of statement it is, never its text.

use std::fs::File;
use std::io::Write as _;
use std::time::Duration;

use serde::Serialize;

use super::served::{Served, Subject};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'s> {
    api: &'static str,
    /// `null` for a request that asks for no operation.
    operation: Option<&'static str>,
    /// The HTTP status; `null` when the connection is closed without an answer.
    status: Option<u16>,
    /// From the arrival to the answer, simulated latency included.
    ms: u128,
    /// The workspace and the namespace, or the role.
    #[serde(flatten)]
    subject: &'s Subject,
    request_id: &'s str,
    success: bool,
    /// What the caller was refused with: a code of the service, an SQLSTATE, or an HTTP status.
    code: Option<&'s str>,
}

/// Appends the line of a request. A log that cannot be written is itself logged, and costs no answer.
pub(super) fn append(log: &mut File, served: &Served, took: Duration) {
    let Served { request_id, operation, subject, answer, withheld } = served;
    let line = Line {
        api: subject.api(),
        operation: *operation,
        status: (!withheld).then_some(answer.status.as_u16()),
        ms: took.as_millis(),
        subject,
        request_id,
        success: answer.code.is_none(),
        code: answer.code.as_deref(),
    };
    let written = serde_json::to_vec(&line).map_err(std::io::Error::from).and_then(|mut bytes| {
        bytes.push(b'\n');
        log.write_all(&bytes)
    });
    if let Err(error) = written {
        tracing::error!(%error, request_id, "the request log cannot be written");
    }
}
