//! The same pure work on many items, by all cores. The results stand in the order of the items, so that nobody can tell how
//! many there were.

use std::num::NonZero;

/// Below this, a thread costs more than it saves.
const WORTH_A_THREAD: usize = 500;

/// What the work makes of each item.
pub(super) fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    in_shares(items, items.len().div_ceil(cores).max(WORTH_A_THREAD), work)
}

/// Each thread takes so many.
fn in_shares<T: Sync, R: Send>(items: &[T], share: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    std::thread::scope(|scope| {
        let mut shares = items.chunks(share);
        let own = shares.next().unwrap_or_default();
        let work = &work;
        let others: Vec<_> =
            shares.map(|share| scope.spawn(move || share.iter().map(work).collect::<Vec<R>>())).collect();
        let mut results: Vec<R> = Vec::with_capacity(items.len());
        results.extend(own.iter().map(work));
        for other in others {
            results.extend(other.join().unwrap_or_else(|defect| std::panic::resume_unwind(defect)));
        }
        results
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn results_stand_in_the_order_of_the_items(items in prop::collection::vec(0_u32..9, 0..40), share in 1_usize..20) {
            let doubled: Vec<u32> = items.iter().map(|item| item * 2).collect();
            prop_assert_eq!(&super::in_shares(&items, share, |item| item * 2), &doubled);
            prop_assert_eq!(super::map(&items, |item| item * 2), doubled);
        }
    }
}
