//! Pauses that grow, and the chance that keeps many watchers from doing the same at the same moment.

use std::time::Duration;

/// The pause after the first failure.
const FIRST: Duration = Duration::from_secs(1);

/// No pause is longer, whatever failed how often.
const LONGEST: Duration = Duration::from_mins(5);

/// The pause before the next try: 1 s, 2 s, 4 s, … 5 min.
pub(super) fn pause(failures: u32) -> Duration {
    let doubled = 2_u32.checked_pow(failures.saturating_sub(1)).and_then(|times| FIRST.checked_mul(times));
    doubled.map_or(LONGEST, |pause| pause.min(LONGEST))
}

/// Chance from a seed: the same seed gives the same numbers (splitmix64).
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// From this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// The duration, up to a tenth of it longer or shorter.
    pub(super) fn around(&mut self, duration: Duration) -> Duration {
        let thousandths = u32::try_from(self.next() % 201).unwrap_or(100);
        duration * (900 + thousandths) / 1000
    }
}
