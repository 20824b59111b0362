//! The table that the rows of a scenario end in (design.md 3.3, `table`; Property 24).

use super::identifier::Identifier;
use super::types::ColumnType;

/// `table`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name; that of the scenario with `_` for what no table has in its name.
    pub name: Identifier,
    /// Whether the run creates it, and drops what it has created; yes. Otherwise it is there, is checked and stays.
    pub create: bool,
    /// Its columns; empty: mapped from the schema.
    pub columns: Vec<Column>,
    /// What rows must keep to beside their types.
    pub constraints: Vec<Constraint>,
    /// Its indexes beside those of keys.
    pub indexes: Vec<Index>,
}

/// One of `table.columns`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name: that of the field which it takes.
    pub name: Identifier,
    /// Its type in the database.
    pub kind: ColumnType,
    /// Whether NULL may stand in it; yes.
    pub nullable: bool,
}

/// One of `table.constraints`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constraint {
    /// Its name; the server makes one up when there is none.
    pub name: Option<Identifier>,
    /// What it asks for.
    pub rule: ConstraintRule,
}

/// What a constraint asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConstraintRule {
    /// `unique`: no two rows have the same values in these columns, of which there is at least one.
    Unique(Vec<Identifier>),
    /// `check`: an SQL condition, as the server understands it.
    Check(String),
}

/// One of `table.indexes`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Its name; the server makes one up when there is none.
    pub name: Option<Identifier>,
    /// Its columns, at least one.
    pub columns: Vec<Identifier>,
}
