//! Signals. The first one while a plan is carried out lets what is in flight finish; the second, or one at any other
//! time, ends the program: the journal knows what was under way.

use std::cell::Cell;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::exit::Exit;
use crate::engine::executor::Stop;

/// What signals have asked for.
#[derive(Debug)]
pub(crate) struct Interrupt {
    wish: watch::Sender<Stop>,
    executing: Cell<bool>,
    last: Cell<Option<Exit>>,
}

impl Interrupt {
    pub(crate) fn new() -> Self {
        Self { wish: watch::Sender::new(Stop::No), executing: Cell::new(false), last: Cell::new(None) }
    }

    /// From now on a first signal stops gracefully.
    pub(crate) fn executing(&self) -> watch::Receiver<Stop> {
        self.executing.set(true);
        self.wish.subscribe()
    }

    /// The run is over.
    pub(crate) fn executed(&self) {
        self.executing.set(false);
    }

    /// The exit code of the signal that stopped the run, if one did.
    pub(crate) fn stopped_by(&self) -> Option<Exit> {
        self.last.get()
    }

    /// Completes when the program is to end at once.
    pub(crate) async fn at_once(&self) -> Exit {
        let (Ok(mut interrupts), Ok(mut terminations), Ok(mut hangups)) =
            (signal(SignalKind::interrupt()), signal(SignalKind::terminate()), signal(SignalKind::hangup()))
        else {
            tracing::warn!("signals cannot be watched");
            return std::future::pending().await;
        };
        loop {
            let exit = tokio::select! {
                _ = interrupts.recv() => Exit::Interrupted,
                _ = terminations.recv() => Exit::Terminated,
                _ = hangups.recv() => Exit::Terminated,
            };
            if !self.executing.get() || self.last.replace(Some(exit)).is_some() {
                return exit;
            }
            self.wish.send_replace(Stop::Finish);
        }
    }
}
