//! Which rows are the last of their key: one bit for each row, whatever the number of keys.

use super::comparison::CheckError;
use super::expected::Expected;
use super::fingerprint::Fingerprints;

/// The rows that an upsert leaves.
#[derive(Debug)]
pub(super) struct Latest {
    bits: Vec<u64>,
}

impl Latest {
    /// Walks the rows once when there are at most so many, else once for each part of the keys that fits into the budget.
    pub(super) async fn of(
        expected: &impl Expected,
        fingerprints: &mut Fingerprints<'_>,
        budget: usize,
    ) -> Result<Self, CheckError> {
        let mut all = Some(Vec::new());
        let mut rows = 0_u64;
        let count = &mut |row: &_| {
            if let Some(keys) = all.as_mut() {
                keys.push((fingerprints.of(row).key, rows));
            }
            rows += 1;
            if all.as_ref().is_some_and(|keys| keys.len() > budget) {
                all = None;
            }
        };
        expected.walk(count).await.map_err(CheckError::Expected)?;
        let words = usize::try_from(rows / 64 + 1).unwrap_or(usize::MAX);
        let mut latest = Self { bits: vec![0; words] };
        if let Some(keys) = all {
            latest.mark(keys);
            return Ok(latest);
        }
        let parts = u128::from(rows) / (budget.max(1) as u128) + 1;
        for part in 0..parts {
            let (mut keys, mut number) = (Vec::new(), 0);
            let collect = &mut |row: &_| {
                let key = fingerprints.of(row).key;
                if key % parts == part {
                    keys.push((key, number));
                }
                number += 1;
            };
            expected.walk(collect).await.map_err(CheckError::Expected)?;
            latest.mark(keys);
        }
        Ok(latest)
    }

    fn mark(&mut self, mut keys: Vec<(u128, u64)>) {
        keys.sort_unstable();
        for (at, (key, number)) in keys.iter().enumerate() {
            let is_last = keys.get(at + 1).is_none_or(|(next, _)| next != key);
            let word = usize::try_from(number / 64).ok().and_then(|word| self.bits.get_mut(word));
            if let Some(word) = word.filter(|_| is_last) {
                *word |= 1 << (number % 64);
            }
        }
    }

    /// Whether the row with this number, counted from 0, is the last of its key.
    pub(super) fn contains(&self, number: u64) -> bool {
        let word = usize::try_from(number / 64).ok().and_then(|word| self.bits.get(word));
        word.is_some_and(|word| word & (1 << (number % 64)) != 0)
    }
}
