//! Rows into a table and back: what the properties about values share.

use mysql_async::Value as Raw;

use crate::domain::suite::flink::Engine;
use crate::domain::suite::identifier::Identifier;
use crate::domain::suite::table::{Column, Table};
use crate::domain::suite::types::{ColumnType, RowField, Schema};
use crate::verify::mysql::batch::{Batch, Mode, Row as Sent, write_once};
use crate::verify::mysql::cell::{from_value, to_value};
use crate::verify::mysql::client::Client;
use crate::verify::mysql::schema::{Run, drop_tables_of};
use crate::verify::mysql::session::Session;
use crate::verify::row::{Row, Value};
use crate::verify::table::{LiveTable, TargetTable, prepare};
use crate::verify::types::Codec;

/// Somebody who keeps rows in a table of a database and gives them back. Errors are told in words.
pub trait RoundTrip {
    /// Makes an empty table for rows of this schema, in the place of the one before.
    fn open(&mut self, table: &Table, schema: &Schema) -> impl Future<Output = Result<(), String>>;

    /// Writes rows in place of those that are there. A row that is refused is an error.
    fn write(&mut self, rows: &[Row]) -> impl Future<Output = Result<(), String>>;

    /// Reads all rows, in the order of their first field.
    fn read(&mut self) -> impl Future<Output = Result<Vec<Row>, String>>;

    /// What the server says of the table.
    fn describe(&mut self) -> impl Future<Output = Result<LiveTable, String>>;

    /// What the server makes of SQL expressions over the columns, as text, `None` for NULL; rows in the order of their first
    /// field. A second way to look at what is there.
    fn ask(
        &mut self,
        expressions: &[String],
    ) -> impl Future<Output = Result<Vec<Vec<Option<String>>>, String>>;

    /// Drops the table and closes the connection.
    fn close(self) -> impl Future<Output = Result<(), String>>;
}

/// The real one.
#[derive(Debug)]
pub struct ServerTrip {
    session: Session,
    run: Run,
    table: Option<TargetTable>,
    is_empty: bool,
    /// How many tables were made.
    made: u64,
}

impl ServerTrip {
    /// Opens a session in the declared database.
    ///
    /// # Errors
    /// In words.
    pub async fn connect(client: &Client) -> Result<Self, String> {
        let session = client.connect().await.map_err(words)?;
        Ok(Self { session, run: Run::new().map_err(words)?, table: None, is_empty: true, made: 0 })
    }

    fn table(&self) -> Result<&TargetTable, String> {
        self.table.as_ref().ok_or_else(|| "no table is open".to_owned())
    }

    /// The rows as a statement takes them.
    fn encoded(&self, rows: &[Row]) -> Result<Vec<Sent>, String> {
        let columns = self.table()?.columns();
        let encode = |(number, row): (usize, &Row)| {
            let cells = columns.iter().zip(row.values()).map(|(column, value)| column.mapped().encode(value));
            let values = cells.map(|cell| cell.map(|cell| to_value(&cell)).map_err(words));
            Ok(Sent { key: format!("row {number}"), values: values.collect::<Result<_, String>>()? })
        };
        rows.iter().enumerate().map(encode).collect()
    }
}

impl RoundTrip for ServerTrip {
    async fn open(&mut self, table: &Table, schema: &Schema) -> Result<(), String> {
        drop_tables_of(&mut self.session, &self.run).await.map_err(words)?;
        // A name of the run's own, so that runs beside each other do not meet, and of this table alone: MySQL keeps the types
        // that it gave to the parameters of a statement when the table had other columns.
        self.made += 1;
        let name = format!("{}_{}", self.made, table.name);
        let name = Identifier::near(self.run.table_name(&name).as_str());
        let table = Table { name, ..table.clone() };
        let made = prepare(&mut self.session, &self.run, &table, schema, &Engine::Native).await;
        self.table = Some(made.map_err(words)?);
        self.is_empty = true;
        Ok(())
    }

    async fn write(&mut self, rows: &[Row]) -> Result<(), String> {
        let batch = Batch { number: 0, rows: self.encoded(rows)? };
        let target = self.table()?.target(Mode::Insert).map_err(words)?;
        if !std::mem::replace(&mut self.is_empty, false) {
            self.session.run(&format!("DELETE FROM {}", target.table())).await.map_err(words)?;
        }
        let written = write_once(&mut self.session, &target, None, &batch).await.map_err(words)?;
        match written.refused.first() {
            Some(refused) => Err(format!("{} was refused: {}", refused.key, refused.reason)),
            None => Ok(()),
        }
    }

    async fn read(&mut self) -> Result<Vec<Row>, String> {
        let table = self.table()?;
        let codecs: Vec<Codec> =
            table.columns().iter().map(|column| column.mapped().codec().clone()).collect();
        let names = table.columns().iter().map(|column| column.name().to_string());
        let fields: Vec<String> = names.zip(&codecs).map(|(name, codec)| codec.projection(&name)).collect();
        let ask = format!("SELECT {} FROM {} ORDER BY 1", fields.join(", "), table.name());
        let rows = self.session.query(&ask, Vec::new()).await.map_err(words)?;
        let decode = |raw: Vec<Raw>| {
            let values =
                raw.iter().zip(&codecs).map(|(raw, codec)| codec.decode(&from_value(raw)).map_err(words));
            values.collect::<Result<Vec<Value>, String>>().map(Row::from)
        };
        rows.into_iter().map(decode).collect()
    }

