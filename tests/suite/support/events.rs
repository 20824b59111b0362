//! An event sink that remembers.

use std::sync::Mutex;
use std::time::Duration;

use reconcile::domain::address::Address;
use reconcile::platform::time::SystemClock;
use reconcile::ports::clock::Clock;
use reconcile::ports::event_sink::{Event, EventSink, Visible};

/// Every event with the moment at which it was told.
#[derive(Debug)]
pub(crate) struct Recorder {
    clock: SystemClock,
    events: Mutex<Vec<(Duration, Event)>>,
}

impl Recorder {
    pub(crate) fn new(clock: SystemClock) -> Self {
        Self { clock, events: Mutex::new(Vec::new()) }
    }

    pub(crate) fn all(&self) -> Vec<(Duration, Event)> {
        self.events.lock().unwrap().clone()
    }

    /// When the object was first seen in this state.
    pub(crate) fn first(&self, address: &Address, wanted: Visible) -> Option<Duration> {
        self.all().into_iter().find_map(|(at, event)| match event {
            Event::Transition { address: of, state, .. } if of == *address && state == wanted => Some(at),
            _ => None,
        })
    }
}

impl EventSink for Recorder {
    fn emit(&self, event: Event) {
        self.events.lock().unwrap().push((self.clock.now(), event));
    }
}
