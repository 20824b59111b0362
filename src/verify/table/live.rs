//! A table as the server describes it.

use super::column::{CHARSET, charset};
use super::error::Mismatch;
use super::layout::{TableLayout, listed};
use crate::domain::suite::types::{BlobSize, Charset, ColumnType};
use crate::verify::mysql::error::MysqlError;
use crate::verify::mysql::facts::Flavour;
use crate::verify::mysql::identifier::Name;
use crate::verify::mysql::schema::quoted;
use crate::verify::mysql::session::Session;

/// A column of a table that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveColumn {
    /// Its name.
    pub name: String,
    /// Its type as the server writes it.
    pub written: String,
    /// Its type; `None` when it is one that we do not compare.
    pub kind: Option<ColumnType>,
    /// Whether it takes NULL.
    pub nullable: bool,
    /// The collation of its texts; empty without.
    pub collation: String,
    /// Whether the server gives it a value when nobody does.
    pub fills_itself: bool,
}

/// An index of a table that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveIndex {
    /// Its name; `PRIMARY` is the primary key.
    pub name: String,
    /// Whether it keeps rows apart.
    pub unique: bool,
    /// Its columns in their order; one of which it takes only the beginning has `(n)` behind its name.
    pub columns: Vec<String>,
}

/// A table that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveTable {
    /// Its columns in their order.
    pub columns: Vec<LiveColumn>,
    /// Its indexes, by name.
    pub indexes: Vec<LiveIndex>,
    /// The names of its check constraints, those of JSON columns left out.
    pub checks: Vec<String>,
}

impl LiveTable {
    /// What the server says of a table; `None` when it is not there.
    ///
    /// # Errors
    /// [`MysqlError`]
    pub async fn read(session: &mut Session, name: &Name) -> Result<Option<Self>, MysqlError> {
        let of = format!("table_schema = DATABASE() AND table_name = {}", quoted(name.as_str()));
        let ask = format!(
            "SELECT column_name, column_type, is_nullable, IFNULL(character_set_name, ''), \
             IFNULL(collation_name, ''), column_default IS NOT NULL OR extra <> '', table_name \
             FROM information_schema.columns WHERE {of} ORDER BY ordinal_position"
        );
        let rows = session.show(&ask).await?;
        if rows.is_empty() {
            return Ok(None);
        }
        let checks = match session.facts().flavour {
            Flavour::Mariadb => format!(
                "SELECT constraint_name, check_clause FROM information_schema.check_constraints \
                 WHERE constraint_schema = DATABASE() AND table_name = {}",
                quoted(name.as_str())
            ),
            Flavour::Mysql => format!(
                "SELECT c.constraint_name, c.check_clause FROM information_schema.check_constraints c \
                 JOIN information_schema.table_constraints t USING (constraint_schema, constraint_name) WHERE t.{of}"
            ),
        };
        let checks = session.show(&checks).await?;
        let columns: Vec<LiveColumn> = rows.iter().filter_map(|row| column(row, name, &checks)).collect();
        if columns.is_empty() {
            return Ok(None);
        }
        let ask = format!(
            "SELECT index_name, non_unique, column_name, IFNULL(sub_part, '') \
             FROM information_schema.statistics WHERE {of} ORDER BY index_name, seq_in_index"
        );
        let mut indexes: Vec<LiveIndex> = Vec::new();
        for row in session.show(&ask).await? {
            let [index, non_unique, column, part] = row.as_slice() else { continue };
            let column = if part.is_empty() { column.clone() } else { format!("{column}({part})") };
            match indexes.last_mut().filter(|last| last.name == *index) {
                Some(last) => last.columns.push(column),
                None => indexes.push(LiveIndex {
                    name: index.clone(),
                    unique: non_unique == "0",
                    columns: vec![column],
                }),
            }
        }
        let own = checks.into_iter().filter(|check| json_column(check).is_none());
        Ok(Some(Self {
            columns,
            indexes,
            checks: own.filter_map(|check| check.into_iter().next()).collect(),
        }))
    }

    /// A column by its name; columns do not tell upper from lower case.
    pub fn column(&self, name: &str) -> Option<&LiveColumn> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// Whether an index has exactly these columns: in any order when it is to be unique.
    fn has_index(&self, columns: &[&str], unique: bool) -> bool {
        let folded = |names: &mut dyn Iterator<Item = &str>| {
            let mut names: Vec<String> = names.map(str::to_ascii_lowercase).collect();
            if unique {
                names.sort();
            }
            names
        };
        let wanted = folded(&mut columns.iter().copied());
        self.indexes.iter().any(|index| {
            (index.unique || !unique) && folded(&mut index.columns.iter().map(String::as_str)) == wanted
        })
    }

