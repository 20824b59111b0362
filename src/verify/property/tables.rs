//! Property 24: a table is made as declared, or refused with what is different; what was there stays as it was.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::subsequence;

use super::round_trip::{keyed, words};
use super::trial::{Judged, Trial, judge_sharing, require};
use crate::domain::suite::flink::Engine;
use crate::domain::suite::identifier::Identifier;
use crate::domain::suite::table::{Column, Constraint, ConstraintRule, Index, Table};
use crate::domain::suite::types::{ColumnType, FlinkKind, FlinkType, IntegerSize, RowField, Schema};
use crate::domain::suite::verdict::Verdict;
use crate::verify::generate::strategy;
use crate::verify::mysql::client::Client;
use crate::verify::mysql::error::MysqlError;
use crate::verify::mysql::schema::Run;
use crate::verify::mysql::session::Session;
use crate::verify::table::{Collations, TableError, TableLayout, TargetTable, clean_up, prepare};
use crate::verify::types::column_for;

/// Somebody who makes tables and takes them away.
pub trait SchemaManager {
    /// Makes the table, or takes the one that is there.
    ///
    /// # Errors
    /// [`TableError`]
    fn prepare(
        &self,
        session: &mut Session,
        run: &Run,
        table: &Table,
        schema: &Schema,
    ) -> impl Future<Output = Result<TargetTable, TableError>>;

    /// Takes away what the run has made.
    ///
    /// # Errors
    /// [`MysqlError`]
    fn clean_up(&self, client: &Client, run: &Run) -> impl Future<Output = Result<(), MysqlError>>;
}

/// The real one.
impl SchemaManager for () {
    async fn prepare(
        &self,
        session: &mut Session,
        run: &Run,
        table: &Table,
        schema: &Schema,
    ) -> Result<TargetTable, TableError> {
        prepare(session, run, table, schema, &Engine::Native).await
    }

    async fn clean_up(&self, client: &Client, run: &Run) -> Result<(), MysqlError> {
        clean_up(client, run).await.map(drop)
    }
}

/// What is in the table's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    Nothing,
    /// The declared table, made by somebody else, with a row, and with this done to it.
    Theirs(Option<Wrong>),
}

/// What somebody did to a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    NoColumn,
    OtherType,
    OtherNullability,
    NoKey,
    ForeignUnique,
    Unfed,
}

impl Wrong {
    const ALL: [Self; 6] = [
        Self::NoColumn,
        Self::OtherType,
        Self::OtherNullability,
        Self::NoKey,
        Self::ForeignUnique,
        Self::Unfed,
    ];

    /// What does it, and a part of what must be said of it. The column is the one that every case has.
    fn done(self) -> (&'static str, &'static str) {
        match self {
            Self::NoColumn => ("DROP COLUMN `last`", "column `last` is missing"),
            Self::OtherType => ("MODIFY `last` VARCHAR(9) NULL", "SMALLINT"),
            Self::OtherNullability => ("MODIFY `last` SMALLINT NOT NULL", "column `last` is NOT NULL"),
            Self::NoKey => ("DROP PRIMARY KEY", "no unique index has exactly the columns `id`"),
            Self::ForeignUnique => {
                ("ADD UNIQUE INDEX theirs (`last`)", "unique index `theirs` over last is not declared")
            }
            Self::Unfed => ("ADD COLUMN theirs INT NOT NULL", "column `theirs` needs a value"),
        }
    }
}

#[derive(Debug, Clone)]
struct Declared {
    table: Table,
    schema: Schema,
    before: Before,
}

/// Whether a column can be indexed beside others.
fn indexable(declared: &FlinkType) -> bool {
    let narrow = |column: ColumnType| match column {
        ColumnType::Text { .. } | ColumnType::Blob(_) | ColumnType::Json => false,
        ColumnType::VarChar { length, .. } | ColumnType::VarBinary(length) => length <= 255,
        _ => true,
    };
    column_for(&declared.kind, false).is_ok_and(narrow)
}

