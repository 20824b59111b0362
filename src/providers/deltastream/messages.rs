//! What the service says, as far as we listen (deltastream-api section 2). Unknown members are ignored; what decides
//! something must be there and of its type.

use std::fmt;

use serde::Deserialize;

/// Success, and no other state is.
pub(super) const SUCCESS: &str = "00000";
/// Not yet complete.
pub(super) const RUNNING: &str = "03000";

/// A `ResultSet` or a `StatementStatus`: which one the state says, not the HTTP status.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Answer {
    pub(super) sql_state: String,
    pub(super) message: Option<String>,
    #[serde(rename = "statementID")]
    pub(super) statement_id: Option<String>,
    pub(super) metadata: Option<Metadata>,
    pub(super) data: Option<Vec<Row>>,
}

/// One row of cells.
pub(super) type Row = Vec<Option<String>>;

/// It may hold a token and rows: only the state is shown.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({})", self.sql_state)
    }
}

/// About the rows.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Metadata {
    pub(super) encoding: Option<String>,
    pub(super) partition_info: Option<Vec<Partition>>,
    pub(super) columns: Option<Vec<Column>>,
    pub(super) dataplane_request: Option<serde::de::IgnoredAny>,
    pub(super) context: Option<Context>,
}

/// How many rows a partition has.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Partition {
    pub(super) row_count: u32,
}

/// A column; its type is not needed, every cell is text.
#[derive(Deserialize)]
pub(super) struct Column {
    pub(super) name: String,
}

/// For whom the statement was carried out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Context {
    #[serde(rename = "organizationID")]
    pub(super) organization_id: Option<String>,
    pub(super) role_name: Option<String>,
}

/// The body of an HTTP error.
#[derive(Deserialize)]
pub(super) struct ErrorResponse {
    pub(super) message: String,
}
