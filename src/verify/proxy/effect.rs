//! One disturbance: how long it holds, and what it has done.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::trouble::Trouble;

/// What a disturbance has done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Done {
    /// Connections that it closed.
    pub connections: u64,
    /// Bytes that it held up, slowed down, or let through before it closed everything.
    pub bytes: u64,
    /// How long it held.
    pub lasted: Duration,
    /// Whether it met nothing: no connection to close, or no byte to hold up.
    pub is_idle: bool,
}

/// A disturbance that was begun.
#[derive(Debug, Clone)]
pub struct Injected(pub(super) Arc<Effect>);

impl Injected {
    /// What it has done until now.
    pub fn done(&self) -> Done {
        let Tally { connections, bytes, over, .. } = *self.0.tally();
        let now = Instant::now();
        let end = [over, self.0.until].into_iter().flatten().fold(now, Instant::min);
        let is_idle = match self.0.what {
            // Who comes while nobody listens is turned away by the operating system, and not counted.
            Trouble::ServerDown { .. } => false,
            Trouble::Drop | Trouble::Cut { .. } => over.is_none(),
            Trouble::Stall { .. } | Trouble::Delay { .. } | Trouble::Throttle { .. } => bytes == 0,
        };
        let lasted = end.saturating_duration_since(self.0.begun);
        Done { connections, bytes, lasted, is_idle }
    }
}

/// A disturbance on the way.
#[derive(Debug)]
pub(super) struct Effect {
    pub(super) what: Trouble,
    pub(super) begun: Instant,
    pub(super) until: Option<Instant>,
    tally: Mutex<Tally>,
}

#[derive(Debug)]
struct Tally {
    connections: u64,
    bytes: u64,
    /// When it ended before its time, or happened.
    over: Option<Instant>,
    /// Of [`Trouble::Throttle`]: when the next byte may go.
    next: Instant,
}

/// What an effect says to bytes that want to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Says {
    /// Not before then.
    Wait(Instant),
    /// At most so many.
    AtMost(usize),
}

/// A throttled second is so many portions.
const PORTIONS: u64 = 20;

impl Effect {
    pub(super) fn begin(what: Trouble) -> Self {
        let begun = Instant::now();
        let until = what.lasting().map(|lasting| begun + lasting);
        Self {
            what,
            begun,
            until,
            tally: Mutex::new(Tally { connections: 0, bytes: 0, over: None, next: begun }),
        }
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends it, now or when its time is over; the connections are those that it closed.
    pub(super) fn end(&self, connections: u64) {
        let mut tally = self.tally();
        tally.connections += connections;
        tally.over.get_or_insert_with(Instant::now);
    }

    /// Closed connections, and goes on.
    pub(super) fn closed(&self, connections: u64) {
        self.tally().connections += connections;
    }

    /// Bytes that it held up.
    pub(super) fn held(&self, bytes: usize) {
        self.tally().bytes += bytes as u64;
    }

    pub(super) fn holds(&self, now: Instant) -> bool {
        self.until.is_none_or(|until| now < until) && self.tally().over.is_none()
    }

    /// Whether it still has something to say, now or later.
    pub(super) fn matters(&self, now: Instant) -> bool {
        let late = if let Trouble::Delay { by, .. } = self.what { by } else { Duration::ZERO };
        self.until.is_none_or(|until| now < until + late) && self.tally().over.is_none()
    }

    /// What it says now to so many bytes that came at `came`, on their way to the database or back.
    pub(super) fn says(&self, up: bool, came: Instant, size: usize, now: Instant) -> Says {
        let through = Says::AtMost(size);
        let is_over = self.tally().over.is_some();
        // What came while it held is late, also afterwards: later bytes must not overtake it.
        if let Trouble::Delay { by, .. } = self.what {
            let is_late = self.begun <= came && self.until.is_none_or(|until| came < until);
            return if is_late && !is_over && now < came + by { Says::Wait(came + by) } else { through };
        }
        let (true, until) = (self.holds(now), self.until.unwrap_or(now)) else { return through };
        let tally = self.tally();
        match self.what {
            Trouble::Stall { .. } => Says::Wait(until),
            Trouble::Throttle { .. } if now < tally.next => Says::Wait(tally.next.min(until)),
            Trouble::Throttle { rate, .. } => Says::AtMost(at_most(size, (rate.get() / PORTIONS).max(1))),
            Trouble::Cut { after } if up => {
                Says::AtMost(at_most(size, after.get().saturating_sub(tally.bytes)))
            }
            Trouble::Drop if up => Says::AtMost(0),
            Trouble::Cut { .. } | Trouble::Drop | Trouble::Delay { .. } | Trouble::ServerDown { .. } => {
                through
            }
        }
    }

    /// So many bytes go. Whether it closes every connection behind them.
    pub(super) fn passing(&self, up: bool, bytes: usize, now: Instant) -> bool {
        if !self.holds(now) {
            return false;
        }
        let mut tally = self.tally();
        match self.what {
            Trouble::Throttle { rate, .. } => {
                tally.bytes += bytes as u64;
                #[expect(clippy::cast_precision_loss, reason = "a piece has at most some thousand bytes")]
                let time = Duration::from_secs_f64(bytes as f64 / rate.get() as f64);
                tally.next = tally.next.max(now) + time;
                false
            }
            Trouble::Cut { after } if up => {
                tally.bytes += bytes as u64;
                tally.bytes >= after.get()
            }
            Trouble::Drop => up,
            Trouble::Cut { .. }
            | Trouble::Stall { .. }
            | Trouble::Delay { .. }
            | Trouble::ServerDown { .. } => false,
        }
    }
}

fn at_most(size: usize, limit: u64) -> usize {
    usize::try_from(limit).map_or(size, |limit| size.min(limit))
}
