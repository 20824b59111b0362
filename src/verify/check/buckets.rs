//! Checksums of rows by ranges of their keys' numbers: the order in which rows come does not matter.

use super::fingerprint::Fingerprint;

/// How many ranges: 12 bits of the key's number. Of ten million rows each holds about 2,400.
const BITS: u32 = 12;

/// The checksum of the rows of one range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Checksum {
    pub(super) rows: u64,
    sum: u128,
}

impl Checksum {
    fn add(&mut self, row: u128) {
        self.rows += 1;
        // Addition, so that a row that is there twice does not cancel itself out.
        self.sum = self.sum.wrapping_add(row);
    }
}

/// The checksums of all ranges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Buckets(Vec<Checksum>);

impl Buckets {
    pub(super) fn new() -> Self {
        Self(vec![Checksum::default(); 1 << BITS])
    }

    pub(super) fn add(&mut self, fingerprint: Fingerprint) {
        if let Some(checksum) = self.0.get_mut(range(fingerprint.key)) {
            checksum.add(fingerprint.row);
        }
    }

    /// How many rows there are.
    pub(super) fn rows(&self) -> u64 {
        self.0.iter().map(|checksum| checksum.rows).sum()
    }

    /// The checksum of everything, 32 hexadecimal digits.
    pub(super) fn total(&self) -> String {
        let sum = self.0.iter().fold(0_u128, |sum, checksum| sum.wrapping_add(checksum.sum));
        format!("{sum:032x}")
    }

    /// The ranges that differ, in groups in each of which neither side has more rows than the budget, but for groups of one
    /// range.
    pub(super) fn differing(&self, other: &Self, budget: u64) -> Vec<Group> {
        let mut groups: Vec<(u64, u64, Group)> = Vec::new();
        for (number, (ours, theirs)) in self.0.iter().zip(&other.0).enumerate() {
            if ours == theirs {
                continue;
            }
            match groups.last_mut() {
                Some((one, two, group)) if *one + ours.rows <= budget && *two + theirs.rows <= budget => {
                    (*one, *two) = (*one + ours.rows, *two + theirs.rows);
                    group.0.push(number);
                }
                _ => groups.push((ours.rows, theirs.rows, Group(vec![number]))),
            }
        }
        groups.into_iter().map(|(.., group)| group).collect()
    }
}

/// Ranges that are looked at together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group(Vec<usize>);

impl Group {
    pub(super) fn contains(&self, key: u128) -> bool {
        self.0.binary_search(&range(key)).is_ok()
    }
}

fn range(key: u128) -> usize {
    usize::try_from(key >> (u128::BITS - BITS)).unwrap_or_default()
}
