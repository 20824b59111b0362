//! One line of an NDJSON file as a row.

use serde_json::value::RawValue;

use super::error::RecordProblem;
use crate::domain::suite::types::{RowField, Schema};
use crate::verify::row::{Row, WrongMember, read_object};

/// What is wrong with a line.
pub(super) enum WrongLine<'a> {
    Record(RecordProblem),
    Member(WrongMember, &'a RowField),
}

pub(super) fn row<'a>(schema: &'a Schema, line: &str) -> Result<Row, WrongLine<'a>> {
    let not_json =
        |error: serde_json::Error| WrongLine::Record(RecordProblem::NotJson { problem: error.to_string() });
    let _whole: &RawValue = serde_json::from_str(line).map_err(not_json)?;
    read_object(schema.fields(), line).map_err(|wrong| {
        let Some(wrong) = wrong else { return WrongLine::Record(RecordProblem::NotAnObject) };
        match schema.fields().iter().find(|field| field.name == wrong.name) {
            Some(field) => WrongLine::Member(wrong, field),
            None => WrongLine::Record(RecordProblem::UnknownMember { name: wrong.name }),
        }
    })
}
