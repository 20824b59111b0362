//! The rows of some ranges against each other, by their fingerprints alone.

use super::comparison::Comparison;
use super::fingerprint::Fingerprint;

/// Counts what differs, and remembers the keys of the first differences.
pub(super) fn pair(
    expected: &mut [Fingerprint],
    found: &mut [Fingerprint],
    counts: &mut Comparison,
    keys: &mut Vec<u128>,
    most: usize,
) {
    expected.sort_unstable();
    found.sort_unstable();
    let (mut ours, mut theirs): (&[Fingerprint], &[Fingerprint]) = (expected, found);
    while let Some(key) = first(ours).into_iter().chain(first(theirs)).min() {
        let of_key = |rows: &[Fingerprint]| rows.partition_point(|row| row.key <= key);
        let (mine, rest) = ours.split_at(of_key(ours));
        let (others, rest_of_others) = theirs.split_at(of_key(theirs));
        (ours, theirs) = (rest, rest_of_others);
        let tally = tally(mine, others);
        if tally != Tally::default() && keys.len() < most {
            keys.push(key);
        }
        counts.missing += tally.missing;
        counts.extra += tally.extra;
        counts.doubled += tally.doubled;
        counts.different += tally.different;
    }
}

fn first(rows: &[Fingerprint]) -> Option<u128> {
    rows.first().map(|row| row.key)
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    missing: u64,
    extra: u64,
    doubled: u64,
    different: u64,
}

/// What differs among the rows of one key, both in order.
fn tally(expected: &[Fingerprint], found: &[Fingerprint]) -> Tally {
    let (mut missing, mut over) = (0_u64, 0_u64);
    let (mut ours, mut theirs) = (expected.iter().peekable(), found.iter().peekable());
    loop {
        match (ours.peek(), theirs.peek()) {
            (None, None) => break,
            (Some(one), Some(other)) if one == other => {
                ours.next();
                theirs.next();
            }
            (Some(one), other) if other.is_none_or(|other| one < other) => {
                missing += 1;
                ours.next();
            }
            _ => {
                over += 1;
                theirs.next();
            }
        }
    }
    // A row with another row's place is one that differs.
    let different = missing.min(over);
    let (missing, over) = (missing - different, over - different);
    let known = !expected.is_empty();
    Tally { missing, different, doubled: if known { over } else { 0 }, extra: if known { 0 } else { over } }
}
