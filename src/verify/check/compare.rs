//! Both sides are walked once, whatever their order, and leave checksums by range of the key's number. Where those differ, the
//! rows of the ranges are walked again as fingerprints, and the first differences once more as rows.

use std::collections::BTreeMap;

use super::buckets::Buckets;
use super::comparison::{CheckError, Comparison, Difference, FieldDifference, Kind};
use super::expected::{Expected, Keep};
use super::fingerprint::Fingerprints;
use super::latest::Latest;
use super::pairs::pair;
use super::reader;
use crate::verify::mysql::session::Session;
use crate::verify::row::{Row, Value};
use crate::verify::table::TargetTable;

/// How much a comparison keeps at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Fingerprints of each side; more are compared one part after the other.
    pub rows: usize,
    /// Differences that are named; all are counted.
    pub shown: usize,
}

impl Default for Limits {
    /// A million rows (64 MB), and 100 differences.
    fn default() -> Self {
        Self { rows: 1 << 20, shown: 100 }
    }
}

/// Rows of one key that are shown, at most.
const OF_ONE_KEY: usize = 8;
/// Characters of a value that are shown.
const SHOWN: usize = 80;

/// Compares the rows of a table with those that should be in it: exactly, whatever their order. Without a key, rows are a
/// multiset. Nobody else may write meanwhile.
///
/// # Errors
/// [`CheckError`]
pub async fn compare(
    session: &mut Session,
    table: &TargetTable,
    expected: &impl Expected,
    keep: Keep,
    limits: Limits,
) -> Result<Comparison, CheckError> {
    let codecs = || table.columns().iter().map(|column| column.mapped().codec()).collect::<Vec<_>>();
    let prints = || Fingerprints::new(codecs(), table.key());
    let latest = match keep {
        Keep::LastOfKey if !table.key().is_empty() => {
            Some(Latest::of(expected, &mut prints(), limits.rows).await?)
        }
        Keep::LastOfKey | Keep::Every => None,
    };
    let kept = Kept { expected, latest };

    let (mut ours, mut theirs) = (Buckets::new(), Buckets::new());
    let (mut of_ours, mut of_theirs) = (prints(), prints());
    kept.walk(&mut |row| ours.add(of_ours.of(row))).await?;
    reader::walk(session, table, |row| theirs.add(of_theirs.of(row))).await?;
    let mut comparison = Comparison {
        expected: ours.rows(),
        found: theirs.rows(),
        expected_checksum: ours.total(),
        found_checksum: theirs.total(),
        ..Comparison::default()
    };

    let mut keys = Vec::new();
    let groups = ours.differing(&theirs, limits.rows as u64);
    for group in &groups {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        kept.walk(&mut |row| ours.extend(Some(of_ours.of(row)).filter(|print| group.contains(print.key))))
            .await?;
        let collect =
            |row: &Row| theirs.extend(Some(of_theirs.of(row)).filter(|print| group.contains(print.key)));
        reader::walk(session, table, collect).await?;
        pair(&mut ours, &mut theirs, &mut comparison, &mut keys, limits.shown);
    }
    if keys.is_empty() != groups.is_empty() && limits.shown > 0 {
        return Err(CheckError::Moving);
    }
    if !keys.is_empty() {
        let (mut ours, mut theirs) = (Named::of(&keys), Named::of(&keys));
        kept.walk(&mut |row| ours.add(&mut of_ours, row)).await?;
        reader::walk(session, table, |row| theirs.add(&mut of_theirs, row)).await?;
        comparison.differences = differences(table, ours, &theirs, limits.shown);
    }
    Ok(comparison)
}

/// The rows that are left of those that were written.
struct Kept<'a, E> {
    expected: &'a E,
    latest: Option<Latest>,
}

impl<E: Expected> Kept<'_, E> {
    async fn walk(&self, each: &mut dyn FnMut(&Row)) -> Result<(), CheckError> {
        let mut number = 0;
        let filter = &mut |row: &Row| {
            if self.latest.as_ref().is_none_or(|latest| latest.contains(number)) {
                each(row);
            }
            number += 1;
        };
        self.expected.walk(filter).await.map_err(CheckError::Expected)
    }
}

/// The rows of some keys.
struct Named(BTreeMap<u128, Vec<Row>>);

impl Named {
    fn of(keys: &[u128]) -> Self {
        Self(keys.iter().map(|key| (*key, Vec::new())).collect())
    }

    fn add(&mut self, prints: &mut Fingerprints<'_>, row: &Row) {
        if let Some(rows) = self.0.get_mut(&prints.of(row).key)
            && rows.len() < OF_ONE_KEY
        {
            rows.push(prints.comparable(row));
        }
    }
}

fn differences(table: &TargetTable, expected: Named, found: &Named, most: usize) -> Vec<Difference> {
    let mut all = Vec::new();
    for (key, mut ours) in expected.0 {
        let mut theirs = found.0.get(&key).cloned().unwrap_or_default();
        let known = ours.first().cloned();
        ours.retain(|row| match theirs.iter().position(|other| other == row) {
            Some(at) => {
                theirs.remove(at);
                false
            }
            None => true,
        });
        let (mut ours, mut theirs) = (ours.into_iter(), theirs.into_iter());
        loop {
            let (row, kind) = match (ours.next(), theirs.next()) {
                (None, None) => break,
                (Some(row), Some(other)) => (row.clone(), Kind::Different(fields(table, &row, &other))),
                (Some(row), None) => (row, Kind::Missing),
                (None, Some(row)) if known.is_some() => (row, Kind::Doubled),
                (None, Some(row)) => (row, Kind::Extra),
            };
            all.push(Difference { key: name(table, &row), kind });
        }
    }
    all.truncate(most);
    all
}

fn fields(table: &TargetTable, expected: &Row, found: &Row) -> Vec<FieldDifference> {
    let pairs = table.columns().iter().zip(expected.values().iter().zip(found.values()));
    let differing = pairs.filter(|(_, (one, other))| one.canonical() != other.canonical());
    differing
        .map(|(column, (one, other))| {
            let (expected, found) = shown_pair(one, other);
            FieldDifference { field: column.mapped().name().to_owned(), expected, found }
        })
        .collect()
}

/// How people find a row: `id=7`.
fn name(table: &TargetTable, row: &Row) -> String {
    let all: Vec<usize> = (0..table.columns().len()).collect();
    let places = if table.key().is_empty() { &all } else { table.key() };
    let named = places.iter().filter_map(|place| Some((table.columns().get(*place)?, row.get(*place)?)));
    let parts: Vec<String> = named
        .map(|(column, value)| format!("{}={}", column.mapped().name(), cut(&value.canonical(), 0)))
        .collect();
    cut(&parts.join(" "), 0)
}

/// Both values from shortly before the place where they begin to differ.
fn shown_pair(one: &Value, other: &Value) -> (String, String) {
    let (one, other) = (one.canonical(), other.canonical());
    let same = one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    let from = if same > SHOWN / 2 { same - SHOWN / 4 } else { 0 };
    (cut(&one, from), cut(&other, from))
}

/// So many characters from this one on; what a terminal would not show as it is, is escaped.
fn cut(text: &str, from: usize) -> String {
    let mut shown = String::from(if from > 0 { "…" } else { "" });
    let mut rest = text.chars().skip(from);
    for c in rest.by_ref().take(SHOWN) {
        // Quotes and backslashes are escaped by the canonical text already.
        match c {
            '"' | '\'' | '\\' => shown.push(c),
            c => shown.extend(c.escape_debug()),
        }
    }
    if rest.next().is_some() {
        shown.push('…');
    }
    shown
}
