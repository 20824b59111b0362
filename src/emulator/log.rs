//! The request log: one line of JSON for each request, written before its answer is sent.

use std::fs::File;
use std::io::Write as _;
use std::time::Duration;

use serde::Serialize;

use super::service::Served;

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
    workspace: Option<&'s str>,
    namespace: Option<&'s str>,
    request_id: &'s str,
    success: bool,
    /// What the caller was refused with.
    code: Option<&'s str>,
}

/// Appends the line of a request. A log that cannot be written is itself logged, and costs no answer.
pub(super) fn append(log: &mut File, served: &Served, took: Duration) {
    let Served { request_id, operation, workspace, namespace, answer, withheld } = served;
    let line = Line {
        api: "ververica",
        operation: operation.map(super::operation::Operation::name),
        status: (!withheld).then_some(answer.status.as_u16()),
        ms: took.as_millis(),
        workspace: workspace.as_deref(),
        namespace: namespace.as_deref(),
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
