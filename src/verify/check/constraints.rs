//! Whether the rows of a table keep to what is declared about it, asked of the server.

use crate::verify::mysql::error::MysqlError;
use crate::verify::mysql::identifier::Name;
use crate::verify::mysql::session::Session;
use crate::verify::table::{LiveTable, Mismatch, TargetTable};

/// What rows, or the table itself, break.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// The table is not as declared any more.
    #[error("{0}")]
    Table(Mismatch),
    /// The table is gone.
    #[error("the table is gone")]
    Gone,
    /// NULL in a field that says NOT NULL.
    #[error("{rows} rows have NULL in `{field}`, which is NOT NULL")]
    Null {
        /// The field.
        field: String,
        /// How many rows.
        rows: u64,
    },
    /// Rows with one key.
    #[error("{rows} rows have the key of another row")]
    Key {
        /// How many rows too many.
        rows: u64,
    },
}

/// Everything in which the table and its rows break what is declared: keys, unique constraints, indexes, checks, NOT NULL.
///
/// # Errors
/// [`MysqlError`]
pub async fn violations(session: &mut Session, table: &TargetTable) -> Result<Vec<Violation>, MysqlError> {
    let Some(live) = LiveTable::read(session, table.name()).await? else { return Ok(vec![Violation::Gone]) };
    let differences = live.differences(table.layout(), table.is_ours());
    let mut found: Vec<Violation> = differences.into_iter().map(Violation::Table).collect();
    let required = table.columns().iter().filter(|column| !column.mapped().codec().declared().nullable);
    for column in required {
        let ask = format!("SELECT COUNT(*) FROM {} WHERE {} IS NULL", table.name(), column.name());
        let rows = count(session, &ask).await?;
        if rows > 0 {
            found.push(Violation::Null { field: column.mapped().name().to_owned(), rows });
        }
    }
    // A unique index over the key keeps it; without one it is counted.
    let has_index =
        !found.iter().any(|violation| matches!(violation, Violation::Table(Mismatch::NoUnique { .. })));
    if !table.key().is_empty() && !has_index {
        let key: Vec<String> = table
            .key()
            .iter()
            .filter_map(|place| table.columns().get(*place))
            .map(|column| Name::to_string(column.name()))
            .collect();
        let key = key.join(", ");
        let ask = format!("SELECT COUNT(*) - COUNT(DISTINCT {key}) FROM {}", table.name());
        let rows = count(session, &ask).await?;
        if rows > 0 {
            found.push(Violation::Key { rows });
        }
    }
    Ok(found)
}

async fn count(session: &mut Session, ask: &str) -> Result<u64, MysqlError> {
    let said = session.show(ask).await?;
    Ok(said.iter().flatten().find_map(|text| text.parse().ok()).unwrap_or_default())
}
