//! The state machine: what stirred, when it was quiet, and what comes next.

use std::collections::BTreeSet;
use std::time::Duration;

use super::backoff::{Chance, pause};
use super::held::{Held, Outcome};
use crate::domain::address::Address;
use crate::domain::desired::{DesiredSet, Touched};

/// A tree that never comes to rest is looked at this long after it began to stir.
const LONGEST_UNREST: Duration = Duration::from_secs(30);

/// The events of one change do not come at once, and somebody may ask again and again whether it rests now.
const SHORTEST_REST: Duration = Duration::from_millis(10);

/// The two pauses of a watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// How long nothing must stir before a look.
    pub debounce: Duration,
    /// The longest time between two passes; up to a tenth more or less.
    pub resync: Duration,
}

/// What led to a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The watch begins.
    Start,
    /// Something stirred below what is watched.
    Files,
    /// The resync interval is over.
    Resync,
    /// Something failed before, and its pause is over.
    Retry,
}

impl Cause {
    /// The word for it in the event stream.
    pub fn as_str(self) -> &'static str {
        match self {
            Cause::Start => "start",
            Cause::Files => "files",
            Cause::Resync => "resync",
            Cause::Retry => "retry",
        }
    }
}

/// A look at the manifests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// What led to it.
    pub cause: Cause,
    /// Whether nothing stirred any more. Without quiet, what is missing may only be on its way: nothing is deleted then.
    pub quiet: bool,
}

/// A pass that has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pass {
    /// Its number, from 1 on.
    pub number: u64,
    /// What failed before and is left alone.
    pub left_alone: BTreeSet<Address>,
    /// What is declared in another way since everything was looked at and done: a pass may confine itself to that.
    pub touched: Touched,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing before this moment, unless something stirs.
    Wait(Duration),
    /// Look now.
    Look(Look),
}

/// From when until when something stirred.
#[derive(Debug, Clone, Copy)]
struct Unrest {
    first: Duration,
    last: Duration,
}

/// Manifests that cannot be loaded, or a pass that cannot be carried out at all.
#[derive(Debug, Clone, Copy)]
struct Retry {
    failures: u32,
    at: Duration,
}

/// Whether what stirred has come to rest.
#[derive(Debug, Clone, Copy)]
enum Rest {
    Undisturbed,
    /// Not before this moment.
    Until(Duration),
    /// It has, or it stirs for so long that somebody must look all the same.
    Now {
        quiet: bool,
    },
}

/// A watch. Moments are those of one monotonic clock.
#[derive(Debug)]
pub struct Watch {
    timing: Timing,
    chance: Chance,
    started: bool,
    unrest: Option<Unrest>,
    /// When what came to rest for the last look began to stir.
    restless_since: Option<Duration>,
    resync_at: Duration,
    /// A look has shown something that no pass has seen yet.
    owed: bool,
    /// The last pass was made without quiet, when not everything may be done: the look when it is quiet leads to another.
    hurried: bool,
    retry: Option<Retry>,
    held: Held,
    /// What the passes have left undone: what it means for others, nobody knows without a look at everything.
    undone: BTreeSet<Address>,
    /// What looks have shown to be declared in another way and no pass has taken up.
    touched: Touched,
    /// What the pass under way leaves alone.
    left_alone: BTreeSet<Address>,
    passes: u64,
}

impl Watch {
    /// A watch whose first look is due at once.
    pub fn new(timing: Timing, chance: Chance) -> Self {
        Self {
            timing,
            chance,
            started: false,
            unrest: None,
            restless_since: None,
            resync_at: Duration::ZERO,
            owed: false,
            hurried: false,
            retry: None,
            held: Held::default(),
            undone: BTreeSet::new(),
            touched: Touched::Anything,
            left_alone: BTreeSet::new(),
            passes: 0,
        }
    }

    /// Something stirred.
    pub fn stir(&mut self, now: Duration) {
        let first = self.unrest.map_or(now, |unrest| unrest.first);
        self.unrest = Some(Unrest { first, last: now });
    }

    /// What comes next while no pass is under way. A look that is returned has begun.
    pub fn next(&mut self, now: Duration) -> Next {
        let quiet = match self.rest(now) {
            Rest::Until(moment) => return Next::Wait(moment),
            Rest::Now { quiet } => Some(quiet),
            Rest::Undisturbed => None,
        };
        let due = self.due(now);
        let (cause, quiet) = match (due, quiet) {
            (Some(cause), quiet) => (cause, quiet.unwrap_or(true)),
            (None, Some(quiet)) => (Cause::Files, quiet),
            (None, None) => return Next::Wait(self.retry_at().min(self.resync_at)),
        };
        if cause != Cause::Files {
            self.rearm(now);
        }
        self.started = true;
        Next::Look(Look { cause, quiet })
    }

    /// Something stirred while this look was made, so that it counts for nothing. The next one stands in for it, soon after
    /// the first of them all if it never rests.
    pub fn disturbed(&mut self, now: Duration, look: Look) {
        let first = self.restless_since.unwrap_or(now);
        self.unrest = Some(Unrest { first, last: now });
        self.owed |= self.is_pass(look);
        if look.cause != Cause::Files {
            // What it was due for was more than files.
            self.touched = Touched::Anything;
        }
    }

    /// The pass under way could not do everything, because something stirred.
    pub fn hurry(&mut self) {
        self.hurried = true;
    }

    /// When what stirs will have come to rest, if nothing more does.
    pub fn rests_at(&self) -> Option<Duration> {
        self.unrest.map(|unrest| self.quiet_at(unrest))
    }

