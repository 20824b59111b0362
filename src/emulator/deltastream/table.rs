//! Rows with columns: what statements answer with (deltastream-api sections 6 and 7.6).

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::account::{ORGANIZATION, ORGANIZATION_NAME};
use super::kind::SCHEMA_REGISTRY;
use super::sql::{Filter, Query};
use super::stores::Store;

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Column {
    name: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    nullable: bool,
}

/// A cell: text, or nothing.
pub(super) type Row = Vec<Option<String>>;

/// Rows with columns.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Table {
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Row>,
}

/// A column that the system table does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column \"{0}\" does not exist")]
pub(super) struct NoSuchColumn(String);

const fn column(name: &'static str, kind: &'static str) -> Column {
    Column { name, kind, nullable: false }
}

const fn nullable(name: &'static str, kind: &'static str) -> Column {
    Column { nullable: true, ..column(name, kind) }
}

/// The system table, in the order of `*`.
const SYSTEM: [Column; 7] = [
    column("name", "VARCHAR"),
    column("type", "VARCHAR"),
    column("status", "VARCHAR"),
    nullable("status_message", "VARCHAR"),
    column("owner", "VARCHAR"),
    column("created_at", "TIMESTAMP_LTZ"),
    column("updated_at", "TIMESTAMP_LTZ"),
];

/// A moment as a cell: a blank between date and time, milliseconds, UTC.
fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S%.3fZ").to_string()
}

/// A row without nulls.
fn full<const N: usize>(cells: [String; N]) -> Row {
    cells.map(Some).to_vec()
}

fn system_row(name: &str, store: &Store, now: Timestamp) -> Row {
    vec![
        Some(name.to_owned()),
        Some(store.kind.display().to_owned()),
        Some(store.status(now).to_owned()),
        store.message(now).map(str::to_owned),
        Some(store.owner.clone()),
        Some(moment(store.created_at)),
        Some(moment(store.updated_at)),
    ]
}

fn position(name: &str) -> Result<usize, NoSuchColumn> {
    let found = SYSTEM.iter().position(|column| column.name == name);
    found.ok_or_else(|| NoSuchColumn(name.to_owned()))
}

