//! Runs the cases of a property and turns what happens into a verdict.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Mutex, PoisonError};

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use crate::domain::suite::verdict::{Counterexample, Evidence, Verdict};
use crate::platform::time::SystemClock;

/// How hard a property is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trial {
    /// How many cases.
    pub cases: u32,
    /// Where they come from: the same seed gives the same cases.
    pub seed: u64,
}

/// How long a counterexample may be made smaller: in attempts, no more than there are cases, and in milliseconds. A case that
/// is tried again is one of few, and becomes as small.
const SHRINK: u32 = 128;
const SHRINK_FOR: u32 = 5_000;
const FEW: u32 = 32;

/// What a case counted, or what contradicts the property.
pub(super) type Judged = Result<Vec<(&'static str, u64)>, String>;

/// Runs the cases on a runtime of their own.
pub(super) fn judge<S>(trial: Trial, cases: &S, judged: impl AsyncFn(S::Value) -> Judged) -> Verdict
where
    S: Strategy,
    S::Value: Debug,
{
    let nothing = async || Ok(());
    judge_sharing(trial, cases, nothing, &async |(): &mut (), case| judged(case).await, async |()| Ok(()))
}

/// Runs the cases on a runtime of their own, with something that is opened before them and closed behind them.
pub(super) fn judge_sharing<S, W>(
    trial: Trial,
    cases: &S,
    open: impl AsyncFnOnce() -> Result<W, String>,
    judged: &impl AsyncFn(&mut W, S::Value) -> Judged,
    close: impl AsyncFnOnce(W) -> Result<(), String>,
) -> Verdict
where
    S: Strategy,
    S::Value: Debug,
{
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            return Verdict::NotApplicable { reason: format!("the machine gives no runtime: {error}") };
        }
    };
    let clock = SystemClock::start();
    let around = |number, case: &str, finding| {
        let evidence =
            Evidence { cases: 0, seed: trial.seed, took: clock.elapsed(), counts: BTreeMap::new() };
        Verdict::Refuted(evidence, Counterexample { number, case: case.to_owned(), finding })
    };
    let shared = match runtime.block_on(open()) {
        Ok(shared) => RefCell::new(shared),
        Err(finding) => return around(1, "before the first one", finding),
    };
    let config = Config {
        cases: trial.cases,
        max_shrink_iters: SHRINK.min(trial.cases.max(FEW)),
        max_shrink_time: SHRINK_FOR,
        failure_persistence: None,
        ..Config::default()
    };
    let mut seed = [0; 32];
    seed.iter_mut().zip(trial.seed.to_le_bytes()).for_each(|(byte, of_seed)| *byte = of_seed);
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let tally = Mutex::new(Tally::default());
    let outcome = runner.run(cases, |case| {
        let mut shared = shared.borrow_mut();
        let counted = runtime.block_on(judged(&mut shared, case));
        let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.count(counted.as_deref().ok());
        counted.map(drop).map_err(TestCaseError::fail)
    });
    if let (Ok(()), Err(finding)) = (&outcome, runtime.block_on(close(shared.into_inner()))) {
        return around(trial.cases, "behind the last one", finding);
    }
    let Tally { cases, counts, is_over: _ } = tally.into_inner().unwrap_or_else(PoisonError::into_inner);
    let evidence = Evidence { cases, seed: trial.seed, took: clock.elapsed(), counts };
    // The case that failed was tried as well, and is no evidence for the property.
    let number = cases.saturating_add(1);
    match outcome {
        Ok(()) => Verdict::Holds(evidence),
        Err(TestError::Fail(finding, case)) => {
            let (case, finding) = (format!("{case:?}"), finding.message().to_owned());
            Verdict::Refuted(evidence, Counterexample { number, case, finding })
        }
        Err(TestError::Abort(why)) => {
            let finding = why.message().to_owned();
            Verdict::Refuted(
                evidence,
                Counterexample { number, case: "none could be made".to_owned(), finding },
            )
        }
    }
}

/// What the cases counted until one failed: what comes then are attempts to make that one smaller.
#[derive(Default)]
struct Tally {
    cases: u32,
    counts: BTreeMap<&'static str, u64>,
    is_over: bool,
}

impl Tally {
    fn count(&mut self, counted: Option<&[(&'static str, u64)]>) {
        let Some(counted) = counted.filter(|_| !self.is_over) else {
            self.is_over = true;
            return;
        };
        self.cases += 1;
        for (name, count) in counted {
            *self.counts.entry(name).or_insert(0) += count;
        }
    }
}

/// Fails a case unless this is so.
pub(super) fn require(is_so: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if is_so { Ok(()) } else { Err(otherwise()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRIAL: Trial = Trial { cases: 256, seed: 7 };

    #[test]
    fn a_property_without_counterexample_holds_and_tells_what_was_counted() {
        let verdict = judge(TRIAL, &(0..10_u64), async |case| Ok(vec![("tens", case / 10)]));
        let evidence = verdict.evidence().unwrap();
        assert_eq!((verdict.as_str(), evidence.cases, evidence.seed), ("holds", 256, 7));
        assert_eq!(evidence.counts, BTreeMap::from([("tens", 0)]));
    }

    #[test]
    fn a_counterexample_is_the_smallest_one_and_comes_from_the_seed() {
        let run = || {
            judge(TRIAL, &(0..1_000_u64), async |case| {
                require(case < 17, || format!("{case} is not below 17")).map(|()| Vec::new())
            })
        };
        let Verdict::Refuted(_, found) = run() else { panic!("it holds") };
        assert_eq!((found.case.as_str(), found.finding.as_str()), ("17", "17 is not below 17"));
        let Verdict::Refuted(evidence, again) = run() else { panic!("it holds") };
        assert_eq!(found, again);
        // As many cases as it takes find the same one.
        assert_eq!(found.number, evidence.cases + 1);
        let shortest = judge(Trial { cases: found.number, seed: 7 }, &(0..1_000_u64), async |case| {
            require(case < 17, || format!("{case} is not below 17")).map(|()| Vec::new())
        });
        let Verdict::Refuted(_, replayed) = shortest else { panic!("it holds") };
        assert_eq!(found, replayed);
    }
}
