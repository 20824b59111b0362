//! Clocks.

use std::time::Duration;

use crate::ports::clock::Clock;

/// The machine's clock. Under a paused tokio runtime its monotonic half is virtual.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    start: tokio::time::Instant,
}

impl SystemClock {
    /// A clock that starts now.
    pub fn start() -> Self {
        Self { start: tokio::time::Instant::now() }
    }

    /// Monotonic time since the start.
    pub fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        self.elapsed()
    }

    async fn sleep_until(&self, moment: Duration) {
        tokio::time::sleep_until(self.start + moment).await;
    }

    fn timestamp(&self) -> String {
        format!("{:.0}", wall())
    }
}

/// The time of day.
#[expect(clippy::disallowed_methods, reason = "this is the one place for the time of day")]
pub fn wall() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// How long ago an RFC 3339 time was; `None` when it is no such time or lies ahead.
pub fn age(timestamp: &str) -> Option<Duration> {
    let then: jiff::Timestamp = timestamp.parse().ok()?;
    Duration::try_from(wall().duration_since(then)).ok()
}

/// The time of day in UTC, RFC 3339 with milliseconds.
pub fn timestamp_ms() -> String {
    format!("{:.3}", wall())
}

/// The time of day in UTC, to the second: `12:03:04`.
pub fn time_of_day() -> String {
    wall().strftime("%H:%M:%S").to_string()
}

/// Completes after the given time.
#[expect(clippy::disallowed_methods, reason = "this is the one place for time")]
pub async fn sleep(duration: Duration) {
    tokio::time::sleep(duration).await;
}
