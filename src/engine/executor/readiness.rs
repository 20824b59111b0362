//! What a series of looks says about the readiness of one object. Pure; it neither waits nor lists.

use super::report::{Cause, Failure, superseded};
use super::wait::WaitError;
use crate::domain::live::{Live, Readiness};

/// The attribute that moves whenever the service changes an object.
const TOUCHED: &str = "updatedAt";

/// How a wait for readiness ends, when looking decides it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ending {
    /// It can be used.
    Ready(Box<Live>),
    /// It will not become ready by itself; the last message says why.
    Errored,
    /// It was there and is not there any more.
    Vanished,
}

/// When the service touched an object last, if it says so.
#[derive(Debug, PartialEq, Eq)]
struct Touched(Option<String>);

impl Touched {
    fn of(live: &Live) -> Self {
        Self(live.attributes.get(TOUCHED).cloned())
    }
}

/// What was seen of one object so far.
#[derive(Debug)]
pub(super) struct Watched {
    /// When the object was last touched before our own update, if we sent one: a first look may still show the state
    /// from before it.
    before: Option<Touched>,
    /// It was there, before or during this wait.
    seen: bool,
    looks: usize,
    state: String,
    message: Option<String>,
}

impl Watched {
    /// An object that was just created, or that was there in this form and is waited for.
    pub(super) fn new(there: Option<&Live>) -> Self {
        Self {
            before: None,
            seen: there.is_some(),
            looks: 0,
            state: "not listed yet".to_owned(),
            message: None,
        }
    }

    /// An object that was there in this form and was just changed.
    pub(super) fn changed(before: &Live) -> Self {
        Self { before: Some(Touched::of(before)), ..Self::new(Some(before)) }
    }

    /// Takes in the next look, and whether a whole poll lies between it and the first one.
    pub(super) fn look(&mut self, apart: bool, shown: Option<&Live>) -> Option<Ending> {
        self.looks += 1;
        let Some(live) = shown else { return self.seen.then_some(Ending::Vanished) };
        self.seen = true;
        let (state, message) = match &live.readiness {
            Readiness::Ready => ("ready", &None),
            Readiness::Pending { state, message } => (state.as_str(), message),
            Readiness::Errored { message } => ("errored", message),
        };
        (self.state, self.message) = (state.to_owned(), message.clone());
        // Not every service says when an object was touched: one poll later the state is the new one.
        let stale = self.before.as_ref().is_some_and(|before| Touched::of(live) == *before);
        if stale && !apart {
            return None;
        }
        match &live.readiness {
            Readiness::Ready => Some(Ending::Ready(Box::new(live.clone()))),
            Readiness::Pending { .. } => None,
            Readiness::Errored { .. } => Some(Ending::Errored),
        }
    }

    /// How often we looked.
    pub(super) fn looks(&self) -> usize {
        self.looks
    }

    /// The last state, in the service's words.
    pub(super) fn state(&self) -> &str {
        &self.state
    }

    /// The last message of the service.
    pub(super) fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// Whether it was ever seen, before or during the wait.
    pub(super) fn was_seen(&self) -> bool {
        self.seen
    }

    /// What a wait that looking did not end means: what for, for how long, and what was seen last (FR-011).
    pub(super) fn failure(&self, error: &WaitError, what: &str) -> Failure {
        match error {
            WaitError::Timeout { elapsed, last_error } => {
                let listing = last_error
                    .as_ref()
                    .map(|e| format!("; the last listing failed: {e}"))
                    .unwrap_or_default();
                Failure {
                    cause: Cause::TimedOut,
                    message: format!(
                        "{what} is not ready after {} s; last state: {}; last message: {}{listing}",
                        elapsed.as_secs(),
                        self.state,
                        self.message.as_deref().unwrap_or("none"),
                    ),
                    hint: Some("apply again: it is recorded, and is waited for or repaired".to_owned()),
                }
            }
            WaitError::Left { elapsed } => superseded(*elapsed, what, &self.state),
            WaitError::Read(error) => Failure::from(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::*;
    use crate::domain::natural_key::{NaturalKey, StoreName};

    fn live(readiness: Readiness, touched: &str) -> Live {
        Live {
            key: NaturalKey::Store { name: StoreName::new("s").unwrap() },
            fields: BTreeMap::new(),
            readiness,
            attributes: [(TOUCHED.to_owned(), touched.to_owned())].into(),
        }
    }

    fn pending() -> Readiness {
        Readiness::Pending { state: "provisioning".to_owned(), message: Some("booting".to_owned()) }
    }

    #[test]
    fn a_new_store_may_not_be_listed_yet_but_one_that_was_seen_may_not_go() {
        let mut watched = Watched::new(None);
        assert_eq!(watched.look(false, None), None);
        assert_eq!(watched.look(false, Some(&live(pending(), "1"))), None);
        assert_eq!(watched.look(false, None), Some(Ending::Vanished));
    }

    #[test]
    fn the_state_from_before_an_update_is_not_taken_for_the_one_after_it() {
        let before = live(Readiness::Ready, "1");
        let mut watched = Watched::changed(&before);
        assert_eq!(watched.look(false, Some(&before)), None);
        let errored = live(Readiness::Errored { message: None }, "2");
        assert_eq!(watched.look(false, Some(&errored)), Some(Ending::Errored));
        // A service that does not move its time stamp costs one look more, not ten minutes.
        let mut watched = Watched::changed(&before);
        assert_eq!(watched.look(false, Some(&before)), None);
        assert!(matches!(watched.look(true, Some(&before)), Some(Ending::Ready(_))));
    }

    #[test]
    fn a_timeout_says_what_for_how_long_and_what_was_seen_last() {
        let mut watched = Watched::new(None);
        watched.look(false, Some(&live(pending(), "1")));
        let error = WaitError::Timeout { elapsed: Duration::from_mins(10), last_error: None };
        let failure = watched.failure(&error, "kafka store \"orders\"");
        assert_eq!(
            failure.message,
            "kafka store \"orders\" is not ready after 600 s; last state: provisioning; last message: booting"
        );
    }
}
