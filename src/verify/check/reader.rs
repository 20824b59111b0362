//! The rows of a table, as the values of their fields, one by one.

use std::borrow::Cow;

use mysql_async::Value as Raw;

use crate::verify::mysql::cell::from_value;
use crate::verify::mysql::error::MysqlError;
use crate::verify::mysql::session::Session;
use crate::verify::row::{Row, Value};
use crate::verify::table::TargetTable;
use crate::verify::types::{Cell, Codec};

/// Hands out every row of the table, in the order that the server likes.
///
/// # Errors
/// [`MysqlError`]
pub(super) async fn walk(
    session: &mut Session,
    table: &TargetTable,
    mut each: impl FnMut(&Row),
) -> Result<u64, MysqlError> {
    let columns = table.columns().iter();
    let fields: Vec<String> =
        columns.map(|column| column.mapped().codec().projection(&column.name().to_string())).collect();
    let ask = format!("SELECT {} FROM {}", fields.join(", "), table.name());
    session
        .each(&ask, Vec::new(), |raw| {
            let values =
                raw.iter().zip(table.columns()).map(|(raw, column)| decoded(column.mapped().codec(), raw));
            each(&Row::from(values.collect::<Vec<_>>()));
        })
        .await
}

/// A value that cannot be one of the field's type stands for itself, so that it differs from every value that can.
fn decoded(codec: &Codec, raw: &Raw) -> Value {
    let cell = from_value(raw);
    codec.decode(&cell).unwrap_or_else(|_unreadable| match cell {
        Cell::Bytes(bytes) => Value::Bytes(Cow::into_owned(bytes).into_boxed_slice()),
        other => Value::text(format!("{other:?}")),
    })
}
