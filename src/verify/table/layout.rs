//! What a scenario's table looks like: from its schema and its `table` block (design.md 3.3).

use super::collation::Collations;
use super::column::{TableColumn, index_bytes};
use super::error::LayoutError;
use super::live::LiveTable;
use crate::domain::suite::flink::Engine;
use crate::domain::suite::identifier::Identifier;
use crate::domain::suite::table::{ConstraintRule, Table};
use crate::domain::suite::types::{ColumnType, FlinkKind, FlinkType, RowField, Schema};
use crate::verify::mysql::identifier::Name;
use crate::verify::types::MappedColumn;

/// The most digits of Flink's `DECIMAL`.
const FLINK_DIGITS: u8 = 38;

/// A table as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableLayout {
    pub(super) name: Name,
    pub(super) columns: Vec<TableColumn>,
    /// Places of the key's columns, in the key's order.
    pub(super) key: Vec<usize>,
    /// Declared columns that take no field; they are NULL.
    pub(super) unfed: Vec<(Name, ColumnType)>,
    pub(super) uniques: Vec<(Option<Name>, Vec<Name>)>,
    pub(super) checks: Vec<(Option<Name>, String)>,
    pub(super) indexes: Vec<(Option<Name>, Vec<Name>)>,
}

impl TableLayout {
    /// The table of rows of this schema: columns in the order of the fields (Property 7), declared or mapped. `live` is the
    /// table that is adopted: what is not declared is taken from it.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn new(
        table: &Table,
        schema: &Schema,
        engine: &Engine,
        live: Option<&LiveTable>,
    ) -> Result<Self, Vec<LayoutError>> {
        let mut problems = Vec::new();
        let mut columns = Vec::new();
        for (place, field) in schema.fields().iter().enumerate() {
            if let (Engine::Flink { .. }, true) = (engine, is_wide(&field.value)) {
                let declared = field.value.clone();
                problems.push(LayoutError::WideDecimal { field: field.name.clone(), declared });
            }
            match column(table, field, schema.key().contains(&place), live) {
                Ok(column) => columns.push(column),
                Err(problem) => problems.push(problem),
            }
        }
        let mut layout = Self {
            name: Name::new(table.name.as_str()).map_err(|bad| vec![LayoutError::Name(bad)])?,
            columns,
            key: schema.key().to_vec(),
            unfed: Vec::new(),
            uniques: Vec::new(),
            checks: Vec::new(),
            indexes: Vec::new(),
        };
        layout.declare(table, schema, &mut problems);
        // What refers to columns is judged when they are all there.
        if problems.is_empty() {
            layout.judge_indexes(&mut problems);
        }
        if problems.is_empty() { Ok(layout) } else { Err(problems) }
    }

    fn declare(&mut self, table: &Table, schema: &Schema, problems: &mut Vec<LayoutError>) {
        let unfed = table.columns.iter().filter(|column| field_of(schema, &column.name).is_none());
        for column in unfed {
            match Name::new(column.name.as_str()) {
                Ok(name) if column.nullable => self.unfed.push((name, column.kind.clone())),
                Ok(name) => problems.push(LayoutError::NoField { column: name.as_str().to_owned() }),
                Err(bad) => problems.push(bad.into()),
            }
        }
        let mut named = |name: &Option<Identifier>, columns: &[Identifier]| {
            let names: Result<Vec<Name>, _> =
                name.iter().chain(columns).map(|name| Name::new(name.as_str())).collect();
            match names {
                Ok(mut names) => {
                    let columns = names.split_off(usize::from(name.is_some()));
                    Some((names.pop(), columns))
                }
                Err(bad) => {
                    problems.push(bad.into());
                    None
                }
            }
        };
        for constraint in &table.constraints {
            match &constraint.rule {
                ConstraintRule::Unique(columns) => self.uniques.extend(named(&constraint.name, columns)),
                ConstraintRule::Check(condition) => {
                    let name = named(&constraint.name, &[]).and_then(|(name, _)| name);
                    self.checks.push((name, condition.clone()));
                }
            }
        }
        self.indexes.extend(table.indexes.iter().filter_map(|index| named(&index.name, &index.columns)));
    }

    fn judge_indexes(&self, problems: &mut Vec<LayoutError>) {
        let key: Vec<Name> = self.key_names().cloned().collect();
        let all = std::iter::once(("the primary key", &key))
            .chain(self.uniques.iter().map(|(_, columns)| ("the unique constraint", columns)))
            .chain(self.indexes.iter().map(|(_, columns)| ("the index", columns)));
        for (index, names) in all {
            let mut bytes = 0;
            for name in names {
                let column = name.as_str().to_owned();
                match self.kind_of(name) {
                    None => problems.push(LayoutError::UnknownColumn { index, column }),
                    Some(kind) => match index_bytes(kind) {
                        None => {
                            problems.push(LayoutError::NotIndexable { column, kind: kind.clone(), index });
                        }
                        Some(more) => bytes += more,
                    },
                }
            }
            if bytes > LayoutError::INDEX_BYTES {
                problems.push(LayoutError::LongIndex { index, columns: listed(names), bytes });
            }
        }
    }

    fn kind_of(&self, name: &Name) -> Option<&ColumnType> {
        let same = |other: &Name| other.as_str().eq_ignore_ascii_case(name.as_str());
        let fed = self.columns.iter().find(|column| same(&column.name)).map(TableColumn::kind);
        fed.or_else(|| self.unfed.iter().find(|(other, _)| same(other)).map(|(_, kind)| kind))
    }

    /// Its name.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// The columns that take the fields, in the order of the fields.
    pub fn columns(&self) -> &[TableColumn] {
        &self.columns
    }

    /// The places of the key's columns, in the key's order; empty without a key.
    pub fn key(&self) -> &[usize] {
        &self.key
    }

    pub(super) fn key_names(&self) -> impl Iterator<Item = &Name> {
        self.key.iter().filter_map(|place| self.columns.get(*place)).map(|column| &column.name)
    }

    /// What stands between the brackets of `CREATE TABLE`.
    pub fn definition(&self, collations: &Collations) -> String {
        let mut parts: Vec<String> =
            self.columns.iter().map(|column| column.definition(collations)).collect();
        parts.extend(self.unfed.iter().map(|(name, kind)| format!("{name} {kind} NULL")));
        if !self.key.is_empty() {
            parts.push(format!("PRIMARY KEY ({})", joined(self.key_names())));
        }
        let named = |name: &Option<Name>| name.as_ref().map(|name| format!("{name} ")).unwrap_or_default();
        for (name, columns) in &self.uniques {
            parts.push(format!("UNIQUE INDEX {}({})", named(name), joined(columns.iter())));
        }
        for (name, condition) in &self.checks {
            let name = name.as_ref().map(|name| format!("CONSTRAINT {name} ")).unwrap_or_default();
            parts.push(format!("{name}CHECK ({condition})"));
        }
        for (name, columns) in &self.indexes {
            parts.push(format!("INDEX {}({})", named(name), joined(columns.iter())));
        }
        parts.join(", ")
    }
}

