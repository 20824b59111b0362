//! Why a table cannot be made as declared, or is not as declared.

use std::time::Duration;

use crate::domain::suite::types::{ColumnType, FlinkType};
use crate::verify::mysql::error::MysqlError;
use crate::verify::mysql::identifier::BadName;
use crate::verify::types::Refusal;

/// What is wrong with a declared table, before anybody is asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// A field that no column holds.
    #[error(transparent)]
    Field(Box<Refusal>),
    /// `table.columns` leaves a field out.
    #[error(
        "field `{field}` has no column: add it to `table.columns`, or leave `columns` out and it is mapped"
    )]
    NoColumn {
        /// The field.
        field: String,
    },
    /// A declared column that no field fills.
    #[error("column `{column}` takes no field and may not be NULL: name a field, or leave the column out")]
    NoField {
        /// The column.
        column: String,
    },
    /// More digits than Flink's `DECIMAL` has.
    #[error(
        "field `{field}` has type {declared}, and Flink's DECIMAL has at most 38 digits: declare at most 38, or use `engine: native`"
    )]
    WideDecimal {
        /// The field.
        field: String,
        /// Its type.
        declared: FlinkType,
    },
    /// A column that no index takes.
    #[error(
        "column `{column}` of type {kind} cannot be in {index}: declare a VARCHAR or VARBINARY with a length"
    )]
    NotIndexable {
        /// The column.
        column: String,
        /// Its type.
        kind: ColumnType,
        /// Which index: `the primary key`, `the unique constraint` or `the index`.
        index: &'static str,
    },
    /// An index that is longer than the servers allow.
    #[error("{index} over {columns} has up to {bytes} bytes, and an index takes {limit}: shorten its columns", limit = Self::INDEX_BYTES)]
    LongIndex {
        /// Which index.
        index: &'static str,
        /// Its columns, as people read them.
        columns: String,
        /// The most bytes of an entry.
        bytes: u64,
    },
    /// A constraint or an index over a column that is not there.
    #[error("{index} names `{column}`, which is no column of the table")]
    UnknownColumn {
        /// Which index.
        index: &'static str,
        /// The name.
        column: String,
    },
    /// A name that no server takes.
    #[error(transparent)]
    Name(#[from] BadName),
}

impl LayoutError {
    /// An index of `InnoDB` takes so many bytes.
    pub const INDEX_BYTES: u64 = 3_072;
}

/// One thing that is different from what is declared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// A column is not there.
    #[error("column `{column}` is missing")]
    NoColumn {
        /// The column.
        column: String,
    },
    /// A column is of another type.
    #[error("column `{column}` is {found} instead of {wanted}")]
    Type {
        /// The column.
        column: String,
        /// What is declared.
        wanted: String,
        /// What the server says.
        found: String,
    },
    /// A column takes NULL, or does not, against what is declared.
    #[error("column `{column}` {}", if *nullable { "takes NULL, and is declared NOT NULL" } else { "is NOT NULL, and is declared to take NULL" })]
    Nullability {
        /// The column.
        column: String,
        /// Whether it takes NULL.
        nullable: bool,
    },
    /// Texts are kept in another character set.
    #[error("column `{column}` keeps its text in {found} instead of {wanted}")]
    Charset {
        /// The column.
        column: String,
        /// What is declared.
        wanted: String,
        /// What the server says.
        found: String,
    },
    /// No index makes the declared key, or the declared constraint, unique.
    #[error("no unique index has exactly the columns {columns}")]
    NoUnique {
        /// The columns, as people read them.
        columns: String,
    },
    /// An index is not there.
    #[error("no index has exactly the columns {columns}")]
    NoIndex {
        /// The columns, as people read them.
        columns: String,
    },
    /// A check constraint is not there.
    #[error("check constraint `{name}` is missing")]
    NoCheck {
        /// Its name.
        name: String,
    },
    /// A unique index that is not declared: an upsert would replace rows by it, an insert be refused.
    #[error("unique index `{index}` over {columns} is not declared: add it to `constraints`, or drop it")]
    ForeignUnique {
        /// Its name.
        index: String,
        /// Its columns.
        columns: String,
    },
    /// A column that has no default, takes no NULL and gets no value.
    #[error("column `{column}` needs a value, and no field gives one")]
    Unfed {
        /// The column.
        column: String,
    },
}

/// Why there is no table to write to.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TableError {
    /// It cannot be made as declared.
    #[error("table `{table}`: {}", listed(problems))]
    Layout {
        /// The table.
        table: String,
        /// What is wrong, at least one.
        problems: Vec<LayoutError>,
    },
    /// It is there already, and is not ours.
    #[error(
        "table `{table}` is there already, and a run drops only what it made: drop it, choose another `table.name`, or write `create: false`"
    )]
    Exists {
        /// The table.
        table: String,
    },
    /// It is there already, made by another run that is at work or was killed.
    #[error(
        "table `{table}` was made {} s ago by run {run}, which is still at work or was killed: wait, or drop the table", age.as_secs()
    )]
    OfAnotherRun {
        /// The table.
        table: String,
        /// The id of the run.
        run: String,
        /// How old it is.
        age: Duration,
    },
    /// `create: false`, and it is not there.
    #[error("table `{table}` is not there: create it, or write `create: true`")]
    Missing {
        /// The table.
        table: String,
    },
    /// It is not as declared.
    #[error("table `{table}` is not as declared: {}", listed(differences))]
    NotAsDeclared {
        /// The table.
        table: String,
        /// What is different, at least one.
        differences: Vec<Mismatch>,
    },
    /// The database failed.
    #[error(transparent)]
    Mysql(#[from] MysqlError),
}

fn listed<T: ToString>(problems: &[T]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