impl Table {
    /// What a query of the system table finds among these stores, which are sorted by name.
    ///
    /// # Errors
    /// [`NoSuchColumn`]
    pub(super) fn selected<'s>(
        query: &Query,
        stores: impl Iterator<Item = (&'s str, &'s Store)>,
        now: Timestamp,
    ) -> Result<Self, NoSuchColumn> {
        let columns: Vec<usize> = match &query.columns {
            None => (0..SYSTEM.len()).collect(),
            Some(names) => names.iter().map(|name| position(name)).collect::<Result<_, _>>()?,
        };
        let filters = query.filters.iter().map(|Filter { column, any_of }| Ok((position(column)?, any_of)));
        let filters: Vec<_> = filters.collect::<Result<_, NoSuchColumn>>()?;
        let order = query.order.as_ref().map(|order| Ok((position(&order.column)?, order.descending)));
        let order = order.transpose()?;

        let mut rows: Vec<_> = stores.map(|(name, store)| system_row(name, store, now)).collect();
        rows.retain(|row| {
            filters.iter().all(|(column, any_of)| {
                let cell = row.get(*column).and_then(Option::as_deref);
                cell.is_some_and(|cell| any_of.iter().any(|wanted| wanted.text() == cell))
            })
        });
        if let Some((column, descending)) = order {
            rows.sort_by(|one, other| one.get(column).cmp(&other.get(column)));
            if descending {
                rows.reverse();
            }
        }
        rows.truncate(query.limit.unwrap_or(usize::MAX));
        let rows =
            rows.iter().map(|row| columns.iter().filter_map(|column| row.get(*column).cloned()).collect());
        Ok(Self {
            rows: rows.collect(),
            columns: columns.iter().filter_map(|column| SYSTEM.get(*column).copied()).collect(),
        })
    }

    /// `LIST STORES`. The names of the columns are a guess of the reference.
    pub(super) fn listed<'s>(
        stores: impl Iterator<Item = (&'s str, &'s Store)>,
        default: Option<&str>,
        now: Timestamp,
    ) -> Self {
        let row = |(name, store): (&str, &Store)| {
            full([
                name.to_owned(),
                store.kind.display().to_owned(),
                store.status(now).to_owned(),
                store.message(now).unwrap_or_default().to_owned(),
                (default == Some(name)).to_string(),
                store.owner.clone(),
                moment(store.created_at),
                moment(store.updated_at),
            ])
        };
        let columns = vec![
            column("Name", "VARCHAR"),
            column("Type", "VARCHAR"),
            column("State", "VARCHAR"),
            column("Message", "VARCHAR"),
            column("IsDefault", "BOOLEAN"),
            column("Owner", "VARCHAR"),
            column("CreatedAt", "TIMESTAMP_LTZ"),
            column("UpdatedAt", "TIMESTAMP_LTZ"),
        ];
        Self { columns, rows: stores.map(row).collect() }
    }

    /// `DESCRIBE STORE`: seven columns, which clients read by position. Their names are ours.
    pub(super) fn described(name: &str, store: &Store) -> Self {
        let columns = vec![
            column("metadata", "VARCHAR"),
            column("uris", "VARCHAR"),
            column("details", "VARCHAR"),
            column("tls_enabled", "BOOLEAN"),
            column("verify_hostname", "BOOLEAN"),
            nullable("schema_registry_name", "VARCHAR"),
            column("path", "VARCHAR"),
        ];
        let metadata = json!({"name": name, "type": store.kind.display(), "owner": store.owner});
        let registry = SCHEMA_REGISTRY.iter().find_map(|name| store.shown(name));
        let row = vec![
            Some(metadata.to_string()),
            Some(store.shown("uris").unwrap_or_default().to_owned()),
            Some(details(store).to_string()),
            Some((store.shown("tls.disabled") != Some("true")).to_string()),
            Some((store.shown("tls.verify_server_hostname") != Some("false")).to_string()),
            registry.map(str::to_owned),
            Some(json!([name]).to_string()),
        ];
        Self { columns, rows: vec![row] }
    }

    /// What a statement that changes a store answers. That it is the row of relations is a guess of the reference.
    pub(super) fn changed(command: &str, name: &str) -> Self {
        let columns = ["type", "name", "command", "summary", "path"].map(|name| column(name, "VARCHAR"));
        let summary = format!("{command} {name}");
        let path = json!([name]).to_string();
        let row = full(["store".to_owned(), name.to_owned(), command.to_owned(), summary, path]);
        Self { columns: columns.to_vec(), rows: vec![row] }
    }

    /// `LIST ORGANIZATIONS`
    pub(super) fn organizations() -> Self {
        let columns = vec![
            column("id", "VARCHAR"),
            column("name", "VARCHAR"),
            nullable("description", "VARCHAR"),
            nullable("profileImageURI", "VARCHAR"),
            column("createdAt", "TIMESTAMP_LTZ"),
        ];
        let row = [ORGANIZATION, ORGANIZATION_NAME, "demo org", "none", "2025-10-09 08:53:20Z"];
        Self { columns, rows: vec![full(row.map(str::to_owned))] }
    }
}

/// The parameters of a type that may be shown: `snowflake.account_id` is `account_id`, `kafka.sasl.hash_function` is
/// `sasl_hash_function`.
fn details(store: &Store) -> Value {
    let own = store
        .all_shown()
        .filter(|(name, _)| *name != "uris" && !name.starts_with("tls.") && !SCHEMA_REGISTRY.contains(name));
    let short = |name: &str| name.split_once('.').map_or(name, |(_, rest)| rest).replace('.', "_");
    Value::Object(own.map(|(name, value)| (short(name), value.into())).collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests;
