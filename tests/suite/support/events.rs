//! An event sink that remembers.

use std::sync::Mutex;
use std::time::Duration;

use reconcile::domain::address::Address;
use reconcile::platform::time::SystemClock;
use reconcile::ports::clock::Clock;
use reconcile::ports::event_sink::{Event, EventSink, Visible};

use super::tape::Tape;

/// Every event with the moment at which it was told.
#[derive(Debug)]
pub(crate) struct Recorder {
    clock: SystemClock,
    tape: Tape,
    events: Mutex<Vec<(Duration, Event)>>,
    too_early: Mutex<Vec<Address>>,
}

impl Recorder {
    pub(crate) fn new(clock: SystemClock, tape: Tape) -> Self {
        Self { clock, tape, events: Mutex::default(), too_early: Mutex::default() }
    }

    /// What was reported as done before that was durable.
    pub(crate) fn too_early(&self) -> Vec<Address> {
        self.too_early.lock().unwrap().clone()
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
        if let Event::Succeeded { address } = &event
            && self.tape.is_unsure_of(address)
        {
            self.too_early.lock().unwrap().push(address.clone());
        }
        self.events.lock().unwrap().push((self.clock.now(), event));
    }
}