    /// Everything in which it is not as it should be; that rows were there before is no part of it.
    pub fn differences(&self, wanted: &TableLayout, made_by_us: bool) -> Vec<Mismatch> {
        let mut found = Vec::new();
        for column in &wanted.columns {
            let name = column.name.as_str().to_owned();
            let Some(live) = self.column(&name) else {
                found.push(Mismatch::NoColumn { column: name });
                continue;
            };
            let same = live.kind.as_ref().is_some_and(|kind| plain(kind) == plain(column.kind()));
            if !same {
                let (wanted, live) = (plain(column.kind()).to_string(), live.written.clone());
                found.push(Mismatch::Type { column: name.clone(), wanted, found: live });
            }
            let charsets = live.kind.as_ref().and_then(charset).zip(charset(column.kind()));
            if let Some((live, wanted)) =
                charsets.filter(|(live, wanted)| same && canonical(live) != canonical(wanted))
            {
                let (wanted, live) = (wanted.to_owned(), live.to_owned());
                found.push(Mismatch::Charset { column: name.clone(), wanted, found: live });
            }
            if live.nullable != column.nullable {
                found.push(Mismatch::Nullability { column: name, nullable: live.nullable });
            }
        }
        let key: Vec<Name> = wanted.key_names().cloned().collect();
        let keys = std::iter::once(&key).filter(|key| !key.is_empty());
        let uniques: Vec<&Vec<Name>> =
            keys.chain(wanted.uniques.iter().map(|(_, columns)| columns)).collect();
        for columns in &uniques {
            if !self.has_index(&names(columns), true) {
                found.push(Mismatch::NoUnique { columns: listed(columns) });
            }
        }
        let missing = wanted.indexes.iter().filter(|(_, columns)| !self.has_index(&names(columns), false));
        found.extend(missing.map(|(_, columns)| Mismatch::NoIndex { columns: listed(columns) }));
        let checks = wanted.checks.iter().filter_map(|(name, _)| name.as_ref());
        let missing =
            checks.filter(|name| !self.checks.iter().any(|live| live.eq_ignore_ascii_case(name.as_str())));
        found.extend(missing.map(|name| Mismatch::NoCheck { name: name.as_str().to_owned() }));
        if !made_by_us {
            found.extend(self.foreign(wanted, &uniques));
        }
        found
    }

    /// What others put into the table that would get in the way.
    fn foreign(&self, wanted: &TableLayout, uniques: &[&Vec<Name>]) -> Vec<Mismatch> {
        let folded = |columns: &[&str]| {
            let mut names: Vec<String> = columns.iter().map(|name| name.to_ascii_lowercase()).collect();
            names.sort();
            names
        };
        let declared: Vec<Vec<String>> = uniques.iter().map(|columns| folded(&names(columns))).collect();
        let foreign = self.indexes.iter().filter(|index| {
            let columns: Vec<&str> = index.columns.iter().map(String::as_str).collect();
            index.unique && !declared.contains(&folded(&columns))
        });
        let mut found: Vec<Mismatch> = foreign
            .map(|index| Mismatch::ForeignUnique {
                index: index.name.clone(),
                columns: index.columns.join(", "),
            })
            .collect();
        let is_fed = |live: &LiveColumn| {
            wanted.columns.iter().any(|column| column.name.as_str().eq_ignore_ascii_case(&live.name))
        };
        let unfed = self.columns.iter().filter(|live| !live.nullable && !live.fills_itself && !is_fed(live));
        found.extend(unfed.map(|live| Mismatch::Unfed { column: live.name.clone() }));
        found
    }
}

fn names(columns: &[Name]) -> Vec<&str> {
    columns.iter().map(Name::as_str).collect()
}

/// `utf8` is what servers of today call `utf8mb3`.
fn canonical(charset: &str) -> &str {
    if charset == "utf8" { "utf8mb3" } else { charset }
}

/// The type without its character set.
fn plain(kind: &ColumnType) -> ColumnType {
    match kind.clone() {
        ColumnType::Char { length, charset: _ } => ColumnType::Char { length, charset: None },
        ColumnType::VarChar { length, charset: _ } => ColumnType::VarChar { length, charset: None },
        ColumnType::Text { size, charset: _ } => ColumnType::Text { size, charset: None },
        other => other,
    }
}

fn column(row: &[String], table: &Name, checks: &[Vec<String>]) -> Option<LiveColumn> {
    let [name, written, nullable, of_text, collation, fills_itself, of] = row else { return None };
    if of != table.as_str() {
        return None;
    }
    let own = Some(of_text).filter(|of_text| !of_text.is_empty() && *of_text != CHARSET);
    let own = own.and_then(|name| Charset::new(name));
    let kind = written.parse::<ColumnType>().ok().map(|kind| match kind {
        // MariaDB's JSON is a LONGTEXT with a constraint.
        ColumnType::Text { size: BlobSize::Long, .. }
            if checks.iter().any(|check| json_column(check) == Some(name.as_str())) =>
        {
            ColumnType::Json
        }
        ColumnType::Char { length, .. } => ColumnType::Char { length, charset: own },
        ColumnType::VarChar { length, .. } => ColumnType::VarChar { length, charset: own },
        ColumnType::Text { size, .. } => ColumnType::Text { size, charset: own },
        other => other,
    });
    Some(LiveColumn {
        name: name.clone(),
        written: written.clone(),
        kind,
        nullable: nullable == "YES",
        collation: collation.clone(),
        fills_itself: fills_itself == "1",
    })
}

/// The column that a check of this clause keeps JSON.
fn json_column(check: &[String]) -> Option<&str> {
    let clause = check.get(1)?;
    clause.strip_prefix("json_valid(`")?.strip_suffix("`)")
}
