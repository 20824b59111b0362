//! What a pool tells (Property 19).

use std::fmt;

/// How a pool stands. `active + idle` is the number of connections that are alive, being opened or being closed; it never
/// exceeds the size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Places in use: connections that callers have, and those that are being opened, validated or closed.
    pub active: u32,
    /// Connections that wait for a caller.
    pub idle: u32,
    /// Callers that wait for a place.
    pub waiting: u32,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} active, {} idle, {} waiting", self.active, self.idle, self.waiting)
    }
}

/// Why a connection was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Closed {
    /// It idled for `idleTimeout`.
    Idle,
    /// It did not answer the validation query.
    Invalid,
    /// It came back broken or with something half done.
    Broken,
    /// Its caller went away while it was being made ready.
    Abandoned,
    /// Idle connections were given up on request, or the pool was shut down.
    Requested,
}

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// A caller has to wait.
    Queued,
    /// A caller waits no more: it got a place, gave up or was dropped.
    Unqueued,
    /// A caller that would have had to wait was refused.
    Overflowed,
    /// A place was taken for a new connection, which is now being opened.
    Opening,
    /// The new connection is open.
    Opened,
    /// It could not be opened; the place is free.
    OpenFailed,
    /// An idle connection was taken.
    Taken,
    /// A connection came back and idles.
    Returned,
    /// A connection was closed; its place is free.
    Closed(Closed),
}

/// One change, with how it stands after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolEvent {
    /// What changed.
    pub change: Change,
    /// How it stands now.
    pub counts: Counts,
}

/// Who is told. Called at the moment of each change, in order, with the pool's book locked: it must be quick, and must not
/// call the pool.
pub trait PoolObserver: Send + Sync + 'static {
    /// One change.
    fn changed(&self, event: PoolEvent);
}

/// What a pool did since it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Connections opened.
    pub opened: u64,
    /// Times that a caller got one that was there already.
    pub reused: u64,
    /// Connections closed.
    pub closed: u64,
    /// The most that were alive at a time.
    pub most_alive: u32,
    /// The most callers that waited at a time.
    pub most_waiting: u32,
}
