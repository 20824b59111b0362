//! Tables that a run makes for itself (Properties 24, 25).
//!
//! Promises: a table is made only where there is none; only what a run made is dropped. Each table carries a mark in its
//! comment: the run, the table's own name (a copy by `CREATE TABLE … LIKE` carries the mark of the original, and is nobody's)
//! and the time. Names that the program chooses begin with [`PREFIX`].

use std::time::Duration;

use super::error::MysqlError;
use super::identifier::Name;
use super::session::Session;
use crate::platform::{entropy, time};

/// How the tables of all runs are named.
pub const PREFIX: &str = "reconcile_";

/// One run of the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// 32 hexadecimal digits.
    id: String,
}

impl Run {
    /// A new one.
    ///
    /// # Errors
    /// The operating system has no randomness to give.
    pub fn new() -> std::io::Result<Self> {
        Ok(Self { id: entropy::hex_128()? })
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The name of a table of this run: `reconcile_1f3a5c7e_orders`. What does not fit into 64 characters is cut off.
    pub fn table_name(&self, purpose: &str) -> Name {
        let short = self.id.get(..8).unwrap_or(&self.id);
        let whole: String = format!("{PREFIX}{short}_{purpose}")
            .chars()
            .filter(|c| *c != '\0' && c.len_utf8() <= 3)
            .collect();
        let cut: String = whole.chars().take(Name::LONGEST).collect();
        match Name::new(cut.trim_end_matches(' ')) {
            Ok(name) => name,
            Err(_) => unreachable!("it begins with the prefix, and what is forbidden was left out"),
        }
    }

    fn mark(&self, table: &Name) -> String {
        // The comment of a table takes 2,048 characters.
        format!("reconcile run {} of {} since {}", self.id, table.as_str(), time::timestamp_ms())
    }
}

/// A table that a run has made. It is dropped through this value, or later as a left-over.
#[derive(Debug)]
pub struct OwnedTable {
    name: Name,
    run: Run,
}

impl OwnedTable {
    /// Makes it. `definition` is what stands between the brackets of `CREATE TABLE`: columns, keys, constraints.
    ///
    /// # Errors
    /// [`MysqlError`]; when there is a table of this name, it is left as it is.
    pub async fn create(
        session: &mut Session,
        run: &Run,
        name: Name,
        definition: &str,
    ) -> Result<Self, MysqlError> {
        let mark = quoted(&run.mark(&name));
        let create = format!(
            "CREATE TABLE {name} ({definition}) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT={mark}"
        );
        session.run(&create).await?;
        Ok(Self { name, run: run.clone() })
    }

    /// Its name.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// Drops it, if it is still the table that the run has made. A table that is not there any more is dropped.
    ///
    /// # Errors
    /// [`MysqlError`]
    pub async fn drop_table(self, session: &mut Session) -> Result<(), MysqlError> {
        let found = marked_tables(session).await?;
        let ours = found.iter().any(|table| table.name == self.name && table.run == self.run.id);
        if ours { drop_by_name(session, &self.name).await } else { Ok(()) }
    }
}

/// A table with the mark of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkedTable {
    /// Its name.
    pub name: Name,
    /// The id of the run.
    pub run: String,
    /// How old it is.
    pub age: Duration,
}

/// The tables of this database that runs have made and not dropped.
///
/// # Errors
/// [`MysqlError`]
pub async fn marked_tables(session: &mut Session) -> Result<Vec<MarkedTable>, MysqlError> {
    let ask = "SELECT table_name, table_comment FROM information_schema.tables \
               WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' \
               AND table_comment LIKE 'reconcile run %' ORDER BY table_name";
    let rows = session.show(ask).await?;
    Ok(rows.iter().filter_map(|row| marked(row)).collect())
}

/// Drops the tables of runs that ended without cleaning up: those that are at least so old. Returns what was dropped.
///
/// # Errors
/// [`MysqlError`]; what was dropped before it stays dropped.
pub async fn drop_left_over(session: &mut Session, age: Duration) -> Result<Vec<MarkedTable>, MysqlError> {
    let mut dropped = Vec::new();
    for table in marked_tables(session).await?.into_iter().filter(|table| table.age >= age) {
        drop_by_name(session, &table.name).await?;
        dropped.push(table);
    }
    Ok(dropped)
}

/// Drops the tables that this run has made and that are still there. Returns their names.
///
/// # Errors
/// [`MysqlError`]; what was dropped before it stays dropped.
pub async fn drop_tables_of(session: &mut Session, run: &Run) -> Result<Vec<Name>, MysqlError> {
    let mut dropped = Vec::new();
    for table in marked_tables(session).await?.into_iter().filter(|table| table.run == run.id) {
        drop_by_name(session, &table.name).await?;
        dropped.push(table.name);
    }
    Ok(dropped)
}

async fn drop_by_name(session: &mut Session, name: &Name) -> Result<(), MysqlError> {
    session.run(&format!("DROP TABLE IF EXISTS {name}")).await?;
    Ok(())
}

fn marked(row: &[String]) -> Option<MarkedTable> {
    let (name, comment) = (row.first()?, row.get(1)?);
    let (run, rest) = comment.strip_prefix("reconcile run ")?.split_once(" of ")?;
    let (of, since) = rest.rsplit_once(" since ")?;
    // The mark of a copy names the original; a clock that is ahead makes a table new, not old.
    let is_ours = of == *name && run.len() == 32 && run.bytes().all(|byte| byte.is_ascii_hexdigit());
    let age = time::age(since).unwrap_or_default();
    is_ours.then_some(MarkedTable { name: Name::new(name).ok()?, run: run.to_owned(), age })
}

/// A text in SQL. The session does not change what a backslash means, so both are doubled.
pub(in crate::verify) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, comment: &str) -> Vec<String> {
        vec![name.to_owned(), comment.to_owned()]
    }

    #[test]
    fn the_mark_of_a_table_is_read_back_and_a_copy_has_none() {
        let run = Run::new().unwrap();
        for purpose in ["orders", "o'r of \\ since d"] {
            let name = run.table_name(purpose);
            let mark = run.mark(&name);
            let found = marked(&row(name.as_str(), &mark)).unwrap();
            assert_eq!((found.name, found.run.as_str()), (name, run.id()));
            assert_eq!(marked(&row("backup", &mark)), None);
        }
        for comment in ["", "reconcile run x of t since now", "orders of the year", "reconcile run "] {
            assert_eq!(marked(&row("t", comment)), None);
        }
    }

    #[test]
    fn a_name_of_a_run_is_a_name_whatever_it_is_for() {
        let run = Run::new().unwrap();
        assert!(run.table_name("orders").as_str().starts_with(PREFIX));
        for purpose in ["", "x".repeat(200).as_str(), "😀\0 ", "größe"] {
            assert!(Name::new(run.table_name(purpose).as_str()).is_ok());
        }
    }

    #[test]
    fn a_text_in_sql_ends_where_it_should() {
        assert_eq!(quoted("a'b\\"), "'a''b\\\\'");
    }
}
