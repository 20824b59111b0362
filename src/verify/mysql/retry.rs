//! Trying again: only what may succeed, after growing pauses, and with the whole history when it does not (Property 4).

use std::fmt;
use std::time::Duration;

use super::class::Class;
use super::error::MysqlError;
use super::pool::PoolError;
use crate::domain::suite::mysql::Retry;
use crate::platform::time::sleep;

/// A failure that knows what it means for the next step.
pub trait Failure: fmt::Display {
    /// What it means.
    fn class(&self) -> Class;
    /// What the database said, if it was the database.
    fn database(&self) -> Option<&MysqlError>;
}

impl Failure for MysqlError {
    fn class(&self) -> Class {
        MysqlError::class(self)
    }

    fn database(&self) -> Option<&MysqlError> {
        Some(self)
    }
}

impl Failure for PoolError {
    fn class(&self) -> Class {
        PoolError::class(self)
    }

    fn database(&self) -> Option<&MysqlError> {
        match self {
            PoolError::Connect(error) => Some(error),
            PoolError::TimedOut { .. } | PoolError::QueueFull { .. } | PoolError::ShutDown => None,
        }
    }
}

/// An attempt that failed: what a log says of it (Properties 4, 17).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedAttempt {
    /// Counted from 1.
    pub number: u32,
    /// How many there are at most.
    pub of: u32,
    /// What the failure means.
    pub class: Class,
    /// The server's number, if it answered.
    pub code: Option<u16>,
    /// Its SQLSTATE, if it answered.
    pub sqlstate: Option<String>,
    /// The failure in words.
    pub message: String,
    /// The pause before the next attempt; `None` when there is none.
    pub pause: Option<Duration>,
}

/// Who is told of failed attempts.
pub trait RetryObserver: Send + Sync {
    /// An attempt failed; the pause begins now.
    fn attempt_failed(&self, attempt: &FailedAttempt);
}

/// Why it was given up: every attempt that was made, the last one in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GaveUp<E> {
    /// All attempts, the first one first.
    pub history: Vec<FailedAttempt>,
    /// The last failure.
    pub last: E,
}

impl<E: Failure> fmt::Display for GaveUp<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.history.len() {
            0 | 1 => write!(f, "{}", self.last),
            attempts => write!(f, "gave up after {attempts} attempts; the last one: {}", self.last),
        }
    }
}

impl<E: Failure + fmt::Debug> std::error::Error for GaveUp<E> {}

/// Does the work until it succeeds, fails for good, or the attempts are used up. `work` gets the number of the attempt,
/// counted from 1.
///
/// # Errors
/// [`GaveUp`]
pub async fn retry<T, E, Work>(
    declared: &Retry,
    observer: &dyn RetryObserver,
    mut work: impl FnMut(u32) -> Work,
) -> Result<T, GaveUp<E>>
where
    E: Failure,
    Work: Future<Output = Result<T, E>>,
{
    let mut pauses = declared.delays().iter().copied();
    let of = u32::try_from(pauses.len()).unwrap_or(u32::MAX).saturating_add(1);
    let mut history = Vec::new();
    for number in 1_u32.. {
        let last = match work(number).await {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        let class = last.class();
        let pause = if class.is_retryable() { pauses.next() } else { None };
        let answer = last.database().and_then(MysqlError::answer);
        let attempt = FailedAttempt {
            number,
            of,
            class,
            code: answer.map(|answer| answer.code),
            sqlstate: answer.map(|answer| answer.sqlstate.clone()),
            message: last.to_string(),
            pause,
        };
        observer.attempt_failed(&attempt);
        history.push(attempt);
        match pause {
            Some(pause) => sleep(pause).await,
            None => return Err(GaveUp { history, last }),
        }
    }
    unreachable!("the pauses end before the numbers do")
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use tokio::time::Instant;

    use super::super::error::Operation;
    use super::*;

    #[derive(Default)]
    struct Heard(Mutex<Vec<FailedAttempt>>);

    impl RetryObserver for Heard {
        fn attempt_failed(&self, attempt: &FailedAttempt) {
            self.0.lock().unwrap().push(attempt.clone());
        }
    }

    fn lost() -> MysqlError {
        MysqlError::Lost { during: Operation::Statement, detail: "reset".into() }
    }

    /// Fails so often with this, and succeeds then; returns the result and the virtual seconds of each attempt.
    async fn run(error: MysqlError, failures: u32) -> (Result<u32, GaveUp<MysqlError>>, Vec<u64>, Heard) {
        let (heard, begun, declared) = (Heard::default(), Instant::now(), Retry::default());
        let times = Mutex::new(Vec::new());
        let result = retry(&declared, &heard, |number| {
            times.lock().unwrap().push(begun.elapsed().as_secs());
            let result = if number > failures { Ok(number) } else { Err(error.clone()) };
            async move { result }
        });
        let result = result.await;
        (result, times.into_inner().unwrap(), heard)
    }

    #[tokio::test(start_paused = true)]
    async fn what_may_succeed_is_tried_again_after_one_two_and_four_seconds() {
        let (result, times, heard) = run(lost(), 3).await;
        assert_eq!((result, times), (Ok(4), vec![0, 1, 3, 7]));
        let heard = heard.0.into_inner().unwrap();
        let pauses: Vec<_> = heard.iter().map(|attempt| attempt.pause.map(|pause| pause.as_secs())).collect();
        assert_eq!(pauses, [Some(1), Some(2), Some(4)]);
        assert_eq!(heard.last().map(|attempt| (attempt.number, attempt.of)), Some((3, 4)));
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_given_up_with_the_whole_history() {
        let (result, times, heard) = run(lost(), 9).await;
        let gave_up = result.unwrap_err();
        assert_eq!(times, [0, 1, 3, 7]);
        assert_eq!(gave_up.history, heard.0.into_inner().unwrap());
        assert_eq!(gave_up.history.last().and_then(|attempt| attempt.pause), None);
        let text = gave_up.to_string();
        assert!(
            text.starts_with("gave up after 4 attempts; the last one: the connection was lost"),
            "{text}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn what_cannot_succeed_is_tried_once() {
        let (result, times, _) = run(MysqlError::NoSuchWidth { columns: 0 }, 9).await;
        assert_eq!((result.unwrap_err().history.len(), times), (1, vec![0]));
    }
}
