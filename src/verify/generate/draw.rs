//! Random numbers: one stream of `ChaCha8` for each row of a seed.
//!
//! Only the cipher's own words are used, and integer arithmetic on them: what a library calls a distribution may change
//! between its versions, and floating point functions differ between machines.

use chacha20::ChaCha8Rng;
use chacha20::rand_core::{Rng as _, SeedableRng as _};

/// Sets our streams apart from others that anybody makes of the same seed.
const PURPOSE: &[u8; 24] = b"reconcile verify rows 01";

/// The random numbers of one row.
#[derive(Debug)]
pub(super) struct Draws(ChaCha8Rng);

impl Draws {
    /// The numbers of this row of this seed, from the first one.
    pub(super) fn of(seed: u64, row: u64) -> Self {
        let mut key = [0; 32];
        let bytes = seed.to_le_bytes().into_iter().chain(*PURPOSE);
        for (place, byte) in key.iter_mut().zip(bytes) {
            *place = byte;
        }
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(row);
        Self(rng)
    }

    /// 64 random bits.
    pub(super) fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number below the limit, which is not 0; each as likely as any other up to one in 2⁶⁴.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        let product = u128::from(self.bits()) * u128::from(limit);
        u64::try_from(product >> 64).unwrap_or_default()
    }

    /// A number from 0 to the limit.
    pub(super) fn up_to(&mut self, limit: u64) -> u64 {
        self.below(limit.saturating_add(1))
    }

    /// A number of items, at most so many.
    pub(super) fn count(&mut self, most: u32) -> usize {
        usize::try_from(self.up_to(most.into())).unwrap_or_default()
    }

    /// Whether something happens that happens once in so many times.
    pub(super) fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// One of the items; `None` of none.
    pub(super) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(usize::try_from(self.below(items.len() as u64)).unwrap_or_default())
    }
}
