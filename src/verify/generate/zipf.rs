//! Zipf's law with exponent 1, exactly: the second is half as frequent as the first, the third a third.

use super::draw::Draws;

/// The weight of the first rank; large enough that the last ones differ.
const FIRST: u64 = 1 << 40;

/// How often each rank is drawn.
#[derive(Debug, Clone)]
pub(super) struct Zipf {
    /// The sum of the weights up to each rank.
    sums: Vec<u64>,
}

impl Zipf {
    /// So many ranks, at least one.
    pub(super) fn new(ranks: u64) -> Self {
        let weights = (1..=ranks.max(1)).map(|rank| FIRST / rank);
        let sums = weights.scan(0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        });
        Self { sums: sums.collect() }
    }

    /// A rank, from 0.
    pub(super) fn draw(&self, draws: &mut Draws) -> u64 {
        let total = self.sums.last().copied().unwrap_or(1);
        let drawn = draws.below(total);
        self.sums.partition_point(|sum| *sum <= drawn) as u64
    }

    /// How many ranks there are.
    pub(super) fn ranks(&self) -> u64 {
        self.sums.len() as u64
    }
}
