//! What is made to go wrong on request: flags, and the faults as requests come in.

use std::num::NonZeroUsize;
use std::time::Duration;

use super::fault::{Effect, Fault, Operation, Reach};

/// What is simulated; the default is nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Simulation {
    /// Every answer of an operation is held back for this long, after the request was processed.
    pub latency: Duration,
    /// A registered connector is not listed for this long.
    pub creating_for: Duration,
    /// A deleted connector is still listed, and blocks its name and type, for this long.
    pub deleting_for: Duration,
    /// After this many authenticated requests every further one is throttled.
    pub throttle_after: Option<u64>,
    /// Faults; of those that strike a request the first counts.
    pub faults: Vec<Fault>,
    /// How the statement API behaves.
    pub stores: StoreSimulation,
}

/// How the statement API behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreSimulation {
    /// A store is provisioning for this long after it was created or updated.
    pub provisioning_for: Duration,
    /// A dropped store is still listed, and blocks its name, for this long.
    pub dropping_for: Duration,
    /// When a refused login shows.
    pub login_check: LoginCheck,
    /// A submit answers 202, and so do this many polls after it; none: a submit answers with the result.
    pub pending: Option<u32>,
    /// A result has at most this many rows in one partition.
    pub partition_rows: NonZeroUsize,
    /// Roles that may do nothing.
    pub denied_roles: Vec<String>,
}

/// When a refused login shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginCheck {
    /// The statement fails.
    Create,
    /// The statement is accepted, and the store ends errored.
    Later,
}

impl Default for StoreSimulation {
    fn default() -> Self {
        const ROWS: NonZeroUsize = NonZeroUsize::new(1000).unwrap();
        Self {
            provisioning_for: Duration::ZERO,
            dropping_for: Duration::ZERO,
            login_check: LoginCheck::Later,
            pending: None,
            partition_rows: ROWS,
            denied_roles: vec!["nobody".to_owned()],
        }
    }
}

/// The faults with their counts, as authenticated requests come in over either API.
pub(super) struct Faults {
    throttle_after: Option<u64>,
    /// How many requests came in.
    requests: u64,
    /// Each with how often it struck.
    counted: Vec<(Fault, u64)>,
}

impl Faults {
    /// Nothing has been struck yet.
    pub(super) fn new(faults: Vec<Fault>, throttle_after: Option<u64>) -> Self {
        Self { throttle_after, requests: 0, counted: faults.into_iter().map(|fault| (fault, 0)).collect() }
    }

    /// What happens to this request. Deterministic: the same numbers draw the same shares in every run.
    pub(super) fn strike(&mut self, operation: Operation) -> Option<Effect> {
        self.requests += 1;
        if self.throttle_after.is_some_and(|limit| self.requests > limit) {
            return Some(Effect::Throttled);
        }
        for (position, (fault, struck)) in (0_u64..).zip(&mut self.counted) {
            if !fault.concerns(operation) {
                continue;
            }
            let strikes = match fault.reach {
                Reach::Always => true,
                Reach::First(count) => *struck < count,
                Reach::PerMillion(share) => {
                    scramble(self.requests ^ (position << 48)) % 1_000_000 < u64::from(share)
                }
            };
            if strikes {
                *struck += 1;
                return Some(fault.effect.clone());
            }
        }
        None
    }
}

/// One step of the `SplitMix64` generator: neighbouring numbers give unrelated ones.
fn scramble(number: u64) -> u64 {
    let mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
#[cfg(test)]
mod tests {
    use super::super::deltastream;
    use super::super::operation::Operation;
    use super::{Effect, Faults};

    #[test]
    fn a_counted_fault_strikes_its_operation_so_often_and_then_leaves_it_to_the_next() {
        let mut faults =
            Faults::new(vec!["register:503x2".parse().unwrap(), "*:dropx1".parse().unwrap()], None);
        let mut strike = |operation: Operation| faults.strike(operation.into());
        assert_eq!(strike(Operation::Register), Some(Effect::Status(503)));
        assert_eq!(strike(Operation::List), Some(Effect::Drop));
        assert_eq!(strike(Operation::List), None);
        assert_eq!(strike(Operation::Register), Some(Effect::Status(503)));
        assert_eq!(strike(Operation::Register), None);
    }

    #[test]
    fn a_share_strikes_about_so_many_requests_and_the_same_ones_every_time() {
        let run = || -> Vec<u64> {
            let mut faults = Faults::new(vec!["list:503@1%".parse().unwrap()], None);
            (0..100_000).filter(|_| faults.strike(Operation::List.into()).is_some()).collect()
        };
        let struck = run();
        assert!((900..1_100).contains(&struck.len()), "{}", struck.len());
        assert_eq!(struck, run());
    }

    #[test]
    fn a_fault_that_cannot_happen_to_an_operation_is_not_used_up_by_it() {
        let mut faults = Faults::new(vec!["*:57015x1".parse().unwrap()], Some(3));
        let state = Some(Effect::SqlState("57015".to_owned()));
        assert_eq!(faults.strike(Operation::List.into()), None);
        assert_eq!(faults.strike(deltastream::Operation::DropStore.into()), state);
        assert_eq!(faults.strike(deltastream::Operation::DropStore.into()), None);
        assert_eq!(
            faults.strike(Operation::List.into()),
            Some(Effect::Throttled),
            "the limit is for both APIs"
        );
    }
}
