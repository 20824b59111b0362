//! Tells what happens: one line on a terminal that changes, and one for each scenario that stays.

use std::cell::RefCell;

use crate::cli::events::Fanout;
use crate::cli::render::verification::Live;
use crate::cli::terminal::Terminal;
use crate::domain::suite::SuiteName;
use crate::verify::run::{Reporter, Told};

/// To the person and to the event stream.
pub(super) struct ToPerson<'a> {
    events: &'a Fanout,
    live: Live,
    suite: RefCell<Option<SuiteName>>,
}

impl<'a> ToPerson<'a> {
    pub(super) fn new(events: &'a Fanout, terminal: Terminal) -> Self {
        Self { events, live: Live::new(terminal), suite: RefCell::default() }
    }

    /// Nothing more is shown.
    pub(super) fn finish(&self) {
        self.live.finish();
    }
}

impl Reporter for ToPerson<'_> {
    fn told(&self, what: Told<'_>) {
        if let Told::SuiteBegins(name) = what {
            self.suite.replace(Some(name.clone()));
        }
        let suite = self.suite.borrow();
        let line = suite.as_ref().and_then(|suite| self.live.show(suite, &what));
        if let Some(line) = line {
            self.live.aside(|| self.events.say(&line));
        }
    }
}
