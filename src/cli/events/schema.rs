//! `reconcile schema events`: the JSON Schema of one record, derived from the types that are written.

use serde_json::Value;

use super::record::{Line, VERSION};

/// The schema. A reader ignores types and fields that it does not know; the schema describes those of this version.
pub(crate) fn schema() -> Value {
    let mut schema = schemars::schema_for!(Line);
    schema.insert("$id".to_owned(), format!("urn:reconcile:events:{VERSION}").into());
    schema.insert("title".to_owned(), format!("reconcile events {VERSION}").into());
    schema.to_value()
}