fn declared() -> impl Strategy<Value = Declared> {
    let types = vec(strategy::flink_type(), 0..=3);
    let before = prop_oneof![
        2 => Just(Before::Nothing),
        1 => Just(Before::Theirs(None)),
        1 => prop::sample::select(&Wrong::ALL[..]).prop_map(|wrong| Before::Theirs(Some(wrong))),
    ];
    (types, any::<bool>(), any::<bool>(), before).prop_flat_map(|(types, create, mapped, before)| {
        let last = FlinkType { kind: FlinkKind::SmallInt, nullable: true };
        let named =
            types.into_iter().enumerate().map(|(at, value)| RowField { name: format!("f{at}"), value });
        let last = RowField { name: "last".to_owned(), value: last };
        let fields: Vec<RowField> = named.chain([last]).collect();
        let free: Vec<Identifier> = fields
            .iter()
            .filter(|field| field.name != "last" && indexable(&field.value))
            .map(|field| Identifier::near(&field.name))
            .collect();
        let some = || subsequence(free.clone(), 0..=free.len());
        (Just(fields), some(), some(), any::<bool>()).prop_filter_map(
            "a schema",
            move |(fields, unique, index, check)| {
                let columns = |columns: Vec<Identifier>| Some(columns).filter(|columns| !columns.is_empty());
                let unique = columns(unique)
                    .map(|columns| Constraint { name: None, rule: ConstraintRule::Unique(columns) });
                let check = check.then(|| Constraint {
                    name: Some(Identifier::near("positive")),
                    rule: ConstraintRule::Check("id >= 0".to_owned()),
                });
                let index =
                    columns(index).map(|columns| Index { name: Some(Identifier::near("by_some")), columns });
                let table = Table {
                    name: Identifier::near("managed"),
                    create,
                    columns: if mapped { Vec::new() } else { declared_columns(&fields)? },
                    constraints: unique.into_iter().chain(check).collect(),
                    indexes: index.into_iter().collect(),
                };
                Some(Declared { table, schema: keyed(fields).ok()?, before })
            },
        )
    })
}

/// The mapped columns, said by name.
fn declared_columns(fields: &[RowField]) -> Option<Vec<Column>> {
    let column = |field: &RowField| {
        let kind = column_for(&field.value.kind, false).ok()?;
        Some(Column { name: Identifier::near(&field.name), kind, nullable: field.value.nullable })
    };
    let id =
        Column { name: Identifier::near("id"), kind: ColumnType::signed(IntegerSize::Big), nullable: false };
    std::iter::once(Some(id)).chain(fields.iter().map(column)).collect()
}

/// Property 24: for any declared table: where there is none it is made as declared, and gone after the run; where there is one
/// it is taken only with `create: false` and only as declared, and neither it nor its rows are touched. `client` reaches a
/// database that nobody else uses.
pub fn schema_management(manager: &impl SchemaManager, client: &Client, trial: Trial) -> Verdict {
    judge_sharing(
        trial,
        &declared(),
        async || client.connect().await.map_err(words),
        &async |session: &mut Session, declared: Declared| -> Judged {
            session.run("DROP TABLE IF EXISTS `managed`").await.map_err(words)?;
            let before = match declared.before {
                Before::Nothing => None,
                Before::Theirs(wrong) => Some(put(session, &declared, wrong).await?),
            };
            let run = Run::new().map_err(words)?;
            let prepared = manager.prepare(session, &run, &declared.table, &declared.schema).await;
            let counted = judge_prepared(session, &declared, prepared).await?;
            manager.clean_up(client, &run).await.map_err(words)?;
            let after = told(session).await?;
            require(after == before, || {
                format!("there was {before:?} before the run, and afterwards {after:?}")
            })?;
            Ok(counted)
        },
        async |mut session| {
            session.run("DROP TABLE IF EXISTS `managed`").await.map_err(words)?;
            session.close().await.map_err(words)
        },
    )
}

/// Puts somebody else's table in the place, and tells what is there then.
async fn put(session: &mut Session, declared: &Declared, wrong: Option<Wrong>) -> Result<String, String> {
    let layout = TableLayout::new(&declared.table, &declared.schema, &Engine::Native, None);
    let layout = layout.map_err(|problems| format!("{problems:?}"))?;
    let definition = layout.definition(&Collations::ask(session).await.map_err(words)?);
    let mut statements = vec![format!("CREATE TABLE `managed` ({definition})")];
    statements.extend(wrong.map(|wrong| format!("ALTER TABLE `managed` {}", wrong.done().0)));
    for statement in statements {
        session.run(&statement).await.map_err(words)?;
    }
    // A row of whatever the columns take by themselves, if they do.
    drop(session.run("INSERT IGNORE INTO `managed` (id) VALUES (1)").await);
    told(session).await?.ok_or_else(|| "the table of the case is not there".to_owned())
}

