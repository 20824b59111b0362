//! What the engine tells while it works. Rendering is somebody else's business.

use std::time::Duration;

use crate::domain::address::Address;
use crate::domain::natural_key::Scope;

/// The state of an object as users see it (design.md 3.1). On the wire there is only presence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visible {
    /// Registered, not yet seen in a listing.
    Creating,
    /// Seen in a listing with the declared type.
    Available,
    /// An update was accepted; not yet ready again.
    Updating,
    /// It is there, and the service says that it can be used.
    Ready,
    /// Delete accepted, still seen in a listing.
    Deleting,
    /// Its absence is proven.
    Deleted,
}

impl Visible {
    /// The word for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Visible::Creating => "Creating",
            Visible::Available => "Available",
            Visible::Updating => "Updating",
            Visible::Ready => "Ready",
            Visible::Deleting => "Deleting",
            Visible::Deleted => "Deleted",
        }
    }
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A scope begins to be listed, for a command and not for a wait.
    ReadStarted {
        /// The scope.
        scope: Scope,
    },
    /// It was listed completely. A listing that fails is told as the command's error.
    ReadCompleted {
        /// The scope.
        scope: Scope,
        /// How many objects it holds.
        objects: usize,
        /// How often it was asked for, retries included.
        attempts: u32,
        /// How long it took, pauses included.
        took: Duration,
    },
    /// A request failed in a way that allows another one.
    Retry {
        /// What failed.
        operation: &'static str,
        /// Why.
        message: String,
        /// Which attempt comes next, counted from 1.
        attempt: u32,
        /// Of how many.
        of: u32,
        /// After which pause.
        pause: Duration,
    },
    /// An object's visible state changed.
    Transition {
        /// The object.
        address: Address,
        /// The state.
        state: Visible,
        /// How long the step has been running.
        elapsed: Duration,
    },
    /// A waiting object's state in the service's own words.
    Reported {
        /// The object.
        address: Address,
        /// The words.
        state: String,
        /// The service's explanation, if it gives one.
        message: Option<String>,
        /// How long the step has been running.
        elapsed: Duration,
        /// When the wait ends, counted like `elapsed`.
        deadline: Duration,
    },
    /// A row ended well.
    Succeeded {
        /// The object.
        address: Address,
    },
    /// A row failed.
    Failed {
        /// The object.
        address: Address,
        /// Why, redacted.
        message: String,
    },
    /// A row was not started because something before it failed or the run was stopped.
    Skipped {
        /// The object.
        address: Address,
        /// Why.
        message: String,
    },
    /// Worth knowing, about one object.
    Notice {
        /// The object.
        address: Address,
        /// What.
        message: String,
    },
}

/// Receives events.
pub trait EventSink: Send + Sync {
    /// Takes one event. Must not block.
    fn emit(&self, event: Event);
}
