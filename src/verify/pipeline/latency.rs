//! How long things took: percentiles in bounded memory.

use std::time::Duration;

use hdrhistogram::Histogram;

/// Durations, counted with three significant digits; a batch that takes more than an hour counts as an hour.
#[derive(Debug, Clone)]
pub struct Latency {
    microseconds: Option<Histogram<u64>>,
}

const LONGEST: u64 = 3_600_000_000;

impl Default for Latency {
    fn default() -> Self {
        // The bounds are right; `None` would count nothing.
        Self { microseconds: Histogram::new_with_bounds(1, LONGEST, 3).ok() }
    }
}

impl Latency {
    /// Counts one.
    pub(super) fn count(&mut self, took: Duration) {
        if let Some(histogram) = &mut self.microseconds {
            let microseconds = u64::try_from(took.as_micros()).unwrap_or(LONGEST);
            histogram.saturating_record(microseconds.clamp(1, LONGEST));
        }
    }

    /// How many there are.
    pub fn len(&self) -> u64 {
        self.microseconds.as_ref().map_or(0, Histogram::len)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The time within which so many of 100 were over; zero when there are none. At most 1/1000 too long.
    pub fn at(&self, percent: f64) -> Duration {
        let value = self.microseconds.as_ref().filter(|histogram| !histogram.is_empty());
        Duration::from_micros(value.map_or(0, |histogram| histogram.value_at_percentile(percent)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn a_percentile_is_that_of_the_sorted_list(mut times in proptest::collection::vec(1..10_000_000_u64, 1..300)) {
            let mut latency = Latency::default();
            for time in &times {
                latency.count(Duration::from_micros(*time));
            }
            times.sort_unstable();
            prop_assert_eq!(latency.len(), times.len() as u64);
            for percent in [50_u8, 95, 99, 100] {
                let rank = (usize::from(percent) * times.len()).div_ceil(100).max(1);
                let exact = times[rank - 1];
                let found = u64::try_from(latency.at(percent.into()).as_micros()).unwrap();
                prop_assert!(found >= exact && found <= exact + exact / 1_000 + 1, "{}: {} for {}", percent, found, exact);
            }
        }
    }

    #[test]
    fn nothing_took_no_time_and_a_day_counts_as_an_hour() {
        let mut latency = Latency::default();
        assert!(latency.is_empty() && latency.at(99.0).is_zero());
        latency.count(Duration::from_hours(24));
        assert!(latency.at(50.0) <= Duration::from_secs(3_604));
    }
}