/// The table in the server's words, with the checksum of its rows; `None` when it is not there.
async fn told(session: &mut Session) -> Result<Option<String>, String> {
    let there = session.show("SHOW TABLES LIKE 'managed'").await.map_err(words)?;
    if there.is_empty() {
        return Ok(None);
    }
    let table = session.show("SHOW CREATE TABLE `managed`").await.map_err(words)?;
    let rows = session.show("CHECKSUM TABLE `managed` EXTENDED").await.map_err(words)?;
    Ok(Some(format!("{table:?} {rows:?}")))
}

async fn judge_prepared(
    session: &mut Session,
    declared: &Declared,
    prepared: Result<TargetTable, TableError>,
) -> Judged {
    let said = match &prepared {
        Ok(_) => "it was prepared".to_owned(),
        Err(error) => error.to_string(),
    };
    let refused = |wanted: &str| require(prepared.is_err() && said.contains(wanted), || said.clone());
    match (declared.before, declared.table.create) {
        (Before::Nothing, true) => {
            let table = prepared.as_ref().map_err(words)?;
            require(table.is_ours() && table.notes().is_empty(), || format!("{:?}", table.notes()))?;
            require(as_declared(session, declared).await?, || "the table is not as declared".to_owned())?;
            Ok(vec![("tables made", 1)])
        }
        (Before::Nothing, false) => refused("is not there").map(|()| vec![("tables missed", 1)]),
        (Before::Theirs(_), true) => refused("is there already").map(|()| vec![("tables left alone", 1)]),
        // Whether NULL is taken is for the table to say when no column is declared.
        (Before::Theirs(wrong), false) if wrong.is_none_or(|wrong| is_fine(wrong, declared)) => {
            let table = prepared.as_ref().map_err(words)?;
            let rows = session.show("SELECT COUNT(*) FROM `managed`").await.map_err(words)?.concat();
            let told = rows == [table.notes().len().to_string()];
            require(!table.is_ours() && told, || format!("{rows:?} rows, {:?}", table.notes()))?;
            Ok(vec![("tables taken as they are", 1)])
        }
        (Before::Theirs(wrong), false) => {
            let wanted = wrong.map(|wrong| wrong.done().1).unwrap_or_default();
            refused(wanted).map(|()| vec![("tables that are not as declared", 1)])
        }
    }
}

fn is_fine(wrong: Wrong, declared: &Declared) -> bool {
    wrong == Wrong::OtherNullability && declared.table.columns.is_empty()
}

/// Asks the server itself, by other ways than the part under test.
async fn as_declared(session: &mut Session, declared: &Declared) -> Result<bool, String> {
    let ask = "SELECT GROUP_CONCAT(CONCAT(column_name, ' ', is_nullable) ORDER BY ordinal_position), \
               SUM(character_set_name <> 'utf8mb4') FROM information_schema.columns \
               WHERE table_schema = DATABASE() AND table_name = 'managed'";
    let columns = session.show(ask).await.map_err(words)?.concat();
    let wanted: Vec<String> = declared
        .schema
        .fields()
        .iter()
        .map(|field| format!("{} {}", field.name, if field.value.nullable { "YES" } else { "NO" }))
        .collect();
    let text_is_utf8 = columns.get(1).is_none_or(|others| matches!(others.as_str(), "" | "0"));
    let ask = "SELECT GROUP_CONCAT(column_name ORDER BY seq_in_index) FROM information_schema.statistics \
               WHERE table_schema = DATABASE() AND table_name = 'managed' GROUP BY index_name ORDER BY 1";
    let mut indexes = session.show(ask).await.map_err(words)?.concat();
    indexes.sort();
    let mut wanted_indexes = vec!["id".to_owned()];
    let join = |names: &[Identifier]| names.iter().map(Identifier::as_str).collect::<Vec<_>>().join(",");
    for constraint in &declared.table.constraints {
        match &constraint.rule {
            ConstraintRule::Unique(columns) => wanted_indexes.push(join(columns)),
            ConstraintRule::Check(_) => {
                if session.run("INSERT INTO `managed` (id) VALUES (-1)").await.is_ok() {
                    return Ok(false);
                }
            }
        }
    }
    wanted_indexes.extend(declared.table.indexes.iter().map(|index| join(&index.columns)));
    wanted_indexes.sort();
    Ok(columns.first() == Some(&wanted.join(",")) && text_is_utf8 && indexes == wanted_indexes)
}
