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

#[cfg(test)]
mod tests {
    use super::*;

    fn buckets(rows: &[(u128, u128)]) -> Buckets {
        let mut buckets = Buckets::new();
        for (key, row) in rows {
            buckets.add(Fingerprint { key: *key, row: *row });
        }
        buckets
    }

    #[test]
    fn a_row_that_is_there_twice_does_not_cancel_itself_out() {
        let (ours, theirs) = (buckets(&[(1, 5), (1, 5)]), buckets(&[(2, 9), (2, 9)]));
        assert_eq!((ours.rows(), theirs.rows()), (2, 2));
        assert_eq!(ours.differing(&theirs, 10), [Group(vec![0])]);
        assert_ne!(ours.total(), theirs.total());
    }

    #[test]
    fn the_order_of_rows_does_not_matter_and_groups_keep_to_their_budget() {
        let far = |number: u128| number << (u128::BITS - BITS);
        let rows: Vec<_> = (0..6).map(|number| (far(number), number + 1)).collect();
        let backwards: Vec<_> = rows.iter().rev().copied().collect();
        assert_eq!(buckets(&rows), buckets(&backwards));
        let groups = buckets(&rows).differing(&Buckets::new(), 4);
        assert_eq!(groups, [Group(vec![0, 1, 2, 3]), Group(vec![4, 5])]);
        assert!(groups.iter().all(|group| !group.contains(far(6))));
        assert_eq!(buckets(&rows).differing(&Buckets::new(), 0).len(), 6);
    }
}
