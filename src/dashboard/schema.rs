//! `reconcile schema api`: the JSON Schema of what `/api/v1` answers, derived from the types that are written.

use schemars::JsonSchema;
use serde_json::Value;

use super::view::{Delta, Detail, FORMAT, Passes, Problem, Resources, Status};

/// What each path answers, by its path; the schema of the whole is never sent as such.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "read by its derived schema only")]
struct Api {
    /// The watch at a glance
    #[schemars(rename = "/api/v1/status")]
    status: Status,
    /// All objects in short
    #[schemars(rename = "/api/v1/resources")]
    resources: Resources,
    /// One object, with what led to how it stands
    #[schemars(rename = "/api/v1/resources/KIND/NAME")]
    detail: Detail,
    /// The passes that ended
    #[schemars(rename = "/api/v1/passes")]
    passes: Passes,
    /// The data of each server-sent event
    #[schemars(rename = "/api/v1/events")]
    events: Delta,
    /// Every answer whose status is not 200
    #[schemars(rename = "otherwise")]
    otherwise: Problem,
}

/// The schema: one property for each path.
pub fn schema() -> Value {
    let mut schema = schemars::schema_for!(Api);
    schema.insert("$id".to_owned(), format!("urn:reconcile:api:{FORMAT}").into());
    schema.insert("title".to_owned(), format!("reconcile API {FORMAT}").into());
    schema.to_value()
}
