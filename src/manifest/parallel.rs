//! Work on many files by several threads, with the results of one. It must not know what the work is.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many threads are worth it on this machine.
pub(super) fn workers() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

/// The results for the first items, in the order of the items: all of them, or as many as were begun before `goes_on`
/// said no. It is asked before each item and may answer from what was done so far: at least all items before the one
/// that made it say no are in the results, and at most one more for each worker.
pub(super) fn in_order<T: Sync, R: Send>(
    items: &[T],
    workers: usize,
    work: impl Fn(&T) -> R + Sync,
    goes_on: impl Fn() -> bool + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    // Items are taken one after the other, and what is taken is finished: the results have no hole.
    let run = || {
        let mut done: Vec<(usize, R)> = Vec::new();
        while goes_on() {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { break };
            done.push((index, work(item)));
        }
        done
    };
    let mut done = std::thread::scope(|scope| {
        let others: Vec<_> = (1..workers.min(items.len())).map(|_| scope.spawn(run)).collect();
        let mut done = run();
        for other in others {
            match other.join() {
                Ok(more) => done.extend(more),
                Err(defect) => std::panic::resume_unwind(defect),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn results_stand_in_the_order_of_the_items_without_a_hole(
            items in prop::collection::vec(0_usize..4, 0..60),
            workers in 1_usize..6,
            limit in 0_usize..80,
        ) {
            let sum = AtomicUsize::new(0);
            let work = |item: &usize| { sum.fetch_add(*item, Ordering::Relaxed); *item };
            let results = in_order(&items, workers, work, || sum.load(Ordering::Relaxed) < limit);
            prop_assert_eq!(&items[..results.len()], &results[..]);
            // Whoever goes through the results alone meets the limit in them, if there is one.
            prop_assert!(results.len() == items.len() || results.iter().sum::<usize>() >= limit);
        }
    }
}
