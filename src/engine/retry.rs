//! Retries: only what is known not to have changed anything, on the seed's schedule.

use std::future::Future;
use std::time::Duration;

use crate::ports::clock::Clock;
use crate::ports::event_sink::{Event, EventSink};
use crate::ports::provider::{ErrorClass, ProviderError};

/// How often and when a call may be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Whether a throttled call is repeated; by default it fails at once (FR-010).
    pub throttled: bool,
}

/// 1 s, 2 s, 4 s, then the call fails: long enough for a restart of the service's front end, short enough for a person.
const PAUSES: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];

/// The longest pause that a throttled service may ask for before we give up on it.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

impl RetryPolicy {
    /// The pause before the next attempt, if the error proves that nothing was changed and attempts are left.
    fn pause(self, error: &ProviderError, attempt: usize) -> Option<Duration> {
        let scheduled = PAUSES.get(attempt).copied()?;
        match error.class {
            ErrorClass::Unavailable => Some(scheduled),
            ErrorClass::Throttled { after } if self.throttled => {
                Some(after.unwrap_or(scheduled)).filter(|pause| *pause <= LONGEST_PAUSE)
            }
            ErrorClass::Throttled { .. }
            | ErrorClass::Auth
            | ErrorClass::Conflict
            | ErrorClass::Invalid
            | ErrorClass::Ambiguous
            | ErrorClass::Protocol => None,
        }
    }

    /// Calls until it succeeds or may not be repeated.
    pub(crate) async fn run<T, F: Future<Output = Result<T, ProviderError>>>(
        self,
        clock: &impl Clock,
        events: &impl EventSink,
        mut call: impl FnMut() -> F,
    ) -> Result<T, ProviderError> {
        let mut attempt = 0;
        loop {
            let error = match call().await {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            let Some(pause) = self.pause(&error, attempt) else { return Err(error) };
            attempt += 1;
            tracing::info!(operation = error.operation, attempt, "retrying: {error}");
            events.emit(Event::Retry {
                operation: error.operation,
                message: error.to_string(),
                attempt: u32::try_from(attempt + 1).unwrap_or(u32::MAX),
                of: u32::try_from(PAUSES.len() + 1).unwrap_or(u32::MAX),
                pause,
            });
            clock.sleep_until(clock.now() + pause).await;
        }
    }
}
