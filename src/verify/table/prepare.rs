//! Makes or adopts a table, and takes away what a run made.

use super::collation::Collations;
use super::column::TableColumn;
use super::error::{LayoutError, Mismatch, TableError};
use super::layout::TableLayout;
use super::live::LiveTable;
use crate::domain::suite::flink::Engine;
use crate::domain::suite::table::Table;
use crate::domain::suite::types::Schema;
use crate::verify::mysql::batch::{Mode, Target};
use crate::verify::mysql::client::Client;
use crate::verify::mysql::error::MysqlError;
use crate::verify::mysql::identifier::Name;
use crate::verify::mysql::schema::{OwnedTable, Run, drop_tables_of, marked_tables};
use crate::verify::mysql::session::Session;

/// What people should know of a table before its rows are compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Note {
    /// Rows were there before.
    #[error("the table held {rows} rows before the run: they are counted as extra")]
    NotEmpty {
        /// How many.
        rows: u64,
    },
    /// Keys that are different for us are one for the server.
    #[error("key column `{column}` has collation {collation}, in which different texts may be one key")]
    FoldingKey {
        /// The column.
        column: String,
        /// Its collation.
        collation: String,
    },
}

/// A table that was made or adopted, and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetTable {
    layout: TableLayout,
    notes: Vec<Note>,
    is_ours: bool,
}

impl TargetTable {
    /// Its name.
    pub fn name(&self) -> &Name {
        self.layout.name()
    }

    /// Its columns that take the fields, in the order of the fields.
    pub fn columns(&self) -> &[TableColumn] {
        self.layout.columns()
    }

    /// The places of the key's columns; empty without a key.
    pub fn key(&self) -> &[usize] {
        self.layout.key()
    }

    /// What it should look like.
    pub fn layout(&self) -> &TableLayout {
        &self.layout
    }

    /// What people should know of it.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Whether this run made it, and will drop it.
    pub fn is_ours(&self) -> bool {
        self.is_ours
    }

    /// Where a sink writes.
    ///
    /// # Errors
    /// [`MysqlError::NoSuchWidth`]
    pub fn target(&self, mode: Mode) -> Result<Target, MysqlError> {
        let columns = self.columns().iter().map(|column| column.name().clone());
        Target::new(self.name().clone(), columns.collect(), mode)
    }
}

/// Makes the table of a scenario (`create: true`), or takes the one that is there; either way it is checked against what the
/// server says of it (Property 24).
///
/// # Errors
/// [`TableError`]; nothing of the run is left then, and what was there is as it was.
pub async fn prepare(
    session: &mut Session,
    run: &Run,
    table: &Table,
    schema: &Schema,
    engine: &Engine,
) -> Result<TargetTable, TableError> {
    let broken =
        |problems: Vec<LayoutError>| TableError::Layout { table: table.name.as_str().to_owned(), problems };
    let name = Name::new(table.name.as_str()).map_err(|bad| broken(vec![bad.into()]))?;
    let live = LiveTable::read(session, &name).await?;
    if table.create {
        if live.is_some() {
            return Err(taken(session, &name).await?);
        }
        let layout = TableLayout::new(table, schema, engine, None).map_err(broken)?;
        return make(session, run, layout).await;
    }
    let live = live.ok_or_else(|| TableError::Missing { table: name.as_str().to_owned() })?;
    let unreadable = live.columns.iter().filter(|column| column.kind.is_none());
    let unreadable: Vec<Mismatch> = unreadable
        .filter(|column| schema.field(&column.name).is_some())
        .map(|column| Mismatch::Type {
            column: column.name.clone(),
            wanted: "a type that is compared".to_owned(),
            found: column.written.clone(),
        })
        .collect();
    refuse(&name, unreadable)?;
    let layout = TableLayout::new(table, schema, engine, Some(&live)).map_err(broken)?;
    refuse(&name, live.differences(&layout, false))?;
    let notes = notes(session, &layout, &live).await?;
    Ok(TargetTable { layout, notes, is_ours: false })
}

async fn make(session: &mut Session, run: &Run, layout: TableLayout) -> Result<TargetTable, TableError> {
    let definition = layout.definition(&Collations::ask(session).await?);
    let owned = match OwnedTable::create(session, run, layout.name.clone(), &definition).await {
        Ok(owned) => owned,
        // Somebody was faster.
        Err(error) if error.answer().is_some_and(|answer| answer.code == 1050) => {
            return Err(taken(session, &layout.name).await?);
        }
        Err(error) => return Err(error.into()),
    };
    let checked = match LiveTable::read(session, &layout.name).await {
        Ok(Some(live)) => refuse(&layout.name, live.differences(&layout, true)),
        Ok(None) => Err(TableError::Missing { table: layout.name.as_str().to_owned() }),
        Err(error) => Err(error.into()),
    };
    if let Err(error) = checked {
        owned.drop_table(session).await?;
        return Err(error);
    }
    Ok(TargetTable { layout, notes: Vec::new(), is_ours: true })
}

fn refuse(name: &Name, differences: Vec<Mismatch>) -> Result<(), TableError> {
    if differences.is_empty() {
        return Ok(());
    }
    Err(TableError::NotAsDeclared { table: name.as_str().to_owned(), differences })
}

/// Who has the name already.
async fn taken(session: &mut Session, name: &Name) -> Result<TableError, MysqlError> {
    let marked = marked_tables(session).await?.into_iter().find(|marked| marked.name == *name);
    let table = name.as_str().to_owned();
    Ok(match marked {
        Some(marked) => TableError::OfAnotherRun { table, run: marked.run, age: marked.age },
        None => TableError::Exists { table },
    })
}

async fn notes(
    session: &mut Session,
    layout: &TableLayout,
    live: &LiveTable,
) -> Result<Vec<Note>, MysqlError> {
    let counted = session.show(&format!("SELECT COUNT(*) FROM {}", layout.name)).await?;
    let rows = counted.iter().flatten().find_map(|text| text.parse().ok()).unwrap_or_default();
    let mut notes = if rows > 0 { vec![Note::NotEmpty { rows }] } else { Vec::new() };
    let folding = layout.key_names().filter_map(|name| live.column(name.as_str()));
    let folding =
        folding.filter(|column| !column.collation.is_empty() && !column.collation.ends_with("_bin"));
    notes.extend(
        folding.map(|column| Note::FoldingKey {
            column: column.name.clone(),
            collation: column.collation.clone(),
        }),
    );
    Ok(notes)
}

/// Drops every table that a run has made in this database, on a connection of its own, whatever became of the run's others
/// (Property 25). Safe to repeat.
///
/// # Errors
/// [`MysqlError`]; what was dropped before it stays dropped.
pub async fn clean_up(client: &Client, run: &Run) -> Result<Vec<Name>, MysqlError> {
    let mut session = client.connect().await?;
    let dropped = drop_tables_of(&mut session, run).await;
    session.close().await?;
    dropped
}
