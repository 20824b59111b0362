//! Virtual time: work runs on, and where it only waits, the clock jumps to the end of the wait.

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use crate::ports::clock::Clock;

/// A clock that costs no time. Copies share the time.
#[derive(Debug, Clone, Default)]
pub struct VirtualClock(Arc<Mutex<Time>>);

#[derive(Debug, Default)]
struct Time {
    now: Duration,
    /// Who waits, by the end of the wait; the number tells those apart that wait for the same moment.
    waiting: BTreeMap<(Duration, u64), Waker>,
    next: u64,
    halted: bool,
}

/// Whether what runs wants to run on.
#[derive(Debug, Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl VirtualClock {
    fn time(&self) -> MutexGuard<'_, Time> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs to the end; `None` when it was halted, or waits for what never comes. Not inside a runtime: its tasks would wait
    /// for that one.
    pub fn run<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = pin!(work);
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        let mut context = Context::from_waker(&waker);
        loop {
            woken.0.store(false, Ordering::Relaxed);
            if let Poll::Ready(ended) = work.as_mut().poll(&mut context) {
                return Some(ended);
            }
            if self.is_halted() || !(woken.0.load(Ordering::Relaxed) || self.jump()) {
                return None;
            }
        }
    }

    /// Ends whatever runs, as a kill does: it is not polled again.
    pub fn halt(&self) {
        self.time().halted = true;
    }

    /// Whether it was halted.
    pub fn is_halted(&self) -> bool {
        self.time().halted
    }

    /// To the next moment that somebody waits for, if there is one.
    fn jump(&self) -> bool {
        let due: Vec<Waker> = {
            let mut time = self.time();
            let Some(moment) = time.waiting.keys().next().map(|(moment, _)| *moment) else { return false };
            time.now = time.now.max(moment);
            let later = time.waiting.split_off(&(moment, u64::MAX));
            std::mem::replace(&mut time.waiting, later).into_values().collect()
        };
        due.into_iter().for_each(Waker::wake);
        true
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Duration {
        self.time().now
    }

    async fn sleep_until(&self, moment: Duration) {
        let number = {
            let mut time = self.time();
            time.next = time.next.saturating_add(1);
            time.next
        };
        let wait = |context: &mut Context<'_>| {
            let mut time = self.time();
            if time.now >= moment {
                return Poll::Ready(());
            }
            time.waiting.insert((moment, number), context.waker().clone());
            Poll::Pending
        };
        poll_fn(wait).await;
    }

    fn timestamp(&self) -> String {
        "1970-01-01T00:00:00Z".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_minutes_pass_at_once_and_in_order() {
        let clock = VirtualClock::default();
        let minutes = Duration::from_mins;
        let wait = async |until| {
            clock.sleep_until(until).await;
            clock.now()
        };
        let both = async { tokio::join!(wait(minutes(10)), wait(minutes(1)), tokio::task::yield_now()) };
        assert_eq!(clock.run(both), Some((minutes(10), minutes(1), ())));
    }

    #[test]
    fn what_waits_for_ever_or_is_halted_has_no_end() {
        let clock = VirtualClock::default();
        assert_eq!(clock.run(std::future::pending::<()>()), None);
        let halted = async {
            clock.halt();
            clock.sleep_until(Duration::from_secs(1)).await;
        };
        assert_eq!(clock.run(halted), None);
        assert_eq!(clock.now(), Duration::ZERO);
    }
}
