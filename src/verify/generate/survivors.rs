//! The table that an upsert must leave behind: of each key the last row.

use super::generator::RowGenerator;
use crate::verify::row::Row;

/// Which rows of a source are the last of their key.
///
/// Where keys come in turn it is arithmetic; where a few keys come again and again, one number for each key (512 KiB) is
/// kept, whatever the number of rows.
#[derive(Debug, Clone)]
pub struct Survivors<'a> {
    generator: &'a RowGenerator,
    last: Last,
}

#[derive(Debug, Clone)]
enum Last {
    /// The rows from this one on.
    From(u64),
    /// For each key one more than the number of its last row; 0 for a key that never came.
    Of(Vec<u64>),
}

impl<'a> Survivors<'a> {
    pub(super) fn of(generator: &'a RowGenerator) -> Self {
        let rows = generator.rows();
        if generator.schema().key().is_empty() {
            return Self { generator, last: Last::From(0) };
        }
        if let Some(period) = generator.keys().period() {
            return Self { generator, last: Last::From(rows.saturating_sub(period)) };
        }
        let mut last = vec![0; usize::try_from(generator.keys().most()).unwrap_or_default()];
        for row in 0..rows {
            let key = usize::try_from(generator.key_number(row)).unwrap_or_default();
            if let Some(last) = last.get_mut(key) {
                *last = row + 1;
            }
        }
        Self { generator, last: Last::Of(last) }
    }

    /// How many rows the table has.
    pub fn count(&self) -> u64 {
        match &self.last {
            Last::From(first) => self.generator.rows() - first,
            Last::Of(last) => last.iter().filter(|last| **last > 0).count() as u64,
        }
    }

    /// Whether a row is the last of its key.
    pub fn contains(&self, row: u64) -> bool {
        row < self.generator.rows()
            && match &self.last {
                Last::From(first) => row >= *first,
                Last::Of(last) => {
                    let key = usize::try_from(self.generator.key_number(row)).unwrap_or_default();
                    last.get(key) == Some(&(row + 1))
                }
            }
    }

    /// The rows that are left, with their numbers, in the order of the numbers of their keys where keys come again and again,
    /// else in their own.
    pub fn rows(&self) -> impl Iterator<Item = (u64, Row)> + '_ {
        let (turn, kept) = match &self.last {
            Last::From(first) => (*first..self.generator.rows(), [].iter()),
            Last::Of(last) => (0..0, last.iter()),
        };
        let numbers = turn.chain(kept.filter_map(|last| last.checked_sub(1)));
        numbers.map(|number| (number, self.generator.row(number)))
    }
}