/// The field that a column takes. Columns do not tell upper from lower case.
fn field_of<'a>(schema: &'a Schema, name: &Identifier) -> Option<&'a RowField> {
    schema.fields().iter().find(|field| field.name.eq_ignore_ascii_case(name.as_str()))
}

fn column(
    table: &Table,
    field: &RowField,
    in_key: bool,
    live: Option<&LiveTable>,
) -> Result<TableColumn, LayoutError> {
    let declared = table.columns.iter().find(|column| column.name.as_str().eq_ignore_ascii_case(&field.name));
    let found = live.and_then(|live| live.column(&field.name));
    let (kind, may_be_null) = match (declared, found) {
        (Some(declared), _) => (Some(&declared.kind), declared.nullable),
        (None, _) if !table.columns.is_empty() => {
            return Err(LayoutError::NoColumn { field: field.name.clone() });
        }
        (None, Some(found)) => (found.kind.as_ref(), found.nullable),
        (None, None) => (None, field.value.nullable),
    };
    let mapped =
        MappedColumn::new(field, in_key, kind).map_err(|refusal| LayoutError::Field(Box::new(refusal)))?;
    Ok(TableColumn { name: Name::new(&field.name)?, mapped, nullable: may_be_null && !in_key })
}

fn is_wide(declared: &FlinkType) -> bool {
    match &declared.kind {
        FlinkKind::Decimal { precision, .. } => *precision > FLINK_DIGITS,
        FlinkKind::Array(element) => is_wide(element),
        FlinkKind::Map(key, value) => is_wide(key) || is_wide(value),
        FlinkKind::Row(fields) => fields.iter().any(|field| is_wide(&field.value)),
        _ => false,
    }
}

fn joined<'a>(names: impl Iterator<Item = &'a Name>) -> String {
    names.map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Names as people read them.
pub(super) fn listed(names: &[Name]) -> String {
    joined(names.iter())
}
