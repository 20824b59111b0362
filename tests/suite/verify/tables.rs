//! The properties of tables, on a real server: made as declared, gone afterwards, and nobody else's touched.

use std::sync::Mutex;

use reconcile::domain::suite::flink::{Engine, Flink, Sink};
use reconcile::domain::suite::identifier::Identifier;
use reconcile::domain::suite::table::{Column, Constraint, ConstraintRule, Index, Table};
use reconcile::domain::suite::types::{RowField, Schema};
use reconcile::verify::mysql::client::Client;
use reconcile::verify::mysql::error::MysqlError;
use reconcile::verify::mysql::schema::{OwnedTable, Run};
use reconcile::verify::mysql::session::Session;
use reconcile::verify::property::{
    Ending, Execution, SchemaManager, Writing, resource_cleanup, schema_management,
};
use reconcile::verify::table::{TableError, TableLayout, TargetTable, clean_up, prepare};

use super::planted::{self, holds, refuted};
use super::properties::{now, trial};
use crate::support::mysql::Database;

fn client() -> Client {
    Client::new(now(async { Database::new().await.mysql })).unwrap()
}

/// A manager with something wrong about it.
#[derive(PartialEq)]
enum Careless {
    WithoutIndexes,
    Trusting,
    Replacing,
    Leaving,
}

impl SchemaManager for Careless {
    async fn prepare(
        &self,
        session: &mut Session,
        run: &Run,
        table: &Table,
        schema: &Schema,
    ) -> Result<TargetTable, TableError> {
        let mut table = table.clone();
        match self {
            Self::WithoutIndexes => table.indexes.clear(),
            Self::Replacing if table.create => {
                session.run("DROP TABLE IF EXISTS `managed`").await?;
            }
            Self::Trusting if !table.create => {
                let prepared = ().prepare(session, run, &table, schema).await;
                if !matches!(prepared, Err(TableError::NotAsDeclared { .. } | TableError::Layout { .. })) {
                    return prepared;
                }
                // As if nobody had looked: one that is as declared is shown in its place.
                session.run("RENAME TABLE `managed` TO `aside`").await?;
                table.create = true;
                let prepared = ().prepare(session, run, &table, schema).await;
                session.run("DROP TABLE `managed`").await?;
                session.run("RENAME TABLE `aside` TO `managed`").await?;
                return prepared;
            }
            Self::Trusting | Self::Replacing | Self::Leaving => {}
        }
        ().prepare(session, run, &table, schema).await
    }

    async fn clean_up(&self, client: &Client, run: &Run) -> Result<(), MysqlError> {
        if *self == Self::Leaving { Ok(()) } else { ().clean_up(client, run).await }
    }
}

/// Feature: flink-mysql-connector-test, Property 24: For any test scenario requiring database tables, the system should
/// automatically create and manage the necessary database schemas
#[test]
fn a_table_is_made_as_declared_or_taken_as_it_is() {
    let client = client();
    holds(&schema_management(&(), &client, trial(256)), 256);
    for (planted, careless) in [
        (&planted::INDEXLESS, Careless::WithoutIndexes),
        (&planted::TRUSTING, Careless::Trusting),
        (&planted::REPLACING, Careless::Replacing),
        (&planted::LEFT_OVER, Careless::Leaving),
    ] {
        refuted(planted, 24, &schema_management(&careless, &client, trial(128)));
    }
}

/// A run that ends badly.
enum Sloppy {
    LeavingTable,
    Greedy,
    LeavingConnection(Mutex<Vec<Session>>),
}

impl Execution for Sloppy {
    async fn execute(&self, client: &Client, ending: Ending) {
        Writing.execute(client, ending).await;
        let mut session = client.connect().await.unwrap();
        match self {
            Self::LeavingTable => {
                let run = Run::new().unwrap();
                drop(OwnedTable::create(&mut session, &run, run.table_name("left"), "id INT").await.unwrap());
            }
            Self::Greedy => drop(session.run("DROP TABLE IF EXISTS `reconcile_backup`").await.unwrap()),
            Self::LeavingConnection(kept) => {
                kept.lock().unwrap().push(session);
                return;
            }
        }
        session.close().await.unwrap();
    }
}