    async fn describe(&mut self) -> Result<LiveTable, String> {
        let name = self.table()?.name().clone();
        let live = LiveTable::read(&mut self.session, &name).await.map_err(words)?;
        live.ok_or_else(|| format!("table {name} is gone"))
    }

    async fn ask(&mut self, expressions: &[String]) -> Result<Vec<Vec<Option<String>>>, String> {
        let table = self.table()?;
        let first = table.columns().first().map(|column| column.name().to_string()).unwrap_or_default();
        let asked: Vec<String> = expressions.iter().map(|sql| format!("CAST({sql} AS CHAR)")).collect();
        let ask = format!("SELECT {} FROM {} ORDER BY {first}", asked.join(", "), table.name());
        let rows = self.session.query(&ask, Vec::new()).await.map_err(words)?;
        let text = |raw: Raw| match raw {
            Raw::Bytes(bytes) => String::from_utf8(bytes).ok(),
            _ => None,
        };
        Ok(rows.into_iter().map(|row| row.into_iter().map(text).collect()).collect())
    }

    async fn close(mut self) -> Result<(), String> {
        drop_tables_of(&mut self.session, &self.run).await.map_err(words)?;
        self.session.close().await.map_err(words)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
pub(super) fn words(error: impl ToString) -> String {
    error.to_string()
}

/// A schema whose key is `id`, followed by these fields.
pub(super) fn keyed(fields: impl IntoIterator<Item = RowField>) -> Result<Schema, String> {
    let id =
        RowField { name: "id".to_owned(), value: crate::domain::suite::types::FlinkKind::BigInt.not_null() };
    Schema::new(std::iter::once(id).chain(fields).collect(), &["id".to_owned()]).map_err(words)
}

/// Fields of these names and types, as SQL writes them.
pub(super) fn fields(written: &[(&str, &str)]) -> Result<Vec<RowField>, String> {
    let field = |(name, kind): &(&str, &str)| {
        kind.parse().map(|value| RowField { name: (*name).to_owned(), value }).map_err(words)
    };
    written.iter().map(field).collect()
}

/// The table of a property; without columns they are mapped.
pub(super) fn table(purpose: &str, columns: &[(&str, &str)]) -> Result<Table, String> {
    let column = |(name, kind): &(&str, &str)| -> Result<Column, String> {
        let kind: ColumnType = kind.parse().map_err(words)?;
        Ok(Column { name: Identifier::near(name), nullable: *name != "id", kind })
    };
    Ok(Table {
        name: Identifier::near(purpose),
        create: true,
        columns: columns.iter().map(column).collect::<Result<_, _>>()?,
        constraints: Vec::new(),
        indexes: Vec::new(),
    })
}

/// Rows with their numbers as keys before their values.
pub(super) fn numbered(rows: &[Row]) -> Vec<Row> {
    let with_id = |(number, row): (usize, &Row)| {
        let id = Value::Integer(i64::try_from(number).unwrap_or(i64::MAX));
        std::iter::once(id).chain(row.values().iter().cloned()).collect::<Vec<_>>().into()
    };
    rows.iter().enumerate().map(with_id).collect()
}

/// Writes the rows, which have their numbers as keys, reads them back, and tells the first value that is another one.
/// Returns how many values were compared.
pub(super) async fn there_and_back(
    trip: &mut impl RoundTrip,
    schema: &Schema,
    rows: &[Row],
) -> Result<u64, String> {
    trip.write(rows).await?;
    let back = trip.read().await?;
    if back.len() != rows.len() {
        return Err(format!("{} rows were written, and {} are there", rows.len(), back.len()));
    }
    let mut compared = 0;
    for (sent, found) in rows.iter().zip(&back) {
        for (field, (one, other)) in schema.fields().iter().zip(sent.values().iter().zip(found.values())) {
            if one != other {
                let (one, other) = (start(&one.canonical()), start(&other.canonical()));
                return Err(format!(
                    "`{}` {}: {one} was written, and {other} came back",
                    field.name, field.value
                ));
            }
            compared += 1;
        }
        if sent.values().len() != found.values().len() {
            return Err(format!(
                "{} values were written, and {} came back",
                sent.values().len(),
                found.values().len()
            ));
        }
    }
    Ok(compared)
}

/// What the server says of expressions must be these texts.
pub(super) async fn seen(
    trip: &mut impl RoundTrip,
    expressions: &[String],
    wanted: &[Vec<Option<String>>],
) -> Result<u64, String> {
    let found = trip.ask(expressions).await?;
    for (wanted, found) in wanted.iter().zip(&found) {
        let pairs = expressions.iter().zip(wanted.iter().zip(found));
        if let Some((sql, (wanted, found))) = pairs.into_iter().find(|(_, (wanted, found))| wanted != found) {
            let show = |text: &Option<String>| text.as_deref().map_or("NULL".to_owned(), start);
            return Err(format!("the server has {} for {sql}, not {}", show(found), show(wanted)));
        }
    }
    if found.len() == wanted.len() {
        Ok(wanted.iter().map(|row| row.len() as u64).sum())
    } else {
        Err(format!("the server has {} rows, not {}", found.len(), wanted.len()))
    }
}

fn start(text: &str) -> String {
    let mut shown: String = text.chars().take(120).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}
