//! One column of a table: what it takes in an index, and how it is written in `CREATE TABLE`.

use super::collation::Collations;
use crate::domain::suite::types::{Charset, ColumnType};
use crate::verify::mysql::identifier::Name;
use crate::verify::types::MappedColumn;

/// The character set of texts that declare none.
pub(super) const CHARSET: &str = "utf8mb4";

/// A column that takes a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableColumn {
    pub(super) name: Name,
    pub(super) mapped: MappedColumn,
    pub(super) nullable: bool,
}

impl TableColumn {
    /// Its name.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// The field and how its values travel.
    pub fn mapped(&self) -> &MappedColumn {
        &self.mapped
    }

    /// Its type.
    pub fn kind(&self) -> &ColumnType {
        self.mapped.codec().column()
    }

    /// Whether it takes NULL.
    pub fn is_nullable(&self) -> bool {
        self.nullable
    }

    /// As `CREATE TABLE` wants it.
    pub(super) fn definition(&self, collations: &Collations) -> String {
        let mut text = format!("{} {}", self.name, self.kind());
        if let Some(collation) = charset(self.kind()).and_then(|charset| collations.exact(charset)) {
            text.push_str(&format!(" COLLATE {collation}"));
        }
        // NULL is said as well: without it, servers give a TIMESTAMP column a default and an update of its own.
        text.push_str(if self.nullable { " NULL" } else { " NOT NULL" });
        if matches!(self.kind(), ColumnType::Timestamp(_)) && !self.nullable {
            text.push_str(" DEFAULT '1970-01-02 00:00:00'");
        }
        text
    }
}

/// The character set in which a column keeps its text; `None` when it holds none, or the server decides (JSON).
pub(super) fn charset(kind: &ColumnType) -> Option<&str> {
    match kind {
        ColumnType::Char { charset, .. }
        | ColumnType::VarChar { charset, .. }
        | ColumnType::Text { charset, .. } => Some(charset.as_ref().map_or(CHARSET, Charset::as_str)),
        _ => None,
    }
}

/// The most bytes of a column in an index; `None` when an index does not take it whole.
pub(super) fn index_bytes(kind: &ColumnType) -> Option<u64> {
    let wide = match charset(kind) {
        Some("latin1" | "ascii") => 1,
        Some("utf8" | "utf8mb3") => 3,
        _ => 4,
    };
    match kind {
        ColumnType::Text { .. } | ColumnType::Blob(_) | ColumnType::Json => None,
        ColumnType::Char { length, .. } => Some(u64::from(*length) * wide),
        ColumnType::VarChar { length, .. } => Some(u64::from(*length) * wide),
        ColumnType::Binary(length) => Some(u64::from(*length)),
        ColumnType::VarBinary(length) => Some(u64::from(*length)),
        // 65 digits take 30 bytes.
        ColumnType::Decimal { .. } => Some(30),
        _ => Some(8),
    }
}
