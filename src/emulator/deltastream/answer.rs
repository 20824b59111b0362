//! What goes back to the caller: the result set, the status of a statement that is not complete, and the error of an
//! HTTP status (deltastream-api section 2), as strict as the strictest client needs them.

use axum::http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::call::CallError;
use super::context::Context;
use super::table::Table;
use crate::emulator::answer::Answer;

/// Why a statement failed: inside of HTTP 200.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    /// The SQLSTATE.
    pub(super) state: String,
    pub(super) message: String,
}

/// A statement that was executed.
#[derive(Debug, Clone)]
pub(super) struct Executed {
    /// The id of the statement: a UUID.
    pub(super) id: String,
    pub(super) created_on: Timestamp,
    pub(super) context: Context,
    pub(super) end: Result<Table, Failure>,
    /// Its rows are said to be elsewhere.
    pub(super) on_dataplane: bool,
}

impl Executed {
    /// The result set with one partition; `None` if there is no such partition. Partition 0 always exists.
    pub(super) fn answer(&self, partition: usize, partition_rows: usize, host: &str) -> Option<Answer> {
        let nothing = Table::default();
        let (state, message, table) = match &self.end {
            Ok(table) => ("00000", None, table),
            Err(failure) => (failure.state.as_str(), Some(failure.message.as_str()), &nothing),
        };
        let rows = if self.on_dataplane { &[] } else { table.rows.as_slice() };
        let partitions: Vec<_> = rows.chunks(partition_rows).collect();
        let data = partitions.get(partition).copied().or((partition == 0).then_some(&[][..]))?;
        let counts: Vec<Value> = partitions.iter().map(|rows| json!({"rowCount": rows.len()})).collect();
        let mut metadata = json!({
            "encoding": "json",
            "partitionInfo": counts,
            "columns": table.columns,
            "context": self.context.json(),
        });
        if self.on_dataplane {
            let request = json!({
                "token": "fake-dataplane-token",
                "uri": format!("http://{host}/v2/statements/{}", self.id),
                "statementID": self.id,
                "requestType": "result-set",
            });
            set(&mut metadata, "dataplaneRequest", request);
        }
        let mut body = json!({
            "sqlState": state,
            "statementID": self.id,
            "createdOn": self.created_on.as_second(),
            "metadata": metadata,
            "data": data,
        });
        if let Some(message) = message {
            set(&mut body, "message", message.into());
        }
        let code = self.end.as_ref().err().map(|failure| failure.state.clone());
        Some(Answer { status: StatusCode::OK, body: body.to_string().into_bytes(), code })
    }

    /// The answer while it is not complete.
    pub(super) fn not_complete(&self) -> Answer {
        let body = json!({
            "sqlState": "03000",
            "statementID": self.id,
            "createdOn": self.created_on.as_second(),
        });
        Answer { status: StatusCode::ACCEPTED, body: body.to_string().into_bytes(), code: None }
    }
}

fn set(object: &mut Value, key: &str, value: Value) {
    if let Value::Object(members) = object {
        members.insert(key.to_owned(), value);
    }
}

/// The version that the API gives itself.
pub(super) fn version() -> Answer {
    let body = json!({"major": 2, "minor": 0, "patch": 0});
    Answer { status: StatusCode::OK, body: body.to_string().into_bytes(), code: None }
}

/// A refusal with an HTTP status.
pub(super) fn refusal(status: u16, message: &str) -> Answer {
    let body = json!({ "message": message }).to_string().into_bytes();
    let code = Some(status.to_string());
    Answer { status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), body, code }
}

impl From<&CallError> for Answer {
    fn from(error: &CallError) -> Self {
        refusal(error.status(), &error.to_string())
    }
}
