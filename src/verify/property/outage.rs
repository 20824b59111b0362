//! Property 4: the database goes away, and comes back or does not.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::select;

use super::trial::{Judged, Trial, judge, require};
use crate::domain::suite::mysql::{self, Retry};
use crate::domain::suite::verdict::Verdict;
use crate::platform::time::SystemClock;
use crate::verify::mysql::class::Class;
use crate::verify::mysql::error::{MysqlError, Operation};
use crate::verify::mysql::pool::{Connector, Pool, PoolError, PoolEvent, PoolObserver};
use crate::verify::mysql::retry::{FailedAttempt, RetryObserver, retry};
use crate::verify::mysql::session::Session;

/// How a database goes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutageKind {
    /// Stopped in order.
    Stopped,
    /// Killed.
    Killed,
    /// It keeps its connections and says nothing.
    Silent,
}

/// Somebody who can take the database away and bring it back.
pub trait Outage {
    /// Takes it away.
    ///
    /// # Errors
    /// In words: it cannot.
    fn begin(&self, kind: OutageKind) -> impl Future<Output = Result<(), String>>;

    /// Brings it back; nothing to do when it is there.
    ///
    /// # Errors
    /// In words: it cannot.
    fn end(&self) -> impl Future<Output = Result<(), String>>;
}

#[derive(Default)]
struct Heard(Mutex<Vec<FailedAttempt>>);

impl RetryObserver for Heard {
    fn attempt_failed(&self, attempt: &FailedAttempt) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(attempt.clone());
    }
}

impl PoolObserver for Heard {
    fn changed(&self, _event: PoolEvent) {}
}

/// Property 4: in any outage the work is tried again after growing pauses, succeeds when the database is back in time, and
/// is given up with its whole history when it is not. `declared` waits as long between attempts as the caller scales it.
/// `connector` opens sessions with the server that `outage` takes away.
pub fn unavailability<C: Connector<Connection = Session>>(
    outage: &impl Outage,
    connector: impl Fn() -> C,
    declared: &Retry,
    kinds: &[OutageKind],
    trial: Trial,
) -> Verdict {
    if kinds.is_empty() {
        return Verdict::NotApplicable { reason: "this database is not ours to stop".to_owned() };
    }
    let retries = u32::try_from(declared.delays().len()).unwrap_or(u32::MAX);
    // After how many failed attempts it comes back: never in the last case.
    let cases = (select(kinds.to_vec()), 1..=retries.saturating_add(1), any::<bool>());
    judge(trial, &cases, async |(kind, back_after, was_connected)| -> Judged {
        outage.end().await?;
        let pool = Pool::new(connector(), mysql::Pool::default(), Arc::new(Heard::default()));
        if was_connected {
            drop(pool.acquire().await.map_err(|error| error.to_string())?);
        }
        outage.begin(kind).await?;
        let (heard, clock) = (Heard::default(), SystemClock::start());
        let pool = &pool;
        let result = retry(declared, &heard, |number| async move {
            if number > back_after
                && let Err(detail) = outage.end().await
            {
                return Err(PoolError::Connect(MysqlError::Protocol { during: Operation::Connect, detail }));
            }
            let mut session = pool.acquire().await?;
            session.run("DO 1").await.map_err(PoolError::Connect)
        })
        .await;
        let took = clock.elapsed();
        outage.end().await?;
        let heard = heard.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        let comes_back = back_after <= retries;
        require(result.is_ok() == comes_back, || {
            format!("back after {back_after} attempts, and: {result:?}")
        })?;
        require(heard.len() == back_after as usize, || {
            format!("{} attempts failed: {heard:?}", heard.len())
        })?;
        let pauses: Vec<Duration> = heard.iter().filter_map(|attempt| attempt.pause).collect();
        let expected: Vec<Duration> = declared.delays().iter().copied().take(heard.len()).collect();
        require(pauses == expected, || format!("the pauses were {pauses:?} instead of {expected:?}"))?;
        let waited: Duration = pauses.iter().sum();
        require(took >= waited, || format!("{took:?} passed, less than the pauses of {waited:?}"))?;
        require(heard.iter().all(|attempt| attempt.class == Class::Gone), || format!("{heard:?}"))?;
        if let Err(gave_up) = result {
            require(gave_up.history == heard, || format!("the history is not whole: {:?}", gave_up.history))?;
        }
        // Whatever was given up: the next work finds the database.
        let mut session = pool.acquire().await.map_err(|error| error.to_string())?;
        session.run("DO 1").await.map_err(|error| error.to_string())?;
        drop(session);
        pool.shut_down().await;
        Ok(vec![("failed attempts", heard.len() as u64), ("recoveries", u64::from(comes_back))])
    })
}
