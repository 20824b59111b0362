//! Time as a port, so that a ten-minute wait takes microseconds in a test.

use std::future::Future;
use std::time::Duration;

/// A clock.
pub trait Clock: Send + Sync {
    /// Monotonic time since an arbitrary fixed moment.
    fn now(&self) -> Duration;

    /// Completes when [`Clock::now`] has reached the given moment.
    fn sleep_until(&self, moment: Duration) -> impl Future<Output = ()> + Send;

    /// The time of day, RFC 3339 in UTC, for people.
    fn timestamp(&self) -> String;
}
