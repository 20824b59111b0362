//! A look that is made while the debounce still runs, so that a pass can begin when it is over.
//!
//! Promises: it counts only if nothing stirs between its beginning and the end of the debounce; it is then what a look at the
//! end would show, as far as events can tell, and they tell no more of what comes right behind a look.

use std::time::Duration;

use super::Watching;
use super::eyes::Seen;
use crate::domain::desired::Touched;
use crate::engine::watch::{Cause, Look};
use crate::ports::clock::Clock;
use crate::ports::provider::Provider;

/// The look ahead.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    seen: Option<Seen>,
    /// Something stirred after one was made: the next look waits until nothing does.
    is_in_vain: bool,
    /// How long the last look took.
    took: Duration,
}

impl<P: Provider> Watching<'_, P> {
    /// Something stirs.
    pub(super) fn stir(&mut self) {
        self.ahead.is_in_vain |= self.ahead.seen.take().is_some();
        self.machine.stir(self.session.clock.now());
    }

    /// When to look ahead, if at all: so early that there is time for another one as long as the last, and not before half of
    /// the debounce is over.
    pub(super) fn ahead_at(&self) -> Option<Duration> {
        let rests_at =
            self.machine.rests_at().filter(|_| self.ahead.seen.is_none() && !self.ahead.is_in_vain)?;
        let lead = (2 * self.ahead.took).min(self.wish.timing.debounce / 2);
        Some(rests_at.saturating_sub(lead))
    }

    /// Looks ahead.
    pub(super) fn look_ahead(&mut self) {
        let seen = self.eye(Look { cause: Cause::Files, quiet: true });
        self.ahead.seen = Some(seen);
    }

    /// Looks, unless that was done ahead and nothing has stirred since.
    pub(super) fn see(&mut self, look: Look) -> Seen {
        self.ahead.is_in_vain = false;
        let is_like_it = look.cause == Cause::Files && look.quiet;
        match self.ahead.seen.take().filter(|_| is_like_it) {
            Some(seen) => seen,
            None => self.eye(look),
        }
    }

    fn eye(&mut self, look: Look) -> Seen {
        let session = self.session;
        let started = session.clock.now();
        let mut seen = self.eyes.look(session, look);
        self.ahead.took = session.clock.now().saturating_sub(started);
        self.machine.looked(seen.changed, std::mem::replace(&mut seen.touched, Touched::NOTHING));
        seen
    }
}
