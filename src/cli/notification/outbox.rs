//! What waits to be delivered: of each event the newest message, in the order in which they came. Nothing is lost by that,
//! because a message tells the whole situation.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::message::{Event, Message};

/// What became of messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Delivered.
    pub(crate) delivered: u64,
    /// Given up.
    pub(crate) failed: u64,
}

/// Between a watch, which never waits for it, and the courier.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    inner: Mutex<Inner>,
    stirred: Notify,
    closed: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    waiting: VecDeque<Message>,
    under_way: Option<Event>,
    is_closed: bool,
    tally: Tally,
}

impl Outbox {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a message in, in the place of one about the same event that was not begun yet.
    pub(crate) fn put(&self, message: Message) {
        let mut inner = self.inner();
        inner.waiting.retain(|other| other.event != message.event);
        inner.waiting.push_back(message);
        self.stirred.notify_one();
    }

    /// Nothing more comes.
    pub(crate) fn close(&self) {
        self.inner().is_closed = true;
        self.stirred.notify_one();
        self.closed.notify_one();
    }

    /// What became of messages so far.
    pub(crate) fn tally(&self) -> Tally {
        self.inner().tally
    }

    /// Completes when nothing more comes. For one waiter.
    pub(super) async fn is_closed(&self) {
        self.closed.notified().await;
    }

    /// The next message; `None` when nothing more comes.
    pub(super) async fn next(&self) -> Option<Message> {
        loop {
            {
                let mut inner = self.inner();
                if let Some(message) = inner.waiting.pop_front() {
                    inner.under_way = Some(message.event);
                    return Some(message);
                }
                if inner.is_closed {
                    return None;
                }
            }
            self.stirred.notified().await;
        }
    }

    /// The message under way was delivered, or given up.
    pub(super) fn ended(&self, is_delivered: bool) {
        let mut inner = self.inner();
        inner.under_way = None;
        if is_delivered {
            inner.tally.delivered += 1;
        } else {
            inner.tally.failed += 1;
        }
    }

    /// Gives up everything that is left, and says what it was about.
    pub(super) fn give_up(&self) -> Vec<Event> {
        let mut inner = self.inner();
        let waiting: Vec<Event> = inner.waiting.drain(..).map(|message| message.event).collect();
        let left: Vec<Event> = inner.under_way.take().into_iter().chain(waiting).collect();
        inner.tally.failed += left.len() as u64;
        left
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cli::notification::message::Sender;
    use crate::cli::notification::situation::{Fault, News};

    /// A message about this event, with this number.
    pub(in crate::cli::notification) fn message(event: Event, pass: u64) -> Message {
        let objects = vec![("Store/a".parse().unwrap(), (Fault::Drift, "x".to_owned()))];
        let news = match event {
            Event::DriftFound => News::Worse { fault: Fault::Drift, new: 1, objects },
            Event::Failure => News::Worse { fault: Fault::Failure, new: 0, objects },
            Event::Recovery => News::Recovery,
        };
        Message::of(&news, Sender { profile: "p", run: "r", pass }, String::new())
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![Just(Event::DriftFound), Just(Event::Failure), Just(Event::Recovery)]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn messages_leave_in_order_and_the_newest_about_each_event_always_leaves(
            happenings in proptest::collection::vec(proptest::option::of(event()), 0..40),
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                let outbox = Outbox::default();
                let (mut put, mut left, mut waits) = (Vec::new(), Vec::new(), std::collections::BTreeSet::new());
                for (number, happening) in happenings.iter().enumerate() {
                    match happening {
                        Some(event) => {
                            put.push(message(*event, number as u64));
                            waits.insert(event.as_str());
                            outbox.put(message(*event, number as u64));
                        }
                        None if waits.is_empty() => {}
                        None => {
                            let next = outbox.next().await.unwrap();
                            outbox.ended(true);
                            waits.remove(next.event.as_str());
                            left.push(next);
                        }
                    }
                }
                outbox.close();
                while let Some(next) = outbox.next().await {
                    outbox.ended(true);
                    left.push(next);
                }
                let places: Vec<_> = left.iter().map(|one| put.iter().position(|other| other == one)).collect();
                assert!(places.is_sorted() && places.iter().all(Option::is_some), "{places:?}");
                for event in [Event::DriftFound, Event::Failure, Event::Recovery] {
                    let last = |all: &[Message]| all.iter().rev().find(|one| one.event == event).cloned();
                    assert_eq!(last(&put), last(&left));
                }
                assert_eq!(outbox.tally(), Tally { delivered: left.len() as u64, failed: 0 });
            });
        }
    }
}
