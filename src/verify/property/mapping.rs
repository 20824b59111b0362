//! Properties 6 and 7: each type has its column, and a row keeps its order and its values.

use proptest::collection::vec;
use proptest::prelude::*;

use super::round_trip::{RoundTrip, fields, keyed, numbered, table, there_and_back};
use super::trial::{Judged, Trial, judge_sharing, require};
use crate::domain::suite::types::{ColumnType, FlinkType, RowField, Schema};
use crate::domain::suite::verdict::Verdict;
use crate::verify::generate::strategy;
use crate::verify::row::Row;
use crate::verify::types::column_for;

/// Rows of one case.
const ROWS: usize = 3;

/// A schema and rows of it, without the key.
type Case = (Schema, Vec<Row>);

fn typed_rows() -> impl Strategy<Value = Case> {
    let types = vec(strategy::flink_type(), 1..=6);
    let fields = types.prop_map(|types| {
        let named = types.into_iter().enumerate();
        named.map(|(at, value)| RowField { name: format!("f{at}"), value }).collect::<Vec<_>>()
    });
    with_rows(fields.boxed())
}

fn with_rows(fields: BoxedStrategy<Vec<RowField>>) -> impl Strategy<Value = Case> {
    let schemas = fields.prop_filter_map("a schema", |fields| keyed(fields).ok());
    schemas.prop_flat_map(|schema| {
        let values: Vec<_> =
            schema.fields().iter().skip(1).map(|field| strategy::value(&field.value)).collect();
        (Just(schema), vec(values.prop_map(Row::from), 1..=ROWS))
    })
}

/// The column that a type is mapped to, with the character set left out.
fn mapped(declared: &FlinkType, place: usize) -> Result<ColumnType, String> {
    column_for(&declared.kind, place == 0).map_err(|reason| reason.to_string())
}

/// Property 6: for any supported type, the server says that its column is the mapped one, and every value comes back equal.
pub fn type_mapping<T: RoundTrip>(open: impl AsyncFnOnce() -> Result<T, String>, trial: Trial) -> Verdict {
    judge_sharing(
        trial,
        &typed_rows(),
        open,
        &async |trip: &mut T, (schema, rows)| -> Judged {
            trip.open(&table("types", &[])?, &schema).await?;
            let live = trip.describe().await?;
            for (place, field) in schema.fields().iter().enumerate() {
                let column =
                    live.column(&field.name).ok_or_else(|| format!("`{}` has no column", field.name))?;
                let wanted = mapped(&field.value, place)?;
                require(column.kind.as_ref() == Some(&wanted), || {
                    format!(
                        "`{}` {} has column {} instead of {wanted}",
                        field.name, field.value, column.written
                    )
                })?;
                require(column.nullable == field.value.nullable, || {
                    format!(
                        "`{}` {} has a column that takes NULL: {}",
                        field.name, field.value, column.nullable
                    )
                })?;
            }
            let compared = there_and_back(trip, &schema, &numbered(&rows)).await?;
            Ok(vec![("columns", live.columns.len() as u64), ("values", compared)])
        },
        RoundTrip::close,
    )
}

/// Property 7: for any row, nested ones among its values, the columns are in the order of the fields, and each holds the value
/// of its own field. Fields have one type, so that a value in a neighbour's place is not refused by anybody.
pub fn row_integrity<T: RoundTrip>(open: impl AsyncFnOnce() -> Result<T, String>, trial: Trial) -> Verdict {
    const TYPES: &[&str] = &[
        "BIGINT NOT NULL",
        "STRING NOT NULL",
        "ROW<b INT NOT NULL, a INT NOT NULL, c ROW<z STRING NOT NULL, y STRING NOT NULL> NOT NULL> NOT NULL",
    ];
    let names = Just(vec!["z", "a", "m", "b", "y", "c"]).prop_shuffle();
    let fields = (names, 2..=6_usize, prop::sample::select(TYPES)).prop_filter_map(
        "fields",
        |(names, count, kind)| {
            let written: Vec<_> = names.into_iter().take(count).map(|name| (name, kind)).collect();
            fields(&written).ok()
        },
    );
    judge_sharing(
        trial,
        &with_rows(fields.boxed()),
        open,
        &async |trip: &mut T, (schema, rows)| -> Judged {
            trip.open(&table("rows", &[])?, &schema).await?;
            let live = trip.describe().await?;
            let order: Vec<&str> = live.columns.iter().map(|column| column.name.as_str()).collect();
            let wanted: Vec<&str> = schema.fields().iter().map(|field| field.name.as_str()).collect();
            require(order == wanted, || format!("the columns are {order:?}, and the fields {wanted:?}"))?;
            let compared = there_and_back(trip, &schema, &numbered(&rows)).await?;
            Ok(vec![("fields", order.len() as u64), ("values", compared)])
        },
        RoundTrip::close,
    )
}
