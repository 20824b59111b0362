//! `watch`: the same plan and apply again and again, whenever something stirs (design.md 8; ADR 0027).
//!
//! Promises: one pass at a time; the state's lock is held for a pass and not for life; what stirs meanwhile is looked at. It
//! does what `engine::watch` says, and decides nothing itself.

mod ahead;
mod carry;
mod eyes;
mod herald;
mod page;
mod pass;
mod seen;
mod voice;
mod wish;

use std::ops::ControlFlow;

use tokio::sync::watch as channel;

use self::ahead::Ahead;
use self::eyes::Eyes;
use self::herald::{Herald, Listeners};
use self::page::Page;
use self::pass::{Ended, Ground};
use self::voice::Voice;
use self::wish::Wish;
use crate::cli::args;
use crate::cli::error::CliError;
use crate::cli::events::{self, Passed};
use crate::cli::exit::Exit;
use crate::cli::options::paths;
use crate::cli::session::{Session, no_randomness};
use crate::domain::desired::Unresolved;
use crate::engine::executor::Stop;
use crate::engine::watch::{Chance, Look, Next, Outcome, Pass, Watch};
use crate::platform::entropy;
use crate::ports::clock::Clock;
use crate::ports::provider::Provider;
use crate::ports::state_store::StateError;
use crate::state::{Remembered, WatchLock};

pub(super) async fn watch(session: &Session, args: &args::Watch) -> Result<Exit, CliError> {
    let wish = Wish::checked(args, session.wired.limits)?;
    let lock = session.watch_lock().await?;
    let services = session.services()?;
    let random = entropy::bytes_256().map_err(no_randomness)?;
    let chance = Chance::new(random.iter().take(8).fold(0, |seed, byte| (seed << 8) | u64::from(*byte)));
    let paths = session.wired.default_paths(paths(&args.manifests));
    let listeners = Listeners::open(session)?;
    let page = Page::open(session, args, &wish, &paths)?;
    let mut stop = session.interrupt.executing();
    // On the heap: it is large.
    let mut watching = Box::new(Watching {
        session,
        provider: &services.provider,
        eyes: Eyes::open(session, paths),
        ahead: Ahead::default(),
        machine: Watch::new(wish.timing, chance),
        voice: Voice::default(),
        page: &page,
        herald: Herald::to(&listeners, session),
        remembered: None,
        wish,
    });
    session.events.rest(true);
    let told = (stop.clone(), session, &page);
    let exit = tokio::select! {
        exit = listeners.beside(told, watching.run(&lock, &mut stop)) => exit?,
        never = page.pulse(&session.clock) => match never {},
    };
    session.interrupt.executed();
    watching.voice.ended(session, watching.machine.passes(), listeners.tally());
    Ok(exit)
}

/// A watch under way.
struct Watching<'a, P> {
    session: &'a Session,
    provider: &'a P,
    wish: Wish,
    eyes: Eyes,
    ahead: Ahead,
    machine: Watch,
    voice: Voice,
    page: &'a Page,
    herald: Herald<'a>,
    /// The state as the last pass left it.
    remembered: Option<Remembered>,
}

impl<P: Provider> Watching<'_, P> {
    /// Looks whenever it is time, until it is told to stop.
    async fn run(&mut self, lock: &WatchLock, stop: &mut channel::Receiver<Stop>) -> Result<Exit, CliError> {
        let session = self.session;
        let mut exit = Exit::Success;
        while *stop.borrow_and_update() == Stop::No {
            self.stir_while_written();
            match self.machine.next(session.clock.now()) {
                Next::Wait(moment) => {
                    let ahead_at = self.ahead_at().filter(|ahead| *ahead < moment);
                    tokio::select! {
                        biased;
                        _ = stop.changed() => {}
                        () = self.eyes.stirred() => self.stir(),
                        () = session.clock.sleep_until(ahead_at.unwrap_or(moment)) => {
                            if ahead_at.is_some() {
                                self.look_ahead();
                            }
                        }
                    }
                }
                Next::Look(look) => {
                    // Without it a second watcher may have begun.
                    lock.verify_still_held()?;
                    if let ControlFlow::Break(ended) = self.look(look, stop).await {
                        exit = ended;
                        break;
                    }
                }
            }
        }
        Ok(exit)
    }

    /// A file that somebody is writing is not at rest, however long he thinks about the next line.
    fn stir_while_written(&mut self) {
        if self.eyes.is_written() {
            self.stir();
        }
    }

    /// Looks, and makes a pass if that is what the look leads to. Breaks where going on would lose something.
    async fn look(&mut self, look: Look, stop: &mut channel::Receiver<Stop>) -> ControlFlow<Exit> {
        let session = self.session;
        let seen = self.see(look);
        if look.quiet && self.eyes.has_stirred() {
            // What was seen may never have been there together.
            self.machine.disturbed(session.clock.now(), look);
            return ControlFlow::Continue(());
        }
        let loaded = match seen.loaded {
            Ok(loaded) => loaded,
            Err(diagnostics) => {
                self.page.looked(None, seen.read);
                self.page.found(&diagnostics);
                self.machine.put_off(session.clock.now());
                self.voice.loaded(session, &diagnostics);
                self.herald.unloadable(&diagnostics);
                return ControlFlow::Continue(());
            }
        };
        self.page.looked(Some(loaded.files), seen.read);
        if !self.machine.is_pass(look) {
            return ControlFlow::Continue(());
        }
        self.voice.loaded(session, &loaded.warnings);
        let started = session.clock.now();
        let copy = loaded.desired.clone();
        let declared = copy.declared();
        let Pass { number, left_alone, touched } = self.machine.pass(started, look, declared);
        session.events.rest(false);
        session.events.tell(events::pass_start(number, look.cause.as_str(), loaded.files, seen.read));
        self.page.began(number, look.cause.as_str());
        let ground = Ground { number, started, quiet: look.quiet, declared, left_alone, touched };
        let ended = self.pass(ground, loaded.desired, stop).await;
        session.events.rest(true);
        let now = session.clock.now();
        let (outcome, broken) = match ended {
            Ok(Ended { outcome, broken, seen }) => {
                self.page.found(&loaded.warnings);
                self.herald.passed(number, seen);
                (outcome, broken)
            }
            Err(error) => {
                let (passed, took) = (Passed::impossible(&error), now.saturating_sub(started));
                self.voice.failed(session, number, &passed, took, &error);
                self.page.found(loaded.warnings.iter().chain(error.diagnostics()));
                self.page.ended(number, &passed, took, None);
                self.herald.failed(number, &passed.line(number, took), &error);
                let outcome = match error {
                    CliError::Refused { .. } => Outcome::Refused,
                    CliError::State(StateError::Locked { .. }) => Outcome::Busy,
                    _ => Outcome::Failed,
                };
                (outcome, false)
            }
        };
        self.machine.ended(now, &outcome, declared);
        if broken { ControlFlow::Break(Exit::Partial) } else { ControlFlow::Continue(()) }
    }

    async fn pass(
        &mut self,
        ground: Ground<'_>,
        desired: Unresolved,
        stop: &mut channel::Receiver<Stop>,
    ) -> Result<Ended, CliError> {
        match self.wish.mode {
            args::Mode::Report => {
                self.widen(&ground);
                self.report(ground, desired, stop).await
            }
            args::Mode::Apply => self.apply(ground, desired, stop).await,
        }
    }
}