    /// When to look while a pass is under way, if anything stirred: the rest can wait.
    pub fn beside_pass(&self) -> Option<Duration> {
        self.unrest.map(|unrest| self.quiet_at(unrest).min(self.latest(unrest)))
    }

    /// A look beside the pass that is under way begins, at that moment or later.
    pub fn looks_beside_pass(&mut self, now: Duration) -> Look {
        let quiet = match self.rest(now) {
            Rest::Now { quiet } => quiet,
            Rest::Undisturbed | Rest::Until(_) => true,
        };
        Look { cause: Cause::Files, quiet }
    }

    /// What is due without anything that stirs.
    fn due(&self, now: Duration) -> Option<Cause> {
        if !self.started {
            Some(Cause::Start)
        } else if self.resync_at <= now {
            Some(Cause::Resync)
        } else if self.retry_at() <= now {
            Some(Cause::Retry)
        } else if self.owed && self.retry.is_none() {
            Some(Cause::Files)
        } else {
            None
        }
    }

    fn rearm(&mut self, now: Duration) {
        self.resync_at = now + self.chance.around(self.timing.resync);
    }

    fn quiet_at(&self, unrest: Unrest) -> Duration {
        unrest.last + self.timing.debounce.max(SHORTEST_REST)
    }

    fn latest(&self, unrest: Unrest) -> Duration {
        unrest.first + LONGEST_UNREST.max(self.timing.debounce)
    }

    /// Whether what stirred has come to rest; it is forgotten then.
    fn rest(&mut self, now: Duration) -> Rest {
        let Some(unrest) = self.unrest else {
            self.restless_since = None;
            return Rest::Undisturbed;
        };
        let (quiet_at, latest) = (self.quiet_at(unrest), self.latest(unrest));
        if now >= quiet_at {
            self.unrest = None;
            self.restless_since = Some(unrest.first);
            Rest::Now { quiet: true }
        } else if now >= latest {
            // It goes on: the look when it is quiet is still to come.
            self.unrest = Some(Unrest { first: now, ..unrest });
            Rest::Now { quiet: false }
        } else {
            Rest::Until(quiet_at.min(latest))
        }
    }

    /// When something that failed is to be tried again.
    fn retry_at(&self) -> Duration {
        let failed = self.retry.map(|retry| retry.at);
        failed.or(self.held.next()).unwrap_or(Duration::MAX)
    }

    /// What a look has shown: whether anything is another than at the look before, and what is declared in another way. It
    /// stays owed until a pass begins.
    pub fn looked(&mut self, changed: bool, touched: Touched) {
        self.owed |= changed;
        self.touched.extend(touched);
    }

    /// Whether the look becomes a pass.
    pub fn is_pass(&self, look: Look) -> bool {
        look.cause != Cause::Files || self.owed || (self.hurried && look.quiet)
    }

    /// Manifests that cannot be loaded make no pass. They are looked at again when something stirs, and after a pause in
    /// case nothing tells that it did.
    pub fn put_off(&mut self, now: Duration) {
        let failures = self.retry.map_or(0, |retry| retry.failures).saturating_add(1);
        self.retry = Some(Retry { failures, at: now + self.chance.around(pause(failures)) });
    }

    /// The pass that a look leads to begins. Files alone let it confine itself to what they touched, unless the last one left
    /// something undone; it then looks at everything all the same, or says so by [`Self::widened`].
    pub fn pass(&mut self, now: Duration, look: Look, declared: &DesiredSet) -> Pass {
        let may_be_narrow = look.cause == Cause::Files && look.quiet && !self.hurried && self.retry.is_none();
        let touched = std::mem::replace(&mut self.touched, Touched::NOTHING);
        let touched = match touched {
            Touched::Only(these) if may_be_narrow && these.is_disjoint(&self.undone) => Touched::Only(these),
            Touched::Only(_) | Touched::Anything => Touched::Anything,
        };
        self.owed = false;
        self.hurried = !look.quiet;
        self.left_alone = match &touched {
            // What is not looked at has not succeeded, even if its pause has ended meanwhile.
            Touched::Only(_) => self.held.all(declared),
            Touched::Anything => {
                self.rearm(now);
                self.held.begin(now, declared)
            }
        };
        self.passes += 1;
        Pass { number: self.passes, left_alone: self.left_alone.clone(), touched }
    }

    /// The pass under way looks at everything, though it need not have.
    pub fn widened(&mut self, now: Duration) {
        self.rearm(now);
    }

    /// The plan of the pass under way leaves these undone; `within` is what it is about, unless it is about everything.
    pub fn found(&mut self, undone: BTreeSet<Address>, within: Option<&BTreeSet<Address>>) {
        self.undone.retain(|address| within.is_some_and(|within| !within.contains(address)));
        self.undone.extend(undone);
    }

    /// The pass has ended. `declared` is what it was made from.
    pub fn ended(&mut self, now: Duration, outcome: &Outcome, declared: &DesiredSet) {
        let left_alone = std::mem::take(&mut self.left_alone);
        if !outcome.leaves_nothing() {
            self.touched = Touched::Anything;
        }
        match outcome {
            Outcome::Ended(turnouts) => {
                self.retry = None;
                self.held.end(now, &left_alone, turnouts, declared, &mut self.chance);
            }
            Outcome::Refused => {
                self.retry = None;
                self.held.end(now, &left_alone, &[].into(), declared, &mut self.chance);
            }
            Outcome::Failed => self.put_off(now),
            Outcome::Busy => {
                let failures = self.retry.map_or(0, |retry| retry.failures);
                self.retry = Some(Retry { failures, at: now + self.chance.around(pause(1)) });
            }
        }
    }

    /// How many passes there were.
    pub fn passes(&self) -> u64 {
        self.passes
    }
}