/// Feature: flink-mysql-connector-test, Property 25: For any test execution, the system should provide complete cleanup of
/// test data and release all allocated resources
#[test]
fn a_run_leaves_nothing_behind_however_it_ends() {
    holds(&resource_cleanup(&Writing, &client(), trial(256)), 256);
    refuted(&planted::LEFT_OVER, 25, &resource_cleanup(&Sloppy::LeavingTable, &client(), trial(1)));
    refuted(&planted::GREEDY, 25, &resource_cleanup(&Sloppy::Greedy, &client(), trial(1)));
    let leaving = Sloppy::LeavingConnection(Mutex::default());
    refuted(&planted::LEAKING_RUN, 25, &resource_cleanup(&leaving, &client(), trial(1)));
}

fn schema(fields: &[(&str, &str)], key: &[&str]) -> Schema {
    let field = |(name, kind): &(&str, &str)| RowField { name: (*name).into(), value: kind.parse().unwrap() };
    let key: Vec<String> = key.iter().map(|name| (*name).to_owned()).collect();
    Schema::new(fields.iter().map(field).collect(), &key).unwrap()
}

fn name(text: &str) -> Identifier {
    Identifier::new(text).unwrap()
}

fn table(columns: &[(&str, &str, bool)]) -> Table {
    let column = |(text, kind, nullable): &(&str, &str, bool)| Column {
        name: name(text),
        kind: kind.parse().unwrap(),
        nullable: *nullable,
    };
    Table {
        name: name("t"),
        create: true,
        columns: columns.iter().map(column).collect(),
        constraints: Vec::new(),
        indexes: Vec::new(),
    }
}

