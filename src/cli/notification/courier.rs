//! Delivers messages: three tries each, one message after the other.
//!
//! Promises: a message that may not have arrived is sent again, so one may arrive twice; whoever answers with a refusal is
//! not asked again; what cannot be delivered is told once, with the host and the status; when nothing more comes, what is left
//! has two seconds.

use std::time::Duration;

use super::message::{Event, Message};
use super::outbox::Outbox;
use crate::ports::clock::Clock;

/// Between the tries.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(5)];

/// What is left when nothing more comes has this long.
const LAST_CALL: Duration = Duration::from_secs(2);

/// What a try came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// It was taken.
    Taken,
    /// It may be taken another time.
    Later(String),
    /// It will never be taken.
    Refused(String),
}

/// Where messages go.
pub(crate) trait Destination {
    /// Tries once.
    async fn post(&self, message: &Message) -> Delivery;
}

/// Delivers what is put into an outbox.
pub(crate) struct Courier<'a, C, D, H> {
    /// The time.
    pub(crate) clock: &'a C,
    /// Where messages go.
    pub(crate) to: D,
    /// Hears what became of each message: nothing when it was taken, else a warning.
    pub(crate) hears: H,
}

impl<C: Clock, D: Destination, H: Fn(Option<&str>)> Courier<'_, C, D, H> {
    /// Delivers until nothing more comes.
    pub(crate) async fn run(self, outbox: &Outbox) {
        let all = async {
            while let Some(message) = outbox.next().await {
                let given_up = self.deliver(&message).await;
                outbox.ended(given_up.is_none());
                self.tell(message.event, given_up.as_deref());
            }
        };
        let last_call = async {
            outbox.is_closed().await;
            self.clock.sleep_until(self.clock.now() + LAST_CALL).await;
        };
        tokio::select! {
            biased;
            () = all => {}
            () = last_call => {
                for event in outbox.give_up() {
                    self.tell(event, Some("the watch ended before it was"));
                }
            }
        }
    }

    fn tell(&self, event: Event, given_up: Option<&str>) {
        let warning = |why| format!("warning: a notification ({}) was not delivered: {why}", event.as_str());
        (self.hears)(given_up.map(warning).as_deref());
    }

    /// Why the message was not taken, if it was not.
    async fn deliver(&self, message: &Message) -> Option<String> {
        let mut pauses = PAUSES.into_iter();
        loop {
            match (self.to.post(message).await, pauses.next()) {
                (Delivery::Taken, _) => return None,
                (Delivery::Later(_), Some(pause)) => {
                    self.clock.sleep_until(self.clock.now() + pause).await;
                }
                (Delivery::Later(why), None) | (Delivery::Refused(why), _) => return Some(why),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::cli::notification::outbox::Tally;
    use crate::cli::notification::outbox::tests::message;
    use crate::platform::time::SystemClock;

    /// Answers in this order, then takes everything; each answer after a while.
    struct Answers<'a> {
        clock: &'a SystemClock,
        takes: Duration,
        left: RefCell<Vec<Delivery>>,
        asked: RefCell<Vec<(u64, &'static str)>>,
    }

    impl Destination for &Answers<'_> {
        async fn post(&self, message: &Message) -> Delivery {
            self.asked.borrow_mut().push((self.clock.elapsed().as_secs(), message.event.as_str()));
            self.clock.sleep_until(self.clock.elapsed() + self.takes).await;
            self.left.borrow_mut().pop().unwrap_or(Delivery::Taken)
        }
    }

    fn later() -> Delivery {
        Delivery::Later("https://h answered with HTTP 503".to_owned())
    }

    /// What was asked for at which second, what was warned of, and what became of the messages.
    async fn delivered(
        takes: Duration,
        answers: &[Delivery],
        events: &[Event],
    ) -> (Vec<(u64, &'static str)>, Vec<String>, Tally) {
        let clock = SystemClock::start();
        let left = RefCell::new(answers.iter().rev().cloned().collect());
        let to = Answers { clock: &clock, takes, left, asked: RefCell::default() };
        let (warned, outbox) = (RefCell::new(Vec::new()), Outbox::default());
        let hears = |warning: Option<&str>| warned.borrow_mut().extend(warning.map(str::to_owned));
        let feed = async {
            events.iter().zip(1..).for_each(|(event, pass)| outbox.put(message(*event, pass)));
            clock.sleep_until(Duration::from_secs(100)).await;
            outbox.close();
        };
        tokio::join!(Courier { clock: &clock, to: &to, hears }.run(&outbox), feed);
        (to.asked.into_inner(), warned.into_inner(), outbox.tally())
    }

    #[tokio::test(start_paused = true)]
    async fn a_message_has_three_tries_and_is_given_up_with_one_warning() {
        let (asked, warned, tally) =
            delivered(Duration::ZERO, &[later(), later(), later()], &[Event::Failure]).await;
        assert_eq!(asked, [(0, "failure"), (1, "failure"), (6, "failure")]);
        assert_eq!(
            warned,
            ["warning: a notification (failure) was not delivered: https://h answered with HTTP 503"]
        );
        assert_eq!(tally, Tally { delivered: 0, failed: 1 });
    }

    #[tokio::test(start_paused = true)]
    async fn the_third_try_is_as_good_as_the_first_and_a_refusal_is_the_last() {
        let (asked, warned, tally) = delivered(Duration::ZERO, &[later(), later()], &[Event::Failure]).await;
        assert_eq!((asked.len(), warned.len(), tally), (3, 0, Tally { delivered: 1, failed: 0 }));
        let refused = Delivery::Refused("no".to_owned());
        let (asked, warned, tally) =
            delivered(Duration::ZERO, &[refused], &[Event::Failure, Event::Recovery]).await;
        assert_eq!(asked, [(0, "failure"), (0, "recovery")]);
        assert_eq!((warned.len(), tally), (1, Tally { delivered: 1, failed: 1 }));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_delivered_two_seconds_after_the_end_is_given_up_and_told() {
        let never = Duration::from_secs(1_000);
        let (asked, warned, tally) = delivered(never, &[], &[Event::DriftFound, Event::Recovery]).await;
        assert_eq!(asked, [(0, "driftFound")]);
        assert_eq!(warned.len(), 2);
        assert!(
            warned[1].ends_with("(recovery) was not delivered: the watch ended before it was"),
            "{warned:?}"
        );
        assert_eq!(tally, Tally { delivered: 0, failed: 2 });
    }
}