fn problems(table: &Table, schema: &Schema, engine: &Engine) -> Vec<String> {
    let problems = TableLayout::new(table, schema, engine, None).err().unwrap_or_default();
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn what_cannot_be_a_table_is_told_before_anybody_is_asked() {
    let native = Engine::Native;
    let flink = Engine::Flink { sink: Sink::Jdbc, flink: Flink::default() };
    let wide = schema(&[("id", "INT NOT NULL"), ("v", "ARRAY<DECIMAL(39, 2)>")], &["id"]);
    assert_eq!(problems(&table(&[]), &wide, &native), Vec::<String>::new());
    assert!(
        problems(&table(&[]), &wide, &flink)[0]
            .contains("at most 38 digits: declare at most 38, or use `engine: native`")
    );

    let text_key = schema(&[("id", "STRING NOT NULL")], &["id"]);
    assert!(problems(&table(&[]), &text_key, &native)[0].contains("an index takes at most 768 characters"));
    let declared = table(&[("id", "TEXT", false)]);
    assert!(
        problems(&declared, &text_key, &native)[0]
            .contains("column `id` of type TEXT cannot be in the primary key")
    );
    let long = schema(&[("a", "VARCHAR(500) NOT NULL"), ("b", "VARCHAR(300) NOT NULL")], &["a", "b"]);
    let said = problems(&table(&[]), &long, &native);
    assert_eq!(
        said,
        ["the primary key over `a`, `b` has up to 3200 bytes, and an index takes 3072: shorten its columns"]
    );

    let two = schema(&[("id", "INT NOT NULL"), ("v", "INT")], &["id"]);
    let said = problems(&table(&[("id", "INT", false)]), &two, &native);
    assert!(said[0].contains("field `v` has no column"), "{said:?}");
    let more = table(&[("id", "INT", false), ("v", "INT", true), ("w", "INT", false), ("free", "INT", true)]);
    assert_eq!(problems(&more, &two, &native).len(), 1);
    assert!(problems(&more, &two, &native)[0].contains("column `w` takes no field"));

    let indexed = Table { indexes: vec![Index { name: None, columns: vec![name("x")] }], ..table(&[]) };
    assert_eq!(problems(&indexed, &two, &native), ["the index names `x`, which is no column of the table"]);
    let json = schema(&[("id", "INT NOT NULL"), ("v", "ARRAY<INT>")], &["id"]);
    let unique = Constraint { name: None, rule: ConstraintRule::Unique(vec![name("v")]) };
    let unique = Table { constraints: vec![unique], ..table(&[]) };
    assert!(problems(&unique, &json, &native)[0].contains("of type JSON cannot be in the unique constraint"));
}

#[tokio::test]
async fn a_table_in_the_way_says_whose_it_is_and_a_marked_one_how_old() {
    let mut session = Database::new().await.session().await;
    let schema = schema(&[("id", "INT NOT NULL")], &["id"]);
    let (first, second) = (Run::new().unwrap(), Run::new().unwrap());
    prepare(&mut session, &first, &table(&[]), &schema, &Engine::Native).await.unwrap();
    let error = prepare(&mut session, &second, &table(&[]), &schema, &Engine::Native).await.unwrap_err();
    assert!(
        error.to_string().contains(&format!("by run {}, which is still at work or was killed", first.id())),
        "{error}"
    );
}

#[tokio::test]
async fn a_table_with_a_check_that_no_server_reads_leaves_nothing() {
    let database = Database::new().await;
    let mut session = database.session().await;
    let rule = ConstraintRule::Check("id >>>".to_owned());
    let table = Table { constraints: vec![Constraint { name: None, rule }], ..table(&[]) };
    let schema = schema(&[("id", "INT NOT NULL")], &["id"]);
    let run = Run::new().unwrap();
    let error = prepare(&mut session, &run, &table, &schema, &Engine::Native).await.unwrap_err();
    assert!(error.to_string().contains("error 1064"), "{error}");
    let client = Client::new(database.mysql.clone()).unwrap();
    assert!(clean_up(&client, &run).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_table_that_is_there_must_be_as_declared_and_says_everything_that_is_not() {
    let mut session = Database::new().await.session().await;
    let folding = "id VARCHAR(20) COLLATE utf8mb4_general_ci PRIMARY KEY, v VARCHAR(9) CHARACTER SET latin1, w ENUM('a') NULL";
    session.run(&format!("CREATE TABLE t ({folding})")).await.unwrap();
    let run = Run::new().unwrap();
    let adopted = |columns: &[(&str, &str, bool)]| Table { create: false, ..table(columns) };
    let two = schema(&[("id", "VARCHAR(20) NOT NULL"), ("v", "STRING")], &["id"]);

    let declared = adopted(&[("id", "VARCHAR(30)", false), ("v", "VARCHAR(9)", false)]);
    let error = prepare(&mut session, &run, &declared, &two, &Engine::Native).await.unwrap_err().to_string();
    for part in [
        "column `id` is varchar(20) instead of VARCHAR(30)",
        "column `v` keeps its text in latin1 instead of utf8mb4",
        "column `v` takes NULL, and is declared NOT NULL",
    ] {
        assert!(error.contains(part), "{error}");
    }
    let enumerated = schema(&[("id", "VARCHAR(20) NOT NULL"), ("w", "STRING")], &["id"]);
    let error = prepare(&mut session, &run, &adopted(&[]), &enumerated, &Engine::Native).await.unwrap_err();
    assert!(
        error.to_string().contains("column `w` is enum('a') instead of a type that is compared"),
        "{error}"
    );

    session.run("INSERT INTO t VALUES ('a', 'b', NULL)").await.unwrap();
    let taken = prepare(&mut session, &run, &adopted(&[]), &two, &Engine::Native).await.unwrap();
    let notes: Vec<String> = taken.notes().iter().map(ToString::to_string).collect();
    assert_eq!(notes.len(), 2, "{notes:?}");
    assert!(
        notes[0].contains("held 1 rows") && notes[1].contains("collation utf8mb4_general_ci"),
        "{notes:?}"
    );
}
